package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
)

func plan(t require.TestingT, s schedule.Schedule, p schedule.Policy, c calendar.Calendar, from, to time.Time) []schedule.Planned {
	planned, err := schedule.Plan(s, p, c, from, to)
	require.NoError(t, err)
	return planned
}

// row is a Planned as a person would write it down, in the zone's wall clock.
type row struct{ period, scheduled, night, reason, words string }

func rows(s schedule.Schedule, planned []schedule.Planned) []row {
	const form = "01-02 15:04"
	var shown []row
	for _, p := range planned {
		ja, _ := p.Words()
		shown = append(shown, row{
			p.Period.In(s.Location()).Format(form), p.Scheduled.In(s.Location()).Format(form), p.Night.String()[5:],
			string(p.Reason), ja,
		})
	}
	return shown
}

// The long weekend of 勤労感謝の日: Friday 20 to Tuesday 24 November 2026.
func TestPlanOverALongWeekend(t *testing.T) {
	t.Parallel()
	from, to := instant("2026-11-20T00:00:00+09:00"), instant("2026-11-25T00:00:00+09:00")
	var national calendar.Calendar
	for _, tc := range []struct {
		expr   string
		policy schedule.Policy
		want   []row
	}{
		{"0 2 * * *", schedule.EveryDay, []row{
			{"11-20 02:00", "11-20 02:00", "11-19", "", ""},
			{"11-21 02:00", "11-21 02:00", "11-20", "", ""},
			{"11-22 02:00", "11-22 02:00", "11-21", "", ""},
			{"11-23 02:00", "11-23 02:00", "11-22", "", ""},
			{"11-24 02:00", "11-24 02:00", "11-23", "", ""},
		}},
		{"30 23 * * *", schedule.OpenDays, []row{
			{"11-20 23:30", "11-20 23:30", "11-20", "", ""},
			{"11-21 23:30", "11-21 23:30", "11-21", "closed", "閉庁日（土曜日）のため対象外"},
			{"11-22 23:30", "11-22 23:30", "11-22", "closed", "閉庁日（日曜日）のため対象外"},
			{"11-23 23:30", "11-23 23:30", "11-23", "closed", "閉庁日（勤労感謝の日）のため対象外"},
			{"11-24 23:30", "11-24 23:30", "11-24", "", ""},
		}},
		{"30 23 * * *", schedule.RollForward, []row{ // all become one with Tuesday's own
			{"11-20 23:30", "11-20 23:30", "11-20", "", ""},
			{"11-21 23:30", "11-24 23:30", "11-24", "merged", "閉庁日（土曜日）のため翌開庁日の回に統合"},
			{"11-22 23:30", "11-24 23:30", "11-24", "merged", "閉庁日（日曜日）のため翌開庁日の回に統合"},
			{"11-23 23:30", "11-24 23:30", "11-24", "merged", "閉庁日（勤労感謝の日）のため翌開庁日の回に統合"},
			{"11-24 23:30", "11-24 23:30", "11-24", "", ""},
		}},
		{"0 9 * * 0,6", schedule.RollForward, []row{ // no own on Tuesday: the last that moved there is kept
			{"11-21 09:00", "11-24 09:00", "11-23", "merged", "閉庁日（土曜日）のため翌開庁日の回に統合"},
			{"11-22 09:00", "11-24 09:00", "11-23", "", "閉庁日（日曜日）のため翌開庁日に繰下げ"},
		}},
		{"0 9,17 22 * *", schedule.RollForward, []row{ // two times of a day stay two
			{"11-22 09:00", "11-24 09:00", "11-23", "", "閉庁日（日曜日）のため翌開庁日に繰下げ"},
			{"11-22 17:00", "11-24 17:00", "11-24", "", "閉庁日（日曜日）のため翌開庁日に繰下げ"},
		}},
	} {
		s := must(tc.expr, "Asia/Tokyo")
		planned := plan(t, s, tc.policy, national, from, to)
		require.Equal(t, tc.want, rows(s, planned), "%s %s", tc.expr, tc.policy)
	}
	s := must("30 23 * * *", "Asia/Tokyo")
	planned := plan(t, s, schedule.RollForward, national, from, to)
	require.Equal(t, planned[4].Period, planned[1].MergedInto)
	require.True(t, planned[1].Moved())
	require.False(t, planned[4].Moved())
	require.Equal(t, calendar.ClosedOnWeekend, planned[1].Closure.Kind)
}

