package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/rack"
	"tanamori/tenants/server"
)

// furnish sets the server room up: four racks with the towns' servers where their register says that they stand, and what
// they share; the facility manager has looked at the racks.
func (l *loader) furnish(ctx context.Context) error {
	err := l.as(ctx, "facility", func(ctx context.Context, tx *tenants.Tx) error {
		b, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎", Address: "北海道磯谷郡蘭越町"})
		if err != nil {
			return err
		}
		a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: b.ID, Kind: "server_room", Name: "サーバ室", Floor: "2階", PlanRows: 2, PlanPlaces: 6})
		if err != nil {
			return err
		}
		racks := map[string]rack.Rack{}
		for at := 1; at <= 4; at++ {
			code := fmt.Sprintf("A-%02d", at)
			k, err := rack.Add(ctx, tx, rack.Input{AreaID: a.ID, Code: code, PlanRow: 1, PlanPlace: at, Units: 42, Lock: "前後扉 同一シリンダー", Fixing: "アンカーボルト4点", Dedicated: true, CheckMonths: rack.UsualCheckMonths})
			if err != nil {
				return err
			}
			racks[code] = k
			for _, e := range []rack.EquipmentInput{
				{Kind: "network", Name: "スイッチ", Unit: 40, Units: 1, Face: rack.Both}, {Kind: "power", Name: "無停電電源装置", Unit: 1, Units: 3, Face: rack.Both},
				{Kind: "power", Name: "PDU-A", Unit: 36, Units: 1, Face: rack.Rear}, {Kind: "power", Name: "PDU-B", Unit: 35, Units: 1, Face: rack.Rear},
			} {
				e.RackID = k.ID
				if _, err := rack.Place(ctx, tx, e); err != nil {
					return err
				}
			}
			if _, err := rack.LookAt(ctx, tx, k.ID, rack.CheckInput{OccurredAt: tx.Now.Add(-time.Hour), Fixed: true, Lockable: true, Dedicated: true}); err != nil {
				return err
			}
		}
		taken := map[string]bool{}
		for _, m := range municipalities {
			servers, err := server.List(ctx, tx, l.towns[m.login])
			if err != nil {
				return err
			}
			for _, s := range servers {
				code, unit := standing(s.RackPlace)
				for taken[code+strconv.Itoa(unit)] { // the register names the first town of a rack; the next ones stand above
					unit -= 6
				}
				taken[code+strconv.Itoa(unit)] = true
				in := rack.EquipmentInput{RackID: racks[code].ID, Kind: "server", OwnerID: s.TenantID, ServerID: s.ID, Unit: unit, Units: 2, Face: rack.Both, PowerA: "PDU-A", PowerB: "PDU-B"}
				if _, err := rack.Place(ctx, tx, in); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("furnish the server room: %w", err)
	}
	return nil
}

// standing reads a place as a town's register has it: A-02 U20.
func standing(place string) (code string, unit int) {
	code, u, _ := strings.Cut(place, " U")
	unit, _ = strconv.Atoi(u) // the demonstration's own words
	return code, unit
}
