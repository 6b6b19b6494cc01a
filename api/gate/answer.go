package gate

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

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
	case tenants.KindHeld:
		return http.StatusAccepted
	case tenants.KindTooMany:
		return http.StatusTooManyRequests
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
	if errors.As(err, &he) && he.Code < http.StatusInternalServerError {
		return fromEcho(he), he.Code
	}
	f := tenants.AsFault(err)
	if f.Kind == tenants.KindUnavailable && g.DiskFull() {
		f = tenants.DiskFull(err) // also where the server has died of it and cannot say so
	}
	status := Status(f.Kind)
	g.refused(c, f)
	switch f.Kind {
	case tenants.KindInternal, tenants.KindUnavailable:
		if !errors.Is(err, context.Canceled) {
			g.log.ErrorContext(c.Request().Context(), "request failed", "id", RequestID(c), "path", c.Path(), "error", err)
		}
		if f.Kind == tenants.KindUnavailable {
			c.Response().Header().Set("Retry-After", "5")
		}
	case tenants.KindForbidden: // not what somebody still owes: that is no attempt at anything
		if f.Owed == "" {
			who, _ := c.Get(keyActor).(tenants.Actor)
			g.log.WarnContext(c.Request().Context(), "refused", "id", RequestID(c), "method", c.Request().Method, "path", c.Path(), "person", who.PersonID,
				"remote", c.RealIP(), "why", f.En)
		}
	case tenants.KindUnauthenticated:
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="tanamori"`)
	case tenants.KindTooMany:
		g.log.WarnContext(c.Request().Context(), "slowed down", "id", RequestID(c), "path", c.Path(), "remote", c.RealIP(), "wait", f.Wait)
		c.Response().Header().Set("Retry-After", strconv.Itoa(int((f.Wait+time.Second-1)/time.Second)))
	case tenants.KindHeld, tenants.KindInvalid, tenants.KindNotFound, tenants.KindConflict, tenants.KindGone:
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
	case http.StatusUnsupportedMediaType:
		return &tenants.Fault{Kind: tenants.KindInvalid, Ja: "この形式では受け付けません。", En: "This content type is not taken."}
	}
	return &tenants.Fault{Kind: tenants.KindInvalid, Ja: "要求を読み取れません。", En: "The request cannot be read."}
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
