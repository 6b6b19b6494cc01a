package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/api/gate"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/custody"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/incident"
	"tanamori/tenants/observance"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
	"tanamori/tenants/town"
	"tanamori/tenants/volume"
)

// world is a consortium of a host and one member with everything in it that the API knows of, and a stranger's
// consortium with the same. Everybody has a bearer token that the rooms made.
type world struct {
	second map[string]string // headers of a second person who is there
	*tenantstest.Bench
	t       testing.TB
	server  *echo.Echo
	gate    *gate.Gate
	people  map[tenants.Post]tenants.Actor
	tokens  map[tenants.Post]string
	home    place // of the member town
	host    place
	foreign place // of the stranger's member town
}

// place is the ids of one town's things.
type place struct {
	Town, Server, Contact, Spare, Store, Annex, Plan, Duty, Source, Run, Checkin, Ladder int64
	Judged, Pending                                                                      int64 // occurrences
	Incident, Rung, Note                                                                 int64
	Person, Post, Token, SignIn, Proposal                                                int64
	Future, Office, OfficePost, Machine                                                  int64
	Credential, Unsealed, Witness                                                        int64 // the host's, in every place of a consortium
	Building, EmptyBuilding, Area, EmptyArea, Rack, EmptyRack, Thing                     int64 // likewise
	Label                                                                                string
	Room, Inside, Unpermitted, Listed, Visit, Visitor, Badge, Worn                       int64 // likewise
	Day                                                                                  string
	Night                                                                                string
	PlanBody, ServerBody                                                                 map[string]any
	keyed
}

// corrected is what the note of each place was corrected to.
const corrected = "回線を確認しました"

const baseURL = "http://tanamori.example"

