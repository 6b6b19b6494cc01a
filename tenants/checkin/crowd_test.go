package checkin_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// crowd sends check-ins from 64 senders at once, each with a run id of its own, and gives the run ids that were answered
// as kept and the errors of the others.
func crowd(ctx context.Context, each int, intakes []*checkin.Intake, addresses []checkin.In) (kept map[uuid.UUID]bool, errs []error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	kept = map[uuid.UUID]bool{}
	for sender := range 64 {
		all.Go(func() {
			for n := range each {
				in := addresses[(sender*31+n*17)%len(addresses)]
				rid := uuid.New()
				in.Kind, in.RID, in.Body = checkin.Success, &rid, []byte("ok")
				found, err := intakes[sender%len(intakes)].Accept(ctx, in)
				mu.Lock()
				if err != nil {
					errs = append(errs, err)
				} else {
					kept[rid] = found
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return kept, errs
}

// requireKept holds the tables to what was answered: every kept check-in has exactly one row, and each source has counted
// exactly its rows.
func (s *shelf) requireKept(kept map[uuid.UUID]bool) {
	s.t.Helper()
	for _, row := range s.SQL(`SELECT rid, count(*) AS n FROM checkin WHERE rid IS NOT NULL GROUP BY rid`) {
		rid, ok := row["rid"].([16]byte)
		require.True(s.t, ok)
		require.EqualValues(s.t, 1, row["n"])
		delete(kept, rid)
	}
	require.Empty(s.t, kept, "answered and not there")
	require.Empty(s.t, s.SQL(`SELECT x.source_id, x.seq, count(c.id) FROM source_state x LEFT JOIN checkin c USING (tenant_id, source_id)
		GROUP BY x.tenant_id, x.source_id HAVING x.seq <> count(c.id)`))
}

// addresses are the ways to n new sources, by UUID and by slug.
func (s *shelf) addresses(n int) (list []checkin.In) {
	key := s.key()
	for i := range n {
		src := s.source(fmt.Sprintf("source-%d", i))
		list = append(list, checkin.In{UUID: src.UUID}, checkin.In{PingKey: key, Slug: src.Slug})
	}
	return list
}

func TestManySendersEachHaveTheirRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		sources, shards int
		nodes           int
	}{
		{"one hot source", 1, 1, 1},
		{"a hundred sources", 100, 1, 1},
		{"a hundred sources, two nodes of three shards", 100, 3, 2},
		{"three hot sources, two nodes of three shards", 3, 3, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t, checkin.IntakeConfig{Shards: c.shards})
			intakes := []*checkin.Intake{s.intake}
			for len(intakes) < c.nodes {
				other := checkin.NewIntake(s.Handle.Pool, s.Clock.Now, slog.New(slog.DiscardHandler), checkin.IntakeConfig{Shards: c.shards})
				t.Cleanup(func() { require.NoError(t, other.Stop(context.Background())) })
				intakes = append(intakes, other)
			}
			kept, errs := crowd(t.Context(), 30, intakes, s.addresses(c.sources))
			require.Empty(t, errs)
			require.Len(t, kept, 64*30)
			s.requireKept(kept)
			var total checkin.Stats
			for _, k := range intakes {
				total.Kept, total.Batches = total.Kept+k.Stats().Kept, total.Batches+k.Stats().Batches
			}
			require.EqualValues(t, 64*30, total.Kept)
			require.Less(t, total.Batches, total.Kept, "check-ins share statements")
			require.Zero(t, tenantstest.Value[int64](s.Bench, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`))
		})
	}
}

func TestAPoisonedRowFailsOnlyItsCaller(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	plug, bad := s.source("plug"), s.source("bad")
	good := s.addresses(5)
	s.SQL(`UPDATE source_state SET seq = 9223372036854775807 WHERE source_id = $1`, bad.ID) // one more does not fit
	pull := s.plug(plug)
	defer pull()

	type outcome struct {
		bad   bool
		found bool
		err   error
	}
	outcomes := make(chan outcome, 100)
	for i := range 40 {
		go func() {
			in := good[i%len(good)]
			if i%20 == 7 {
				in = checkin.In{UUID: bad.UUID}
			}
			in.Kind = checkin.Success
			found, err := s.intake.Accept(context.Background(), in)
			outcomes <- outcome{in.UUID == bad.UUID, found, err}
		}()
	}
	s.waiting(40)
	pull()
	for range 40 {
		o := <-outcomes
		if o.bad {
			require.ErrorContains(t, o.err, "bigint out of range")
			require.Equal(t, tenants.KindInternal, tenants.AsFault(o.err).Kind)
			continue
		}
		require.NoError(t, o.err)
		require.True(t, o.found)
	}
	require.EqualValues(t, 39, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin`), "38 and the plug")
	require.Equal(t, int64(2), s.intake.Stats().Failed)
	require.True(t, s.accept(checkin.In{UUID: good[0].UUID, Kind: checkin.Success}))
}

func TestNothingIsAnsweredBeforeItsCommit(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("one")
	s.SQL(`CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$`)
	s.SQL(`CREATE CONSTRAINT TRIGGER late AFTER INSERT ON checkin DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
		WHEN (NEW.agent = 'late') EXECUTE FUNCTION refuse_late()`)
	_, err := s.intake.Accept(t.Context(), checkin.In{UUID: src.UUID, Kind: checkin.Success, Agent: "late"})
	require.ErrorContains(t, err, "refused at commit")
	require.True(t, s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Success, Agent: "early"}))
	require.Len(t, s.untaken(), 1)
}

func TestWhatWasAnsweredOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{Shards: 2})
	addresses := s.addresses(20)
	ctx, stop := context.WithCancel(t.Context())
	var killer sync.WaitGroup
	var killed int64
	killer.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(40 * time.Millisecond)
			rows, err := s.TrySQL(`SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity
				WHERE datname = current_database() AND usename = 'tanamori_app'`)
			if err == nil {
				n, _ := rows[0]["n"].(int64)
				killed += n
			}
		}
	})
	kept, errs := crowd(t.Context(), 60, []*checkin.Intake{s.intake}, addresses)
	stop()
	killer.Wait()
	require.Positive(t, killed)
	for _, err := range errs {
		require.Equal(t, tenants.KindUnavailable, tenants.AsFault(err).Kind, "%v", err)
	}
	t.Logf("%d connections ended under %d check-ins: %d kept, %d to be sent again", killed, 64*60, len(kept), len(errs))
	require.NotEmpty(t, kept)
	s.requireKept(kept)
}
