package jobs

import (
	"context"
	"time"

	"tanamori/database/failpoint"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/custody"
	"tanamori/tenants/duty"
	"tanamori/tenants/history"
	"tanamori/tenants/incident"
	"tanamori/tenants/morning"
	"tanamori/tenants/notice"
	"tanamori/tenants/observance"
	"tanamori/tenants/people"
	"tanamori/tenants/reminder"
	"tanamori/tenants/retention"
	"tanamori/tenants/tlog"
	"tanamori/tenants/vault"
)

// schedule is every job there is, on this one page, in the order of the pipeline. Look is only the longest a job goes
// without looking: wake-ups and due times make it look at once.
var schedule = []Job{
	{Name: beatJob, Look: "@every 20s", Round: beat},
	{Name: "plan", Look: "@every 10m", Wakes: topics(tenants.WakePlan), Round: batch("plan", duty.PlanAhead, 50)},
	{Name: "takein", Look: "@every 5s", Wakes: topics(tenants.WakeCheckin), Round: alone(batch("takein", backup.TakeIn, 500))},
	{Name: "look", Look: "@every 1m", Wakes: topics(tenants.WakePlan), Round: batch("look", backup.LookIntoStores, 200)},
	{Name: "verify", Look: "@every 15s", Wakes: topics(tenants.WakeVerify), Next: backup.NextVerify, Round: verify, Lanes: 2},
	{Name: "review", Look: "@every 10m", Wakes: topics(tenants.WakeReview), Round: batch("review", history.TakeIn, 50)},
	{Name: "judge", Look: "@every 15s", Wakes: topics(tenants.WakeJudge, tenants.WakePlan), Next: duty.NextLook, Round: alone(judge)},
	{Name: "reopen", Look: "@every 15s", Wakes: topics(tenants.WakeRung), Next: incident.NextDue, Round: batch("reopen", incident.ReopenExpired, 200)},
	{Name: "escalate", Look: "@every 15s", Wakes: topics(tenants.WakeRung), Next: incident.NextDue, Round: batch("escalate", incident.Escalate, 500)},
	{Name: "restring", Look: "@every 1m", Round: batch("restring", incident.Restring, 100)},
	{Name: auditJob, Look: "@every 1m", Round: audit},
	{Name: "gather", Look: "@every 1m", Round: batch("gather", tlog.Gather, 1000)},
	{Name: "inspect", Look: "@every 1m", Round: budget("inspect", tlog.Inspect, 2000)},
	{Name: "morning", Look: "@every 1m", Round: batch("morning", morning.Tell, 200)},
	{Name: "forget", Look: "@every 1h", Round: batch("forget", forget, 1000)},
	{Name: "signouts", Look: "@every 10m", Round: batch("signouts", people.EndOver, 500)},
	{Name: "remind", Look: "@every 1h", Round: batch("remind", reminder.Ending, 100)},
	{Name: "bind", Look: "@every 1h", Round: batch("bind", beyondDoubt(retention.Bind), 20)},
	{Name: "expire", Look: "@every 1h", Round: batch("expire", beyondDoubt(retention.Expire), 1000)},
	{Name: "custody", Look: "@every 10m", Wakes: topics(tenants.WakeCustody), Round: batch("custody", custody.TakeIn, 200)},
	{Name: "answer", Look: "@every 15s", Wakes: topics(tenants.WakeAnswer), Round: batch("answer", duty.TakeAnswers, 500)},
	{Name: "handon", Look: "@every 1h", Wakes: topics(tenants.WakePlan), Round: batch("handon", observance.HandOn, 500)},
	{Name: "enclose", Look: "@every 1m", Round: enclose},
	{Name: "deliver", Look: "@every 15s", Wakes: topics(tenants.WakeDeliver), Next: notice.NextDue, Round: deliver},
}

// The jobs that watch the clock itself: that this node is alive, and that the others keep up.
const (
	beatJob  = "beat"
	auditJob = "audit"
)

