package key

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
)

const (
	cabinets = `SELECT c.tenant_id, c.id, c.area_id, a.name AS area, c.name, c.place, c.slots, c.stock_months, c.stock_due_on, c.stocked_at, c.stocked_by, c.duty_id, c.note, c.retired_at
		FROM key_cabinet c JOIN area a ON a.tenant_id = c.tenant_id AND a.id = c.area_id `
	items  = `SELECT tenant_id, id, kind, name, authorisers, due_clock, due_minutes, generation, note, retired_at FROM key_item i `
	copies = `SELECT c.tenant_id, c.id, c.item_id, i.name AS item, c.serial, c.rank, c.number, c.generation, c.state, c.cabinet_id, b.name AS cabinet, c.slot, c.loan_id,
		c.holder_id, c.holder, c.since, c.due_at, c.last_at, c.duty_id, c.lost_duty_id, c.retired_at
		FROM key_copy c JOIN key_item i ON i.tenant_id = c.tenant_id AND i.id = c.item_id JOIN key_cabinet b ON b.tenant_id = c.tenant_id AND b.id = c.cabinet_id `
	loans = `SELECT l.tenant_id, l.id, l.copy_id, c.item_id, i.name || CASE c.rank WHEN 'main' THEN ' 正' ELSE ' 副' END || c.number AS copy_name, c.serial, l.state, l.handover,
		l.borrower_id, l.borrower, l.visitor, l.visitor_company, l.purpose, l.work, l.due_minutes, l.due_at, l.authorisers, l.approved_by, l.asked_at, l.asked_by_id, l.asked_by,
		l.closed_at, l.closed_by, l.closed_reason, l.out_at, l.out_by, l.out_left, l.back_at, l.back_by, l.back_left
		FROM key_loan l JOIN key_copy c ON c.tenant_id = l.tenant_id AND c.id = l.copy_id JOIN key_item i ON i.tenant_id = c.tenant_id AND i.id = c.item_id `
	approvals = `SELECT id, loan_id, at, by_id, by_text FROM key_approval `
	// What a key opens is named as its own register names it.
	opens = `SELECT o.id, o.item_id, o.rack_id, o.area_id, o.cabinet_id, coalesce(r.code, a.name, c.name) AS name, o.duty_id FROM key_opens o
		LEFT JOIN rack r ON r.tenant_id = o.tenant_id AND r.id = o.rack_id LEFT JOIN area a ON a.tenant_id = o.tenant_id AND a.id = o.area_id
		LEFT JOIN key_cabinet c ON c.tenant_id = o.tenant_id AND c.id = o.cabinet_id `
)

func many[T any](tx *tenants.Tx, query string, args ...any) ([]T, error) {
	var found []T
	if err := tx.DB.Raw(query, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read the ledger of keys: %w", err)
	}
	return found, nil
}

// one reads a single row of the host's.
func one[T any](tx *tenants.Tx, query string, args ...any) (T, error) {
	var found T
	if err := tx.DB.Raw(query, args...).Take(&found).Error; err != nil {
		return found, fmt.Errorf("read the ledger of keys: %w", err)
	}
	return found, nil
}

// value reads a single value that is always there.
func value[T any](tx *tenants.Tx, query string, args ...any) (T, error) {
	var found T
	if err := tx.DB.Raw(query, args...).Scan(&found).Error; err != nil {
		return found, fmt.Errorf("read the ledger of keys: %w", err)
	}
	return found, nil
}

// hold locks rows of a table for the rest of the transaction, in the order of their ids. Whoever locks several tables does so in
// the order key_cabinet, key_item, key_copy, key_loan, so that nobody waits for each other.
func hold(tx *tenants.Tx, table string, ids ...int64) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var found []int64
	err := tx.DB.Raw(`SELECT id FROM `+table+` WHERE tenant_id = @town AND id = ANY (CAST(@ids AS bigint[])) ORDER BY id FOR UPDATE`,
		map[string]any{"town": tx.Actor.TenantID, "ids": &ids}).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("hold rows of %s: %w", table, err)
	}
	if len(found) != len(ids) {
		return tenants.NotFound()
	}
	return nil
}

// heldCopy reads a copy that stays as it is until the transaction ends, with its item held before it.
func heldCopy(tx *tenants.Tx, id int64) (Copy, error) {
	c, err := one[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.id = ?`, tx.Actor.TenantID, id)
	if err != nil {
		return c, err
	}
	if err := hold(tx, "key_item", c.ItemID); err != nil {
		return c, err
	}
	if err := hold(tx, "key_copy", id); err != nil {
		return c, err
	}
	return one[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.id = ?`, tx.Actor.TenantID, id) // as it stands now
}

func itemOf(tx *tenants.Tx, id int64) (Item, error) {
	i, err := one[Item](tx, items+`WHERE tenant_id = ? AND id = ?`, tx.Actor.TenantID, id)
	if err != nil {
		return i, err
	}
	if i.Opens, err = many[Opens](tx, opens+`WHERE o.tenant_id = ? AND o.item_id = ? AND o.ended_at IS NULL ORDER BY o.id`, tx.Actor.TenantID, id); err != nil {
		return i, err
	}
	i.Excludes, err = many[int64](tx, `SELECT other_id FROM key_exclusion WHERE tenant_id = ? AND item_id = ? ORDER BY other_id`, tx.Actor.TenantID, id)
	return i, err
}

