package key

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
	"tanamori/tenants/label"
)

var _ = tenants.Constraint("key_cabinet_name", "name", "同じ名称の保管庫がすでにあります。", "There is a cabinet of this name already.")

// UsualStockMonths is how often a cabinet is counted where nobody says otherwise (運用上).
const UsualStockMonths = 1

// CabinetInput is what is entered about a cabinet.
type CabinetInput struct {
	AreaID      int64
	Name        string
	Place       string
	Slots       int
	StockMonths int
	Note        string
}

func (in CabinetInput) checked(tx *tenants.Tx, id int64) (CabinetInput, error) {
	var v tenants.Invalid
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Place = entry.OptionalLine(&v, "place", in.Place, 100)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	between(&v, "slots", in.Slots, 1, 200)
	between(&v, "stock_months", in.StockMonths, 1, 12)
	areas, err := many[int64](tx, `SELECT id FROM area WHERE tenant_id = ? AND id = ? AND retired_at IS NULL`, tx.Actor.TenantID, in.AreaID)
	if err != nil {
		return in, err
	}
	if len(areas) == 0 {
		v.Add("area_id", "管理区域を選んでください。", "Choose the area.")
	}
	if id != 0 {
		beyond, err := many[int](tx, `SELECT slot FROM key_copy WHERE tenant_id = ? AND cabinet_id = ? AND retired_at IS NULL AND slot > ? ORDER BY slot LIMIT 1`, tx.Actor.TenantID, id, in.Slots)
		if err != nil {
			return in, err
		}
		if len(beyond) > 0 {
			v.Add("slots", fmt.Sprintf("%d番に鍵があります。先に移してください。", beyond[0]), fmt.Sprintf("A key hangs at %d; move it first.", beyond[0]))
		}
	}
	return in, v.Err()
}

func (in CabinetInput) args(tx *tenants.Tx) map[string]any {
	return map[string]any{"town": tx.Actor.TenantID, "area": in.AreaID, "name": in.Name, "place": in.Place, "slots": in.Slots, "months": in.StockMonths, "note": in.Note, "now": tx.Now}
}

// AddCabinet enters a cabinet, gives it a label, and asks for it to be counted within its months.
func AddCabinet(ctx context.Context, tx *tenants.Tx, in CabinetInput) (Cabinet, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Cabinet{}, err
	}
	in, err := in.checked(tx, 0)
	if err != nil {
		return Cabinet{}, err
	}
	set, err := settings(tx)
	if err != nil {
		return Cabinet{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Cabinet{}, err
	}
	args := in.args(tx)
	due := calendar.DateOf(tx.Now, zone).AddMonths(in.StockMonths)
	args["due"] = due
	id, err := value[int64](tx, `INSERT INTO key_cabinet (tenant_id, area_id, name, place, slots, stock_months, stock_due_on, note, created_at)
		VALUES (@town, @area, @name, @place, @slots, @months, @due, @note, @now) RETURNING id`, args)
	if err != nil {
		return Cabinet{}, fmt.Errorf("add cabinet %s: %w", in.Name, err)
	}
	if _, err := label.Make(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, KindCabinet, id); err != nil {
		return Cabinet{}, err
	}
	by, err := duty.ByTheDay(ctx, tx, tx.Actor.TenantID, due)
	if err != nil {
		return Cabinet{}, err
	}
	d, err := duty.Ask(ctx, tx, duty.Task{Town: tx.Actor.TenantID, Act: tenants.WriteKey, Kind: KindStock, AboutID: id, Subject: "保管庫 " + in.Name, Work: "鍵の棚卸", Due: by,
		GraceMinutes: duty.DayGrace, Severity: incident.Warning, LadderID: set.LadderID})
	if err != nil {
		return Cabinet{}, err
	}
	if err := tx.DB.Exec(`UPDATE key_cabinet SET duty_id = ? WHERE tenant_id = ? AND id = ?`, d, tx.Actor.TenantID, id).Error; err != nil {
		return Cabinet{}, fmt.Errorf("add cabinet %s: %w", in.Name, err)
	}
	c, err := cabinet(tx, id)
	if err != nil {
		return Cabinet{}, err
	}
	return c, recorded(tx, tenants.WriteKey, "key_cabinet", id, nil, c)
}

