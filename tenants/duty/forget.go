package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// How long Tanamori remembers its own absences and jobs. An outage is the ground of verdicts that are kept for seven
// fiscal years by default, and stays longer than those.
const (
	outageKept = 10 * 366 * 24 * time.Hour
	roundKept  = 30 * 24 * time.Hour // a job that has not run for so long is no longer in the schedule
)

// ForgetWatch removes what Tanamori wrote down about itself long ago, at most limit outages at a time. Jobs only.
func ForgetWatch(_ context.Context, tx *tenants.Tx, limit int) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	args := map[string]any{"outages": tx.Now.Add(-outageKept), "rounds": tx.Now.Add(-roundKept), "limit": limit}
	for _, forget := range []string{
		`DELETE FROM outage WHERE id IN (SELECT id FROM outage WHERE to_at < @outages ORDER BY id LIMIT @limit)`,
		`DELETE FROM round WHERE started_at < @rounds`,
	} {
		if err := tx.DB.Exec(forget, args).Error; err != nil {
			return fmt.Errorf("forget old outages and jobs: %w", err)
		}
	}
	return nil
}
