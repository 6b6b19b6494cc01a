package key

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
	"tanamori/tenants/label"
)

const minute = time.Minute

var (
	_ = tenants.Constraint("key_copy_number", "number", "同じ番号の鍵がすでにあります。", "There is a copy of this number already.")
	_ = tenants.Constraint("key_copy_serial", "serial", "同じ鍵番号の鍵がすでにあります。", "There is a key of this serial number already.")
	_ = tenants.Constraint("key_copy_slot", "slot", "そこには別の鍵があります。", "Another key hangs there.")
)

// Happened is when something happened, and why where that matters.
type Happened struct {
	OccurredAt time.Time // zero: now
	Reason     string
}

// CopyInput is what is entered about a copy.
type CopyInput struct {
	Serial    string
	Rank      string
	Number    int
	CabinetID int64
	Slot      int
	Happened  // since when it is there
}

// AddCopy enters a copy that hangs in its slot, and gives it a label.
func AddCopy(ctx context.Context, tx *tenants.Tx, item int64, in CopyInput) (Copy, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Copy{}, err
	}
	var v tenants.Invalid
	if err := place(tx, &v, in.CabinetID, in.Slot); err != nil {
		return Copy{}, err
	}
	i, err := heldItem(tx, item)
	if err != nil {
		return Copy{}, err
	}
	in.Serial = entry.Line(&v, "serial", in.Serial, 40)
	if in.Rank != Main && in.Rank != Spare {
		v.Add("rank", "正・副を選んでください。", "Choose main or spare.")
	}
	between(&v, "number", in.Number, 1, 99)
	set, err := settings(tx)
	if err != nil {
		return Copy{}, err
	}
	e := Event{Kind: Added, Reason: entry.OptionalLine(&v, "reason", in.Reason, 200)}
	e.OccurredAt = set.when(&v, tx.Now, in.OccurredAt, nil, e.Reason)
	if err := v.Err(); err != nil {
		return Copy{}, err
	}
	id, err := value[int64](tx, `INSERT INTO key_copy (tenant_id, item_id, serial, rank, number, generation, state, cabinet_id, slot, last_at, created_at)
		VALUES (@town, @item, @serial, @rank, @number, @generation, 'in', @cabinet, @slot, @at, @now) RETURNING id`,
		map[string]any{"town": tx.Actor.TenantID, "item": item, "serial": in.Serial, "rank": in.Rank, "number": in.Number, "generation": i.Generation, "cabinet": in.CabinetID, "slot": in.Slot, "at": e.OccurredAt, "now": tx.Now})
	if err != nil {
		return Copy{}, fmt.Errorf("add a copy of key %s: %w", i.Name, err)
	}
	if _, err := label.Make(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, Kind, id); err != nil {
		return Copy{}, err
	}
	c, err := copyOf(tx, id)
	if err != nil {
		return Copy{}, err
	}
	if _, err := write(tx, c, e); err != nil {
		return Copy{}, err
	}
	return c, recorded(tx, tenants.WriteKey, "key_copy", id, nil, c)
}

