package backup

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

// Recent gives the newest runs of each plan of a town, at most limit a plan and newest first, by plan: one statement,
// however many plans. Retired plans are among them. Of each run it gives when it ran, how long, how much, and how far it is proved.
func Recent(_ context.Context, tx *tenants.Tx, town int64, limit int) (map[int64][]Run, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return nil, err
	}
	var runs []Run
	err := tx.DB.Raw(`SELECT r.* FROM plan p CROSS JOIN LATERAL (
			SELECT tenant_id, id, plan_id, started_at, finished_at, recorded_at, duration_ms, file_bytes, level
			FROM run WHERE tenant_id = p.tenant_id AND plan_id = p.id ORDER BY id DESC LIMIT @limit
		) r WHERE p.tenant_id = @town ORDER BY r.plan_id, r.id DESC`, map[string]any{"town": town, "limit": limit}).Scan(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("list the newest runs of town %d: %w", town, err)
	}
	out := map[int64][]Run{}
	for _, r := range runs {
		out[r.PlanID] = append(out[r.PlanID], r)
	}
	return out, nil
}

// AllPlans lists a town's plans, retired ones too: records of the past name them. Check-in addresses are left out.
func AllPlans(_ context.Context, tx *tenants.Tx, town int64) ([]PlanView, error) {
	if err := tx.Permit(tenants.ReadPlan, town); err != nil {
		return nil, err
	}
	var plans []PlanView
	if err := tx.DB.Raw(planView, map[string]any{"town": town, "id": 0, "retired": true}).Scan(&plans).Error; err != nil {
		return nil, fmt.Errorf("list plans of town %d: %w", town, err)
	}
	for i := range plans {
		plans[i].UUID = ""
	}
	return plans, nil
}

// RetireStore takes a store out of use. One that a plan still looks into stays.
func RetireStore(_ context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return err
	}
	var s Store
	if err := tx.DB.Raw(`SELECT * FROM store WHERE tenant_id = @town AND id = @id FOR UPDATE`, map[string]any{"town": town, "id": id}).Take(&s).Error; err != nil {
		return fmt.Errorf("retire store %d: %w", id, err)
	}
	if s.RetiredAt != nil {
		return tenants.Conflict("すでに使われていません。", "It is out of use already.")
	}
	var used int
	if err := tx.DB.Raw(`SELECT count(*) FROM plan WHERE tenant_id = @town AND store_id = @id AND retired_at IS NULL`,
		map[string]any{"town": town, "id": id}).Scan(&used).Error; err != nil {
		return fmt.Errorf("retire store %d: %w", id, err)
	}
	if used > 0 {
		return tenants.Conflict(fmt.Sprintf("この保管先を使う計画が%d件あります。先に計画の保管先を変えてください。", used),
			fmt.Sprintf("%d plans look into this store; give them another one first.", used))
	}
	if err := tx.DB.Exec(`UPDATE store SET retired_at = @now WHERE tenant_id = @town AND id = @id`,
		map[string]any{"town": town, "id": id, "now": tx.Now}).Error; err != nil {
		return fmt.Errorf("retire store %d: %w", id, err)
	}
	return tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "store", ObjectID: id, Before: s, After: map[string]any{"retired": true}})
}
