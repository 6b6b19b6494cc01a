package jobs

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// ticking starts the ticks of a schedule on a clock that is moved by hand.
func ticking(t *testing.T, s cron.Schedule) (*tenantstest.Clock, <-chan struct{}) {
	t.Helper()
	clock := &tenantstest.Clock{}
	clock.Set(tenantstest.Start)
	tower := &Tower{ground: tenants.NewGround(nil, clock.Now)}
	poke := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { tower.ticks(ctx, s, poke) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return clock, poke
}

// The look that happens whatever happens goes on, wherever the clock is put.
func TestLooksGoOnWhereverTheClockIsPut(t *testing.T) {
	t.Parallel()
	clock, poke := ticking(t, cron.ConstantDelaySchedule{Delay: 20 * time.Millisecond})
	for _, step := range []time.Duration{0, -3 * time.Hour, 48 * time.Hour, -70 * 365 * 24 * time.Hour} {
		clock.Advance(step)
		for range 2 {
			<-poke
		}
	}
}

func TestATimeOfDayComesOnceAndAgainAfterTheClockWasPutBack(t *testing.T) {
	t.Parallel()
	daily, err := cron.ParseStandard("CRON_TZ=UTC 30 22 * * *") // it is 22:30: the next is tomorrow's
	require.NoError(t, err)
	clock, poke := ticking(t, daily)
	tower := &Tower{ground: tenants.NewGround(nil, clock.Now)}
	require.Empty(t, poke)
	next := tenantstest.Start.AddDate(0, 0, 1)
	clock.Set(next)
	require.True(t, tower.comes(t.Context(), tenantstest.Start, next), "its time has come")
	clock.Set(tenantstest.Start.Add(-time.Hour))
	require.True(t, tower.comes(t.Context(), tenantstest.Start, next), "put back: the next one is another")
	clock.Set(next.Add(-30 * time.Millisecond))
	came := make(chan bool, 1)
	go func() { came <- tower.comes(t.Context(), tenantstest.Start, next) }()
	clock.Set(next)
	require.True(t, <-came)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, tower.comes(stopped, next, next.Add(time.Hour)))
}
