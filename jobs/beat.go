package jobs

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/morning"
	"tanamori/tenants/notice"
)

// worthAWord is how far a machine's own clock, or everybody's, may be off before the log says so.
const worthAWord = time.Minute

// rewinds is how many beats after a clock was put back its stamps are rewound again: what was under way then, here or on
// a node that had not noticed yet, may have written some more.
const rewinds = 6

// timekeeping is what the beat knows of the clock; only the beat touches it.
type timekeeping struct {
	clock  *tenants.Clock // nil where the ground goes by a clock of its own
	off    bool           // the log has said that this machine's clock is off
	rewind int            // how many beats more rewind
}

// KeepTime lets the beat compare the clock that the ground goes by with the database's. Before Run.
func (t *Tower) KeepTime(clock *tenants.Clock) { t.time.clock = clock }

// Beat is one heartbeat by hand, which RunAll leaves out: for tests in which time passes, stands still or leaps.
func (t *Tower) Beat(ctx context.Context) error {
	_, _, err := beat(ctx, t)
	return err
}

// beat compares the clock, says that this node is alive, and where the clock was put back lets every room rewind what it
// had set for a time that has gone again, all in one transaction: until it has committed the heartbeats lie in the
// future, and the next beat sees that.
func beat(ctx context.Context, t *Tower) (int, bool, error) {
	pulse, err := t.compare(ctx)
	if err != nil {
		return 0, false, err
	}
	rewound := false
	err = t.ground.Do(ctx, tenants.Job(beatJob), func(ctx context.Context, tx *tenants.Tx) error {
		ahead, err := duty.Beat(ctx, tx, pulse)
		if err != nil {
			return err
		}
		if rewound = ahead || pulse.Leap < -worthAWord; !rewound && t.time.rewind == 0 {
			return nil
		}
		return t.rewind(ctx, tx)
	})
	switch {
	case err != nil:
	case rewound:
		t.log.WarnContext(ctx, "the clock was put back; what was set for later is rewound", "now", t.ground.Now())
		t.time.rewind = rewinds
	case t.time.rewind > 0:
		t.time.rewind--
	}
	return 0, false, err
}

func (t *Tower) rewind(ctx context.Context, tx *tenants.Tx) error {
	if err := incident.Rewind(ctx, tx); err != nil {
		return err
	}
	if err := notice.Rewind(ctx, tx, t.lease); err != nil {
		return err
	}
	if err := backup.Rewind(ctx, tx, t.lease); err != nil {
		return err
	}
	if err := morning.Rewind(ctx, tx); err != nil {
		return err
	}
	return duty.Rewind(ctx, tx)
}

// compare asks the database for the time and tells the log, once, what is worth a word.
func (t *Tower) compare(ctx context.Context) (duty.Pulse, error) {
	pulse := duty.Pulse{Node: t.node}
	if t.time.clock == nil {
		return pulse, nil
	}
	step, err := t.time.clock.Compare(ctx)
	if err != nil {
		return pulse, err
	}
	pulse.Leap, pulse.Off = step.By(), t.time.clock.Off()
	if pulse.Leap.Abs() > worthAWord {
		t.log.WarnContext(ctx, "the database's clock was set", "from", step.From, "to", step.To)
	}
	switch off := pulse.Off.Abs() > worthAWord; {
	case off && !t.time.off:
		t.log.WarnContext(ctx, "this machine's clock is off; the database's is used", "off", pulse.Off.Round(time.Second))
	case !off && t.time.off:
		t.log.InfoContext(ctx, "this machine's clock is right again")
	}
	t.time.off = pulse.Off.Abs() > worthAWord
	return pulse, nil
}
