package schedule

import (
	"fmt"
	"time"

	"tanamori/tenants/calendar"
)

// Reason is why a period has no occurrence of its own.
type Reason string

// The reasons.
const (
	ReasonClosed    Reason = "closed"      // a closed day, under OpenDays
	ReasonMerged    Reason = "merged"      // it moved to an instant that a later period has
	ReasonNoOpenDay Reason = "no_open_day" // no open day within a year: mistaken local days
)

// Planned is one period of a schedule and what the policy makes of it.
type Planned struct {
	Period    time.Time     // when the expression fires, in UTC: the unique key
	Scheduled time.Time     // when it is to happen, in UTC: the Period, or later where it moved
	Night     calendar.Date // the night of Scheduled
	Skipped   bool          // it has no occurrence, for Reason

	Reason     Reason           // empty unless Skipped
	Closure    calendar.Closure // why the day of the period is closed, where that mattered
	MergedInto time.Time        // the Period it became one with, where Reason is ReasonMerged
}

// Moved reports whether a closed day moved the period to a later day.
func (p Planned) Moved() bool { return p.Scheduled.After(p.Period) }

// Words says what became of the period because of a closed day; empty where
// nothing did.
func (p Planned) Words() (ja, en string) {
	switch {
	case p.Reason == ReasonClosed:
		return fmt.Sprintf("閉庁日（%s）のため対象外", p.Closure.Ja), fmt.Sprintf("closed (%s): not expected", p.Closure.En)
	case p.Reason == ReasonMerged:
		return fmt.Sprintf("閉庁日（%s）のため翌開庁日の回に統合", p.Closure.Ja),
			fmt.Sprintf("closed (%s): one with that of the next open day", p.Closure.En)
	case p.Reason == ReasonNoOpenDay:
		return "1年以内に開庁日がないため対象外。閉庁日の設定を確認してください。",
			"no open day within a year: check the local closed days"
	case p.Moved():
		return fmt.Sprintf("閉庁日（%s）のため翌開庁日に繰下げ", p.Closure.Ja),
			fmt.Sprintf("closed (%s): moved to the next open day", p.Closure.En)
	default:
		return "", ""
	}
}

// Plan is the periods of a schedule from from (included) to to (excluded),
// ascending, and what policy makes of each by cal. Each period appears once and
// is the same in any window that holds it, so windows may be cut anywhere and
// planned in any order. Scheduled may lie beyond to.
//
// The day that must be open is the date on which the wall clock shows the
// expression's time: "0 2 * * *" asks about the morning on which it runs, not
// about the evening before.
//
// Under RollForward periods can move to the same instant: of a daily one,
// Saturday's and Sunday's both move to Monday's own. Then the last is kept,
// with that instant as its Scheduled, and the others are Skipped as merged into
// it. Times of day are kept apart: Saturday 09:00 and Saturday 17:00 become
// Monday 09:00 and Monday 17:00.
//
// The error is an unknown policy, or a window of more than MaxPeriods.
func Plan(s Schedule, policy Policy, cal calendar.Calendar, from, to time.Time) ([]Planned, error) {
	if !policy.Valid() {
		return nil, fmt.Errorf("plan schedule %q: unknown policy %q", s.expr, policy)
	}
	slots := s.slots(from, to)
	if len(slots) == MaxPeriods {
		return nil, fmt.Errorf("plan schedule %q: from %s to %s are more periods than %d", s.expr, from, to, MaxPeriods)
	}
	planned := make([]Planned, len(slots))
	for i, slot := range slots {
		planned[i] = s.place(slot, policy, cal)
	}
	if policy == RollForward {
		s.merge(planned, cal, to)
	}
	return planned, nil
}

// place applies the policy to one period by itself.
func (s Schedule) place(slot slot, policy Policy, cal calendar.Calendar) Planned {
	p := Planned{Period: slot.at, Scheduled: slot.at}
	if closure, closed := cal.Closure(slot.date); closed && policy != EveryDay {
		p.Closure = closure
		if policy == OpenDays {
			p.Skipped, p.Reason = true, ReasonClosed
		} else if day, err := s.nextOpen(cal, slot.date); err != nil {
			p.Skipped, p.Reason = true, ReasonNoOpenDay
		} else {
			p.Scheduled = day.At(slot.minute/60, slot.minute%60, s.loc).UTC()
		}
	}
	p.Night = calendar.NightOf(p.Scheduled, s.loc)
	return p
}

// nextOpen is the next open day that the zone has.
func (s Schedule) nextOpen(cal calendar.Calendar, date calendar.Date) (calendar.Date, error) {
	day, err := cal.NextOpen(date)
	for err == nil && !exists(day, s.loc) {
		day, err = cal.NextOpen(day.AddDays(1))
	}
	return day, err
}

// merge marks those periods that moved to the instant of a later one. That one
// may lie beyond the window, but never beyond the instant itself, since nothing
// moves back: so it looks as far as the latest instant it has.
func (s Schedule) merge(planned []Planned, cal calendar.Calendar, to time.Time) {
	kept := make(map[time.Time]time.Time, len(planned)) // Scheduled → the last Period
	latest := to
	for _, p := range planned {
		if p.Reason == "" {
			kept[p.Scheduled] = p.Period
		}
		if !p.Scheduled.Before(latest) {
			latest = p.Scheduled.Add(time.Nanosecond)
		}
	}
	for _, slot := range s.slots(to, latest) {
		if p := s.place(slot, RollForward, cal); p.Reason == "" {
			kept[p.Scheduled] = p.Period
		}
	}
	for i, p := range planned {
		if last := kept[p.Scheduled]; p.Reason == "" && !last.Equal(p.Period) {
			planned[i].Skipped, planned[i].Reason, planned[i].MergedInto = true, ReasonMerged, last
		}
	}
}
