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
)

// schedule is every job there is, on this one page, in the order of the pipeline. Look is only the longest a job goes
// without looking: wake-ups and due times make it look at once.
var schedule = []Job{
	{Name: beatJob, Look: "@every 20s", Round: each(beat)},
	{Name: "plan", Look: "@every 10m", Wakes: topics(tenants.WakePlan), Round: batch(duty.PlanAhead, 50)},
	{Name: "takein", Look: "@every 5s", Wakes: topics(tenants.WakeCheckin), Round: batch(backup.TakeIn, 500)},
	{Name: "look", Look: "@every 1m", Wakes: topics(tenants.WakePlan), Round: batch(backup.LookIntoStores, 200)},
	{Name: "verify", Look: "@every 15s", Wakes: topics(tenants.WakeVerify), Next: backup.NextVerify, Round: verify, Lanes: 2},
	{Name: "judge", Look: "@every 15s", Wakes: topics(tenants.WakeJudge, tenants.WakePlan), Next: duty.NextLook, Round: judge},
	{Name: "reopen", Look: "@every 15s", Wakes: topics(tenants.WakeRung), Next: incident.NextDue, Round: batch(incident.ReopenExpired, 200)},
	{Name: "escalate", Look: "@every 15s", Wakes: topics(tenants.WakeRung), Next: incident.NextDue, Round: batch(incident.Escalate, 500)},
	{Name: "restring", Look: "@every 1m", Round: batch(incident.Restring, 100)},
	{Name: auditJob, Look: "@every 1m", Round: each(audit)},
	{Name: "forget", Look: "@every 1h", Round: batch(forget, 1000)},
	{Name: "deliver", Look: "@every 15s", Wakes: topics(tenants.WakeDeliver), Next: notice.NextDue, Round: deliver},
}

// The jobs that watch the clock itself: that this node is alive, and that the others keep up.
const (
	beatJob  = "beat"
	auditJob = "audit"
)

func topics(t ...tenants.Topic) []tenants.Topic { return t }

// batch makes a job's round of an act that does at most limit things in one transaction and tells how many it did.
func batch(act func(context.Context, *tenants.Tx, int) (int, error), limit int) func(context.Context, *Tower) (int, bool, error) {
	return func(ctx context.Context, t *Tower) (int, bool, error) {
		did := 0
		err := t.ground.Do(ctx, tenants.Job("batch"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = act(ctx, tx, limit)
			return err
		})
		return did, did >= limit, err
	}
}

// each makes a job's round of an act that is done with one call.
func each(act func(context.Context, *Tower, *tenants.Tx) error) func(context.Context, *Tower) (int, bool, error) {
	return func(ctx context.Context, t *Tower) (int, bool, error) {
		err := t.ground.Do(ctx, tenants.Job("batch"), func(ctx context.Context, tx *tenants.Tx) error { return act(ctx, t, tx) })
		return 0, false, err
	}
}

func beat(ctx context.Context, t *Tower, tx *tenants.Tx) error { return duty.Beat(ctx, tx, t.node) }

// audit asks whether the others did their work: nothing that is due may wait for more than two minutes. What it finds is
// its own error, and so stands on the board and in the log until it is over.
func audit(ctx context.Context, _ *Tower, tx *tenants.Tx) error {
	const grace = 2 * time.Minute
	late, err := incident.Audit(ctx, tx, grace)
	if err != nil {
		return err
	}
	next, err := duty.NextLook(ctx, tx)
	if err != nil {
		return err
	}
	if next != nil && tx.Now.Sub(*next) > grace {
		return fmt.Errorf("an occurrence waits to be judged since %s", next.Format(time.RFC3339))
	}
	if late.Mute > 0 || late.Rungs > 0 || late.Promises > 0 {
		return fmt.Errorf("%d open incidents have nobody to tell, %d people were not told in time, %d promises are over", late.Mute, late.Rungs, late.Promises)
	}
	return nil
}

// forget removes answers that no client will ask for again.
func forget(ctx context.Context, tx *tenants.Tx, _ int) (int, error) {
	return tenants.ForgetIdempotency(ctx, tx, 48*time.Hour)
}

// judge takes in what was checked in before it calls anything missed, in the same transaction and at the same moment: a
// check-in that was answered is never overlooked.
func judge(ctx context.Context, t *Tower) (int, bool, error) {
	const limit = 500
	did, more := 0, false
	err := t.ground.Do(ctx, tenants.Job("judge"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		taken, err := backup.TakeIn(ctx, tx, limit)
		if err != nil {
			return err
		}
		if taken == limit {
			did, more = taken, true // there may be more to hear first
			return nil
		}
		did, err = duty.JudgeDue(ctx, tx, limit)
		more = did == limit
		return err
	})
	return did, more, err
}

// The leases: how long a claim holds without being renewed. Long enough for a slow disk or mail server, short enough
// that the work of a node that died is taken up before anybody wonders.
const (
	verifyLease  = 2 * time.Minute
	deliverLease = 2 * time.Minute
)
