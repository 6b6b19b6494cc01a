package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
)

// longestProposal is the longest request that can wait for a second person; forms and the API's bodies are smaller.
const longestProposal = 1 << 20

// keyBody holds what a request has sent, to be kept where the change has to wait.
const keyBody = "gate.body"

// sent is a request's body that remembers what was read of it. Nothing is read before a door asks for it, under the door's
// own limits.
type sent struct {
	io.ReadCloser
	read bytes.Buffer
	more bool // than is kept
}

func (s *sent) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if s.read.Len()+n > longestProposal {
		s.more = true
	} else {
		s.read.Write(p[:n])
	}
	return n, err
}

// remember keeps what a writing request sends, as a door reads it.
func (g *Gate) remember(c echo.Context) {
	r := c.Request()
	if r.Body == nil || reading(c) {
		return
	}
	s := &sent{ReadCloser: r.Body}
	r.Body = s
	c.Set(keyBody, s)
}

// Withhold takes a field of a form out of what is kept of the request: a password that came along is nobody's to keep.
func (g *Gate) Withhold(c echo.Context, field string) error {
	s, ok := c.Get(keyBody).(*sent)
	if !ok {
		return nil
	}
	values, err := url.ParseQuery(s.read.String())
	if err != nil {
		return echo.ErrBadRequest
	}
	values.Del(field)
	s.read.Reset()
	s.read.WriteString(values.Encode())
	return nil
}

// recorder keeps what a request is answered that nobody waits for on a line.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// change runs an act that may change something. Where the town concerned asks for a second person, the act has been tried
// by then and everything it found wrong said; nothing of it is kept but the request itself and the lines that it would leave.
func (g *Gate) change(c echo.Context, who tenants.Actor, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	ctx := c.Request().Context()
	if r := replayOf(c); r != nil {
		if r.done || r.failed { // the page that answers looks something up
			return g.ground.Do(ctx, who, fn)
		}
		changed := false
		err := g.ground.Do(ctx, who, func(ctx context.Context, tx *tenants.Tx) error {
			if err := fn(ctx, tx); err != nil {
				return err
			}
			if changed = tx.Recorded(); !changed { // a form that is read before the act
				return nil
			}
			return proposal.Confirm(ctx, tx, r.proposal, r.by)
		})
		r.done, r.failed = err == nil && changed, err != nil
		return err
	}
	second, _ := c.Get(keyBeside).(tenants.Actor)
	var town int64
	var lines []tenants.Line
	var may tenants.Act // what the second person's posts must allow, where it is not the same
	err := g.ground.Do(ctx, who, func(ctx context.Context, tx *tenants.Tx) error {
		var asked bool
		err := fn(ctx, tx)
		if f := tenants.AsFault(err); err != nil && f.Kind == tenants.KindHeld && f.Object == 0 && len(tx.Lines()) > 0 { // whatever the town's setting
			lines, may = tx.Lines(), f.Act
			town = lines[0].Town
			return errHeld
		}
		if err != nil {
			return err
		}
		if c.QueryParam(anyway) == "" {
			if err := proposal.Spare(ctx, tx, tx.Lines()); err != nil {
				return err
			}
		}
		if town, asked, err = proposal.Asked(ctx, tx, tx.Lines()); err != nil || !asked {
			return err
		}
		if who.Beside {
			return proposal.Stand(second, tx.Lines())
		}
		lines = tx.Lines()
		return errHeld
	})
	if err != errHeld { //nolint:errorlint // it is ours, and wrapped by nobody
		return err
	}
	body := []byte{} // a form may be empty
	if s, ok := c.Get(keyBody).(*sent); ok {
		if s.more {
			return echo.ErrStatusRequestEntityTooLarge
		}
		body = append(body, s.read.Bytes()...)
	}
	once, keyed := c.Get(KeyOnce).(Once)
	var id int64
	err = g.ground.Do(ctx, who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if keyed { // a twin may have been here since the trial
			before, err := tx.Once(once.Key, once.Fingerprint)
			if err != nil {
				return err
			}
			if before != nil && before.Status == http.StatusAccepted {
				c.Response().Header().Set("Idempotency-Replayed", "true")
				return HeldBefore(ctx, tx, *before)
			}
		}
		id, err = proposal.Propose(ctx, tx, town, lines, may, proposal.Request{Method: c.Request().Method, URI: c.Request().URL.RequestURI(),
			ContentType: c.Request().Header.Get(echo.HeaderContentType), Body: body})
		if err != nil || !keyed {
			return err
		}
		b, err := json.Marshal(heldAs{town, id})
		if err != nil {
			return err
		}
		return tx.Remember(once.Key, tenants.Remembered{Status: http.StatusAccepted, Body: b})
	})
	if err != nil {
		return err
	}
	return proposal.Held(id)
}