func topics(t ...tenants.Topic) []tenants.Topic { return t }

// batch makes a job's round of an act that does at most limit things in one transaction and tells how many it did.
func batch(job string, act func(context.Context, *tenants.Tx, int) (int, error), limit int) func(context.Context, *Tower) (int, bool, error) {
	return func(ctx context.Context, t *Tower) (int, bool, error) {
		did := 0
		err := t.ground.Do(ctx, tenants.Job(job), func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = act(ctx, tx, limit)
			if did > 0 {
				failpoint.Here(job + ".uncommitted")
			}
			return err
		})
		if did > 0 {
			failpoint.Here(job + ".committed")
		}
		return did, did >= limit, err
	}
}

// budget makes a round of an act that looks at about limit things and then waits for the clock, however many there are.
func budget(job string, act func(context.Context, *tenants.Tx, int) (int, error), limit int) func(context.Context, *Tower) (int, bool, error) {
	round := batch(job, act, limit)
	return func(ctx context.Context, t *Tower) (int, bool, error) {
		did, _, err := round(ctx, t)
		return did, false, err
	}
}

// enclose moves secrets into the vault that a former version kept in clear. Once nothing is left it costs a look at three
// small indexes. Those of authenticator apps are out of the jobs' sight; only the gate reads them.
func enclose(ctx context.Context, t *Tower) (int, bool, error) {
	const limit = 500
	did := 0
	count := func(n int, err error) error { did += n; return err }
	err := t.ground.Do(ctx, tenants.Job("enclose"), func(ctx context.Context, tx *tenants.Tx) error {
		if err := count(vault.Enclose(ctx, tx)); err != nil {
			return err
		}
		return count(tlog.Enclose(ctx, tx, limit))
	})
	if err == nil {
		err = t.ground.Do(ctx, tenants.Gate("job:enclose", ""), func(ctx context.Context, tx *tenants.Tx) error {
			return count(people.Enclose(ctx, tx, limit))
		})
	}
	return did, did >= limit, err
}

// alone lets one round of this node at a time wait for the turn to take check-ins in: a node that is paused while several
// wait would be given one turn after the other, and hold the other nodes up with each.
func alone(round func(context.Context, *Tower) (int, bool, error)) func(context.Context, *Tower) (int, bool, error) {
	return func(ctx context.Context, t *Tower) (int, bool, error) {
		t.turn.Lock()
		defer t.turn.Unlock()
		return round(ctx, t)
	}
}

// forget removes answers that no client will ask for again, and what Tanamori wrote down about itself long ago.
func forget(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := duty.ForgetWatch(ctx, tx, limit); err != nil {
		return 0, err
	}
	return tenants.ForgetIdempotency(ctx, tx, 48*time.Hour)
}

// beyondDoubt leaves what follows from the date alone and cannot be undone until the date is beyond doubt: a clock that was
// set years ahead would have everything removed at once, and the months of those years bound while they have yet to come.
func beyondDoubt(act func(context.Context, *tenants.Tx, int) (int, error)) func(context.Context, *tenants.Tx, int) (int, error) {
	return func(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
		if until, err := duty.DoubtUntil(ctx, tx); err != nil || !until.IsZero() {
			return 0, err
		}
		return act(ctx, tx, limit)
	}
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
		if _, err = history.TakeIn(ctx, tx, 50); err != nil {
			return err
		}
		did, err = duty.JudgeDue(ctx, tx, limit)
		more = did == limit
		if did > 0 {
			failpoint.Here("judge.uncommitted")
		}
		return err
	})
	if did > 0 {
		failpoint.Here("judge.committed")
	}
	return did, more, err
}

// DefaultLease is how long a claim on a message or an examination holds without being renewed. Long enough for a slow disk
// or mail server, short enough that the work of a node that died is taken up before anybody wonders.
const DefaultLease = 2 * time.Minute
