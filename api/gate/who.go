package gate

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// Who is the person of this request's session or bearer token. Posts and towns are read anew every time: what was taken
// away is gone at the next request. An Unauthenticated fault where nobody signed in.
func (g *Gate) Who(c echo.Context) (tenants.Actor, error) {
	if err, ok := c.Get(keyPaced).(error); ok {
		return tenants.Actor{}, err
	}
	if a, ok := c.Get(keyActor).(tenants.Actor); ok {
		return a, nil
	}
	if r := replayOf(c); r != nil {
		return r.who, nil
	}
	find := g.bySession
	if token, ok := bearer(c); ok {
		find = func(ctx context.Context, _ echo.Context, tx *tenants.Tx) (tenants.Actor, error) {
			return people.FindToken(ctx, tx, token)
		}
	} else if !g.signedIn(c) {
		return tenants.Actor{}, Nobody()
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
	if err := g.paced(c, who); err != nil {
		c.Set(keyPaced, err) // whoever asks again within this request, too
		return tenants.Actor{}, err
	}
	return who, nil
}

// Nobody asks whoever did not sign in to do so.
func Nobody() *tenants.Fault {
	return tenants.Unauthenticated("サインインしてください。", "Please sign in.")
}

func (g *Gate) bySession(ctx context.Context, c echo.Context, tx *tenants.Tx) (tenants.Actor, error) {
	held := c.Request().Context()
	tenant, use := g.sessions.GetInt64(held, "tenant"), g.sessions.GetInt64(held, "sign_in")
	if use == 0 {
		return tenants.Actor{}, Nobody()
	}
	return people.Resume(ctx, tx, tenant, use, people.Visit{Passive: c.Get(keyPassive) != nil, Writing: !reading(c)})
}

// Passive marks routes that pages ask by themselves: they do not keep a session alive that nobody uses. It stands before
// whatever asks who it is.
func Passive(routes ...string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if slices.Contains(routes, c.Path()) && reading(c) {
				c.Set(keyPassive, true)
			}
			return next(c)
		}
	}
}

func bearer(c echo.Context) (string, bool) {
	kind, token, ok := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(kind, "Bearer")
}

// Do runs one act as whoever asks, in one transaction of its own. Where the path names one town, the transaction sees that
// town and the person's own organisation and no other, whatever else the person may see.
func (g *Gate) Do(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	if !reading(c) {
		return g.change(c, ofPath(c, who), fn)
	}
	return g.looked(c, who, fn)
}

// Home runs one act as whoever asks within their own organisation alone.
func (g *Gate) Home(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	who.Towns = []int64{who.TenantID}
	return g.ground.Do(c.Request().Context(), who, fn)
}

// ofPath is the person with the towns that the path leaves of theirs. One that they do not see leaves all: the act says
// that it is not found.
func ofPath(c echo.Context, who tenants.Actor) tenants.Actor {
	for _, name := range []string{"town", "town_id"} {
		town, err := strconv.ParseInt(c.Param(name), 10, 64)
		if err != nil || !who.Sees(town) {
			continue
		}
		who.Towns = []int64{who.TenantID}
		if town != who.TenantID {
			who.Towns = append(who.Towns, town)
		}
	}
	return who
}

// Across is Do for an act that concerns other towns than the one in the path: over all that whoever asks sees.
func (g *Gate) Across(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	if !reading(c) {
		return g.change(c, who, fn)
	}
	return g.ground.Do(c.Request().Context(), who, fn)
}
