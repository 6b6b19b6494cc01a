// Package calendar is the calendar a Japanese municipality lives by: civil
// dates, open and closed days, Japanese eras, fiscal years and nights. It is
// pure: no clock and no database; holidays are data compiled into the program.
package calendar

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a civil date of the proleptic Gregorian calendar: a year, a month and
// a day, in no time zone. Dates compare with == and serve as map keys. The zero
// Date means "no date" and is NULL in SQL, null in JSON, "" in text.
type Date struct {
	year  int
	month time.Month
	day   int
}

// minYear and maxYear bound the years a Date can be made from, so that its ISO
// text always has four digits and Postgres can always hold it.
const (
	minYear = 1
	maxYear = 9999
)

// NewDate returns the date of the given year (1-9999), month and day, or an
// *InputError when the calendar has no such day.
func NewDate(year int, month time.Month, day int) (Date, error) {
	input := fmt.Sprintf("%04d-%02d-%02d", year, int(month), day)
	return newDate(input, year, int(month), day)
}

// MustDate is NewDate for dates written in the program; it panics on a date
// that does not exist.
func MustDate(year int, month time.Month, day int) Date {
	d, err := NewDate(year, month, day)
	if err != nil {
		panic(err)
	}
	return d
}

// newDate checks the parts of input, which is named in the error.
func newDate(input string, year, month, day int) (Date, error) {
	if year < minYear || year > maxYear {
		return Date{}, inputError(CodeNoSuchDay, input,
			fmt.Sprintf("年「%d」は扱えません。西暦1年から9999年までの日付を入力してください。", year),
			fmt.Sprintf("year %d is out of range: enter a date between the years 1 and 9999", year))
	}
	if month < 1 || month > 12 {
		return Date{}, inputError(CodeNoSuchDay, input,
			fmt.Sprintf("%d月はありません。月は1から12までで入力してください。", month),
			fmt.Sprintf("there is no month %d: enter a month from 1 to 12", month))
	}
	last := daysIn(year, time.Month(month))
	if day < 1 || day > last {
		return Date{}, inputError(CodeNoSuchDay, input,
			fmt.Sprintf("%s%d月に%d日はありません。1日から%d日までです。", yearJa(year, month), month, day, last),
			fmt.Sprintf("there is no day %d in %04d-%02d: the month has days 1 to %d", day, year, month, last))
	}
	return Date{year, time.Month(month), day}, nil
}

// dateOfUTC is the date that t shows in UTC.
func dateOfUTC(t time.Time) Date {
	y, m, d := t.UTC().Date()
	return Date{y, m, d}
}

// UTCMidnight is the date's first instant in UTC: the form in which the time
// package can format it, or count its days. For a range in a zone use In.
func (d Date) UTCMidnight() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// Year is the year of the Western calendar.
func (d Date) Year() int { return d.year }

// Month is the month of the year.
func (d Date) Month() time.Month { return d.month }

// Day is the day of the month, from 1.
func (d Date) Day() int { return d.day }

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.UTCMidnight().Weekday() }

// AddDays is the date n days later, earlier for a negative n. "No date" stays
// no date.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	return dateOfUTC(time.Date(d.year, d.month, d.day+n, 0, 0, 0, 0, time.UTC))
}

// AddMonths is the day of the same number so many months later, the month's last where it has fewer days. "No date" stays no
// date.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	first := dateOfUTC(time.Date(d.year, d.month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	return first.AddDays(min(d.day, daysIn(first.year, first.month)) - 1)
}

// DaysUntil is the number of days from d to e, negative when e is earlier.
func (d Date) DaysUntil(e Date) int {
	// Seconds, not a Duration: that one overflows after 292 years.
	return int((e.UTCMidnight().Unix() - d.UTCMidnight().Unix()) / (24 * 60 * 60))
}

// Compare is -1, 0 or +1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(
		cmp.Compare(d.year, e.year),
		cmp.Compare(d.month, e.month),
		cmp.Compare(d.day, e.day),
	)
}

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// daysIn is the number of days of a month.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
