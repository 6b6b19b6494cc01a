package incident

import (
	"time"

	"tanamori/tenants/calendar"
)

// person is somebody to tell, frozen from a contact.
type person struct {
	contact                        *int64
	post, name, mail, phone, hours string
}

// steps is how soon after the opening each person is told, and how often the last one again, in minutes.
type steps struct {
	delays []int
	repeat int
}

// fallback holds where a town has no ladder at all.
var fallback = steps{delays: []int{0, 15, 30}, repeat: 30}

// after is when the n-th person (from 0) is told, in minutes after the opening. Beyond the ladder's end it goes on with
// its last step; it never goes back, so that nobody is told before somebody who comes first.
func (s steps) after(n int) int {
	at, step := 0, s.repeat
	for i := 0; i <= n; i++ {
		switch {
		case i >= len(s.delays):
			at += step
		case i == 0:
			at = s.delays[0]
		default:
			if d := s.delays[i] - s.delays[i-1]; d > 0 {
				step = d
			}
			at = max(at, s.delays[i])
		}
	}
	return at
}

// climb is whom to tell: the town's own people in calling order. Where none of them can be reached by mail, the host
// town's follow, so that the incident is not silent; the town's stay in the record, for the telephone.
func climb(own, host []person) []person {
	for _, p := range own {
		if p.mail != "" {
			return own
		}
	}
	people := append([]person(nil), own...)
	for _, p := range host {
		p.contact = nil // a link may not leave the town
		people = append(people, p)
	}
	return people
}

// resume puts held rungs, in their order, back on the clock: the first is due now, the others as long after it as they
// were. Who has just been told anyway, of the promise that was not kept, is told again only after repeat.
func resume(now time.Time, held []Rung, justTold map[string]bool, repeat time.Duration) []time.Time {
	due := make([]time.Time, len(held))
	for i, r := range held {
		due[i] = now.Add(r.DueAt.Sub(held[0].DueAt))
		if again := now.Add(repeat); justTold[r.Mail] && due[i].Before(again) {
			due[i] = again
		}
	}
	return due
}

// The office hours in which a promise is expected to be kept, as most municipalities have them (勤務時間 8時30分–17時15分).
const (
	officeOpens  = 8*60 + 30
	officeCloses = 17*60 + 15
	promised     = 120 // minutes of office hours
)

// MaxAcknowledged is how long an acknowledgement may hold the ladder at most.
const MaxAcknowledged = 7 * 24 * time.Hour

// DefaultUntil is until when an answer holds where the person names no time: two hours of office hours. What is
// answered in the night is expected to be looked after by 10:30 of the next open day.
func DefaultUntil(now time.Time, days calendar.Calendar, zone *time.Location) time.Time {
	left := promised * time.Minute
	last := now.Add(MaxAcknowledged)
	at := now
	for day := calendar.DateOf(now, zone); at.Before(last); day = day.AddDays(1) {
		if !days.IsOpen(day) {
			continue
		}
		opens, closes := day.At(officeOpens/60, officeOpens%60, zone), day.At(officeCloses/60, officeCloses%60, zone)
		if opens.After(now) {
			at = opens
		} else {
			at = now
		}
		if at.After(closes) {
			continue
		}
		if until := at.Add(left); !until.After(closes) {
			if until.After(last) {
				return last
			}
			return until
		}
		left -= closes.Sub(at)
	}
	return last
}
