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
	"tanamori/tenants/custody"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/observance"
	"tanamori/tenants/people"
	"tanamori/tenants/server"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
	"tanamori/tenants/town"
)

// place is one town with one of everything, by id.
type place struct {
	town, server, contact, ladder, store, plan, run, incident, rung, note int64
	credential                                                            int64 // the host's, in every place of a consortium
	duty, occurrence                                                      int64 // of the night that was missed, the newest
	signIn                                                                int64
	office, officePost, machine, token, post, coming                      int64
	uuid                                                                  uuid.UUID
	admin                                                                 tenants.Actor // who may do everything in it
	building, area, rack, thing                                           int64         // likewise
	label                                                                 string        // on the rack
	keyed                                                                               // likewise
	room, empty, inside, unpermitted, listed, badge, worn, visitor        int64         // likewise
	visits                                                                [3]int64
}

// console is the pages over a database of their own: two consortia, ours and a foreign one, each a host and a town with
// a good night and then one without a backup, whose incident has been told.
type console struct {
	*tenantstest.Bench
	t         testing.TB
	echo      *echo.Echo
	at        string // address of the server
	host      place
	mukawa    place
	foreign   place
	passwords map[string]string // by login
	people    map[string]int64
	secret    []byte
	zone      *time.Location
	made      int // how many things of a name or place of their own were asked for
}

var job = tenants.Job("test")

// rulesText is what everybody must accept from next April on: nobody is kept from work by it yet.
var rulesText = observance.Input{Title: "戸籍データ等利用者の遵守事項", Body: "個別パスワードを他人に知らせないこと。", FromOn: calendar.MustDate(2027, 4, 1)}

// logins are one of each post, and one more of the town to whom things may be done.
var logins = []struct {
	login string
	post  tenants.Post
}{{"admin", tenants.HostAdmin}, {"operator", tenants.Operator}, {"facility", tenants.Facility}, {"auditor", tenants.Auditor}, {"mukawa", tenants.Town}, {"mihon", tenants.Town}}

func newConsole(t testing.TB) *console {
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
	for _, admin := range []tenants.Actor{c.host.admin, c.foreign.admin} {
		c.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := observance.Publish(ctx, tx, rulesText)
			return err
		})
	}
	c.nights()
	c.signUps()
	c.seal(&c.host, &c.mukawa)
	c.seal(&c.foreign)
	c.build(&c.host, &c.mukawa)
	c.build(&c.foreign)
	c.hang(&c.host, &c.mukawa)
	c.hang(&c.foreign)
	c.visitRooms(&c.host, &c.mukawa)
	c.visitRooms(&c.foreign)
	c.job(func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 1000); return err })
	c.serve()
	return c
}

