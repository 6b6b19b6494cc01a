package calendar_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

var zoneNames = []string{
	"Asia/Tokyo", "UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
	"Africa/Casablanca", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Asia/Kathmandu",
}

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAtInGapsAndRepeats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		zone, date   string
		hour, minute int
		want, why    string
	}{
		{"Asia/Tokyo", "2026-11-21", 2, 0, "2026-11-21T02:00:00+09:00", "no summer time"},
		{"UTC", "2026-11-21", 0, 0, "2026-11-21T00:00:00Z", ""},
		{"America/New_York", "2026-03-08", 2, 30, "2026-03-08T03:00:00-04:00", "02:00-03:00 skipped"},
		{"America/New_York", "2026-03-08", 3, 0, "2026-03-08T03:00:00-04:00", "the first valid reading"},
		{"America/New_York", "2026-03-08", 1, 59, "2026-03-08T01:59:00-05:00", "the last before"},
		{"America/New_York", "2026-11-01", 1, 30, "2026-11-01T01:30:00-04:00", "comes twice: the first"},
		{"America/New_York", "2026-11-01", 2, 0, "2026-11-01T02:00:00-05:00", ""},
		{"Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-04T02:30:00+11:00", "half an hour skipped"},
		{"Australia/Lord_Howe", "2026-04-05", 1, 45, "2026-04-05T01:45:00+11:00", "half an hour twice"},
		{"America/Sao_Paulo", "2018-11-04", 0, 0, "2018-11-04T01:00:00-02:00", "midnight skipped"},
		{"America/Havana", "2026-11-01", 0, 30, "2026-11-01T00:30:00-04:00", "midnight hour twice"},
		{"Pacific/Apia", "2011-12-30", 12, 0, "2011-12-31T00:00:00+14:00", "the whole day skipped"},
		{"America/New_York", "2040-12-31", 12, 0, "2040-12-31T12:00:00-05:00", "where Go's zone bounds are wrong"},
		{"Pacific/Apia", "2011-12-29", 23, 59, "2011-12-29T23:59:00-10:00", ""},
	} {
		got := day(tc.date).At(tc.hour, tc.minute, zone(tc.zone))
		require.Equal(t, tc.want, got.Format(time.RFC3339), "%s %s %s", tc.zone, tc.date, tc.why)
	}
}

// The definition of At, minute by minute: the earliest instant whose reading is
// not before the one asked for.
func TestAtIsTheFirstInstantNotBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		d := anyDate(1975, 2060).Draw(t, "date")
		if rapid.Bool().Draw(t, "near a change") {
			d = nextChange(d, loc).AddDays(rapid.IntRange(-1, 1).Draw(t, "days"))
		}
		minute := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
		got := d.At(minute/60, minute%60, loc)

		wall := d.UTCMidnight().Add(time.Duration(minute) * time.Minute)
		want := wall.Add(-30 * time.Hour)
		for reading(want, loc).Before(wall) {
			want = want.Add(time.Minute)
		}
		require.True(t, want.Equal(got), "%s %02d:%02d %s: want %s, got %s", d, minute/60, minute%60, loc, want.In(loc), got)
	})
}

// nextChange is the next date within a year on which loc changes its offset,
// d itself when there is none.
func nextChange(d calendar.Date, loc *time.Location) calendar.Date {
	_, offset := d.UTCMidnight().In(loc).Zone()
	for n := range 366 {
		if _, then := d.AddDays(n).UTCMidnight().In(loc).Zone(); then != offset {
			return d.AddDays(n)
		}
	}
	return d
}

// reading is what the wall clock shows, as an instant of UTC.
func reading(t time.Time, loc *time.Location) time.Time {
	l := t.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

func TestDaysTileTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		d := anyDate(1975, 2060).Draw(t, "date")
		start, end := d.In(loc)
		next, _ := d.AddDays(1).In(loc)
		require.True(t, end.Equal(next))
		require.False(t, end.Before(start))
		if start.Before(end) {
			require.Equal(t, d, calendar.DateOf(start, loc))
			// By 23:00 the clock has finished any jump that this zone made at midnight.
			require.Equal(t, d, calendar.DateOf(d.At(23, 0, loc), loc))
		}
		require.False(t, calendar.DateOf(start.Add(-time.Nanosecond), loc).After(d.AddDays(-1)))
	})
	start, end := day("2026-11-21").In(zone("Asia/Tokyo"))
	require.Equal(t, "2026-11-21T00:00:00+09:00", start.Format(time.RFC3339))
	require.Equal(t, "2026-11-22T00:00:00+09:00", end.Format(time.RFC3339))
	start, end = day("2011-12-30").In(zone("Pacific/Apia"))
	require.True(t, start.Equal(end), "Samoa had no 30 December 2011")
	start, end = day("2026-11-01").In(zone("America/New_York"))
	require.Equal(t, 25*time.Hour, end.Sub(start))
}

func TestNightOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ zone, at, want string }{
		{"Asia/Tokyo", "2026-11-20T22:00:00+09:00", "2026-11-20"},
		{"Asia/Tokyo", "2026-11-21T02:00:00+09:00", "2026-11-20"},
		{"Asia/Tokyo", "2026-11-20T17:00:00Z", "2026-11-20"}, // 02:00 on the 21st there
		{"Asia/Tokyo", "2026-11-21T11:59:59+09:00", "2026-11-20"},
		{"Asia/Tokyo", "2026-11-21T12:00:00+09:00", "2026-11-21"},
		{"Asia/Tokyo", "2027-01-01T02:00:00+09:00", "2026-12-31"},
		{"Asia/Tokyo", "2028-03-01T02:00:00+09:00", "2028-02-29"},
		{"America/New_York", "2026-03-08T12:30:00-04:00", "2026-03-08"}, // 23 h day: noon stays noon
		{"America/New_York", "2026-11-01T11:30:00-05:00", "2026-10-31"},
		{"Pacific/Apia", "2011-12-31T02:00:00+14:00", "2011-12-29"}, // there was no 30th
	} {
		require.Equal(t, tc.want, calendar.NightOf(instant(tc.at), zone(tc.zone)).String(), tc.at)
	}
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(rapid.SampledFrom([]string{"Asia/Tokyo", "UTC", "Asia/Kathmandu"}).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(946684800, 2840140800).Draw(t, "unix"), 0)
		require.Equal(t, calendar.DateOf(at.Add(-12*time.Hour), loc), calendar.NightOf(at, loc))
	})
}
