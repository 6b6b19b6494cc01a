package backup_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// reported is a vault with one run that waits to be examined, and no file yet.
func reported(t *testing.T) *vault {
	t.Helper()
	v := newVault(t, nil)
	v.to("11-22 02:41")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	return v
}

func (v *vault) renew(c *backup.Case) error {
	return v.Try(v.job, func(ctx context.Context, tx *tenants.Tx) error { return backup.Renew(ctx, tx, c, 2*time.Minute) })
}

func (v *vault) nextVerify() (at *time.Time) {
	v.t.Helper()
	v.Do(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		at, err = backup.NextVerify(ctx, tx)
		return err
	})
	return at
}

func goodFinding(c backup.Case) backup.Finding {
	f := backup.Finding{Level: 5, Good: true, Reason: tenants.Reason{Code: "backup.good"}, File: store.Object{Name: "x", Size: 5, ModTime: c.OpensAt}}
	for level := range 6 {
		f.Levels = append(f.Levels, backup.Level{TenantID: c.Run.TenantID, RunID: c.Run.ID, Level: level, Outcome: "passed", ReasonCode: "backup.present"})
	}
	return f
}

func TestACaseHasAllThatItsExaminationNeeds(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.night("11-22", 1, 1000)
	v.night("11-23", 2, 2000)
	v.to("11-24 02:41")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	cases := v.claim()
	require.Len(t, cases, 1)
	c := cases[0]
	require.Equal(t, v.plan.ID, c.Plan.ID)
	require.Equal(t, v.plan.Pattern, c.Plan.Pattern)
	require.InDelta(t, 3.5, c.Plan.DeviationK, 0)
	require.Equal(t, v.store, c.Store.ID)
	require.Equal(t, v.dir, c.Store.Root)
	require.Equal(t, *v.plan.DutyID, c.DutyID)
	require.Equal(t, "Asia/Tokyo", c.Zone)
	require.Equal(t, jst("11-24 02:00"), c.ScheduledAt)
	require.Equal(t, jst("11-24 00:00"), c.OpensAt)
	require.Equal(t, jst("11-25 00:00"), c.ClosesAt)
	require.Equal(t, jst("11-24 04:00"), c.JudgeAt)
	require.Len(t, c.History, 2)
	require.Less(t, c.History[0].Bytes, c.History[1].Bytes, "oldest first")
	require.Len(t, c.History[0].SHA256, 64)
	require.Equal(t, 41*time.Minute, c.History[0].Duration)
	require.Equal(t, v.Clock.Now().Add(2*time.Minute), c.Until)
	require.Equal(t, 1, c.Run.VerifyTries)
}

func TestAClaimIsHeldRenewedAndLapses(t *testing.T) {
	t.Parallel()
	v := reported(t)
	require.Equal(t, v.Clock.Now(), *v.nextVerify())
	first := v.claim()[0]
	require.Empty(t, v.claim(), "somebody has it")
	require.Equal(t, first.Until, *v.nextVerify(), "until then")

	v.Clock.Advance(time.Minute)
	require.NoError(t, v.renew(&first))
	require.Equal(t, v.Clock.Now().Add(2*time.Minute), first.Until)
	v.Clock.Advance(90 * time.Second)
	require.Empty(t, v.claim())

	v.Clock.Set(first.Until)
	require.ErrorIs(t, v.renew(&first), backup.ErrLapsed)
	require.ErrorIs(t, v.settle(first, goodFinding(first)), backup.ErrLapsed, "even though nobody took it")
	second := v.claim()[0]
	require.NotEqual(t, first.Run.Claim, second.Run.Claim)
	require.Equal(t, 2, second.Run.VerifyTries)
	v.Clock.Set(first.Until.Add(-time.Minute))
	require.ErrorIs(t, v.settle(first, goodFinding(first)), backup.ErrLapsed, "even in a transaction that was begun in time, and paused")
	v.Clock.Set(first.Until)
	require.ErrorIs(t, v.settle(first, goodFinding(first)), backup.ErrLapsed)
	waiting := backup.Finding{Passing: true}
	require.ErrorIs(t, v.settle(first, waiting), backup.ErrLapsed)
	require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM verification`))

	require.NoError(t, v.settle(second, goodFinding(second)))
	require.ErrorIs(t, v.settle(second, goodFinding(second)), backup.ErrLapsed, "once")
	require.ErrorIs(t, v.renew(&second), backup.ErrLapsed)
	require.Nil(t, v.nextVerify())
	require.EqualValues(t, 6, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM verification`))
	v.judge()
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "met", verdict)
}

func TestWhatMayStillChangeIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	v := reported(t)
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute} {
		require.True(t, v.verify()[0].Passing)
		require.Equal(t, v.Clock.Now().Add(wait), *v.nextVerify())
		v.Clock.Advance(wait - time.Second)
		require.Empty(t, v.claim())
		v.Clock.Advance(time.Second)
		require.Nil(t, v.runs(v.plan)[0].Outcome)
	}
	v.place("koseki-20261122.tar.gz", archive(t, 1, 100), v.Clock.Now())
	require.True(t, v.verify()[0].Good, "it came a little after its report")

	v.to("11-23 02:41")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	for range 3 {
		v.verify()
		v.Clock.Set(*v.nextVerify())
	}
	f := v.verify()[0]
	require.False(t, f.Good)
	require.Nil(t, v.nextVerify(), "after eight minutes it is missing")
	require.Equal(t, "store.not_found", v.runs(v.plan)[1].ReasonCode)
}

func TestSeveralVerifiersShareTheWork(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:41")
	const n = 60
	for i := range n {
		p := v.add(func(in *backup.PlanInput) { in.Name = "計画" + string(rune('あ'+i)) })
		v.ping(ping{kind: checkin.Success, plan: &p})
	}
	v.takeIn()
	var mu sync.Mutex
	seen := map[int64]int{}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			for errs[i] == nil {
				var cases []backup.Case
				errs[i] = v.Try(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					cases, err = backup.ClaimToVerify(ctx, tx, 5, time.Minute)
					return err
				})
				if len(cases) == 0 {
					return
				}
				for _, c := range cases {
					mu.Lock()
					seen[c.Run.ID]++
					mu.Unlock()
					if err := v.settle(c, goodFinding(c)); err != nil {
						errs[i] = err
					}
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, seen, n)
	for id, times := range seen {
		require.Equal(t, 1, times, "run %d", id)
	}
	require.EqualValues(t, n, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM run WHERE outcome = 'good'`))
}

func TestVerifyAgain(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.night("11-22", 1, 1000)
	id := v.runs(v.plan)[0].ID
	again := func(town, id int64) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error { return backup.VerifyAgain(ctx, tx, town, id) }
	}
	v.Fault(tenants.KindForbidden, v.staff, again(v.town, id))
	v.Fault(tenants.KindNotFound, v.far, again(v.town, id))
	v.Fault(tenants.KindNotFound, v.operator, again(v.host, id))
	v.Fault(tenants.KindNotFound, v.operator, again(v.town, 1<<40))
	v.to("11-22 10:00")
	v.Do(v.operator, again(v.town, id))
	v.Fault(tenants.KindConflict, v.operator, again(v.town, id))
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM operation_log WHERE act = 'run.verify'`))
	require.Equal(t, "good", *v.runs(v.plan)[0].Outcome, "what was found before stands until then")

	v.place("koseki-20261122.tar.gz", archive(t, 2, 1000), jst("11-22 02:41")) // altered behind its time stamp
	f := v.verify()[0]
	require.Equal(t, "backup.sidecar_differs", f.Reason.Code)
	require.Equal(t, "bad", *v.runs(v.plan)[0].Outcome)
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "met", verdict)
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))
	require.EqualValues(t, 2, tenantstest.Value[int64](v.Bench, `SELECT max(examination) FROM verification`))

	v.place("koseki-20261122.tar.gz", archive(t, 1, 1000), jst("11-22 02:41"))
	v.Do(v.operator, again(v.town, id))
	require.True(t, v.verify()[0].Good)
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'resolved'`))
}

func TestAnUnreachableStoreIsNotAMissingBackup(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	move := func(root string) {
		v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := backup.ChangeStore(ctx, tx, v.town, v.store, backup.StoreInput{Name: "控え置き場", Root: root})
			return err
		})
	}
	move(v.dir + "/not-mounted")
	v.to("11-22 02:41")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 1000), v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	for range 30 {
		f := v.verify()[0]
		require.True(t, f.Passing)
		v.judge()
		v.Clock.Set(*v.nextVerify())
	}
	r := v.runs(v.plan)[0]
	require.Nil(t, r.Outcome)
	require.Equal(t, "store.unreachable", r.ReasonCode, "what it waits for is said")
	verdict, reason := v.verdict("11-22 02:00")
	require.Equal(t, []string{"unknown", "duty.unsettled"}, []string{verdict, reason})
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))

	move(v.dir)
	require.True(t, v.verify()[0].Good)
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM occurrence WHERE recovered_at IS NOT NULL`))
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'resolved'`))

	move(v.dir + "/not-mounted")
	v.to("11-23 02:41")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	v.to("11-24 02:42")
	for range 3 {
		v.verify()
		v.Clock.Set(*v.nextVerify())
	}
	require.Len(t, v.verify(), 1)
	require.Equal(t, "bad", *v.runs(v.plan)[1].Outcome, "after a day it is given up")
}

func TestAnExaminationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	v := reported(t)
	v.place("koseki-20261122.tar.gz", archive(t, 1, 1000), v.Clock.Now())
	c := v.claim()[0]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := backup.Examine(ctx, c, time.Now)
	require.False(t, f.Good)
	require.True(t, f.Passing)
}
