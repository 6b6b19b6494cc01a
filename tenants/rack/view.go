package rack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
)

// Block is what is drawn of one thing in a rack. In a town's own row the things of others have no name: they are Foreign.
type Block struct {
	Kind    string `json:"kind"`
	Name    string `json:"name,omitempty"`
	Unit    int    `json:"unit"`
	Units   int    `json:"units"`
	Face    string `json:"face"`
	Own     bool   `json:"own,omitempty"`
	Foreign bool   `json:"foreign,omitempty"` // another town's (他団体)
}

// View is what a town may know of a rack in which something of its own stands.
type View struct {
	TenantID  int64
	HostID    int64
	RackID    int64
	Building  string
	Area      string
	Code      string
	PlanRow   int
	PlanPlace int
	Units     int
	Blocks    []Block
	ChangedAt time.Time
}

// Seen is what a town may know of what stands in a rack: its own by name, what all use by kind, the rest as taken.
func Seen(things []Equipment, town int64) []Block {
	out := make([]Block, 0, len(things))
	for _, e := range things {
		b := Block{Kind: e.Kind, Unit: e.Unit, Units: e.Units, Face: e.Face}
		switch {
		case e.OwnerID == nil:
		case *e.OwnerID == town:
			b.Own, b.Name = true, e.Name
		default:
			b.Foreign, b.Kind = true, "other"
		}
		out = append(out, b)
	}
	return out
}

// show writes the towns' own rows of a rack anew: those of the towns that have something in it. Whoever had something in it
// until now (had) and has nothing any more loses theirs.
func show(tx *tenants.Tx, r Rack, had ...*int64) error {
	things, err := standing(tx, r.ID)
	if err != nil {
		return err
	}
	towns, blocks := []int64{}, []string{}
	for _, e := range things {
		if e.OwnerID == nil || slices.Contains(towns, *e.OwnerID) {
			continue
		}
		b, err := json.Marshal(Seen(things, *e.OwnerID))
		if err != nil {
			return fmt.Errorf("show rack %s: %w", r.Code, err)
		}
		towns, blocks = append(towns, *e.OwnerID), append(blocks, string(b))
	}
	for _, owner := range had {
		if owner == nil || slices.Contains(towns, *owner) {
			continue
		}
		if err := tx.DB.Exec(`DELETE FROM rack_view WHERE tenant_id = ? AND host_id = ? AND rack_id = ?`, *owner, r.TenantID, r.ID).Error; err != nil {
			return fmt.Errorf("show rack %s: %w", r.Code, err)
		}
	}
	args := map[string]any{"host": r.TenantID, "rack": r.ID, "towns": &towns, "blocks": &blocks, "now": tx.Now}
	err = tx.DB.Exec(`INSERT INTO rack_view (tenant_id, host_id, rack_id, building, area, code, plan_row, plan_place, units, blocks, changed_at)
		SELECT x.town, r.tenant_id, r.id, b.name, a.name, r.code, r.plan_row, r.plan_place, r.units, CAST(x.blocks AS jsonb), @now
		FROM unnest(CAST(@towns AS bigint[]), CAST(@blocks AS text[])) x (town, blocks), rack r
		JOIN area a ON a.tenant_id = r.tenant_id AND a.id = r.area_id JOIN building b ON b.tenant_id = a.tenant_id AND b.id = a.building_id
		WHERE r.tenant_id = @host AND r.id = @rack
		ON CONFLICT (tenant_id, host_id, rack_id) DO UPDATE SET building = EXCLUDED.building, area = EXCLUDED.area, code = EXCLUDED.code, plan_row = EXCLUDED.plan_row,
			plan_place = EXCLUDED.plan_place, units = EXCLUDED.units, blocks = EXCLUDED.blocks, changed_at = EXCLUDED.changed_at`, args).Error
	if err != nil {
		return fmt.Errorf("show rack %s: %w", r.Code, err)
	}
	return tx.Wake(tenants.WakePage, towns...)
}

// showAll writes the towns' rows anew of every rack in an area, which goes by another name now.
func showAll(_ context.Context, tx *tenants.Tx, area int64) error {
	racks, err := many[Rack](tx, `SELECT `+rackColumns+` FROM rack WHERE tenant_id = ? AND area_id = ? AND retired_at IS NULL ORDER BY id`, tx.Actor.TenantID, area)
	if err != nil {
		return err
	}
	for _, r := range racks {
		if err := show(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// Views gives the racks in which something of the town stands, as it may know them.
func Views(_ context.Context, tx *tenants.Tx, town int64) ([]View, error) {
	if err := tx.Permit(tenants.ReadOwnRacks, town); err != nil {
		return nil, err
	}
	var rows []struct {
		TenantID, HostID, RackID  int64
		Building, Area, Code      string
		PlanRow, PlanPlace, Units int
		Blocks                    []byte
		ChangedAt                 time.Time
	}
	err := tx.DB.Raw(`SELECT tenant_id, host_id, rack_id, building, area, code, plan_row, plan_place, units, blocks, changed_at FROM rack_view
		WHERE tenant_id = ? ORDER BY building, area, plan_row, plan_place, rack_id`, town).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the racks of town %d: %w", town, err)
	}
	out := make([]View, len(rows))
	for i, r := range rows {
		out[i] = View{TenantID: r.TenantID, HostID: r.HostID, RackID: r.RackID, Building: r.Building, Area: r.Area, Code: r.Code, PlanRow: r.PlanRow, PlanPlace: r.PlanPlace,
			Units: r.Units, ChangedAt: r.ChangedAt}
		if err := json.Unmarshal(r.Blocks, &out[i].Blocks); err != nil {
			return nil, fmt.Errorf("read rack %s of town %d: %w", r.Code, town, err)
		}
	}
	return out, nil
}
