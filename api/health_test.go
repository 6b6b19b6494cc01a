package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
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

// What the audit finds is for people: taking every node out of service would help nobody. That it stands still is not.
func TestWhatTheAuditFindsDoesNotMakeANodeUnready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.round("judge", nil)
	w.round("audit", errors.New("1 open incidents have nobody to tell"))
	status, said := w.ready()
	require.Equal(t, http.StatusOK, status, said)
	w.Clock.Advance(4 * time.Minute)
	w.round("judge", nil)
	status, said = w.ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []any{"audit"}, said["stale"])
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
	require.Equal(t, map[string]any{"ready": true, "database": "ok", "migrations": "ok", "jobs": "ok", "looked": at(tenantstest.Start)}, said)

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