func newWorld(t testing.TB) *world {
	t.Helper()
	b := tenantstest.New(t)
	w := &world{Bench: b, t: t, people: map[tenants.Post]tenants.Actor{}, tokens: map[tenants.Post]string{}}
	strangerHost := b.Host("見本町", "010006")
	stranger := b.Town("見本村", "010014")
	foreignAdmin := b.Person(strangerHost, tenants.HostAdmin)
	b.Consortium()
	host := b.Host("蘭越町", "013943")
	member := b.Town("むかわ町", "015865")
	for _, post := range []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor} {
		w.people[post] = b.Person(host, post)
	}
	w.people[tenants.Town] = b.Person(member, tenants.Town)
	for post, who := range w.people {
		w.tokens[post] = w.token(who)
		w.signedIn(who.TenantID, who.PersonID)
	}
	for _, admin := range []tenants.Actor{foreignAdmin, w.people[tenants.HostAdmin]} {
		w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := observance.Publish(ctx, tx, rules)
			return err
		})
	}
	w.foreign = w.furnish(foreignAdmin, stranger)
	w.home = w.furnish(w.people[tenants.HostAdmin], member)
	w.host = w.furnish(w.people[tenants.HostAdmin], host)
	w.seal(foreignAdmin, b.Person(strangerHost, tenants.Operator), &w.foreign)
	w.seal(w.people[tenants.HostAdmin], w.people[tenants.Operator], &w.home, &w.host)
	w.build(foreignAdmin, &w.foreign)
	w.build(w.people[tenants.HostAdmin], &w.home, &w.host)
	w.foreign.keyed = w.hang(foreignAdmin, b.Person(strangerHost, tenants.Operator))
	w.home.keyed = w.hang(w.people[tenants.HostAdmin], w.people[tenants.Operator])
	w.host.keyed = w.home.keyed
	w.visitRooms(foreignAdmin, b.Person(strangerHost, tenants.Facility), &w.foreign)
	w.visitRooms(w.people[tenants.HostAdmin], b.Person(host, tenants.Facility), &w.home, &w.host)
	w.gather()

	// A day of the log that is over, and a review of it.
	w.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote) VALUES ($1, '2026-11-20 01:00Z', '棚守', 'pipeline', 'pipeline.run', 'round', '', '')`, host)
	w.SQL(`INSERT INTO log_review (tenant_id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures)
		VALUES ($1, $2, '2026-11-20', '2026-11-20', $3, '監査担当 見本', 'auditor', 1, 0, false, '', '')`, host, b.Clock.Now(), w.people[tenants.Auditor].PersonID)

	w.open()
	return w
}

// open puts the door on the world: a node that has just started.
func (w *world) open() {
	w.t.Helper()
	g, err := gate.New(gate.Config{Ground: w.Ground, Pool: w.Handle.Pool, Log: slog.New(slog.DiscardHandler), BaseURL: baseURL})
	require.NoError(w.t, err)
	w.t.Cleanup(g.Close)
	w.gate, w.server = g, gate.Server(g)
	require.NoError(w.t, api.Mount(w.server, g, api.Config{Version: "test", BaseURL: baseURL + "/", Pool: w.Handle.Pool}))
}

// gather takes everything into the logs of evidence, as the job does.
func (w *world) gather() {
	w.t.Helper()
	w.Do(tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 1000); return err })
}

// token is a bearer token of the person's own, made by the room.
func (w *world) token(who tenants.Actor) string {
	w.t.Helper()
	var plain string
	w.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, plain, err = people.CreateToken(ctx, tx, people.TokenInput{Name: "見本", Expires: tx.Now.AddDate(0, 1, 0)})
		return err
	})
	return plain
}

// furnish gives a town one of everything.
func (w *world) furnish(admin tenants.Actor, id int64) place {
	w.t.Helper()
	p := place{Town: id, Server: w.Server(id, "戸籍正"), Contact: w.Contact(id, "住民福祉課長", "見本 花子", "hanako@town.example.jp"),
		Spare: w.Contact(id, "総務課長", "見本 一郎", "ichiro@town.example.jp"), Ladder: w.Ladder(id), Day: "2026-12-28", Night: "2026-11-19"}
	dates, err := calendar.Parse("2026-12-25")
	require.NoError(w.t, err)
	var plan backup.Plan
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		if err := town.SetLocalDay(ctx, tx, id, town.LocalDay{Day: dates, Name: "役場臨時閉庁"}); err != nil {
			return err
		}
		store, err := backup.AddStore(ctx, tx, id, backup.StoreInput{Name: "本庁NAS", Root: "/srv/koseki"})
		if err != nil {
			return err
		}
		p.Store = store.ID
		in := backup.Defaults("Asia/Tokyo")
		in.ServerID, in.StoreID, in.Pattern, in.LadderID, in.Policy = p.Server, p.Store, "koseki.dump", p.Ladder, schedule.EveryDay
		plan, err = backup.AddPlan(ctx, tx, id, in)
		return err
	})
	// Past the room, which would take its time over a password that nobody needs here.
	p.Person = tenantstest.Value[int64](w.Bench, `INSERT INTO person (tenant_id, login, name, password_hash, created_at)
		VALUES ($1, $2, '見本 桜子', '', $3) RETURNING id`, id, "mihon-t"+itoa(id), w.Clock.Now())
	p.Post = tenantstest.Value[int64](w.Bench, `INSERT INTO post (tenant_id, person_id, kind, title, from_on)
		VALUES ($1, $2, 'town', '主事', '2026-04-01') RETURNING id`, id, p.Person)
	p.Machine = tenantstest.Value[int64](w.Bench, `INSERT INTO person (tenant_id, login, name, machine, password_hash, created_at)
		VALUES ($1, $2, '監視サーバ', true, '', $3) RETURNING id`, id, "machine-t"+itoa(id), w.Clock.Now())
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		until := calendar.MustDate(2026, 12, 10)
		person, err := people.AddPost(ctx, tx, id, p.Person, people.PostInput{Kind: tenants.Town, Title: "応援", FromOn: calendar.MustDate(2026, 12, 1), UntilOn: &until})
		if err != nil {
			return err
		}
		p.Future = person.Posts[1].ID
		office, err := people.AddOffice(ctx, tx, id, "住民課長")
		if err != nil {
			return err
		}
		office, err = people.AddOfficePost(ctx, tx, id, office.ID, people.OfficePostInput{Kind: tenants.Town})
		p.Office, p.OfficePost = office.ID, office.Posts[0].ID
		return err
	})
	p.Plan, p.Duty, p.Source = plan.ID, *plan.DutyID, *plan.SourceID
	p.Annex = tenantstest.Value[int64](w.Bench, `INSERT INTO store (tenant_id, name, kind, root, created_at) VALUES ($1, '別棟NAS', 'dir', '/srv/old', $2) RETURNING id`, id, w.Clock.Now())
	p.Token = tenantstest.Value[int64](w.Bench, `INSERT INTO api_token (tenant_id, person_id, name, prefix, hash, created_at, expires_at)
		VALUES ($1, $2, '見本', 'tnm_abcd', sha256(gen_random_uuid()::text::bytea), $3::timestamptz, $3::timestamptz + interval '1 day') RETURNING id`, id, p.Person, w.Clock.Now())
	p.SignIn = w.signedIn(id, p.Person)
	p.Proposal = tenantstest.Value[int64](w.Bench, `INSERT INTO proposal (tenant_id, acts, towns, lines, method, uri, content_type, body, by_tenant, by_person, by_text, at)
		VALUES ($1::bigint, '{contact.write}', ARRAY[$1::bigint], jsonb_build_array(jsonb_build_object('town', $1::bigint, 'act', 'contact.write', 'object', 'contact')), 'PUT',
			'/api/v1/towns/' || $1::bigint || '/contacts/' || $2::bigint, 'application/json', '{"post": "総務課長", "name": "見本 二郎", "mail": "jiro@town.example.jp"}', $1::bigint, $3, '主事 見本 桜子', $4)
		RETURNING id`, id, p.Contact, p.Person, w.Clock.Now())
	due := func(night string, verdict any) int64 {
		return tenantstest.Value[int64](w.Bench, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at,
				verdict, reason_code, reason_params, judged_at)
			SELECT $1, $2, s, $3::date, s - interval '2 hours', s, s + interval '90 minutes', s + interval '2 hours',
				CASE WHEN $4::text IS NULL THEN s + interval '2 hours' END, $4,
				CASE WHEN $4::text IS NOT NULL THEN 'duty.missed' END, CASE WHEN $4::text IS NOT NULL THEN '{"due": "3:30"}'::jsonb END,
				CASE WHEN $4::text IS NOT NULL THEN s + interval '2 hours' END
			FROM (SELECT ($3::date + 1 + time '02:00') AT TIME ZONE 'Asia/Tokyo' AS s) x RETURNING id`, id, p.Duty, night, verdict)
	}
	p.Judged, p.Pending = due(p.Night, "missed"), due("2026-11-22", nil)
	w.SQL(`INSERT INTO duty_state (tenant_id, duty_id, occurrence_id, scheduled_at, due_at, night, verdict, reason_code, reason_params, changed_at)
		SELECT tenant_id, duty_id, id, scheduled_at, due_at, night, verdict, reason_code, reason_params, judged_at FROM occurrence WHERE id = $1`, p.Judged)
	p.Run = tenantstest.Value[int64](w.Bench, `INSERT INTO run (tenant_id, plan_id, occurrence_id, night, reported, outcome, level, reason_code, reason_params, recorded_at)
		VALUES ($1, $2, $3, $4::text::date, 'ok', 'good', 5, 'backup.reported', '{"at": "2:10"}', $5) RETURNING id`, id, p.Plan, p.Judged, p.Night, w.Clock.Now())
	w.SQL(`INSERT INTO verification (tenant_id, run_id, examination, level, outcome, reason_code, reason_params, at, took_ms)
		SELECT $1, $2, 1, l, 'passed', 'backup.read', '{}', $3, 12 FROM generate_series(0, 5) l`, id, p.Run, w.Clock.Now())
	p.Checkin = tenantstest.Value[int64](w.Bench, `INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body)
		VALUES ($1, $2, $3, 'success', 'POST', '192.0.2.7', 'curl', 'text/plain', 'bytes=12') RETURNING id`, id, p.Source, w.Clock.Now())
	w.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
		opened, err := incident.OpenMany(ctx, tx, []incident.OpenInput{{Town: id, Cause: "duty:" + itoa(p.Duty), About: "plan", AboutID: p.Plan,
			Subject: "戸籍正 夜間バックアップ", Severity: incident.Critical, LadderID: p.Ladder,
			Reason: tenants.Reason{Code: "duty.missed", Params: tenants.Params{"due": "3:30"}}}})
		if err != nil {
			return err
		}
		p.Incident = opened[0].ID
		_, err = incident.Escalate(ctx, tx, 100)
		return err
	})
	p.Rung = tenantstest.Value[int64](w.Bench, `SELECT id FROM rung WHERE tenant_id = $1 AND incident_id = $2 AND state = 'fired'`, id, p.Incident)
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: id, Incident: p.Incident, Text: "回線を確認中"})
	})
	p.Note = tenantstest.Value[int64](w.Bench, `SELECT id FROM incident_event WHERE tenant_id = $1 AND kind = 'noted'`, id)
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := correction.Correct(ctx, tx, correction.Input{Town: id, Ledger: "incident_event", Row: p.Note, Reason: "書き誤り",
			Changes: []correction.Change{{Field: "text", Was: "回線を確認中", Becomes: corrected}}})
		return err
	})
	w.bound(id)
	for n := range 7 {
		w.SQL(`INSERT INTO password_event (tenant_id, at, kind, person_id, person, reason, by_text, how, second_text) VALUES ($1, $2, 'issued', $3, '見本', '登録', '管理者 見本', 'alone', '')`,
			p.Town, w.Clock.Now().Add(-time.Duration(n)*time.Hour), p.Person)
	}
	p.PlanBody = map[string]any{"server_id": p.Server, "store_id": p.Store, "pattern": "koseki.dump"}
	p.ServerBody = map[string]any{"name": "附票", "role": "附票", "rack_place": "ラック3 U12"}
	return p
}

