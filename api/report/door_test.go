package report_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/api/report"
)

func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func TestCheckInTriesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, status(500), hangUp, status(503, "Retry-After", "7"), status(429, "Retry-After", "Sun, 22 Nov 2026 03:01:00 GMT"), status(502))
	b.Files = []string{b.file(t, "db.dump", "1")}

	require.Equal(t, report.OK, b.run(t))
	require.Len(t, b.heard, 6)
	for _, h := range b.heard {
		require.Equal(t, rid, h.RID, "one run, however often it is told")
		require.Equal(t, b.heard[0].Raw, h.Raw)
	}
	require.Equal(t, []time.Duration{
		500 * time.Millisecond, time.Second,
		7 * time.Second,                        // the server's word is longer than the 2 s that were due
		60*time.Second - 8500*time.Millisecond, // until the date it named
		8 * time.Second,
	}, b.pauses)
}

func TestCheckInGivesUp(t *testing.T) {
	t.Parallel()
	b := setup(t, times(4, status(503))...)
	b.Files, b.Retries = []string{b.file(t, "f", "1")}, 3
	require.Equal(t, report.Failed, b.run(t))
	require.Len(t, b.heard, 4, "once and three times more")
	require.Contains(t, b.err.String(), "報告できませんでした: 4 回試しましたが届きません（サーバが受け付けません（503））")
	require.Contains(t, b.err.String(), "could not report: not delivered in 4 attempts (the server does not accept it now (503))")

	b = setup(t, times(200, status(503))...)
	b.Files, b.Retries, b.Within = []string{b.file(t, "f", "1")}, 1000, 2*time.Minute
	require.Equal(t, report.Failed, b.run(t))
	require.LessOrEqual(t, b.now.Sub(noon), 2*time.Minute, "all attempts together are bounded")
	require.Greater(t, b.now.Sub(noon), 90*time.Second)
	require.Equal(t, 30*time.Second, b.pauses[len(b.pauses)-1], "pauses grow no further")

	b = setup(t, status(503, "Retry-After", "3600"))
	b.Files = []string{b.file(t, "f", "1")}
	require.Equal(t, report.Failed, b.run(t))
	require.Len(t, b.heard, 1, "not against the server's word, and not for an hour")
	require.Empty(t, b.pauses)
}

func TestCheckInPausesAreSpread(t *testing.T) {
	t.Parallel()
	b := setup(t, times(2, status(500))...)
	b.Jitter = func() float64 { return 0 }
	b.Files = []string{b.file(t, "f", "1")}
	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}, b.pauses)
}

func TestCheckInTakesSomeAnswersAsFinal(t *testing.T) {
	t.Parallel()
	say := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		ja, en string
	}{
		"unknown":            {status(404), "登録されていません（404）", "does not know this ping URL (404)"},
		"malformed":          {status(400), "サーバが拒みました（400）", "refused it (400)"},
		"too large":          {status(413), "大きすぎます（413）", "too large (413)"},
		"forbidden":          {status(403), "拒みました（403）", "refused it (403)"},
		"a proxy's page":     {say(200, "<html>OK sign in</html>"), "認証画面", "sign-in page"},
		"nothing":            {say(200, ""), "受付でない", "something other"},
		"known, not found":   {say(200, "OK (not found)"), "受付でない", "something other"},
		"no content":         {status(204), "受付でない", "something other"},
		"redirect to GET":    {status(302, "Location", "/elsewhere"), "別の宛先", "redirected (302)"},
		"redirect away":      {status(307, "Location", "http://localhost:1/ping/x"), "別の宛先", "redirected (307)"},
		"redirect to nobody": {status(308), "別の宛先", "redirected (308)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, c.answer)
			b.Files = []string{b.file(t, "f", "1")}
			require.Equal(t, report.Failed, b.run(t))
			require.Len(t, b.heard, 1)
			require.Empty(t, b.pauses)
			require.Regexp(t, `(?s)報告できませんでした: .*`+c.ja+`.*\ncould not report: .*`, b.err.String())
			require.Contains(t, b.err.String(), c.en)
		})
	}
}

func TestCheckInFollowsARedirectThatKeepsEverything(t *testing.T) {
	t.Parallel()
	b := setup(t, status(308, "Location", "/moved"))
	b.Files = []string{b.file(t, "f", "1")}
	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, "POST /moved", b.last().Path)
	require.Equal(t, b.heard[0].Raw, b.last().Raw)
}

