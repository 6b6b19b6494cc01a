// Package api is the JSON door: every operation stands on one page (routes.go), each ledger has a file of thin handlers
// that parse, call one act and answer after its commit. It also answers whether the process is well: /healthz, /readyz
// and /metrics.
package api

import (
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"tanamori/api/gate"
	"tanamori/tenants/checkin"
)

// Prefix is where the API lies.
const Prefix = "/api/v1"

// Config is what the door needs beside the gate.
type Config struct {
	Version string        // of the program, for the OpenAPI document
	BaseURL string        // as machines reach the console; check-in addresses begin with it
	Pool    *pgxpool.Pool // measured by /metrics; nil leaves it out
	Intake  Intake        // measured by /metrics; nil leaves it out
}

// Intake is what /metrics asks of the check-in door.
type Intake interface{ Stats() checkin.Stats }

type door struct {
	gate   *gate.Gate
	config Config
}

// largest is the most bytes of a request's body.
const largest = 1 << 20

// Mount puts the API, the health checks and the metrics onto the server.
func Mount(e *echo.Echo, doors *gate.Gate, c Config) error {
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	d := &door{gate: doors, config: c}
	takeOverErrors()

	m := newMetrics(d)
	// Not on the group: a group with middleware of its own answers 404 where 405 is right.
	e.Use(m.measure, under("/api/", gate.AnswersBy(problemHandler), doors.Outside, legible, middleware.BodyLimit("1M"), doors.Session, fingerprint, own(e)))
	g := e.Group(Prefix)
	api := humaecho.NewWithGroup(e, g, document(c.Version))
	api.UseMiddleware(d.enter)
	for _, r := range routes() {
		r.mount(d, api, r)
	}
	if err := d.serveDocument(g, api); err != nil {
		return err
	}
	e.GET("/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/readyz", d.ready)
	e.GET("/metrics", m.serve)
	return nil
}

// under puts middleware on everything below a path, also where no route answers (404, 405).
func under(prefix string, wraps ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		inside := next
		for i := len(wraps) - 1; i >= 0; i-- {
			inside = wraps[i](inside)
		}
		return func(c echo.Context) error {
			if strings.HasPrefix(c.Request().URL.Path, prefix) {
				return inside(c)
			}
			return next(c)
		}
	}
}

// own answers what no operation does (404, 405), since another door of the same server may take every path that is left:
// a program would be sent a page.
func own(e *echo.Echo) echo.MiddlewareFunc {
	routes := sync.OnceValue(func() *echo.Echo { // once all are there
		known := echo.New()
		for _, r := range e.Routes() {
			if strings.HasPrefix(r.Path, Prefix) {
				known.Add(r.Method, r.Path, echo.NotFoundHandler)
			}
		}
		return known
	})
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if strings.HasPrefix(c.Path(), Prefix) {
				return next(c)
			}
			known := routes()
			found := known.NewContext(c.Request(), c.Response())
			known.Router().Find(c.Request().Method, c.Request().URL.Path, found)
			return found.Handler()(found)
		}
	}
}

var takeOver sync.Once

// takeOverErrors makes every error that huma itself finds a problem of ours: its own would send the text of unknown
// errors and the rejected values to the client.
func takeOverErrors() {
	takeOver.Do(func() {
		huma.NewErrorWithContext = foundByHuma
		huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return plain(status) }
	})
}
