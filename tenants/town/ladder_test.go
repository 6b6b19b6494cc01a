package town_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/town"
)

func TestLaddersAreReadAndChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ladder := b.Ladder(b.town)
	b.Do(tenants.Job("judge"), func(ctx context.Context, tx *tenants.Tx) error {
		id, err := town.DefaultLadder(ctx, tx, b.town)
		require.Equal(t, ladder, id)
		require.NoError(t, err)
		all, err := town.Ladders(ctx, tx, b.host, b.town)
		require.Len(t, all, 2)
		return err
	})
	good := town.LadderInput{Name: "夜間", Delays: []int{0, 0, 60}, RepeatMinutes: 15}
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.ChangeLadder(ctx, tx, b.town, ladder, good)
		require.NoError(t, err)
		found, err := town.Ladders(ctx, tx, b.town)
		require.Equal(t, []town.Ladder{{TenantID: b.town, ID: ladder, Name: "夜間", Delays: []int{0, 0, 60}, RepeatMinutes: 15}}, found)
		return err
	})
	for field, in := range map[string]town.LadderInput{
		"name":           {Name: "", Delays: []int{0}, RepeatMinutes: 30},
		"delays":         {Name: "夜間", Delays: []int{15, 0}, RepeatMinutes: 30},
		"repeat_minutes": {Name: "夜間", Delays: []int{0}, RepeatMinutes: 4},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.ChangeLadder(ctx, tx, b.town, ladder, in)
			return err
		})
		require.Equal(t, field, fault.Fields[0].Field)
	}
	for _, delays := range [][]int{nil, make([]int, 21), {-1}, {10081}} {
		b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.ChangeLadder(ctx, tx, b.town, ladder, town.LadderInput{Name: "夜間", Delays: delays, RepeatMinutes: 30})
			return err
		})
	}
	change := func(in, id int64) func(ctx context.Context, tx *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.ChangeLadder(ctx, tx, in, id, good)
			return err
		}
	}
	b.Fault(tenants.KindForbidden, b.clerk, change(b.town, ladder))
	b.Fault(tenants.KindNotFound, b.strangersManager, change(b.town, ladder))
	b.Fault(tenants.KindNotFound, b.admin, change(b.host, ladder))
	b.SQL(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) VALUES ($1, '標準', '{0}', 30)`, b.town)
	fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.ChangeLadder(ctx, tx, b.town, ladder, town.LadderInput{Name: "標準", Delays: []int{0}, RepeatMinutes: 30})
		return err
	})
	require.Equal(t, "name", fault.Fields[0].Field)
}
