package rack_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/rack"
)

func TestABuildingRenamedIsRenamedForTheTowns(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.place(r.server(r.mukawa, r.mukawaServer, 20))
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.SaveBuilding(ctx, tx, r.building, rack.BuildingInput{Name: "新庁舎"})
		return err
	})
	r.Do(r.staff, func(ctx context.Context, tx *tenants.Tx) error {
		views, err := rack.Views(ctx, tx, r.mukawa)
		require.NoError(t, err)
		require.Equal(t, "新庁舎", views[0].Building)
		return nil
	})
}

// patience is how long is waited at most until another act waits.
const patience = 20 * time.Second

// beside runs one act while another, which waits for it or fails, has begun and not ended: it returns what the second came to.
func (r *room) beside(first, second func(context.Context, *tenants.Tx) error) error {
	r.t.Helper()
	done := make(chan error, 1)
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		err := first(ctx, tx)
		var me int
		require.NoError(r.t, tx.DB.Raw(`SELECT pg_backend_pid()`).Scan(&me).Error)
		go func() { done <- r.Try(r.admin, second) }()
		require.Eventually(r.t, func() bool { // until it waits for us
			return len(r.SQL(`SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, me)) > 0
		}, patience, patience/1000)
		return err
	})
	return <-done
}

func TestNoAreaIsRetiredWhileARackComesIntoIt(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var area int64
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: r.building, Kind: "office", Name: "事務室", PlanRows: 2, PlanPlaces: 4})
		area = a.ID
		return err
	})
	err := r.beside(func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Add(ctx, tx, r.input(area, "B-01", 1, 1))
		return err
	},
		func(ctx context.Context, tx *tenants.Tx) error { return rack.RetireArea(ctx, tx, area) })
	require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind)
}

func TestWhatIsMovedOutLeavesWhatComesInToBeSeen(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var two int64
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		other, err := rack.Add(ctx, tx, r.input(r.area, "A-04", 1, 4))
		two = other.ID
		return err
	})
	thing, moved := r.place(r.server(r.mukawa, r.mukawaServer, 20)), r.server(r.mukawa, r.mukawaServer, 20)
	moved.RackID = two
	require.NoError(t, r.beside(func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Place(ctx, tx, rack.EquipmentInput{RackID: r.rack, Kind: "network", Name: "スイッチ", OwnerID: r.mukawa, Unit: 5, Units: 1, Face: rack.Front})
		return err
	}, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Rearrange(ctx, tx, thing.ID, moved)
		return err
	}))
	r.Do(r.staff, func(ctx context.Context, tx *tenants.Tx) error {
		views, err := rack.Views(ctx, tx, r.mukawa)
		require.NoError(t, err)
		require.Len(t, views, 2)
		require.Equal(t, "スイッチ", views[0].Blocks[0].Name)
		return nil
	})
}
