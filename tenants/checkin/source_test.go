package checkin_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func TestASlugIsOneOfItsTown(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	s.source("backup-1")
	add := func(town int64, slug string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.AddSource(ctx, tx, checkin.SourceInput{Town: town, Slug: slug, Kind: "backup", AboutID: 1})
			return err
		}
	}
	twice := s.Fault(tenants.KindInvalid, s.admin, add(s.town, "backup-1"))
	require.Equal(t, "slug", twice.Fields[0].Field)
	require.Equal(t, "この団体には同じ短い名前の宛先があります。", twice.Fields[0].Ja)
	for _, bad := range []string{"", "-a", "_a", "A", "a b", "戸籍", "a/b", strings.Repeat("a", 64)} {
		f := s.Fault(tenants.KindInvalid, s.admin, add(s.town, bad))
		require.Equal(t, "slug", f.Fields[0].Field, bad)
	}
	s.Do(s.admin, add(s.admin.TenantID, "backup-1")) // the host's own
	s.Do(s.admin, add(s.town, strings.Repeat("a", 63)))
	require.Zero(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM source LEFT JOIN source_state x ON x.source_id = source.id WHERE x.seq IS DISTINCT FROM 0`))
}

func TestOnlyTheHostAdministratorOpensAndClosesPlaces(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("one")
	foreign := s.Person(s.town, tenants.Town)
	for _, act := range []func(context.Context, *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.AddSource(ctx, tx, checkin.SourceInput{Town: s.town, Slug: "two", Kind: "backup"})
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error { return checkin.RetireSource(ctx, tx, s.town, src.ID) },
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.RotateUUID(ctx, tx, s.town, src.ID)
			return err
		},
	} {
		s.Fault(tenants.KindForbidden, foreign, act)
		s.Fault(tenants.KindForbidden, tenants.Job("backup"), act)
	}
	s.Fault(tenants.KindNotFound, s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return checkin.RetireSource(ctx, tx, s.admin.TenantID, src.ID) // seen, and not that town's
	})
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error { return checkin.RetireSource(ctx, tx, s.town, src.ID) })
	for _, act := range []func(ctx context.Context, tx *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error { return checkin.RetireSource(ctx, tx, s.town, src.ID) },
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.RotateUUID(ctx, tx, s.town, src.ID)
			return err
		},
	} {
		s.Fault(tenants.KindConflict, s.admin, act)
	}
}

func TestARotatedUUIDEndsTheOldAddressAndIsNotLogged(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	old := s.source("one")
	var fresh checkin.Source
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		fresh, err = checkin.RotateUUID(ctx, tx, s.town, old.ID)
		return err
	})
	require.NotEqual(t, old.UUID, fresh.UUID)
	old.UUID = fresh.UUID
	require.Equal(t, old, fresh, "everything else stays")
	require.True(t, s.accept(checkin.In{UUID: fresh.UUID, Kind: checkin.Success}))
	require.True(t, s.accept(checkin.In{PingKey: s.key(), Slug: "one", Kind: checkin.Success}))
	lines := s.SQL(`SELECT act, object, object_id, coalesce(before::text, '') || coalesce(after::text, '') AS what FROM operation_log`)
	require.Len(t, lines, 1)
	require.Equal(t, map[string]any{"act": "plan.write", "object": "source", "object_id": old.ID, "what": `{"uuid": "rotated"}`}, lines[0])
}

func TestCheckinsAreTakenInOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src := s.source("one")
	other := checkin.Source{}
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		other, err = checkin.AddSource(ctx, tx, checkin.SourceInput{Town: s.town, Slug: "two", Kind: "replica", AboutID: 9})
		return err
	})
	for range 5 {
		s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Success})
		s.accept(checkin.In{UUID: other.UUID, Kind: checkin.Success})
	}
	s.Do(tenants.Job("backup"), func(ctx context.Context, tx *tenants.Tx) error {
		mine, err := checkin.Untaken(ctx, tx, "backup", 3)
		require.NoError(t, err)
		require.Len(t, mine, 3)
		s.Do(tenants.Job("backup"), func(ctx context.Context, second *tenants.Tx) error {
			rest, err := checkin.Untaken(ctx, second, "backup", 10)
			require.NoError(t, err)
			require.Len(t, rest, 2, "another node goes on behind what this one holds")
			require.Greater(t, rest[0].ID, mine[2].ID)
			return nil
		})
		require.NoError(t, checkin.MarkTaken(ctx, tx, nil))
		return checkin.MarkTaken(ctx, tx, mine)
	})
	list := s.untaken()
	require.Len(t, list, 2)
	require.EqualValues(t, 3, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM checkin WHERE taken_at = $1`, s.Clock.Now()))
	for _, act := range []func(context.Context, *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.Untaken(ctx, tx, "backup", 1)
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error { return checkin.MarkTaken(ctx, tx, list) },
	} {
		s.Fault(tenants.KindForbidden, s.admin, act)
	}
}

func TestListGivesTheNewestAndGetTheWhole(t *testing.T) {
	t.Parallel()
	s := newShelf(t, checkin.IntakeConfig{})
	src, other := s.source("one"), s.source("two")
	log := append(bytes.Repeat([]byte("x"), 10_000), "the end"...)
	s.accept(checkin.In{UUID: other.UUID, Kind: checkin.Log})
	for i := range 5 {
		s.Clock.Advance(time.Second)
		s.accept(checkin.In{UUID: src.UUID, Kind: checkin.Success, RID: ptr(uuid.New()), ExitStatus: ptr(0), Body: log[:len(log)-4+i]})
	}
	staff := s.Person(s.town, tenants.Town)
	s.Do(staff, func(ctx context.Context, tx *tenants.Tx) error {
		first, err := checkin.List(ctx, tx, s.town, src.ID, 0, 3)
		require.NoError(t, err)
		require.Len(t, first, 3)
		require.True(t, first[0].At.After(first[1].At))
		require.Equal(t, log[len(log)-4096:], first[0].Body)
		require.EqualValues(t, len(log), first[0].BodyBytes)
		require.NotNil(t, first[0].RID)
		rest, err := checkin.List(ctx, tx, s.town, src.ID, first[2].ID, 3)
		require.NoError(t, err)
		require.Len(t, rest, 2)
		huge, err := checkin.List(ctx, tx, s.town, src.ID, 1<<40, 1000)
		require.NoError(t, err)
		require.Len(t, huge, 5)

		whole, err := checkin.Get(ctx, tx, s.town, first[0].ID)
		require.NoError(t, err)
		require.Equal(t, log, whole.Body)
		first[0].Body = whole.Body
		require.Equal(t, first[0], whole)
		return nil
	})
	id := tenantstest.Value[int64](s.Bench, `SELECT max(id) FROM checkin`)
	stranger := s.Person(s.Town("佐呂間町", "015521"), tenants.Town)
	s.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := checkin.List(ctx, tx, s.town, src.ID, 0, 3)
		return err
	})
	for _, town := range []int64{s.town, stranger.TenantID} {
		s.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := checkin.Get(ctx, tx, town, id)
			return err
		})
	}
}
