package key

import (
	"context"

	"tanamori/tenants"
)

// HeldFor gives the copy that opens the rack and is on loan now to that person, or to a visitor whom they escort; false where there is
// none. It is asked before a rack is opened.
func HeldFor(_ context.Context, tx *tenants.Tx, rack, person int64) (Copy, bool, error) {
	if err := reading(tx); err != nil {
		return Copy{}, false, err
	}
	found, err := many[Copy](tx, copies+`WHERE c.tenant_id = @town AND c.state = 'out' AND c.holder_id = @person
		AND EXISTS (SELECT FROM key_opens o WHERE o.tenant_id = c.tenant_id AND o.item_id = c.item_id AND o.rack_id = @rack AND o.ended_at IS NULL)
		ORDER BY c.since, c.id LIMIT 1`, map[string]any{"town": tx.Actor.TenantID, "person": person, "rack": rack})
	if err != nil || len(found) == 0 {
		return Copy{}, false, err
	}
	return found[0], true, nil
}

// Holders gives, for each rack that a key opens, its copies in use: what a drawing of the rack says of them.
func Holders(_ context.Context, tx *tenants.Tx) (map[int64][]Copy, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	all, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.retired_at IS NULL ORDER BY c.item_id, c.rank, c.number`, tx.Actor.TenantID)
	if err != nil {
		return nil, err
	}
	of := map[int64][]Copy{}
	for _, c := range all {
		of[c.ItemID] = append(of[c.ItemID], c)
	}
	what, err := many[Opens](tx, opens+`WHERE o.tenant_id = ? AND o.rack_id IS NOT NULL AND o.ended_at IS NULL ORDER BY o.id`, tx.Actor.TenantID)
	out := map[int64][]Copy{}
	for _, o := range what {
		out[*o.RackID] = append(out[*o.RackID], of[o.ItemID]...)
	}
	return out, err
}
