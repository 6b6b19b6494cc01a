package rack

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/entry"
	"tanamori/tenants/server"
)

var (
	_ = tenants.Constraint("equipment_server", "server_id", "このサーバは、ほかの位置に登録されています。", "This server stands somewhere else already.")
)

// EquipmentInput is what is entered about something that stands in a rack. OwnerID 0: all use it. ServerID 0: it is no
// server of the owner's register.
type EquipmentInput struct {
	RackID   int64
	Kind     string
	Name     string
	OwnerID  int64
	ServerID int64
	Unit     int
	Units    int
	Face     string
	PowerA   string
	PowerB   string
	Model    string
	Serial   string
	Note     string
}

// checked looks at the input against the rack it is for, which is kept from changing, and fills in the name of a server.
func (in EquipmentInput) checked(ctx context.Context, tx *tenants.Tx, id int64) (EquipmentInput, Rack, error) {
	var v tenants.Invalid
	r, err := take[Rack](tx, "rack", rackColumns, in.RackID, "FOR UPDATE")
	if missing(err) || err == nil && r.RetiredAt != nil {
		v.Add("rack_id", "ラックを選んでください。", "Choose the rack.")
		return in, r, v.Err()
	} else if err != nil {
		return in, r, err
	}
	if !slices.Contains(EquipmentKinds, in.Kind) {
		v.Add("kind", "機器の種類を選んでください。", "Choose what it is.")
	}
	if !slices.Contains(Faces, in.Face) {
		v.Add("face", "前面・背面のどちらを使うか選んでください。", "Choose which face it takes.")
	}
	switch {
	case in.OwnerID != 0 && !tx.Actor.May(tenants.WriteRack, in.OwnerID):
		v.Add("owner_id", "団体を選んでください。", "Choose the town.")
	case in.ServerID != 0 && in.OwnerID == 0:
		v.Add("owner_id", "サーバの団体を選んでください。", "Choose whose server it is.")
	case in.ServerID != 0:
		s, err := server.Get(ctx, tx, in.OwnerID, in.ServerID)
		switch {
		case missing(err) || err == nil && s.RetiredAt != nil:
			v.Add("server_id", "この団体のサーバを選んでください。", "Choose a server of that town.")
		case err != nil:
			return in, r, err
		case in.Name == "":
			in.Name = s.Name
		}
	}
	in.Name = entry.Line(&v, "name", in.Name, 60)
	for field, text := range map[string]*string{"power_a": &in.PowerA, "power_b": &in.PowerB, "model": &in.Model, "serial": &in.Serial} {
		*text = entry.OptionalLine(&v, field, *text, 60)
	}
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	number(&v, "unit", in.Unit, r.Units)
	number(&v, "units", in.Units, r.Units)
	if len(v.Fields) == 0 {
		if top := in.Unit + in.Units - 1; top > r.Units {
			v.Add("units", fmt.Sprintf("U%dになり、ラックの上端U%dを超えます。", top, r.Units), fmt.Sprintf("It would reach U%d; the rack ends at U%d.", top, r.Units))
		}
		things, err := standing(tx, in.RackID)
		if err != nil {
			return in, r, err
		}
		for _, e := range things {
			if e.ID != id && in.collides(e) {
				v.Add("unit", fmt.Sprintf("U%d〜U%dは%sが使っています。", e.Unit, e.Top(), e.Name), fmt.Sprintf("%s takes U%d to U%d.", e.Name, e.Unit, e.Top()))
				break
			}
		}
	}
	return in, r, v.Err()
}

func (in EquipmentInput) collides(e Equipment) bool {
	return in.Unit <= e.Top() && e.Unit < in.Unit+in.Units && (in.Face == Both || e.At(in.Face))
}

func (in EquipmentInput) args(tx *tenants.Tx, id int64) map[string]any {
	return map[string]any{"town": tx.Actor.TenantID, "id": id, "rack": in.RackID, "kind": in.Kind, "name": in.Name, "owner": nilled(in.OwnerID), "server": nilled(in.ServerID),
		"unit": in.Unit, "units": in.Units, "face": in.Face, "power_a": in.PowerA, "power_b": in.PowerB, "model": in.Model, "serial": in.Serial, "note": in.Note, "now": tx.Now}
}

func nilled(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// Place puts something into a rack (設置).
func Place(ctx context.Context, tx *tenants.Tx, in EquipmentInput) (Equipment, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Equipment{}, err
	}
	in, r, err := in.checked(ctx, tx, 0)
	if err != nil {
		return Equipment{}, err
	}
	var e Equipment
	err = tx.DB.Raw(`INSERT INTO equipment (tenant_id, rack_id, kind, name, owner_id, server_id, unit, units, face, power_a, power_b, model, serial, note, placed_at)
		VALUES (@town, @rack, @kind, @name, @owner, @server, @unit, @units, @face, @power_a, @power_b, @model, @serial, @note, @now) RETURNING `+equipmentColumns,
		in.args(tx, 0)).Scan(&e).Error
	if err != nil {
		return Equipment{}, fmt.Errorf("place %s: %w", in.Name, err)
	}
	if err := settle(ctx, tx, r, nil, &e); err != nil {
		return Equipment{}, err
	}
	return e, written(tx, tenants.WriteRack, "equipment", e.ID, nil, e)
}

