package duty_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

func TestOccurrencesAreMadeFiveWeeksAheadOnce(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.expect(w.nightly(w.town, 1))
	require.Equal(t, tenantstest.Start, d.ActiveFrom)
	require.Equal(t, w.Ladder(w.town), d.LadderID, "without a ladder it takes the town's own")

	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			errs[i] = w.Try(w.job, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := duty.PlanAhead(ctx, tx, 100)
				return err
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, 35, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
	require.Zero(t, w.plan(), "all is planned")

	o := w.at(d, "11-22 02:00")
	require.Equal(t, jst("11-22 00:00"), o.OpensAt)
	require.Equal(t, jst("11-22 02:00"), o.Period)
	require.Equal(t, jst("11-22 03:30"), o.DueAt)
	require.Equal(t, jst("11-22 04:00"), o.JudgeAt)
	require.Equal(t, jst("11-22 02:00"), *o.LookAt)
	require.Equal(t, calendar.MustDate(2026, 11, 21), o.Night, "from noon to noon")

	w.Clock.Advance(24 * time.Hour)
	require.Zero(t, w.plan())
	w.Clock.Advance(time.Minute)
	require.Equal(t, 1, w.plan(), "each duty once a day")
	require.EqualValues(t, 36, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))

	w.SQL(`UPDATE duty SET planned_until = active_from`)
	require.Equal(t, 1, w.plan(), "planning the same stretch again")
	require.EqualValues(t, 36, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
}

func TestAChangedScheduleKeepsWhatHasOpened(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 00:30")
	in := w.nightly(w.town, 1)
	in.DutyID, in.Cron, in.Subject = d.ID, "0 3 * * *", "戸籍正（新）"
	kept := w.at(d, "11-22 02:00")
	changed := w.expect(in)
	require.Equal(t, "戸籍正（新）", changed.Subject)
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
	w.plan()
	require.Equal(t, kept, w.at(d, "11-22 02:00"))
	require.Equal(t, jst("11-23 03:00"), tenantstest.Value[time.Time](w.Bench,
		`SELECT min(scheduled_at) FROM occurrence WHERE scheduled_at > $1`, jst("11-22 02:00")).UTC(), "one night is not expected twice")
	require.EqualValues(t, 34, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE period::text LIKE '%18:00:00+00'`))

	// What changes nothing about the schedule leaves the occurrences alone.
	ids := tenantstest.Value[int64](w.Bench, `SELECT sum(id)::bigint FROM occurrence`)
	in.Severity, in.Position = "warning", 9
	w.expect(in)
	require.Equal(t, ids, tenantstest.Value[int64](w.Bench, `SELECT sum(id)::bigint FROM occurrence`))
	var got duty.Duty
	w.Do(w.staff, func(ctx context.Context, tx *tenants.Tx) (err error) {
		got, err = duty.Get(ctx, tx, w.town, d.ID)
		return err
	})
	require.Equal(t, "warning", got.Severity)
	require.Equal(t, 9, got.Position)
	in.Position, in.EarlyMinutes, in.GraceMinutes = 0, 0, 0
	require.Zero(t, w.expect(in).Position, "a zero is a value like others")
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT position + early_minutes + grace_minutes FROM duty`))
}

