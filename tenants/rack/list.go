package rack

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

const (
	buildingColumns  = `tenant_id, id, name, address, note, retired_at`
	areaColumns      = `tenant_id, id, building_id, kind, name, floor, plan_rows, plan_places, note, retired_at`
	rackColumns      = `tenant_id, id, area_id, code, plan_row, plan_place, units, lock, fixing, dedicated, check_months, note, duty_id, checked_at, checked_by, check_due_on, retired_at`
	equipmentColumns = `tenant_id, id, rack_id, kind, name, owner_id, server_id, unit, units, face, power_a, power_b, model, serial, note, placed_at, removed_at`
)

// reading asks whether the actor may read the register: the host's own, whole. A town reads its views.
func reading(tx *tenants.Tx) error { return tx.Permit(tenants.ReadRack, tx.Actor.TenantID) }

// Buildings gives those in use.
func Buildings(_ context.Context, tx *tenants.Tx) ([]Building, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Building](tx, `SELECT `+buildingColumns+` FROM building WHERE tenant_id = ? AND retired_at IS NULL ORDER BY id`, tx.Actor.TenantID)
}

// Areas gives the controlled areas in use, building by building.
func Areas(_ context.Context, tx *tenants.Tx) ([]Area, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Area](tx, `SELECT `+areaColumns+` FROM area WHERE tenant_id = ? AND retired_at IS NULL ORDER BY building_id, id`, tx.Actor.TenantID)
}

// Racks gives those in use, row by row of their areas.
func Racks(_ context.Context, tx *tenants.Tx) ([]Rack, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Rack](tx, `SELECT `+rackColumns+` FROM rack WHERE tenant_id = ? AND retired_at IS NULL ORDER BY area_id, plan_row, plan_place`, tx.Actor.TenantID)
}

const checkColumns = `tenant_id, id, rack_id, occurred_at, recorded_at, by_id, by_text, fixed, lockable, dedicated, found`

// Get gives one rack, a removed one too, with what stands in it (from the top down) and the looks at its installation
// (newest first).
func Get(_ context.Context, tx *tenants.Tx, id int64) (Rack, []Equipment, []Check, error) {
	if err := reading(tx); err != nil {
		return Rack{}, nil, nil, err
	}
	r, err := take[Rack](tx, "rack", rackColumns, id, "")
	if err != nil {
		return r, nil, nil, err
	}
	things, err := standing(tx, id)
	if err != nil {
		return r, nil, nil, err
	}
	checks, err := many[Check](tx, `SELECT `+checkColumns+` FROM rack_check WHERE tenant_id = ? AND rack_id = ? ORDER BY id DESC LIMIT 100`, tx.Actor.TenantID, id)
	if err != nil {
		return r, nil, nil, err
	}
	return r, things, checks, withCorrections(tx, checks)
}

// GetArea gives one controlled area.
func GetArea(_ context.Context, tx *tenants.Tx, id int64) (Area, error) {
	if err := reading(tx); err != nil {
		return Area{}, err
	}
	return take[Area](tx, "area", areaColumns, id, "")
}

// GetBuilding gives one building.
func GetBuilding(_ context.Context, tx *tenants.Tx, id int64) (Building, error) {
	if err := reading(tx); err != nil {
		return Building{}, err
	}
	return take[Building](tx, "building", buildingColumns, id, "")
}

// GetEquipment gives one thing, a removed one too.
func GetEquipment(_ context.Context, tx *tenants.Tx, id int64) (Equipment, error) {
	if err := reading(tx); err != nil {
		return Equipment{}, err
	}
	return take[Equipment](tx, "equipment", equipmentColumns, id, "")
}

// AllEquipment gives everything that stands in any rack, rack by rack, from the top down.
func AllEquipment(_ context.Context, tx *tenants.Tx) ([]Equipment, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Equipment](tx, `SELECT `+equipmentColumns+` FROM equipment WHERE tenant_id = ? AND removed_at IS NULL ORDER BY rack_id, unit DESC, id`, tx.Actor.TenantID)
}

func standing(tx *tenants.Tx, rack int64) ([]Equipment, error) {
	return many[Equipment](tx, `SELECT `+equipmentColumns+` FROM equipment WHERE tenant_id = ? AND rack_id = ? AND removed_at IS NULL ORDER BY unit DESC, id`,
		tx.Actor.TenantID, rack)
}

func many[T any](tx *tenants.Tx, query string, args ...any) ([]T, error) {
	var found []T
	if err := tx.DB.Raw(query, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read the register of racks: %w", err)
	}
	return found, nil
}

// take reads one row of the host's; lock keeps other acts on it waiting.
func take[T any](tx *tenants.Tx, table, columns string, id int64, lock string) (T, error) {
	var one T
	err := tx.DB.Raw(`SELECT `+columns+` FROM `+table+` WHERE tenant_id = ? AND id = ? `+lock, tx.Actor.TenantID, id).Take(&one).Error
	if err != nil {
		return one, fmt.Errorf("read %s %d: %w", table, id, err)
	}
	return one, nil
}

// missing tells whether what was looked for is not there.
func missing(err error) bool {
	f := tenants.AsFault(err)
	return f != nil && f.Kind == tenants.KindNotFound
}
