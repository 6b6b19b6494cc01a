package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"tanamori/database/failpoint"
	"tanamori/tenants"
	"tanamori/tenants/backup"
)

// verify claims one run and examines it. The archive is read outside any transaction; while that lasts the claim is
// renewed, and what a lapsed claim found is thrown away. Runs are taken one by one, so that a large archive or a slow
// store holds up its own lane and no other.
func verify(ctx context.Context, t *Tower) (int, bool, error) {
	var cases []backup.Case
	err := t.ground.Do(ctx, tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		cases, err = backup.ClaimToVerify(ctx, tx, 1, t.lease)
		return err
	})
	if err != nil || len(cases) == 0 {
		return 0, false, err
	}
	failpoint.Here("verify.claimed")
	return 1, true, t.examine(ctx, &cases[0])
}

func (t *Tower) examine(ctx context.Context, c *backup.Case) error {
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() { t.renew(reading, c, cancel) })
	finding := backup.Examine(reading, *c, time.Now) // how long it takes, not when: that is the transaction's to say
	failpoint.Here("verify.read")
	lapsed := context.Cause(reading)
	cancel(nil)
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err() // stopping: the claim lapses and another look follows
	}
	if lapsed != nil {
		t.log.WarnContext(ctx, "examination given up, its claim has lapsed", "town", c.Run.TenantID, "run", c.Run.ID, "error", lapsed)
		return nil
	}
	err := t.ground.Do(ctx, tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) error {
		err := backup.Settle(ctx, tx, *c, finding)
		failpoint.Here("verify.uncommitted")
		return err
	})
	failpoint.Here("verify.settled")
	if errors.Is(err, backup.ErrLapsed) {
		t.log.WarnContext(ctx, "finding thrown away, its claim has lapsed", "town", c.Run.TenantID, "run", c.Run.ID)
		return nil
	}
	return err
}

// renew prolongs the claim until the examination is over; where that fails the examination is cut short.
func (t *Tower) renew(ctx context.Context, c *backup.Case, stop context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(t.lease / 4):
		}
		err := t.ground.Do(ctx, tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) error {
			return backup.Renew(ctx, tx, c, t.lease)
		})
		if errors.Is(err, backup.ErrLapsed) {
			stop(err)
			return
		}
		// A database that is away for a moment is asked again before the claim runs out.
	}
}
