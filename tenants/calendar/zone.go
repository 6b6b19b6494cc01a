package calendar

import (
	"sort"
	"time"
)

// DateOf is the civil date on which t falls in loc.
func DateOf(t time.Time, loc *time.Location) Date {
	year, month, day := t.In(loc).Date()
	return Date{year, month, day}
}

// At is the instant at which the wall clock of loc shows the given hour (0-23)
// and minute (0-59) on d. Where summer time skips that reading it is the first
// valid instant after it; where the reading comes twice it is the first one.
// So At never goes back as the reading goes forward, in any zone.
//
// time.Date will not do: in a gap it may answer with the hour before. Nor will
// Time.ZoneBounds: on 31 December of leap years it names an end that has passed
// (golang/go#81583). So the change of offset, if there is one near, is found
// here; no zone makes two within six days (1970-2060).
func (d Date) At(hour, minute int, loc *time.Location) time.Time {
	wall := time.Date(d.year, d.month, d.day, hour, minute, 0, 0, time.UTC)
	// No zone was ever 16 h from UTC: the instant is between these two.
	before, after := wall.Add(-16*time.Hour), wall.Add(16*time.Hour)
	early, late := offsetAt(before, loc), offsetAt(after, loc)
	instant := wall.Add(-early)
	if early == late {
		return instant.In(loc)
	}
	change := firstWithout(early, before, after, loc)
	if instant.Before(change) {
		return instant.In(loc)
	}
	if instant = wall.Add(-late); instant.Before(change) {
		return change.In(loc) // the change jumped over the reading
	}
	return instant.In(loc)
}

// offsetAt is how far ahead of UTC loc is at t.
func offsetAt(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

// firstWithout is the second at which loc leaves the offset that it has at
// before and no longer has at after.
func firstWithout(offset time.Duration, before, after time.Time, loc *time.Location) time.Time {
	span := int(after.Sub(before) / time.Second)
	n := sort.Search(span, func(i int) bool {
		return offsetAt(before.Add(time.Duration(i)*time.Second), loc) != offset
	})
	return before.Add(time.Duration(n) * time.Second)
}

// In is the time range of d in loc, half-open: from d's first instant to the
// first instant of the next date. It is 23 or 25 hours long when summer time
// changes, and empty for a date that the zone left out (Pacific/Apia had no
// 2011-12-30). The ranges of successive dates meet without gap or overlap.
func (d Date) In(loc *time.Location) (start, end time.Time) {
	return d.At(0, 0, loc), d.AddDays(1).At(0, 0, loc)
}

// NightOf is the night to which t belongs in loc, named by the date on which
// the night began: noon to noon by the wall clock, so that a run at 22:00 on
// the 20th and one at 02:00 on the 21st are both of the night of the 20th.
func NightOf(t time.Time, loc *time.Location) Date {
	local := t.In(loc)
	today := DateOf(local, loc)
	if local.Hour() >= 12 {
		return today
	}
	// The date before, but one that existed in this zone.
	return DateOf(today.At(0, 0, loc).Add(-time.Nanosecond), loc)
}
