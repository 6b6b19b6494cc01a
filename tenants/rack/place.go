package rack

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("building_name", "name", "同じ名称の施設がすでにあります。", "There is a building of this name already.")
	_ = tenants.Constraint("area_name", "name", "この施設には同じ名称の管理区域がすでにあります。", "The building has an area of this name already.")
)

// BuildingInput is what is entered about a building.
type BuildingInput struct{ Name, Address, Note string }

func (in BuildingInput) checked() (BuildingInput, error) {
	var v tenants.Invalid
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Address = entry.OptionalLine(&v, "address", in.Address, 200)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	return in, v.Err()
}

// SaveBuilding adds a building (id 0) or writes one anew.
func SaveBuilding(ctx context.Context, tx *tenants.Tx, id int64, in BuildingInput) (Building, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Building{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Building{}, err
	}
	args := map[string]any{"town": tx.Actor.TenantID, "id": id, "name": in.Name, "address": in.Address, "note": in.Note, "now": tx.Now}
	b, err := saved(tx, "building", id, buildingColumns, `INSERT INTO building (tenant_id, name, address, note, created_at) VALUES (@town, @name, @address, @note, @now)`,
		`UPDATE building SET name = @name, address = @address, note = @note`, args, func(b Building) (int64, bool) { return b.ID, b.RetiredAt != nil })
	if err != nil || id == 0 {
		return b, err
	}
	areas, err := many[int64](tx, `SELECT id FROM area WHERE tenant_id = ? AND building_id = ? AND retired_at IS NULL ORDER BY id`, tx.Actor.TenantID, id)
	for _, area := range areas { // its name stands in what the towns see
		if err := showAll(ctx, tx, area); err != nil {
			return b, err
		}
	}
	return b, err
}

// AreaInput is what is entered about a controlled area.
type AreaInput struct {
	BuildingID int64
	Kind       string
	Name       string
	Floor      string
	PlanRows   int
	PlanPlaces int
	Note       string
}

func (in AreaInput) checked(tx *tenants.Tx, id int64) (AreaInput, error) {
	var v tenants.Invalid
	if !slices.Contains(AreaKinds, in.Kind) {
		v.Add("kind", "区域の種類を選んでください。", "Choose what kind of area it is.")
	}
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Floor = entry.OptionalLine(&v, "floor", in.Floor, 20)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	number(&v, "plan_rows", in.PlanRows, 30)
	number(&v, "plan_places", in.PlanPlaces, 40)
	b, err := take[Building](tx, "building", buildingColumns, in.BuildingID, "FOR SHARE")
	if missing(err) || err == nil && b.RetiredAt != nil {
		v.Add("building_id", "施設を選んでください。", "Choose the building.")
	} else if err != nil {
		return in, err
	}
	if id != 0 && len(v.Fields) == 0 {
		if _, err := take[Area](tx, "area", areaColumns, id, "FOR UPDATE"); err != nil { // no rack comes while it is looked at
			return in, err
		}
		racks, err := many[Rack](tx, `SELECT `+rackColumns+` FROM rack WHERE tenant_id = ? AND area_id = ? AND retired_at IS NULL`, tx.Actor.TenantID, id)
		if err != nil {
			return in, err
		}
		for _, r := range racks {
			if r.PlanRow > in.PlanRows || r.PlanPlace > in.PlanPlaces {
				v.Add("plan_rows", fmt.Sprintf("%d列%d番にラック%sがあります。先に移してください。", r.PlanRow, r.PlanPlace, r.Code),
					fmt.Sprintf("Rack %s stands in row %d at place %d. Move it first.", r.Code, r.PlanRow, r.PlanPlace))
				break
			}
		}
	}
	return in, v.Err()
}

func number(v *tenants.Invalid, field string, n, most int) {
	if n < 1 || n > most {
		v.Add(field, fmt.Sprintf("1〜%dの数字で入力してください。", most), fmt.Sprintf("Enter a number from 1 to %d.", most))
	}
}

