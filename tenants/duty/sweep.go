package duty

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/incident"
)

const claimToJudge = `
SELECT * FROM occurrence WHERE verdict IS NULL AND look_at <= @now
ORDER BY look_at LIMIT @limit FOR UPDATE SKIP LOCKED`

// JudgeDue looks at every occurrence whose time to be looked at has come, at most limit of them, and gives verdicts:
// occurrence, state, incidents and their ladders are written in this one transaction. It tells how many it looked at;
// where that is limit there may be more.
func JudgeDue(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var rows []Occurrence
	if err := tx.DB.Raw(claimToJudge, map[string]any{"now": tx.Now, "limit": limit}).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("claim occurrences to judge: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	duties, err := dutiesOf(tx, rows)
	if err != nil {
		return 0, err
	}
	outages, err := outagesSince(tx, rows)
	if err != nil {
		return 0, err
	}
	excuses, err := excusesOf(tx, rows)
	if err != nil {
		return 0, err
	}
	var opens []incident.OpenInput
	var resolutions []incident.Resolution
	states := make([]stateRow, 0, len(rows))
	towns := map[int64]bool{}
	for i := range rows {
		o := &rows[i]
		d := duties[key{o.TenantID, o.DutyID}]
		decision := Judge(o.facts(d.location(), outages, excuses[key{o.TenantID, o.ID}]), tx.Now)
		states = append(states, o.state(decision, tx.Now))
		towns[o.TenantID] = true
		if decision.Verdict == Pending {
			next := decision.NextLook
			o.LookAt = &next
			continue
		}
		v, code, now := string(decision.Verdict), decision.Reason.Code, tx.Now
		o.LookAt, o.Verdict, o.ReasonCode, o.ReasonParams, o.JudgedAt = nil, &v, &code, decision.Reason.Params, &now
		switch {
		case decision.Verdict.NeedsSomebody():
			opens = append(opens, d.open(*o, decision.Reason))
		case decision.Verdict == Met || decision.Verdict == Late:
			resolutions = append(resolutions, incident.Resolution{Town: o.TenantID, Cause: d.cause(),
				Reason: tenants.Reason{Code: "duty.resolved", Params: tenants.Params{"at": clock(arrival(*o), Facts{ScheduledAt: o.ScheduledAt, Zone: d.location()})}}})
		}
	}
	if err := save(tx.DB, rows); err != nil {
		return 0, err
	}
	if err := saveState(tx.DB, states); err != nil {
		return 0, err
	}
	if _, err := incident.OpenMany(ctx, tx, opens); err != nil {
		return 0, err
	}
	if err := incident.ResolveMany(ctx, tx, resolutions); err != nil {
		return 0, err
	}
	for id := range towns {
		if err := tx.Wake(tenants.WakePage, id); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func arrival(o Occurrence) time.Time {
	if o.ArrivedAt != nil {
		return *o.ArrivedAt
	}
	return *o.OutcomeAt
}

// cause is what an incident about this duty is known by: one cause, one open incident.
func (d Duty) cause() string { return Cause(d.ID) }

// Cause is the cause of incidents about a duty.
func Cause(dutyID int64) string { return fmt.Sprintf("duty:%d", dutyID) }

func (d Duty) open(o Occurrence, why tenants.Reason) incident.OpenInput {
	night := o.Night
	return incident.OpenInput{Town: d.TenantID, Cause: d.cause(), About: "duty", AboutID: d.ID, Subject: strings.TrimSpace(d.Subject + " " + d.Work), Night: &night,
		Severity: d.Severity, Reason: why, LadderID: d.LadderID}
}

// location is the duty's zone; a zone that went missing from the system's table is shown as UTC, never an error here.
func (d Duty) location() *time.Location {
	loc, err := time.LoadLocation(d.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// NextLook is the earliest moment at which some occurrence must be looked at, nil where none is planned.
func NextLook(_ context.Context, tx *tenants.Tx) (*time.Time, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var next []time.Time
	if err := tx.DB.Raw(`SELECT look_at FROM occurrence WHERE verdict IS NULL ORDER BY look_at LIMIT 1`).Scan(&next).Error; err != nil {
		return nil, fmt.Errorf("find the next look: %w", err)
	}
	if len(next) == 0 {
		return nil, nil
	}
	return &next[0], nil
}
