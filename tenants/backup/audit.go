package backup

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
)

// The breaches of backups.
const (
	KindUnexamined = "backup.unexamined" // due for examination and nobody examines
	KindStuck      = "backup.stuck"      // the examination would never have come up, or far too late
	KindUnlooked   = "backup.unlooked"   // a store should have been looked into
	KindLateLook   = "backup.late_look"  // a store would have been looked into after the deadline
)

var _ = tenants.Sentences(map[string][2]string{
	KindUnexamined: {"検証を待つバックアップ{n}件を、誰も検証していません（{since}から）{more}", "{n} backups wait to be examined since {since} and nobody examines{more}"},
	KindStuck:      {"バックアップ{n}件が、検証の順番が回ってこない状態でした{more}", "{n} backups would not have come up for examination{more}"},
	KindUnlooked:   {"保管先を確かめる時刻を過ぎた計画{n}件が、確かめられていません（{since}から）{more}", "The stores of {n} plans should have been looked into since {since}{more}"},
	KindLateLook:   {"保管先を確かめる予定が期限より遅い計画が{n}件ありました{more}", "The stores of {n} plans would have been looked into too late{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindUnexamined: {"検証の遅れ{n}件", "{n} examinations late"},
	KindStuck:      {"止まっていた検証{n}件", "{n} examinations stuck"},
	KindUnlooked:   {"保管先の確認の遅れ{n}件", "{n} stores not looked into"},
	KindLateLook:   {"保管先の確認予定のずれ{n}件", "{n} looks at stores misplaced"},
})

// waitsForever is after how long a run counts as not examined though others are: as long as a plan may allow at most.
const waitsForever = 24 * time.Hour

// looksAhead is how soon before its time an occurrence is held against the look of its plan.
const looksAhead = 15 * time.Minute

// A claim ends a lease from now at most and is renewed by whoever reads; a finding that may change is looked at again
// within minutes (again). The claim of somebody who may live is not taken away: it gets the end of a new one.
const mendRuns = `
WITH stuck AS MATERIALIZED (
	SELECT tenant_id, id, recorded_at FROM run
	WHERE verify_at IS NOT NULL AND (claimed_until > CAST(@lease AS timestamptz) + CAST(@grace AS interval) OR verify_at > CAST(@again AS timestamptz))
	LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED
), mended AS (
	UPDATE run r SET claimed_until = CASE WHEN r.claimed_until IS NOT NULL THEN least(r.claimed_until, CAST(@lease AS timestamptz)) END, verify_at = least(r.verify_at, CAST(@now AS timestamptz))
	FROM stuck s WHERE r.tenant_id = s.tenant_id AND r.id = s.id
)
SELECT tenant_id, @kind AS kind, count(*) AS mended, min(recorded_at) AS since FROM stuck GROUP BY tenant_id`

// A store is looked into by the next deadline at the latest. Where the days of a town were changed an occurrence may have
// come in between. Only occurrences that are about to begin are held against their plans.
const mendLooks = `
WITH late AS MATERIALIZED (
	SELECT p.tenant_id, p.id, o.scheduled_at FROM occurrence o
	JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id AND d.kind = @ledger AND d.retired_at IS NULL
	JOIN plan p ON p.tenant_id = d.tenant_id AND p.id = d.about_id
	WHERE o.verdict IS NULL AND o.look_at > CAST(@now AS timestamptz) AND o.look_at < CAST(@soon AS timestamptz)
		AND o.scheduled_at > CAST(@now AS timestamptz) AND p.look_at > o.due_at + CAST(@grace AS interval)
	LIMIT @limit FOR NO KEY UPDATE OF p SKIP LOCKED
), mended AS (
	UPDATE plan p SET look_at = @now FROM late l WHERE p.tenant_id = l.tenant_id AND p.id = l.id
)
SELECT tenant_id, @kind AS kind, count(DISTINCT id) AS mended, min(scheduled_at) AS since FROM late GROUP BY tenant_id`

// Many runs may wait their turn behind large archives, and that is no breach while somebody examines. How many wait is
// counted; of the claims one that lives is enough.
const auditSQL = `
SELECT tenant_id, @unexamined AS kind, count(*) AS count, min(verify_at) AS since FROM run
WHERE verify_at < CAST(@before AS timestamptz) AND (claimed_until IS NULL OR claimed_until < CAST(@before AS timestamptz))
	AND (verify_at < CAST(@forever AS timestamptz) OR NOT EXISTS (SELECT 1 FROM run WHERE verify_at IS NOT NULL AND claimed_until > CAST(@now AS timestamptz)))
GROUP BY tenant_id
UNION ALL
SELECT tenant_id, @unlooked, count(*), min(look_at) FROM plan WHERE look_at < CAST(@before AS timestamptz) GROUP BY tenant_id`

// Audit puts right examinations and looks that would come too late, and tells what waits for longer than the grace, of
// check-ins, runs and plans; whoever does the work is woken. lease is how long a claim may hold. Jobs only.
func Audit(ctx context.Context, tx *tenants.Tx, grace, lease time.Duration) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	found, err := checkin.Audit(ctx, tx, grace)
	if err != nil {
		return nil, err
	}
	var own []tenants.Breach
	for _, q := range []struct {
		sql  string
		args map[string]any
	}{
		{mendRuns, map[string]any{"kind": KindStuck, "lease": tx.Now.Add(lease), "again": tx.Now.Add(time.Hour)}},
		{mendLooks, map[string]any{"kind": KindLateLook, "ledger": Kind, "soon": tx.Now.Add(looksAhead)}},
		{auditSQL, map[string]any{"unexamined": KindUnexamined, "unlooked": KindUnlooked, "before": tx.Now.Add(-grace), "forever": tx.Now.Add(-waitsForever)}},
	} {
		q.args["now"], q.args["grace"], q.args["limit"] = tx.Now, grace.String(), 1000
		var rows []tenants.Breach
		if err := tx.DB.Raw(q.sql, q.args).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("audit backups: %w", err)
		}
		own = append(own, rows...)
	}
	if len(own) == 0 {
		return found, nil
	}
	if err := tx.Wake(tenants.WakePlan, 0); err != nil { // whoever looks into stores hears it
		return nil, err
	}
	return append(found, own...), tx.Wake(tenants.WakeVerify, 0)
}
