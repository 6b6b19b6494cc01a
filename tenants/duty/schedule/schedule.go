// Package schedule says when a duty falls due: a cron expression in a time
// zone, and what becomes of it on a municipality's closed days. It is pure:
// instants in, instants out, no clock, no timer, no database.
//
// Expressions are read by robfig/cron v3, and mean what they mean there; only
// the walk over time is our own. That library steps through instants and so,
// where summer time changes, drops a time that the clock skipped (02:30 on a
// spring Sunday) and fires an hourly schedule twice in an hour that comes
// twice. Here a schedule is a set of readings of the wall clock, and:
//
//   - a reading that the clock skips fires at the first valid instant after it,
//     once even if it skips several;
//   - a reading that comes twice fires at the first of the two;
//   - a date that the zone left out altogether (Pacific/Apia had no 2011-12-30)
//     has no periods: nobody had that night.
//
// Without summer time both agree, and a test holds them to it.
package schedule

import (
	"time"
	_ "time/tzdata" // a zone's rules must not depend on what the machine has installed

	"github.com/robfig/cron/v3"

	"tanamori/tenants/calendar"
)

// MaxPeriods bounds one answer: every minute of a leap year.
const MaxPeriods = 366 * 24 * 60

// reachBack is how far Before and Next look for a rare schedule, in days:
// 29 February comes after eight years at most, around 2100.
const reachBack = 9 * 366

// Schedule is a cron expression in a time zone. Make one by Parse; the zero
// Schedule never fires.
type Schedule struct {
	expr    string
	loc     *time.Location
	spec    cron.SpecSchedule
	minutes []int // minutes of the day at which it fires, ascending
}

// Expr is the expression, with full-width characters and extra spaces folded.
func (s Schedule) Expr() string { return s.expr }

// Location is the zone whose wall clock the schedule reads.
func (s Schedule) Location() *time.Location { return s.loc }

// Between is the instants at which the schedule fires from from (included) to
// to (excluded), ascending, in UTC, so that they compare and serve as keys. An
// answer ends after MaxPeriods; asking again from just after its last instant
// goes on without loss. Windows that meet give what the whole window gives.
func (s Schedule) Between(from, to time.Time) []time.Time {
	var fires []time.Time
	for _, slot := range s.slots(from, to) {
		fires = append(fires, slot.at)
	}
	return fires
}

// Next is the first instant after t at which the schedule fires, in UTC; zero
// for the zero Schedule.
func (s Schedule) Next(t time.Time) time.Time {
	if len(s.minutes) == 0 {
		return time.Time{}
	}
	first := calendar.DateOf(t, s.loc).AddDays(-1)
	for n := range reachBack {
		for _, slot := range s.on(first.AddDays(n)) {
			if slot.at.After(t) {
				return slot.at
			}
		}
	}
	return time.Time{}
}

// Before is the last instant before t at which the schedule fired, in UTC; zero
// for the zero Schedule.
func (s Schedule) Before(t time.Time) time.Time {
	if len(s.minutes) == 0 {
		return time.Time{}
	}
	last := calendar.DateOf(t, s.loc).AddDays(1)
	for n := range reachBack {
		slots := s.on(last.AddDays(-n))
		for i := len(slots) - 1; i >= 0; i-- {
			if slots[i].at.Before(t) {
				return slots[i].at
			}
		}
	}
	return time.Time{}
}

// slot is one firing: the instant, and the reading of the wall clock that
// called for it, which differs from the clock at that instant when it skipped.
type slot struct {
	at     time.Time // UTC
	date   calendar.Date
	minute int // of the day
}

// slots are the firings in [from, to), at most MaxPeriods.
func (s Schedule) slots(from, to time.Time) []slot {
	if len(s.minutes) == 0 || !from.Before(to) {
		return nil
	}
	// A day more on each side: in its own zone a date may reach over midnight.
	day, end := calendar.DateOf(from, s.loc).AddDays(-1), calendar.DateOf(to, s.loc).AddDays(1)
	if day.Before(earliest) {
		day = earliest
	}
	if end.After(latest) {
		end = latest
	}
	var found []slot
	for ; !day.After(end); day = day.AddDays(1) {
		for _, next := range s.on(day) {
			if next.at.Before(from) || !next.at.Before(to) {
				continue
			}
			// A jump over midnight can bring two dates' readings together.
			if n := len(found); n > 0 && found[n-1].at.Equal(next.at) {
				found[n-1] = next
				continue
			}
			if len(found) == MaxPeriods {
				return found
			}
			found = append(found, next)
		}
	}
	return found
}

// The dates between which schedules are looked at.
var (
	earliest = calendar.MustDate(1, time.January, 1)
	latest   = calendar.MustDate(9999, time.December, 31)
)

// on is the firings of one date. Readings that fall on one instant are one
// firing, which stands for the last of them.
func (s Schedule) on(date calendar.Date) []slot {
	if !s.matches(date) || !exists(date, s.loc) {
		return nil
	}
	fires := make([]slot, 0, len(s.minutes))
	for _, minute := range s.minutes {
		at := date.At(minute/60, minute%60, s.loc).UTC()
		if n := len(fires); n > 0 && fires[n-1].at.Equal(at) {
			fires[n-1].minute = minute
			continue
		}
		fires = append(fires, slot{at, date, minute})
	}
	return fires
}

func exists(date calendar.Date, loc *time.Location) bool {
	start, end := date.In(loc)
	return start.Before(end)
}

// starBit is how robfig/cron marks a field written as * or ?.
const starBit = 1 << 63

// matches applies cron's rule of days: with a star in either field both must
// match, without one either will do ("0 3 1 * 1" is the 1st, and Mondays too).
func (s Schedule) matches(d calendar.Date) bool {
	if s.spec.Month&(1<<uint(d.Month())) == 0 {
		return false
	}
	dom := s.spec.Dom&(1<<uint(d.Day())) != 0
	dow := s.spec.Dow&(1<<uint(d.Weekday())) != 0
	if s.spec.Dom&starBit != 0 || s.spec.Dow&starBit != 0 {
		return dom && dow
	}
	return dom || dow
}
