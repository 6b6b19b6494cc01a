package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/calendar"
)

func TestHolidayTable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1970-01-01", calendar.Starts().String())
	require.Equal(t, "2050-12-31", calendar.Ends().String())

	// The days of 令和8年 as the Cabinet Office lists them.
	var got []string
	for _, h := range calendar.Holidays(day("2026-01-01"), day("2026-12-31")) {
		got = append(got, h.Date.String()[5:]+" "+h.Ja)
		require.NotEmpty(t, h.En)
	}
	require.Equal(t, []string{
		"01-01 元日", "01-12 成人の日", "02-11 建国記念の日", "02-23 天皇誕生日", "03-20 春分の日", "04-29 昭和の日",
		"05-03 憲法記念日", "05-04 みどりの日", "05-05 こどもの日", "05-06 振替休日", "07-20 海の日", "08-11 山の日",
		"09-21 敬老の日", "09-22 休日", "09-23 秋分の日", "10-12 スポーツの日", "11-03 文化の日", "11-23 勤労感謝の日",
	}, got)

	require.Len(t, calendar.Holidays(calendar.Date{}, day("9999-12-31")), 1329)
	require.Empty(t, calendar.Holidays(day("2051-01-01"), day("2060-12-31")))
	_, ok := calendar.HolidayOn(day("2026-11-21"))
	require.False(t, ok)
}

// The Act on National Holidays, art. 3: a holiday on a Sunday gives the next day
// that is none (since 2007; before, the Monday), and a day between two holidays
// is one (since 1985). The table must follow its own law.
func TestHolidayTableFollowsTheAct(t *testing.T) {
	t.Parallel()
	holiday := func(d calendar.Date) bool {
		_, ok := calendar.HolidayOn(d)
		return ok
	}
	substitutes := 0
	for _, h := range calendar.Holidays(day("1973-04-12"), calendar.Ends()) {
		if h.Ja == "振替休日" {
			substitutes++
			sunday := h.Date
			for holiday(sunday) && sunday.Weekday() != time.Sunday {
				sunday = sunday.AddDays(-1)
			}
			require.Equal(t, time.Sunday, sunday.Weekday(), h.Date)
			require.True(t, holiday(sunday), h.Date)
		}
		if h.Date.Weekday() == time.Sunday {
			require.True(t, holiday(h.Date.AddDays(1)), "the day after %s", h.Date)
		}
		if h.Date.Year() >= 1986 && holiday(h.Date.AddDays(2)) && h.Date.AddDays(1).Weekday() != time.Sunday {
			require.True(t, holiday(h.Date.AddDays(1)), "the day between %s and %s", h.Date, h.Date.AddDays(2))
		}
		require.NotContains(t, h.Ja, " ")
	}
	require.Equal(t, 133, substitutes)
}
