package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/api/gate"
	"tanamori/database"
	"tanamori/frontend"
	"tanamori/jobs/demo/scale"
	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// country is the doors over a large installation, with one of its sessions.
type country struct {
	doors   *echo.Echo
	cookies map[string][]*http.Cookie // by login
	path    *strings.Replacer         // fills in the town that keeps every night, and things of it
}

// things are what a path may name, each by a statement that finds one.
var things = []struct{ param, find string }{
	{":office", `SELECT coalesce(max(id), 0) FROM office WHERE tenant_id = $1`}, {":server", `SELECT min(id) FROM server WHERE tenant_id = $1`}, {":contact", `SELECT min(id) FROM contact WHERE tenant_id = $1`},
	{":ladder", `SELECT min(id) FROM ladder WHERE tenant_id = $1`}, {":store", `SELECT min(id) FROM store WHERE tenant_id = $1`},
	{":plan", `SELECT min(id) FROM plan WHERE tenant_id = $1`}, {":incident", `SELECT coalesce(max(id), 0) FROM incident WHERE tenant_id = $1`},
	{":duty", `SELECT min(id) FROM duty WHERE tenant_id = $1`}, {":checkin", `SELECT max(id) FROM checkin WHERE tenant_id = $1`},
	{":person", `SELECT min(id) FROM person WHERE tenant_id = $1`},
	{":run", `SELECT max(id) FROM run WHERE tenant_id = $1`}, {":occurrence", `SELECT max(id) FROM occurrence WHERE tenant_id = $1 AND verdict IS NOT NULL`},

	{":custody", `SELECT coalesce(min(id), 0) FROM credential WHERE $1::bigint > 0`},
	{":note", `SELECT coalesce(max(id), 0) FROM incident_event WHERE tenant_id = $1 AND kind = 'noted'`},
}

// openCountry puts the doors on a database that scale.Load filled; ask gives one number of the database's owner.
func openCountry(t testing.TB, h *database.Handle, ground *tenants.Ground, passwords map[string]string, ask func(query string, args ...any) int64) *country {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	g, err := gate.New(gate.Config{Ground: ground, Pool: h.Pool, Log: log, BaseURL: "http://console.example"})
	require.NoError(t, err)
	t.Cleanup(g.Close)
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	c := &country{doors: gate.Server(g), cookies: map[string][]*http.Cookie{}}
	require.NoError(t, api.Mount(c.doors, g, api.Config{Version: "test", BaseURL: "http://console.example", Pool: h.Pool}))
	require.NoError(t, frontend.Mount(c.doors, g, frontend.Config{BaseURL: "http://console.example", Zone: zone, MailReady: true}))
	for login, password := range passwords {
		form := url.Values{"login": {login}, "password": {password}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		c.doors.ServeHTTP(w, r)
		require.Equal(t, http.StatusSeeOther, w.Code, w.Body.String())
		c.cookies[login] = w.Result().Cookies()
	}
	town := ask(`SELECT tenant_id FROM person WHERE login = 'town'`)
	pairs := []string{":town", strconv.FormatInt(town, 10)}
	for _, one := range slices.Concat(things, roomThings) {
		pairs = append(pairs, one.param, strconv.FormatInt(ask(one.find, town), 10))
	}
	c.path = strings.NewReplacer(pairs...)
	return c
}

func (c *country) get(t testing.TB, login, path string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, c.path.Replace(path), nil)
	for _, cookie := range c.cookies[login] {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.doors.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, "%s as %s: %s", path, login, w.Body.String())
	return w.Body.String()
}