func TestCheckInWaitsOnlySoLong(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	t.Cleanup(func() { close(released) })
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-released:
		}
	}
	b := setup(t, hang)
	b.Files, b.Timeout = []string{b.file(t, "f", "1")}, 50*time.Millisecond
	require.Equal(t, report.OK, b.run(t), "the second attempt is answered")
	require.Len(t, b.heard, 2)

	b = setup(t, hang)
	b.Files, b.Timeout, b.Retries = []string{b.file(t, "f", "1")}, 50*time.Millisecond, 0
	require.Equal(t, report.Failed, b.run(t))
	require.Contains(t, b.err.String(), "時間内に応答がありません")
	require.Contains(t, b.err.String(), "no answer in time")

	b = setup(t)
	ctx, stop := context.WithCancel(t.Context())
	b.answers = []http.HandlerFunc{status(500)}
	b.Sleep = func(ctx context.Context, _ time.Duration) error {
		stop()
		return ctx.Err()
	}
	b.Files = []string{b.file(t, "f", "1")}
	require.Equal(t, report.Failed, report.Run(ctx, b.Options), "Ctrl-C ends the waiting")
	require.Len(t, b.heard, 1)
}

func TestCheckInWithoutAServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	b := setup(t)
	b.PingURL = "http://" + listener.Addr().String() + "/ping/" + secret
	b.Files, b.Start, b.Retries = []string{b.file(t, "f", "1")}, true, 2
	require.Equal(t, report.Failed, b.run(t))
	require.Contains(t, b.err.String(), "開始を報告できませんでした: 3 回試しましたが届きません（サーバにつながりません")
	require.Contains(t, b.err.String(), "報告できませんでした: 3 回試しましたが届きません（サーバにつながりません")
	require.Contains(t, b.err.String(), "connection refused")
}

func TestCheckInToACertificateNobodyVouchesFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(b.serve))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it complains of our refusal
	secure.StartTLS()
	t.Cleanup(secure.Close)
	b.PingURL, b.HTTPClient = secure.URL+"/ping/"+secret, &http.Client{}
	b.Files = []string{b.file(t, "f", "1")}
	require.Equal(t, report.Failed, b.run(t))
	require.Empty(t, b.pauses, "it will be the same in a minute")
	require.Contains(t, b.err.String(), "サーバの証明書を確かめられません")

	b.HTTPClient = secure.Client()
	require.Equal(t, report.OK, b.run(t))
}

func TestCheckInKeepsTheAddressItWasGiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.PingURL = b.server.URL + "/ping/QDoKe2hZxRkD7P3mWcN4aQ/koseki-db/?create=1#x"
	b.Files, b.Start = []string{b.file(t, "f", "1")}, true
	b.answers = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("create") == "1" {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "Created")
		}
	}}
	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, []string{
		"POST /ping/QDoKe2hZxRkD7P3mWcN4aQ/koseki-db/start",
		"POST /ping/QDoKe2hZxRkD7P3mWcN4aQ/koseki-db",
	}, b.paths())
	require.Contains(t, b.err.String(), "/ping/QDoK…/kos…\n")
	require.NotContains(t, b.err.String(), "QDoKe")
}

func TestStartToAWrongAddressSparesTheReading(t *testing.T) {
	t.Parallel()
	b := setup(t, status(404))
	b.Files, b.Start = []string{b.file(t, "f", "1")}, true
	require.Equal(t, report.Failed, b.run(t))
	require.Equal(t, []string{"POST /start"}, b.paths())
	require.Empty(t, b.out.String())
}

func TestReportWithNothingButFilesAndAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	files := []string{b.file(t, "f", "1")}
	require.Equal(t, report.OK, report.Run(t.Context(), report.Options{Files: files, PingURL: b.PingURL}))
	require.Equal(t, report.OK, report.Run(t.Context(), report.Options{Files: files, PingURL: b.PingURL}))
	require.Len(t, b.heard, 2)
	for _, h := range b.heard {
		require.NoError(t, uuid.Validate(h.RID))
		require.Equal(t, "tanamori-report", h.Agent)
	}
	require.NotEqual(t, b.heard[0].RID, b.heard[1].RID)
}