func cabinet(tx *tenants.Tx, id int64) (Cabinet, error) {
	return one[Cabinet](tx, cabinets+`WHERE c.tenant_id = ? AND c.id = ?`, tx.Actor.TenantID, id)
}

// cabinetInUse reads a cabinet that nobody changes until the transaction ends.
func cabinetInUse(tx *tenants.Tx, id int64) (Cabinet, error) {
	if err := hold(tx, "key_cabinet", id); err != nil {
		return Cabinet{}, err
	}
	c, err := cabinet(tx, id)
	if err == nil && c.RetiredAt != nil {
		err = tenants.Conflict("すでに廃止されています。", "It has been retired already.")
	}
	return c, err
}

// ChangeCabinet writes a cabinet anew. By when it is counted follows its months.
func ChangeCabinet(ctx context.Context, tx *tenants.Tx, id int64, in CabinetInput) (Cabinet, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Cabinet{}, err
	}
	before, err := cabinetInUse(tx, id)
	if err != nil {
		return Cabinet{}, err
	}
	if in, err = in.checked(tx, id); err != nil {
		return Cabinet{}, err
	}
	args := in.args(tx)
	args["id"] = id
	due := before.StockDueOn.AddMonths(in.StockMonths - before.StockMonths)
	args["due"] = due
	err = tx.DB.Exec(`UPDATE key_cabinet SET area_id = @area, name = @name, place = @place, slots = @slots, stock_months = @months, stock_due_on = @due, note = @note
		WHERE tenant_id = @town AND id = @id`, args).Error
	if err != nil {
		return Cabinet{}, fmt.Errorf("change cabinet %s: %w", before.Name, err)
	}
	if in.StockMonths != before.StockMonths && before.DutyID != nil {
		by, err := duty.ByTheDay(ctx, tx, tx.Actor.TenantID, due)
		if err != nil {
			return Cabinet{}, err
		}
		if err := duty.Move(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, *before.DutyID, by); err != nil {
			return Cabinet{}, err
		}
	}
	c, err := cabinet(tx, id)
	if err != nil {
		return Cabinet{}, err
	}
	return c, recorded(tx, tenants.WriteKey, "key_cabinet", id, before, c)
}

// RetireCabinet takes an empty cabinet out of use.
func RetireCabinet(ctx context.Context, tx *tenants.Tx, id int64) error {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return err
	}
	c, err := cabinetInUse(tx, id)
	if err != nil {
		return err
	}
	left, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.cabinet_id = ? AND c.retired_at IS NULL ORDER BY c.slot LIMIT 1`, tx.Actor.TenantID, id)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return tenants.Conflict(left[0].Name()+"の保管場所です。先に移すか、廃止してください。", "It is the place of "+left[0].Name()+"; move or retire that first.")
	}
	opened, err := many[string](tx, `SELECT i.name FROM key_opens o JOIN key_item i ON i.tenant_id = o.tenant_id AND i.id = o.item_id
		WHERE o.tenant_id = ? AND o.cabinet_id = ? AND o.ended_at IS NULL AND i.retired_at IS NULL ORDER BY i.id LIMIT 1`, tx.Actor.TenantID, id)
	if err != nil {
		return err
	}
	if len(opened) > 0 {
		return tenants.Conflict(opened[0]+"で開ける保管庫です。先にその鍵を廃止してください。", opened[0]+" opens it; retire that first.")
	}
	if err := label.Void(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, KindCabinet, id); err != nil {
		return err
	}
	if err := drop(ctx, tx, tenants.WriteKey, c.DutyID, tenants.Reason{Code: "key.retired"}); err != nil {
		return err
	}
	if err := tx.DB.Exec(`UPDATE key_cabinet SET retired_at = ? WHERE tenant_id = ? AND id = ?`, tx.Now, tx.Actor.TenantID, id).Error; err != nil {
		return fmt.Errorf("retire cabinet %s: %w", c.Name, err)
	}
	return recorded(tx, tenants.WriteKey, "key_cabinet", id, c, map[string]any{"retired_at": tx.Now})
}

// drop takes back what a duty asks for, where there is one.
func drop(ctx context.Context, tx *tenants.Tx, act tenants.Act, id *int64, why tenants.Reason) error {
	if id == nil {
		return nil
	}
	return duty.Drop(ctx, tx, act, tx.Actor.TenantID, *id, why)
}