// Rearrange writes what stands in a rack anew, and moves it where it stands elsewhere now.
func Rearrange(ctx context.Context, tx *tenants.Tx, id int64, in EquipmentInput) (Equipment, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Equipment{}, err
	}
	before, err := placed(tx, id)
	if err != nil {
		return Equipment{}, err
	}
	// Both racks are held, always in the order of their ids: what stands in them is shown to the towns anew.
	if _, err := many[int64](tx, `SELECT id FROM rack WHERE tenant_id = ? AND id IN (?, ?) ORDER BY id FOR UPDATE`, tx.Actor.TenantID, before.RackID, in.RackID); err != nil {
		return Equipment{}, err
	}
	in, r, err := in.checked(ctx, tx, id)
	if err != nil {
		return Equipment{}, err
	}
	var e Equipment
	err = tx.DB.Raw(`UPDATE equipment SET rack_id = @rack, kind = @kind, name = @name, owner_id = @owner, server_id = @server, unit = @unit, units = @units, face = @face,
		power_a = @power_a, power_b = @power_b, model = @model, serial = @serial, note = @note WHERE tenant_id = @town AND id = @id RETURNING `+equipmentColumns,
		in.args(tx, id)).Scan(&e).Error
	if err != nil {
		return Equipment{}, fmt.Errorf("move %s: %w", before.Name, err)
	}
	if err := settle(ctx, tx, r, &before, &e); err != nil {
		return Equipment{}, err
	}
	return e, written(tx, tenants.WriteRack, "equipment", id, before, e)
}

// Remove takes something out of its rack (撤去). It stays in the register as removed.
func Remove(ctx context.Context, tx *tenants.Tx, id int64) error {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return err
	}
	before, err := placed(tx, id)
	if err != nil {
		return err
	}
	r, err := take[Rack](tx, "rack", rackColumns, before.RackID, "FOR UPDATE")
	if err != nil {
		return err
	}
	err = tx.DB.Exec(`UPDATE equipment SET removed_at = @now WHERE tenant_id = @town AND id = @id`, map[string]any{"now": tx.Now, "town": tx.Actor.TenantID, "id": id}).Error
	if err != nil {
		return fmt.Errorf("remove %s: %w", before.Name, err)
	}
	if err := settle(ctx, tx, r, &before, nil); err != nil {
		return err
	}
	return written(tx, tenants.WriteRack, "equipment", id, before, map[string]any{"removed_at": tx.Now})
}

func placed(tx *tenants.Tx, id int64) (Equipment, error) {
	e, err := take[Equipment](tx, "equipment", equipmentColumns, id, "FOR UPDATE")
	if err == nil && e.RemovedAt != nil {
		err = tenants.Conflict("すでに撤去されています。", "It has been removed already.")
	}
	return e, err
}

// settle brings everything up to where a thing stands now: the units it takes, the place in its server's own row, and what
// the towns see of the racks concerned.
func settle(ctx context.Context, tx *tenants.Tx, r Rack, before, after *Equipment) error {
	if before != nil {
		err := tx.DB.Exec(`DELETE FROM rack_unit WHERE tenant_id = ? AND equipment_id = ?`, before.TenantID, before.ID).Error
		if err != nil {
			return fmt.Errorf("free the units of %s: %w", before.Name, err)
		}
		if before.ServerID != nil && (after == nil || after.ServerID == nil || *after.ServerID != *before.ServerID || *after.OwnerID != *before.OwnerID) {
			if err := server.Place(ctx, tx, tenants.WriteRack, *before.OwnerID, *before.ServerID, ""); err != nil {
				return err
			}
		}
	}
	if after != nil {
		err := tx.DB.Exec(`INSERT INTO rack_unit (tenant_id, rack_id, face, unit, equipment_id)
			SELECT @town, @rack, f, u, @id FROM unnest(CASE @face WHEN 'both' THEN '{front,rear}'::text[] ELSE ARRAY[CAST(@face AS text)] END) f, generate_series(CAST(@unit AS integer), CAST(@top AS integer)) u`,
			map[string]any{"town": after.TenantID, "rack": after.RackID, "id": after.ID, "face": after.Face, "unit": after.Unit, "top": after.Top()}).Error
		if err != nil {
			return fmt.Errorf("take the units of %s: %w", after.Name, err)
		}
		if after.ServerID != nil {
			if err := server.Place(ctx, tx, tenants.WriteRack, *after.OwnerID, *after.ServerID, Where(r, *after)); err != nil {
				return err
			}
		}
	}
	if before != nil && before.RackID != r.ID {
		old, err := take[Rack](tx, "rack", rackColumns, before.RackID, "")
		if err != nil {
			return err
		}
		if err := show(tx, old, before.OwnerID); err != nil {
			return err
		}
	}
	if before != nil {
		return show(tx, r, before.OwnerID)
	}
	return show(tx, r)
}

// Where is a thing's place as registers name it: A-03 U20–21.
func Where(r Rack, e Equipment) string {
	if e.Units == 1 {
		return fmt.Sprintf("%s U%d", r.Code, e.Unit)
	}
	return fmt.Sprintf("%s U%d–%d", r.Code, e.Unit, e.Top())
}

// replace writes the places of the servers in a rack anew, whose code has changed.
func replace(ctx context.Context, tx *tenants.Tx, r Rack) error {
	things, err := standing(tx, r.ID)
	if err != nil {
		return err
	}
	for _, e := range things {
		if e.ServerID == nil {
			continue
		}
		if err := server.Place(ctx, tx, tenants.WriteRack, *e.OwnerID, *e.ServerID, Where(r, e)); err != nil {
			return err
		}
	}
	return nil
}
