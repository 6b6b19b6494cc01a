package jobs

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
	"tanamori/tenants/tlog"
	"tanamori/tenants/watch"
)

// Beacon sends a sign of life outside; jobs/heartbeat has one. An empty reason means that it arrived.
type Beacon interface {
	Send(ctx context.Context) tenants.Reason
}

// grace is how long what is due may wait before the audit calls it late.
const grace = 2 * time.Minute

// audit asks every room what is late in its own tables, lets it put right what it can, and keeps what stands. It fails
// only where it cannot look; what it finds is no error of its own. Where all is well the sign of life goes out.
func audit(ctx context.Context, t *Tower) (int, bool, error) {
	var f watch.Findings
	var out watch.Outcome
	err := t.ground.Do(ctx, tenants.Job(auditJob), func(ctx context.Context, tx *tenants.Tx) (err error) {
		f = watch.Findings{}
		if err := watch.Begin(ctx, tx); err != nil {
			return err
		}
		if err := t.look(ctx, tx, &f); err != nil {
			return err
		}
		out, err = watch.Note(ctx, tx, f)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	for _, b := range f.Breaches {
		if b.Mended > 0 {
			t.log.WarnContext(ctx, "put right by the audit", "town", b.TenantID, "kind", b.Kind, "count", b.Mended, "since", b.Since)
		}
	}
	for _, host := range out.Opened {
		t.log.ErrorContext(ctx, "the audit finds Tanamori behind", "host", host, "standing", out.Standing)
	}
	for _, host := range out.Over {
		t.log.InfoContext(ctx, "the audit is clean again", "host", host)
	}
	if out.Standing == 0 {
		t.signal(ctx)
	}
	return len(f.Breaches), false, nil
}

// RunWatch runs the two jobs that RunAll leaves out, once each: this node says that it is alive, and audits. For tests that
// move the clock as it moves, minute by minute.
func (t *Tower) RunWatch(ctx context.Context) error {
	for _, j := range t.jobs {
		if j.Name != beatJob && j.Name != auditJob {
			continue
		}
		if _, err := t.exhaust(ctx, j); err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
	}
	return nil
}

// look goes through the rooms in the order of the pipeline, which is the order in which everybody locks.
func (t *Tower) look(ctx context.Context, tx *tenants.Tx, f *watch.Findings) error {
	rooms := []func() ([]tenants.Breach, error){
		func() ([]tenants.Breach, error) { return backup.Audit(ctx, tx, grace, t.lease) },
		func() ([]tenants.Breach, error) { return duty.Audit(ctx, tx, grace) },
		func() ([]tenants.Breach, error) { return incident.Audit(ctx, tx, grace) },
		func() ([]tenants.Breach, error) { return people.Audit(ctx, tx) },
		func() ([]tenants.Breach, error) { return proposal.Audit(ctx, tx) },
		func() ([]tenants.Breach, error) { return tlog.Audit(ctx, tx) },
		func() ([]tenants.Breach, error) { return t.rounds(ctx, tx) },
	}
	if t.post.Configured() {
		rooms = append(rooms, func() ([]tenants.Breach, error) { return notice.Audit(ctx, tx, grace, t.lease) })
	} else {
		f.Blind = []string{notice.KindUnsent, notice.KindStuck, notice.KindAway} // here nothing is sent, and the board says so
	}
	for _, room := range rooms {
		found, err := room()
		if err != nil {
			return err
		}
		f.Breaches = append(f.Breaches, found...)
	}
	return nil
}

// rounds are the jobs that have not ended well for longer than they should, on whichever node.
func (t *Tower) rounds(ctx context.Context, tx *tenants.Tx) ([]tenants.Breach, error) {
	ended, err := duty.Rounds(ctx, tx)
	if err != nil {
		return nil, err
	}
	last := make(map[string]duty.Round, len(ended))
	for _, r := range ended {
		last[r.Job] = r
	}
	b := tenants.Breach{Kind: watch.KindRound}
	for _, j := range t.jobs {
		if j.Name == auditJob {
			continue // it is running
		}
		since := t.born
		if r := last[j.Name]; r.OkAt != nil {
			since = *r.OkAt
		}
		if tx.Now.Sub(since) <= duty.Fresh(j.Name) {
			continue
		}
		if b.Count++; b.Since.IsZero() || since.Before(b.Since) {
			b.Since = since
		}
	}
	if b.Count == 0 {
		return nil, nil
	}
	return []tenants.Breach{b}, nil
}

// signal sends the sign of life, one node a minute and outside any transaction. That it does not arrive is said once.
func (t *Tower) signal(ctx context.Context) {
	if t.post.Beacon == nil {
		return
	}
	mine := false
	err := t.ground.Do(ctx, tenants.Job(auditJob), func(ctx context.Context, tx *tenants.Tx) (err error) {
		mine, err = watch.ClaimOutward(ctx, tx)
		return err
	})
	if err != nil || !mine {
		if err != nil && ctx.Err() == nil {
			t.log.WarnContext(ctx, "cannot claim the sign of life", "error", err)
		}
		return
	}
	why := t.post.Beacon.Send(ctx)
	if ctx.Err() != nil {
		return // stopping; that it was cut off says nothing of the other side
	}
	changed := false
	err = t.ground.Do(ctx, tenants.Job(auditJob), func(ctx context.Context, tx *tenants.Tx) (err error) {
		changed, err = watch.MarkOutward(ctx, tx, why)
		return err
	})
	switch {
	case err != nil && ctx.Err() == nil:
		t.log.WarnContext(ctx, "cannot write down the sign of life", "error", err)
	case changed && why.Code != "":
		t.log.WarnContext(ctx, "the sign of life does not arrive outside", "reason", why.In("en"))
	case changed:
		t.log.InfoContext(ctx, "the sign of life arrives outside again")
	}
}
