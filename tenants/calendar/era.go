package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// Era is a Japanese era (元号). An era's first year is 元年 and runs to
// 31 December, however short it is.
type Era struct {
	Code   int    // 1-5, as on forms read by machine: 1 明治 … 5 令和
	Ja, En string // 令和, Reiwa
	Letter string // R
	Start  Date   // first day
}

// eras in order. 明治 is counted in Gregorian dates from its start, as forms do,
// although Japan took that calendar on 1873-01-01 only. A day on which two eras
// met (1912-07-30, 1926-12-25) is of the later one.
var eras = []Era{
	{1, "明治", "Meiji", "M", Date{1868, time.January, 25}},
	{2, "大正", "Taisho", "T", Date{1912, time.July, 30}},
	{3, "昭和", "Showa", "S", Date{1926, time.December, 25}},
	{4, "平成", "Heisei", "H", Date{1989, time.January, 8}},
	{5, "令和", "Reiwa", "R", Date{2019, time.May, 1}},
}

// Eras lists the eras known, the oldest first, for a form's choices.
func Eras() []Era {
	return append([]Era(nil), eras...)
}

// End is the last day of the era; ok is false while it goes on.
func (e Era) End() (end Date, ok bool) {
	if e.Code >= len(eras) {
		return Date{}, false
	}
	return eras[e.Code].Start.AddDays(-1), true
}

// YearText is a year of an era in words: 令和元年, 令和8年.
func (e Era) YearText(year int) string {
	if year == 1 {
		return e.Ja + "元年"
	}
	return e.Ja + strconv.Itoa(year) + "年"
}

// Era is the era of d and d's year in it, from 1; ok is false before
// 1868-01-25.
func (d Date) Era() (era Era, year int, ok bool) {
	for i := len(eras) - 1; i >= 0; i-- {
		if !d.Before(eras[i].Start) {
			return eras[i], d.year - eras[i].Start.year + 1, true
		}
	}
	return Era{}, 0, false
}

// Wareki is the date in its era, 令和8年11月21日, the form of official papers.
// Before 明治 it is the Western date, and empty for the zero Date.
func (d Date) Wareki() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s%d月%d日", d.warekiYear(), int(d.month), d.day)
}

// WarekiWeekday is Wareki with the day of the week: 令和8年11月21日（土）.
func (d Date) WarekiWeekday() string {
	if d.IsZero() {
		return ""
	}
	return d.Wareki() + "（" + WeekdayJa(d.Weekday()) + "）"
}

// WarekiShort is the form for tables, R8.11.21; the first year is 1. Before
// 明治 it is the ISO form.
func (d Date) WarekiShort() string {
	era, year, ok := d.Era()
	if !ok {
		return d.String()
	}
	return fmt.Sprintf("%s%d.%d.%d", era.Letter, year, int(d.month), d.day)
}

// WarekiCode is the seven-digit form, 5081121, for machine-read papers and
// files; empty before 明治 and for years of an era past 99.
func (d Date) WarekiCode() string {
	era, year, ok := d.Era()
	if !ok || year > 99 {
		return ""
	}
	return fmt.Sprintf("%d%02d%02d%02d", era.Code, year, int(d.month), d.day)
}

func (d Date) warekiYear() string {
	if era, year, ok := d.Era(); ok {
		return era.YearText(year)
	}
	return strconv.Itoa(d.year) + "年"
}

// WeekdayJa is the one-character name of a day of the week: 日, 月 … 土.
func WeekdayJa(w time.Weekday) string {
	return [...]string{"日", "月", "火", "水", "木", "金", "土"}[w]
}

// yearJa names a year both ways, for messages about a month of that year.
func yearJa(year, month int) string {
	first := Date{year, time.Month(month), 1}
	if _, _, ok := first.Era(); !ok {
		return fmt.Sprintf("%d年", year)
	}
	return fmt.Sprintf("%s（%d年）", first.warekiYear(), year)
}
