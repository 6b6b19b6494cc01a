package key

import (
	"context"
	"time"

	"tanamori/tenants"
)

func reading(tx *tenants.Tx) error { return tx.Permit(tenants.ReadKey, tx.Actor.TenantID) }

// Cabinets gives those in use.
func Cabinets(_ context.Context, tx *tenants.Tx) ([]Cabinet, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Cabinet](tx, cabinets+`WHERE c.tenant_id = ? AND c.retired_at IS NULL ORDER BY c.id`, tx.Actor.TenantID)
}

// GetCabinet gives one, a retired one too, with what belongs into it and its counts, the newest first.
func GetCabinet(_ context.Context, tx *tenants.Tx, id int64) (Cabinet, []Copy, []Inventory, error) {
	if err := reading(tx); err != nil {
		return Cabinet{}, nil, nil, err
	}
	c, err := cabinet(tx, id)
	if err != nil {
		return c, nil, nil, err
	}
	there, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.cabinet_id = ? AND c.retired_at IS NULL ORDER BY c.slot`, tx.Actor.TenantID, id)
	if err != nil {
		return c, nil, nil, err
	}
	counts, err := many[Inventory](tx, inventories+`WHERE n.tenant_id = ? AND n.cabinet_id = ? ORDER BY n.id DESC LIMIT 36`, tx.Actor.TenantID, id)
	return c, there, counts, err
}

const inventories = `SELECT n.tenant_id, n.id, n.cabinet_id, c.name AS cabinet, n.occurred_at, n.recorded_at, n.by_id, n.by_text, n.expected, n.found, n.differences, n.note
	FROM key_inventory n JOIN key_cabinet c ON c.tenant_id = n.tenant_id AND c.id = n.cabinet_id `

// GetInventory gives one count with its lines.
func GetInventory(_ context.Context, tx *tenants.Tx, id int64) (Inventory, error) {
	if err := reading(tx); err != nil {
		return Inventory{}, err
	}
	n, err := one[Inventory](tx, inventories+`WHERE n.tenant_id = ? AND n.id = ?`, tx.Actor.TenantID, id)
	if err != nil {
		return n, err
	}
	n.Lines, err = many[InventoryLine](tx, `SELECT l.copy_id, i.name || CASE c.rank WHEN 'main' THEN ' 正' ELSE ' 副' END || c.number AS copy_name, c.serial, c.slot, l.seen, l.detail, c.state
		FROM key_inventory_line l JOIN key_copy c ON c.tenant_id = l.tenant_id AND c.id = l.copy_id JOIN key_item i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
		WHERE l.tenant_id = ? AND l.inventory_id = ? ORDER BY l.id`, tx.Actor.TenantID, id)
	return n, err
}

// Items gives the kinds of keys in use, with what each opens.
func Items(_ context.Context, tx *tenants.Tx) ([]Item, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	all, err := many[Item](tx, items+`WHERE tenant_id = ? AND retired_at IS NULL ORDER BY id`, tx.Actor.TenantID)
	if err != nil {
		return nil, err
	}
	at := map[int64]*Item{}
	for n := range all {
		at[all[n].ID] = &all[n]
	}
	what, err := many[Opens](tx, opens+`WHERE o.tenant_id = ? AND o.ended_at IS NULL ORDER BY o.id`, tx.Actor.TenantID)
	if err != nil {
		return nil, err
	}
	for _, o := range what {
		if i := at[o.ItemID]; i != nil {
			i.Opens = append(i.Opens, o)
		}
	}
	pairs, err := many[struct{ ItemID, OtherID int64 }](tx, `SELECT item_id, other_id FROM key_exclusion WHERE tenant_id = ? ORDER BY other_id`, tx.Actor.TenantID)
	for _, p := range pairs {
		if i := at[p.ItemID]; i != nil {
			i.Excludes = append(i.Excludes, p.OtherID)
		}
	}
	return all, err
}

// GetItem gives one, a retired one too, with its copies, the retired ones last.
func GetItem(_ context.Context, tx *tenants.Tx, id int64) (Item, []Copy, error) {
	if err := reading(tx); err != nil {
		return Item{}, nil, err
	}
	i, err := itemOf(tx, id)
	if err != nil {
		return i, nil, err
	}
	all, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.item_id = ? ORDER BY c.retired_at DESC NULLS FIRST, c.rank, c.number`, tx.Actor.TenantID, id)
	return i, all, err
}

// Copies gives those in use, item by item.
func Copies(_ context.Context, tx *tenants.Tx) ([]Copy, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.retired_at IS NULL ORDER BY c.item_id, c.rank, c.number`, tx.Actor.TenantID)
}

// Get gives one copy, a retired one too, with its ledger, the newest line first.
func Get(_ context.Context, tx *tenants.Tx, id int64) (Copy, []Event, error) {
	if err := reading(tx); err != nil {
		return Copy{}, nil, err
	}
	c, err := copyOf(tx, id)
	if err != nil {
		return c, nil, err
	}
	events, err := eventsOf(tx, id, 500)
	return c, events, err
}

// eventsOf are the newest lines of a copy, at most so many.
func eventsOf(tx *tenants.Tx, id int64, limit int) ([]Event, error) {
	events, err := many[Event](tx, `SELECT id, copy_id, loan_id, kind, occurred_at, recorded_at, by_id, by_text, from_id, from_text, to_id, to_text, visitor, visitor_company, purpose, work,
		due_at, approved_by, cabinet_id, slot, left_in, reason FROM key_event WHERE tenant_id = ? AND copy_id = ? ORDER BY id DESC LIMIT ?`, tx.Actor.TenantID, id, limit)
	if err != nil {
		return nil, err
	}
	return events, withCorrections(tx, events)
}

// Asks gives the requests that wait, the oldest first, with who has agreed so far.
func Asks(_ context.Context, tx *tenants.Tx) ([]Loan, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return withApprovals(tx, loans+`WHERE l.tenant_id = ? AND l.state = 'asked' ORDER BY l.id`, tx.Actor.TenantID)
}

func withApprovals(tx *tenants.Tx, query string, args ...any) ([]Loan, error) {
	found, err := many[Loan](tx, query, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	at, ids := map[int64]*Loan{}, []int64{}
	for n := range found {
		at[found[n].ID] = &found[n]
		ids = append(ids, found[n].ID)
	}
	all, err := many[Approval](tx, approvals+`WHERE tenant_id = @town AND loan_id = ANY (CAST(@ids AS bigint[])) ORDER BY id`, map[string]any{"town": tx.Actor.TenantID, "ids": &ids})
	for _, a := range all {
		at[a.LoanID].Approvals = append(at[a.LoanID].Approvals, a)
	}
	return found, err
}

// GetLoan gives one loan or request.
func GetLoan(_ context.Context, tx *tenants.Tx, id int64) (Loan, error) {
	if err := reading(tx); err != nil {
		return Loan{}, err
	}
	return loanOf(tx, id)
}

// Book gives the loans that were handed out from one moment to before another, the oldest first: the pages of the loan book
// (鍵貸出簿). At most limit lines.
func Book(_ context.Context, tx *tenants.Tx, from, to time.Time, limit int) ([]Loan, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	book, err := many[Loan](tx, loans+`WHERE l.tenant_id = ? AND l.out_at >= ? AND l.out_at < ? ORDER BY l.out_at, l.id LIMIT ?`, tx.Actor.TenantID, from, to, limit)
	if err != nil {
		return nil, err
	}
	return book, withHistory(tx, book)
}
