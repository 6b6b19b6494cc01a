package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// For plans whose machine does not report: the newest occurrence that has begun, whether a run of it is there, and when
// the next one must be there.
const claimToLook = `
SELECT p.tenant_id, p.id AS plan_id, o.id AS occurrence_id, o.night, o.due_at, o.verdict IS NOT NULL AS judged, r.id IS NOT NULL AS looked,
	n.due_at AS next_due_at
FROM (SELECT * FROM plan WHERE look_at <= @now ORDER BY look_at LIMIT @limit FOR UPDATE SKIP LOCKED) p
LEFT JOIN LATERAL (
	SELECT id, night, due_at, verdict FROM occurrence WHERE tenant_id = p.tenant_id AND duty_id = p.duty_id AND scheduled_at <= @now
	ORDER BY scheduled_at DESC LIMIT 1
) o ON true
LEFT JOIN LATERAL (SELECT id FROM run WHERE tenant_id = p.tenant_id AND occurrence_id = o.id LIMIT 1) r ON true
LEFT JOIN LATERAL (
	SELECT due_at FROM occurrence WHERE tenant_id = p.tenant_id AND duty_id = p.duty_id AND scheduled_at > @now ORDER BY scheduled_at LIMIT 1
) n ON true`

const setLooks = `
UPDATE plan SET look_at = r.look_at FROM jsonb_populate_recordset(NULL::plan, CAST(@rows AS jsonb)) r
WHERE plan.tenant_id = r.tenant_id AND plan.id = r.id`

// LookIntoStores opens a run for every unreported backup whose deadline has come, so that the store is looked into; at
// most limit plans. It tells how many plans it considered.
func LookIntoStores(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var rows []struct {
		TenantID, PlanID int64
		OccurrenceID     *int64
		Night            *calendar.Date
		DueAt            *time.Time
		Judged, Looked   bool
		NextDueAt        *time.Time
	}
	if err := tx.DB.Raw(claimToLook, map[string]any{"now": tx.Now, "limit": limit}).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("claim plans to look for: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	var runs []Run
	looks := make([]map[string]any, len(rows))
	for i, r := range rows {
		next := tx.Now.Add(time.Hour)
		if r.NextDueAt != nil {
			next = *r.NextDueAt
		}
		if r.OccurrenceID != nil && !r.Judged && !r.Looked {
			if r.DueAt.After(tx.Now) {
				next = *r.DueAt
			} else {
				runs = append(runs, Run{TenantID: r.TenantID, PlanID: r.PlanID, OccurrenceID: r.OccurrenceID, Night: *r.Night, Reported: "none",
					VerifyAt: &tx.Now, RecordedAt: tx.Now, ReasonParams: tenants.Params{}})
			}
		}
		looks[i] = map[string]any{"tenant_id": r.TenantID, "id": r.PlanID, "look_at": next}
	}
	if err := writeRuns(tx, insertRuns, runs); err != nil {
		return 0, fmt.Errorf("open runs to look for: %w", err)
	}
	b, err := json.Marshal(looks)
	if err != nil {
		return 0, fmt.Errorf("set next looks: %w", err)
	}
	if err := tx.DB.Exec(setLooks, map[string]any{"rows": string(b)}).Error; err != nil {
		return 0, fmt.Errorf("set next looks: %w", err)
	}
	return len(rows), tx.Wake(tenants.WakeVerify, 0)
}
