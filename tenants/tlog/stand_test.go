package tlog_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// audited is what the audit tells of a town, by its kind.
func (h *hall) audited(town int64) map[string]int {
	h.t.Helper()
	out := map[string]int{}
	h.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
		found, err := tlog.Audit(ctx, tx)
		for _, b := range found {
			if b.TenantID == town {
				out[b.Kind] = b.Count
			}
		}
		return err
	})
	return out
}

func (h *hall) logOf(town int64) {
	h.t.Helper()
	h.Do(h.admin, func(_ context.Context, tx *tenants.Tx) error {
		return tx.Record(tenants.Line{Town: town, Act: tenants.WriteServer, Object: "server", ObjectID: 7})
	})
}

func (h *hall) signed(town int64) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `SELECT signed_size FROM tlog_tree WHERE tenant_id = $1`, town)
}

// A key that is changed, gone or no key at all stops the log of its own town: that is told, and everybody else's goes on.
func TestABadKeyStopsOneTown(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.log(1)
	h.logOf(h.host)
	h.gather()
	was := tenantstest.Value[[]byte](h.Bench, `SELECT value FROM vault WHERE tenant_id = $1 AND kind = 'tlog_key'`, h.town)
	for _, bad := range []string{
		`UPDATE vault SET value = set_byte(value, 20, (get_byte(value, 20) + 1) % 256) WHERE tenant_id = $1 AND kind = 'tlog_key'`,
		`DELETE FROM vault WHERE tenant_id = $1 AND kind = 'tlog_key'`,
		`UPDATE tlog_key SET signer = 'none' WHERE tenant_id = $1`,
	} {
		before, own := h.signed(h.host), h.signed(h.town)
		h.behind(bad, h.town)
		h.log(1)
		h.logOf(h.host)
		h.gather()
		require.Greater(t, h.signed(h.host), before, bad)
		require.Equal(t, own, h.signed(h.town), bad)
		require.Equal(t, "key", h.state().Findings[0].What, bad)
		require.Equal(t, map[string]int{tlog.KindBroken: 1}, h.audited(h.town), bad)
		h.Clock.Advance(11 * time.Minute)
		require.Positive(t, h.audited(h.town)[tlog.KindLate], bad)
		require.Empty(t, h.audited(h.host))

		h.behind(`UPDATE tlog_key SET signer = '' WHERE tenant_id = $1`, h.town)
		h.behind(`INSERT INTO vault (tenant_id, kind, id, key_id, value) SELECT k.tenant_id, 'tlog_key', k.id, (SELECT max(key_id) FROM vault_key), $2 FROM tlog_key k WHERE k.tenant_id = $1
			ON CONFLICT (tenant_id, kind, id) DO UPDATE SET value = EXCLUDED.value`, h.town, was)
		h.gather()
		require.Greater(t, h.signed(h.town), own, bad)
		require.Empty(t, h.state().Findings)
		require.Empty(t, h.audited(h.town))
	}
}

// A row that waits is told after a while; a town that is only busy is not late.
func TestARowThatWaitsIsTold(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.log(1)
	h.gather()
	for range 5 { // something waits at every look, and is another row each time
		h.log(1)
		require.Empty(t, h.audited(h.town))
		h.gather()
		h.Clock.Advance(9 * time.Minute)
	}
	h.log(2)
	require.Empty(t, h.audited(h.town))
	h.Clock.Advance(11 * time.Minute)
	require.Equal(t, map[string]int{tlog.KindLate: 2}, h.audited(h.town))
	h.gather()
	require.Empty(t, h.audited(h.town))
}

// Logs that stand still do not keep those behind them from being gathered, however many they are.
func TestManyLogsThatStandStillHoldUpNobody(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.behind(`INSERT INTO tlog_tree (tenant_id, origin, town, home, size) SELECT -n, 'tanamori/x', '000000', '', 5 FROM generate_series(1, 205) n`)
	h.behind(`ALTER TABLE tlog_finding DROP CONSTRAINT tlog_finding_tenant_id_fkey`)
	h.log(3)
	require.Positive(t, h.gather(), "the first time too")
	require.EqualValues(t, 205, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_finding WHERE what = 'tree'`))
	was := h.signed(h.town)
	require.EqualValues(t, 4, was, "three rows, and that it began")
	h.log(1)
	h.gather()
	require.Greater(t, h.signed(h.town), was)
}
