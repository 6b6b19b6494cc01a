package calendar

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParseInput: what a person types is a date, which written in any of the forms shown is read as the same date, or is
// refused in both languages, with a suggestion only where that is itself a date.
func FuzzParseInput(f *testing.F) {
	for _, s := range []string{"令和8年11月21日", "令和８年１１月２１日（土）", "令和元年5月1日", "㋿元年5月1日", "R8.11.21", "r8/11/21", "R元.5.1", "令8.11.21", "5081121", "20261121",
		"2026-11-21", "2026年11月21日", "西暦2026年11月21日", "平成32年1月1日", "昭和64年1月8日", "令和元年4月30日", "令和0年1月1日", "令和8年2月30日", "元年5月1日", "8.11.21",
		"0001-01-01", "9999-12-31", "M1.1.24", "R8.11-21", "", "　", strings.Repeat("1", 300), "令和8年11月21日（金）", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d, err := ParseInput(typed)
		if err != nil {
			requireWords(t, err, typed)
			return
		}
		require.NoError(t, exists(d))
		again := []string{d.String(), d.Wareki(), d.WarekiWeekday(), d.WarekiShort()}
		if code := d.WarekiCode(); code != "" {
			again = append(again, code)
		}
		for _, shown := range again {
			if _, year, ok := d.Era(); ok && year > 9999-1868 || !ok && d.year < 1000 && !strings.Contains(shown, "-") {
				continue // shown with a year that a form does not take
			}
			read, err := ParseInput(shown)
			require.NoError(t, err, "%q from %q", shown, typed)
			require.Equal(t, d, read, "%q from %q", shown, typed)
		}
	})
}

func requireWords(t *testing.T, err error, typed string) {
	t.Helper()
	var wrong *InputError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, typed, wrong.Input)
	for _, s := range []string{wrong.Code, wrong.Ja, wrong.En} {
		require.NotEmpty(t, s)
		require.Less(t, len(s), 1000, "what was typed is quoted clipped")
	}
	if !wrong.Suggest.IsZero() {
		require.NoError(t, exists(wrong.Suggest))
	}
}

func exists(d Date) error {
	_, err := NewDate(d.year, d.month, d.day)
	return err
}

// FuzzDate: as text, as JSON and as a column a date comes back as it went, and each of them takes the same texts.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-11-21", "2026-02-29", "0001-01-01", "9999-12-31", "0000-01-01", "", "null", "2026-1-1", "２０２６-11-21", "2026-11-21\n", "2026-11-21T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		var scanned, texted, read Date
		require.Equal(t, err == nil, scanned.Scan(s) == nil)
		require.Equal(t, err == nil || s == "", texted.UnmarshalText([]byte(s)) == nil)
		if err != nil {
			requireWords(t, err, s)
			return
		}
		require.Equal(t, s, d.String())
		object, err := json.Marshal(d)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(object, &read))
		value, err := d.Value()
		require.NoError(t, err)
		require.Equal(t, s, value)
		require.Equal(t, []Date{d, d, d}, []Date{scanned, texted, read})
		for _, n := range []int{-400, -1, 1, 400} {
			require.Equal(t, d, d.AddDays(n).AddDays(-n))
			require.Equal(t, n, d.DaysUntil(d.AddDays(n)))
		}
	})
}

// FuzzReadHolidays: a table is refused, or it is whole: what was read, written again, reads the same.
func FuzzReadHolidays(f *testing.F) {
	lines := strings.SplitAfter(holidaysCSV, "\n")
	f.Add(strings.Join(lines[:40], ""))
	f.Add(strings.Join(lines[len(lines)-20:], ""))
	for _, s := range []string{"", "# source\ndate,ja,en\n", "2026-02-30,休日,Holiday\n", "2026-11-23,,Holiday\n", "2026-11-23,勤労感謝の日\n", "2026-11-23,a,b,c\n", "2026-11-23,a,b\r\n2026-11-23,a,b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, csv string) {
		table, err := readHolidays(csv)
		if err != nil {
			require.Empty(t, table.byDate)
			return
		}
		var again strings.Builder
		for _, d := range slices.SortedFunc(maps.Keys(table.byDate), Date.Compare) {
			h := table.byDate[d]
			require.Equal(t, d, h.Date)
			require.NotEmpty(t, h.Ja)
			require.NotEmpty(t, h.En)
			require.False(t, d.Before(table.starts) || d.After(table.ends))
			fmt.Fprintf(&again, "%s,%s,%s\n", d, h.Ja, h.En)
		}
		same, err := readHolidays(again.String())
		require.NoError(t, err)
		require.Equal(t, table, same)
	})
}
