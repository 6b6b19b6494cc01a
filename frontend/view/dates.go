package view

import (
	"fmt"
	"time"

	"tanamori/tenants/calendar"
)

// Era is a date in full: 令和8年11月21日（土）, in English Sat 21 November 2026.
func (l Lang) Era(d calendar.Date) string {
	if d.IsZero() {
		return "–"
	}
	if l == EN {
		return fmt.Sprintf("%s %d %s %d", d.Weekday().String()[:3], d.Day(), d.Month(), d.Year())
	}
	return d.WarekiWeekday()
}

// Day is a date without its year: 11月21日（土）.
func (l Lang) Day(d calendar.Date) string {
	if d.IsZero() {
		return "–"
	}
	if l == EN {
		return fmt.Sprintf("%s %d %s", d.Weekday().String()[:3], d.Day(), d.Month().String()[:3])
	}
	return fmt.Sprintf("%d月%d日（%s）", d.Month(), d.Day(), calendar.WeekdayJa(d.Weekday()))
}

// Short is a date for narrow columns: R8.11.21, in English 2026-11-21.
func (l Lang) Short(d calendar.Date) string {
	switch {
	case d.IsZero():
		return "–"
	case l == EN:
		return d.String()
	}
	return d.WarekiShort()
}

// clockIn shows hours and minutes of a moment, or – for none.
func clockIn(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("15:04")
}

// Moment is date and time: 令和8年11月21日（土）07:30.
func (l Lang) Moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return l.Era(calendar.DateOf(t, zone)) + l.Tr("", " ") + clockIn(t, zone)
}

// DayTime is Moment without the year: 11月21日（土）07:30.
func (l Lang) DayTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return l.Day(calendar.DateOf(t, zone)) + l.Tr("", " ") + clockIn(t, zone)
}

// Near is the time alone on the day of now, with the day before it on any other: 07:46, 11月22日（日）07:46.
func (l Lang) Near(t, now time.Time, zone *time.Location) string {
	if !t.IsZero() && calendar.DateOf(t, zone) == calendar.DateOf(now, zone) {
		return clockIn(t, zone)
	}
	return l.DayTime(t, zone)
}

// machine is a moment for the datetime attribute.
func machine(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}
