package duty

import (
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
)

// What is known of when something usually arrives: from how many nights, at least, and how much earlier than ever before
// it may come all the same.
const (
	usualNights = 5
	usualMargin = 30 * time.Minute
)

// The newest ten arrivals that were good; the time of day is counted from when each was scheduled.
const usualArrivals = `
SELECT k.n, count(*) AS nights, min(u.arrived_at - u.scheduled_at) AS soonest
FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(n integer, tenant_id bigint, duty_id bigint, scheduled_at timestamptz)
CROSS JOIN LATERAL (
	SELECT o.arrived_at, o.scheduled_at FROM occurrence o
	WHERE o.tenant_id = k.tenant_id AND o.duty_id = k.duty_id AND o.scheduled_at < k.scheduled_at
		AND o.verdict IN ('met', 'late') AND o.arrived_at IS NOT NULL
	ORDER BY o.scheduled_at DESC LIMIT 10
) u GROUP BY k.n`

// usualFrom tells for those occurrences of which nothing was heard, and during whose time Tanamori was down, from when on
// they were to be expected by their own past. It asks only about those.
func usualFrom(tx *tenants.Tx, rows []Occurrence, outages []Span) (map[key]time.Time, error) {
	out := map[key]time.Time{}
	var keys []map[string]any
	for i, o := range rows {
		if !o.begun() && !tx.Now.Before(o.JudgeAt) && blinding(outages, o.OpensAt, o.JudgeAt) != nil {
			keys = append(keys, map[string]any{"n": i, "tenant_id": o.TenantID, "duty_id": o.DutyID, "scheduled_at": o.ScheduledAt})
		}
	}
	if len(keys) == 0 {
		return out, nil
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("read usual arrivals: %w", err)
	}
	var found []struct{ N, Nights, Seconds int64 }
	err = tx.DB.Raw(`SELECT n, nights, CAST(floor(extract(epoch FROM soonest)) AS bigint) AS seconds FROM (`+usualArrivals+`) a`,
		map[string]any{"keys": string(b)}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read usual arrivals: %w", err)
	}
	for _, f := range found {
		if o := rows[f.N]; f.Nights >= usualNights {
			out[key{o.TenantID, o.ID}] = o.ScheduledAt.Add(time.Duration(f.Seconds)*time.Second - usualMargin)
		}
	}
	return out, nil
}
