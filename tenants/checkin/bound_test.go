package checkin_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// A queue that moves slowly is full long before it is long: who joins it would wait as long as its head has.
func TestAQueueThatStandsStillTakesNoMore(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, src := s.source("plug"), s.source("one")
	pull := s.plug(plug)
	defer pull()
	in := checkin.In{UUID: src.UUID, Kind: checkin.Success}
	first := s.send(in)
	s.waiting(1)
	s.Clock.Advance(2 * time.Second)
	second := s.send(in) // as long as the bound is, no longer
	s.waiting(2)
	s.Clock.Advance(time.Millisecond)
	_, err := s.intake.Accept(t.Context(), in)
	require.ErrorIs(t, err, checkin.ErrFull)
	require.Equal(t, int64(1), s.intake.Stats().Refused)
	pull()
	require.NoError(t, <-first)
	require.NoError(t, <-second)
	require.True(t, s.accept(in), "there is room again")
}

// Behind a database that hangs each batch has its ten seconds; whoever stands at the end has long given up by then.
func TestWhatWaitedTooLongIsGivenUpAndSaidSo(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, src := s.source("plug"), s.source("one")
	pull := s.plug(plug)
	defer pull()
	in := checkin.In{UUID: src.UUID, Kind: checkin.Success}
	old := s.send(in)
	s.waiting(1)
	s.Clock.Advance(time.Second)
	young := s.send(in)
	s.waiting(2)
	s.Clock.Advance(9*time.Second + time.Millisecond)
	pull()
	require.Equal(t, tenants.KindUnavailable, tenants.AsFault(<-old).Kind)
	require.NoError(t, <-young)
	require.Equal(t, int64(1), s.intake.Stats().Failed)
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin WHERE source_id = $1`, src.ID))
}

// However many come at once, what waits is bounded by number and by bytes; the others are told so at once.
func TestACrowdWaitsWithinTheBounds(t *testing.T) {
	t.Parallel()
	const crowd = 3000
	for name, c := range map[string]struct {
		config  checkin.IntakeConfig
		waiting int
	}{
		"by number": {checkin.IntakeConfig{Depth: 500}, 500},
		"by bytes":  {checkin.IntakeConfig{MaxBytes: 1 << 20}, 11}, // the one that reaches the bound still fits
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t, c.config)
			plug, src := s.source("plug"), s.source("one")
			pull := s.plug(plug)
			defer pull()
			in := checkin.In{UUID: src.UUID, Kind: checkin.Success, Body: make([]byte, 100<<10)}
			var all sync.WaitGroup
			errs := make(chan error, crowd)
			for range crowd {
				all.Go(func() {
					_, err := s.intake.Accept(context.Background(), in)
					errs <- err
				})
			}
			for range crowd - c.waiting {
				require.ErrorIs(t, <-errs, checkin.ErrFull)
			}
			require.Equal(t, c.waiting, s.intake.Stats().Waiting)
			pull()
			all.Wait()
			for range c.waiting {
				require.NoError(t, <-errs)
			}
			require.EqualValues(t, c.waiting, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin WHERE source_id = $1`, src.ID))
		})
	}
}

// send checks in and gives the answer when there is one.
func (s *shelf) send(in checkin.In) <-chan error {
	answer := make(chan error, 1)
	go func() {
		_, err := s.intake.Accept(context.Background(), in)
		answer <- err
	}()
	return answer
}
