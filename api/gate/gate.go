// Package gate is what both doors share: the session and the bearer token, who is asking, protection against foreign
// origins, the request log, and the one place where a fault becomes a status.
package gate

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// Gate stands before every page and every API call.
type Gate struct {
	ground   *tenants.Ground
	sessions *scs.SessionManager
	store    *pgxstore.PostgresStore
	origins  *http.CrossOriginProtection
	log      *slog.Logger
	secure   bool
}

// Config is what a gate needs.
type Config struct {
	Ground  *tenants.Ground
	Pool    *pgxpool.Pool
	Log     *slog.Logger
	BaseURL string // as people open the console; https makes cookies Secure
}

// The session's times: how long without a request, and how long at most.
const (
	sessionIdle  = time.Hour
	sessionWhole = 12 * time.Hour
)

// New makes a gate. Close it when the server has stopped.
func New(c Config) (*Gate, error) {
	g := &Gate{ground: c.Ground, log: c.Log, secure: strings.HasPrefix(c.BaseURL, "https://"),
		store: pgxstore.NewWithCleanupInterval(c.Pool, 10*time.Minute), origins: http.NewCrossOriginProtection()}
	if c.BaseURL != "" {
		if err := g.origins.AddTrustedOrigin(strings.TrimRight(c.BaseURL, "/")); err != nil {
			return nil, err
		}
	}
	s := scs.New()
	s.Store, s.IdleTimeout, s.Lifetime = g.store, sessionIdle, sessionWhole
	s.Cookie.Name, s.Cookie.HttpOnly, s.Cookie.SameSite, s.Cookie.Secure, s.Cookie.Persist = "tanamori", true, http.SameSiteLaxMode, g.secure, false
	s.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		g.log.ErrorContext(r.Context(), "session store failed", "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "データベースにつながりません。しばらくしてからもう一度お試しください。\nThe database cannot be reached; please try again shortly.", http.StatusServiceUnavailable)
	}
	g.sessions = s
	return g, nil
}

// Close ends the session store's housekeeping.
func (g *Gate) Close() { g.store.StopCleanup() }

// Ground is the ground the doors open their transactions on.
func (g *Gate) Ground() *tenants.Ground { return g.ground }

// Log is the doors' log.
func (g *Gate) Log() *slog.Logger { return g.log }

const (
	keyActor   = "gate.actor"
	keyRequest = "gate.request"
	keyFault   = "gate.fault"
)

// RequestID is the id under which this request stands in the logs and in the operation log.
func RequestID(c echo.Context) string {
	id, _ := c.Get(keyRequest).(string)
	return id
}

// Outside wraps every request: an id, the log line, the security headers, and a refusal of writes that come from another
// origin (bearer tokens are not sent by a browser on its own, so they are not looked at).
func (g *Gate) Outside(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		id := uuid.NewString()
		c.Set(keyRequest, id)
		h := c.Response().Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		if g.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		err := g.sameOrigin(c, next)
		if err != nil {
			c.Error(err)
		}
		g.log.InfoContext(c.Request().Context(), "request", "id", id, "method", c.Request().Method, "path", c.Path(),
			"status", c.Response().Status, "took", time.Since(began).Round(time.Microsecond), "remote", c.RealIP())
		return nil
	}
}

func (g *Gate) sameOrigin(c echo.Context, next echo.HandlerFunc) error {
	if c.Request().Header.Get(echo.HeaderAuthorization) == "" {
		if err := g.origins.Check(c.Request()); err != nil {
			return &tenants.Fault{Kind: tenants.KindForbidden, Ja: "ほかのサイトからの操作は受け付けません。", En: "Refused: this request came from another site."}
		}
	}
	return next(c)
}

// Session loads and saves the session around a handler; pages use it, and the API where it is asked from a page.
func (g *Gate) Session(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var err error
		g.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.SetRequest(r)
			c.SetResponse(echo.NewResponse(w, c.Echo()))
			if err = next(c); err != nil {
				c.Error(err)
			}
		})).ServeHTTP(c.Response(), c.Request())
		return nil
	}
}

