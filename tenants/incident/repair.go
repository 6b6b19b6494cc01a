package incident

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
)

// mendedAtMost is how many incidents one audit puts right at most; the next one goes on.
const mendedAtMost = 1000

// mend gives incidents that have gone silent their next rung, and brings back what lies too late. It tells nobody by
// itself: the rung it sets is told by Escalate, as any other.
func mend(ctx context.Context, tx *tenants.Tx, grace time.Duration) ([]tenants.Breach, error) {
	silent, err := mendMute(ctx, tx, grace)
	if err != nil {
		return nil, err
	}
	var far []tenants.Breach
	err = tx.DB.Raw(mendFar, map[string]any{"kind": KindFar, "now": tx.Now, "grace": grace.String(), "last": tx.Now.Add(MaxAcknowledged),
		"limit": mendedAtMost}).Scan(&far).Error
	if err != nil {
		return nil, fmt.Errorf("mend rungs and promises: %w", err)
	}
	return append(silent, far...), nil
}

func mendMute(ctx context.Context, tx *tenants.Tx, grace time.Duration) ([]tenants.Breach, error) {
	var rows []struct {
		TenantID, ID int64
		Rungs, Held  int
		Since        time.Time
	}
	err := tx.DB.Raw(`SELECT m.tenant_id, m.id, m.rungs, m.held, CASE WHEN m.rungs > 0 THEN m.told ELSE greatest(m.opened_at, m.somebody) END AS since
		FROM (`+mute+`) m JOIN incident l ON l.tenant_id = m.tenant_id AND l.id = m.id
		WHERE l.state = 'open' AND (m.rungs > 0 OR m.somebody IS NOT NULL AND greatest(m.opened_at, m.somebody) < CAST(@before AS timestamptz))
		ORDER BY m.id LIMIT @limit FOR NO KEY UPDATE OF l SKIP LOCKED`,
		map[string]any{"before": tx.Now.Add(-grace), "limit": mendedAtMost}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find incidents gone silent: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	var never []bare
	var heldTowns, held, towns, ended []int64
	var out []tenants.Breach
	for _, r := range rows {
		switch {
		case r.Rungs == 0:
			never = append(never, bare{r.TenantID, r.ID})
		case r.Held > 0:
			heldTowns, held = append(heldTowns, r.TenantID), append(held, r.ID)
		default:
			towns, ended = append(towns, r.TenantID), append(ended, r.ID)
		}
		at := slices.IndexFunc(out, func(b tenants.Breach) bool { return b.TenantID == r.TenantID })
		if at < 0 {
			at, out = len(out), append(out, tenants.Breach{TenantID: r.TenantID, Kind: KindMute, Since: r.Since})
		}
		out[at].Mended++
		if r.Since.Before(out[at].Since) {
			out[at].Since = r.Since
		}
	}
	if len(never) > 0 {
		if err := restring(ctx, tx, never); err != nil {
			return nil, err
		}
	}
	if err := tx.DB.Exec(letGo, map[string]any{"now": tx.Now, "towns": &heldTowns, "ids": &held}).Error; err != nil {
		return nil, fmt.Errorf("release rungs of open incidents: %w", err)
	}
	if err := tx.DB.Exec(tellOn, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ended}).Error; err != nil {
		return nil, fmt.Errorf("give silent incidents a rung: %w", err)
	}
	return out, nil
}

// What is held while nobody's answer holds it goes back on the clock, as after a promise (resume).
const letGo = `
UPDATE rung r SET state = 'pending', due_at = CAST(@now AS timestamptz) + (r.due_at - f.first)
FROM (SELECT r.tenant_id, r.incident_id, min(r.due_at) AS first FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
	JOIN rung r ON r.tenant_id = x.town AND r.incident_id = x.id AND r.state = 'held' GROUP BY 1, 2) f
WHERE r.tenant_id = f.tenant_id AND r.incident_id = f.incident_id AND r.state = 'held'`

// The last one who can be told follows again, when the ladder would have told them, or now where that has passed.
const tellOn = `
INSERT INTO rung (tenant_id, incident_id, position, contact_id, post, name, mail, phone, hours, after_minutes, due_at, state)
SELECT i.tenant_id, i.id, m.top + 1, l.contact_id, l.post, l.name, l.mail, l.phone, l.hours,
	least(greatest(floor(extract(epoch FROM d.at - i.opened_at) / 60), 0), 2147483647), d.at, 'pending'
FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
JOIN incident i ON i.tenant_id = x.town AND i.id = x.id
CROSS JOIN LATERAL (SELECT max(position) AS top, max(fired_at) AS told FROM rung c WHERE c.tenant_id = x.town AND c.incident_id = x.id) m
CROSS JOIN LATERAL (SELECT least(greatest(m.told + make_interval(mins => i.repeat_minutes), CAST(@now AS timestamptz)),
	CAST(@now AS timestamptz) + make_interval(mins => i.repeat_minutes)) AS at) d
CROSS JOIN LATERAL (SELECT c.* FROM rung c WHERE c.tenant_id = x.town AND c.incident_id = x.id
	ORDER BY (c.mail <> '') DESC, c.position DESC LIMIT 1) l`

// The first pending rung of an incident is due no later than the ladder put it after the opening; a repetition of somebody
// who stands before, within a repeat; an answer holds for a week at most. What lies later was set by a clock that went
// wrong: the ladder is moved forward as a whole, its first rung to now, and the promise to the end of the week.
const mendFar = `
WITH ladder AS MATERIALIZED (
	SELECT i.tenant_id, i.id, p.due_at FROM incident i
	CROSS JOIN LATERAL (SELECT r.* FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.state = 'pending'
		ORDER BY r.due_at, r.position LIMIT 1) p
	CROSS JOIN LATERAL (SELECT coalesce(max(r.after_minutes), 0) AS before, coalesce(bool_or((r.mail, r.name, r.post) = (p.mail, p.name, p.post)), false) AS told
		FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.position < p.position) b
	WHERE i.state <> 'resolved' AND i.state = 'open' AND p.due_at > CAST(@now AS timestamptz) + CAST(@grace AS interval)
		+ make_interval(mins => greatest(i.repeat_minutes, CASE WHEN b.told THEN p.after_minutes - b.before ELSE p.after_minutes END))
	LIMIT @limit FOR NO KEY UPDATE OF i SKIP LOCKED
), promise AS MATERIALIZED (
	SELECT tenant_id, id, opened_at FROM incident WHERE state = 'acknowledged' AND ack_until > CAST(@last AS timestamptz) + CAST(@grace AS interval)
	LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
	UPDATE rung r SET due_at = CAST(@now AS timestamptz) + (r.due_at - l.due_at) FROM ladder l
	WHERE r.tenant_id = l.tenant_id AND r.incident_id = l.id AND r.state = 'pending'
), shortened AS (
	UPDATE incident i SET ack_until = CAST(@last AS timestamptz) FROM promise p WHERE i.tenant_id = p.tenant_id AND i.id = p.id
)
SELECT tenant_id, @kind AS kind, count(*) AS mended, CAST(@now AS timestamptz) AS since
FROM (SELECT tenant_id FROM ladder UNION ALL SELECT tenant_id FROM promise) x GROUP BY tenant_id`