func loanOf(tx *tenants.Tx, id int64) (Loan, error) {
	l, err := one[Loan](tx, loans+`WHERE l.tenant_id = ? AND l.id = ?`, tx.Actor.TenantID, id)
	if err != nil {
		return l, err
	}
	l.Approvals, err = many[Approval](tx, approvals+`WHERE tenant_id = ? AND loan_id = ? ORDER BY id`, tx.Actor.TenantID, id)
	return l, err
}

// leftIn is how many copies of an item are in their cabinets (残数).
func leftIn(tx *tenants.Tx, item int64) (int, error) {
	return value[int](tx, `SELECT count(*) FROM key_copy WHERE tenant_id = ? AND item_id = ? AND state = 'in'`, tx.Actor.TenantID, item)
}

// write adds a line to the ledger, whose place is the copy's, and counts what is left: the copy's row is written before.
func write(tx *tenants.Tx, c Copy, e Event) (Event, error) {
	left, err := leftIn(tx, c.ItemID)
	if err != nil {
		return e, err
	}
	e.CopyID, e.CabinetID, e.Slot, e.LeftIn = c.ID, c.CabinetID, c.Slot, left
	e.RecordedAt, e.ByID, e.ByText = tx.Now, tx.Actor.PersonID, tx.Actor.Text()
	err = tx.DB.Raw(`INSERT INTO key_event (tenant_id, copy_id, loan_id, kind, occurred_at, recorded_at, by_id, by_text, from_id, from_text, to_id, to_text, visitor, visitor_company,
			purpose, work, due_at, approved_by, cabinet_id, slot, left_in, reason)
		VALUES (@town, @copy, @loan, @kind, @at, @now, @by, @by_text, @from, @from_text, @to, @to_text, @visitor, @company, @purpose, @work, @due, @approved, @cabinet, @slot, @left, @reason)
		RETURNING id`,
		map[string]any{"town": c.TenantID, "copy": c.ID, "loan": e.LoanID, "kind": e.Kind, "at": e.OccurredAt, "now": tx.Now, "by": e.ByID, "by_text": e.ByText,
			"from": e.FromID, "from_text": e.FromText, "to": e.ToID, "to_text": e.ToText, "visitor": e.Visitor, "company": e.VisitorCompany, "purpose": e.Purpose, "work": e.Work,
			"due": e.DueAt, "approved": e.ApprovedBy, "cabinet": c.CabinetID, "slot": c.Slot, "left": left, "reason": e.Reason}).Scan(&e.ID).Error
	if err != nil {
		return e, fmt.Errorf("write down what happened to %s: %w", c.Name(), err)
	}
	return e, nil
}

// stand writes where a copy stands now.
func stand(tx *tenants.Tx, c Copy, at time.Time) error {
	c.LastAt = at
	err := tx.DB.Exec(`UPDATE key_copy SET state = @state, cabinet_id = @cabinet, slot = @slot, loan_id = @loan, holder_id = @holder_id, holder = @holder, since = @since, due_at = @due,
			last_at = @last, duty_id = @duty, lost_duty_id = @lost, retired_at = @retired WHERE tenant_id = @town AND id = @id`,
		map[string]any{"state": c.State, "cabinet": c.CabinetID, "slot": c.Slot, "loan": c.LoanID, "holder_id": c.HolderID, "holder": c.Holder, "since": c.Since, "due": c.DueAt,
			"last": at, "duty": c.DutyID, "lost": c.LostDutyID, "retired": c.RetiredAt, "town": c.TenantID, "id": c.ID}).Error
	if err != nil {
		return fmt.Errorf("say where %s stands: %w", c.Name(), err)
	}
	return nil
}

// put is how a copy stands in its slot.
func (c Copy) put() Copy {
	c.Standing = Standing{State: In, CabinetID: c.CabinetID, Slot: c.Slot}
	return c
}

func recorded(tx *tenants.Tx, act tenants.Act, object string, id int64, before, after any) error {
	if err := tx.Wake(tenants.WakePage, tx.Actor.TenantID); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: act, Object: object, ObjectID: id, Before: before, After: after})
}

// told is who has a copy, for whoever wanted it too.
func told(tx *tenants.Tx, c Copy) error {
	zone, err := location(tx)
	if err != nil {
		return err
	}
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(zone).Format("1/2 15:04")
	}
	switch c.State {
	case Out:
		return tenants.Conflict(c.Name()+"は、"+at(c.Since)+"から"+c.Holder+"に貸し出されています（返却予定 "+at(c.DueAt)+"）。",
			c.Name()+" has been with "+c.Holder+" since "+at(c.Since)+" (due back "+at(c.DueAt)+").")
	case Lost:
		return tenants.Conflict(c.Name()+"は、"+at(c.Since)+"から紛失として扱われています。", c.Name()+" has been lost since "+at(c.Since)+".")
	case Retired:
		return tenants.Conflict(c.Name()+"は廃止されています。", c.Name()+" has been retired.")
	}
	return tenants.Conflict(c.Name()+"は保管庫にあります。貸し出されていません。", c.Name()+" is in its cabinet; it is not out.")
}

func listed(names []string) string { return strings.Join(names, "、") }