func TestPlanUsesTheTownsOwnDays(t *testing.T) {
	t.Parallel()
	date := func(day int) calendar.Date { return calendar.MustDate(2026, time.November, day) }
	town := calendar.New(map[calendar.Date]calendar.Override{
		date(23): {Open: true, Name: "休日開庁日"},
		date(20): {Name: "開町記念日"},
	})
	s := must("0 9 * * *", "Asia/Tokyo")
	planned := plan(t, s, schedule.OpenDays, town, instant("2026-11-20T00:00:00+09:00"), instant("2026-11-24T00:00:00+09:00"))
	require.Len(t, planned, 4)
	require.Equal(t, "開町記念日", planned[0].Closure.Ja)
	require.True(t, planned[0].Skipped)
	require.False(t, planned[3].Skipped)

	// The year's end: what falls due on 12/30 is due on 1/4.
	s = must("0 10 30 12 *", "Asia/Tokyo")
	planned = plan(t, s, schedule.RollForward, town, instant("2026-12-01T00:00:00+09:00"), instant("2027-01-01T00:00:00+09:00"))
	require.Equal(t, []row{{"12-30 10:00", "01-04 10:00", "01-03", "", "閉庁日（年末年始の休日）のため翌開庁日に繰下げ"}}, rows(s, planned))
}

// What summer time pushed to 03:00 on a Sunday goes back to its own time of day
// on Monday, so that it meets Monday's own instead of standing beside it.
func TestPlanMovesTheReadingNotTheInstant(t *testing.T) {
	t.Parallel()
	from, to := instant("2026-03-08T00:00:00-05:00"), instant("2026-03-10T00:00:00-04:00")
	for expr, want := range map[string][]row{
		"30 2 * * *": {
			{"03-08 03:00", "03-09 02:30", "03-08", "merged", "閉庁日（日曜日）のため翌開庁日の回に統合"},
			{"03-09 02:30", "03-09 02:30", "03-08", "", ""},
		},
		"*/30 2-3 8 * *": { // 02:00, 02:30 and 03:00 were one firing, which stands for the last
			{"03-08 03:00", "03-09 03:00", "03-08", "", "閉庁日（日曜日）のため翌開庁日に繰下げ"},
			{"03-08 03:30", "03-09 03:30", "03-08", "", "閉庁日（日曜日）のため翌開庁日に繰下げ"},
		},
	} {
		s := must(expr, "America/New_York")
		require.Equal(t, want, rows(s, plan(t, s, schedule.RollForward, calendar.Calendar{}, from, to)), expr)
	}
}

