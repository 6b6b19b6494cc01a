package checkin_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func TestStopWritesWhatWasAcceptedAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, src := s.source("plug"), s.source("one")
	pull := s.plug(plug)
	defer pull()
	var accepted sync.WaitGroup
	for range 50 {
		accepted.Go(func() {
			found, err := s.intake.Accept(context.Background(), checkin.In{UUID: src.UUID, Kind: checkin.Success})
			if err != nil || !found {
				t.Errorf("accepted before the stop: found %t, %v", found, err)
			}
		})
	}
	s.waiting(50)
	stopped := make(chan error)
	go func() { stopped <- s.intake.Stop(context.Background()) }()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.intake.Accept(ctx, checkin.In{UUID: src.UUID, Kind: checkin.Success})
		require.ErrorIs(t, err, context.Canceled, "who has given up before is not accepted")
		in := checkin.In{UUID: src.UUID, Kind: checkin.Success}
		short, cancelShort := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancelShort()
		_, err = s.intake.Accept(short, in)
		return err == checkin.ErrClosed //nolint:errorlint // the very value
	}, 5*time.Second, time.Millisecond)
	select {
	case err := <-stopped:
		require.Fail(t, "stopped before everything was written", "%v", err)
	default:
	}
	pull()
	require.NoError(t, <-stopped)
	accepted.Wait()
	require.GreaterOrEqual(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin WHERE source_id = $1`, src.ID), int64(50))
	require.Equal(t, tenants.KindUnavailable, tenants.AsFault(checkin.ErrClosed).Kind)
}

func TestAStopThatMayNotWaitSaysSo(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, src := s.source("plug"), s.source("one")
	pull := s.plug(plug)
	defer pull()
	answer := make(chan error, 1)
	go func() {
		_, err := s.intake.Accept(context.Background(), checkin.In{UUID: src.UUID, Kind: checkin.Success})
		answer <- err
	}()
	s.waiting(1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.intake.Stop(ctx), context.DeadlineExceeded)
	require.Equal(t, tenants.KindUnavailable, tenants.AsFault(<-answer).Kind)
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin`))
}

func TestWhoGivesUpLosesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, src := s.source("plug"), s.source("one")
	pull := s.plug(plug)
	defer pull()
	ctx, giveUp := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := s.intake.Accept(ctx, checkin.In{UUID: src.UUID, Kind: checkin.Success})
		answer <- err
	}()
	s.waiting(1)
	giveUp()
	require.ErrorIs(t, <-answer, context.Canceled)
	pull()
	require.NoError(t, s.intake.Stop(t.Context()))
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin WHERE source_id = $1`, src.ID))
}

func TestAFullIntakeRefusesAtOnce(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]checkin.IntakeConfig{"by number": {Depth: 2}, "by size": {MaxBytes: 200}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t, config)
			plug, src := s.source("plug"), s.source("one")
			pull := s.plug(plug)
			defer pull()
			in := checkin.In{UUID: src.UUID, Kind: checkin.Success, Body: make([]byte, 100)}
			for range 2 {
				go func() { _, _ = s.intake.Accept(context.Background(), in) }()
			}
			s.waiting(2)
			_, err := s.intake.Accept(t.Context(), in)
			require.ErrorIs(t, err, checkin.ErrFull)
			require.Equal(t, int64(1), s.intake.Stats().Refused)
			pull()
			s.waiting(0)
			require.True(t, s.accept(in), "there is room again")
		})
	}
}

func TestADatabaseThatIsAwayIsUnavailableAndSaidOnce(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	var log bytes.Buffer
	k := checkin.NewIntake(b.Handle.Pool, b.Clock.Now, slog.New(slog.NewTextHandler(&log, nil)), checkin.IntakeConfig{})
	b.Handle.Pool.Close()
	for range 20 {
		_, err := k.Accept(t.Context(), checkin.In{PingKey: "k", Slug: "s", Kind: checkin.Success})
		require.Equal(t, tenants.KindUnavailable, tenants.AsFault(err).Kind, "%v", err)
	}
	require.NoError(t, k.Stop(t.Context()))
	require.Equal(t, 1, strings.Count(log.String(), "check-ins cannot be kept"), log.String())
}

func TestAWriterThatPanicsFailsItsCallersAndGoesOn(t *testing.T) {
	t.Parallel()
	k := checkin.NewIntake(nil, time.Now, slog.New(slog.DiscardHandler), checkin.IntakeConfig{})
	for range 2 {
		_, err := k.Accept(t.Context(), checkin.In{PingKey: "k", Slug: "s", Kind: checkin.Success})
		require.ErrorContains(t, err, "panicked")
		require.Equal(t, tenants.KindInternal, tenants.AsFault(err).Kind)
	}
	require.NoError(t, k.Stop(t.Context()))
}

// Not parallel: nothing else may begin a goroutine meanwhile.
func TestAStoppedIntakeLeavesNothingRunning(t *testing.T) { //nolint:paralleltest // see above
	b := tenantstest.New(t)
	before := goleak.IgnoreCurrent()
	k := checkin.NewIntake(b.Handle.Pool, b.Clock.Now, slog.New(slog.DiscardHandler), checkin.IntakeConfig{Shards: 4})
	for range 10 {
		_, err := k.Accept(t.Context(), checkin.In{PingKey: "k", Slug: "s", Kind: checkin.Success})
		require.NoError(t, err)
	}
	require.NoError(t, k.Stop(t.Context()))
	require.NoError(t, k.Stop(t.Context()), "twice is once")
	goleak.VerifyNone(t, before)
}
