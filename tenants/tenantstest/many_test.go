package tenantstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// The towns of the transaction are looked up in a hash, on every table and for both roles that have some; what the statement
// itself names is found by an index.
func TestTheTownsAreHashedAndTheStatementsOwnIsIndexed(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	plan := func(role, statement string) string {
		tx, err := v.Handle.Pool.Begin(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
		_, err = tx.Exec(t.Context(), `SELECT set_config('tanamori.towns', $1, true), set_config('role', $2, true), set_config('enable_seqscan', 'off', true)`,
			tenants.IDs([]int64{v.host, v.town}), role)
		require.NoError(t, err)
		rows, err := tx.Query(t.Context(), "EXPLAIN "+statement)
		require.NoError(t, err)
		var lines []string
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			lines = append(lines, line)
		}
		require.NoError(t, rows.Err())
		return strings.Join(lines, "\n")
	}
	for _, table := range v.tables {
		for _, role := range []string{"tanamori_host", "tanamori_town"} {
			if v.may(t, role, "SELECT", table) {
				require.Contains(t, plan(role, `SELECT 1 FROM `+table), "hashed SubPlan", table)
				require.Contains(t, plan(role, `SELECT 1 FROM `+table+` WHERE tenant_id = 7`), "Index Cond: (tenant_id = 7)", table)
			}
		}
	}
}

// The number of duties in use follows what is done to them, in bulk and one by one.
func TestATownCountsItsDuties(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	one, two := b.Town("むかわ町", "015865"), b.Town("佐呂間町", "015521")
	in := func(town int64) int {
		return tenantstest.Value[int](b, `SELECT duties_in_use FROM tenant WHERE id = $1`, town)
	}
	b.SQL(`INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes, grace_minutes, longest_minutes,
			severity, ladder_id, active_from, planned_until, retired_at)
		SELECT l.tenant_id, 'backup', n, 'x' || n, '', '0 2 * * *', 'Asia/Tokyo', 'every_day', 0, 60, 0, 60, 'warning', l.id, '2026-11-21Z', '2026-11-21Z',
			CASE WHEN n = 3 THEN timestamptz '2026-11-21Z' END
		FROM ladder l CROSS JOIN generate_series(1, 3) n WHERE l.tenant_id = $1 OR n = 1`, one)
	require.Equal(t, []int{2, 1}, []int{in(one), in(two)})
	b.SQL(`UPDATE duty SET retired_at = '2026-11-22Z' WHERE tenant_id = $1`, one)
	require.Equal(t, []int{0, 1}, []int{in(one), in(two)})
	b.SQL(`UPDATE duty SET planned_until = '2026-11-23Z', retired_at = NULL WHERE tenant_id = $1 AND about_id = 1`, one)
	require.Equal(t, []int{1, 1}, []int{in(one), in(two)})
	_, err := b.TrySQL(fmt.Sprintf(`UPDATE duty SET retired_at = '2026-11-22Z' WHERE tenant_id = %d`, two))
	require.NoError(t, err)
	require.Equal(t, 0, in(two))
}
