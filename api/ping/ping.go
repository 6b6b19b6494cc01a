// Package ping is the door that machines check in at. It speaks the Healthchecks ping API, so that its clients work
// unchanged: one request says that a run began, ended well, failed, or leaves a log.
package ping

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/checkin/body"
)

// Healthchecks takes a check-in by any method; these are the ones its clients use.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut}

// bodyTime is how long a client may take to send its body.
const bodyTime = 30 * time.Second

// Mount opens the door on e, every route of it:
//
//	/ping/{uuid}                and with the endings /start /success /fail /log /{exit status 0–255}
//	/ping/{ping key}/{slug}     and with the same endings
//
// all with ?rid={uuid}, which pairs a start with its end. The answers are 200 OK, 404 for an address that nobody has
// opened, 400 malformed, 413 over body.Limit, 503 with Retry-After while nothing can be kept. The door wants no session
// and no other middleware. The sender's address is the peer's unless e.IPExtractor knows the proxies to trust.
func Mount(e *echo.Echo, intake *checkin.Intake, log *slog.Logger) {
	d := &door{intake: intake, log: log, remote: e.IPExtractor}
	if d.remote == nil {
		d.remote = echo.ExtractIPDirect() // c.RealIP would believe the client
	}
	for _, route := range []string{
		"/ping/:address",
		"/ping/:address/",
		"/ping/:address/:second",
		"/ping/:address/:second/",
		"/ping/:address/:second/:third",
	} {
		e.Match(methods, route, d.checkIn)
	}
}

type door struct {
	intake  *checkin.Intake
	log     *slog.Logger
	remote  echo.IPExtractor
	reading atomic.Int64 // bytes set aside for long bodies that are on their way in
	held    atomic.Int64 // clients that were turned away and do not know it yet
}

// Whoever is turned away because the intake is full hears of it a moment later: telling it costs nearly as much as keeping
// a check-in, and clients that come straight back would take the processors away from those that wait inside. Only so many
// are held; more than that are told at once, so that a crowd costs bounded memory.
const (
	holdTime = time.Second
	maxHeld  = 2048
)

// A body up to shortBody is read whatever goes on: connections bound how many there are. Longer ones share maxReading, so
// that clients that send slowly, or never finish, cannot fill the memory.
const (
	shortBody  = 8 << 10
	maxReading = 64 << 20
)

// answer is one of the door's answers, made ready once: the door is asked thousands of times a second.
type answer struct {
	status int
	text   []byte
	length []string
}

func say(status int, text string) answer {
	return answer{status: status, text: []byte(text), length: []string{strconv.Itoa(len(text))}}
}

var (
	ok          = say(http.StatusOK, "OK")
	notFound    = say(http.StatusNotFound, "not found")
	badAddress  = say(http.StatusBadRequest, "malformed address: /ping/{uuid} or /ping/{ping key}/{slug}, then /start, /success, /fail, /log or an exit status")
	badStatus   = say(http.StatusBadRequest, "malformed exit status: 0 to 255")
	badRID      = say(http.StatusBadRequest, "malformed rid: a UUID")
	badBody     = say(http.StatusBadRequest, "the body could not be read")
	tooLong     = say(http.StatusRequestEntityTooLarge, "the body is longer than "+strconv.Itoa(body.Limit)+" bytes")
	unavailable = say(http.StatusServiceUnavailable, "not kept: please send it again")
	unread      = say(http.StatusServiceUnavailable, "not read, too many long bodies at once: please send it again")
	failed      = say(http.StatusInternalServerError, "not kept: the server could not write it")

	plain   = []string{"text/plain; charset=utf-8"}
	anyone  = []string{"*"}
	noStore = []string{"no-store"}
	closing = []string{"close"}
	limit   = []string{strconv.Itoa(body.Limit)}
	later   = [][]string{{"1"}, {"2"}, {"3"}, {"4"}, {"5"}}
)