func (c *console) furnish(p *place) {
	c.t.Helper()
	dir := c.t.TempDir()
	file, at := filepath.Join(dir, "koseki-20261120.txt"), time.Date(2026, 11, 20, 2, 15, 0, 0, c.zone) // of that night, whatever today is
	require.NoError(c.t, os.WriteFile(file, []byte(strings.Repeat("見本", 4000)), 0o600))
	require.NoError(c.t, os.Chtimes(file, at, at))
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
		c.SQL(`INSERT INTO volume (tenant_id, kind, number, month, fiscal_year, columns, after_id, last_id, row_count, sha256, previous, digest, bound_at)
			SELECT $1, 'checkin', 1, '2026-10-01', 2026, '{id,at}', 0, 0, 0, repeat('e', 64), repeat('0', 64), repeat('d', 64), $2`, p.town, c.Clock.Now())
		p.run = tenantstest.Value[int64](c.Bench, `SELECT id FROM run WHERE tenant_id = $1 ORDER BY id LIMIT 1`, p.town)
		p.occurrence = tenantstest.Value[int64](c.Bench, `SELECT id FROM occurrence WHERE tenant_id = $1 AND verdict = 'missed'`, p.town)
		p.incident = tenantstest.Value[int64](c.Bench, `SELECT id FROM incident WHERE tenant_id = $1`, p.town)
		p.rung = tenantstest.Value[int64](c.Bench, `SELECT id FROM rung WHERE tenant_id = $1 AND state = 'fired' ORDER BY position LIMIT 1`, p.town)
		p.note = tenantstest.Value[int64](c.Bench, `INSERT INTO incident_event (tenant_id, incident_id, at, kind, by_text, detail)
			VALUES ($1, $2, $3, 'noted', '見本', '{"text": "回線を確認中"}') RETURNING id`, p.town, p.incident, c.Clock.Now())
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
			p, password, err := people.Add(ctx, tx, of, people.Input{Login: l.login, Name: "見本 " + l.login, Keep: true, Posts: []people.PostInput{{Kind: l.post, Title: title,
				FromOn: calendar.MustDate(2026, 4, 1)}}})
			c.passwords[l.login], c.people[l.login] = password, p.ID
			return err
		})
	}
	stranger := c.Person(c.foreign.town, tenants.Town)
	for p, person := range map[*place]int64{&c.host: c.people["operator"], &c.mukawa: c.people["mihon"], &c.foreign: stranger.PersonID} {
		p.signIn = tenantstest.Value[int64](c.Bench, `INSERT INTO sign_in (tenant_id, person_id, way, began_at, seen_at, confirmed_at, remote, agent, off_hours)
			VALUES ($1, $2, 'password', $3, $3, $3, '192.0.2.7', 'a browser', true) RETURNING id`, p.town, person, c.Clock.Now())
	}
	for _, p := range []*place{&c.host, &c.mukawa, &c.foreign} {
		c.appoint(p)
	}
	err := c.Ground.Do(context.Background(), tenants.Gate("test", ""), func(ctx context.Context, tx *tenants.Tx) (err error) {
		c.secret, err = notice.Secret(ctx, tx)
		return err
	})
	require.NoError(c.t, err)
}

// appoint gives a place an office with a post, a machine with a token, and somebody with a post that is to come.
func (c *console) appoint(p *place) {
	c.t.Helper()
	c.Do(p.admin, func(ctx context.Context, tx *tenants.Tx) error {
		o, err := people.AddOffice(ctx, tx, p.town, "町民生活課長")
		if err != nil {
			return err
		}
		if o, err = people.AddOfficePost(ctx, tx, p.town, o.ID, people.OfficePostInput{Kind: tenants.Town}); err != nil {
			return err
		}
		p.office, p.officePost = o.ID, o.Posts[0].ID
		m, err := people.AddMachine(ctx, tx, p.town, people.MachineInput{Name: "監視サーバ", Post: people.PostInput{Kind: tenants.Town, FromOn: calendar.MustDate(2026, 4, 1)}})
		if err != nil {
			return err
		}
		t, _, err := people.CreateMachineToken(ctx, tx, p.town, m.ID, people.TokenInput{Name: "監視", Expires: tx.Now.AddDate(0, 0, 30)})
		if err != nil {
			return err
		}
		p.machine, p.token, p.post = m.ID, t.ID, m.Posts[0].ID
		m, err = people.AddPost(ctx, tx, p.town, m.ID, people.PostInput{Kind: tenants.Town, Title: "予備", FromOn: calendar.MustDate(2026, 12, 1)})
		p.coming = m.Posts[1].ID
		return err
	})
}

// seal takes a password of the host into custody.
func (c *console) seal(places ...*place) {
	c.t.Helper()
	admin := places[0].admin
	witness := tenantstest.Value[int64](c.Bench, `INSERT INTO person (tenant_id, login, name, password_hash, created_at) VALUES ($1, $2, '見本 立会', '', $3) RETURNING id`,
		admin.TenantID, fmt.Sprintf("witness%d", admin.TenantID), c.Clock.Now())
	c.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) VALUES ($1, $2, 'operator', '操作者', '2026-04-01')`, admin.TenantID, witness)
	c.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		made, err := custody.Add(ctx, tx, custody.Input{Kind: custody.Startup, Name: fmt.Sprintf("戸籍サーバ%d", admin.TenantID), AppliesTo: "起動画面", RotateMonths: 12, OpenDays: 7},
			custody.EventInput{Witness: witness, Envelope: "K-001", Place: "本庁舎 金庫"})
		if err != nil {
			return err
		}
		for _, p := range places {
			p.credential = made.ID
		}
		return nil
	})
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
