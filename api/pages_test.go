package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
)

// crowd adds n more of everything that a list gives.
func (w *world) crowd(n int) {
	w.t.Helper()
	p, now := w.home, w.Clock.Now()
	w.SQL(`INSERT INTO run (tenant_id, plan_id, night, reported, outcome, level, recorded_at)
		SELECT $1, $2, '2026-11-01', 'ok', 'good', 5, $3 FROM generate_series(1, $4)`, p.Town, p.Plan, now, n)
	w.SQL(`INSERT INTO verification (tenant_id, run_id, examination, level, outcome, reason_code, reason_params, at, took_ms)
		SELECT tenant_id, id, 1, 0, 'passed', 'backup.read', '{}', recorded_at, 1 FROM run WHERE tenant_id = $1 AND night = '2026-11-01'`, p.Town)
	w.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body)
		SELECT $1, $2, $3, 'log', 'POST', '', '', '', '' FROM generate_series(1, $4)`, p.Town, p.Source, now, n)
	w.SQL(`INSERT INTO incident (tenant_id, cause, about, about_id, subject, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
		SELECT $1, 'more:' || i, 'plan', $2, '戸籍正', 'warning', 'duty.missed', '{}', 'open', $3, 30 FROM generate_series(1, $4) i`, p.Town, p.Plan, now, n)
	w.SQL(`INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html, message_id, state, queued_at, next_at)
		SELECT $1, 'more:' || i, 'opened', 'incident', $2, 'mail', '', '', 'a@example.jp', '', '', '', 'more:' || i, 'queued', $3::timestamptz, $3::timestamptz
		FROM generate_series(1, $4) i`, p.Town, p.Incident, now, n)
	w.SQL(`INSERT INTO person (tenant_id, login, name, password_hash, created_at) SELECT $1, 'more' || i, '見本', '', $2 FROM generate_series(1, $3) i`, p.Town, now, n)
	w.SQL(`INSERT INTO sign_in (tenant_id, person_id, way, began_at, seen_at, confirmed_at, remote, agent, off_hours)
		SELECT $1, $2, 'password', $3, $3, $3, '192.0.2.7', 'a browser', false FROM generate_series(1, $4)`, p.Town, p.Person, now, n)
	w.SQL(`INSERT INTO proposal (tenant_id, acts, towns, lines, method, uri, content_type, body, by_tenant, by_person, by_text, at)
		SELECT tenant_id, acts, towns, lines, method, uri || '?' || i, content_type, body, by_tenant, by_person, by_text, at FROM proposal, generate_series(1, $2) i WHERE id = $1`, p.Proposal, n)
	w.SQL(`INSERT INTO correction (tenant_id, ledger, row_id, n, about, was, becomes, reason, by_id, by_text, at, recorded_at)
		SELECT tenant_id, ledger, row_id, n + i, about, was, becomes, reason, by_id, by_text, at, recorded_at FROM correction, generate_series(1, $2) i WHERE tenant_id = $1`, p.Town, n)
	w.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) SELECT tenant_id, id, 'town', '主事', '2026-04-01' FROM person WHERE tenant_id = $1 AND login LIKE 'more%'`, p.Town)
	w.SQL(`INSERT INTO contact (tenant_id, position, post, name, mail, created_at)
		SELECT $1, 10 + i, '係長', '見本 三郎', 'saburo@town.example.jp', $2 FROM generate_series(1, $3) i`, p.Town, now, n)
	w.SQL(`INSERT INTO server (tenant_id, position, name, role, search, created_at) SELECT $1, 10 + i, '機' || i, '戸籍', '戸籍', $2 FROM generate_series(1, $3) i`, p.Town, now, n)
	w.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote)
		SELECT $1, $2, '', '', 'server.write', 'server', '', '' FROM generate_series(1, $3)`, p.Town, now, n)
	w.SQL(`INSERT INTO log_review (tenant_id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures)
		SELECT tenant_id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures FROM log_review, generate_series(1, $1) i`, n)
	w.SQL(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT t.consortium_id, '9' || lpad(i::text, 5, '0'), 'member', '見本', '', 'Asia/Tokyo', '2020-04-01', '', lpad(i::text, 22, '0'), $2
		FROM tenant t, generate_series(1, $3) i WHERE t.id = $1`, p.Town, now, n)
}

