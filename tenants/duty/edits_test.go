package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

// A closed day moved Saturday's to Monday. Whoever changes the calendar on Sunday does not lose it, though its own time
// has passed.
func TestACalendarEditLosesNothingThatWasMovedOn(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	in := w.nightly(w.town, 1)
	in.Cron, in.Policy = "0 9 * * 6", schedule.RollForward
	d := w.expect(in)
	w.plan()
	moved := `SELECT scheduled_at FROM occurrence WHERE duty_id = $1 AND period = $2`
	saturday := jst("11-28 09:00")
	require.Equal(t, jst("11-30 09:00"), tenantstest.Value[time.Time](w.Bench, moved, d.ID, saturday).UTC())
	w.to("11-29 12:00")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return town.SetLocalDay(ctx, tx, w.town, town.LocalDay{Day: calendar.MustDate(2026, 11, 30), Name: "臨時閉庁"})
	})
	w.plan()
	require.Equal(t, jst("12-01 09:00"), tenantstest.Value[time.Time](w.Bench, moved, d.ID, saturday).UTC())
}

// However planning is restarted, whatever the clock does in between and whichever days are opened and closed meanwhile:
// what has not opened at the last edit is what a fresh plan would expect, each period once.
func TestAnyCourseOfPlanningIsOnePlan(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	about, begin := int64(0), w.Clock.Now()
	rapid.Check(t, func(r *rapid.T) {
		about += 2
		w.Clock.Set(begin)
		w.SQL(`DELETE FROM local_day`)
		in := w.nightly(w.town, about)
		in.Cron = rapid.SampledFrom([]string{"0 2 * * *", "0 9 * * 0,6", "0 */8 * * 1-5", "30 23 28-31 * *", "0 10 30 12 *"}).Draw(r, "cron")
		in.Zone = rapid.SampledFrom([]string{"Asia/Tokyo", "Australia/Lord_Howe", "America/Havana"}).Draw(r, "zone")
		in.Policy = rapid.SampledFrom(schedule.Policies()).Draw(r, "policy")
		d := w.expect(in)
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			w.Clock.Advance(time.Duration(rapid.IntRange(-20*60, 4*24*60).Draw(r, "minutes")) * time.Minute)
			if w.Clock.Now().Before(begin) {
				w.Clock.Set(begin)
			}
			w.plan()
			if rapid.Bool().Draw(r, "edit") {
				day := town.LocalDay{Day: calendar.DateOf(w.Clock.Now(), time.UTC).AddDays(rapid.IntRange(1, 20).Draw(r, "day")), Name: "町の日"}
				_, closed := calendar.New(nil).Closure(day.Day)
				day.Open = closed
				w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return town.SetLocalDay(ctx, tx, w.town, day) })
				w.plan()
			}
		}
		// One more edit, far away, and everything unopened is as a plan made now would have it.
		now := w.Clock.Now()
		w.SQL(`UPDATE duty SET planned_until = 'epoch' WHERE id = $1`, d.ID)
		w.plan()
		in.AboutID++
		fresh := w.expect(in)
		w.SQL(`UPDATE duty SET active_from = $2, planned_until = $2 WHERE id = $1`, fresh.ID, begin)
		w.plan()
		const set = `SELECT period, scheduled_at, opens_at, due_at, judge_at FROM occurrence WHERE duty_id = $1 AND opens_at > $2 AND period < $3 ORDER BY period`
		end := now.Add(duty.Ahead)
		require.Equal(r, w.SQL(set, fresh.ID, now, end), w.SQL(set, d.ID, now, end))
		for _, id := range []int64{d.ID, fresh.ID} {
			w.SQL(`DELETE FROM occurrence WHERE duty_id = $1`, id)
			w.SQL(`UPDATE duty SET retired_at = $2 WHERE id = $1`, id, now)
		}
	})
}
