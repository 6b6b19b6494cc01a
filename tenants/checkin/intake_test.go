package checkin_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// shelf is a town with places to check in and an intake.
type shelf struct {
	*tenantstest.Bench
	t      *testing.T
	town   int64
	admin  tenants.Actor
	intake *checkin.Intake
}

func newShelf(t *testing.T, config checkin.IntakeConfig) *shelf {
	t.Helper()
	b := tenantstest.New(t)
	s := &shelf{Bench: b, t: t}
	host := b.Host("蘭越町", "013943")
	s.town = b.Town("むかわ町", "015865")
	s.admin = b.Person(host, tenants.HostAdmin)
	s.intake = checkin.NewIntake(b.Handle.Pool, b.Clock.Now, slog.New(slog.DiscardHandler), config)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, s.intake.Stop(ctx))
	})
	return s
}

func (s *shelf) source(slug string) (src checkin.Source) {
	s.t.Helper()
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		src, err = checkin.AddSource(ctx, tx, checkin.SourceInput{Town: s.town, Slug: slug, Kind: "backup", AboutID: 7})
		return err
	})
	return src
}

// plug holds a source so that the writer of its shard stands still in the middle of a batch until pull is called.
func (s *shelf) plug(src checkin.Source) (pull func()) {
	s.t.Helper()
	tx, err := s.Owner.Begin(s.t.Context())
	require.NoError(s.t, err)
	_, err = tx.Exec(s.t.Context(), `SELECT FROM source_state WHERE source_id = $1 FOR UPDATE`, src.ID)
	require.NoError(s.t, err)
	before := s.intake.Stats().Batches
	go func() { _, _ = s.intake.Accept(context.Background(), checkin.In{UUID: src.UUID, Kind: checkin.Log}) }()
	require.Eventually(s.t, func() bool { return s.intake.Stats().Batches > before }, 5*time.Second, time.Millisecond)
	return sync.OnceFunc(func() { require.NoError(s.t, tx.Rollback(context.Background())) })
}

// waiting waits until n check-ins stand in the queue.
func (s *shelf) waiting(n int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.intake.Stats().Waiting == n }, 5*time.Second, time.Millisecond)
}

func (s *shelf) accept(in checkin.In) bool {
	s.t.Helper()
	found, err := s.intake.Accept(s.t.Context(), in)
	require.NoError(s.t, err)
	return found
}

func (s *shelf) untaken() (list []checkin.Checkin) {
	s.t.Helper()
	s.Do(tenants.Job("backup"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = checkin.Untaken(ctx, tx, "backup", 1000)
		return err
	})
	return list
}

func (s *shelf) key() string {
	return tenantstest.Value[string](s.Bench, `SELECT ping_key FROM tenant WHERE id = $1`, s.town)
}

func ptr[T any](v T) *T { return &v }

func TestWhatIsAcceptedIsThereAsItCame(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("kosekisei")
	rid := uuid.New()
	require.True(t, s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Start, Method: "GET", Remote: "192.0.2.7", RID: &rid}))
	s.Clock.Advance(time.Minute)
	require.True(t, s.accept(checkin.In{PingKey: s.key(), Slug: "kosekisei", Kind: checkin.Fail, ExitStatus: ptr(3), RID: &rid, Method: "POST",
		Remote: "2001:db8::7", Agent: "curl/8.0", ContentType: "text/plain", Body: []byte("a\x00b\xff")}))

	list := s.untaken()
	require.Len(t, list, 2)
	ids := []int64{list[0].ID, list[1].ID}
	require.Less(t, ids[0], ids[1])
	list[0].ID, list[1].ID = 0, 0
	require.Equal(t, []checkin.Checkin{
		{TenantID: s.town, SourceID: src.ID, AboutID: 7, At: tenantstest.Start, Kind: checkin.Start, RID: &rid, Method: "GET", Remote: "192.0.2.7", Body: []byte{}},
		{TenantID: s.town, SourceID: src.ID, AboutID: 7, At: tenantstest.Start.Add(time.Minute), Kind: checkin.Fail, ExitStatus: ptr(3), RID: &rid,
			Method: "POST", Remote: "2001:db8::7", Agent: "curl/8.0", ContentType: "text/plain", Body: []byte("a\x00b\xff"), BodyBytes: 4},
	}, list)
	require.Equal(t, []map[string]any{{"seq": int64(2), "last_at": tenantstest.Start.Add(time.Minute), "last_kind": "fail"}},
		s.SQL(`SELECT seq, last_at AT TIME ZONE 'UTC' AS last_at, last_kind FROM source_state`))
	require.Equal(t, checkin.Stats{Kept: 2, Batches: 2}, s.intake.Stats())
}

