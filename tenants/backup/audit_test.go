package backup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

func (v *vault) audit() (found []tenants.Breach) {
	v.t.Helper()
	v.Do(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		found, err = backup.Audit(ctx, tx, 2*time.Minute, 2*time.Minute)
		return err
	})
	for i := range found {
		found[i].Since = found[i].Since.UTC()
	}
	return found
}

func (v *vault) breach(kind string, count, mended int, since string) []tenants.Breach {
	return []tenants.Breach{{TenantID: v.town, Kind: kind, Count: count, Mended: mended, Since: jst(since)}}
}

func TestTheAuditSeesWhatNobodyTakesInOrExamines(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:30")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 10_000), v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.to("11-22 02:32")
	require.Empty(t, v.audit())
	v.to("11-22 02:33")
	require.Equal(t, v.breach(checkin.KindUntaken, 1, 0, "11-22 02:30"), v.audit())
	v.takeIn()
	require.Empty(t, v.audit())
	v.to("11-22 02:35")
	require.Empty(t, v.audit())
	v.to("11-22 02:36")
	require.Equal(t, v.breach(backup.KindUnexamined, 1, 0, "11-22 02:33"), v.audit())

	// A second run waits behind one that is being examined: however long that takes, somebody is at it.
	require.Len(t, v.claim(), 1)
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	v.to("11-22 03:10")
	v.SQL(`UPDATE run SET claimed_until = $1 WHERE claim IS NOT NULL`, jst("11-22 03:11")) // as Renew does
	require.Empty(t, v.audit())
	v.to("11-22 03:14")
	require.Equal(t, v.breach(backup.KindUnexamined, 2, 0, "11-22 02:33"), v.audit(), "whoever was at it is gone")
	v.verify()
	v.to("11-22 12:00")
	require.Empty(t, v.audit())
}

func TestAnExaminationThatWouldNeverComeUpDoes(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:30")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 10_000), v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	held := v.claim()
	require.Len(t, held, 1)
	require.Empty(t, v.audit())
	v.SQL(`UPDATE run SET claimed_until = claimed_until + interval '1 year'`)
	require.Equal(t, v.breach(backup.KindStuck, 0, 1, "11-22 02:30"), v.audit())
	require.Empty(t, v.audit(), "once")
	require.Empty(t, v.claim(), "somebody may be at it")
	v.to("11-22 02:32")
	require.Len(t, v.claim(), 1, "and if not, the claim lapses as any other")
	require.ErrorIs(t, v.settle(held[0], backup.Finding{}), backup.ErrLapsed, "what the first would find is thrown away")
	v.SQL(`UPDATE run SET claim = NULL, claimed_until = NULL, verify_at = verify_at + interval '2 hours'`)
	require.Equal(t, v.breach(backup.KindStuck, 0, 1, "11-22 02:30"), v.audit())
	require.Len(t, v.verify(), 1)
	require.Empty(t, v.audit())
}

func TestTheAuditSeesStoresThatNobodyLooksInto(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) { in.Reports = false })
	look := func() int { return v.pipeline(backup.LookIntoStores, 10) }
	require.Equal(t, 1, look())
	v.to("11-22 02:30")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 10_000), v.Clock.Now())
	require.Empty(t, v.audit())
	v.to("11-22 03:33")
	require.Equal(t, v.breach(backup.KindUnlooked, 1, 0, "11-22 03:30"), v.audit())
	require.Equal(t, 1, look())
	v.verify()
	require.Empty(t, v.audit())

	// A look that lies behind the deadline of what is about to begin is set to now.
	v.SQL(`UPDATE plan SET look_at = look_at + interval '1 day'`)
	v.pipeline(duty.JudgeDue, 100)
	v.to("11-23 01:40")
	require.Empty(t, v.audit(), "it is held against its plan shortly before it begins")
	v.to("11-23 01:50")
	require.Equal(t, v.breach(backup.KindLateLook, 0, 1, "11-23 02:00"), v.audit())
	require.Equal(t, 1, look())
	require.Empty(t, v.audit())
	require.Equal(t, jst("11-23 03:30"), tenantstest.Value[time.Time](v.Bench, `SELECT look_at FROM plan`).UTC())
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, v.town, v.plan.ID) })
	v.to("11-29 12:00")
	require.Empty(t, v.audit())
}