// more volumes of the kind that the sample lists.
func (w *world) volumes(n int) {
	w.SQL(`INSERT INTO volume (tenant_id, kind, number, month, fiscal_year, columns, after_id, last_id, row_count, sha256, previous, digest, bound_at)
		SELECT tenant_id, kind, number + i, month, fiscal_year, columns, last_id, last_id, 0, sha256, digest, digest, bound_at
		FROM volume, generate_series(1, $2) i WHERE tenant_id = $1 AND number = 1`, w.home.Town, n)
}

// checkpoints are more of them, a row under each.
func (w *world) checkpoints(n int) {
	for range n {
		w.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote) VALUES ($1, $2, '', '', 'server.write', 'server', '', '')`, w.home.Town, w.Clock.Now())
		w.gather()
	}
}

// Reading page by page gives everything once and in the order of reading it at one go.
func TestPagesTileTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(7)
	w.volumes(7)
	w.checkpoints(7)
	w.applied(7)
	paged := 0
	for _, o := range api.Operations() {
		if o.Method != http.MethodGet || !strings.HasPrefix(o.ID, "list-") {
			continue
		}
		path := samples[o.ID].path(w.home)
		if strings.Contains(path, "/notices") {
			path = strings.Replace(path, "unsent", "queued", 1)
		}
		by := "?"
		if strings.Contains(path, "?") {
			by = "&"
		}
		if o.ID == "list-operation-log" { // the first look at it is a line of it
			w.as(tenants.HostAdmin, http.MethodGet, path, nil)
		}
		whole := w.as(tenants.HostAdmin, http.MethodGet, path, nil).json()
		require.Contains(t, whole, "next", o.ID)
		require.Nil(t, whole["next"], "%s: all on one page", o.ID)
		first := w.as(tenants.HostAdmin, http.MethodGet, path+by+"limit=3", nil)
		if first.Code == http.StatusUnprocessableEntity {
			continue // a list that is short by its nature takes no limit
		}
		paged++
		var pieces []any
		page, pages := first.json(), 0
		for {
			items := page["items"].([]any)
			require.LessOrEqual(t, len(items), 3)
			pieces = append(pieces, items...)
			pages++
			next, more := page["next"].(string)
			if !more {
				break
			}
			require.NotEmpty(t, items)
			require.Less(t, pages, 20, o.ID)
			page = w.as(tenants.HostAdmin, http.MethodGet, path+by+"limit=3&cursor="+next, nil).json()
		}
		require.Greater(t, pages, 2, o.ID)
		require.Equal(t, whole["items"], pieces, o.ID)
	}
	require.Equal(t, 16, paged, "procedures, visits, incidents, corrections, notices, checkins, runs, towns, people, sign-ins, proposals, who accepted, volumes, checkpoints, the operation log and its reviews")

	next := w.as(tenants.HostAdmin, http.MethodGet, "/towns?limit=3", nil).json()["next"].(string)
	w.as(tenants.Town, http.MethodGet, "/towns?limit=3&cursor="+next, nil).problem(http.StatusConflict)
	urgent := w.as(tenants.HostAdmin, http.MethodGet, "/incidents?state=unresolved&limit=3", nil).json()
	require.Len(t, urgent["items"], 3)
	require.Nil(t, urgent["next"], "the order of urgency has no pages")
}

// However many rows there are, a read asks the database equally often.
func TestQueriesDoNotGrowWithTheRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	count := func() map[string]int {
		asked := map[string]int{}
		for _, o := range api.Operations() {
			if o.Method == http.MethodGet {
				path := samples[o.ID].path(w.home)
				asked[o.ID] = w.QueryCount(func() {
					require.Equal(t, http.StatusOK, w.as(tenants.HostAdmin, http.MethodGet, path, nil).Code, o.ID)
				})
			}
		}
		return asked
	}
	count() // the token's first use is written down
	before := count()
	w.crowd(12)
	require.Equal(t, before, count())
	for id, n := range before {
		most := 10
		if id == "export-evidence" {
			most = 40 // a statement a ledger, for each 256 rows
		}
		require.LessOrEqual(t, n, most, id)
	}
}
