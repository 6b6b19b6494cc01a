package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
)

var zones = []string{
	"Asia/Tokyo", "UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
	"America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Pacific/Chatham", "Antarctica/Troll", "Europe/Dublin",
	"America/St_Johns", "Asia/Tehran", "Pacific/Kiritimati", "Asia/Gaza", "America/Asuncion", "Africa/Cairo",
	"Antarctica/Casey", "America/Scoresbysund", "Asia/Pyongyang", "Pacific/Norfolk", "Africa/El_Aaiun", "Asia/Beirut",
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func must(expr, zone string) schedule.Schedule {
	s, err := schedule.Parse(expr, zone)
	if err != nil {
		panic(err)
	}
	return s
}

// local writes instants as the zone's wall clock shows them.
func local(s schedule.Schedule, at []time.Time) string {
	shown := make([]string, len(at))
	for i, a := range at {
		shown[i] = a.In(s.Location()).Format("01-02T15:04-0700")
	}
	return strings.Join(shown, " ")
}

func TestBetween(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, expr, zone, from, to, want string }{
		{"half-open", "0 2 * * *", "Asia/Tokyo", "2026-11-21T02:00:00+09:00", "2026-11-23T02:00:00+09:00",
			"11-21T02:00+0900 11-22T02:00+0900"},
		{"a moment later", "0 2 * * *", "Asia/Tokyo", "2026-11-21T02:00:01+09:00", "2026-11-23T02:00:01+09:00",
			"11-22T02:00+0900 11-23T02:00+0900"},
		{"over New Year", "30 23 * * *", "Asia/Tokyo", "2026-12-31T00:00:00+09:00", "2027-01-02T00:00:00+09:00",
			"12-31T23:30+0900 01-01T23:30+0900"},
		{"leap day", "0 3 29 2 *", "Asia/Tokyo", "2026-01-01T00:00:00Z", "2033-01-01T00:00:00Z",
			"02-29T03:00+0900 02-29T03:00+0900"},
		{"31st", "0 3 31 * *", "Asia/Tokyo", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z",
			"01-31T03:00+0900 03-31T03:00+0900 05-31T03:00+0900"},
		{"skipped hour", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z",
			"03-08T03:00-0400 03-09T02:30-0400"},
		{"several skipped", "*/20 2-3 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z",
			"03-08T03:00-0400 03-08T03:20-0400 03-08T03:40-0400"},
		{"repeated hour", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z",
			"11-01T01:30-0400 11-02T01:30-0500"},
		{"hourly over a repeat", "0 * * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T08:00:00Z",
			"11-01T00:00-0400 11-01T01:00-0400 11-01T02:00-0500"},
		{"half an hour skipped", "*/15 2 * * *", "Australia/Lord_Howe", "2026-10-03T14:00:00Z", "2026-10-03T18:00:00Z",
			"10-04T02:30+1100 10-04T02:45+1100"},
		{"midnight skipped", "0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z",
			"11-04T01:00-0200 11-05T00:00-0200"},
		{"the hour before midnight skipped", "0,30 0,23 * * *", "America/Nuuk", "2026-03-28T20:00:00Z", "2026-03-29T02:00:00Z",
			"03-29T00:00-0100 03-29T00:30-0100"},
		{"a date that was not", "0 2 * * *", "Pacific/Apia", "2011-12-28T20:00:00Z", "2011-12-31T20:00:00Z",
			"12-29T02:00-1000 12-31T02:00+1400 01-01T02:00+1400"},
		{"an hour back for Ramadan", "30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00:00Z", "2026-02-16T12:00:00Z",
			"02-15T02:30+0100 02-16T02:30+0000"},
		{"and on again after it", "30 2 * * *", "Africa/Casablanca", "2026-03-21T12:00:00Z", "2026-03-23T12:00:00Z",
			"03-22T03:00+0100 03-23T02:30+0100"},
		{"empty window", "* * * * *", "UTC", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", ""},
	} {
		s := must(tc.expr, tc.zone)
		require.Equal(t, tc.want, local(s, s.Between(instant(tc.from), instant(tc.to))), tc.name)
	}
	require.Empty(t, schedule.Schedule{}.Between(instant("2026-01-01T00:00:00Z"), instant("2027-01-01T00:00:00Z")))
}

// anyExpr draws expressions that fire often enough for a short window.
var anyExpr = rapid.Custom(func(t *rapid.T) string {
	field := func(label string, choices ...string) string { return rapid.SampledFrom(choices).Draw(t, label) }
	return strings.Join([]string{
		field("minute", "0", "30", "59", "*/15", "7,52", "*/20", "0"),
		field("hour", "*", "2", "0", "1-3", "23", "2,14", "*/6"),
		field("dom", "*", "*", "*", "1", "1,15", "*/2", "28-31", "?"),
		field("month", "*", "*", "*", "3,11", "2", "jan-jun"),
		field("dow", "*", "*", "*", "1-5", "0", "sun,wed", "0-6", "*/2"),
	}, " ")
})

// anyInstant draws instants, half of them within two days of a change of offset
// in the zone.
func anyInstant(t *rapid.T, loc *time.Location, label string) time.Time {
	at := time.Unix(rapid.Int64Range(1262304000, 2556144000).Draw(t, label), 0) // 2010 to 2050
	if rapid.Bool().Draw(t, label+" near a change") {
		_, offset := at.In(loc).Zone()
		for day := range 366 {
			if _, then := at.AddDate(0, 0, day).In(loc).Zone(); then != offset {
				at = at.AddDate(0, 0, day).Add(time.Duration(rapid.IntRange(-48, 24).Draw(t, label+" hours")) * time.Hour)
				break
			}
		}
	}
	return at
}

// Where the clock never changes, we and robfig/cron agree on every instant.
func TestBetweenAgreesWithCron(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Asia/Tokyo", "UTC"}).Draw(t, "zone")
		s := must(anyExpr.Draw(t, "expr"), zone)
		from := anyInstant(t, s.Location(), "from").Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "ns")))
		to := from.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "days"))

		theirs, err := cron.ParseStandard("CRON_TZ=" + zone + " " + s.Expr())
		require.NoError(t, err)
		var want []time.Time
		for at := theirs.Next(from.Add(-1)); !at.IsZero() && at.Before(to); at = theirs.Next(at) {
			if !at.Before(from) {
				want = append(want, at.UTC())
			}
		}
		require.Equal(t, want, s.Between(from, to))
	})
}

