package backup

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// lookedAgain is the longest a run waits from one examination to the next.
const lookedAgain = 5 * time.Minute

// Rewind takes back what a clock that was ahead has set for the future, after it was put back: examinations wait no longer
// than one ever does, no claim outlasts a lease, and each store is looked into again. What nobody reported and the clock
// had looked for before its time is looked for when its time comes. It may be run as often as one likes.
func Rewind(_ context.Context, tx *tenants.Tx, lease time.Duration) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	args := map[string]any{"now": tx.Now, "soon": tx.Now.Add(lookedAgain), "until": tx.Now.Add(lease)}
	for _, step := range []struct{ what, statement string }{
		{"claims", `UPDATE run SET claimed_until = @until WHERE verify_at IS NOT NULL AND claimed_until > @until`},
		{"examinations", `UPDATE run r SET verify_at = @now WHERE r.verify_at > @soon
			AND NOT (r.reported = 'none' AND EXISTS (SELECT FROM occurrence o WHERE o.tenant_id = r.tenant_id AND o.id = r.occurrence_id AND o.due_at >= r.verify_at))`},
		{"looks that came too soon", `UPDATE run r SET verify_at = o.due_at FROM plan p
			CROSS JOIN LATERAL (SELECT id, occurrence_id FROM run x WHERE x.tenant_id = p.tenant_id AND x.plan_id = p.id AND x.reported = 'none'
				AND x.verify_at IS NULL AND x.outcome = 'bad' AND x.verified_at > @now ORDER BY x.id DESC LIMIT 100) x
			JOIN occurrence o ON o.tenant_id = p.tenant_id AND o.id = x.occurrence_id
			WHERE NOT p.reports AND p.retired_at IS NULL AND o.due_at > @now AND r.tenant_id = p.tenant_id AND r.id = x.id`},
		{"looks into stores", `UPDATE plan SET look_at = @now WHERE look_at > @now`},
	} {
		if err := tx.DB.Exec(step.statement, args).Error; err != nil {
			return fmt.Errorf("rewind %s: %w", step.what, err)
		}
	}
	return tx.Wake(tenants.WakeVerify, 0)
}
