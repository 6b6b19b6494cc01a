package duty_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

func (w *tower) audit() (found []tenants.Breach) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		found, err = duty.Audit(ctx, tx, 2*time.Minute)
		return err
	})
	for i := range found {
		found[i].Since = found[i].Since.UTC()
	}
	return found
}

// A night is audited every other minute while everything goes as it should: waiting, running, arrived, examined, excused
// ahead, retired while it ran, held after an outage of Tanamori, unsettled. Nothing is found and nothing is mended.
func TestAHealthyNightIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	w.to("11-21 12:00")
	var duties []duty.Duty
	for about := range int64(7) {
		duties = append(duties, w.expect(w.nightly(w.town, about+1)))
	}
	require.Empty(t, w.audit(), "what has just been expected is planned in a moment")
	w.plan()
	excused := w.at(duties[3], "11-23 02:00")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.ExcuseOne(ctx, tx, w.town, excused.ID, "停電のため")
	})
	dark := false
	steps := 0
	for at := jst("11-22 00:00"); at.Before(jst("11-23 12:00")); at = at.Add(2 * time.Minute) { // longer steps would be outages themselves
		w.Clock.Set(at)
		switch at {
		case jst("11-22 02:00"):
			for _, d := range duties[:5] {
				w.say(d, duty.Started, "")
			}
		case jst("11-22 02:40"):
			w.say(duties[1], duty.Arrived, "") // settled by 04:40, after the judging
			w.say(duties[2], duty.Arrived, "")
			w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return duty.Retire(ctx, tx, w.town, duties[4].ID) })
		case jst("11-22 03:00"):
			w.say(duties[2], duty.Good, "duty.met")
		case jst("11-22 03:30"), jst("11-22 06:14"), jst("11-23 03:40"):
			dark = true
		case jst("11-22 04:30"), jst("11-22 06:30"), jst("11-23 07:00"):
			dark = false
		}
		if dark {
			continue
		}
		steps++
		w.beat(node)
		if steps%5 == 0 {
			w.plan()
		}
		w.judge()
		require.Empty(t, w.audit(), "%s", at.In(tokyo))
	}
	require.Greater(t, steps, 900)
	require.Positive(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE reason_code = 'duty.outage'`), "the outages were seen")
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE reason_code = 'duty.unsettled'`))
}

func TestTheAuditSeesWhatNobodyJudges(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	w.planned()
	far := w.farPlanned()
	w.to("11-22 02:02")
	require.Empty(t, w.audit())
	w.Clock.Advance(time.Second)
	require.ElementsMatch(t, []tenants.Breach{{TenantID: w.town, Kind: duty.KindUnjudged, Count: 1, Since: jst("11-22 02:00")},
		{TenantID: w.stranger, Kind: duty.KindUnjudged, Count: 1, Since: jst("11-22 02:00")}}, w.audit(), "each town's own")
	w.judge()
	require.Empty(t, w.audit())
	require.Zero(t, w.incidents(`true`), "to audit is not to judge")
	require.NotZero(t, far.ID)
}

// A look that a clock gone wrong has put too late is set to now; the judge then looks, and judges once.
func TestALookThatWouldComeTooLateIsSetToNow(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 04:02")
	w.SQL(`UPDATE occurrence SET look_at = look_at + interval '5 hours' WHERE scheduled_at = $1`, jst("11-22 02:00"))
	require.Empty(t, w.audit())
	w.to("11-22 04:03")
	late := []tenants.Breach{{TenantID: w.town, Kind: duty.KindLateLook, Mended: 1, Since: jst("11-22 04:00")}}
	require.Equal(t, late, w.audit())
	require.Empty(t, w.audit(), "once")
	require.Equal(t, 1, w.judge())
	require.Equal(t, "missed", *w.at(d, "11-22 02:00").Verdict)
	require.Equal(t, 1, w.incidents(`state = 'open'`))

	// What runs or is examined may wait beyond its deadline, but not beyond its own end.
	w.to("11-23 02:30")
	w.plan()
	w.say(d, duty.Started, "")
	w.judge()
	w.to("11-23 04:00")
	w.say(d, duty.Arrived, "")
	w.judge()
	w.to("11-23 05:00")
	require.Empty(t, w.audit(), "being examined until 06:00")
	w.SQL(`UPDATE occurrence SET look_at = look_at + interval '1 day' WHERE verdict IS NULL AND scheduled_at = $1`, jst("11-23 02:00"))
	late[0].Since = jst("11-23 04:00")
	require.Equal(t, late, w.audit())
	w.judge()
	require.Equal(t, jst("11-23 06:00"), w.at(d, "11-23 02:00").LookAt.UTC(), "the judge looked and waits on")
	require.Empty(t, w.audit())
}

func TestTheAuditSeesWhatIsNotPlannedAhead(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	w.expect(w.nightly(w.town, 1))
	w.Clock.Advance(15 * time.Minute)
	require.Empty(t, w.audit())
	w.Clock.Advance(time.Second)
	require.Equal(t, duty.KindUnplanned, w.audit()[0].Kind)
	require.Equal(t, 1, w.plan())
	require.Empty(t, w.audit())
	w.Clock.Advance(24*time.Hour + 14*time.Minute)
	w.judge()
	require.Empty(t, w.audit(), "the planner looks every ten minutes, and plans once a day")
	w.Clock.Advance(2 * time.Minute)
	require.Equal(t, duty.KindUnplanned, w.audit()[0].Kind)
	w.SQL(`UPDATE duty SET retired_at = $1`, w.Clock.Now())
	require.Empty(t, w.audit())
}

// farPlanned is a nightly duty of the foreign consortium.
func (w *tower) farPlanned() (d duty.Duty) {
	w.t.Helper()
	w.Do(w.far, func(ctx context.Context, tx *tenants.Tx) (err error) {
		d, err = duty.Expect(ctx, tx, w.nightly(w.stranger, 9))
		return err
	})
	w.plan()
	return d
}

// BenchmarkAudit looks at a million pending, of which none is late, and prints the plans.
func BenchmarkAudit(b *testing.B) {
	w := newTower(b)
	w.crowd(5000, 0)
	w.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		SELECT tenant_id, duty_id, period + d, night + n, opens_at + d, scheduled_at + d, due_at + d, judge_at + d, look_at + d
		FROM occurrence, generate_series(1, 199) n, LATERAL (SELECT n * interval '1 day') x(d)`)
	w.SQL(`UPDATE duty SET planned_until = '2027-06-01'`)
	w.to("11-22 02:10")
	w.SQL(`UPDATE occurrence SET started_at = scheduled_at, finish_by = judge_at, look_at = judge_at + interval '1 hour' WHERE scheduled_at < $1`, w.Clock.Now())
	w.SQL(`VACUUM ANALYZE`)
	w.to("11-22 04:10")
	b.ResetTimer()
	took := median(func() {}, func() { w.audit() })
	fmt.Printf("BENCH audit_of_1000000_pending %.1f ms - 50 %s\n", float64(took.Microseconds())/1000, map[bool]string{true: "ok", false: "short"}[took < 50*time.Millisecond])
}
