package duty

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
)

var pieceZones = []string{
	"Asia/Tokyo", "UTC", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "America/Havana",
	"America/New_York", "Antarctica/Troll", "Pacific/Chatham", "America/Sao_Paulo", "Europe/Dublin", "Asia/Gaza",
}

// pieceDays are times around which days are odd: leap days, year ends, fiscal years, changes of the clock, a day that was
// left out.
var pieceDays = []string{"2028-02-27", "2026-12-28", "2027-03-30", "2026-03-06", "2026-10-30", "2026-10-02", "2011-12-28", "2026-11-20", "2100-02-27"}

func drawPieceDuty(t *rapid.T) Duty {
	field := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	return Duty{Cron: field("minute", "0", "30", "*/20", "7,52") + " " + field("hour", "2", "0", "*", "9,17", "23", "*/6") + " " +
		field("dom", "*", "*", "1", "28-31", "*/2") + " * " + field("dow", "*", "*", "1-5", "0,6"),
		Zone: field("zone", pieceZones...), Policy: rapid.SampledFrom(schedule.Policies()).Draw(t, "policy"),
		EarlyMinutes: rapid.SampledFrom([]int{0, 30, 120, 1440}).Draw(t, "early"), WindowMinutes: rapid.IntRange(1, 10080).Draw(t, "window"),
		GraceMinutes: rapid.IntRange(0, 600).Draw(t, "grace")}
}

// Planning in any pieces gives what planning at once gives, to the moment at which each opens; no period twice, none lost,
// and what is scheduled later is due and judged later.
func TestPlanningInPiecesIsPlanningAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawPieceDuty(t)
		day, err := time.Parse(time.DateOnly, rapid.SampledFrom(pieceDays).Draw(t, "day"))
		require.NoError(t, err)
		from := day.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
		local := map[calendar.Date]calendar.Override{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(-5, 25), 0, 8).Draw(t, "own days") {
			local[calendar.DateOf(from, time.UTC).AddDays(n)] = calendar.Override{Open: n%2 == 0, Name: "町の日"}
		}
		cal := calendar.New(local)
		until := from.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "days"))
		d.ActiveFrom, d.PlannedUntil = from, from
		whole, err := d.plan(cal, until)
		require.NoError(t, err)
		var pieces []Occurrence
		for at := from; at.Before(until); at = d.PlannedUntil {
			d.PlannedUntil = at.Add(time.Duration(rapid.IntRange(1, 6*24*60).Draw(t, "piece")) * time.Minute)
			if d.PlannedUntil.After(until) {
				d.PlannedUntil = until
			}
			next := d
			next.PlannedUntil = at
			got, err := next.plan(cal, d.PlannedUntil)
			require.NoError(t, err)
			pieces = append(pieces, got...)
		}
		require.Equal(t, whole, pieces)

		slices.SortFunc(whole, func(a, b Occurrence) int { return a.ScheduledAt.Compare(b.ScheduledAt) })
		seen := map[time.Time]bool{}
		for i, o := range whole {
			require.False(t, seen[o.Period], "one period, one occurrence")
			seen[o.Period] = true
			require.False(t, o.OpensAt.After(o.ScheduledAt))
			require.True(t, o.ScheduledAt.Before(o.DueAt) && !o.JudgeAt.Before(o.DueAt))
			if i > 0 {
				before := whole[i-1]
				require.True(t, before.ScheduledAt.Before(o.ScheduledAt) && before.DueAt.Before(o.DueAt) && before.JudgeAt.Before(o.JudgeAt))
				require.False(t, o.OpensAt.Before(before.OpensAt), "they open in order")
			}
		}
	})
}

// An hourly duty on open days, planned again on the Sunday between: Monday's first opens two hours early, since Friday's
// last is long gone, and not half an hour early as if there had been one on Sunday at eleven.
func TestWhenOneOpensDoesNotDependOnWherePlanningStopped(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	d := Duty{Cron: "0 * * * *", Zone: "UTC", Policy: schedule.OpenDays, EarlyMinutes: 120, WindowMinutes: 20, ActiveFrom: friday, PlannedUntil: friday}
	monday := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, from := range []time.Time{friday, friday.AddDate(0, 0, 2)} {
		d.PlannedUntil = from
		rows, err := d.plan(calendar.New(nil), monday.Add(time.Hour))
		require.NoError(t, err)
		last := rows[len(rows)-1]
		require.Equal(t, monday, last.ScheduledAt)
		require.Equal(t, monday.Add(-2*time.Hour), last.OpensAt)
	}
}
