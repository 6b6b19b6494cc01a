package jobs

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
)

// longestWait is how long a tick trusts a wait for a time of day before it asks the clock again.
const longestWait = time.Minute

// ticks taps at the times of a schedule. It waits by the monotonic clock: the cron library's own runner waits for a time
// on the wall, and after the wall clock is put back by three hours it looks at nothing for three hours.
func (t *Tower) ticks(ctx context.Context, s cron.Schedule, poke chan<- struct{}) {
	if every, ok := s.(cron.ConstantDelaySchedule); ok {
		tick := time.NewTicker(every.Delay)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				tap(poke)
			}
		}
	}
	for {
		now := t.ground.Now()
		if !t.comes(ctx, now, s.Next(now)) {
			return
		}
		tap(poke)
	}
}

// comes waits for a time of day, or until the clock was put back behind where it stood: then another time is the next.
func (t *Tower) comes(ctx context.Context, began, next time.Time) bool {
	for {
		now := t.ground.Now()
		if !now.Before(next) || now.Before(began) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(min(next.Sub(now), longestWait)):
		}
	}
}