// SignIn checks a login and begins a session of its own; whatever the browser held before is worth nothing after it.
func (g *Gate) SignIn(c echo.Context, login, password string) (tenants.Actor, error) {
	var who tenants.Actor
	err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.SignIn(ctx, tx, login, password)
		return err
	})
	if err != nil {
		return who, err
	}
	ctx := c.Request().Context()
	if err := g.sessions.RenewToken(ctx); err != nil {
		return who, err
	}
	g.sessions.Put(ctx, "tenant", who.TenantID)
	g.sessions.Put(ctx, "person", who.PersonID)
	return who, nil
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

func (g *Gate) bySession(ctx context.Context, c echo.Context, tx *tenants.Tx) (tenants.Actor, error) {
	nobody := tenants.Unauthenticated("サインインしてください。", "Please sign in.")
	if _, err := c.Cookie(g.sessions.Cookie.Name); err != nil {
		return tenants.Actor{}, nobody
	}
	tenant, person := g.sessions.GetInt64(c.Request().Context(), "tenant"), g.sessions.GetInt64(c.Request().Context(), "person")
	if person == 0 {
		return tenants.Actor{}, nobody
	}
	who, err := people.Load(ctx, tx, tenant, person)
	if err != nil && tenants.AsFault(err).Kind == tenants.KindNotFound {
		return who, nobody
	}
	return who, err
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

// Status is the one table from what went wrong to what HTTP calls it.
func Status(kind tenants.Kind) int {
	switch kind {
	case tenants.KindInvalid:
		return http.StatusUnprocessableEntity
	case tenants.KindNotFound:
		return http.StatusNotFound
	case tenants.KindForbidden:
		return http.StatusForbidden
	case tenants.KindUnauthenticated:
		return http.StatusUnauthorized
	case tenants.KindConflict:
		return http.StatusConflict
	case tenants.KindGone:
		return http.StatusGone
	case tenants.KindUnavailable:
		return http.StatusServiceUnavailable
	case tenants.KindInternal:
	}
	return http.StatusInternalServerError
}

// Answer is the fault and the status of an error, whoever made it: a room, or echo itself (no such route, too large). It
// is logged here when it is ours to mend, and the header that goes with it is set.
func (g *Gate) Answer(c echo.Context, err error) (*tenants.Fault, int) {
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return fromEcho(he), he.Code
	}
	f := tenants.AsFault(err)
	status := Status(f.Kind)
	switch f.Kind {
	case tenants.KindInternal, tenants.KindUnavailable:
		if !errors.Is(err, context.Canceled) {
			g.log.ErrorContext(c.Request().Context(), "request failed", "id", RequestID(c), "path", c.Path(), "error", err)
		}
		if f.Kind == tenants.KindUnavailable {
			c.Response().Header().Set("Retry-After", "5")
		}
	case tenants.KindUnauthenticated:
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="tanamori"`)
	case tenants.KindInvalid, tenants.KindNotFound, tenants.KindForbidden, tenants.KindConflict, tenants.KindGone:
	}
	return f, status
}

func fromEcho(he *echo.HTTPError) *tenants.Fault {
	switch he.Code {
	case http.StatusNotFound:
		return tenants.NotFound()
	case http.StatusMethodNotAllowed:
		return &tenants.Fault{Kind: tenants.KindInvalid, Ja: "この操作はできません。", En: "Method not allowed."}
	case http.StatusRequestEntityTooLarge:
		return &tenants.Fault{Kind: tenants.KindInvalid, Ja: "送られた内容が大きすぎます。", En: "The request is too large."}
	}
	return &tenants.Fault{Kind: tenants.KindInvalid, Ja: "要求を読み取れません。", En: http.StatusText(he.Code) + "."}
}

// FaultHandler writes a fault the way a door answers: a page, or problem+json.
type FaultHandler func(c echo.Context, f *tenants.Fault, status int)

// AnswersBy lets a door say how its faults are written.
func AnswersBy(h FaultHandler) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(keyFault, h)
			return next(c)
		}
	}
}