// SaveArea adds a controlled area (id 0) or writes one anew.
func SaveArea(ctx context.Context, tx *tenants.Tx, id int64, in AreaInput) (Area, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Area{}, err
	}
	in, err := in.checked(tx, id)
	if err != nil {
		return Area{}, err
	}
	args := map[string]any{"town": tx.Actor.TenantID, "id": id, "building": in.BuildingID, "kind": in.Kind, "name": in.Name, "floor": in.Floor,
		"rows": in.PlanRows, "places": in.PlanPlaces, "note": in.Note, "now": tx.Now}
	a, err := saved(tx, "area", id, areaColumns, `INSERT INTO area (tenant_id, building_id, kind, name, floor, plan_rows, plan_places, note, created_at)
		VALUES (@town, @building, @kind, @name, @floor, @rows, @places, @note, @now)`,
		`UPDATE area SET building_id = @building, kind = @kind, name = @name, floor = @floor, plan_rows = @rows, plan_places = @places, note = @note`, args,
		func(a Area) (int64, bool) { return a.ID, a.RetiredAt != nil })
	if err != nil || id == 0 {
		return a, err
	}
	return a, showAll(ctx, tx, id)
}

// RetireBuilding takes a building out of the register (廃止), once no area of it is in use.
func RetireBuilding(_ context.Context, tx *tenants.Tx, id int64) error {
	return retired(tx, "building", id, `SELECT name FROM area WHERE tenant_id = ? AND building_id = ? AND retired_at IS NULL ORDER BY id LIMIT 1`)
}

// RetireArea takes a controlled area out of the register (廃止), once no rack stands in it.
func RetireArea(_ context.Context, tx *tenants.Tx, id int64) error {
	return retired(tx, "area", id, `SELECT code FROM rack WHERE tenant_id = ? AND area_id = ? AND retired_at IS NULL ORDER BY id LIMIT 1`)
}

// saved writes a row anew, or adds it, and the line of the log with it.
func saved[T any](tx *tenants.Tx, table string, id int64, columns, insert, update string, args map[string]any, facts func(T) (id int64, retired bool)) (T, error) {
	var after T
	if id == 0 {
		if err := tx.DB.Raw(insert+` RETURNING `+columns, args).Scan(&after).Error; err != nil {
			return after, fmt.Errorf("add %s: %w", table, err)
		}
		made, _ := facts(after)
		return after, written(tx, tenants.WriteRack, table, made, nil, after)
	}
	before, err := take[T](tx, table, columns, id, "FOR UPDATE")
	if err != nil {
		return after, err
	}
	if _, retired := facts(before); retired {
		return after, gone()
	}
	if err := tx.DB.Raw(update+` WHERE tenant_id = @town AND id = @id RETURNING `+columns, args).Scan(&after).Error; err != nil {
		return after, fmt.Errorf("change %s %d: %w", table, id, err)
	}
	return after, written(tx, tenants.WriteRack, table, id, before, after)
}

func gone() error {
	return tenants.Conflict("すでに廃止されています。", "It has been retired already.")
}

// retired ends a row that nothing holds any more; holding names the first thing that does.
func retired(tx *tenants.Tx, table string, id int64, holding string) error {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return err
	}
	if _, err := take[struct{ ID int64 }](tx, table, "id", id, "FOR UPDATE"); err != nil { // nothing comes into it meanwhile
		return err
	}
	held, err := many[string](tx, holding, tx.Actor.TenantID, id)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return tenants.Conflict(held[0]+"が残っています。先に廃止するか、移してください。", "It still holds "+held[0]+". Retire or move that first.")
	}
	res := tx.DB.Exec(`UPDATE `+table+` SET retired_at = @now WHERE tenant_id = @town AND id = @id AND retired_at IS NULL`,
		map[string]any{"now": tx.Now, "town": tx.Actor.TenantID, "id": id})
	if res.Error != nil {
		return fmt.Errorf("retire %s %d: %w", table, id, res.Error)
	}
	if res.RowsAffected == 0 {
		return tenants.NotFound()
	}
	return written(tx, tenants.WriteRack, table, id, nil, map[string]any{"retired_at": tx.Now})
}

func written(tx *tenants.Tx, act tenants.Act, object string, id int64, before, after any) error {
	if err := tx.Wake(tenants.WakePage, tx.Actor.TenantID); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: act, Object: object, ObjectID: id, Before: before, After: after})
}