// someCountry is one of so many towns with two servers each and ten nights.
func someCountry(t *testing.T, towns, nights int) (*country, *tenantstest.Bench, scale.Loaded) {
	t.Helper()
	b := tenantstest.New(t)
	made, err := scale.Load(t.Context(), scale.Options{Handle: b.Handle, Consortia: 1, Towns: towns, Servers: 2, Nights: nights, WholeTowns: towns, Rows: 1,
		Now: time.Date(2026, 11, 21, 7, 31, 0, 0, time.FixedZone("JST", 9*3600)), Out: t.Output()})
	require.NoError(t, err)
	b.Clock.Set(time.Date(2026, 11, 20, 22, 31, 0, 0, time.UTC))
	// An incident for the paths that name one, whether or not the dice made any.
	b.SQL(`INSERT INTO incident (tenant_id, cause, about, about_id, subject, night, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
		SELECT tenant_id, 'test', 'duty', id, subject, '2026-11-20', 'critical', 'duty.missed', '{}', 'open', '2026-11-20 20:00Z', 30 FROM duty WHERE tenant_id = $1
		ORDER BY id LIMIT 1`, made.TownID)
	b.SQL(`INSERT INTO incident_event (tenant_id, incident_id, at, kind, by_text, detail) SELECT tenant_id, max(id), '2026-11-20 21:00Z', 'noted', '見本', '{"text": "回線を確認中"}'
		FROM incident WHERE tenant_id = $1 GROUP BY tenant_id`, made.TownID)
	b.SQL(`INSERT INTO observance (tenant_id, document, version, title, body, sha256, from_on, recorded_at, by_text)
		SELECT id, 1, 1, '遵守事項', '見本', repeat('0', 64), '2027-04-01', '2026-11-20 20:00Z', '見本' FROM tenant`)
	host := tenantstest.Value[int64](b, `SELECT tenant_id FROM person WHERE login = 'admin'`)
	b.SQL(`INSERT INTO person (tenant_id, login, name, password_hash, created_at) VALUES ($1, 'witness', '見本', '', '2026-11-20Z')`, host)
	b.SQL(`INSERT INTO credential (tenant_id, kind, name, applies_to, rotate_months, open_days, envelope, place, set_at, set_by, due_on, created_at)
		VALUES ($1, 'startup', '見本', '見本', 12, 7, 'K-1', '金庫', '2026-11-20Z', '見本', '2027-11-19', '2026-11-20Z')`, host)
	b.SQL(`INSERT INTO credential_event (tenant_id, credential_id, kind, occurred_at, recorded_at, by_id, by_text, witness_id, witness_text, recorded_by, envelope, place)
		SELECT $1, c.id, 'set', '2026-11-20Z', '2026-11-20Z', p.id, '見本', w.id, '見本', '見本', 'K-1', '金庫' FROM credential c, person p, person w
		WHERE p.login = 'admin' AND w.login = 'witness'`, host)
	b.SQL(`INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html, message_id, state,
			queued_at, sent_at)
		VALUES ($1, 'test', 'opened', 'incident', (SELECT max(id) FROM incident WHERE tenant_id = $1), 'mail', '戸籍係長', '見本 次郎', 'x@town.example', '障害', '', '',
			'<x@y.example>', 'sent', '2026-11-20 20:00Z', '2026-11-20 20:00Z')`, made.TownID)
	b.SQL(`INSERT INTO office (tenant_id, name, created_at) VALUES ($1, '町民生活課長', '2026-04-01 00:00Z')`, made.TownID)
	furnish(t, b, host, towns)
	b.Do(tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 1000); return err })
	c := openCountry(t, b.Handle, b.Ground, map[string]string{"admin": made.Admin, "town": made.Town},
		func(query string, args ...any) int64 { return tenantstest.Value[int64](b, query, args...) })
	return c, b, made
}

