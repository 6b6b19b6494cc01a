package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/town"
)

const claimDutiesToPlan = `
SELECT * FROM duty WHERE retired_at IS NULL AND planned_until < @until
ORDER BY planned_until LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED`

const insertOccurrences = `
INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
SELECT tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at
FROM jsonb_populate_recordset(NULL::occurrence, CAST(@rows AS jsonb))
ON CONFLICT (tenant_id, duty_id, period) DO NOTHING`

const markPlanned = `
UPDATE duty d SET planned_until = @until
FROM jsonb_populate_recordset(NULL::duty, CAST(@rows AS jsonb)) r WHERE d.tenant_id = r.tenant_id AND d.id = r.id`

// planAnew stands in planned_until where the town's own days have changed: what has not opened is planned again.
var planAnew = time.Unix(0, 0)

// PlanAhead makes the occurrences of at most limit duties up to 35 days from now. A period that is there already stays
// as it is, so it may run on any number of nodes and as often as one likes. It tells how many duties it looked at; where
// that is limit there may be more.
func PlanAhead(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	until := tx.Now.Add(Ahead)
	var duties []Duty
	// A day's slack: each duty is planned once a day, not at every look.
	err := tx.DB.Raw(claimDutiesToPlan, map[string]any{"until": until.Add(-24 * time.Hour), "limit": limit}).Scan(&duties).Error
	if err != nil {
		return 0, fmt.Errorf("claim duties to plan: %w", err)
	}
	if len(duties) == 0 {
		return 0, nil
	}
	ids := make([]int64, len(duties))
	for i, d := range duties {
		ids[i] = d.TenantID
	}
	calendars, err := town.Calendars(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	var rows []Occurrence
	keys := make([]map[string]int64, len(duties))
	var anew []key
	for i, d := range duties {
		keys[i] = map[string]int64{"tenant_id": d.TenantID, "id": d.ID}
		if !d.PlannedUntil.After(planAnew) {
			anew = append(anew, key{d.TenantID, d.ID})
			d.PlannedUntil = tx.Now
		}
		planned, err := d.plan(calendars[d.TenantID], until)
		if err != nil {
			return 0, fmt.Errorf("plan duty %d of town %d: %w", d.ID, d.TenantID, err)
		}
		rows = append(rows, planned...)
	}
	if len(anew) > 0 {
		if err := forget(tx, "opens_at", anew); err != nil {
			return 0, err
		}
	}
	if err := writeRows(tx, insertOccurrences, rows, nil); err != nil {
		return 0, fmt.Errorf("make occurrences: %w", err)
	}
	if err := writeRows(tx, markPlanned, keys, map[string]any{"until": until}); err != nil {
		return 0, fmt.Errorf("mark duties planned: %w", err)
	}
	return len(duties), tx.Wake(tenants.WakeJudge, 0)
}

func writeRows(tx *tenants.Tx, query string, rows any, args map[string]any) error {
	b, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	if string(b) == "null" {
		return nil
	}
	all := map[string]any{"rows": string(b)}
	for k, v := range args {
		all[k] = v
	}
	return tx.DB.Exec(query, all).Error
}

// plan is the occurrences of a duty from where it was planned to, exclusive of until.
func (d Duty) plan(cal calendar.Calendar, until time.Time) ([]Occurrence, error) {
	s, err := schedule.Parse(d.Cron, d.Zone)
	if err != nil {
		return nil, err
	}
	from := d.PlannedUntil
	if d.ActiveFrom.After(from) {
		from = d.ActiveFrom
	}
	planned, err := schedule.Plan(s, d.Policy, cal, from, until)
	if err != nil {
		return nil, err
	}
	var out []Occurrence
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	previous := s.Before(from)
	for _, p := range planned {
		if p.Skipped {
			continue
		}
		opens := p.Scheduled.Add(-minutes(d.EarlyMinutes))
		// Two occurrences never compete for the same evidence for longer than half the time between them.
		if half := p.Scheduled.Sub(previous) / 2; !previous.IsZero() && p.Scheduled.After(previous) && p.Scheduled.Sub(opens) > half {
			opens = p.Scheduled.Add(-half).Truncate(time.Second)
		}
		previous = p.Scheduled
		due := p.Scheduled.Add(minutes(d.WindowMinutes))
		look := p.Scheduled
		out = append(out, Occurrence{TenantID: d.TenantID, DutyID: d.ID, Period: p.Period, Night: p.Night, OpensAt: opens,
			ScheduledAt: p.Scheduled, DueAt: due, JudgeAt: due.Add(minutes(d.GraceMinutes)), LookAt: &look})
	}
	return out, nil
}
