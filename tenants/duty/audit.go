package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// The breaches of duties.
const (
	KindUnjudged  = "duty.unjudged"  // due for a look and nobody judges
	KindLateLook  = "duty.late_look" // the judge would have looked too late
	KindUnplanned = "duty.unplanned" // not planned as far ahead as it should be
)

var _ = tenants.Sentences(map[string][2]string{
	KindUnjudged:  {"判定の時刻を過ぎた{n}件が、判定されていません（{since}から）{more}", "{n} results are due for a verdict since {since} and nobody judges{more}"},
	KindLateLook:  {"判定が期限より遅れるところだったものが{n}件ありました{more}", "{n} results would have been judged too late{more}"},
	KindUnplanned: {"{n}件の計画で、先の予定が作られていません{more}", "{n} duties have not been planned ahead{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindUnjudged:  {"判定の遅れ{n}件", "{n} verdicts late"},
	KindLateLook:  {"判定の予定のずれ{n}件", "{n} looks misplaced"},
	KindUnplanned: {"予定づくりの遅れ{n}件", "{n} duties not planned"},
})

// planningSlack is how much later than it could a duty is planned ahead: the planner looks every ten minutes.
const planningSlack = 15 * time.Minute

// What is past its deadline and still pending is running, being examined, or held after an outage; Judge knows no later
// moment for any of them than these. A look that lies later was set by a clock that went wrong.
const mendLooks = `
WITH late AS MATERIALIZED (
	SELECT o.tenant_id, o.id, o.judge_at FROM occurrence o
	CROSS JOIN LATERAL (SELECT CASE
		WHEN o.outcome IS NOT NULL THEN o.judge_at
		WHEN o.arrived_at IS NOT NULL THEN coalesce(o.settle_by, o.judge_at)
		WHEN o.started_at IS NOT NULL AND o.finish_by IS NOT NULL THEN o.finish_by
		ELSE o.judge_at END AS by) x
	CROSS JOIN LATERAL (SELECT greatest(x.by - o.arrived_at, CAST(@hold AS interval)) AS hold) h
	WHERE o.verdict IS NULL AND o.judge_at < CAST(@before AS timestamptz)
		AND o.look_at > greatest(x.by, CAST(@now AS timestamptz) + h.hold) + CAST(@grace AS interval)
	LIMIT @limit FOR NO KEY UPDATE OF o SKIP LOCKED
), mended AS (
	UPDATE occurrence o SET look_at = @now FROM late l WHERE o.tenant_id = l.tenant_id AND o.id = l.id
)
SELECT tenant_id, @kind AS kind, count(*) AS mended, min(judge_at) AS since FROM late GROUP BY tenant_id`

const auditDuties = `
SELECT tenant_id, @unjudged AS kind, count(*) AS count, min(look_at) AS since FROM occurrence
WHERE verdict IS NULL AND look_at < CAST(@before AS timestamptz) GROUP BY tenant_id
UNION ALL
SELECT tenant_id, @unplanned, count(*), min(greatest(planned_until - CAST(@ahead AS interval), active_from)) FROM duty
WHERE retired_at IS NULL AND planned_until < CAST(@planned AS timestamptz) AND active_from < CAST(@fresh AS timestamptz) GROUP BY tenant_id`

// Audit sets looks that would come too late to now, and tells what is not judged for longer than the grace and what is
// not planned ahead; judge and planner are woken. It costs what is pending beyond its deadline, not what there is. Jobs
// only.
func Audit(_ context.Context, tx *tenants.Tx, grace time.Duration) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var looks, late []tenants.Breach
	err := tx.DB.Raw(mendLooks, map[string]any{"kind": KindLateLook, "now": tx.Now, "before": tx.Now.Add(-grace), "grace": grace.String(),
		"hold": HoldAfterOutage.String(), "limit": 1000}).Scan(&looks).Error
	if err != nil {
		return nil, fmt.Errorf("mend looks: %w", err)
	}
	fresh := tx.Now.Add(-planningSlack)
	err = tx.DB.Raw(auditDuties, map[string]any{"unjudged": KindUnjudged, "unplanned": KindUnplanned, "before": tx.Now.Add(-grace),
		"planned": fresh.Add(Ahead - planEvery), "fresh": fresh, "ahead": (Ahead - planEvery).String()}).Scan(&late).Error
	if err != nil {
		return nil, fmt.Errorf("audit duties: %w", err)
	}
	if len(looks)+len(late) == 0 {
		return nil, nil
	}
	if err := tx.Wake(tenants.WakePlan, 0); err != nil { // the judge hears it too
		return nil, err
	}
	return append(looks, late...), nil
}
