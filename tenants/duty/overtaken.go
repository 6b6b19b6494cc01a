package duty

import (
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
)

// The index on the scheduled time gives the newest nights first, of which the first good one is seldom far: nothing arrives
// more than a day early (ExpectInput), so the weeks of nights that are planned ahead need not be gone through.
const newerGood = `
SELECT k.n, o.id, o.scheduled_at, o.arrived_at, o.outcome_at, o.judged_at
FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(n integer, tenant_id bigint, duty_id bigint, scheduled_at timestamptz)
CROSS JOIN LATERAL (
	SELECT * FROM occurrence WHERE tenant_id = k.tenant_id AND duty_id = k.duty_id AND scheduled_at > k.scheduled_at
		AND scheduled_at <= CAST(@now AS timestamptz) + interval '1 day' AND verdict IN ('met', 'late')
	ORDER BY scheduled_at DESC LIMIT 1
) o`

// overtaken gives, for nights of silence that were just judged, the newer ones of the same duties that are good already.
// That order comes of an outage of Tanamori: the verdict on the older night is held while the newer one is met. The
// trouble stands on record and is over at once; its incident would otherwise stay open until the good copy of another
// night. A copy that came and is bad is told whatever came since.
func overtaken(tx *tenants.Tx, silent []recovery) ([]recovery, error) {
	if len(silent) == 0 {
		return nil, nil
	}
	keys := make([]map[string]any, len(silent))
	for i, o := range silent {
		keys[i] = map[string]any{"n": i, "tenant_id": o.duty.TenantID, "duty_id": o.duty.ID, "scheduled_at": o.occurrence.ScheduledAt}
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("find what came good since: %w", err)
	}
	var found []struct {
		N                    int
		ID                   int64
		ScheduledAt          time.Time
		ArrivedAt, OutcomeAt *time.Time
		JudgedAt             time.Time
	}
	if err := tx.DB.Raw(newerGood, map[string]any{"keys": string(b), "now": tx.Now}).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("find what came good since: %w", err)
	}
	goods := make([]recovery, len(found))
	for i, f := range found {
		at := f.JudgedAt
		if f.ArrivedAt != nil {
			at = *f.ArrivedAt
		} else if f.OutcomeAt != nil {
			at = *f.OutcomeAt
		}
		goods[i] = recovery{Occurrence{TenantID: silent[f.N].duty.TenantID, ID: f.ID, ScheduledAt: f.ScheduledAt}, silent[f.N].duty, at}
	}
	return goods, nil
}
