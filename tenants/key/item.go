package key

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("key_item_name", "name", "同じ名称の鍵がすでにあります。", "There is a key of this name already.")

// ItemInput is what is entered about a kind of key.
type ItemInput struct {
	Kind        string
	Name        string
	Racks       []int64 // what it opens
	Areas       []int64
	Cabinets    []int64
	Authorisers int
	DueClock    int  // minutes from midnight
	DueMinutes  *int // nil: by the time of day
	Excludes    []int64
	Note        string
}

func (in ItemInput) checked(tx *tenants.Tx, id int64) (ItemInput, error) {
	var v tenants.Invalid
	if in.Kind != Metal && in.Kind != Card {
		v.Add("kind", "種類を選んでください。", "Choose what it is.")
	}
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	between(&v, "authorisers", in.Authorisers, 1, 3)
	between(&v, "due_clock", in.DueClock, 0, 1439)
	if in.DueMinutes != nil {
		between(&v, "due_minutes", *in.DueMinutes, 15, 10080)
	}
	if in.Authorisers > 1 && len(v.Fields) == 0 {
		who, err := working(tx, tenants.HostAdmin, tenants.Facility)
		if err != nil {
			return in, err
		}
		if len(who) < in.Authorisers {
			v.Add("authorisers", fmt.Sprintf("承認できる人がいま%d人しかいません。", len(who)), fmt.Sprintf("Only %d persons may agree today.", len(who)))
		}
	}
	if len(in.Racks)+len(in.Areas)+len(in.Cabinets) == 0 {
		v.Add("opens", "何を開ける鍵かを選んでください。", "Choose what it opens.")
	}
	for _, x := range []struct {
		table, field string
		ids          *[]int64
	}{{"rack", "opens", &in.Racks}, {"area", "opens", &in.Areas}, {"key_cabinet", "opens", &in.Cabinets}, {"key_item", "excludes", &in.Excludes}} {
		slices.Sort(*x.ids)
		*x.ids = slices.Compact(*x.ids)
		there, err := many[int64](tx, `SELECT id FROM `+x.table+` WHERE tenant_id = @town AND id = ANY (CAST(@ids AS bigint[])) AND id <> @self AND retired_at IS NULL`,
			map[string]any{"town": tx.Actor.TenantID, "ids": x.ids, "self": map[bool]int64{true: id}[x.table == "key_item"]})
		if err != nil {
			return in, err
		}
		if len(there) != len(*x.ids) {
			v.Add(x.field, "選べないものが含まれています。一覧から選んでください。", "Something chosen is not there; choose from the list.")
		}
	}
	return in, v.Err()
}

// AddItem enters a kind of key. Its copies are added to it.
func AddItem(_ context.Context, tx *tenants.Tx, in ItemInput) (Item, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Item{}, err
	}
	in, err := in.checked(tx, 0)
	if err != nil {
		return Item{}, err
	}
	id, err := value[int64](tx, `INSERT INTO key_item (tenant_id, kind, name, authorisers, due_clock, due_minutes, note, created_at)
		VALUES (@town, @kind, @name, @authorisers, @clock, @minutes, @note, @now) RETURNING id`, in.args(tx, 0))
	if err != nil {
		return Item{}, fmt.Errorf("add key %s: %w", in.Name, err)
	}
	if err := in.link(tx, id, nil); err != nil {
		return Item{}, err
	}
	i, err := itemOf(tx, id)
	if err != nil {
		return Item{}, err
	}
	return i, recorded(tx, tenants.WriteKey, "key_item", id, nil, i)
}

func (in ItemInput) args(tx *tenants.Tx, id int64) map[string]any {
	return map[string]any{"town": tx.Actor.TenantID, "id": id, "kind": in.Kind, "name": in.Name, "authorisers": in.Authorisers, "clock": in.DueClock, "minutes": in.DueMinutes,
		"note": in.Note, "now": tx.Now}
}

