package ping_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/ping"
	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// gatehouse is a door on a real server, before a real database.
type gatehouse struct {
	*tenantstest.Bench
	t      testing.TB
	echo   *echo.Echo
	url    string // …/ping/
	uuid   string
	key    string
	intake *checkin.Intake
}

func open(t testing.TB, config checkin.IntakeConfig, set ...func(*echo.Echo)) *gatehouse {
	t.Helper()
	b := tenantstest.New(t)
	g := &gatehouse{Bench: b, t: t, echo: echo.New()}
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.Do(b.Person(host, tenants.HostAdmin), func(ctx context.Context, tx *tenants.Tx) error {
		src, err := checkin.AddSource(ctx, tx, checkin.SourceInput{Town: town, Slug: "kosekisei", Kind: "backup", AboutID: 1})
		g.uuid = src.UUID.String()
		return err
	})
	g.key = tenantstest.Value[string](b, `SELECT ping_key FROM tenant WHERE id = $1`, town)
	log := slog.New(slog.DiscardHandler)
	g.intake = checkin.NewIntake(b.Handle.Pool, b.Clock.Now, log, config)
	t.Cleanup(func() { require.NoError(t, g.intake.Stop(context.Background())) })
	for _, s := range set {
		s(g.echo)
	}
	ping.Mount(g.echo, g.intake, log)
	server := httptest.NewServer(g.echo)
	t.Cleanup(server.Close)
	g.url = server.URL + "/ping/"
	return g
}

// ask makes a request and gives the answer with its body read.
func (g *gatehouse) ask(method, path, body string, header ...string) (*http.Response, string) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	require.NoError(g.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(g.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(g.t, err)
	return res, string(answer)
}

func (g *gatehouse) rows() []map[string]any {
	g.t.Helper()
	return g.SQL(`SELECT kind, exit_status, rid::text AS rid, method, remote, agent, content_type, convert_from(body, 'UTF8') AS body FROM checkin ORDER BY id`)
}

func TestEveryEndingByEveryMethodAtBothAddresses(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	var want []map[string]any
	for _, address := range []string{g.uuid, strings.ToUpper(g.uuid), g.key + "/kosekisei"} {
		for _, e := range []struct {
			ending, kind string
			exit         any
		}{
			{"", "success", nil}, {"/", "success", nil}, {"/success", "success", nil}, {"/start", "start", nil}, {"/fail", "fail", nil},
			{"/log", "log", nil}, {"/0", "success", int16(0)}, {"/1", "fail", int16(1)}, {"/255", "fail", int16(255)}, {"/007", "fail", int16(7)},
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
				res, answer := g.ask(method, address+e.ending, "")
				require.Equal(t, 200, res.StatusCode, "%s %s%s: %s", method, address, e.ending, answer)
				require.EqualValues(t, 2, res.ContentLength)
				if method == "HEAD" {
					require.Empty(t, answer)
				} else {
					require.Equal(t, "OK", answer)
				}
				require.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"))
				require.Equal(t, "*", res.Header.Get("Access-Control-Allow-Origin"))
				require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
				require.Equal(t, "102400", res.Header.Get("Ping-Body-Limit"))
				want = append(want, map[string]any{"kind": e.kind, "exit_status": e.exit, "rid": nil, "method": method, "remote": "127.0.0.1",
					"agent": "Go-http-client/1.1", "content_type": "", "body": ""})
			}
		}
	}
	require.Equal(t, want, g.rows())
}

func TestWhatASenderSaysIsKept(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	rid := uuid.NewString()
	// ?create=1 of Healthchecks changes nothing; a parameter given twice counts as Django counts it.
	res, _ := g.ask("POST", g.uuid+"/fail?create=1&rid=no&rid="+strings.ToUpper(rid), `{"bytes":1}`, "User-Agent", "report/1", "Content-Type", "application/json")
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, []map[string]any{{"kind": "fail", "exit_status": nil, "rid": rid, "method": "POST", "remote": "127.0.0.1", "agent": "report/1",
		"content_type": "application/json", "body": `{"bytes":1}`}}, g.rows())
}

func TestMalformedRequestsAreRefusedAndUnknownOnesNotFound(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	unknown := uuid.NewString()
	for path, status := range map[string]int{
		unknown:                             404,
		unknown + "/start":                  404,
		uuid.Nil.String():                   404,
		g.key + "/other":                    404,
		g.key + "/other?create=1":           404,
		g.key + "/start":                    404, // a slug
		strings.Repeat("A", 22) + "/log":    404,
		g.uuid + "/start/1/2":               400,
		g.key + "/kosekisei/1/2":            400,
		"not-a-uuid":                        400,
		strings.ReplaceAll(g.uuid, "-", ""): 400,
		"{" + g.uuid[1:]:                    400,
		strings.Repeat("g", 36):             400,
		g.uuid + "/stop":                    400,
		g.uuid + "/256":                     400,
		g.uuid + "/99999999999999999999":    400,
		g.uuid + "/-1":                      400,
		g.uuid + "/1.5":                     400,
		g.uuid + "/0x1":                     400,
		g.uuid + "/start/1":                 400,
		g.uuid + "/START":                   400,
		g.uuid + "?rid=":                    400,
		g.uuid + "?rid=1":                   400,
		g.uuid + "?rid=%zz":                 400,
		g.uuid + "?rid=" + strings.ReplaceAll(unknown, "-", ""): 400,
		g.key:                            400,
		g.key + "/":                      400,
		g.key + "/Kosekisei":             400,
		g.key + "/%E6%88%B8%E7%B1%8D":    400,
		g.key + "/kosekisei/stop":        400,
		g.key + "/kosekisei/256":         400,
		"!" + g.key[1:] + "/kosekisei":   400,
		"%00" + g.key[1:] + "/kosekisei": 400,
	} {
		res, answer := g.ask("GET", path, "")
		require.Equal(t, status, res.StatusCode, "%s: %s", path, answer)
		require.Equal(t, "*", res.Header.Get("Access-Control-Allow-Origin"))
		require.NotContains(t, answer, "\n")
	}
	res, _ := g.ask("DELETE", g.uuid, "")
	require.Equal(t, 405, res.StatusCode)
	require.Empty(t, g.rows())
}