func copyOf(tx *tenants.Tx, id int64) (Copy, error) {
	return one[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.id = ?`, tx.Actor.TenantID, id)
}

// place judges a slot, and keeps its cabinet as it is until the transaction ends.
func place(tx *tenants.Tx, v *tenants.Invalid, id int64, slot int) error {
	c, err := cabinetInUse(tx, id)
	switch f := tenants.AsFault(err); {
	case err == nil:
		between(v, "slot", slot, 1, c.Slots)
	case f.Kind == tenants.KindNotFound || f.Kind == tenants.KindConflict:
		v.Add("cabinet_id", "保管庫を選んでください。", "Choose the cabinet.")
	default:
		return err
	}
	return nil
}

// Place says that a copy belongs in another slot from now on (保管場所の変更).
func Place(_ context.Context, tx *tenants.Tx, id, cabinet int64, slot int) (Copy, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return Copy{}, err
	}
	var v tenants.Invalid
	if err := place(tx, &v, cabinet, slot); err != nil {
		return Copy{}, err
	}
	before, err := heldCopy(tx, id)
	if err != nil {
		return Copy{}, err
	}
	if !before.May(Moved) {
		return Copy{}, told(tx, before)
	}
	if len(v.Fields) == 0 && cabinet == before.CabinetID && slot == before.Slot {
		v.Add("slot", "いまと同じ場所です。", "It belongs there already.")
	}
	if err := v.Err(); err != nil {
		return Copy{}, err
	}
	c := before
	c.CabinetID, c.Slot = cabinet, slot
	if err := stand(tx, c, tx.Now); err != nil {
		return Copy{}, err
	}
	if _, err := write(tx, c, Event{Kind: Moved, OccurredAt: tx.Now}); err != nil {
		return Copy{}, err
	}
	if c, err = copyOf(tx, id); err != nil {
		return Copy{}, err
	}
	return c, recorded(tx, tenants.WriteKey, "key_copy", id, before, c)
}

// Relabel makes a copy's label void and gives it another.
func Relabel(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return "", err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return "", err
	}
	if c.State == Retired {
		return "", told(tx, c)
	}
	code, err := label.Replace(ctx, tx, tenants.WriteKey, tx.Actor.TenantID, Kind, id)
	if err != nil {
		return "", err
	}
	return code, recorded(tx, tenants.WriteKey, "key_copy", id, nil, map[string]string{"label": code})
}

// Inspect writes down that a copy was looked at (点検), and what was found.
func Inspect(_ context.Context, tx *tenants.Tx, id int64, in Happened) (Event, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Event{}, err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return Event{}, err
	}
	if !c.May(Inspected) {
		return Event{}, told(tx, c)
	}
	set, err := settings(tx)
	if err != nil {
		return Event{}, err
	}
	var v tenants.Invalid
	e := Event{Kind: Inspected, Reason: entry.Line(&v, "reason", in.Reason, 200), LoanID: c.LoanID}
	e.OccurredAt = set.when(&v, tx.Now, in.OccurredAt, &c.LastAt, e.Reason)
	if err := v.Err(); err != nil {
		return Event{}, err
	}
	if err := stand(tx, c, e.OccurredAt); err != nil {
		return Event{}, err
	}
	if e, err = write(tx, c, e); err != nil {
		return Event{}, err
	}
	return e, recorded(tx, tenants.LendKey, "key_copy", id, nil, e)
}

// Retire takes a copy out of use (廃止), because it wore out or there are too many. One that is out comes back first; one that is
// lost owes a new cylinder.
func Retire(ctx context.Context, tx *tenants.Tx, id int64, in Happened) error {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return err
	}
	if !c.May(WasRetired) {
		return told(tx, c)
	}
	set, err := settings(tx)
	if err != nil {
		return err
	}
	var v tenants.Invalid
	reason := entry.Line(&v, "reason", in.Reason, 200)
	at := set.when(&v, tx.Now, in.OccurredAt, &c.LastAt, reason)
	if err := v.Err(); err != nil {
		return err
	}
	if err := retire(ctx, tx, c, Event{Kind: WasRetired, OccurredAt: at, Reason: reason}, tenants.Reason{Code: "key.retired"}); err != nil {
		return err
	}
	return recorded(tx, tenants.WriteKey, "key_copy", id, c, map[string]any{"retired_at": tx.Now, "reason": reason})
}

// retire ends a copy: nobody asks for it, has it or is asked for it any more.
func retire(ctx context.Context, tx *tenants.Tx, c Copy, e Event, why tenants.Reason) error {
	err := tx.DB.Exec(`UPDATE key_loan SET state = CASE state WHEN 'asked' THEN 'lapsed' ELSE 'ended' END, closed_at = @now, closed_by = @by, closed_reason = @reason
		WHERE tenant_id = @town AND copy_id = @copy AND state IN ('asked', 'out')`,
		map[string]any{"now": tx.Now, "by": tx.Actor.Text(), "reason": e.Reason, "town": c.TenantID, "copy": c.ID}).Error
	if err != nil {
		return fmt.Errorf("retire %s: %w", c.Name(), err)
	}
	if err := label.Void(ctx, tx, tenants.WriteKey, c.TenantID, Kind, c.ID); err != nil {
		return err
	}
	if d := map[string]*int64{Out: c.DutyID, Lost: c.LostDutyID}[c.State]; d != nil {
		if err := drop(ctx, tx, tenants.WriteKey, d, why); err != nil {
			return err
		}
	}
	e.LoanID, e.FromID, e.FromText = c.LoanID, c.HolderID, c.Holder
	c = c.put()
	now := tx.Now
	c.State, c.RetiredAt = Retired, &now
	if err := stand(tx, c, e.OccurredAt); err != nil {
		return err
	}
	_, err = write(tx, c, e)
	return err
}
