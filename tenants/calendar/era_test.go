package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

func TestWareki(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ iso, long, short, code string }{
		{"2026-11-21", "令和8年11月21日（土）", "R8.11.21", "5081121"},
		{"2019-05-01", "令和元年5月1日（水）", "R1.5.1", "5010501"},
		{"2019-04-30", "平成31年4月30日（火）", "H31.4.30", "4310430"},
		{"1989-01-08", "平成元年1月8日（日）", "H1.1.8", "4010108"},
		{"1989-01-07", "昭和64年1月7日（土）", "S64.1.7", "3640107"},
		{"1926-12-25", "昭和元年12月25日（土）", "S1.12.25", "3011225"},
		{"1926-12-24", "大正15年12月24日（金）", "T15.12.24", "2151224"},
		{"1912-07-30", "大正元年7月30日（火）", "T1.7.30", "2010730"},
		{"1912-07-29", "明治45年7月29日（月）", "M45.7.29", "1450729"},
		{"1868-01-25", "明治元年1月25日（土）", "M1.1.25", "1010125"},
		{"1868-01-24", "1868年1月24日（金）", "1868-01-24", ""},
		{"2028-02-29", "令和10年2月29日（火）", "R10.2.29", "5100229"},
		{"2118-01-01", "令和100年1月1日（土）", "R100.1.1", ""},
	} {
		d := day(tc.iso)
		require.Equal(t, tc.long, d.WarekiWeekday())
		require.Equal(t, tc.long[:len(tc.long)-len("（土）")], d.Wareki())
		require.Equal(t, tc.short, d.WarekiShort())
		require.Equal(t, tc.code, d.WarekiCode())
	}
}

func TestErasMeetWithoutGap(t *testing.T) {
	t.Parallel()
	all := calendar.Eras()
	require.Len(t, all, 5)
	for i, era := range all {
		require.Equal(t, i+1, era.Code)
		first, year, ok := era.Start.Era()
		require.True(t, ok)
		require.Equal(t, 1, year)
		require.Equal(t, era, first)
		end, ended := era.End()
		require.Equal(t, i < len(all)-1, ended)
		if ended {
			require.Equal(t, all[i+1].Start, end.AddDays(1))
			last, _, _ := end.Era()
			require.Equal(t, era, last)
		}
	}
	all[0].Ja = "changed"
	require.Equal(t, "明治", calendar.Eras()[0].Ja)
}

// Every day of the eras, written in every form, reads back as itself.
func TestEveryFormReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(1869, 2100).Draw(t, "date")
		if rapid.Bool().Draw(t, "at a boundary") {
			era := rapid.SampledFrom(calendar.Eras()).Draw(t, "era")
			d = era.Start.AddDays(rapid.IntRange(0, 40).Draw(t, "days"))
		}
		for _, form := range []string{
			d.Wareki(), d.WarekiWeekday(), d.WarekiShort(), d.WarekiCode(), d.String(),
			d.UTCMidnight().Format("20060102"), d.UTCMidnight().Format("2006/1/2"),
			d.UTCMidnight().Format("2006年1月2日"), d.UTCMidnight().Format("2006.01.02"),
			fullWidth(d.Wareki()), fullWidth(d.WarekiShort()), fullWidth(d.WarekiCode()),
		} {
			got, err := calendar.ParseInput(form)
			require.NoError(t, err, form)
			require.Equal(t, d, got, form)
		}
	})
}

// fullWidth writes what a Japanese input method leaves when nobody switches it.
func fullWidth(s string) string {
	wide := []rune(s)
	for i, r := range wide {
		if r > ' ' && r <= '~' {
			wide[i] = r + 0xFEE0
		}
	}
	return string(wide)
}

func TestFiscalYears(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		iso   string
		year  int
		label string
	}{
		{"2026-11-21", 2026, "令和8年度"},
		{"2026-03-31", 2025, "令和7年度"},
		{"2026-04-01", 2026, "令和8年度"},
		{"2019-04-01", 2019, "令和元年度"}, // still 平成31年 on that day
		{"2020-03-31", 2019, "令和元年度"},
		{"2019-03-31", 2018, "平成30年度"},
		{"1989-02-01", 1988, "昭和63年度"},
		{"1989-04-01", 1989, "平成元年度"},
	} {
		got := calendar.FiscalYear(day(tc.iso))
		require.Equal(t, tc.year, got, tc.iso)
		require.Equal(t, tc.label, calendar.FiscalYearLabel(got))
	}
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(1900, 2100).Draw(t, "date")
		fy := calendar.FiscalYear(d)
		start, end := calendar.FiscalYearStart(fy), calendar.FiscalYearEnd(fy)
		require.False(t, d.Before(start))
		require.False(t, d.After(end))
		require.Equal(t, time.April, start.Month())
		require.Equal(t, calendar.FiscalYearStart(fy+1), end.AddDays(1))
	})
}
