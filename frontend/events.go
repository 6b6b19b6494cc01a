package frontend

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// events tells a page that something it shows has changed, by the name that the page waits for; the page then asks for
// its live part. Nothing but that is sent, so that a stream which outlives a session gives nothing away.
func (d *door) events(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	rings, stop := d.Bell.Hear(tenants.WakePage)
	defer stop()
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	send := func(event string) error {
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %d\n\n", event, d.gate.Ground().Now().Unix()); err != nil {
			return err
		}
		return control.Flush()
	}
	if err := send("alive"); err != nil {
		return nil // gone already
	}
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	// Many rings in a row are one change of the page.
	var calm <-chan time.Time
	for {
		event := ""
		select {
		case <-c.Request().Context().Done():
			return nil
		case r := <-rings:
			if calm == nil && (r.Town == 0 || who.Sees(r.Town)) {
				calm = time.After(250 * time.Millisecond)
			}
		case <-calm:
			calm, event = nil, "board"
			if err := send("incident"); err != nil {
				return nil // the browser has gone
			}
		case <-alive.C:
			event = "alive"
		}
		if event == "" {
			continue
		}
		if err := send(event); err != nil {
			return nil // the browser has gone
		}
	}
}
