package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
)

// verify claims runs and examines them, a few at a time. The archives are read outside any transaction; while that
// lasts the claim is renewed, and what a lapsed claim found is thrown away.
func verify(ctx context.Context, t *Tower) (int, bool, error) {
	limit := cap(t.verifying)
	var cases []backup.Case
	err := t.ground.Do(ctx, tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		cases, err = backup.ClaimToVerify(ctx, tx, limit, verifyLease)
		return err
	})
	if err != nil || len(cases) == 0 {
		return 0, false, err
	}
	errs := make([]error, len(cases))
	var wg sync.WaitGroup
	for i := range cases {
		wg.Go(func() { errs[i] = t.examine(ctx, &cases[i]) })
	}
	wg.Wait()
	return len(cases), len(cases) == limit, errors.Join(errs...)
}

func (t *Tower) examine(ctx context.Context, c *backup.Case) error {
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() { t.renew(reading, c, cancel) })
	finding := backup.Examine(reading, *c, time.Now)
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
		return backup.Settle(ctx, tx, *c, finding)
	})
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
		case <-time.After(verifyLease / 4):
		}
		err := t.ground.Do(ctx, tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) error {
			return backup.Renew(ctx, tx, c, verifyLease)
		})
		if errors.Is(err, backup.ErrLapsed) {
			stop(err)
			return
		}
		// A database that is away for a moment is asked again before the claim runs out.
	}
}
