package tlog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
)

// lateFor is how long a row may wait to be gathered, and a leaf to be signed, before that is a breach. Both take a minute.
const lateFor = 10 * time.Minute

// A line bears no time: the oldest of a town is noted when it is seen first. One that is there yet is late, however many come
// and go behind it. A tree that is held is being gathered.
const noteWaiting = `
WITH oldest AS (
	SELECT t.tenant_id, (SELECT min(d.id) FROM tlog_due d WHERE d.tenant_id = t.tenant_id AND d.lost_at IS NULL) AS line FROM tlog_tree t FOR UPDATE OF t SKIP LOCKED
)
UPDATE tlog_tree t SET waits_line = o.line, waits_since = CASE WHEN o.line IS NOT NULL THEN CAST(@now AS timestamptz) END
FROM oldest o WHERE t.tenant_id = o.tenant_id AND (t.waits_line IS DISTINCT FROM o.line OR t.waits_since > @now)`

const late = `
SELECT t.tenant_id, @kind AS kind, least(x.waits, x.unsigned) AS since,
	(SELECT count(*) FROM tlog_due d WHERE d.tenant_id = t.tenant_id AND d.lost_at IS NULL) + t.size - t.signed_size AS count
FROM tlog_tree t CROSS JOIN LATERAL (SELECT CASE WHEN t.waits_since < @before THEN t.waits_since END AS waits,
	(SELECT l.at FROM tlog_leaf l WHERE l.tenant_id = t.tenant_id AND l.leaf_index = t.signed_size AND t.size > t.signed_size AND l.at < @before) AS unsigned) x
WHERE x.waits IS NOT NULL OR x.unsigned IS NOT NULL`

// Audit tells which rows and leaves are not what they were, by the newest look at each, which rows were gone before they
// could be gathered, and whose log stands still. Jobs only.
func Audit(_ context.Context, tx *tenants.Tx) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var broken, behind []tenants.Breach
	err := tx.DB.Raw(`SELECT tenant_id, @kind AS kind, count(*) AS count, min(since) AS since FROM (
			SELECT tenant_id, found_at AS since FROM tlog_finding WHERE gone_at IS NULL
			UNION ALL SELECT tenant_id, lost_at FROM tlog_due WHERE lost_at IS NOT NULL) f GROUP BY tenant_id`, map[string]any{"kind": KindBroken}).Scan(&broken).Error
	if err != nil {
		return nil, fmt.Errorf("audit the logs: %w", err)
	}
	if err := tx.DB.Exec(noteWaiting, map[string]any{"now": tx.Now}).Error; err != nil {
		return nil, fmt.Errorf("note what waits for the logs: %w", err)
	}
	err = tx.DB.Raw(late, map[string]any{"kind": KindLate, "before": tx.Now.Add(-lateFor)}).Scan(&behind).Error
	if err != nil {
		return nil, fmt.Errorf("audit what waits for the logs: %w", err)
	}
	return slices.Concat(broken, behind), nil
}