func TestATownsOwnDaysAreFollowedAfterPlanning(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	in := w.nightly(w.town, 1)
	in.Cron, in.Policy = "0 10 * * *", schedule.OpenDays
	d := w.expect(in)
	every := w.expect(w.nightly(w.town, 2))
	w.plan()
	count := func(day string) int64 {
		return tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE duty_id = $1 AND scheduled_at = $2`, d.ID, jst(day))
	}
	require.EqualValues(t, 1, count("11-27 10:00"))
	require.Zero(t, count("11-29 10:00"), "a Sunday")
	day := town.LocalDay{Day: calendar.MustDate(2026, 11, 27), Name: "開庁記念日"}
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return town.SetLocalDay(ctx, tx, w.town, day) })
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return town.SetLocalDay(ctx, tx, w.town, town.LocalDay{Day: calendar.MustDate(2026, 11, 29), Open: true, Name: "休日開庁日"})
	})
	sum := `SELECT sum(id)::bigint FROM occurrence WHERE duty_id = $1`
	before := tenantstest.Value[int64](w.Bench, sum, every.ID)
	require.Equal(t, 1, w.plan())
	require.Zero(t, count("11-27 10:00"), "closed now")
	require.EqualValues(t, 1, count("11-29 10:00"), "open now")
	require.Equal(t, before, tenantstest.Value[int64](w.Bench, sum, every.ID), "what runs every day does not care")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return town.DropLocalDay(ctx, tx, w.town, day.Day) })
	w.plan()
	require.EqualValues(t, 1, count("11-27 10:00"))
	require.Zero(t, w.plan())
}

func TestEvidenceIsSharedHalfAndHalfBetweenCloseOnes(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	in := w.nightly(w.town, 1)
	in.Cron, in.WindowMinutes, in.GraceMinutes = "0 * * * *", 20, 5
	d := w.expect(in)
	w.plan()
	require.EqualValues(t, 840, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
	require.Equal(t, jst("11-22 01:30"), w.at(d, "11-22 02:00").OpensAt)
	w.to("11-22 01:45")
	require.Equal(t, w.at(d, "11-22 02:00").ID, w.say(d, duty.Started, "").Occurrence.ID)
	began := w.Clock.Now()
	w.to("11-22 02:31")
	a := duty.Attestation{Town: w.town, DutyID: d.ID, Kind: duty.Arrived, At: w.Clock.Now()}
	require.Equal(t, w.at(d, "11-22 03:00").ID, w.attest(a)[0].Occurrence.ID)
	a.Began = began
	require.Equal(t, w.at(d, "11-22 02:00").ID, w.attest(a)[0].Occurrence.ID, "what began for one belongs to it")
}

func TestSummerTime(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	w.Clock.Set(time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC))
	in := w.nightly(w.town, 1)
	in.Cron, in.Zone = "30 2 * * *", "America/New_York"
	w.expect(in)
	w.plan()
	var got []string
	for _, r := range w.SQL(`SELECT to_char(scheduled_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS at FROM occurrence ORDER BY scheduled_at LIMIT 4`) {
		got = append(got, r["at"].(string))
	}
	require.Equal(t, []string{"03-11 07:30", "03-12 07:30", "03-13 07:30", "03-14 07:00"}, got, "on the 14th the clock skips 02:30")
}

func TestARetiredDutyExpectsNothing(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 04:00")
	w.judge()
	require.Equal(t, 1, w.incidents(`state = 'open'`))
	w.to("11-23 00:30")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return duty.Retire(ctx, tx, w.town, d.ID) })
	require.Equal(t, []map[string]any{{"verdict": "missed"}}, w.SQL(`SELECT verdict FROM occurrence`), "what was judged stays")
	require.Equal(t, 1, w.incidents(`state = 'resolved' AND resolution = '計画が廃止されました。'`))
	require.Zero(t, w.plan())
	w.Fault(tenants.KindNotFound, w.admin, func(ctx context.Context, tx *tenants.Tx) error { return duty.Retire(ctx, tx, w.town, d.ID) })
	w.to("11-24 04:00")
	require.Zero(t, w.judge())
}

func TestRetiredInTheMiddleOfANight(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:30")
	w.say(d, duty.Started, "")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return duty.Retire(ctx, tx, w.town, d.ID) })
	w.to("11-22 05:00")
	require.Equal(t, 1, w.judge())
	require.Equal(t, duty.Failed, w.at(d, "11-22 02:00").Judged(), "what had begun is judged")
	require.Zero(t, w.incidents(`true`), "and nobody is called for what is no longer wanted")
}

func TestExpectSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	refused := func(actor tenants.Actor, kind tenants.Kind, change func(*duty.ExpectInput)) *tenants.Fault {
		in := w.nightly(w.town, 1)
		change(&in)
		return w.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.Expect(ctx, tx, in)
			return err
		})
	}
	f := refused(w.admin, tenants.KindInvalid, func(in *duty.ExpectInput) {
		in.Cron, in.Zone, in.Subject, in.Policy = "0 2 31 2 *", "Asia/Nowhere", " ", "some_days"
		in.EarlyMinutes, in.WindowMinutes, in.GraceMinutes, in.LongestMinutes = -1, 0, -1, 0
	})
	var fields []string
	for _, x := range f.Fields {
		fields = append(fields, x.Field)
		require.NotEmpty(t, x.Ja)
		require.NotEmpty(t, x.En)
	}
	require.Equal(t, []string{"cron", "zone", "early_minutes", "window_minutes", "grace_minutes", "longest_minutes", "name", "policy"}, fields)

	f = refused(w.admin, tenants.KindInvalid, func(in *duty.ExpectInput) { in.LadderID = w.Ladder(w.host) })
	require.Equal(t, "ladder_id", f.Fields[0].Field)
	refused(w.admin, tenants.KindNotFound, func(in *duty.ExpectInput) { in.DutyID = 99 })
	refused(w.admin, tenants.KindNotFound, func(in *duty.ExpectInput) { in.Town = w.stranger })
	refused(w.far, tenants.KindNotFound, func(*duty.ExpectInput) {})
	refused(w.operator, tenants.KindForbidden, func(*duty.ExpectInput) {})
	refused(w.staff, tenants.KindForbidden, func(*duty.ExpectInput) {})
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM duty`))
}
