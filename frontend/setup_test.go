package frontend_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/frontend"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
	"tanamori/tenants/contact"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/people"
	"tanamori/tenants/server"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

// place is one town with one of everything, by id.
type place struct {
	town, server, contact, ladder, store, plan, run, incident, rung int64
	duty, occurrence                                                int64 // of the night that was missed, the newest
	uuid                                                            uuid.UUID
	admin                                                           tenants.Actor // who may do everything in it
}

// console is the pages over a database of their own: two consortia, ours and a foreign one, each a host and a town with
// a good night and then one without a backup, whose incident has been told.
type console struct {
	*tenantstest.Bench
	t         *testing.T
	echo      *echo.Echo
	at        string // address of the server
	host      place
	mukawa    place
	foreign   place
	passwords map[string]string // by login
	people    map[string]int64
	secret    []byte
	zone      *time.Location
}

var job = tenants.Job("test")

// logins are one of each post, and one more of the town to whom things may be done.
var logins = []struct {
	login string
	post  tenants.Post
}{{"admin", tenants.HostAdmin}, {"operator", tenants.Operator}, {"facility", tenants.Facility}, {"auditor", tenants.Auditor}, {"mukawa", tenants.Town}, {"mihon", tenants.Town}}

func newConsole(t *testing.T) *console {
	t.Helper()
	c := &console{Bench: tenantstest.New(t), t: t, passwords: map[string]string{}, people: map[string]int64{}}
	var err error
	c.zone, err = time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	c.Clock.Set(time.Date(2026, 11, 19, 18, 0, 0, 0, c.zone))
	ours := c.Consortium()
	c.host.town, c.mukawa.town = c.Host("蘭越町", "013943"), c.Town("むかわ町", "015865")
	c.host.admin = c.Person(c.host.town, tenants.HostAdmin)
	c.mukawa.admin = c.host.admin
	require.NotZero(t, ours)
	c.Consortium()
	away := c.Host("見本町", "010014")
	c.foreign.town = c.Town("別海町", "016918")
	c.foreign.admin = c.Person(away, tenants.HostAdmin)
	for _, p := range []*place{&c.host, &c.mukawa, &c.foreign} {
		c.furnish(p)
	}
	c.nights()
	c.signUps()
	c.serve()
	return c
}

func (c *console) furnish(p *place) {
	c.t.Helper()
	dir := c.t.TempDir()
	require.NoError(c.t, os.WriteFile(filepath.Join(dir, "koseki-20261120.txt"), []byte(strings.Repeat("見本", 4000)), 0o600))
	c.Do(p.admin, func(ctx context.Context, tx *tenants.Tx) error {
		s, err := server.Add(ctx, tx, p.town, server.Input{Name: "戸籍正", Role: "戸籍正", RackPlace: "ラック3 U12"})
		if err != nil {
			return err
		}
		x, err := contact.Add(ctx, tx, p.town, contact.Input{Post: "住民係長", Name: "見本 次郎", Mail: fmt.Sprintf("kakari%d@town.example", p.town), Phone: "0136-57-0001"})
		if err != nil {
			return err
		}
		if _, err := contact.Add(ctx, tx, p.town, contact.Input{Post: "町民課長", Name: "見本 花子", Mail: fmt.Sprintf("kacho%d@town.example", p.town), Phone: "0136-57-0002"}); err != nil {
			return err
		}
		st, err := backup.AddStore(ctx, tx, p.town, backup.StoreInput{Name: "NAS", Root: dir})
		if err != nil {
			return err
		}
		in := backup.Defaults("Asia/Tokyo")
		in.ServerID, in.StoreID, in.Pattern, in.RequiredLevel = s.ID, st.ID, "koseki-{YYYY}{MM}{DD}.txt", backup.V4
		if in.LadderID, err = town.DefaultLadder(ctx, tx, p.town); err != nil {
			return err
		}
		plan, err := backup.AddPlan(ctx, tx, p.town, in)
		if err != nil {
			return err
		}
		seen, err := backup.GetPlan(ctx, tx, p.town, plan.ID)
		p.server, p.contact, p.ladder, p.store, p.plan, p.duty, p.uuid = s.ID, x.ID, in.LadderID, st.ID, plan.ID, *plan.DutyID, uuid.MustParse(seen.UUID)
		return err
	})
}

