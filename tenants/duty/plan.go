package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
UPDATE duty d SET planned_until = r.planned_until
FROM jsonb_populate_recordset(NULL::duty, CAST(@rows AS jsonb)) r WHERE d.tenant_id = r.tenant_id AND d.id = r.id`

// planEvery is the slack of planning: each duty is planned once a day, not at every look.
const planEvery = 24 * time.Hour

// planAnew stands in planned_until where the town's own days have changed: what has not opened is planned again.
var planAnew = time.Unix(0, 0)

// mostAtOnce is about how many occurrences one transaction makes. Something of every minute has 50,400 in 35 days: while
// that many are worked out for fifty duties, the database would take the transaction for one that was forgotten.
const mostAtOnce = 20_000

// PlanAhead makes the occurrences of at most limit duties up to 35 days from now, of what is very frequent piece by piece.
// A period that is there already stays as it is, so it may run on any number of nodes and as often as one likes. It tells
// how many duties it looked at; where that is limit there may be more.
func PlanAhead(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	until := tx.Now.Add(Ahead)
	var duties []Duty
	err := tx.DB.Raw(claimDutiesToPlan, map[string]any{"until": until.Add(-planEvery), "limit": limit}).Scan(&duties).Error
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
	var anew []key
	for _, d := range duties {
		if !d.PlannedUntil.After(planAnew) {
			anew = append(anew, key{d.TenantID, d.ID})
		}
	}
	gone, err := forget(tx, "opens_at", anew)
	if err != nil {
		return 0, err
	}
	var rows []Occurrence
	keys, all := make([]map[string]any, len(duties)), true
	for i, d := range duties {
		if !d.PlannedUntil.After(planAnew) {
			d.PlannedUntil = tx.Now
			// What a closed day had moved on belongs to a time that has passed and has not opened yet.
			if first, ok := gone[key{d.TenantID, d.ID}]; ok && first.Before(tx.Now) {
				d.PlannedUntil = first
			}
		}
		upTo, err := d.piece(until, mostAtOnce/len(duties))
		if err != nil {
			return 0, fmt.Errorf("plan duty %d of town %d: %w", d.ID, d.TenantID, err)
		}
		planned, err := d.plan(calendars[d.TenantID], upTo)
		if err != nil {
			return 0, fmt.Errorf("plan duty %d of town %d: %w", d.ID, d.TenantID, err)
		}
		rows = append(rows, planned...)
		keys[i] = map[string]any{"tenant_id": d.TenantID, "id": d.ID, "planned_until": upTo}
		all = all && upTo.Equal(until)
	}
	if err := writeRows(tx, insertOccurrences, rows); err != nil {
		return 0, fmt.Errorf("make occurrences: %w", err)
	}
	if err := writeRows(tx, markPlanned, keys); err != nil {
		return 0, fmt.Errorf("mark duties planned: %w", err)
	}
	done := len(duties)
	if !all {
		done = limit
	}
	return done, tx.Wake(tenants.WakeJudge, 0)
}

func writeRows(tx *tenants.Tx, query string, rows any) error {
	b, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	if string(b) == "null" {
		return nil
	}
	return tx.DB.Exec(query, map[string]any{"rows": string(b)}).Error
}

// piece is up to when the duty is planned in one go, so that about so many occurrences come of it at most; until, for all
// but what is very frequent.
func (d Duty) piece(until time.Time, most int) (time.Time, error) {
	s, err := schedule.Parse(d.Cron, d.Zone)
	if err != nil {
		return until, err
	}
	from := d.from()
	first := s.Next(from)
	gap := s.Next(first).Sub(first)
	if gap <= 0 || until.Sub(from)/gap <= time.Duration(most) {
		return until, nil
	}
	return from.Add(gap * time.Duration(most)), nil
}

// from is where planning goes on.
func (d Duty) from() time.Time {
	if d.ActiveFrom.After(d.PlannedUntil) {
		return d.ActiveFrom
	}
	return d.PlannedUntil
}

// plan is the occurrences of a duty from where it was planned to, exclusive of until.
func (d Duty) plan(cal calendar.Calendar, until time.Time) ([]Occurrence, error) {
	s, err := schedule.Parse(d.Cron, d.Zone)
	if err != nil {
		return nil, err
	}
	from := d.from()
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	// When one opens depends on the one before it, wherever planning stopped the last time: so it looks as far back, and
	// where closed days move things as far ahead, as one can be that matters.
	back, ahead := 2*minutes(d.EarlyMinutes), time.Duration(0)
	if d.Policy == schedule.RollForward {
		back, ahead = back+longestClosure, longestClosure
	}
	planned, err := schedule.Plan(s, d.Policy, cal, from.Add(-back), until.Add(ahead))
	if err != nil {
		return nil, err
	}
	var happens []time.Time
	for _, p := range planned {
		if !p.Skipped {
			happens = append(happens, p.Scheduled)
		}
	}
	slices.SortFunc(happens, time.Time.Compare)
	var out []Occurrence
	for _, p := range planned {
		if p.Skipped || p.Period.Before(from) || !p.Period.Before(until) {
			continue
		}
		opens := p.Scheduled.Add(-minutes(d.EarlyMinutes))
		// Two occurrences never compete for the same evidence for longer than half the time between them.
		if i, _ := slices.BinarySearchFunc(happens, p.Scheduled, time.Time.Compare); i > 0 {
			if half := p.Scheduled.Sub(happens[i-1]) / 2; p.Scheduled.Sub(opens) > half {
				opens = p.Scheduled.Add(-half).Truncate(time.Second)
			}
		}
		due := p.Scheduled.Add(minutes(d.WindowMinutes))
		look := p.Scheduled
		out = append(out, Occurrence{TenantID: d.TenantID, DutyID: d.ID, Period: p.Period, Night: p.Night, OpensAt: opens,
			ScheduledAt: p.Scheduled, DueAt: due, JudgeAt: due.Add(minutes(d.GraceMinutes)), LookAt: &look})
	}
	return out, nil
}

// longestClosure is for how many days on end a town may be closed before what opens when may depend on where planning
// stopped. It bears on nothing else.
const longestClosure = 31 * 24 * time.Hour
