package watch

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// State is how the watch stands, for the towns that the actor sees.
type State struct {
	Breaches []Standing // what stands, the oldest first
	Mended   int        // how often something was put right within a day
	Outward  Outward
}

// Standing is a kind of breach over the towns at hand.
type Standing struct {
	Kind    string
	Setting bool
	Count   int
	Towns   int
	Since   time.Time
}

// Fine tells whether no malfunction stands.
func (s State) Fine() bool {
	for _, b := range s.Breaches {
		if !b.Setting {
			return false
		}
	}
	return true
}

const readBreaches = `
SELECT b.kind, bool_or(b.setting) AS setting, coalesce(sum(b.count) FILTER (WHERE s.stands), 0) AS count, count(*) FILTER (WHERE s.stands) AS towns,
	coalesce(min(b.since) FILTER (WHERE s.stands), min(b.since)) AS since, coalesce(sum(b.mended) FILTER (WHERE b.mended_at > CAST(@day AS timestamptz)), 0) AS mended
FROM breach b CROSS JOIN LATERAL (SELECT b.count > 0 AND b.found_at <= CAST(@patience AS timestamptz) AS stands) s
WHERE @every OR b.tenant_id = ANY (CAST(@towns AS bigint[])) GROUP BY b.kind ORDER BY since, b.kind`

// Read tells how the watch stands: what the last audits found in the towns that the actor sees, in all of them for a job,
// and whether the sign of life arrives outside.
func Read(_ context.Context, tx *tenants.Tx) (State, error) {
	var towns []int64
	every := tx.Actor.May(tenants.RunPipeline)
	if !every {
		var err error
		if towns, err = tx.Reach(tenants.ReadBoard); err != nil {
			return State{}, err
		}
	}
	var rows []struct {
		Standing
		Mended int
	}
	err := tx.DB.Raw(readBreaches, map[string]any{"every": every, "towns": &towns, "patience": tx.Now.Add(-Patience), "day": tx.Now.Add(-Remembered)}).Scan(&rows).Error
	if err != nil {
		return State{}, fmt.Errorf("read what the audit found: %w", err)
	}
	var s State
	for _, r := range rows {
		s.Mended += r.Mended
		if r.Count > 0 {
			s.Breaches = append(s.Breaches, r.Standing)
		}
	}
	if s.Outward, err = readOutward(tx); err != nil {
		return State{}, err
	}
	return s, nil
}
