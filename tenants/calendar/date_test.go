package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

// day reads YYYY-MM-DD in tables of tests.
func day(s string) calendar.Date {
	d, err := calendar.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// anyDate draws a date between two years, both included.
func anyDate(first, last int) *rapid.Generator[calendar.Date] {
	return rapid.Custom(func(t *rapid.T) calendar.Date {
		start := calendar.MustDate(first, time.January, 1)
		end := calendar.MustDate(last, time.December, 31)
		return start.AddDays(rapid.IntRange(0, start.DaysUntil(end)).Draw(t, "days"))
	})
}

func TestDateCounting(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from string
		days int
		want string
	}{
		{"2026-11-21", 1, "2026-11-22"},
		{"2026-12-31", 1, "2027-01-01"},
		{"2028-02-28", 1, "2028-02-29"},
		{"2026-02-28", 1, "2026-03-01"},
		{"2100-02-28", 1, "2100-03-01"}, // no leap year
		{"2000-02-28", 1, "2000-02-29"},
		{"2027-01-01", -1, "2026-12-31"},
		{"2026-11-21", -365, "2025-11-21"},
		{"2026-11-21", 0, "2026-11-21"},
	} {
		got := day(tc.from).AddDays(tc.days)
		require.Equal(t, tc.want, got.String())
		require.Equal(t, tc.days, day(tc.from).DaysUntil(got))
	}
	require.Equal(t, time.Saturday, day("2026-11-21").Weekday())
	require.True(t, calendar.Date{}.AddDays(3).IsZero())
}

func TestDateRefusesDaysThatDoNotExist(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "0000-01-01",
		"2026-1-1", "26-01-01", "2026/01/01", "", " 2026-01-01", "2026-01-01T00:00:00Z", "２０２６-01-01",
	} {
		_, err := calendar.Parse(s)
		var input *calendar.InputError
		require.ErrorAs(t, err, &input, s)
		require.Equal(t, s, input.Input)
		require.NotEmpty(t, input.Ja)
		require.NotEmpty(t, input.En)
	}
	_, err := calendar.NewDate(2026, time.February, 29)
	require.EqualError(t, err, "there is no day 29 in 2026-02: the month has days 1 to 28")
	_, err = calendar.NewDate(10000, time.January, 1)
	require.Error(t, err)
	require.Panics(t, func() { calendar.MustDate(2026, time.April, 31) })
}

func TestDateOrderFollowsDayCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate(1800, 2200).Draw(t, "a"), anyDate(1800, 2200).Draw(t, "b")
		n := a.DaysUntil(b)
		require.Equal(t, b, a.AddDays(n))
		require.Equal(t, n > 0, a.Before(b))
		require.Equal(t, n < 0, a.After(b))
		require.Equal(t, -a.Compare(b), b.Compare(a))
		require.Equal(t, a == b, n == 0)
		require.Equal(t, (int(a.Weekday())+n%7+7)%7, int(b.Weekday()))
	})
}

func TestDateSurvivesEveryCodec(t *testing.T) {
	t.Parallel()
	type carrier struct {
		Day  calendar.Date            `json:"day"`
		Map  map[calendar.Date]string `json:"map"`
		Omit calendar.Date            `json:"omit,omitzero"`
	}
	types := pgtype.NewMap()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(1, 9999).Draw(t, "date")

		data, err := json.Marshal(carrier{Day: d, Map: map[calendar.Date]string{d: "x"}})
		require.NoError(t, err)
		require.JSONEq(t, `{"day":"`+d.String()+`","map":{"`+d.String()+`":"x"}}`, string(data))
		var back carrier
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, d, back.Day)
		require.Contains(t, back.Map, d)

		// As pgx sends and reads a column of type date, text and binary.
		for _, format := range []int16{pgtype.TextFormatCode, pgtype.BinaryFormatCode} {
			wire, err := types.Encode(pgtype.DateOID, format, d.UTCMidnight(), nil)
			require.NoError(t, err)
			var scanned calendar.Date
			require.NoError(t, types.Scan(pgtype.DateOID, format, wire, &scanned))
			require.Equal(t, d, scanned)
		}
		wire, err := types.Encode(pgtype.DateOID, pgtype.TextFormatCode, d, nil)
		require.NoError(t, err)
		require.Equal(t, d.String(), string(wire))
		var scanned calendar.Date
		require.NoError(t, scanned.Scan([]byte(d.String())))
		require.Equal(t, d, scanned)
	})
}

func TestNoDateIsNull(t *testing.T) {
	t.Parallel()
	var none calendar.Date
	value, err := none.Value()
	require.NoError(t, err)
	require.Nil(t, value)
	require.Empty(t, none.String())
	require.Empty(t, none.Wareki())
	require.Empty(t, none.WarekiWeekday())
	require.Empty(t, none.WarekiShort())
	data, err := json.Marshal(none)
	require.NoError(t, err)
	require.Equal(t, "null", string(data))

	for _, null := range []string{`null`, `""`} {
		d := day("2026-11-21")
		require.NoError(t, json.Unmarshal([]byte(null), &d))
		require.True(t, d.IsZero())
	}
	d := day("2026-11-21")
	require.NoError(t, d.Scan(nil))
	require.True(t, d.IsZero())

	for _, wrong := range []string{`20261121`, `"2026-02-30"`, `{}`, `"21.11.2026"`} {
		require.Error(t, json.Unmarshal([]byte(wrong), &d), wrong)
	}
	require.Error(t, d.Scan(int64(20261121)))
	require.Error(t, d.Scan("infinity"))
	_, err = day("9999-12-31").AddDays(1).Value()
	require.ErrorContains(t, err, "out of range")
}

func TestMonthsLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, want string
		n          int
	}{
		{"2026-11-26", "2027-11-26", 12}, {"2026-08-31", "2026-09-30", 1}, {"2027-08-31", "2028-02-29", 6}, {"2026-03-31", "2026-02-28", -1}, {"2026-12-15", "2027-01-15", 1},
	} {
		from, err := calendar.Parse(c.from)
		require.NoError(t, err)
		require.Equal(t, c.want, from.AddMonths(c.n).String(), c.from)
	}
	require.True(t, calendar.Date{}.AddMonths(3).IsZero())
}
