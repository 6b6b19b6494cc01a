package heartbeat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/heartbeat"
	"tanamori/tenants"
)

const secret = "5f0b1c1e-secret"

// listener is somebody outside, answering as handle says.
func listener(t *testing.T, handle http.HandlerFunc) *heartbeat.Beacon {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	b, err := heartbeat.New(s.URL + "/ping/" + secret)
	require.NoError(t, err)
	return b
}

func TestASignOfLifeIsAGetOfTheAddress(t *testing.T) {
	t.Parallel()
	var seen atomic.Value
	b := listener(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Method + " " + r.URL.Path)
		_, _ = w.Write([]byte("OK"))
	})
	require.Equal(t, tenants.Reason{}, b.Send(t.Context()))
	require.Equal(t, "GET /ping/"+secret, seen.Load())
	require.NotContains(t, fmt.Sprintf("%v %s %+v", b, b, b), secret)
}

func TestWhatIsNoSuccessIsNamed(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]string{204: "", 404: "heartbeat.refused", 500: "heartbeat.refused", 503: "heartbeat.refused"} {
		got := listener(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }).Send(t.Context())
		require.Equal(t, code, got.Code, status)
		if code != "" {
			require.Contains(t, got.In("ja"), fmt.Sprint(status))
			require.True(t, tenants.Known(got.Code))
		}
	}
}

// Whoever answers does not choose where else we call.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		got := listener(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/login", status) }).Send(t.Context())
		require.Equal(t, "heartbeat.redirected", got.Code)
	}
	require.Zero(t, elsewhere.Load())
}

// One that takes the connection and says nothing is given up; so is one that never stops talking.
func TestAListenerThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	b := listener(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	t.Cleanup(func() { close(release) }) // before the server closes, which waits for it
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.Equal(t, "heartbeat.timeout", b.Send(ctx).Code)

	endless := listener(t, func(w http.ResponseWriter, _ *http.Request) {
		for chunk := []byte(strings.Repeat("OK", 4<<10)); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	require.Empty(t, endless.Send(t.Context()).Code, "its status was well; nobody reads on")
}

func TestNobodyThereIsNamedWithoutTheAddress(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	at := s.URL
	s.Close()
	b, err := heartbeat.New(at + "/" + secret)
	require.NoError(t, err)
	got := b.Send(t.Context())
	require.Equal(t, "heartbeat.unreachable", got.Code)
	require.NotContains(t, got.In("ja")+got.In("en"), secret)

	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	b, err = heartbeat.New(tls.URL)
	require.NoError(t, err)
	require.Equal(t, "heartbeat.certificate", b.Send(t.Context()).Code)
}

func TestOnlyAWebAddressIsOne(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"hc.example/" + secret, "ftp://hc.example/" + secret, "file:///" + secret, "http://", "http://[::1" + secret, "://" + secret} {
		_, err := heartbeat.New(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), secret)
	}
	for _, good := range []string{"http://10.0.0.5:8080/ping/x", "https://hc-ping.com/x?create=1"} {
		_, err := heartbeat.New(good)
		require.NoError(t, err, good)
	}
}
