package gate

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Server is an echo with the gate before every route but the check-in door, which has neither session nor log line a
// request: Outside is put on by the doors that need it. Errors that no door answered are answered in plain text.
func Server(g *Gate) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect()
	if len(g.proxies) > 0 {
		trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
		for _, network := range g.proxies {
			trust = append(trust, echo.TrustIPRange(network))
		}
		e.IPExtractor = echo.ExtractIPFromXFFHeader(trust...)
	}
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisableStackAll: true, LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
		g.log.ErrorContext(c.Request().Context(), "request panicked", "id", RequestID(c), "path", c.Path(), "error", err, "stack", string(stack))
		return err
	}}))
	e.Use(g.shield)
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		fault, status := g.Answer(c, err)
		if answer, ok := c.Get(keyFault).(FaultHandler); ok {
			answer(c, fault, status)
			return
		}
		if c.Request().Method == http.MethodHead {
			_ = c.NoContent(status) // the client is gone if this fails
			return
		}
		_ = c.String(status, fault.Ja+"\n"+fault.En+"\n")
	}
	return e
}