func (d *door) checkIn(c echo.Context) error {
	r := c.Request()
	in, wrong := address(c.Param("address"), c.Param("second"), c.Param("third"))
	if wrong != nil {
		return give(c, wrong)
	}
	if r.URL.RawQuery != "" {
		if in.RID, wrong = runID(r); wrong != nil {
			return give(c, wrong)
		}
	}
	if r.ContentLength != 0 {
		if in.Body, wrong = d.bodyOf(c); wrong != nil {
			return give(c, wrong)
		}
	}
	in.Method, in.Remote = r.Method, d.remote(r)
	in.Agent, in.ContentType = first(r.Header, "User-Agent"), first(r.Header, "Content-Type")

	found, err := d.intake.Accept(r.Context(), in)
	switch {
	case err == nil && found:
		return give(c, &ok)
	case err == nil:
		return give(c, &notFound)
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return nil //nolint:nilerr // the client has gone, there is nobody to answer; what it sent is kept all the same
	case errors.Is(err, checkin.ErrFull):
		d.hold(r.Context())
		return give(c, &unavailable)
	case tenants.AsFault(err).Kind == tenants.KindUnavailable:
		return give(c, &unavailable)
	}
	d.log.ErrorContext(r.Context(), "check-in not kept", "method", in.Method, "remote", in.Remote, "slug", in.Slug, "error", err)
	return give(c, &failed)
}

// hold lets one that was turned away wait, for longer or shorter so that they do not come back together.
func (d *door) hold(ctx context.Context) {
	defer d.held.Add(-1)
	if d.held.Add(1) > maxHeld {
		return
	}
	told := time.NewTimer(holdTime/2 + rand.N(holdTime)) //nolint:gosec // spreads load, guards nothing
	defer told.Stop()
	select {
	case <-told.C:
	case <-ctx.Done():
	}
}

// first is Header.Get for a key in its canonical form.
func first(h http.Header, key string) string {
	if v := h[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// give writes an answer. Header values are shared between requests; nothing changes them.
func give(c echo.Context, a *answer) error {
	w := c.Response()
	h := w.Header()
	h["Content-Type"], h["Content-Length"] = plain, a.length
	h["Access-Control-Allow-Origin"], h["Cache-Control"] = anyone, noStore
	switch a {
	case &ok:
		h["Ping-Body-Limit"] = limit // clients cut their logs to it
	case &unavailable, &unread:
		// Machines that were turned away together should not come back together.
		h["Retry-After"] = later[rand.IntN(len(later))] //nolint:gosec // spreads load, guards nothing
		if a == &unread {
			h["Connection"] = closing // else the answer would wait until all of the body has come
		}
	}
	w.WriteHeader(a.status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(a.text)
	return err
}

// bodyOf reads the body, never more of it than may be kept. A short one takes memory as it arrives, a long one takes its
// share of what there is for all of them together, or is sent away.
func (d *door) bodyOf(c echo.Context) ([]byte, *answer) {
	r := c.Request()
	if r.ContentLength > body.Limit {
		return nil, &tooLong
	}
	w := http.NewResponseController(c.Response())
	if w.SetReadDeadline(time.Now().Add(bodyTime)) == nil {
		// What else is read on this connection while the check-in is written has no hurry.
		defer func() { _ = w.SetReadDeadline(time.Time{}) }() // it was possible a moment ago
	}
	room, all := r.ContentLength+1, r.ContentLength+1 // one more than announced, to see the end without growing
	if r.ContentLength < 0 {
		room, all = 512, body.Limit+1
	}
	b, held := make([]byte, 0, min(room, shortBody)), int64(0)
	defer func() { d.reading.Add(-held) }()
	for {
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if len(b) > body.Limit {
			return nil, &tooLong
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, &badBody
		}
		switch {
		case len(b) < cap(b):
		case cap(b) < shortBody:
			b = append(b, 0)[:len(b)]
		default:
			if held = all; d.reading.Add(held) > maxReading {
				return nil, &unread
			}
			b = append(make([]byte, 0, all), b...)
		}
	}
}