// statements is how many SQL statements rooms send for each page that is shown and each list that is given, the one that
// says who asks and the two of the page's frame included; the one that asks for rules to be accepted first is not. The number is a decision: one that grows with the towns, the servers or the
// nights is a query a row. Parameters after the colon stand for things of one town.
var statements = map[string]int{
	"/board":                                  14,
	"/board/live":                             14,
	"/incidents":                              7,
	"/incidents?state=all":                    7,
	"/towns/:town/incidents/:incident":        14,
	"/towns/:town/incidents/:incident/live":   14,
	"/towns":                                  10,
	"/towns/:town":                            13,
	"/towns/:town/book":                       11,
	"/towns/:town/plans/:plan":                16,
	"/towns/:town/plans/:plan/excuse":         7,
	"/outbox":                                 8,
	"/log":                                    7,
	"/settings":                               4,
	"/settings/towns":                         7,
	"/settings/towns/new":                     4,
	"/settings/towns/:town":                   5,
	"/settings/towns/:town/days":              6,
	"/settings/towns/:town/servers":           7,
	"/settings/towns/:town/servers/new":       5,
	"/settings/towns/:town/servers/:server":   6,
	"/settings/towns/:town/contacts":          7,
	"/settings/towns/:town/contacts/new":      5,
	"/settings/towns/:town/contacts/:contact": 6,
	"/settings/towns/:town/ladders/:ladder":   6,
	"/settings/towns/:town/stores":            7,
	"/settings/towns/:town/stores/new":        5,
	"/settings/towns/:town/stores/:store":     6,
	"/settings/towns/:town/plans":             7,
	"/settings/towns/:town/plans/new":         9,
	"/settings/towns/:town/plans/:plan":       10,
	"/settings/people":                        10,
	"/settings/people/new":                    5,
	"/settings/password":                      4,
	"/settings/retention":                     8,
	"/settings/retention/log":                 6,
	"/settings/towns/:town/volumes":           7,
	"/api/v1/retention":                       4,
	"/api/v1/towns/:town/volumes":             3,
	"/settings/tokens":                        6,
	"/api/v1/me":                              2,
	"/api/v1/consortium":                      3,
	"/api/v1/me/tokens":                       3,
	"/api/v1/board":                           4,
	"/api/v1/board?limit=5":                   6,
	"/api/v1/towns/:town/duties/:duty":        3,
	"/api/v1/towns/:town/occurrences?from=2026-11-01&to=2026-11-30": 4,
	"/api/v1/towns/:town/occurrences/:occurrence":                   5,
	"/api/v1/incidents":                                          4,
	"/api/v1/towns/:town/incidents/:incident":                    9,
	"/api/v1/notices":                                            4,
	"/api/v1/towns/:town/plans":                                  3,
	"/api/v1/towns/:town/plans/:plan":                            3,
	"/api/v1/towns/:town/plans/:plan/checkins":                   4,
	"/api/v1/towns/:town/checkins/:checkin":                      3,
	"/api/v1/towns/:town/plans/:plan/runs":                       5,
	"/api/v1/towns/:town/runs/:run":                              4,
	"/api/v1/towns/:town/stores":                                 3,
	"/api/v1/towns/:town/stores/:store":                          3,
	"/api/v1/towns":                                              3,
	"/api/v1/towns/:town":                                        3,
	"/api/v1/towns/:town/calendar?from=2026-11-01&to=2026-11-30": 3,
	"/api/v1/towns/:town/local-days":                             3,
	"/api/v1/towns/:town/ladders":                                3,
	"/api/v1/towns/:town/contacts":                               3,
	"/api/v1/towns/:town/contacts/:contact":                      3,
	"/api/v1/servers?q=%E6%88%B8":                                3,
	"/api/v1/towns/:town/servers":                                3,
	"/api/v1/towns/:town/servers/:server":                        3,
	"/api/v1/people":                                             4,
	"/api/v1/towns/:town/people/:person":                         4,
	"/api/v1/towns/:town/people/:person/tokens":                  5,
	"/api/v1/watch":                                              7,
	"/api/v1/operation-log":                                      3,
	"/corrections":                                               8, "/towns/:town/corrections/incident_event/:note": 7, "/api/v1/corrections": 3, "/api/v1/correction-counts": 3, "/api/v1/correctable-ledgers": 2, "/api/v1/towns/:town/records/incident_event/:note": 4,
	"/proposals": 6, "/settings/towns/:town/second-person": 6, "/api/v1/proposals": 3, "/api/v1/towns/:town/second-person": 3,
	"/settings/factors": 6, "/settings/sessions": 5, "/settings/uses": 6, "/settings/sign-in": 7,
	"/api/v1/me/sign-ins": 3, "/api/v1/me/factors": 4, "/api/v1/sign-ins": 3, "/api/v1/towns/:town/sign-in-policy": 3,
	"/log/reviews":                                       11,
	"/api/v1/operation-log/reviews":                      5,
	"/api/v1/operation-log/review-state":                 6,
	"/towns/:town/register":                              7,
	"/settings/people/import":                            5,
	"/settings/people/machines/new":                      5,
	"/settings/people/:town/:person":                     10,
	"/settings/people/:town/:person/posts/new":           7,
	"/settings/offices":                                  8,
	"/settings/offices/:town/:office":                    10,
	"/settings/towns/:town/ping-key":                     5,
	"/api/v1/towns/:town/people/:person/appointments":    6,
	"/api/v1/towns/:town/appointments":                   4,
	"/api/v1/ending-posts":                               5,
	"/api/v1/towns/:town/offices":                        5,
	"/api/v1/towns/:town/offices/:office":                5,
	"/settings/custody":                                  7,
	"/settings/custody/new":                              6,
	"/settings/custody/management":                       5,
	"/settings/people/procedures":                        6,
	"/settings/people/:town/:person/procedures/password": 7,
	"/api/v1/people/procedures":                          3,
	"/api/v1/management-password":                        3,
	"/settings/custody/:custody":                         8,
	"/settings/custody/:custody/terms":                   9,
	"/settings/custody/:custody/opening":                 9,
	"/api/v1/custody":                                    3,
	"/api/v1/custody/:custody":                           5,
	"/observances":                                       6,
	"/settings/observances":                              7,
	"/settings/observances/new":                          4,
	"/settings/observances/1/1":                          10,
	"/api/v1/me/observances":                             2,
	"/api/v1/observances":                                4,
	"/api/v1/observances/1/versions/1":                   4,
	"/api/v1/observances/1/versions/1/people":            5,

	"/api/v1/towns/:town/evidence": 6,
	"/api/v1/towns/:town/morning":  4, "/settings/towns/:town/morning": 7,
	"/api/v1/towns/:town/evidence/checkpoints": 3,

	"/towns/:town/evidence": 11,
}

