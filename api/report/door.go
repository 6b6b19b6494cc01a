package report

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	firstPause = 500 * time.Millisecond
	maxPause   = 30 * time.Second
)

// door is the server's check-in door for one run.
type door struct {
	Options
	target *url.URL
	rid    string // pairs the start of a run with its end
}

// checkIn delivers one message. Whatever may pass is tried again, with pauses
// that double and never before the server asked to be; an answer that will be
// the same every time is final.
func (d *door) checkIn(ctx context.Context, ending string, what any) error {
	var payload []byte
	if what != nil {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false) // a log is full of < and >, and six bytes each add up
		if err := enc.Encode(what); err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		payload = out.Bytes()
	}
	address := *d.target
	address.Path = strings.TrimRight(address.Path, "/") + ending
	address.RawPath = ""
	query := address.Query()
	query.Set("rid", d.rid)
	address.RawQuery = query.Encode()
	address.Fragment = ""

	until := d.Now().Add(d.Within)
	for attempt := 0; ; attempt++ {
		err := d.attempt(ctx, address.String(), payload, until)
		if err == nil {
			return nil
		}
		t := asTrouble(err)
		if t.final {
			return t
		}
		pause := max(d.pause(attempt), t.after)
		if attempt >= d.Retries || d.Now().Add(pause).After(until) || d.Sleep(ctx, pause) != nil {
			return &trouble{
				ja:    fmt.Sprintf("%d 回試しましたが届きません（%s）", attempt+1, t.ja),
				en:    fmt.Sprintf("not delivered in %d attempts (%s)", attempt+1, t.en),
				cause: t,
			}
		}
	}
}

// pause doubles from half a second up to half a minute, and is shortened by
// chance to as little as half, so that many machines do not come back at once.
func (d *door) pause(attempt int) time.Duration {
	p := maxPause
	if attempt < 6 {
		p = firstPause << attempt
	}
	return p/2 + time.Duration(float64(p/2)*d.Jitter())
}

func (d *door) attempt(ctx context.Context, address string, payload []byte, until time.Time) error {
	ctx, stop := context.WithTimeout(ctx, min(d.Timeout, max(until.Sub(d.Now()), time.Millisecond)))
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return troublef(err, "ping URL が正しくありません", "the ping URL is not valid").finally()
	}
	req.Header.Set("User-Agent", strings.TrimSuffix("tanamori-report/"+d.Version, "/"))
	if len(payload) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	client := *d.HTTPClient
	client.CheckRedirect = d.follow
	res, err := client.Do(req)
	if err != nil {
		return unreached(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	if err != nil && res.StatusCode < 300 {
		return unreached(err)
	}
	return d.judge(res, strings.TrimSpace(string(answer)))
}

// follow goes along only with a redirect that keeps the method, else the report
// would arrive empty, and the host, which alone may know the secret.
func (d *door) follow(req *http.Request, via []*http.Request) error {
	if req.Method != via[0].Method || req.URL.Hostname() != d.target.Hostname() || len(via) > 3 {
		return http.ErrUseLastResponse
	}
	return nil
}

// judge decides whether an answer is the door's "OK". A proxy's sign-in page
// also comes with status 200, and a report it swallowed is not delivered.
func (d *door) judge(res *http.Response, answer string) error {
	code := res.StatusCode
	switch {
	case code == http.StatusOK && answer == "OK", code == http.StatusCreated && answer == "Created":
		return nil
	case code < 300:
		return troublef(nil, "報告の受付でないものが応答しました（%d、プロキシの認証画面など）",
			"something other than a check-in door answered (%d; a proxy's sign-in page?)", code).finally()
	case code < 400:
		return troublef(nil, "別の宛先を案内されました（%d）。最終の URL を指定してください",
			"redirected (%d): give the final URL", code).finally()
	case code == http.StatusNotFound:
		return troublef(nil, "この宛先は登録されていません（%d）", "the server does not know this ping URL (%d)", code).finally()
	case code == http.StatusRequestEntityTooLarge:
		return troublef(nil, "報告が大きすぎます（%d）", "the report is too large (%d)", code).finally()
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		t := troublef(nil, "サーバが受け付けません（%d）", "the server does not accept it now (%d)", code)
		t.after = d.retryAfter(res.Header.Get("Retry-After"))
		return t
	}
	return troublef(nil, "サーバが拒みました（%d）", "the server refused it (%d)", code).finally()
}

// retryAfter reads seconds or an HTTP date.
func (d *door) retryAfter(header string) time.Duration {
	if sec, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(sec) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(d.Now()))
	}
	return 0
}

// unreached keeps of an HTTP error what does not contain the URL.
func unreached(err error) error {
	var at *url.Error
	for errors.As(err, &at) {
		err = at.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return troublef(err, "サーバの証明書を確かめられません（%v）", "cannot verify the server's certificate (%v)", err).finally()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return troublef(err, "時間内に応答がありません", "no answer in time")
	}
	return troublef(err, "サーバにつながりません（%v）", "cannot reach the server (%v)", err)
}
