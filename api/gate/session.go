package gate

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// sessionWhole is how long the store keeps a session at most; when one ends before that is for the organisation to say
// (people.Policy) and stands in the record of use.
const sessionWhole = 24 * time.Hour

func newSessions(store scs.Store, secure bool) *scs.SessionManager {
	// Not by scs.New: it starts a store in memory, whose goroutine nobody could end. Only a hash of the token is stored: who
	// reads the table has no session by it.
	name := "tanamori"
	if secure { // no other host can set or overwrite a cookie of this name, and browsers keep it only as it is set here
		name = "__Host-tanamori"
	}
	return &scs.SessionManager{Store: store, Lifetime: sessionWhole, HashTokenInStore: true, Codec: scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: name, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}}
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
			if err := g.ground.Do(ctx, tenants.Gate("housekeeping", ""), people.ForgetWaits); err != nil && ctx.Err() == nil {
				g.log.WarnContext(ctx, "wrong tries to sign in stay for now", "error", err)
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

// SignIn checks a login and a password. It begins a session of its own, whatever the browser held before is worth nothing
// after it; or tells that a second step comes first, and remembers for whom (Second).
func (g *Gate) SignIn(c echo.Context, login, password string) (second bool, err error) {
	ctx := c.Request().Context()
	try, err := g.attempt(c, func(ctx context.Context, tx *tenants.Tx) (people.Attempt, error) { return people.Begin(ctx, tx, login) }, password)
	if err != nil {
		return false, err
	}
	var who tenants.Actor
	err = g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) error {
		if err := try.Good(ctx, tx); err != nil {
			return err
		}
		f, err := people.FactorsOf(ctx, tx, try.Town, try.Person)
		if err != nil || f.Any() {
			second = f.Any()
			return err
		}
		who, err = people.Enter(ctx, tx, try.Town, try.Person, people.ByPassword, c.Request().UserAgent())
		return err
	})
	switch {
	case err != nil:
		return false, err
	case second:
		return true, g.wait(c, try.Town, try.Person, false)
	}
	return false, g.begin(c, who)
}

// attempt counts a try, checks the password outside any transaction, and writes down where it was wrong.
func (g *Gate) attempt(c echo.Context, begin func(context.Context, *tenants.Tx) (people.Attempt, error), password string) (try people.Attempt, err error) {
	ctx := c.Request().Context()
	err = g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		try, err = begin(ctx, tx)
		return err
	})
	if err != nil {
		return try, err
	}
	right, err := try.Check(ctx, password)
	if err != nil || right {
		return try, err
	}
	err = g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) error { return try.Refused(ctx, tx, "password") })
	if err == nil {
		g.log.WarnContext(ctx, "sign-in refused", "id", RequestID(c), "person", try.Person, "remote", c.RealIP())
		err = people.WrongLogin()
	}
	return try, err
}

// secondFor is how long there is for the second step.
const secondFor = 5 * time.Minute

// wait remembers whose second step comes next, and whether the first was single sign-on.
func (g *Gate) wait(c echo.Context, town, person int64, sso bool) error {
	ctx := c.Request().Context()
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Remove(ctx, "sign_in")
	g.sessions.Put(ctx, "second.tenant", town)
	g.sessions.Put(ctx, "second.sso", sso)
	g.sessions.Put(ctx, "second.person", person)
	g.sessions.Put(ctx, "second.until", g.ground.Now().Add(secondFor).Unix())
	return nil
}

// waiting is whose second step this session waits for.
func (g *Gate) waiting(c echo.Context) (town, person int64, err error) {
	ctx := c.Request().Context()
	town, person = g.sessions.GetInt64(ctx, "second.tenant"), g.sessions.GetInt64(ctx, "second.person")
	if person == 0 || g.ground.Now().Unix() >= g.sessions.GetInt64(ctx, "second.until") {
		return 0, 0, tenants.Unauthenticated("時間が過ぎました。もう一度はじめからサインインしてください。", "Too much time has passed. Please sign in from the beginning.")
	}
	return town, person, nil
}

// Factors are the second steps that whoever gave the right password may take.
func (g *Gate) Factors(c echo.Context) (f people.Factors, err error) {
	town, person, err := g.waiting(c)
	if err != nil {
		return f, err
	}
	err = g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		f, err = people.FactorsOf(ctx, tx, town, person)
		return err
	})
	return f, err
}

// Second is the second step by a code of the authenticator app, or a recovery code.
func (g *Gate) Second(c echo.Context, code string) error {
	town, person, err := g.waiting(c)
	if err != nil {
		return err
	}
	way, err := g.code(c, town, person, code)
	if err != nil {
		return err
	}
	if g.sessions.GetBool(c.Request().Context(), "second.sso") {
		way = way.After()
	}
	return g.enter(c, town, person, way)
}