// nights lets one good night and one without a backup go by: what the jobs do, by hand.
func (c *console) nights() {
	c.t.Helper()
	c.plan()
	intake := checkin.NewIntake(c.Handle.Pool, c.Clock.Now, slog.New(slog.DiscardHandler), checkin.IntakeConfig{})
	defer func() { require.NoError(c.t, intake.Stop(context.Background())) }()
	c.Clock.Set(time.Date(2026, 11, 20, 2, 20, 0, 0, c.zone))
	for _, p := range []place{c.host, c.mukawa, c.foreign} {
		for _, kind := range []checkin.Kind{checkin.Start, checkin.Success} {
			found, err := intake.Accept(context.Background(), checkin.In{UUID: p.uuid, Kind: kind, Method: "POST", Remote: "192.0.2.7"})
			require.NoError(c.t, err)
			require.True(c.t, found)
			c.Clock.Advance(2 * time.Minute)
		}
	}
	c.job(func(ctx context.Context, tx *tenants.Tx) error { _, err := backup.TakeIn(ctx, tx, 100); return err })
	c.examine()
	c.judge()
	c.Clock.Set(time.Date(2026, 11, 21, 4, 30, 0, 0, c.zone))
	c.judge()
	c.job(func(ctx context.Context, tx *tenants.Tx) error { _, err := incident.Escalate(ctx, tx, 100); return err })
	c.Clock.Set(time.Date(2026, 11, 21, 7, 30, 0, 0, c.zone))
	for _, p := range []*place{&c.host, &c.mukawa, &c.foreign} {
		p.run = tenantstest.Value[int64](c.Bench, `SELECT id FROM run WHERE tenant_id = $1 ORDER BY id LIMIT 1`, p.town)
		p.occurrence = tenantstest.Value[int64](c.Bench, `SELECT id FROM occurrence WHERE tenant_id = $1 AND verdict = 'missed'`, p.town)
		p.incident = tenantstest.Value[int64](c.Bench, `SELECT id FROM incident WHERE tenant_id = $1`, p.town)
		p.rung = tenantstest.Value[int64](c.Bench, `SELECT id FROM rung WHERE tenant_id = $1 AND state = 'fired' ORDER BY position LIMIT 1`, p.town)
	}
}

func (c *console) job(fn func(ctx context.Context, tx *tenants.Tx) error) {
	c.t.Helper()
	c.Do(job, fn)
}

func (c *console) plan() {
	c.t.Helper()
	c.job(func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.PlanAhead(ctx, tx, 100); return err })
}

func (c *console) judge() {
	c.t.Helper()
	c.job(func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.JudgeDue(ctx, tx, 100); return err })
}

// examine does what the verifier does with every run that waits.
func (c *console) examine() {
	c.t.Helper()
	var cases []backup.Case
	c.job(func(ctx context.Context, tx *tenants.Tx) (err error) {
		cases, err = backup.ClaimToVerify(ctx, tx, 100, time.Hour)
		return err
	})
	for _, one := range cases {
		f := backup.Examine(context.Background(), one, c.Clock.Now)
		c.job(func(ctx context.Context, tx *tenants.Tx) error { return backup.Settle(ctx, tx, one, f) })
	}
}

// signUps makes one person of each post who can sign in.
func (c *console) signUps() {
	c.t.Helper()
	for _, l := range logins {
		of := c.host.town
		if l.post == tenants.Town {
			of = c.mukawa.town
		}
		title, _ := tenants.PostLabel(l.post)
		c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
			p, password, err := people.Add(ctx, tx, of, people.Input{Login: l.login, Name: "見本 " + l.login, Posts: []people.PostInput{{Kind: l.post, Title: title,
				FromOn: calendar.MustDate(2026, 4, 1)}}})
			c.passwords[l.login], c.people[l.login] = password, p.ID
			return err
		})
	}
	err := c.Ground.Do(context.Background(), tenants.Gate("test", ""), func(ctx context.Context, tx *tenants.Tx) (err error) {
		c.secret, err = notice.Secret(ctx, tx)
		return err
	})
	require.NoError(c.t, err)
}

func (c *console) serve() {
	c.t.Helper()
	log := slog.New(slog.DiscardHandler)
	bell := tenants.NewBell(c.Handle.Pool, log)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); bell.Run(ctx) }()
	g, err := gate.New(gate.Config{Ground: c.Ground, Pool: c.Handle.Pool, Log: log, BaseURL: "http://console.example"})
	require.NoError(c.t, err)
	c.echo = gate.Server(g)
	mails := func(int) ([]frontend.MailboxMail, error) {
		return []frontend.MailboxMail{{ID: "1", From: "a@b.example", To: "住民係長 <c@d.example>", Subject: "件名", At: c.Clock.Now(),
			Text: "開いてください。\nhttp://console.example/a/" + c.link(c.mukawa) + "\n"}}, nil
	}
	require.NoError(c.t, frontend.Mount(c.echo, g, frontend.Config{Bell: bell, BaseURL: "http://console.example", Zone: c.zone, MailReady: false, Mailbox: mails}))
	s := httptest.NewServer(c.echo)
	c.at = s.URL
	c.t.Cleanup(func() { s.CloseClientConnections(); s.Close(); g.Close(); stop(); <-done })
}

// link is the last part of the link that was mailed for a place's incident.
func (c *console) link(p place) string {
	return notice.Token(c.secret, p.town, incident.LinkFor(p.rung))
}

// browser is somebody at the console, signed in or not.
type browser struct {
	c      *console
	client *http.Client
	header http.Header
}

// answer is what came back.
type answer struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (c *console) stranger() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(c.t, err)
	return &browser{c: c, header: http.Header{}, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (c *console) as(login string) *browser {
	c.t.Helper()
	b := c.stranger()
	got := b.post("/signin", url.Values{"login": {login}, "password": {c.passwords[login]}})
	require.Equal(c.t, http.StatusSeeOther, got.status, got.body)
	return b
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.c.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.c.t.Context(), method, b.c.at+path, body)
	require.NoError(b.c.t, err)
	for k, v := range b.header {
		req.Header[k] = v
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(req)
	require.NoError(b.c.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b.c.t, err)
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(text), resp.Header}
}

func (b *browser) get(path string) answer {
	b.c.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

func (b *browser) post(path string, form url.Values) answer {
	b.c.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.do(http.MethodPost, path, form)
}
