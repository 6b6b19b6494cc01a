package incident

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

// A rung is always set some minutes from the newest thing that happened to its incident. Where that thing bears a time
// which has not come, the rungs set after it move back by as much and keep their distances. Once moved they lie before
// it, so a second time changes nothing.
const rewindRungs = `
WITH ahead AS (
	SELECT i.tenant_id, i.id, greatest(i.opened_at, (SELECT max(f.fired_at) FROM rung f WHERE f.tenant_id = i.tenant_id AND f.incident_id = i.id)) AS stamp
	FROM incident i WHERE i.state = 'open'
)
UPDATE rung r SET due_at = r.due_at - (a.stamp - @now) FROM ahead a
WHERE a.stamp > @now AND r.tenant_id = a.tenant_id AND r.incident_id = a.id AND r.state = 'pending' AND r.due_at >= a.stamp`

// Rewind takes back what a clock that was ahead has set for the future, after it was put back: rungs come as long from now
// as they were to come then, and no promise holds a ladder for longer than a promise may. It may be run as often as one
// likes.
func Rewind(_ context.Context, tx *tenants.Tx) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if err := tx.DB.Exec(rewindRungs, map[string]any{"now": tx.Now}).Error; err != nil {
		return fmt.Errorf("rewind rungs: %w", err)
	}
	err := tx.DB.Exec(`UPDATE incident SET ack_until = @last WHERE state = 'acknowledged' AND ack_until > @last`,
		map[string]any{"last": tx.Now.Add(MaxAcknowledged)}).Error
	if err != nil {
		return fmt.Errorf("rewind promises: %w", err)
	}
	return tx.Wake(tenants.WakeRung, 0)
}
