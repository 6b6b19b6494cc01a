// Package jobs is the clock tower: it says when to look, and calls the rooms that know what to do. Nothing is remembered
// here; what is due is found by its state in the database, so a restart, a second node or a missed tick changes nothing.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/robfig/cron/v3"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

// Job is one kind of work. Round does a batch and tells how much it did and whether there may be more.
type Job struct {
	Name  string
	Look  string                                                        // cron: when to look whatever happens
	Wakes []tenants.Topic                                               // what makes it look at once
	Next  func(context.Context, *tenants.Tx) (*time.Time, error)        // when the next thing comes due; nil function: only Look
	Round func(context.Context, *Tower) (did int, more bool, err error) // one batch
	Lanes int                                                           // how many go at once, none waiting for another; 0 means one
}

// Tower runs the jobs of one node.
type Tower struct {
	ground *tenants.Ground
	bell   *tenants.Bell
	log    *slog.Logger
	node   uuid.UUID
	born   time.Time
	post   *Post // delivers messages; never nil
	lease  time.Duration
	jobs   []Job
	time   timekeeping

	turn sync.Mutex // to take check-ins in

	mu   sync.Mutex
	told map[string]time.Time // when each round was last written down
}

// Config is what a tower needs.
type Config struct {
	Ground *tenants.Ground
	Bell   *tenants.Bell
	Log    *slog.Logger
	Post   *Post
	Lease  time.Duration // of claims; 0: DefaultLease
}

// New builds a tower with every job of the schedule. The node's id is its own for as long as it lives.
func New(c Config) *Tower {
	return &Tower{ground: c.Ground, bell: c.Bell, log: c.Log, node: uuid.New(), born: c.Ground.Now(), post: c.Post,
		lease: cmp.Or(c.Lease, DefaultLease), jobs: schedule, told: map[string]time.Time{}}
}

// Run keeps every job going until the context ends, then waits for the rounds under way.
func (t *Tower) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, j := range t.jobs {
		look, err := cron.ParseStandard(j.Look)
		if err != nil {
			return fmt.Errorf("schedule %s: %w", j.Name, err)
		}
		for range max(j.Lanes, 1) {
			poke := make(chan struct{}, 1)
			wg.Go(func() { t.ticks(ctx, look, poke) })
			wg.Go(func() { t.keep(ctx, j, poke) })
		}
	}
	wg.Wait()
	return nil
}

func tap(poke chan<- struct{}) {
	select {
	case poke <- struct{}{}:
	default: // one look is waiting already
	}
}

// keep looks, does all there is, and waits for the next reason to look: a wake-up, the next due time or the clock.
func (t *Tower) keep(ctx context.Context, j Job, poke <-chan struct{}) {
	rings, stop := t.bell.Hear(j.Wakes...)
	defer stop()
	pause := time.Duration(0)
	for {
		_, err := t.exhaust(ctx, j)
		var due <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			// The database is away, or the batch hit trouble: try again soon, slower each time.
			pause = min(max(2*pause, 250*time.Millisecond), 10*time.Second)
			due = time.After(pause)
		default:
			pause = 0
			due = t.until(ctx, j)
		}
		if pause > 0 {
			select {
			case <-ctx.Done():
				return
			case <-due:
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-poke:
		case <-rings:
			drain(rings)
		case <-due:
		}
	}
}

func drain(rings <-chan tenants.Ring) {
	for {
		select {
		case <-rings:
		default:
			return
		}
	}
}

// until is when the job's next thing comes due; where nothing is known to be, never.
func (t *Tower) until(ctx context.Context, j Job) <-chan time.Time {
	if j.Next == nil {
		return nil
	}
	var next *time.Time
	err := t.ground.Do(ctx, tenants.Job(j.Name), func(ctx context.Context, tx *tenants.Tx) (err error) {
		next, err = j.Next(ctx, tx)
		return err
	})
	if err != nil || next == nil {
		return nil // the clock looks again before long
	}
	// What is due and was passed over is in somebody else's hands: it is not asked after a thousand times a second.
	return time.After(max(next.Sub(t.ground.Now()), othersHands))
}

// othersHands is how soon a job looks again at what is due and locked by somebody else.
const othersHands = 20 * time.Millisecond

// exhaust runs rounds until there is nothing more to do.
func (t *Tower) exhaust(ctx context.Context, j Job) (int, error) {
	began, total := t.ground.Now(), 0
	for {
		did, more, err := t.once(ctx, j)
		total += did
		if err != nil && ctx.Err() == nil {
			t.log.ErrorContext(ctx, "round failed", "job", j.Name, "error", err)
		}
		if err != nil || !more || ctx.Err() != nil {
			t.note(ctx, j, began, total, err)
			return total, err
		}
	}
}

// once runs one round; a panic is that round's error and not the end of the process.
func (t *Tower) once(ctx context.Context, j Job) (did int, more bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("round of %s panicked: %v", j.Name, r)
		}
	}()
	return j.Round(ctx, t)
}

// note writes down that a job ran: at once when it failed or did something after a while, else once a minute.
func (t *Tower) note(ctx context.Context, j Job, began time.Time, did int, failure error) {
	t.mu.Lock()
	last := t.told[j.Name]
	due := failure != nil || began.Sub(last).Abs() >= 30*time.Second // the clock may have been put back
	if due {
		t.told[j.Name] = began
	}
	t.mu.Unlock()
	if !due || ctx.Err() != nil {
		return
	}
	err := t.ground.Do(ctx, tenants.Job(j.Name), func(ctx context.Context, tx *tenants.Tx) error {
		return duty.RoundEnded(ctx, tx, j.Name, began, did, failure)
	})
	if err != nil && ctx.Err() == nil {
		t.log.WarnContext(ctx, "cannot write down a round", "job", j.Name, "error", err)
	}
}

// RunAll runs every job in the order of the schedule, again and again, until none has anything to do: how tests and the
// demonstration's load move the pipeline by hand. It leaves out the heartbeat and the audit, since a clock that is moved by
// hand leaps, and a leap would look like an outage. It gives up after a hundred turns.
func (t *Tower) RunAll(ctx context.Context) error {
	for range 100 {
		did := 0
		for _, j := range t.jobs {
			if j.Name == beatJob || j.Name == auditJob {
				continue
			}
			n, err := t.exhaust(ctx, j)
			if err != nil {
				return fmt.Errorf("%s: %w", j.Name, err)
			}
			did += n
		}
		if did == 0 {
			return nil
		}
	}
	return errors.New("jobs: still something to do after a hundred turns")
}
