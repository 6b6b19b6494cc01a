package tenants_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

func TestTheLogLineStandsAndFallsWithItsAct(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	admin := b.Person(host, tenants.HostAdmin)
	line := tenants.Line{Town: town, Act: tenants.WriteTown, Object: "tenant", ObjectID: town, Before: map[string]any{"name": "むかわ町"}, After: map[string]any{"name": "新むかわ町"}}
	act := func(failure error) error {
		return b.Try(admin, func(_ context.Context, tx *tenants.Tx) error {
			if err := tx.DB.Exec(`UPDATE tenant SET name = '新むかわ町' WHERE id = ?`, town).Error; err != nil {
				return err
			}
			if err := tx.Record(line); err != nil {
				return err
			}
			return failure
		})
	}
	require.Error(t, act(errors.New("something after it failed")))
	require.Empty(t, b.SQL(`SELECT * FROM operation_log`))
	require.NoError(t, act(nil))
	require.Equal(t, []map[string]any{{"tenant_id": town, "actor_id": admin.PersonID, "actor": "戸籍データ等管理者 見本 一郎", "post": "host_admin",
		"act": "town.write", "object": "tenant", "object_id": town, "before": `{"name": "むかわ町"}`, "after": `{"name": "新むかわ町"}`, "request_id": "test", "remote": "192.0.2.1"}},
		b.SQL(`SELECT tenant_id, actor_id, actor, post, act, object, object_id, before::text, after::text, request_id, remote FROM operation_log`))
	require.Equal(t, tenantstest.Start, tenantstest.Value[time.Time](b, `SELECT at FROM operation_log`).UTC())

	// And the act falls with a line that cannot be written.
	line.After = make(chan int)
	require.Error(t, act(nil))
	require.Error(t, b.Try(admin, func(_ context.Context, tx *tenants.Tx) error {
		return tx.Record(tenants.Line{Town: town + 1, Act: tenants.WriteTown})
	}), "nobody writes a line for a town out of sight")
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM operation_log`))
}

func TestALineMayHaveNoPersonAndNoObject(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	b.Do(tenants.Job("plan"), func(_ context.Context, tx *tenants.Tx) error {
		return tx.Record(tenants.Line{Town: host, Act: tenants.RunPipeline, Object: "round"})
	})
	require.Equal(t, []map[string]any{{"actor_id": nil, "object_id": nil, "before": nil, "after": nil, "actor": "plan 棚守"}},
		b.SQL(`SELECT actor_id, object_id, before, after, actor FROM operation_log`))
}

func TestOperationLogIsReadInPages(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	admin, operator := b.Person(host, tenants.HostAdmin), b.Person(host, tenants.Operator)
	staff := b.Person(town, tenants.Town)
	b.Consortium()
	far := b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	for i := range 6 {
		b.Clock.Advance(time.Minute)
		b.Do(admin, func(_ context.Context, tx *tenants.Tx) error {
			return tx.Record(tenants.Line{Town: []int64{host, town}[i%2], Act: tenants.WriteTown, Object: "tenant", After: i})
		})
	}
	read := func(actor tenants.Actor, town, before int64, limit int) (lines []tenants.LogLine, err error) {
		err = b.Try(actor, func(_ context.Context, tx *tenants.Tx) error {
			lines, err = tenants.OperationLog(tx, town, before, limit)
			return err
		})
		return lines, err
	}
	after := func(lines []tenants.LogLine) (got []string) {
		for _, l := range lines {
			got = append(got, *l.After)
		}
		return got
	}
	first, err := read(admin, 0, 0, 4)
	require.NoError(t, err)
	require.Equal(t, []string{"5", "4", "3", "2"}, after(first), "newest first, over all towns")
	rest, err := read(admin, 0, first[3].ID, 4)
	require.NoError(t, err)
	require.Equal(t, []string{"1", "0"}, after(rest))
	all, err := read(admin, 0, 1<<40, 10)
	require.NoError(t, err)
	require.Len(t, all, 6, "ids outgrow 32 bits")
	own, err := read(admin, town, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []string{"5", "3", "1"}, after(own))
	none, err := read(far, 0, 0, 10)
	require.NoError(t, err)
	require.Empty(t, none)
	for actor, kind := range map[*tenants.Actor]tenants.Kind{&far: tenants.KindNotFound, &operator: tenants.KindForbidden, &staff: tenants.KindForbidden} {
		_, err := read(*actor, town, 0, 10)
		require.Equal(t, kind, tenants.AsFault(err).Kind)
	}
}
