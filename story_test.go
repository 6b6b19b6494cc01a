package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/jobs"
	"tanamori/jobs/demo"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// story is a whole node on a clock that is moved by hand: the real doors over HTTP, the jobs, a mail server, a store on
// disk. A story does what people and machines do, moves the clock, and looks at what they would see.
type story struct {
	*tenantstest.Bench
	t      *testing.T
	zone   *time.Location
	server *httptest.Server
	node   *console
	box    *demo.Mailbox
	post   *jobs.Post
	store  string
	host   int64
	town   int64
	token  string // of the host's administrator
	ping   string // the plan's check-in address
	plan   string // its API address
}

func newStory(t *testing.T) *story {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	s := &story{Bench: tenantstest.New(t), t: t, zone: zone, store: t.TempDir()}
	s.Clock.Set(s.at(20, 18, 0))
	s.host = s.Bench.Host("蘭越町", "013943")
	s.town = s.Bench.Town("むかわ町", "015865")
	s.Contact(s.town, "戸籍係長", "見本 次郎", "kakari@town.mukawa.example")
	s.Contact(s.town, "町民生活課長", "見本 太郎", "kacho@town.mukawa.example")
	s.start()
	s.token = s.tokenOf(s.Person(s.host, tenants.HostAdmin))
	return s
}

// start puts the node up; the mail server keeps every mail.
func (s *story) start() {
	s.t.Helper()
	log := slog.New(slog.DiscardHandler)
	var err error
	s.box, err = demo.OpenMailbox(s.t.TempDir(), log)
	require.NoError(s.t, err)
	sender, err := mail.New(s.box.URL(), "tanamori@host.example")
	require.NoError(s.t, err)
	var stops stack
	s.post = &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: s.zone}
	s.node, err = wire(s.Handle, tenantstest.Ring, s.Clock.Now, gate.Config{BaseURL: "http://console.example"}, s.post, 0, s.box, log, &stops)
	require.NoError(s.t, err)
	s.server = httptest.NewServer(s.node.doors)
	s.t.Cleanup(func() {
		s.server.Close()
		require.NoError(s.t, stops.unwind(log))
		require.NoError(s.t, s.box.Close())
	})
}

func (s *story) at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, s.zone)
}

// until moves the clock and lets every job do what has come due.
func (s *story) until(day, hour, minute int) {
	s.t.Helper()
	s.Clock.Set(s.at(day, hour, minute))
	require.NoError(s.t, s.node.tower.RunAll(s.t.Context()))
}

func (s *story) tokenOf(who tenants.Actor) string {
	s.t.Helper()
	var plain string
	s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, plain, err = people.CreateToken(ctx, tx, people.TokenInput{Name: "story", Expires: tx.Now.AddDate(0, 1, 0)})
		return err
	})
	return plain
}

// ask sends one request and gives its status and body.
func (s *story) ask(method, path, token, contentType string, body []byte) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, bytes.NewReader(body))
	require.NoError(s.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(text)
}

// api calls the JSON API as the administrator and fails the test unless it answers with success.
func (s *story) api(method, path string, in any) map[string]any {
	s.t.Helper()
	var body []byte
	kind := ""
	if in != nil {
		var err error
		body, err = json.Marshal(in)
		require.NoError(s.t, err)
		kind = "application/json"
	}
	status, text := s.ask(method, "/api/v1"+path, s.token, kind, body)
	require.Less(s.t, status, 300, "%s %s: %s", method, path, text)
	var out map[string]any
	if text != "" {
		require.NoError(s.t, json.Unmarshal([]byte(text), &out), text)
	}
	return out
}

func id(v any) string { return fmt.Sprintf("%.0f", v) }

// plans sets one plan up through the API, as an administrator would by script.
func (s *story) plans() {
	s.t.Helper()
	base := fmt.Sprintf("/towns/%d", s.town)
	srv := s.api("POST", base+"/servers", map[string]any{"name": "戸籍正", "role": "戸籍サーバ（正）"})
	place := s.api("POST", base+"/stores", map[string]any{"name": "専用領域", "root": s.store})
	plan := s.api("POST", base+"/plans", map[string]any{"server_id": srv["id"], "store_id": place["id"], "name": "夜間バックアップ",
		"cron": "0 2 * * *", "pattern": "koseki-{YYYY}{MM}{DD}.txt", "required_level": 4})
	s.plan = base + "/plans/" + id(plan["id"])
	_, path, ok := strings.Cut(s.api("GET", s.plan, nil)["ping_url"].(string), "/ping/")
	require.True(s.t, ok)
	s.ping = "/ping/" + path
	s.until(20, 18, 1)
}

// backup writes tonight's file and checks in over HTTP.
func (s *story) backup(content string) {
	s.t.Helper()
	s.backupAs("koseki", content)
}

// backupAs is backup of a plan whose files begin so.
func (s *story) backupAs(name, content string) {
	s.t.Helper()
	now := s.Clock.Now()
	name = filepath.Join(s.store, name+"-"+now.In(s.zone).Format("20060102")+".txt")
	require.NoError(s.t, os.WriteFile(name, []byte(content), 0o600))
	require.NoError(s.t, os.Chtimes(name, now, now))
	sum := sha256.Sum256([]byte(content))
	said, err := json.Marshal(map[string]any{"bytes": len(content), "sha256": hex.EncodeToString(sum[:])})
	require.NoError(s.t, err)
	status, text := s.ask("POST", s.ping, "", "application/json", said)
	require.Equal(s.t, "200 OK", fmt.Sprint(status, " ", text))
}

