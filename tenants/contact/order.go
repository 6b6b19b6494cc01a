package contact

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
)

// Move calls a contact earlier (by -1, -2 …) or later (by 1, 2 …); at either end it stays there. It gives the new order.
func Move(_ context.Context, tx *tenants.Tx, town, id int64, by int) ([]Contact, error) {
	if err := tx.Permit(tenants.WriteContact, town); err != nil {
		return nil, err
	}
	order, err := lockOrder(tx, town)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(order, func(c Contact) bool { return c.ID == id })
	if at < 0 {
		return nil, tenants.NotFound()
	}
	// Bounded before it is added, so that no number from outside can overflow.
	to := at + max(-at, min(by, len(order)-1-at))
	moved := order[at]
	return arrange(tx, town, order, slices.Insert(slices.Delete(slices.Clone(order), at, at+1), to, moved))
}

// Arrange sets the whole calling order: every contact in use exactly once. A contact that came or went meanwhile is a
// conflict, for the order was made without it.
func Arrange(_ context.Context, tx *tenants.Tx, town int64, ids []int64) ([]Contact, error) {
	if err := tx.Permit(tenants.WriteContact, town); err != nil {
		return nil, err
	}
	order, err := lockOrder(tx, town)
	if err != nil {
		return nil, err
	}
	byID := map[int64]Contact{}
	for _, c := range order {
		byID[c.ID] = c
	}
	var wanted []Contact
	for _, id := range ids {
		if c, ok := byID[id]; ok {
			wanted = append(wanted, c)
			delete(byID, id)
		}
	}
	if len(wanted) != len(ids) || len(byID) > 0 {
		return nil, tenants.Conflict("連絡先がほかの人によって変更されました。画面を読み直してから並べ替えてください。",
			"The contacts have been changed meanwhile. Please load them again before ordering them.")
	}
	return arrange(tx, town, order, wanted)
}

func arrange(tx *tenants.Tx, town int64, before, after []Contact) ([]Contact, error) {
	from, to := ids(before), ids(after)
	if slices.Equal(from, to) {
		return before, nil
	}
	err := tx.DB.Exec(`
		UPDATE contact c SET position = o.n FROM unnest(string_to_array(@order, ',')::bigint[]) WITH ORDINALITY o(id, n)
		WHERE c.tenant_id = @town AND c.id = o.id`, map[string]any{"town": town, "order": tenants.IDs(to)}).Error
	if err != nil {
		return nil, fmt.Errorf("order the contacts of town %d: %w", town, err)
	}
	for i := range after {
		after[i].Position = i + 1
	}
	return after, written(tx, tenants.Line{Town: town, Before: from, After: to})
}

// lockOrder reads the calling order and keeps other changes of it waiting. It locks in order of id, so that two of them
// never wait for each other, and sorts afterwards: a row waited for comes with its new position at its old place.
func lockOrder(tx *tenants.Tx, town int64) ([]Contact, error) {
	var order []Contact
	err := tx.DB.Raw(`SELECT `+columns+` FROM contact WHERE tenant_id = ? AND retired_at IS NULL ORDER BY id FOR UPDATE`, town).
		Scan(&order).Error
	if err != nil {
		return nil, fmt.Errorf("read the contacts of town %d: %w", town, err)
	}
	slices.SortFunc(order, func(a, b Contact) int { return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID)) })
	return order, nil
}

func ids(contacts []Contact) []int64 {
	all := make([]int64, len(contacts))
	for i, c := range contacts {
		all[i] = c.ID
	}
	return all
}