// In any zone, each wall-clock reading that the expression names, on each date
// that there was, has exactly one instant; nothing else fires.
func TestEveryReadingFiresOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// America/Nuuk, too: it skips the hour before midnight, which joins two dates.
		s := must(anyExpr.Draw(t, "expr"), rapid.SampledFrom(append([]string{"America/Nuuk"}, zones...)).Draw(t, "zone"))
		from := anyInstant(t, s.Location(), "from")
		to := from.AddDate(0, 0, 3)
		got := s.Between(from, to)

		inUTC := must(s.Expr(), "UTC")
		want := map[time.Time]bool{}
		for _, reading := range inUTC.Between(from.AddDate(0, 0, -3), to.AddDate(0, 0, 3)) {
			date := calendar.DateOf(reading, time.UTC)
			at := firstInstant(reading, s.Location())
			if hadDate(date, s.Location()) && !at.Before(from) && at.Before(to) {
				want[at] = true
			}
		}
		require.Len(t, got, len(want))
		for i, at := range got {
			require.True(t, want[at], "%s fires at %s", s.Expr(), at)
			require.True(t, i == 0 || got[i-1].Before(at))
		}
	})
}

// firstInstant finds, minute by minute, when the clock first shows a reading,
// given as an instant of UTC, or one after it.
func firstInstant(reading time.Time, loc *time.Location) time.Time {
	for at := reading.Add(-16 * time.Hour); ; at = at.Add(time.Minute) {
		l := at.In(loc)
		shown := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
		if !shown.Before(reading) {
			return at.UTC()
		}
	}
}

func hadDate(d calendar.Date, loc *time.Location) bool {
	for h := -16; h < 48; h++ {
		if calendar.DateOf(d.UTCMidnight().Add(time.Duration(h)*time.Hour), loc) == d {
			return true
		}
	}
	return false
}

func TestWindowsMeetWithoutLossOrDoubling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := must(anyExpr.Draw(t, "expr"), rapid.SampledFrom(zones).Draw(t, "zone"))
		a := anyInstant(t, s.Location(), "a")
		b := a.Add(time.Duration(rapid.Int64Range(0, 20*24*3600).Draw(t, "b")) * time.Second)
		c := b.Add(time.Duration(rapid.Int64Range(0, 20*24*3600).Draw(t, "c")) * time.Second)
		whole := s.Between(a, c)
		if len(whole) > 0 && rapid.Bool().Draw(t, "cut at a firing") {
			b = rapid.SampledFrom(whole).Draw(t, "cut")
		}
		require.Equal(t, fmt.Sprint(whole), fmt.Sprint(append(s.Between(a, b), s.Between(b, c)...)))

		// Next and Before walk the same instants one by one.
		at := a.Add(-1)
		for _, want := range whole[:min(len(whole), 50)] {
			at = s.Next(at)
			require.Equal(t, want, at)
		}
		if len(whole) > 1 {
			last := whole[len(whole)-1]
			require.Equal(t, whole[len(whole)-2], s.Before(last))
			require.Equal(t, last, s.Before(last.Add(1)))
		}
	})
	require.True(t, schedule.Schedule{}.Next(instant("2026-01-01T00:00:00Z")).IsZero())
	require.True(t, schedule.Schedule{}.Before(instant("2026-01-01T00:00:00Z")).IsZero())
	leap := must("0 0 29 2 *", "UTC")
	require.Equal(t, instant("2104-02-29T00:00:00Z"), leap.Next(instant("2096-02-29T00:00:00Z")))
	require.Equal(t, instant("2096-02-29T00:00:00Z"), leap.Before(instant("2104-02-29T00:00:00Z")))
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s := must("* * * * *", "Asia/Tokyo")
	from := instant("2026-01-01T00:00:00+09:00")
	first := s.Between(from, instant("2999-01-01T00:00:00Z"))
	require.Len(t, first, schedule.MaxPeriods)
	last := first[len(first)-1]
	require.Equal(t, from.Add((schedule.MaxPeriods-1)*time.Minute).UTC(), last)
	require.Equal(t, last.Add(time.Minute), s.Between(last.Add(1), last.Add(time.Hour))[0])

	rare := must("0 0 29 2 *", "America/New_York")
	require.Len(t, rare.Between(time.Time{}, time.Unix(1<<55, 0)), 2424, "the leap years from 4 to 9999, and an end")
}