// cell is the one cell of the board of a night.
func (s *story) cell(night string) map[string]any {
	s.t.Helper()
	board := s.api("GET", "/board?night="+night, nil)
	if cells := board["cells"].([]any); len(cells) > 0 {
		return cells[0].(map[string]any)
	}
	s.t.Fatalf("no cell in the night of %s: %v", night, board)
	return nil
}

func (s *story) mails() []demo.Mail {
	s.t.Helper()
	list, err := s.box.List(1000)
	require.NoError(s.t, err)
	return list
}

func TestLastNightFromCheckInToBoard(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.plans()
	s.until(21, 2, 0)
	status, text := s.ask("GET", s.ping+"/start", "", "", nil)
	require.Equal(t, "200 OK", fmt.Sprint(status, " ", text))
	s.until(21, 2, 1)
	require.Empty(t, s.cell("2026-11-20")["verdict"])
	s.Clock.Set(s.at(21, 2, 41))
	s.backup(strings.Repeat("令和8年の戸籍\n", 1000))
	s.until(21, 2, 42)
	c := s.cell("2026-11-20")
	require.Equal(t, "met", c["verdict"], "%v", c)
	require.Empty(t, s.mails())

	runs := s.api("GET", s.plan+"/runs", nil)["items"].([]any)
	require.Len(t, runs, 1)
	require.EqualValues(t, 4, runs[0].(map[string]any)["level"])
	require.EqualValues(t, (41 * time.Minute).Milliseconds(), runs[0].(map[string]any)["duration_ms"])

	done := s.api("POST", "/board/2026-11-20/confirmations", map[string]any{})
	require.EqualValues(t, 1, done["count"], "%v", done)
	require.NotEmpty(t, s.cell("2026-11-20")["confirmed_at"])
}

// From a deadline that passes to an answered mail: the link shows on GET however often, answers on POST once, and when
// what was promised does not come the ladder goes on; the next good backup ends it and tells those who were told.
func TestSilenceIsAnsweredThroughTheMailsLink(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.plans()
	s.until(21, 4, 0)
	require.Equal(t, "missed", s.cell("2026-11-20")["verdict"])
	require.Len(t, s.mails(), 1)
	require.Contains(t, s.mails()[0].To, "kakari@town.mukawa.example")
	s.until(21, 4, 15)
	require.Len(t, s.mails(), 2)

	link := regexp.MustCompile(`http://console\.example(/a/\S+)`).FindStringSubmatch(s.mails()[0].Text)
	require.NotNil(t, link, s.mails()[0].Text)
	for range 3 { // a mail scanner opens every link
		status, page := s.ask("GET", link[1], "", "", nil)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, page, "むかわ町")
	}
	require.Equal(t, "open", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))
	form := "promise=" + "業者に確認中" + "&until=2026-11-21T10:00"
	status, page := s.ask("POST", link[1], "", "application/x-www-form-urlencoded", []byte(form))
	require.Less(t, status, 400, page)
	require.Equal(t, "acknowledged", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))
	_, _ = s.ask("POST", link[1], "", "application/x-www-form-urlencoded", []byte(form))
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM acknowledgement`), "a link answers once")

	s.until(21, 9, 59)
	require.Len(t, s.mails(), 2, "an answer holds the ladder")
	s.until(21, 10, 0)
	require.Greater(t, len(s.mails()), 2, "and its end lets it go on")
	s.Clock.Set(s.at(21, 11, 30))
	s.backup("取り直した控え")
	s.until(21, 11, 31)
	require.Equal(t, "resolved", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))
	require.Contains(t, s.mails()[0].Subject, "復旧")
	require.NotEmpty(t, s.cell("2026-11-20")["recovered_at"])
}

func TestAForgedLinkIsNotFound(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, token := range []string{"x", "MS5ydW5nOjE", strings.Repeat("A", 5000), "..%2f..%2fetc"} {
		status, _ := s.ask("GET", "/a/"+token, "", "", nil)
		require.Equal(t, http.StatusNotFound, status, token)
	}
}

// While the database is away every door says so and when to come back; once it is back nobody has to do anything.
func TestADatabaseThatWasAwayComesBackByItself(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.plans()
	name := tenantstest.Value[string](s.Bench, `SELECT current_database()`)
	owner, err := s.Owner.Acquire(t.Context())
	require.NoError(t, err)
	defer owner.Release()
	// The owner's own connection stays, or nobody could open the door again.
	_, err = owner.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %q CONNECTION LIMIT 0`, name))
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'tanamori_app'`)
	require.NoError(t, err)

	status, text := s.ask("GET", s.ping, "", "", nil)
	require.Equal(t, http.StatusServiceUnavailable, status, text)
	status, text = s.ask("GET", "/api/v1/me", s.token, "", nil)
	require.Equal(t, http.StatusServiceUnavailable, status, text)
	require.Contains(t, text, `"status":503`)
	status, _ = s.ask("GET", "/readyz", "", "", nil)
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = s.ask("GET", "/healthz", "", "", nil)
	require.Equal(t, http.StatusOK, status, "the process itself is well")

	_, err = owner.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %q CONNECTION LIMIT -1`, name))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		status, text := s.ask("GET", s.ping, "", "", nil)
		return status == http.StatusOK && text == "OK"
	}, 10*time.Second, 50*time.Millisecond)
	s.api("GET", "/me", nil)
}
