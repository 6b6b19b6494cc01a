package gate

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/history"
)

const (
	keyRefused = "gate.refused"
	// patience is how long the line of a refusal may take; the answer waits for it, so that it stands when it is heard.
	patience = 3 * time.Second
	// longest is how much of an address is kept.
	longest = 300
)

// refused records what somebody who is signed in may not do or may not know of, in a transaction of its own: the refused
// one is gone. What no operation answers (no such address) and what nobody signed in for is not.
func (g *Gate) refused(c echo.Context, f *tenants.Fault) {
	if f.Kind != tenants.KindForbidden && f.Kind != tenants.KindNotFound || f.Owed != "" || c.Get(keyRefused) != nil {
		return
	}
	who, ok := c.Get(keyActor).(tenants.Actor)
	if !ok || who.PersonID == 0 {
		return
	}
	c.Set(keyRefused, true)
	_, object, id := thing(c)
	r := history.Refusal{Object: object, ObjectID: id, Act: f.Act, Method: c.Request().Method, Route: c.Path(), Path: shortened(c.Request().URL.EscapedPath()), Status: Status(f.Kind)}
	who.Towns = []int64{who.TenantID}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), patience)
	defer cancel()
	err := g.ground.Do(ctx, who, func(ctx context.Context, tx *tenants.Tx) error { return history.Refuse(ctx, tx, r) })
	if err != nil {
		g.log.ErrorContext(ctx, "a refusal is not in the operation log", "id", RequestID(c), "path", c.Path(), "error", err)
	}
}

// shortened is for addresses, which are ASCII as they are escaped.
func shortened(text string) string { return text[:min(len(text), longest)] }

// reading tells whether a request only looks.
func reading(c echo.Context) bool {
	return c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
}