func TestPlanWithNoOpenDayEnds(t *testing.T) {
	t.Parallel()
	closed := map[calendar.Date]calendar.Override{}
	for n := range 800 {
		closed[calendar.MustDate(2026, time.January, 1).AddDays(n)] = calendar.Override{Name: "臨時休業"}
	}
	s := must("0 9 * * *", "Asia/Tokyo")
	from := instant("2026-01-05T00:00:00+09:00")
	planned := plan(t, s, schedule.RollForward, calendar.New(closed), from, from.AddDate(0, 0, 3))
	require.Len(t, planned, 3)
	for _, p := range planned {
		require.Equal(t, schedule.ReasonNoOpenDay, p.Reason)
		ja, en := p.Words()
		require.Equal(t, "1年以内に開庁日がないため対象外。閉庁日の設定を確認してください。", ja)
		require.NotEmpty(t, en)
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	s := must("* * * * *", "UTC")
	from := instant("2026-01-01T00:00:00Z")
	_, err := schedule.Plan(s, "weekly", calendar.Calendar{}, from, from.AddDate(0, 0, 1))
	require.ErrorContains(t, err, `unknown policy "weekly"`)
	_, err = schedule.Plan(s, schedule.EveryDay, calendar.Calendar{}, from, from.AddDate(2, 0, 0))
	require.ErrorContains(t, err, "more periods")
	require.False(t, schedule.Policy("weekly").Valid())
	ja, _ := schedule.Policy("weekly").Words()
	require.Equal(t, "weekly", ja)
	for _, p := range schedule.Policies() {
		require.True(t, p.Valid())
		ja, en := p.Words()
		require.NotEqual(t, ja, en)
	}
}

var anyPolicy = rapid.SampledFrom(schedule.Policies())

// anyCalendar draws calendars with many days of their own around from.
func anyCalendar(t *rapid.T, from time.Time) calendar.Calendar {
	first := calendar.DateOf(from, time.UTC)
	return calendar.New(rapid.MapOfN(
		rapid.Map(rapid.IntRange(-3, 60), first.AddDays),
		rapid.Custom(func(t *rapid.T) calendar.Override {
			return calendar.Override{Open: rapid.Bool().Draw(t, "open"), Name: "町の日"}
		}), 0, 30).Draw(t, "local"))
}

// A restart anywhere changes nothing: planning [a,b) and [b,c) is planning [a,c).
func TestPlanWindowsMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := must(anyExpr.Draw(t, "expr"), rapid.SampledFrom(zones).Draw(t, "zone"))
		policy := anyPolicy.Draw(t, "policy")
		a := anyInstant(t, s.Location(), "a")
		b := a.Add(time.Duration(rapid.Int64Range(0, 20*24*3600).Draw(t, "b")) * time.Second)
		c := b.Add(time.Duration(rapid.Int64Range(0, 20*24*3600).Draw(t, "c")) * time.Second)
		cal := anyCalendar(t, a)
		whole := plan(t, s, policy, cal, a, c)
		if len(whole) > 0 && rapid.Bool().Draw(t, "cut at a period") {
			b = rapid.SampledFrom(whole).Draw(t, "cut").Period
		}
		parts := append(plan(t, s, policy, cal, a, b), plan(t, s, policy, cal, b, c)...)
		require.Len(t, parts, len(whole))
		for i := range whole {
			require.Equal(t, whole[i], parts[i])
		}
	})
}

// What a plan promises, whatever the schedule, the zone and the calendar.
func TestPlanPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := must(anyExpr.Draw(t, "expr"), rapid.SampledFrom(zones).Draw(t, "zone"))
		policy := anyPolicy.Draw(t, "policy")
		from := anyInstant(t, s.Location(), "from")
		to := from.AddDate(0, 0, 20)
		cal := anyCalendar(t, from)
		planned := plan(t, s, policy, cal, from, to)

		var periods []time.Time
		happens := map[time.Time]bool{} // the instants at which an occurrence is due
		for _, p := range planned {
			periods = append(periods, p.Period)
			require.False(t, p.Scheduled.Before(p.Period), "nothing moves back")
			require.Equal(t, calendar.NightOf(p.Scheduled, s.Location()), p.Night)
			require.Equal(t, p.Skipped, p.Reason != "")
			require.Equal(t, p.Reason == schedule.ReasonMerged, !p.MergedInto.IsZero())
			if !p.Skipped {
				require.False(t, happens[p.Scheduled], "two occurrences at %s", p.Scheduled)
				happens[p.Scheduled] = true
				if policy != schedule.EveryDay {
					require.True(t, cal.IsOpen(calendar.DateOf(p.Scheduled, s.Location())), "due on a closed day: %s", p.Scheduled)
				}
			}
			if policy != schedule.RollForward {
				require.Equal(t, p.Period, p.Scheduled)
			}
		}
		require.Equal(t, s.Between(from, to), periods, "every period appears, once")

		// Nothing that moved is lost: the one it went into is there, at its instant.
		wide := map[time.Time]schedule.Planned{}
		for _, p := range plan(t, s, policy, cal, from, to.AddDate(0, 0, 90)) {
			wide[p.Period] = p
		}
		for _, p := range planned {
			if p.Reason == schedule.ReasonMerged {
				kept := wide[p.MergedInto]
				require.False(t, kept.Skipped)
				require.Equal(t, p.Scheduled, kept.Scheduled)
				require.True(t, kept.Period.After(p.Period))
			}
		}
	})
}
