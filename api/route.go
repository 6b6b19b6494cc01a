package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"tanamori/api/gate"
	"tanamori/tenants"
	"tanamori/tenants/observance"
)

// route is one operation of the API.
type route struct {
	Method string
	Path   string // below Prefix
	ID     string
	Tag    string
	Act    tenants.Act // what the caller's posts must allow; empty: everybody who is signed in
	Ja, En string
	Status int  // of success
	Beside bool // two persons may do it at once
	Secret bool // the answer holds what is shown this once and never kept
	First  bool // may be asked before the rules that are in force have been accepted

	mount func(*door, huma.API, route)
	after func(*door, echo.Context) error // once it is committed
	wide  bool                            // the town in the path is not the only one concerned
}

// act is a handler: what was asked, in one transaction, and what to answer.
type act[I, O any] = func(context.Context, *tenants.Tx, *I) (O, error)

func read[I, O any](path, id string, permit tenants.Act, ja, en string, do act[I, O]) route {
	return answering(http.MethodGet, http.StatusOK, path, id, permit, ja, en, do)
}

// create answers 201 with what is there now and was not before.
func create[I, O any](path, id string, permit tenants.Act, ja, en string, do act[I, O]) route {
	return answering(http.MethodPost, http.StatusCreated, path, id, permit, ja, en, do)
}

// issue is create where the answer holds a secret.
func issue[I, O any](path, id string, permit tenants.Act, ja, en string, do act[I, O]) route {
	r := create(path, id, permit, ja, en, do)
	r.Secret = true
	return r
}

func replace[I, O any](path, id string, permit tenants.Act, ja, en string, do act[I, O]) route {
	return answering(http.MethodPut, http.StatusOK, path, id, permit, ja, en, do)
}

func remove[I any](path, id string, permit tenants.Act, ja, en string, do func(context.Context, *tenants.Tx, *I) error) route {
	return silent(http.MethodDelete, path, id, permit, ja, en, do)
}

func answering[I, O any](method string, status int, path, id string, permit tenants.Act, ja, en string, do act[I, O]) route {
	return route{Method: method, Status: status, Path: path, ID: id, Act: permit, Ja: ja, En: en, mount: func(d *door, api huma.API, r route) {
		huma.Register(api, r.operation(), func(ctx context.Context, in *I) (*answer[O], error) {
			said, err := d.run(ctx, r, func(ctx context.Context, tx *tenants.Tx) (any, error) { return do(ctx, tx, in) })
			if err != nil {
				return nil, err
			}
			return &answer[O]{Status: said.Status, Body: body[O]{said.Body}}, nil
		})
	}}
}

// silent answers 204.
func silent[I any](method, path, id string, permit tenants.Act, ja, en string, do func(context.Context, *tenants.Tx, *I) error) route {
	return route{Method: method, Status: http.StatusNoContent, Path: path, ID: id, Act: permit, Ja: ja, En: en, mount: func(d *door, api huma.API, r route) {
		huma.Register(api, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
			_, err := d.run(ctx, r, func(ctx context.Context, tx *tenants.Tx) (any, error) { return nil, do(ctx, tx, in) })
			return nil, err
		})
	}}
}

// answer is what huma sends: the body as it was made in the transaction, and as it is sent again under the same
// Idempotency-Key.
type answer[O any] struct {
	Status int
	Body   body[O]
}

type body[O any] struct{ raw json.RawMessage }

// MarshalJSON gives what was made.
func (b body[O]) MarshalJSON() ([]byte, error) { return b.raw, nil }

// Schema is that of what was made.
func (body[O]) Schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[O](), true, "") }

const (
	keyDoor  = "api.door"
	keyPrint = "api.fingerprint"
)

type (
	echoKey struct{}
	doorKey struct{}
)

// baseURL is how machines and people reach the console.
func baseURL(ctx context.Context) string {
	if d, ok := ctx.Value(doorKey{}).(*door); ok {
		return d.config.BaseURL
	}
	return ""
}

// enter lets in who is known, before anything of the request is looked at.
func (d *door) enter(ctx huma.Context, next func(huma.Context)) {
	c := humaecho.Unwrap(ctx)
	c.Set(keyDoor, d)
	if err := d.known(c); err != nil {
		p := d.problem(c, err)
		b, err := json.Marshal(p)
		if err != nil {
			b = nil // it is plain text throughout
		}
		_ = c.Blob(p.Status, problemType, b) // the client is gone if this fails
		return
	}
	next(huma.WithValue(ctx, echoKey{}, c))
}

