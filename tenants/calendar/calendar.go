package calendar

import (
	"errors"
	"fmt"
	"maps"
	"time"
)

// Override is what a body's own rules make of a day, against the general rule
// either way: open on a holiday, or closed on a weekday (a local holiday, which
// Local Autonomy Act art. 4-2 allows).
type Override struct {
	Open bool
	Name string // 慰霊の日, 休日開庁日 …; may be empty
}

// Calendar tells a municipality's open days (開庁日) from its closed days
// (閉庁日): Saturdays, Sundays, national holidays, 29 December to 3 January,
// and its own days. The zero Calendar has no days of its own.
type Calendar struct {
	local map[Date]Override
}

// New returns a calendar with the given days of the body's own, which are
// copied.
func New(local map[Date]Override) Calendar {
	return Calendar{local: maps.Clone(local)}
}

// ClosureKind says by what rule a day is closed.
type ClosureKind string

// The kinds of closed days, in the order in which they give a day its name.
const (
	ClosedLocally   ClosureKind = "local"
	ClosedHoliday   ClosureKind = "holiday"
	ClosedYearEnd   ClosureKind = "year_end"
	ClosedOnWeekend ClosureKind = "weekend"
)

// Closure is why a day is closed.
type Closure struct {
	Kind   ClosureKind
	Ja, En string // 勤労感謝の日, Labor Thanksgiving Day; a local day's name stands in both
}

// Closure is the reason for which d is closed; closed is false on an open day.
// A local override decides first; a holiday on a Sunday is named as a holiday.
func (c Calendar) Closure(d Date) (reason Closure, closed bool) {
	if local, ok := c.local[d]; ok {
		if local.Open {
			return Closure{}, false
		}
		if local.Name == "" {
			return Closure{ClosedLocally, "閉庁日", "closed day"}, true
		}
		return Closure{ClosedLocally, local.Name, local.Name}, true
	}
	if h, ok := HolidayOn(d); ok {
		return Closure{ClosedHoliday, h.Ja, h.En}, true
	}
	if d.month == time.December && d.day >= 29 || d.month == time.January && d.day <= 3 {
		return Closure{ClosedYearEnd, "年末年始の休日", "year-end and New Year holidays"}, true
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return Closure{ClosedOnWeekend, WeekdayJa(w) + "曜日", w.String()}, true
	}
	return Closure{}, false
}

// Closed is the Japanese name of the reason for which d is closed: 土曜日,
// 勤労感謝の日, 振替休日, 年末年始の休日, or a local day's name.
func (c Calendar) Closed(d Date) (name string, closed bool) {
	reason, closed := c.Closure(d)
	return reason.Ja, closed
}

// IsOpen reports whether d is an open day.
func (c Calendar) IsOpen(d Date) bool {
	_, closed := c.Closure(d)
	return !closed
}

// LocalName is the name that the body itself gave to d, open or closed.
func (c Calendar) LocalName(d Date) (name string, ok bool) {
	local, ok := c.local[d]
	return local.Name, ok
}

// ErrNoOpenDay means that a calendar is closed for SearchDays days in a row,
// which only mistaken overrides can cause.
var ErrNoOpenDay = errors.New("no open day within a year: check the local closed days")

// SearchDays is how far a search for one open day goes before it gives up.
const SearchDays = 366

// maxOpenDays bounds AddOpenDays: some forty years.
const maxOpenDays = 10_000

// NextOpen is d itself if it is open, else the next open day: where a deadline
// set in days goes when it falls on a closed day. The error is ErrNoOpenDay.
func (c Calendar) NextOpen(d Date) (Date, error) { return c.seek(d, 1) }

// PrevOpen is d itself if it is open, else the last open day before it. The
// error is ErrNoOpenDay.
func (c Calendar) PrevOpen(d Date) (Date, error) { return c.seek(d, -1) }

func (c Calendar) seek(d Date, step int) (Date, error) {
	for at, tried := d, 0; tried < SearchDays; at, tried = at.AddDays(step), tried+1 {
		if at.year < minYear || at.year > maxYear {
			break
		}
		if c.IsOpen(at) {
			return at, nil
		}
	}
	return Date{}, fmt.Errorf("search from %s: %w", d, ErrNoOpenDay)
}

// AddOpenDays is the n-th open day after d, d itself not counted (初日不算入):
// 1 is the next open day (翌開庁日). A negative n counts back; 0 is NextOpen. The
// result is always an open day. n beyond ±10,000 is refused.
func (c Calendar) AddOpenDays(d Date, n int) (Date, error) {
	if n > maxOpenDays || n < -maxOpenDays {
		return Date{}, fmt.Errorf("add %d open days: only %d are supported", n, maxOpenDays)
	}
	if n == 0 {
		return c.NextOpen(d)
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for range n {
		next, err := c.seek(d.AddDays(step), step)
		if err != nil {
			return Date{}, fmt.Errorf("add open days: %w", err)
		}
		d = next
	}
	return d, nil
}
