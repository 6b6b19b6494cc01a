package incident

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// The breaches of incidents.
const (
	KindMute    = "incident.mute"    // open, and nobody would ever be told again
	KindFar     = "incident.far"     // the next telling, or the end of a promise, lies later than it ever should
	KindUntold  = "incident.untold"  // a rung is due and nobody is told
	KindPromise = "incident.promise" // a promise is over and the ladder still held
	KindNobody  = "incident.nobody"  // there is nobody to call: a setting
)

var _ = tenants.Sentences(map[string][2]string{
	KindMute:    {"続いている障害{n}件で、次に知らせる相手が決まっていませんでした{more}", "{n} open incidents had nobody who would be told next{more}"},
	KindFar:     {"障害{n}件の次の連絡が、はるか先の時刻になっていました{more}", "The next notice of {n} incidents lay far too late{more}"},
	KindUntold:  {"知らせる時刻を過ぎた連絡先{n}人に、連絡していません（{since}から）{more}", "{n} people are to be told since {since} and have not been{more}"},
	KindPromise: {"約束の時刻を過ぎた障害{n}件で、連絡を再開していません（{since}から）{more}", "The promises of {n} incidents are over since {since} and telling has not gone on{more}"},
	KindNobody:  {"連絡先の登録がなく、障害{n}件を誰にも知らせられません（{since}から）", "{n} incidents cannot be told to anybody since {since}: no contact is entered"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindMute:    {"連絡が途切れた障害{n}件", "{n} incidents gone silent"},
	KindFar:     {"連絡の予定のずれ{n}件", "{n} notices misplaced"},
	KindUntold:  {"連絡の遅れ{n}人", "{n} people not told"},
	KindPromise: {"約束切れの見直し遅れ{n}件", "{n} promises not followed up"},
	KindNobody:  {"連絡先がなく知らせられない障害{n}件", "{n} incidents with nobody to call"},
})

// mute are open incidents without a rung to come. The rungs are counted over each incident's own, as in goOn. One that
// never had a rung is for Restring, as soon as there is somebody to tell.
const mute = `
	SELECT i.tenant_id, i.id, i.opened_at, i.repeat_minutes, r.rungs, r.held, p.at AS somebody, coalesce(r.told, i.opened_at) AS told
	FROM incident i CROSS JOIN LATERAL (
		SELECT count(*) AS rungs, count(*) FILTER (WHERE r.state = 'held') AS held, bool_or(r.state = 'pending') AS waiting, max(r.fired_at) AS told
		FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id
	) r CROSS JOIN LATERAL (
		SELECT min(c.created_at) AS at FROM tenant t JOIN tenant h ON h.consortium_id = t.consortium_id AND (h.id = t.id OR h.kind = 'host')
		JOIN contact c ON c.tenant_id = h.id AND c.retired_at IS NULL WHERE t.id = i.tenant_id AND r.rungs = 0
	) p
	WHERE i.state <> 'resolved' AND i.state = 'open' AND r.waiting IS NOT TRUE`

const auditSQL = `
WITH mute AS MATERIALIZED (` + mute + `)
SELECT tenant_id, @mute AS kind, count(*) AS count, min(CASE WHEN rungs > 0 THEN told ELSE greatest(opened_at, somebody) END) AS since, false AS setting
FROM mute WHERE rungs > 0 OR greatest(opened_at, somebody) < CAST(@before AS timestamptz) AND somebody IS NOT NULL GROUP BY tenant_id
UNION ALL
SELECT tenant_id, @nobody, count(*), min(opened_at), true FROM mute WHERE rungs = 0 AND somebody IS NULL GROUP BY tenant_id
UNION ALL
SELECT tenant_id, @untold, count(*), min(due_at), false FROM rung WHERE state = 'pending' AND due_at < CAST(@before AS timestamptz) GROUP BY tenant_id
UNION ALL
SELECT tenant_id, @promise, count(*), min(ack_until), false FROM incident
WHERE state = 'acknowledged' AND ack_until < CAST(@before AS timestamptz) GROUP BY tenant_id`

// Audit keeps incidents going: what has gone silent, or would speak far too late, is put right, and what is due for
// longer than the grace is told; whoever tells is woken. It costs what is open, not what there ever was. Jobs only.
func Audit(ctx context.Context, tx *tenants.Tx, grace time.Duration) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	found, err := mend(ctx, tx, grace)
	if err != nil {
		return nil, err
	}
	var late []tenants.Breach
	err = tx.DB.Raw(auditSQL, map[string]any{"mute": KindMute, "nobody": KindNobody, "untold": KindUntold, "promise": KindPromise,
		"before": tx.Now.Add(-grace)}).Scan(&late).Error
	if err != nil {
		return nil, fmt.Errorf("audit incidents: %w", err)
	}
	for _, b := range late { // a town is both where it could not be mended whole
		at := -1
		for i, f := range found {
			if f.TenantID == b.TenantID && f.Kind == b.Kind {
				at = i
			}
		}
		if at < 0 {
			found = append(found, b)
			continue
		}
		found[at].Count, found[at].Since = b.Count, b.Since
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, tx.Wake(tenants.WakeRung, 0)
}
