package gate

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// The session's times: how long without a request, and how long at most.
const (
	sessionIdle  = time.Hour
	sessionWhole = 12 * time.Hour
)

func newSessions(store scs.Store, secure bool) *scs.SessionManager {
	// Not by scs.New: it starts a store in memory, whose goroutine nobody could end.
	return &scs.SessionManager{Store: store, IdleTimeout: sessionIdle, Lifetime: sessionWhole, Codec: scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: "tanamori", Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}}
}

// keepHouse removes sessions that are over, until the gate closes.
func (g *Gate) keepHouse(ctx context.Context, pool *pgxpool.Pool) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := forgetSessions(ctx, pool, time.Now()); err != nil && ctx.Err() == nil {
				g.log.WarnContext(ctx, "sessions that are over stay for now", "error", err)
			}
		}
	}
}

// forgetSessions is by the same clock as the store's, which does not give out what is over in any case.
func forgetSessions(ctx context.Context, pool *pgxpool.Pool, now time.Time) error {
	_, err := pool.Exec(ctx, `DELETE FROM sessions WHERE expiry < $1`, now)
	return err
}

type echoKey struct{}

// sessionFailed answers as the door in question answers anything else, with the store's error for the log.
func (g *Gate) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	fault := &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "データベースにつながりません。しばらくしてからもう一度お試しください。",
		En: "The database cannot be reached; please try again shortly."}
	g.log.ErrorContext(r.Context(), "session store failed", "error", err)
	c, ok := r.Context().Value(echoKey{}).(echo.Context)
	if !ok {
		http.Error(w, fault.Ja+"\n"+fault.En, Status(fault.Kind))
		return
	}
	c.Error(fault)
}

// Session loads and saves the session around a handler; pages use it, and the API where it is asked from a page.
func (g *Gate) Session(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		outer := c.Response()
		r := c.Request().WithContext(context.WithValue(c.Request().Context(), echoKey{}, c))
		g.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.SetRequest(r)
			c.SetResponse(echo.NewResponse(w, c.Echo()))
			defer c.SetResponse(outer) // whoever looks at the answer after us sees what went out
			if err := next(c); err != nil {
				c.Error(err)
			}
		})).ServeHTTP(outer, r)
		return nil
	}
}

// SignIn checks a login and begins a session of its own; whatever the browser held before is worth nothing after it.
func (g *Gate) SignIn(c echo.Context, login, password string) (tenants.Actor, error) {
	var who tenants.Actor
	var mark string
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		if who, err = people.SignIn(ctx, tx, login, password); err != nil {
			return err
		}
		mark, err = people.Mark(ctx, tx, who.TenantID, who.PersonID)
		return err
	})
	if err != nil {
		return who, err
	}
	return who, g.begin(c, who, mark)
}

// Renew keeps the session of somebody who changed their own password: every other session of theirs ends, this one goes
// on under a new token. It does nothing where the request came with a bearer token.
func (g *Gate) Renew(c echo.Context, who tenants.Actor) error {
	if !g.signedIn(c) {
		return nil
	}
	var mark string
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		mark, err = people.Mark(ctx, tx, who.TenantID, who.PersonID)
		return err
	})
	if err != nil {
		return err
	}
	return g.begin(c, who, mark)
}

func (g *Gate) begin(c echo.Context, who tenants.Actor, mark string) error {
	ctx := c.Request().Context()
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Put(ctx, "tenant", who.TenantID)
	g.sessions.Put(ctx, "person", who.PersonID)
	g.sessions.Put(ctx, "mark", mark)
	return nil
}

// signedIn tells whether the request came with a session's cookie rather than a token.
func (g *Gate) signedIn(c echo.Context) bool {
	if _, ok := bearer(c); ok {
		return false
	}
	_, err := c.Cookie(g.sessions.Cookie.Name)
	return err == nil
}

// SignOut ends the session.
func (g *Gate) SignOut(c echo.Context) error { return g.sessions.Destroy(c.Request().Context()) }

// Flash leaves a line for the next page this person sees.
func (g *Gate) Flash(c echo.Context, kind, text string) {
	g.sessions.Put(c.Request().Context(), "flash", kind+"\x00"+text)
}

// TakeFlash takes that line away.
func (g *Gate) TakeFlash(c echo.Context) (kind, text string, ok bool) {
	return strings.Cut(g.sessions.PopString(c.Request().Context(), "flash"), "\x00")
}

// Lang is the language chosen in this session, or the fallback.
func (g *Gate) Lang(c echo.Context, fallback string) string {
	if l := g.sessions.GetString(c.Request().Context(), "lang"); l == "ja" || l == "en" {
		return l
	}
	return fallback
}

// SetLang keeps the language for this session.
func (g *Gate) SetLang(c echo.Context, lang string) {
	g.sessions.Put(c.Request().Context(), "lang", lang)
}

func (g *Gate) gate(c echo.Context) tenants.Actor { return tenants.Gate(RequestID(c), c.RealIP()) }