// link writes what a key opens and what is not held together with it. Rows that stay keep their duty.
func (in ItemInput) link(tx *tenants.Tx, id int64, had []Opens) error {
	type thing struct {
		column string
		id     int64
	}
	wanted := map[thing]bool{}
	for column, ids := range map[string][]int64{"rack_id": in.Racks, "area_id": in.Areas, "cabinet_id": in.Cabinets} {
		for _, one := range ids {
			wanted[thing{column, one}] = true
		}
	}
	for _, o := range had {
		column, of := o.of()
		if wanted[thing{column, of}] {
			delete(wanted, thing{column, of})
			continue
		}
		if err := tx.DB.Exec(`UPDATE key_opens SET ended_at = ? WHERE tenant_id = ? AND id = ?`, tx.Now, tx.Actor.TenantID, o.ID).Error; err != nil {
			return fmt.Errorf("say what key %d opens: %w", id, err)
		}
	}
	for x := range wanted {
		if err := tx.DB.Exec(`INSERT INTO key_opens (tenant_id, item_id, `+x.column+`) VALUES (?, ?, ?)`, tx.Actor.TenantID, id, x.id).Error; err != nil {
			return fmt.Errorf("say what key %d opens: %w", id, err)
		}
	}
	args := map[string]any{"town": tx.Actor.TenantID, "id": id, "others": &in.Excludes}
	err := tx.DB.Exec(`DELETE FROM key_exclusion WHERE tenant_id = @town AND (item_id = @id OR other_id = @id)`, args).Error
	if err == nil {
		err = tx.DB.Exec(`INSERT INTO key_exclusion (tenant_id, item_id, other_id)
			SELECT CAST(@town AS bigint), CAST(@id AS bigint), x FROM unnest(CAST(@others AS bigint[])) x UNION ALL SELECT CAST(@town AS bigint), x, CAST(@id AS bigint) FROM unnest(CAST(@others AS bigint[])) x`, args).Error
	}
	if err != nil {
		return fmt.Errorf("say what is not held together with key %d: %w", id, err)
	}
	return nil
}

func (o Opens) of() (column string, id int64) {
	switch {
	case o.RackID != nil:
		return "rack_id", *o.RackID
	case o.AreaID != nil:
		return "area_id", *o.AreaID
	}
	return "cabinet_id", *o.CabinetID
}

// heldItem reads a kind of key that nobody changes until the transaction ends.
func heldItem(tx *tenants.Tx, id int64) (Item, error) {
	if err := hold(tx, "key_item", id); err != nil {
		return Item{}, err
	}
	i, err := itemOf(tx, id)
	if err == nil && i.RetiredAt != nil {
		err = tenants.Conflict("すでに廃止されています。", "It has been retired already.")
	}
	return i, err
}

// ChangeItem writes a kind of key anew. While a copy is lost, what it opens stays as it is: each of it owes a new cylinder. Loans
// that are asked for keep the number of authorisers they were asked for with.
func ChangeItem(_ context.Context, tx *tenants.Tx, id int64, in ItemInput) (Item, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Item{}, err
	}
	before, err := heldItem(tx, id)
	if err != nil {
		return Item{}, err
	}
	if in, err = in.checked(tx, id); err != nil {
		return Item{}, err
	}
	lost, err := lostOf(tx, id)
	if err != nil {
		return Item{}, err
	}
	if len(lost) > 0 && !in.opensAs(before.Opens) {
		var v tenants.Invalid
		v.Add("opens", lost[0].Name()+"が紛失中です。シリンダーを交換するか、鍵が見つかるまで変えられません。", lost[0].Name()+" is lost: this stays until the cylinder is changed or the key is found.")
		return Item{}, v.Err()
	}
	err = tx.DB.Exec(`UPDATE key_item SET kind = @kind, name = @name, authorisers = @authorisers, due_clock = @clock, due_minutes = @minutes, note = @note
		WHERE tenant_id = @town AND id = @id`, in.args(tx, id)).Error
	if err != nil {
		return Item{}, fmt.Errorf("change key %s: %w", before.Name, err)
	}
	if err := in.link(tx, id, before.Opens); err != nil {
		return Item{}, err
	}
	i, err := itemOf(tx, id)
	if err != nil {
		return Item{}, err
	}
	return i, recorded(tx, tenants.WriteKey, "key_item", id, before, i)
}

