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
