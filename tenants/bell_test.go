package tenants_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

func hung(t *testing.T, b *tenantstest.Bench) *tenants.Bell {
	t.Helper()
	bell := tenants.NewBell(b.Handle.Pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); bell.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return bell
}

// next waits for a ring; tests do not wait for a clock, only for that.
func next(t *testing.T, rings <-chan tenants.Ring) tenants.Ring {
	t.Helper()
	select {
	case r := <-rings:
		return r
	case <-time.After(2 * time.Minute): // a busy machine is no silence
		require.Fail(t, "nobody rang")
		return tenants.Ring{}
	}
}

func ring(b *tenantstest.Bench, rings ...tenants.Ring) {
	b.Do(tenants.Job("x"), func(_ context.Context, tx *tenants.Tx) error {
		for _, r := range rings {
			if err := tx.Wake(r.Topic, r.Town); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTheBellPassesOnWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	bell := hung(t, b)
	judge, stop := bell.Hear(tenants.WakeJudge, tenants.WakePlan)
	page, stopPage := bell.Hear(tenants.WakePage)
	defer stopPage()
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage}, next(t, page), "whoever begins to hear looks once")
	begun := []tenants.Ring{next(t, judge), next(t, judge)}
	require.ElementsMatch(t, []tenants.Ring{{Topic: tenants.WakeJudge}, {Topic: tenants.WakePlan}}, begun)

	ring(b, tenants.Ring{Topic: tenants.WakePage, Town: 7}, tenants.Ring{Topic: tenants.WakeJudge, Town: 8}, tenants.Ring{Topic: tenants.WakeVerify, Town: 9})
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage, Town: 7}, next(t, page))
	require.Equal(t, tenants.Ring{Topic: tenants.WakeJudge, Town: 8}, next(t, judge))

	// Nothing rings before the commit, nor for what was rolled back.
	err := b.Try(tenants.Job("x"), func(_ context.Context, tx *tenants.Tx) error {
		require.NoError(t, tx.Wake(tenants.WakePage, 1))
		return tenants.NotFound()
	})
	require.Error(t, err)
	ring(b, tenants.Ring{Topic: tenants.WakePage, Town: 2})
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage, Town: 2}, next(t, page))

	stop()
	ring(b, tenants.Ring{Topic: tenants.WakeJudge}, tenants.Ring{Topic: tenants.WakePage, Town: 3})
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage, Town: 3}, next(t, page))
	require.Empty(t, judge)

	b.SQL(`SELECT pg_notify('tanamori', 'page'), pg_notify('tanamori', 'page:x'), pg_notify('tanamori', '')`)
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage}, next(t, page), "a payload without a town concerns all")
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage}, next(t, page))
}

func TestTheBellSurvivesItsConnection(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	bell := hung(t, b)
	rings, stop := bell.Hear(tenants.WakePage)
	defer stop()
	next(t, rings)
	ended := b.SQL(`SELECT pg_terminate_backend(pid) AS gone FROM pg_stat_activity
		WHERE datname = current_database() AND usename = 'tanamori_app' AND query LIKE 'LISTEN%'`)
	require.Equal(t, []map[string]any{{"gone": true}}, ended)
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage}, next(t, rings), "what rang meanwhile was missed: everybody looks once")
	ring(b, tenants.Ring{Topic: tenants.WakePage, Town: 5})
	require.Equal(t, tenants.Ring{Topic: tenants.WakePage, Town: 5}, next(t, rings))
}

func TestWhoDoesNotListenHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	bell := hung(t, b)
	asleep, stopAsleep := bell.Hear(tenants.WakePage)
	defer stopAsleep()
	awake, stop := bell.Hear(tenants.WakeJudge)
	defer stop()
	next(t, awake)
	var many []tenants.Ring
	for town := range int64(500) {
		many = append(many, tenants.Ring{Topic: tenants.WakePage, Town: town})
	}
	ring(b, append(many, tenants.Ring{Topic: tenants.WakeJudge, Town: 1})...)
	require.Equal(t, tenants.Ring{Topic: tenants.WakeJudge, Town: 1}, next(t, awake))
	require.NotEmpty(t, asleep, "it has enough to look at once it wakes up")
	require.LessOrEqual(t, len(asleep), cap(asleep))
}
