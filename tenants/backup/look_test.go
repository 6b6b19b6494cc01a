package backup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func silent(in *backup.PlanInput) { in.Reports = false }

func (v *vault) look() int {
	v.t.Helper()
	return v.pipeline(backup.LookIntoStores, 100)
}

// until plays the jobs minute by minute up to a time.
func (v *vault) until(when string) {
	v.t.Helper()
	for v.Clock.Now().Before(jst(when)) {
		v.Clock.Advance(time.Minute)
		v.look()
		v.verify()
		v.judge()
	}
}

func TestAStoreIsLookedIntoWhereNobodyReports(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	require.Equal(t, jst("11-21 07:30"), tenantstest.Value[time.Time](v.Bench, `SELECT look_at FROM plan`).UTC())
	require.Equal(t, 1, v.look())
	require.Equal(t, jst("11-22 03:30"), tenantstest.Value[time.Time](v.Bench, `SELECT look_at FROM plan`).UTC(), "when it must be there")
	require.Zero(t, v.look())
	require.Empty(t, v.runs(v.plan))

	v.to("11-22 02:41")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), v.Clock.Now())
	v.to("11-22 03:30")
	require.Equal(t, 1, v.look())
	require.Len(t, v.runs(v.plan), 1)
	f := v.verify()[0]
	require.True(t, f.Good, "%v", f.Reason)
	require.Equal(t, "skipped", f.Levels[0].Outcome)
	v.judge()
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "met", verdict, "it arrived when the store says so")
	require.Equal(t, jst("11-22 02:41"), tenantstest.Value[time.Time](v.Bench, `SELECT arrived_at FROM occurrence WHERE verdict IS NOT NULL`).UTC())
	require.Zero(t, v.look())
	require.Equal(t, jst("11-23 03:30"), tenantstest.Value[time.Time](v.Bench, `SELECT look_at FROM plan`).UTC())
}

func TestASilentPlanIsLookedForUntilItsJudgement(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 03:29")
	v.until("11-22 03:47")
	require.Len(t, v.runs(v.plan), 1)
	require.Nil(t, v.runs(v.plan)[0].Outcome)
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), v.Clock.Now())
	v.until("11-22 04:05")
	verdict, reason := v.verdict("11-22 02:00")
	require.Equal(t, []string{"late", "duty.late"}, []string{verdict, reason})

	v.to("11-23 03:29")
	v.until("11-23 04:20")
	verdict, reason = v.verdict("11-23 02:00")
	require.Equal(t, []string{"missed", "duty.missed"}, []string{verdict, reason})
	runs := v.runs(v.plan)
	require.Len(t, runs, 2)
	require.Equal(t, "store.not_found", runs[1].ReasonCode)
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))
}

func TestADamagedFileNobodyReportedIsBad(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 03:29")
	b := archive(t, 1, 20000)
	v.place("koseki-20261122.tar.gz", b[:len(b)/2], jst("11-22 02:41"))
	v.until("11-22 03:31")
	verdict, reason := v.verdict("11-22 02:00")
	require.Equal(t, []string{"failed", "verify.truncated_at"}, []string{verdict, reason})
}

func TestAMachineThatReportsAfterAllIsNotLookedFor(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 02:41")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	v.until("11-22 04:05")
	require.Len(t, v.runs(v.plan), 1)
	require.Equal(t, "good", *v.runs(v.plan)[0].Outcome)
}

func TestARetiredPlanIsNotLookedFor(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, v.town, v.plan.ID) })
	v.to("11-22 03:30")
	require.Zero(t, v.look())
}
