package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/heartbeat"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// watched is a story with somebody of the host who signs in to look at the pages.
type watched struct {
	*story
	password string
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	s := &watched{story: newStory(t)}
	s.Do(s.Person(s.host, tenants.HostAdmin), func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, s.password, err = people.Add(ctx, tx, s.host, people.Input{Login: "goro", Name: "見本 五郎", Keep: true, Posts: []people.PostInput{
			{Kind: tenants.HostAdmin, Title: "住民福祉課長", FromOn: calendar.MustDate(2026, 4, 1)}}})
		return err
	})
	s.plans()
	return s
}

// minutes lets time pass minute by minute. The audit and this node's sign of being alive run all the time; the others do
// where they are not said to stand still.
func (s *watched) minutes(n int, still bool) {
	s.t.Helper()
	for range n {
		s.Clock.Advance(time.Minute)
		if !still {
			require.NoError(s.t, s.node.tower.RunAll(s.t.Context()))
		}
		require.NoError(s.t, s.node.tower.RunWatch(s.t.Context()))
	}
}

// strip is the board's line about Tanamori itself, as the host's administrator reads it.
func (s *watched) strip(token string) map[string]any {
	s.t.Helper()
	status, text := s.ask("GET", "/api/v1/watch", token, "", nil)
	require.Equal(s.t, http.StatusOK, status, text)
	var out struct{ Audit map[string]any }
	require.NoError(s.t, json.Unmarshal([]byte(text), &out), text)
	return out.Audit
}

// page is what a person of the host who has signed in sees there.
func (s *watched) page(path string) string {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	client := &http.Client{Jar: jar}
	resp, err := client.PostForm(s.server.URL+"/signin", url.Values{"login": {"goro"}, "password": {s.password}})
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.server.URL+path, nil)
	require.NoError(s.t, err)
	resp, err = client.Do(req)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, resp.StatusCode, "%s: %s", path, text)
	return string(text)
}

// The jobs stand still while the audit goes on: the host is told once, the sign of life outside stops, the node is not
// ready. They go on: what was late is done, the sign of life comes again, and after five clean minutes it is over.
func TestWhenTheJobsStandStillSomebodyOutsideNotices(t *testing.T) {
	t.Parallel()
	var beats atomic.Int32
	var refuse atomic.Bool
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		beats.Add(1)
		if refuse.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(outside.Close)
	s := newWatched(t)
	s.Contact(s.host, "住民福祉課長", "見本 五郎", "goro@host.example")
	beacon, err := heartbeat.New(outside.URL + "/ping/secret")
	require.NoError(t, err)
	s.post.Beacon = beacon
	town := s.tokenOf(s.Person(s.town, tenants.Town))

	s.minutes(5, false)
	require.EqualValues(t, 5, beats.Load(), "one a minute while all is well")
	status, text := s.ask("GET", "/readyz", "", "", nil)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, `"audit":"2026-11-20T09:06:00Z"`)
	require.Equal(t, true, s.strip(s.token)["fine"])
	require.Contains(t, s.page("/board"), "見張り 正常 <time")

	refuse.Store(true)
	s.minutes(2, false)
	require.Contains(t, s.page("/board"), "外への合図が届いていません：合図の宛先が受け付けませんでした（500）")
	require.Equal(t, true, s.strip(s.token)["fine"], "that it does not arrive is no malfunction of the pipeline")
	require.Nil(t, s.strip(town)["heartbeat"])
	refuse.Store(false)
	s.minutes(1, false)
	require.NotContains(t, s.page("/board"), "外への合図")

	sent := beats.Load()
	s.minutes(3, true)
	require.Equal(t, sent+3, beats.Load(), "nothing is late yet")
	s.minutes(6, true)
	require.LessOrEqual(t, beats.Load(), sent+4, "silent outside")
	status, text = s.ask("GET", "/readyz", "", "", nil)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, text, "judge")
	require.NotContains(t, text, `"audit"]`, "the audit itself goes on")
	require.Equal(t, false, s.strip(s.token)["fine"])
	require.Regexp(t, `判定など\d+つ?の働きが止まっています`, s.page("/board"))
	open := s.api("GET", "/incidents?state=open", nil)["items"].([]any)
	require.Len(t, open, 1)
	i := open[0].(map[string]any)
	require.Equal(t, "watch:audit 棚守の見張り", fmt.Sprint(i["cause"], " ", i["subject"]))
	page := s.page(fmt.Sprintf("/towns/%s/incidents/%s", id(i["town_id"]), id(i["id"])))
	require.Contains(t, page, "棚守の見張り")
	require.NotContains(t, page, "<dt>計画</dt>", "it is about no plan")
	require.NotContains(t, page, "<dt>夜</dt>")
	status, _ = s.ask("GET", fmt.Sprintf("/api/v1/towns/%s/incidents/%s", id(i["town_id"]), id(i["id"])), town, "", nil)
	require.Equal(t, http.StatusNotFound, status, "a member town knows nothing of it")

	s.minutes(3, false)
	require.Len(t, s.mails(), 1, "told once they go on")
	require.Contains(t, s.mails()[0].Subject, "蘭越町 棚守の見張り")
	require.Contains(t, s.mails()[0].To, "goro@host.example")
	require.NotContains(t, s.mails()[0].Text, "の夜の分")
	require.Greater(t, beats.Load(), sent+4, "the sign of life comes again")
	s.minutes(5, false)
	require.Equal(t, "resolved", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))
	require.Contains(t, s.page("/board"), "見張り 正常 <time")
	status, _ = s.ask("GET", "/readyz", "", "", nil)
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, strings.Join(tellings(s), "\n"), "/ping/secret", "the address stands in no mail")
}

// What is put right at once wakes nobody, and the board says so for a day.
func TestWhatTheAuditPutsRightWakesNobody(t *testing.T) {
	t.Parallel()
	s := newWatched(t)
	s.Clock.Set(s.at(21, 4, 0))
	s.minutes(1, false)
	require.Len(t, s.mails(), 1, "missed, and the first one told")
	s.SQL(`UPDATE rung SET state = 'dropped' WHERE state = 'pending'`)
	s.minutes(30, false)
	require.Len(t, s.mails(), 2, "the ladder went on")
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident`))
	require.Equal(t, true, s.strip(s.token)["fine"])
	require.EqualValues(t, 1, s.strip(s.token)["mended"])
	require.Contains(t, s.page("/board"), "自動で直したもの 1件")
}

func tellings(s *watched) (out []string) {
	for _, m := range s.mails() {
		out = append(out, m.Subject+m.Text)
	}
	return out
}
