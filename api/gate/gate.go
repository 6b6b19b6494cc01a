// Package gate is what both doors share: the session and the bearer token, who is asking, protection against foreign
// origins, the request log, and the one place where a fault becomes a status.
package gate

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// Gate stands before every page and every API call.
type Gate struct {
	ground   *tenants.Ground
	sessions *scs.SessionManager
	origins  *http.CrossOriginProtection
	log      *slog.Logger
	secure   bool

	stop         context.CancelFunc
	housekeeping sync.WaitGroup
}

// Config is what a gate needs.
type Config struct {
	Ground  *tenants.Ground
	Pool    *pgxpool.Pool
	Log     *slog.Logger
	BaseURL string // as people open the console; https makes cookies Secure
}

// New makes a gate. Close it when the server has stopped.
func New(c Config) (*Gate, error) {
	g := &Gate{ground: c.Ground, log: c.Log, secure: strings.HasPrefix(c.BaseURL, "https://"),
		origins: http.NewCrossOriginProtection()}
	if c.BaseURL != "" {
		if err := g.origins.AddTrustedOrigin(strings.TrimRight(c.BaseURL, "/")); err != nil {
			return nil, err
		}
	}
	// The store's own housekeeping cannot be stopped right after it began, so it is ours (keepHouse).
	g.sessions = newSessions(pgxstore.NewWithCleanupInterval(c.Pool, 0), g.secure)
	g.sessions.ErrorFunc = g.sessionFailed
	ctx, cancel := context.WithCancel(context.Background())
	g.stop = cancel
	g.housekeeping.Go(func() { g.keepHouse(ctx, c.Pool) })
	return g, nil
}

// Close ends the housekeeping of sessions and waits for it.
func (g *Gate) Close() {
	g.stop()
	g.housekeeping.Wait()
}

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
