package api_test

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
)

// build gives a host a server room with a rack and something in it, and an empty one of each to retire.
func (w *world) build(admin tenants.Actor, places ...*place) {
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		var p place
		for name, to := range map[string]*int64{"本庁舎": &p.Building, "旧庁舎": &p.EmptyBuilding} {
			b, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: name})
			if err != nil {
				return err
			}
			*to = b.ID
		}
		for name, to := range map[string]*int64{"サーバ室": &p.Area, "旧サーバ室": &p.EmptyArea} {
			a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: p.Building, Kind: "server_room", Name: name, PlanRows: 2, PlanPlaces: 6})
			if err != nil {
				return err
			}
			*to = a.ID
		}
		for at, to := range map[int]*int64{3: &p.Rack, 4: &p.EmptyRack} {
			r, err := rack.Add(ctx, tx, rack.Input{AreaID: p.Area, Code: fmt.Sprintf("A-0%d", at), PlanRow: 1, PlanPlace: at, Units: 42, Lock: "前後扉", Fixing: "アンカーボルト", Dedicated: true, CheckMonths: 12})
			if err != nil {
				return err
			}
			*to = r.ID
		}
		e, err := rack.Place(ctx, tx, rack.EquipmentInput{RackID: p.Rack, Kind: "storage", Name: "NAS", OwnerID: places[0].Town, Unit: 10, Units: 2, Face: rack.Both})
		if err != nil {
			return err
		}
		p.Thing = e.ID
		labels, err := label.Of(ctx, tx, tenants.ReadRack, tx.Actor.TenantID, rack.Kind)
		for _, to := range places {
			to.Building, to.EmptyBuilding, to.Area, to.EmptyArea, to.Rack, to.EmptyRack, to.Thing, to.Label = p.Building, p.EmptyBuilding, p.Area, p.EmptyArea, p.Rack, p.EmptyRack, p.Thing, labels[p.Rack]
		}
		return err
	})
}
