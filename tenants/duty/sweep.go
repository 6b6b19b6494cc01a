package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/incident"
)

// NO KEY: whoever only links to an occurrence (a run, a confirmation) neither waits for the judge nor is waited for. What
// is due at one moment is taken town by town: what is wrong with a town is then told by one letter.
const claimToJudge = `
SELECT * FROM occurrence WHERE verdict IS NULL AND look_at <= @now
ORDER BY look_at, tenant_id LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED`

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
	usual, err := usualFrom(tx, rows, outages)
	if err != nil {
		return 0, err
	}
	keys := make([]key, len(rows))
	for i, o := range rows {
		keys[i] = key{o.TenantID, o.ID}
	}
	excuses, err := excusesOf(tx, keys)
	if err != nil {
		return 0, err
	}
	var opens []incident.OpenInput
	var goods, silent []recovery
	states := make([]stateRow, 0, len(rows))
	towns := map[int64]bool{}
	for i := range rows {
		o := &rows[i]
		d := duties[key{o.TenantID, o.DutyID}]
		facts := o.facts(d.location(), outages, excuses[key{o.TenantID, o.ID}])
		facts.UsualFrom = usual[key{o.TenantID, o.ID}]
		decision := Judge(facts, tx.Now)
		towns[o.TenantID] = true
		if decision.Verdict == Pending {
			next := decision.NextLook
			o.LookAt = &next
			if d.OnBoard {
				states = append(states, o.state(decision, tx.Now))
			}
			continue
		}
		v, code, now := string(decision.Verdict), decision.Reason.Code, tx.Now
		o.LookAt, o.Verdict, o.ReasonCode, o.ReasonParams, o.JudgedAt = nil, &v, &code, decision.Reason.Params, &now
		if d.OnBoard && (!o.ScheduledAt.After(tx.Now) || o.begun()) {
			states = append(states, o.state(decision, tx.Now)) // what is excused days ahead is not yet the newest
		}
		switch {
		case decision.Verdict.NeedsSomebody() && d.RetiredAt == nil:
			opens = append(opens, d.open(*o, decision.Reason))
			if decision.Verdict != Failed {
				silent = append(silent, recovery{occurrence: *o, duty: d})
			}
		case decision.Verdict == Met || decision.Verdict == Late:
			goods = append(goods, recovery{*o, d, arrival(*o)})
		}
	}
	if err := saveVerdicts(tx.DB, rows); err != nil {
		return 0, err
	}
	if err := saveState(tx.DB, states); err != nil {
		return 0, err
	}
	if _, err := incident.OpenMany(ctx, tx, opens); err != nil {
		return 0, err
	}
	since, err := overtaken(tx, silent)
	if err != nil {
		return 0, err
	}
	if err := resolveIncidents(ctx, tx, append(goods, since...)); err != nil {
		return 0, err
	}
	return len(rows), wakePages(tx, towns)
}

// recovery is something good that may end the incident about its duty.
type recovery struct {
	occurrence Occurrence
	duty       Duty
	at         time.Time
}

const stillBad = `
SELECT k.n FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(n integer, tenant_id bigint, duty_id bigint, scheduled_at timestamptz)
CROSS JOIN LATERAL (
	SELECT 1 FROM occurrence o WHERE o.tenant_id = k.tenant_id AND o.duty_id = k.duty_id AND o.scheduled_at > k.scheduled_at
	AND o.verdict IN ('failed', 'missed', 'unknown') AND o.recovered_at IS NULL LIMIT 1
) newer`

// resolveIncidents ends the incidents about the duties of what came good. A good copy of an older night changes nothing
// where a newer night is still bad.
func resolveIncidents(ctx context.Context, tx *tenants.Tx, goods []recovery) error {
	if len(goods) == 0 {
		return nil
	}
	keys := make([]map[string]any, len(goods))
	for i, g := range goods {
		keys[i] = map[string]any{"n": i, "tenant_id": g.duty.TenantID, "duty_id": g.duty.ID, "scheduled_at": g.occurrence.ScheduledAt}
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return fmt.Errorf("find what is still bad: %w", err)
	}
	var bad []int
	if err := tx.DB.Raw(stillBad, map[string]any{"keys": string(b)}).Scan(&bad).Error; err != nil {
		return fmt.Errorf("find what is still bad: %w", err)
	}
	var ends []incident.Resolution
	for i, g := range goods {
		if !slices.Contains(bad, i) {
			ends = append(ends, incident.Resolution{Town: g.duty.TenantID, Cause: g.duty.cause(), Reason: tenants.Reason{Code: "duty.resolved",
				Params: tenants.Params{"at": clock(g.at, Facts{ScheduledAt: g.occurrence.ScheduledAt, Zone: g.duty.location()})}}})
		}
	}
	return incident.ResolveMany(ctx, tx, ends)
}

// wakePages tells the pages of many towns in one statement.
func wakePages(tx *tenants.Tx, towns map[int64]bool) error {
	ids := slices.Collect(maps.Keys(towns))
	if len(ids) == 0 {
		return nil
	}
	err := tx.DB.Exec(`SELECT pg_notify(@channel, @topic || ':' || t) FROM unnest(CAST(@towns AS bigint[])) t`,
		map[string]any{"channel": tenants.Channel, "topic": string(tenants.WakePage), "towns": &ids}).Error
	if err != nil {
		return fmt.Errorf("wake pages: %w", err)
	}
	return nil
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

// zones keeps the zones that were loaded: loading one reads a file, and the judge asks for thousands.
var zones sync.Map // name → *time.Location

// location is the duty's zone; a zone that went missing from the system's table is shown as UTC, never an error here.
func (d Duty) location() *time.Location {
	if loc, ok := zones.Load(d.Zone); ok {
		return loc.(*time.Location) //nolint:errcheck,forcetypeassert // nothing else is put there
	}
	loc, err := time.LoadLocation(d.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(d.Zone, loc)
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