// apart are routes whose answer is not made of rows, each with the reason.
var notCounted = map[string]string{
	"/": "leads on", "/signin": "leads on whoever is signed in", "/signin/sso": "leads to the provider", "/signin/sso/done": "leads on", "/keys/book/export": "a file", "/rooms/:id/export": "a file", "/api/v1/key-loans/export": "a file", "/api/v1/rooms/:room_id/entries/export": "a file", "/lang": "leads on", "/at": "leads on", "/at/:code": "leads on", "/api/v1/labels/:code": "one row by its key", "/events": "stays open", "/session": "a script asks it, and no page is made", "/a/:token": "is for the holder of a mail's link",
	"/demo/mailbox": "shows files", "/assets/*": "files", "/healthz": "no database", "/readyz": "not an act", "/metrics": "not an act",
	"/towns/:town/evidence/checkpoint": "a file", "/towns/:town/evidence/records": "a file", "/api/v1/towns/:town_id/evidence/records": "a file",
	"/api/v1/towns/:town_id/evidence/proofs/:series/:id": "one row by its key, and the hashes of its path",
	"/log/export": "a file", "/api/v1/operation-log/export": "a file", "/api/v1/openapi.json": "a constant", "/towns/:town/volumes/:kind/:number": "a file",
	"/api/v1/towns/:town_id/volumes/:kind/:number/records": "a file", "/api/v1/towns/:town_id/volumes/:kind/:number": "one row by its key",
}

func TestNoPageAsksMoreOftenWhereThereIsMore(t *testing.T) {
	t.Parallel()
	few, fewBench, _ := someCountry(t, 2, 3)
	many, manyBench, _ := someCountry(t, 40, 12)
	maps.Copy(statements, roomStatements)
	got, growing := map[string]int{}, map[string]string{}
	for path := range statements {
		measure := func(c *country, b *tenantstest.Bench) []string {
			c.get(t, "admin", path) // a flash or a first look costs what it costs
			said := b.Statements(func() { c.get(t, "admin", path) })
			own := slices.DeleteFunc(slices.Clone(said), func(s string) bool { return strings.Contains(s, "FROM today d JOIN observance") })
			require.LessOrEqual(t, len(said)-len(own), 1, "%s asks once whether there are rules to accept first", path)
			return own
		}
		a, b := measure(few, fewBench), measure(many, manyBench)
		if got[path] = len(a); len(b) != len(a) {
			growing[path] = strings.Join(b, "\n")
		}
	}
	require.Empty(t, growing, "more for forty towns than for two")
	require.Equal(t, statements, got)
	named := map[string]bool{}
	for path := range statements {
		route, _, _ := strings.Cut(path, "?")
		for _, one := range slices.Concat(things, roomThings) {
			route = strings.ReplaceAll(route, one.param, ":id")
		}
		route = strings.ReplaceAll(route, "/retention/log", "/retention/:series")
		route = strings.NewReplacer("/observances/1/versions/1", "/observances/:document/versions/:version", "/observances/1/1", "/observances/:document/:version",
			"/procedures/password", "/procedures/:procedure", "/custody/:id/opening", "/custody/:id/:act", "/corrections/incident_event/", "/corrections/:ledger/", "/records/incident_event/", "/records/:ledger/").Replace(route)
		route = roomRoutes.Replace(route)
		named[strings.ReplaceAll(route, "/api/v1/towns/:town", "/api/v1/towns/:town_id")] = true
	}
	for _, r := range few.doors.Routes() {
		_, apart := notCounted[r.Path]
		if r.Method == http.MethodGet && !apart && !strings.HasPrefix(r.Path, "/ping") {
			require.True(t, named[r.Path], "%s has no number of statements", r.Path)
		}
	}
}