// known finds out who asks, and takes in the second person whom a request brings along (Second-Person: Basic …, and
// Second-Person-Code): they are what the fields of a form are to a page.
func (d *door) known(c echo.Context) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	sent := c.Request().Header.Get(headerSecond)
	if sent == "" {
		return nil
	}
	again := http.Request{Header: http.Header{"Authorization": {sent}}}
	login, password, ok := again.BasicAuth()
	if !ok {
		var v tenants.Invalid
		v.Add(headerSecond, "「Basic」で、利用者IDとパスワードを送ってください。", "Send Basic with a login and a password.")
		return v.Err()
	}
	return d.gate.Beside(c, login, password, c.Request().Header.Get(headerSecondCode))
}

// headerSecond and headerSecondCode name a second person who is with whoever asks.
const (
	headerSecond     = "Second-Person"
	headerSecondCode = "Second-Person-Code"
)

// run does one act in one transaction, once for each Idempotency-Key. The answer is made inside, to be kept with the
// act, and sent when the transaction has been committed.
func (d *door) run(ctx context.Context, r route, do func(context.Context, *tenants.Tx) (any, error)) (tenants.Remembered, error) {
	c, ok := ctx.Value(echoKey{}).(echo.Context)
	if !ok {
		return tenants.Remembered{}, fmt.Errorf("%s: not entered by the door", r.ID)
	}
	key := ""
	if values := c.Request().Header.Values(headerKey); r.Method == http.MethodPost && len(values) > 0 {
		key = values[0]
	}
	mark, _ := c.Get(keyPrint).([]byte)
	if mark != nil {
		c.Set(gate.KeyOnce, gate.Once{Key: key, Fingerprint: mark})
	}
	var said tenants.Remembered
	err := d.act(c, r, func(ctx context.Context, tx *tenants.Tx) error {
		if mark != nil {
			before, err := tx.Once(key, mark)
			if err != nil {
				return err
			}
			if before != nil {
				said = *before
				c.Response().Header().Set("Idempotency-Replayed", "true")
				if said.Status == http.StatusAccepted { // it waits, or waited, for a second person
					return gate.HeldBefore(ctx, tx, said)
				}
				return r.replayable(said)
			}
		}
		v, err := do(context.WithValue(ctx, doorKey{}, d), tx)
		if err != nil {
			return err
		}
		if said, err = r.say(v); err != nil {
			return err
		}
		if mark == nil {
			return nil
		}
		kept := said
		if r.Secret {
			kept.Body = nil
		}
		return tx.Remember(key, kept)
	})
	if err == nil && r.after != nil {
		err = r.after(d, c)
	}
	if err != nil {
		return tenants.Remembered{}, d.problem(c, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return said, nil
}

// act runs one act in one transaction as whoever asks. Who has not accepted the rules in force may do nothing but look who
// they are and accept. An act that concerns other towns than the one in the path runs over all that whoever asks sees.
func (d *door) act(c echo.Context, r route, fn func(context.Context, *tenants.Tx) error) error {
	within := d.gate.Do
	if r.wide {
		within = d.gate.Across
	}
	return within(c, func(ctx context.Context, tx *tenants.Tx) error {
		if !r.First {
			if err := observance.Require(ctx, tx); err != nil {
				return err
			}
		}
		return fn(ctx, tx)
	})
}

// say makes the answer's bytes.
func (r route) say(v any) (tenants.Remembered, error) {
	said := tenants.Remembered{Status: r.Status, Body: []byte{}}
	if r.Status == http.StatusNoContent {
		return said, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return said, fmt.Errorf("answer %s: %w", r.ID, err)
	}
	said.Body = bytes.TrimRight(b.Bytes(), "\n")
	return said, nil
}

// replayable refuses to answer again what was not kept.
func (r route) replayable(said tenants.Remembered) error {
	if r.Secret && len(said.Body) == 0 {
		return tenants.Conflict("この要求はすでに処理されました。秘密の値は一度しか表示しません。必要なら新しく発行してください。",
			"This request was carried out before. A secret is shown once only; issue a new one if you need it.")
	}
	return nil
}

const headerKey = "Idempotency-Key"

// fingerprint notes what a request with an Idempotency-Key says, so that the same key with other words is noticed.
func fingerprint(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodPost || len(r.Header.Values(headerKey)) == 0 {
			return next(c)
		}
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		h := sha256.New()
		_, _ = fmt.Fprintf(h, "%s %s\n", r.Method, r.URL.RequestURI()) // a hash takes everything
		h.Write(sent)
		c.Set(keyPrint, h.Sum(nil))
		return next(c)
	}
}

// beside is for what two persons may do at once: a request may bring the second one along.
func (r route) beside() route {
	r.Beside = true
	return r
}
