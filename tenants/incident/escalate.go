package incident

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
)

// Rungs and their incidents are locked together and what somebody else holds is passed over: an answer under way ends
// first, and two nodes never work on one incident. A pending rung's incident is open, so its state is not asked: that
// would offer the planner the index of open incidents, which it takes for tiny whenever it last counted on a quiet day.
const dueSQL = `
SELECT ` + rungColumns + ` FROM rung r JOIN incident i ON i.tenant_id = r.tenant_id AND i.id = r.incident_id
WHERE r.state = 'pending' AND r.due_at <= CAST(@now AS timestamptz)
ORDER BY r.due_at, r.tenant_id LIMIT @limit FOR NO KEY UPDATE OF r, i SKIP LOCKED`

// Escalate tells whoever is due, at most limit rungs, the longest due first, and gives how many there were. What one
// address of a town is to be told at one time is one letter; what an earlier letter tells that has not left yet is none. A rung
// without an address makes the next one due at once. Where the last rung of an incident has been told, it is told again
// after the ladder's repeat: an open incident always has somebody who will be told. Jobs only; the number of statements
// does not grow with the number of rungs.
func Escalate(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var due []Rung
	if err := tx.DB.Raw(dueSQL, map[string]any{"now": tx.Now, "limit": limit}).Scan(&due).Error; err != nil {
		return 0, fmt.Errorf("find rungs that are due: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	// In the order of the ladder: of several rungs due at once the later one's letter names the earlier one as told.
	slices.SortFunc(due, func(a, b Rung) int {
		if a.IncidentID != b.IncidentID {
			return int(a.IncidentID - b.IncidentID)
		}
		return a.Position - b.Position
	})
	towns, incidents := of(due)
	around, err := surroundings(tx, towns, incidents)
	if err != nil {
		return 0, err
	}
	waiting, err := waitingOf(tx, towns, incidents)
	if err != nil {
		return 0, err
	}
	if err := tell(ctx, tx, due, around, waiting, around.kindFor); err != nil {
		return 0, err
	}
	if err := goOn(tx, due); err != nil {
		return 0, err
	}
	return len(due), wake(tx, towns)
}

// of gives the towns and incidents of rungs, each incident once.
func of(rungs []Rung) (towns, incidents []int64) {
	seen := make(map[int64]bool, len(rungs))
	for _, r := range rungs {
		if !seen[r.IncidentID] { // ids are of one sequence over all towns
			seen[r.IncidentID] = true
			towns, incidents = append(towns, r.TenantID), append(incidents, r.IncidentID)
		}
	}
	return towns, incidents
}

// goOn keeps ladders moving: behind a rung that could not be told the next is due now, and behind the last one the last
// who can be told follows again.
func goOn(tx *tenants.Tx, fired []Rung) error {
	var skipTowns, skipped []int64
	for _, r := range fired {
		if r.NoticeID == nil {
			skipTowns, skipped = append(skipTowns, r.TenantID), append(skipped, r.IncidentID)
		}
	}
	if len(skipped) > 0 {
		err := tx.DB.Exec(`UPDATE rung r SET due_at = least(r.due_at, CAST(@now AS timestamptz))
			FROM (SELECT DISTINCT * FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) u (town, incident)) x
			CROSS JOIN LATERAL (SELECT min(p.position) FILTER (WHERE p.state = 'pending') AS position FROM rung p
				WHERE p.tenant_id = x.town AND p.incident_id = x.incident) n
			WHERE r.tenant_id = x.town AND r.incident_id = x.incident AND r.position = n.position`,
			map[string]any{"now": tx.Now, "towns": &skipTowns, "ids": &skipped}).Error
		if err != nil {
			return fmt.Errorf("go on behind unreachable rungs: %w", err)
		}
	}
	towns, incidents := of(fired)
	newest := make(map[int64]int64, len(incidents)) // the last fired rung of each, whose person follows again
	for _, r := range fired {
		newest[r.IncidentID] = r.ID
	}
	last := make([]int64, len(incidents))
	for i, id := range incidents {
		last[i] = newest[id]
	}
	// Whether anybody is left is counted over the incident's own rungs: as a NOT EXISTS over pending ones it would go
	// through the index of everything pending, once an incident.
	err := tx.DB.Exec(`INSERT INTO rung (tenant_id, incident_id, position, contact_id, post, name, mail, phone, hours, after_minutes, due_at, state)
		SELECT i.tenant_id, i.id, m.top + 1,
			l.contact_id, l.post, l.name, l.mail, l.phone, l.hours,
			least(floor(extract(epoch FROM CAST(@now AS timestamptz) - i.opened_at) / 60) + i.repeat_minutes, 2147483647),
			CAST(@now AS timestamptz) + make_interval(mins => i.repeat_minutes), 'pending'
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@last AS bigint[])) x (town, id, last)
		JOIN incident i ON i.tenant_id = x.town AND i.id = x.id
		CROSS JOIN LATERAL (SELECT max(position) AS top, bool_or(state = 'pending') AS waiting FROM rung c
			WHERE c.tenant_id = x.town AND c.incident_id = x.id) m
		CROSS JOIN LATERAL (SELECT c.* FROM rung c WHERE c.tenant_id = x.town AND c.incident_id = x.id AND (c.mail <> '' OR c.id = x.last)
			ORDER BY (c.mail <> '') DESC, (c.id = x.last) DESC, c.position DESC LIMIT 1) l
		WHERE NOT m.waiting`,
		map[string]any{"now": tx.Now, "towns": &towns, "ids": &incidents, "last": &last}).Error
	if err != nil {
		return fmt.Errorf("repeat the last rungs: %w", err)
	}
	return nil
}