// A board of more towns than a page takes shows the same figures as one that is read whole, and every town once.
func TestTheLongBoardLosesNoTownAndNoFigure(t *testing.T) {
	t.Parallel()
	c, b, made := someCountry(t, 95, 2)
	page, seen := c.get(t, "admin", "/board"), 0
	require.Contains(t, page, "<b>95</b>団体")
	require.Contains(t, page, "<b>190</b>台")
	b.SQL(`UPDATE duty_state SET verdict = 'missed', reason_code = 'duty.missed' WHERE (tenant_id, duty_id) IN
		(SELECT tenant_id, duty_id FROM duty_state WHERE verdict = 'met' ORDER BY tenant_id DESC LIMIT 3)`)
	bad := tenantstest.Value[int64](b, `SELECT count(*) FROM duty_state WHERE verdict IN ('failed', 'missed') AND recovered_at IS NULL`)
	towns := map[string]bool{}
	for next := "/board"; next != ""; {
		page = c.get(t, "admin", next)
		require.Contains(t, page, "<b>"+strconv.FormatInt(bad, 10)+"</b>要対応")
		for _, part := range strings.Split(page, `<th scope="row"><a href="/towns/`)[1:] {
			towns[strings.SplitN(part, `"`, 2)[0]] = true
			seen++
		}
		_, rest, more := strings.Cut(page, `次の団体`)
		next = ""
		if more {
			before := page[:len(page)-len(rest)]
			next, _, _ = strings.Cut(before[strings.LastIndex(before, `href="`)+len(`href="`):], `"`)
			next = strings.ReplaceAll(next, "&amp;", "&")
		}
	}
	require.Equal(t, 95, seen)
	require.Len(t, towns, 95)
	needs := c.get(t, "admin", "/board?needs=1")
	require.EqualValues(t, tenantstest.Value[int64](b, `SELECT count(DISTINCT tenant_id) FROM duty_state WHERE verdict IN ('failed', 'missed') AND recovered_at IS NULL`),
		strings.Count(needs, `<th scope="row"><a href="/towns/`), "the filter looks at all towns")
	require.Contains(t, c.get(t, "admin", "/board?town=見本町0095"), "見本町0095")
	require.Contains(t, c.get(t, "admin", "/board?town=あるはずがない"), "該当する団体はありません")
	older := c.get(t, "admin", "/board?night="+made.Night.AddDays(-1).String())
	require.Contains(t, older, "<b>190</b>台")
	require.Contains(t, older, "<b>0</b>要対応", "all of it has been made good since")

	// The button confirms the night and not the page, at the same number of statements.
	var whole struct{ Count int }
	answer := c.send(t, "/api/v1/board/"+made.Night.String()+"/confirmations")
	require.NoError(t, json.Unmarshal([]byte(answer), &whole))
	require.EqualValues(t, tenantstest.Value[int64](b, `SELECT count(*) FROM duty_state WHERE confirmed_at IS NOT NULL`), whole.Count)
	require.Greater(t, whole.Count, 150)
	require.EqualValues(t, 95, tenantstest.Value[int64](b, `SELECT count(DISTINCT tenant_id) FROM operation_log WHERE at = $1 AND act = 'duty.confirm'`, b.Clock.Now()))
}

func (c *country) send(t testing.TB, path string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
	for _, cookie := range c.cookies["admin"] {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.doors.ServeHTTP(w, r)
	require.Less(t, w.Code, 300, w.Body.String())
	return w.Body.String()
}
