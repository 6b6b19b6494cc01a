package incident

import (
	"cmp"
	"context"
	"fmt"

	"tanamori/tenants"
)

const standing = listHead + listFrom + ` WHERE i.tenant_id = ANY (CAST(@towns AS bigint[])) AND i.state <> 'resolved'` + listJoins +
	`ORDER BY i.tenant_id, i.state DESC, i.severity, i.opened_at, i.id`

// Standing gives what is not over in some towns, in one statement: what nobody has answered first, then the critical, then
// what stands longest. Jobs only.
func Standing(_ context.Context, tx *tenants.Tx, towns []int64) (map[int64][]Item, error) {
	if err := tx.Permit(tenants.RunPipeline, towns...); err != nil {
		return nil, err
	}
	var rows []row
	if err := tx.DB.Raw(standing, map[string]any{"towns": &towns}).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what stands in %d towns: %w", len(towns), err)
	}
	out := map[int64][]Item{}
	for _, r := range rows {
		out[r.TenantID] = append(out[r.TenantID], r.item())
	}
	return out, nil
}

// WhomToCall is of each town the line of the host that its letters end with (問合せ先), in one statement. Jobs only.
func WhomToCall(_ context.Context, tx *tenants.Tx, towns []int64) (map[int64]string, error) {
	if err := tx.Permit(tenants.RunPipeline, towns...); err != nil {
		return nil, err
	}
	places, err := placesOf(tx, towns)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]string, len(places))
	for id, p := range places {
		out[id] = cmp.Or(p.line(), p.Host)
	}
	return out, nil
}
