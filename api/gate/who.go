package gate

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// Who is the person of this request's session or bearer token. Posts and towns are read anew every time: what was taken
// away is gone at the next request. An Unauthenticated fault where nobody signed in.
func (g *Gate) Who(c echo.Context) (tenants.Actor, error) {
	if a, ok := c.Get(keyActor).(tenants.Actor); ok {
		return a, nil
	}
	find := g.bySession
	if token, ok := bearer(c); ok {
		find = func(ctx context.Context, _ echo.Context, tx *tenants.Tx) (tenants.Actor, error) {
			return people.FindToken(ctx, tx, token)
		}
	} else if !g.signedIn(c) {
		return tenants.Actor{}, nobody()
	}
	var who tenants.Actor
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = find(ctx, c, tx)
		return err
	})
	if err != nil {
		return tenants.Actor{}, err
	}
	who.RequestID, who.Remote = RequestID(c), c.RealIP()
	c.Set(keyActor, who)
	return who, nil
}

func nobody() error {
	return tenants.Unauthenticated("サインインしてください。", "Please sign in.")
}

func (g *Gate) bySession(ctx context.Context, c echo.Context, tx *tenants.Tx) (tenants.Actor, error) {
	held := c.Request().Context()
	tenant, person := g.sessions.GetInt64(held, "tenant"), g.sessions.GetInt64(held, "person")
	if person == 0 {
		return tenants.Actor{}, nobody()
	}
	return people.Load(ctx, tx, tenant, person, g.sessions.GetString(held, "mark"))
}

func bearer(c echo.Context) (string, bool) {
	kind, token, ok := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(kind, "Bearer")
}

// Do runs one act as whoever asks, in one transaction of its own.
func (g *Gate) Do(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	return g.ground.Do(c.Request().Context(), who, fn)
}
