package tenants

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// SameTime is how far two clocks may be apart and count as one: what a busy network makes of a question and its answer.
const SameTime = 500 * time.Millisecond

// Clock is the time that all nodes of an installation go by: the database's. A node asks for it now and then and counts on
// by its own monotonic clock in between, so that it agrees with every other node whatever its own wall clock says, and a
// wall clock that is put right, or wrong, moves nothing.
type Clock struct {
	ask     func(context.Context) (time.Time, error)
	wall    func() time.Time
	elapsed func() time.Duration
	anchor  atomic.Pointer[anchor]
}

// anchor is a moment by the database's clock and where the monotonic clock stood then.
type anchor struct {
	at    time.Time
	stood time.Duration
}

// ClockConfig is what a clock goes by; tests hand in hands of their own. Wall and Elapsed may be nil.
type ClockConfig struct {
	Ask     func(context.Context) (time.Time, error) // the database's clock
	Wall    func() time.Time                         // this machine's own
	Elapsed func() time.Duration                     // … as it runs on whatever its wall clock is set to
}

// NewClock makes a clock. Until the first Compare it shows the machine's own time.
func NewClock(c ClockConfig) *Clock {
	began := time.Now()
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Elapsed == nil {
		c.Elapsed = func() time.Duration { return time.Since(began) }
	}
	k := &Clock{ask: c.Ask, wall: c.Wall, elapsed: c.Elapsed}
	k.anchor.Store(&anchor{at: c.Wall().Round(0).UTC(), stood: c.Elapsed()})
	return k
}

// Now is the time.
func (c *Clock) Now() time.Time {
	a := c.anchor.Load()
	return a.at.Add(c.elapsed() - a.stood)
}

// Off is how far this machine's own clock is ahead of the time, negative where it is behind, and nothing where that is
// not worth a word.
func (c *Clock) Off() time.Duration {
	off := c.wall().Round(0).Sub(c.Now())
	if off.Abs() < SameTime {
		return 0
	}
	return off
}

// Step is what a comparison found: where the clock stood, and where it stands now. Both are the same where nothing moved.
type Step struct{ From, To time.Time }

// By is how far the clock was moved: forward, or back where negative.
func (s Step) By() time.Duration { return s.To.Sub(s.From) }

// Compare asks the database for its time and goes by that from now on. What it gives tells how far that moved the clock:
// since this process was alive all along, its monotonic clock knows that the stretch did not pass.
func (c *Clock) Compare(ctx context.Context) (Step, error) {
	asked := c.elapsed()
	at, err := c.ask(ctx)
	if err != nil {
		return Step{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	answered := c.elapsed()
	there := at.UTC().Add((answered - asked) / 2) // it answered in the middle of the wait
	old := c.anchor.Load()
	here := old.at.Add(answered - old.stood)
	// Within what the wait leaves open nothing has moved; time that jitters would go back again and again.
	if apart := there.Sub(here).Abs(); apart < SameTime+(answered-asked)/2 {
		return Step{From: here, To: here}, nil
	}
	c.anchor.Store(&anchor{at: there, stood: answered})
	return Step{From: here, To: there}, nil
}
