package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/watch"
)

func (w *world) round(job string, failure error) {
	w.t.Helper()
	w.Do(tenants.Job(job), func(ctx context.Context, tx *tenants.Tx) error {
		return duty.RoundEnded(ctx, tx, job, tx.Now, 1, failure)
	})
}

func (w *world) ready() (int, map[string]any) {
	w.t.Helper()
	got := w.send(call{Method: http.MethodGet, Path: "/readyz"})
	return got.Code, got.json()
}

// A node without a key that something is locked under cannot do its work, and says so; the key may come while it runs.
func TestANodeWithoutTheKeyIsNotReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.round("judge", nil)
	status, said := w.ready()
	require.Equal(t, http.StatusOK, status, said)
	require.Equal(t, "ok", said["keys"])
	w.SQL(`INSERT INTO vault_key (key_id, since) VALUES ('0123456789abcdef', now())`)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "missing", said["keys"])
	require.Equal(t, "ok", said["database"])
	w.SQL(`DELETE FROM vault_key WHERE key_id = '0123456789abcdef'`)
	status, _ = w.ready()
	require.Equal(t, http.StatusOK, status)
}

// What the audit finds is for people: taking every node out of service would help nobody. That it stands still is not.
func TestWhatTheAuditFindsDoesNotMakeANodeUnready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.round("judge", nil)
	w.round("audit", nil)
	late := tenants.Breach{TenantID: w.home.Town, Kind: duty.KindUnjudged, Count: 3, Since: tenantstest.Start.Add(-time.Hour)}
	for range 2 {
		w.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := watch.Note(ctx, tx, watch.Findings{Breaches: []tenants.Breach{late}})
			return err
		})
		w.Clock.Advance(time.Minute)
	}
	status, said := w.ready()
	require.Equal(t, http.StatusOK, status, said)
	require.Equal(t, at(tenantstest.Start), said["audit"])

	text := w.send(call{Method: http.MethodGet, Path: "/metrics"}).Body.String()
	for _, line := range []string{`tanamori_audit_ok_age_seconds 120`, `tanamori_audit_breaches{kind="duty.unjudged"} 3`, `tanamori_audit_mended 0`} {
		require.Contains(t, text, line)
	}
	audit := func(post tenants.Post) map[string]any {
		got := w.as(post, http.MethodGet, "/watch", nil)
		require.Equal(t, http.StatusOK, got.Code)
		return got.json()["audit"].(map[string]any)
	}
	for _, post := range []tenants.Post{tenants.HostAdmin, tenants.Town} {
		seen := audit(post)
		require.Equal(t, false, seen["fine"])
		breach := seen["breaches"].([]any)[0].(map[string]any)
		require.Equal(t, "duty.unjudged", breach["kind"])
		require.EqualValues(t, 3, breach["count"])
		require.Contains(t, breach["reason"].(map[string]any)["text_ja"], "3件が、判定されていません（21:30 UTCから）")
		require.Nil(t, seen["heartbeat"])
	}
	incidents := w.as(tenants.HostAdmin, http.MethodGet, "/incidents?state=open&town_id="+itoa(w.host.Town), nil).json()["items"].([]any)
	require.Equal(t, "watch:audit", incidents[0].(map[string]any)["cause"])
	require.Equal(t, "watch", incidents[0].(map[string]any)["about"])
	require.Nil(t, incidents[0].(map[string]any)["night"])

	w.Clock.Advance(2 * time.Minute)
	w.round("judge", nil)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []any{"audit"}, said["stale"])
	require.Equal(t, false, audit(tenants.HostAdmin)["fine"])
	w.round("audit", errors.New("password=hunter2"))
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status, "an audit that cannot look is none")
	require.Equal(t, at(tenantstest.Start), said["audit"])
}

func TestReadyMeansDatabaseSchemaAndJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, said := w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status, "no job has looked yet")
	require.Equal(t, "unknown", said["jobs"])

	w.round("judge", nil)
	w.round("plan", nil)
	status, said = w.ready()
	require.Equal(t, http.StatusOK, status, said)
	require.Equal(t, map[string]any{"ready": true, "database": "ok", "migrations": "ok", "jobs": "ok", "keys": "ok", "looked": at(tenantstest.Start)}, said)

	w.Clock.Advance(3*time.Minute + time.Second)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []any{"judge"}, said["stale"], "the planner looks every ten minutes")
	w.round("judge", errors.New("password=hunter2"))
	got := w.send(call{Method: http.MethodGet, Path: "/readyz"})
	require.Equal(t, http.StatusServiceUnavailable, got.Code, "a round that failed is no look")
	require.NotContains(t, got.Body.String(), "hunter2")
	require.NotEmpty(t, got.Header().Get("Retry-After"))

	w.round("judge", nil)
	newest := tenantstest.Value[int64](w.Bench, `SELECT max(version_id) FROM goose_db_version`)
	w.SQL(`DELETE FROM goose_db_version WHERE version_id = $1`, newest)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "behind", said["migrations"])
	w.SQL(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, newest+1)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "ahead", said["migrations"])
}

func TestMetricsSayWhatIsMeasured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.round("judge", nil)
	w.Clock.Advance(42 * time.Second)
	require.Equal(t, http.StatusOK, w.as(tenants.HostAdmin, http.MethodGet, "/towns/"+itoa(w.home.Town), nil).Code)
	w.as(tenants.HostAdmin, http.MethodGet, "/towns/999999", nil).problem(http.StatusNotFound)
	w.as(tenants.HostAdmin, http.MethodGet, "/nothing/"+secretish, nil).problem(http.StatusNotFound)
	w.send(call{Method: "BREW", Path: "/api/v1/towns"})
	got := w.send(call{Method: http.MethodGet, Path: "/metrics"})
	require.Equal(t, http.StatusOK, got.Code)
	text := got.Body.String()
	for _, line := range []string{
		`tanamori_http_request_seconds_count{method="GET",route="/api/v1/towns/:town_id",status="200"} 1`,
		`tanamori_http_request_seconds_count{method="GET",route="/api/v1/towns/:town_id",status="404"} 1`,
		`method="other"`,
		`tanamori_build_info{version="test"} 1`,
		`tanamori_database_up 1`,
		`tanamori_incidents{state="open"} 3`, // one in each furnished town, all consortia counted
		`tanamori_incidents{state="acknowledged"} 0`,
		`tanamori_notices{state="queued"} 3`,
		`tanamori_notice_oldest_seconds 42`,
		`tanamori_round_age_seconds{job="judge"} 42`,
		`tanamori_pool_connections_most 8`,
		`go_goroutines`,
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, secretish, "a path that no route knows is no label")
	require.NotContains(t, text, "むかわ", "nothing of any town")
}

// A node whose own clock is wrong works on by the database's: that is worth a word and takes nothing out of service.
func TestANodesWrongClockIsSaidAndHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.round("judge", nil)
	for _, off := range []time.Duration{time.Minute, -3 * time.Hour} {
		w.Do(tenants.Job("beat"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.Beat(ctx, tx, duty.Pulse{Node: uuid.New(), Off: off})
			return err
		})
	}
	status, said := w.ready()
	require.Equal(t, http.StatusOK, status)
	require.EqualValues(t, -10800, said["clock_off_seconds"])
	metrics := w.send(call{Method: http.MethodGet, Path: "/metrics"})
	require.Contains(t, metrics.Body.String(), "tanamori_clock_off_seconds -10800")
}