// signedIn is a session of the person's that is open.
func (w *world) signedIn(town, person int64) int64 {
	w.t.Helper()
	return tenantstest.Value[int64](w.Bench, `INSERT INTO sign_in (tenant_id, person_id, way, began_at, seen_at, confirmed_at, remote, agent, off_hours)
		VALUES ($1, $2, 'password', $3, $3, $3, '192.0.2.7', 'a browser', false) RETURNING id`, town, person, w.Clock.Now())
}

// seal takes a host's passwords into custody: one whose envelope is sealed, and one whose is open.
func (w *world) seal(admin, witness tenants.Actor, places ...*place) {
	w.t.Helper()
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		first := custody.EventInput{Witness: witness.PersonID, Envelope: "K-001", Place: "金庫"}
		in := custody.Input{Kind: custody.Startup, Name: "戸籍サーバ", AppliesTo: "起動画面", RotateMonths: 12, OpenDays: 7}
		sealed, err := custody.Add(ctx, tx, in, first)
		if err != nil {
			return err
		}
		in.Kind = custody.Other
		open, err := custody.Add(ctx, tx, in, first)
		if err != nil {
			return err
		}
		for _, p := range places {
			p.Credential, p.Unsealed, p.Witness = sealed.ID, open.ID, witness.PersonID
		}
		_, err = custody.Record(ctx, tx, open.ID, custody.EventInput{Kind: custody.Opened, Witness: witness.PersonID, Reason: "点検のため"})
		return err
	})
}

