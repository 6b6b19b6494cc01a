// Package heartbeat sends Tanamori's sign of life to an address outside: whoever listens there notices that it no longer
// comes, which nobody inside could tell.
package heartbeat

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tanamori/tenants"
)

// patience is how long an answer may take.
const patience = 10 * time.Second

// mostRead is how much of an answer is read: nobody looks at it.
const mostRead = 16 << 10

// Why a sign of life did not arrive. The address is a secret, and so is all that an error of the network says of it: a
// reason names only what kind of trouble it was.
var _ = tenants.Sentences(map[string][2]string{
	"heartbeat.unreachable": {"合図の宛先につながりません", "The address cannot be reached"},
	"heartbeat.timeout":     {"合図の宛先から10秒以内に返事がありません", "No answer within 10 seconds"},
	"heartbeat.certificate": {"合図の宛先の証明書を確かめられません", "The certificate cannot be verified"},
	"heartbeat.redirected":  {"合図の宛先が別のURLへ移っています（{status}）。移った先のURLを設定してください", "The address answers with a redirect ({status}); set the URL it leads to"},
	"heartbeat.refused":     {"合図の宛先が受け付けませんでした（{status}）", "The address answered {status}"},
})

// Beacon sends signs of life to one address.
type Beacon struct {
	url    string
	client *http.Client
}

// New checks the address: http or https, with a host. The error does not repeat it.
func New(address string) (*Beacon, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("not an http or https address")
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the program's HTTP transport was replaced")
	}
	transport = transport.Clone()
	transport.DisableKeepAlives = true // once a minute: nothing is kept open in between
	return &Beacon{url: u.String(), client: &http.Client{Transport: transport, Timeout: patience,
		// Whoever answers for the address does not choose where else we call: not into our own network, not to a page that
		// says 200 to everything.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Send sends one. An empty reason means that it was taken.
func (b *Beacon) Send(ctx context.Context) tenants.Reason {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url, nil)
	if err != nil {
		return tenants.Reason{Code: "heartbeat.unreachable"}
	}
	req.Header.Set("User-Agent", "tanamori")
	resp, err := b.client.Do(req)
	if err != nil {
		return trouble(err)
	}
	defer func() { _ = resp.Body.Close() }() // its status is all that matters
	_, err = io.CopyN(io.Discard, resp.Body, mostRead)
	if err != nil && !errors.Is(err, io.EOF) {
		return trouble(err)
	}
	status := tenants.Params{"status": strconv.Itoa(resp.StatusCode)}
	switch {
	case resp.StatusCode < 300:
		return tenants.Reason{}
	case resp.StatusCode < 400:
		return tenants.Reason{Code: "heartbeat.redirected", Params: status}
	}
	return tenants.Reason{Code: "heartbeat.refused", Params: status}
}

func trouble(err error) tenants.Reason {
	var slow interface{ Timeout() bool }
	var bad *tls.CertificateVerificationError
	switch {
	case errors.As(err, &bad):
		return tenants.Reason{Code: "heartbeat.certificate"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return tenants.Reason{Code: "heartbeat.timeout"}
	}
	return tenants.Reason{Code: "heartbeat.unreachable"}
}

// String keeps the address out of whatever prints a Beacon.
func (b *Beacon) String() string { return "heartbeat.Beacon" }