func TestNobodyChecksInWhereNoPlaceIsOpen(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src, other := s.source("one"), s.source("two")
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return checkin.RetireSource(ctx, tx, s.town, src.ID)
	})
	otherTown := s.Town("佐呂間町", "015521")
	theirs := tenantstest.Value[string](s.Bench, `SELECT ping_key FROM tenant WHERE id = $1`, otherTown)
	for _, in := range []checkin.In{
		{UUID: uuid.New()},
		{UUID: src.UUID},
		{PingKey: s.key(), Slug: "one"},
		{PingKey: s.key(), Slug: "three"},
		{PingKey: theirs, Slug: "two"},
		{PingKey: "", Slug: "two"},
		{},
	} {
		in.Kind = checkin.Success
		require.False(t, s.accept(in), "%+v", in)
	}
	require.Empty(t, s.untaken())
	require.True(t, s.accept(checkin.In{UUID: other.UUID, Kind: checkin.Success}))
	require.Equal(t, checkin.Stats{Kept: 1, Unknown: 7, Batches: 8}, s.intake.Stats())
}

func TestWhatIsNoCheckinIsRefusedBeforeTheDatabase(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("one")
	for _, in := range []checkin.In{
		{UUID: src.UUID},
		{UUID: src.UUID, Kind: "end"},
		{UUID: src.UUID, Kind: checkin.Fail, ExitStatus: ptr(256)},
		{UUID: src.UUID, Kind: checkin.Fail, ExitStatus: ptr(-1)},
		{UUID: src.UUID, Kind: checkin.Log, Body: make([]byte, 102401)},
	} {
		_, err := s.intake.Accept(t.Context(), in)
		require.Error(t, err)
	}
	require.Equal(t, checkin.Stats{}, s.intake.Stats())
	require.True(t, s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Log, Body: make([]byte, 102400), Agent: strings.Repeat("棚", 100) + "\x00",
		ContentType: "\xff\x00", Method: "GET"}))
	list := s.untaken()
	require.Len(t, list, 1)
	require.Equal(t, strings.Repeat("棚", 66), list[0].Agent, "cut between characters")
	require.Equal(t, "\uFFFD\uFFFD", list[0].ContentType)
}

func TestNewestStateFollowsTheTimeOfTheCheckin(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{Shards: 1})
	src := s.source("one")
	s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Success})
	s.Clock.Advance(-30 * time.Second) // another node is a little behind
	s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Fail})
	require.Equal(t, "success", tenantstest.Value[string](s.Bench, `SELECT last_kind FROM source_state`))
	require.EqualValues(t, 2, tenantstest.Value[int64](s.Bench, `SELECT seq FROM source_state`))
	require.Equal(t, tenantstest.Start, tenantstest.Value[time.Time](s.Bench, `SELECT last_at FROM source_state`).UTC())

	s.Clock.Advance(-time.Hour) // the clock was put back: what it stamped before lies ahead, and is not the newest for an hour
	s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Start})
	require.Equal(t, "start", tenantstest.Value[string](s.Bench, `SELECT last_kind FROM source_state`))
}

func TestACheckinWakesWhoeverTakesItIn(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("one")
	conn, err := s.Owner.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), "LISTEN "+tenants.Channel)
	require.NoError(t, err)
	s.accept(checkin.In{UUID: uuid.New(), Kind: checkin.Success}) // of no source: wakes nobody
	s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Success})
	n, err := conn.Conn().WaitForNotification(t.Context())
	require.NoError(t, err)
	require.Equal(t, "checkin:0", n.Payload)
	_, err = conn.Exec(t.Context(), "UNLISTEN *")
	require.NoError(t, err)
	more, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = conn.Conn().WaitForNotification(more)
	require.ErrorIs(t, err, context.DeadlineExceeded, "one wake-up a batch")
}