// bound is a month of no check-ins, as the job leaves it.
func (w *world) bound(id int64) {
	w.t.Helper()
	month := calendar.MustDate(2026, 10, 1)
	c := volume.Colophon{Town: tenantstest.Value[string](w.Bench, `SELECT code FROM tenant WHERE id = $1`, id), Kind: "checkin", Number: 1, Month: "2026-10",
		Columns: []string{"id", "at"}, SHA256: volume.NewRows(nil).SHA256(), Previous: volume.First, BoundAt: w.Clock.Now()}
	w.SQL(`INSERT INTO volume (tenant_id, kind, number, month, fiscal_year, columns, after_id, last_id, row_count, sha256, previous, digest, bound_at)
		VALUES ($1, $2, 1, $3, 2026, $4, 0, 0, 0, $5, $6, $7, $8)`, id, c.Kind, month.UTCMidnight(), c.Columns, c.SHA256, c.Previous, c.Sum(), c.BoundAt)
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

// call is one request. Token empty: nobody is signed in.
type call struct {
	Method, Path string
	Token        string
	Body         any // marshalled; a []byte is sent as it is
	Header       map[string]string
}

type reply struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (w *world) send(c call) reply {
	w.t.Helper()
	var sent []byte
	switch b := c.Body.(type) {
	case nil:
	case []byte:
		sent = b
	default:
		var err error
		sent, err = json.Marshal(b)
		require.NoError(w.t, err)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), c.Method, c.Path, bytes.NewReader(sent))
	if len(sent) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for k, v := range c.Header {
		r.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	return reply{rec, w.t}
}

// as sends a request below /api/v1 with the token of whoever holds the post.
func (w *world) as(post tenants.Post, method, path string, body any) reply {
	w.t.Helper()
	return w.send(call{Method: method, Path: api.Prefix + path, Token: w.tokens[post], Body: body, Header: w.second})
}

// together lets every request of as bring the facility manager along, who proves who they are.
func (w *world) together() {
	w.t.Helper()
	w.second = w.basic(w.people[tenants.Facility])
}

// basic is what a person sends who is beside the caller, with a password of their own.
func (w *world) basic(who tenants.Actor) map[string]string {
	w.t.Helper()
	w.setPassword(who, "wrong horse battery")
	login := tenantstest.Value[string](w.Bench, `SELECT login FROM person WHERE id = $1`, who.PersonID)
	return map[string]string{"Second-Person": "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":wrong horse battery"))}
}

func (r reply) json() map[string]any {
	r.t.Helper()
	var v map[string]any
	require.NoError(r.t, json.Unmarshal(r.Body.Bytes(), &v), r.Body.String())
	return v
}

// problem checks that the answer is a problem of this status as RFC 9457 has it.
func (r reply) problem(status int) api.Problem {
	r.t.Helper()
	require.Equal(r.t, status, r.Code, r.Body.String())
	require.Equal(r.t, "application/problem+json", r.Header().Get("Content-Type"), r.Body.String())
	var p api.Problem
	require.NoError(r.t, json.Unmarshal(r.Body.Bytes(), &p), r.Body.String())
	require.Equal(r.t, "about:blank", p.Type)
	require.Equal(r.t, http.StatusText(status), p.Title)
	require.Equal(r.t, status, p.Status)
	require.NotEmpty(r.t, p.Detail)
	require.NotEmpty(r.t, p.Instance)
	require.Equal(r.t, r.Header().Get("X-Request-Id"), p.Instance)
	return p
}

func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ownToken is the id of a token of the person's own.
func (w *world) ownToken(post tenants.Post) int64 {
	w.t.Helper()
	return tenantstest.Value[int64](w.Bench, `SELECT id FROM api_token WHERE person_id = $1`, w.people[post].PersonID)
}

// setPassword gives the person a password that they have not chosen.
func (w *world) setPassword(who tenants.Actor, password string) {
	w.t.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	require.NoError(w.t, err)
	w.SQL(`UPDATE person SET password_hash = $1 WHERE id = $2`, hash, who.PersonID)
}