// opensAs tells whether the input opens just that.
func (in ItemInput) opensAs(had []Opens) bool {
	for _, o := range had {
		column, id := o.of()
		if !slices.Contains(map[string][]int64{"rack_id": in.Racks, "area_id": in.Areas, "cabinet_id": in.Cabinets}[column], id) {
			return false
		}
	}
	return len(had) == len(in.Racks)+len(in.Areas)+len(in.Cabinets)
}

func lostOf(tx *tenants.Tx, item int64) ([]Copy, error) {
	return many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.item_id = ? AND c.state = 'lost' ORDER BY c.id`, tx.Actor.TenantID, item)
}

// RetireItem takes a kind of key out of use, once it has no copies any more.
func RetireItem(_ context.Context, tx *tenants.Tx, id int64) error {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return err
	}
	i, err := heldItem(tx, id)
	if err != nil {
		return err
	}
	left, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.item_id = ? AND c.retired_at IS NULL ORDER BY c.id LIMIT 1`, tx.Actor.TenantID, id)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return tenants.Conflict(left[0].Name()+"があります。先に廃止してください。", "There is "+left[0].Name()+" still; retire it first.")
	}
	if err := tx.DB.Exec(`UPDATE key_item SET retired_at = ? WHERE tenant_id = ? AND id = ?`, tx.Now, tx.Actor.TenantID, id).Error; err != nil {
		return fmt.Errorf("retire key %s: %w", i.Name, err)
	}
	return recorded(tx, tenants.WriteKey, "key_item", id, i, map[string]any{"retired_at": tx.Now})
}

// ChangeInput is what is entered about a changed cylinder.
type ChangeInput struct {
	Happened
	By string // who did it: 鍵業者
}

// ChangeCylinder writes down that the cylinder of all that a key opens was changed: no copy opens it any more, so that all are
// retired, wherever they are, and what was asked for because one was lost is done.
func ChangeCylinder(ctx context.Context, tx *tenants.Tx, id int64, in ChangeInput) (Item, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Item{}, err
	}
	i, err := heldItem(tx, id)
	if err != nil {
		return Item{}, err
	}
	all, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.item_id = ? AND c.retired_at IS NULL ORDER BY c.id`, tx.Actor.TenantID, id)
	if err != nil {
		return Item{}, err
	}
	ids := make([]int64, len(all))
	for n, c := range all {
		ids[n] = c.ID
	}
	if err := hold(tx, "key_copy", ids...); err != nil {
		return Item{}, err
	}
	if all, err = many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.item_id = ? AND c.retired_at IS NULL ORDER BY c.id`, tx.Actor.TenantID, id); err != nil {
		return Item{}, err
	}
	set, err := settings(tx)
	if err != nil {
		return Item{}, err
	}
	var v tenants.Invalid
	by := entry.Line(&v, "by", in.By, 60)
	reason := entry.Line(&v, "reason", in.Reason, 200)
	at := set.when(&v, tx.Now, in.OccurredAt, nil, reason)
	for _, c := range all {
		if len(v.Fields) == 0 && at.Before(c.LastAt.Truncate(minute)) {
			v.Add("occurred_at", c.Name()+"の最後の記録より前の日時です。", "It would lie before the last event of "+c.Name()+".")
		}
	}
	if err := v.Err(); err != nil {
		return Item{}, err
	}
	why, lost := tenants.Reason{Code: "key.cylinder_changed"}, false
	for _, c := range all {
		lost = lost || c.State == Lost
		if err := retire(ctx, tx, c, Event{Kind: Cylinder, OccurredAt: at, Work: by, Reason: reason}, why); err != nil {
			return Item{}, err
		}
	}
	for _, o := range i.Opens {
		if o.DutyID == nil || !lost {
			continue
		}
		if err := duty.Answer(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, *o.DutyID, true, at, why); err != nil {
			return Item{}, err
		}
	}
	if err := tx.DB.Exec(`UPDATE key_item SET generation = generation + 1 WHERE tenant_id = ? AND id = ?`, tx.Actor.TenantID, id).Error; err != nil {
		return Item{}, fmt.Errorf("change the cylinder of key %s: %w", i.Name, err)
	}
	after, err := itemOf(tx, id)
	if err != nil {
		return Item{}, err
	}
	return after, recorded(tx, tenants.WriteKey, "key_item", id, i, map[string]any{"generation": after.Generation, "by": by, "reason": reason, "retired": len(all)})
}