func TestTheSenderIsThePeerUnlessTheProxyIsTrusted(t *testing.T) {
	t.Parallel()
	forwarded := []string{"X-Forwarded-For", "198.51.100.9, 192.0.2.7", "X-Real-Ip", "198.51.100.9"}
	strict := open(t, checkin.IntakeConfig{})
	strict.ask("GET", strict.uuid, "", forwarded...)
	require.Equal(t, "127.0.0.1", strict.rows()[0]["remote"])

	behind := open(t, checkin.IntakeConfig{}, func(e *echo.Echo) { e.IPExtractor = echo.ExtractIPFromXFFHeader() })
	behind.ask("GET", behind.uuid, "", forwarded...)
	require.Equal(t, "192.0.2.7", behind.rows()[0]["remote"], "what the proxy saw, not what the client claims")
}

func TestWhatCannotBeKeptIsSentAgainLater(t *testing.T) {
	t.Parallel()
	full := open(t, checkin.IntakeConfig{Depth: 1})
	tx, err := full.Owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM source_state FOR UPDATE`)
	require.NoError(t, err)
	var first sync.WaitGroup
	statuses := make(chan int, 2)
	send := func() {
		res, _ := full.ask("GET", full.uuid, "")
		statuses <- res.StatusCode
	}
	first.Go(send)
	require.Eventually(t, func() bool { return full.intake.Stats().Batches == 1 }, 5*time.Second, time.Millisecond)
	first.Go(send)
	require.Eventually(t, func() bool { return full.intake.Stats().Waiting == 1 }, 5*time.Second, time.Millisecond)
	require.GreaterOrEqual(t, full.turnedAway(), 20*time.Second, "whoever is turned away by a full intake hears of it a moment later")
	require.NoError(t, tx.Rollback(context.Background()))
	first.Wait()
	require.Equal(t, 200, <-statuses)
	require.Equal(t, 200, <-statuses)

	require.NoError(t, full.intake.Stop(t.Context()))
	full.turnedAway()

	away := open(t, checkin.IntakeConfig{})
	away.Handle.Pool.Close()
	away.turnedAway()
}

// turnedAway expects that forty at once are told to come again, and gives for how long they waited together.
func (g *gatehouse) turnedAway() (waited time.Duration) {
	g.t.Helper()
	var crowd sync.WaitGroup
	var mu sync.Mutex
	after, answers := map[string]bool{}, map[string]int{}
	for range 40 {
		crowd.Go(func() {
			began := time.Now()
			res, answer := g.ask("POST", g.uuid, "body")
			mu.Lock()
			defer mu.Unlock()
			waited += time.Since(began)
			answers[fmt.Sprint(res.StatusCode, " ", answer)]++
			after[res.Header.Get("Retry-After")] = true
		})
	}
	crowd.Wait()
	require.Equal(g.t, map[string]int{"503 not kept: please send it again": 40}, answers)
	for seconds := range after {
		require.Contains(g.t, []string{"1", "2", "3", "4", "5"}, seconds)
	}
	require.Greater(g.t, len(after), 1, "not all at the same moment")
	return waited
}

func TestARowThatCannotBeWrittenIsAServerError(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	g.SQL(`UPDATE source_state SET seq = 9223372036854775807`)
	res, answer := g.ask("GET", g.uuid, "")
	require.Equal(t, 500, res.StatusCode)
	require.NotContains(t, answer, "bigint", "the cause is for the log")
}

func TestAClientThatHangsUpHasCheckedIn(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	tx, err := g.Owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM source_state FOR UPDATE`)
	require.NoError(t, err)
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+g.uuid, nil)
		if err == nil {
			_, err = http.DefaultClient.Do(req)
		}
		gone <- err
	}()
	require.Eventually(t, func() bool { return g.intake.Stats().Batches == 1 }, 5*time.Second, time.Millisecond)
	hangUp()
	require.ErrorIs(t, <-gone, context.Canceled)
	require.NoError(t, tx.Rollback(context.Background()))
	require.NoError(t, g.intake.Stop(t.Context()))
	require.Len(t, g.rows(), 1)
}
