// Package gate is what both doors share: the session and the bearer token, who is asking, protection against foreign
// origins, the request log, and the one place where a fault becomes a status.
package gate

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/go-webauthn/webauthn/webauthn"
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
	diskFull func() bool
	secure   bool
	proxies  []*net.IPNet
	passkeys *webauthn.WebAuthn // nil where browsers offer none
	sso      *sso               // nil where there is none
	seen     seen
	paces    paces

	stop         context.CancelFunc
	housekeeping sync.WaitGroup
}

// Config is what a gate needs.
type Config struct {
	Ground  *tenants.Ground
	Pool    *pgxpool.Pool
	Log     *slog.Logger
	BaseURL string // as people open the console; https makes cookies Secure
	// DiskFull tells, while the database does not answer or refuses, whether that is why. Nil: nobody knows.
	DiskFull func() bool
	SSO      SSO // single sign-on; none where its issuer is empty
	// Proxies are those whose X-Forwarded-For is believed. None: the peer is who asks.
	Proxies []*net.IPNet
	Pace    Pace // of each person and token
}

// New makes a gate. Close it when the server has stopped.
func New(c Config) (*Gate, error) {
	g := &Gate{ground: c.Ground, log: c.Log, diskFull: c.DiskFull, secure: strings.HasPrefix(c.BaseURL, "https://"), proxies: c.Proxies, paces: paces{Pace: c.Pace},
		origins: http.NewCrossOriginProtection()}
	if c.BaseURL != "" {
		if err := g.origins.AddTrustedOrigin(strings.TrimRight(c.BaseURL, "/")); err != nil {
			return nil, err
		}
	}
	var err error
	if g.passkeys, err = newPasskeys(c.BaseURL); err != nil {
		return nil, err
	}
	g.sso = newSSO(c.SSO, c.BaseURL)
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

// DiskFull tells whether the database's disk is known to be full.
func (g *Gate) DiskFull() bool { return g.diskFull != nil && g.diskFull() }

const (
	keyActor   = "gate.actor"
	keyRequest = "gate.request"
	keyFault   = "gate.fault"
	keyPassive = "gate.passive"
	keyPaced   = "gate.paced"
)

// RequestID is the id under which this request stands in the logs and in the operation log.
func RequestID(c echo.Context) string {
	id, _ := c.Get(keyRequest).(string)
	return id
}

// Outside wraps every request of people and of the API: an id, the log line, the headers of what only they see, and a
// refusal of what comes from another site (sameOrigin).
func (g *Gate) Outside(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		id := uuid.NewString()
		c.Set(keyRequest, id)
		h := c.Response().Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", powers)
		h.Set("Cache-Control", "no-store") // what one person may see at one moment is nobody's to keep
		g.remember(c)
		err := g.sameOrigin(c, next)
		if err != nil {
			c.Error(err)
		}
		who, _ := c.Get(keyActor).(tenants.Actor)
		g.log.InfoContext(c.Request().Context(), "request", "id", id, "method", c.Request().Method, "path", c.Path(),
			"status", c.Response().Status, "took", time.Since(began).Round(time.Microsecond), "remote", c.RealIP(), "person", who.PersonID)
		return nil
	}
}
