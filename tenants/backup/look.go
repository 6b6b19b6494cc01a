package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
)

// For plans whose machine does not report: when the next copy must be there.
const claimToLook = `
SELECT p.tenant_id, p.id AS plan_id, p.duty_id, n.due_at AS next_due_at
FROM (SELECT * FROM plan WHERE look_at <= @now ORDER BY look_at LIMIT @limit FOR UPDATE SKIP LOCKED) p
LEFT JOIN LATERAL (
	SELECT due_at FROM occurrence WHERE tenant_id = p.tenant_id AND duty_id = p.duty_id AND due_at > @now
		AND scheduled_at > CAST(@now AS timestamptz) - interval '40 days' ORDER BY scheduled_at LIMIT 1
) n ON true`

// Every occurrence of such plans whose copy must be there by now and of which nothing is known: after days of an outage
// these are several nights.
const waitingToLook = `
SELECT k.n, o.id AS occurrence_id, o.night
FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(n integer, tenant_id bigint, duty_id bigint)
CROSS JOIN LATERAL (
	SELECT id, tenant_id, night, scheduled_at FROM occurrence WHERE tenant_id = k.tenant_id AND duty_id = k.duty_id AND verdict IS NULL
		AND scheduled_at <= @now AND scheduled_at > CAST(@now AS timestamptz) - interval '40 days' AND due_at <= @now
) o
WHERE NOT EXISTS (SELECT FROM run r WHERE r.tenant_id = o.tenant_id AND r.occurrence_id = o.id)
ORDER BY k.n, o.scheduled_at`

const setLooks = `
UPDATE plan SET look_at = r.look_at FROM jsonb_populate_recordset(NULL::plan, CAST(@rows AS jsonb)) r
WHERE plan.tenant_id = r.tenant_id AND plan.id = r.id`

// LookIntoStores opens a run for every unreported backup whose deadline has come, so that the store is looked into; at
// most limit plans. It tells how many plans it considered.
func LookIntoStores(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var plans []struct {
		TenantID, PlanID, DutyID int64
		NextDueAt                *time.Time
	}
	if err := tx.DB.Raw(claimToLook, map[string]any{"now": tx.Now, "limit": limit}).Scan(&plans).Error; err != nil {
		return 0, fmt.Errorf("claim plans to look for: %w", err)
	}
	if len(plans) == 0 {
		return 0, nil
	}
	keys, looks := make([]map[string]any, len(plans)), make([]map[string]any, len(plans))
	for i, p := range plans {
		next := tx.Now.Add(time.Hour)
		if p.NextDueAt != nil {
			next = *p.NextDueAt
		}
		keys[i] = map[string]any{"n": i, "tenant_id": p.TenantID, "duty_id": p.DutyID}
		looks[i] = map[string]any{"tenant_id": p.TenantID, "id": p.PlanID, "look_at": next}
	}
	asked, err := json.Marshal(keys)
	if err != nil {
		return 0, fmt.Errorf("find what to look for: %w", err)
	}
	var waiting []struct {
		N            int
		OccurrenceID int64
		Night        calendar.Date
	}
	if err := tx.DB.Raw(waitingToLook, map[string]any{"keys": string(asked), "now": tx.Now}).Scan(&waiting).Error; err != nil {
		return 0, fmt.Errorf("find what to look for: %w", err)
	}
	runs, unseen := make([]Run, len(waiting)), make([]duty.Attestation, len(waiting))
	for i, o := range waiting {
		p := plans[o.N]
		runs[i] = Run{TenantID: p.TenantID, PlanID: p.PlanID, OccurrenceID: &o.OccurrenceID, Night: o.Night, Reported: "none",
			VerifyAt: &tx.Now, RecordedAt: tx.Now, ReasonParams: tenants.Params{}}
		// Until somebody has looked, nobody may say that it is missing.
		unseen[i] = duty.Attestation{Town: p.TenantID, DutyID: p.DutyID, OccurrenceID: o.OccurrenceID, At: tx.Now, Kind: duty.Unseen,
			Reason: tenants.Reason{Code: "backup.not_looked", Params: tenants.Params{}}}
	}
	if err := writeRuns(tx, insertRuns, runs); err != nil {
		return 0, fmt.Errorf("open runs to look for: %w", err)
	}
	if _, err := duty.Attest(ctx, tx, unseen); err != nil {
		return 0, err
	}
	b, err := json.Marshal(looks)
	if err != nil {
		return 0, fmt.Errorf("set next looks: %w", err)
	}
	if err := tx.DB.Exec(setLooks, map[string]any{"rows": string(b)}).Error; err != nil {
		return 0, fmt.Errorf("set next looks: %w", err)
	}
	return len(plans), tx.Wake(tenants.WakeVerify, 0)
}
