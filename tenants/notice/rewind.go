package notice

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// A message is always to be tried some time after it was queued or last tried. Where that happened at a time which has
// not come, the next try moves back by as much. Once moved it lies before it, so a second time changes nothing.
const rewindSQL = `
WITH ahead AS (
	SELECT n.tenant_id, n.id, greatest(n.queued_at, (SELECT max(coalesce(a.ended_at, a.started_at)) FROM attempt a
		WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id)) AS stamp
	FROM notice n WHERE n.state = 'queued' AND n.next_at > @now
)
UPDATE notice n SET next_at = n.next_at - (a.stamp - @now) FROM ahead a
WHERE a.stamp > @now AND n.tenant_id = a.tenant_id AND n.id = a.id AND n.state = 'queued' AND n.next_at >= a.stamp`

// Rewind takes back what a clock that was ahead has set for the future, after it was put back: a message is tried as long
// from now as it was to be tried then, and no claim lasts longer than a lease. It may be run as often as one likes.
func Rewind(_ context.Context, tx *tenants.Tx, lease time.Duration) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if err := tx.DB.Exec(rewindSQL, map[string]any{"now": tx.Now}).Error; err != nil {
		return fmt.Errorf("rewind notices: %w", err)
	}
	err := tx.DB.Exec(`UPDATE notice SET claimed_until = @until, next_at = @until WHERE state = 'sending' AND claimed_until > @until`,
		map[string]any{"until": tx.Now.Add(lease)}).Error
	if err != nil {
		return fmt.Errorf("rewind claims on notices: %w", err)
	}
	return tx.Wake(tenants.WakeDeliver, 0)
}