// code checks one, and tells under its field where it is wrong.
func (g *Gate) code(c echo.Context, town, person int64, code string) (way people.Way, err error) {
	err = g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		way, err = people.CheckCode(ctx, tx, town, person, code)
		return err
	})
	if err == nil && way == "" {
		var v tenants.Invalid
		v.Add("code", "確認コードが違います。", "The code is wrong.")
		err = v.Err()
	}
	return way, err
}

// enter begins the session of somebody who has proved in that way who they are.
func (g *Gate) enter(c echo.Context, town, person int64, way people.Way) error {
	var who tenants.Actor
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.Enter(ctx, tx, town, person, way, c.Request().UserAgent())
		return err
	})
	if err != nil {
		return err
	}
	return g.begin(c, who)
}

// Confirm lets whoever is signed in prove once more who they are, by their password; by a code as well where they give one.
func (g *Gate) Confirm(c echo.Context, password, code string) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	try, err := g.attempt(c, func(ctx context.Context, tx *tenants.Tx) (people.Attempt, error) {
		return people.BeginOwn(ctx, tx, who)
	}, password)
	if err != nil {
		if f := tenants.AsFault(err); f.Kind == tenants.KindUnauthenticated { // they are signed in all the same
			var v tenants.Invalid
			v.Add("confirm_password", "パスワードが違います。", "The password is wrong.")
			return v.Err()
		}
		return err
	}
	if code != "" {
		if _, err := g.code(c, who.TenantID, who.PersonID, code); err != nil {
			if tenants.AsFault(err).Kind == tenants.KindInvalid {
				var v tenants.Invalid
				v.Add("confirm_code", "確認コードが違います。", "The code is wrong.")
				return v.Err()
			}
			return err
		}
	}
	return g.confirmed(c, who, code != "", try.Good)
}

// confirmed keeps it, and lets this very request have the good of it.
func (g *Gate) confirmed(c echo.Context, who tenants.Actor, factor bool, also ...func(context.Context, *tenants.Tx) error) error {
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) error {
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return people.Confirm(ctx, tx, who, factor)
	})
	if err != nil {
		return err
	}
	who.Stale, who.NoFactor = false, who.NoFactor && !factor
	c.Set(keyActor, who)
	if !g.signedIn(c) {
		return nil
	}
	return g.sessions.RenewToken(c.Request().Context())
}

// Renew gives the session of somebody who changed their own password a new token. It does nothing where the request came
// with a bearer token.
func (g *Gate) Renew(c echo.Context) error {
	if !g.signedIn(c) {
		return nil
	}
	c.Set(keyActor, nil)
	return g.sessions.RenewToken(c.Request().Context())
}

func (g *Gate) begin(c echo.Context, who tenants.Actor) error {
	ctx := c.Request().Context()
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	for _, key := range []string{"second.tenant", "second.person", "second.until", "second.sso"} {
		g.sessions.Remove(ctx, key)
	}
	g.sessions.Put(ctx, "tenant", who.TenantID)
	g.sessions.Put(ctx, "sign_in", who.SignIn)
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

// SignOut ends the session, and the use of the console with it.
func (g *Gate) SignOut(c echo.Context) error {
	if who, err := g.Who(c); err == nil && who.SignIn != 0 {
		who.Towns = []int64{who.TenantID}
		if err := g.ground.Do(c.Request().Context(), who, people.Leave); err != nil {
			return err
		}
	}
	// The cookie goes by itself. "cookies" here would take those of all other programs of the same domain with it.
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return g.sessions.Destroy(c.Request().Context())
}

// Flash leaves a line for the next page this person sees.
func (g *Gate) Flash(c echo.Context, kind, text string) {
	g.sessions.Put(c.Request().Context(), "flash", kind+"\x00"+text)
}

// TakeFlash takes that line away.
func (g *Gate) TakeFlash(c echo.Context) (kind, text string, ok bool) {
	return strings.Cut(g.sessions.PopString(c.Request().Context(), "flash"), "\x00")
}

// Keep holds something for the next steps of a form in this session; nil lets it go.
func (g *Gate) Keep(c echo.Context, name string, value []byte) {
	if value == nil {
		g.sessions.Remove(c.Request().Context(), "kept."+name)
		return
	}
	g.sessions.Put(c.Request().Context(), "kept."+name, value)
}

// Kept is what Keep holds; nil where there is nothing.
func (g *Gate) Kept(c echo.Context, name string) []byte {
	return g.sessions.GetBytes(c.Request().Context(), "kept."+name)
}

// Forget lets the rest of this request look anew who it is and what they owe.
func (g *Gate) Forget(c echo.Context) { c.Set(keyActor, nil) }

// Safe tells whether nobody on the way can read what goes between the browser and here: the address is https, or this very
// machine's.
func (g *Gate) Safe(c echo.Context) bool {
	ip := net.ParseIP(c.RealIP())
	return g.secure || c.IsTLS() || ip != nil && ip.IsLoopback()
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