// KeyOnce is where a door leaves the Idempotency-Key of a request, which is kept with the proposal that comes of it.
const KeyOnce = "gate.once"

// Once is an Idempotency-Key and what the request says.
type Once struct {
	Key         string
	Fingerprint []byte
}

// heldAs is what is remembered of a request that became a proposal.
type heldAs struct {
	Town int64 `json:"town_id"`
	ID   int64 `json:"id"`
}

// HeldBefore is the answer to a request that has become a proposal before: the same one, and what it has come to.
func HeldBefore(ctx context.Context, tx *tenants.Tx, said tenants.Remembered) error {
	var h heldAs
	if err := json.Unmarshal(said.Body, &h); err != nil {
		return fmt.Errorf("read what became of a request: %w", err)
	}
	return proposal.Again(ctx, tx, h.Town, h.ID)
}

// anyway is the query parameter by which somebody means what leaves too few to confirm, having been told so.
const anyway = "anyway"

// errHeld rolls the trial back.
var errHeld = &tenants.Fault{Kind: tenants.KindHeld}

// replay is a proposal that is carried out: in the name of who proposed it, confirmed by another person.
type replay struct {
	proposal proposal.Proposal
	who, by  tenants.Actor
	done     bool
	failed   bool // the act was refused: nothing that follows makes it confirmed
}

type replayKey struct{}

func replayOf(c echo.Context) *replay {
	r, _ := c.Request().Context().Value(replayKey{}).(*replay)
	return r
}

// Answered is what the request of a proposal was answered when it was carried out.
type Answered struct {
	Status      int
	ContentType string
	Location    string
	Body        []byte
}

// ConfirmProposal carries a proposal out, as who proposed it asked for it, and marks it in the same transaction. The act is held
// against what both persons may do now. What it answered is given to who confirms: an issued password, for example.
func (g *Gate) ConfirmProposal(c echo.Context, town, id int64) (Answered, error) {
	by, err := g.Who(c)
	if err != nil {
		return Answered{}, err
	}
	ctx := c.Request().Context()
	r := &replay{by: by}
	err = g.ground.Do(ctx, by, func(ctx context.Context, tx *tenants.Tx) (err error) { // a change may concern several towns
		if err := tx.Permit(tenants.Propose, town); err != nil {
			return err
		}
		if r.proposal, err = proposal.Get(ctx, tx, town, id); err != nil {
			return err
		}
		return r.proposal.Permit(tx)
	})
	if err != nil {
		return Answered{}, err
	}
	err = g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		r.who, err = people.Load(ctx, tx, r.proposal.ByTenant, r.proposal.ByPerson)
		return err
	})
	if err != nil {
		return Answered{}, tenants.Conflict("変更を求めた人は、いまはこの操作ができません。差し戻してください。", "Who asked for this may no longer do it. Send it back.")
	}
	r.who.Second, r.who.SecondID, r.who.RequestID, r.who.Remote = by.Text(), by.PersonID, RequestID(c), c.RealIP()
	asked := r.proposal.Request()
	again, err := http.NewRequestWithContext(context.WithValue(ctx, replayKey{}, r), asked.Method, asked.URI, bytes.NewReader(asked.Body))
	if err != nil {
		return Answered{}, err
	}
	again.Header.Set(echo.HeaderContentType, asked.ContentType)
	again.Header.Set("Accept-Language", c.Request().Header.Get("Accept-Language"))
	again.RemoteAddr = c.Request().RemoteAddr
	rec := &recorder{header: http.Header{}}
	c.Echo().ServeHTTP(rec, again)
	out := Answered{Status: rec.status, ContentType: rec.header.Get(echo.HeaderContentType), Location: rec.header.Get(echo.HeaderLocation), Body: rec.body.Bytes()}
	if !r.done || rec.status >= http.StatusBadRequest {
		g.log.WarnContext(ctx, "a proposal could not be carried out", "id", RequestID(c), "proposal", id, "status", rec.status)
		return out, tenants.Conflict("この変更は、いまはそのままでは行えません。差し戻して、もう一度求めてもらってください。",
			"This change cannot be made as it was asked for any more. Send it back and have it asked for again.")
	}
	return out, nil
}
