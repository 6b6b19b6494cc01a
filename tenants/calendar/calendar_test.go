package calendar_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

func TestClosedSaysWhy(t *testing.T) {
	t.Parallel()
	town := calendar.New(map[calendar.Date]calendar.Override{
		day("2027-06-23"): {Name: "慰霊の日"},              // a Wednesday
		day("2026-11-23"): {Open: true, Name: "休日開庁日"}, // a holiday
		day("2026-11-22"): {Open: true},                // a Sunday
		day("2026-11-24"): {},
	})
	for _, tc := range []struct {
		date, want string
		kind       calendar.ClosureKind
	}{
		{"2026-11-20", "", ""},
		{"2026-11-21", "土曜日", calendar.ClosedOnWeekend},
		{"2026-11-22", "", ""},
		{"2026-11-23", "", ""},
		{"2026-11-24", "閉庁日", calendar.ClosedLocally},
		{"2026-11-29", "日曜日", calendar.ClosedOnWeekend},
		{"2027-06-23", "慰霊の日", calendar.ClosedLocally},
		{"2027-11-23", "勤労感謝の日", calendar.ClosedHoliday},
		{"2026-05-03", "憲法記念日", calendar.ClosedHoliday}, // a Sunday
		{"2026-05-06", "振替休日", calendar.ClosedHoliday},
		{"2026-09-22", "休日", calendar.ClosedHoliday}, // between two holidays
		{"2026-12-28", "", ""},
		{"2026-12-29", "年末年始の休日", calendar.ClosedYearEnd},
		{"2026-12-31", "年末年始の休日", calendar.ClosedYearEnd},
		{"2027-01-01", "元日", calendar.ClosedHoliday},
		{"2027-01-02", "年末年始の休日", calendar.ClosedYearEnd}, // a Saturday
		{"2027-01-03", "年末年始の休日", calendar.ClosedYearEnd},
		{"2027-01-04", "", ""},
	} {
		reason, closed := town.Closure(day(tc.date))
		require.Equal(t, tc.want, reason.Ja, tc.date)
		require.Equal(t, tc.kind, reason.Kind, tc.date)
		require.Equal(t, tc.want != "", closed, tc.date)
		require.Equal(t, closed, reason.En != "", tc.date)
		require.Equal(t, !closed, town.IsOpen(day(tc.date)))
		name, _ := town.Closed(day(tc.date))
		require.Equal(t, tc.want, name)
	}
	name, ok := town.LocalName(day("2026-11-23"))
	require.True(t, ok)
	require.Equal(t, "休日開庁日", name)
	_, ok = town.LocalName(day("2026-11-20"))
	require.False(t, ok)
}

func TestNewCopiesOverrides(t *testing.T) {
	t.Parallel()
	local := map[calendar.Date]calendar.Override{}
	town := calendar.New(local)
	local[day("2026-11-20")] = calendar.Override{}
	require.True(t, town.IsOpen(day("2026-11-20")))
}

func TestOpenDaysAroundClosedOnes(t *testing.T) {
	t.Parallel()
	var national calendar.Calendar
	for _, tc := range []struct{ date, next, prev string }{
		{"2026-11-20", "2026-11-20", "2026-11-20"},
		{"2026-11-21", "2026-11-24", "2026-11-20"}, // Sat, Sun, 勤労感謝の日
		{"2026-12-29", "2027-01-04", "2026-12-28"},
		{"2027-01-03", "2027-01-04", "2026-12-28"},
		{"2026-09-19", "2026-09-24", "2026-09-18"}, // Sat, Sun and three holidays
		{"2019-04-27", "2019-05-07", "2019-04-26"}, // the ten days of the change of era
	} {
		next, err := national.NextOpen(day(tc.date))
		require.NoError(t, err)
		require.Equal(t, tc.next, next.String(), tc.date)
		prev, err := national.PrevOpen(day(tc.date))
		require.NoError(t, err)
		require.Equal(t, tc.prev, prev.String(), tc.date)
	}
	for _, tc := range []struct {
		date string
		n    int
		want string
	}{
		{"2026-11-20", 1, "2026-11-24"},
		{"2026-11-20", 0, "2026-11-20"},
		{"2026-11-21", 0, "2026-11-24"},
		{"2026-11-21", 1, "2026-11-24"},
		{"2026-11-20", 3, "2026-11-26"},
		{"2026-11-24", -1, "2026-11-20"},
		{"2026-11-23", -1, "2026-11-20"},
		{"2026-12-28", 1, "2027-01-04"},
		{"2027-01-04", -1, "2026-12-28"},
	} {
		got, err := national.AddOpenDays(day(tc.date), tc.n)
		require.NoError(t, err)
		require.Equal(t, tc.want, got.String(), "%s %+d", tc.date, tc.n)
	}
}

func TestAbsurdCalendarsEnd(t *testing.T) {
	t.Parallel()
	local := map[calendar.Date]calendar.Override{}
	for d := day("2026-01-01"); d.Before(day("2028-01-01")); d = d.AddDays(1) {
		local[d] = calendar.Override{Name: "臨時休業"}
	}
	town := calendar.New(local)
	_, err := town.NextOpen(day("2026-01-05"))
	require.ErrorIs(t, err, calendar.ErrNoOpenDay)
	_, err = town.PrevOpen(day("2027-12-28"))
	require.ErrorIs(t, err, calendar.ErrNoOpenDay)
	_, err = town.AddOpenDays(day("2025-12-26"), 2)
	require.ErrorIs(t, err, calendar.ErrNoOpenDay)
	_, err = town.AddOpenDays(day("2030-01-01"), 1<<40)
	require.ErrorContains(t, err, "only 10000")
	_, err = town.NextOpen(day("9999-12-31"))
	require.ErrorIs(t, err, calendar.ErrNoOpenDay)
	_, err = town.PrevOpen(day("0001-01-01"))
	require.ErrorIs(t, err, calendar.ErrNoOpenDay)
}

func TestOpenDayProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := day("2024-01-01")
		local := rapid.MapOfN(
			rapid.Map(rapid.IntRange(0, 1500), first.AddDays),
			rapid.Custom(func(t *rapid.T) calendar.Override {
				return calendar.Override{Open: rapid.Bool().Draw(t, "open")}
			}), 0, 200).Draw(t, "local")
		c := calendar.New(local)
		d := anyDate(2024, 2027).Draw(t, "date")
		for at, override := range local {
			require.Equal(t, override.Open, c.IsOpen(at), "an override wins both ways")
		}

		next, err := c.NextOpen(d)
		require.NoError(t, err)
		require.True(t, c.IsOpen(next))
		require.False(t, next.Before(d))
		for at := d; at.Before(next); at = at.AddDays(1) {
			require.False(t, c.IsOpen(at))
		}
		prev, err := c.PrevOpen(d)
		require.NoError(t, err)
		require.True(t, c.IsOpen(prev))
		require.False(t, prev.After(d))

		n := rapid.IntRange(1, 30).Draw(t, "n")
		later, err := c.AddOpenDays(d, n)
		require.NoError(t, err)
		opened := 0
		for at := d.AddDays(1); !at.After(later); at = at.AddDays(1) {
			if c.IsOpen(at) {
				opened++
			}
		}
		require.Equal(t, n, opened)
		require.True(t, c.IsOpen(later))
		back, err := c.AddOpenDays(later, -n)
		require.NoError(t, err)
		require.Equal(t, prev, back, "counting back from an open day finds where counting began")
	})
}
