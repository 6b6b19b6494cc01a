package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
)

// Only one node takes check-ins in at a time, or a start and its end could be read by two that do not see each other. The
// others wait their turn rather than go away: who asks is about to judge, and must know of everything that was answered.
// A node that is paused loses its turn after five seconds; they wait longer than that, for several in a row may be paused.
const takeInAlone = `SELECT set_config('idle_in_transaction_session_timeout', '5s', true), set_config('lock_timeout', '25s', true), pg_advisory_xact_lock(hashtext('tanamori.backup.takein'))`

// The runs that a check-in may still end, the newest one of each plan, and those whose run id has been seen. The LIMITs
// keep the planner on its indexes, however many years of runs there are.
const runsAtHand = `
WITH k AS (SELECT tenant_id, plan_id FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, plan_id bigint)),
at_hand AS (
	SELECT r.tenant_id, r.id FROM k CROSS JOIN LATERAL (
		SELECT tenant_id, id FROM run WHERE tenant_id = k.tenant_id AND plan_id = k.plan_id AND reported = 'running' AND started_at > @oldest
		ORDER BY started_at DESC LIMIT 100) r
	UNION
	SELECT r.tenant_id, r.id FROM k CROSS JOIN LATERAL (
		SELECT tenant_id, id FROM run WHERE tenant_id = k.tenant_id AND plan_id = k.plan_id ORDER BY id DESC LIMIT 1) r
	UNION
	SELECT r.tenant_id, r.id FROM jsonb_to_recordset(CAST(@rids AS jsonb)) AS x(tenant_id bigint, plan_id bigint, rid uuid) CROSS JOIN LATERAL (
		SELECT tenant_id, id FROM run WHERE tenant_id = x.tenant_id AND plan_id = x.plan_id AND rid = x.rid LIMIT 1) r
)
SELECT r.* FROM at_hand a CROSS JOIN LATERAL (SELECT * FROM run WHERE tenant_id = a.tenant_id AND id = a.id LIMIT 1) r
ORDER BY r.tenant_id, r.plan_id, r.id`

const plansAtHand = `
SELECT p.tenant_id, p.id, p.duty_id, p.settle_minutes, d.longest_minutes, d.zone FROM plan p
JOIN jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, plan_id bigint) ON p.tenant_id = k.tenant_id AND p.id = k.plan_id
JOIN duty d ON d.tenant_id = p.tenant_id AND d.id = p.duty_id`

// What opened while these check-ins came: what comes after that is about another time, and repeats nothing.
const openedAtHand = `
SELECT k.tenant_id, k.plan_id, o.opens_at FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, plan_id bigint)
JOIN plan p ON p.tenant_id = k.tenant_id AND p.id = k.plan_id
CROSS JOIN LATERAL (
	SELECT opens_at FROM occurrence WHERE tenant_id = p.tenant_id AND duty_id = p.duty_id AND opens_at > @from AND opens_at <= @to
		AND scheduled_at > @from AND scheduled_at <= CAST(@to AS timestamptz) + interval '1 day'
	ORDER BY scheduled_at LIMIT 10000
) o`

const insertRuns = `
INSERT INTO run (tenant_id, plan_id, occurrence_id, night, rid, started_at, finished_at, duration_ms, reported, exit_status, said_bytes,
	said_files, said_sha256, said_generation, tool, outcome, reason_code, reason_params, verify_at, recorded_at)
SELECT tenant_id, plan_id, occurrence_id, night, rid, started_at, finished_at, duration_ms, reported, exit_status, said_bytes,
	said_files, said_sha256, said_generation, tool, outcome, reason_code, reason_params, verify_at, recorded_at
FROM jsonb_populate_recordset(NULL::run, CAST(@rows AS jsonb))`

const updateRuns = `
UPDATE run SET occurrence_id = r.occurrence_id, night = r.night, started_at = r.started_at, finished_at = r.finished_at,
	duration_ms = r.duration_ms, reported = r.reported, exit_status = r.exit_status, said_bytes = r.said_bytes,
	said_files = r.said_files, said_sha256 = r.said_sha256, said_generation = r.said_generation, tool = r.tool,
	outcome = r.outcome, reason_code = r.reason_code, reason_params = r.reason_params, verify_at = r.verify_at
FROM jsonb_populate_recordset(NULL::run, CAST(@rows AS jsonb)) r WHERE run.tenant_id = r.tenant_id AND run.id = r.id`

// pairWithin is how long a start waits for its end; a later success is a run of its own.
const pairWithin = 72 * time.Hour

// retryWithin is how soon after a check-in without a run id the same one is its repetition: the client did not hear the
// answer and tried again. Both stay as evidence; it is one run.
const retryWithin = 2 * time.Minute

type planAtHand struct {
	TenantID, ID   int64
	DutyID         int64
	SettleMinutes  int
	LongestMinutes int
	Zone           string
}

type planKey struct{ town, plan int64 }

// TakeIn makes runs of the check-ins that came in, at most limit of them and in the order they came, and tells the duty
// what they mean: begun, arrived and to be examined, or failed. It tells how many it took; where that is limit there may
// be more.
func TakeIn(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	if err := tx.DB.Exec(takeInAlone).Error; err != nil {
		return 0, fmt.Errorf("wait to take check-ins in: %w", err)
	}
	list, err := checkin.Untaken(ctx, tx, Kind, limit)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	b, err := gather(tx, list)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		b.take(c)
	}
	if err := b.write(ctx, tx); err != nil {
		return 0, err
	}
	if err := checkin.MarkTaken(ctx, tx, list); err != nil {
		return 0, err
	}
	return len(list), tx.Wake(tenants.WakeVerify, 0)
}

// batch is the check-ins of one TakeIn turned into runs in memory.
type batch struct {
	now    time.Time
	plans  map[planKey]planAtHand
	runs   map[planKey][]*Run
	opened map[planKey][]time.Time
	fresh  map[*Run]bool
	used   []*Run // touched, in the order of the check-ins
	attest []duty.Attestation
	from   []*Run // the run each attestation came from
}

func gather(tx *tenants.Tx, list []checkin.Checkin) (*batch, error) {
	b := &batch{now: tx.Now, plans: map[planKey]planAtHand{}, runs: map[planKey][]*Run{}, opened: map[planKey][]time.Time{}, fresh: map[*Run]bool{}}
	seen := map[planKey]bool{}
	var keys []map[string]int64
	rids := []map[string]any{}
	oldest, newest := list[0].At, list[0].At
	for _, c := range list {
		k := planKey{c.TenantID, c.AboutID}
		if !seen[k] {
			seen[k] = true
			keys = append(keys, map[string]int64{"tenant_id": k.town, "plan_id": k.plan})
		}
		if c.RID != nil {
			rids = append(rids, map[string]any{"tenant_id": k.town, "plan_id": k.plan, "rid": *c.RID})
		}
		if c.At.Before(oldest) {
			oldest = c.At
		}
		if c.At.After(newest) {
			newest = c.At
		}
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("take check-ins in: %w", err)
	}
	ids, err := json.Marshal(rids)
	if err != nil {
		return nil, fmt.Errorf("take check-ins in: %w", err)
	}
	var plans []planAtHand
	if err := tx.DB.Raw(plansAtHand, map[string]any{"keys": string(text)}).Scan(&plans).Error; err != nil {
		return nil, fmt.Errorf("read plans of check-ins: %w", err)
	}
	for _, p := range plans {
		b.plans[planKey{p.TenantID, p.ID}] = p
	}
	var opened []struct {
		TenantID, PlanID int64
		OpensAt          time.Time
	}
	err = tx.DB.Raw(openedAtHand, map[string]any{"keys": string(text), "from": oldest.Add(-retryWithin), "to": newest}).Scan(&opened).Error
	if err != nil {
		return nil, fmt.Errorf("read what opened meanwhile: %w", err)
	}
	for _, o := range opened {
		k := planKey{o.TenantID, o.PlanID}
		b.opened[k] = append(b.opened[k], o.OpensAt)
	}
	var runs []Run
	err = tx.DB.Raw(runsAtHand, map[string]any{"keys": string(text), "oldest": oldest.Add(-pairWithin), "rids": string(ids)}).Scan(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("read runs of check-ins: %w", err)
	}
	for i := range runs {
		k := planKey{runs[i].TenantID, runs[i].PlanID}
		b.runs[k] = append(b.runs[k], &runs[i])
	}
	return b, nil
}

func (b *batch) write(ctx context.Context, tx *tenants.Tx) error {
	attested, err := duty.Attest(ctx, tx, b.attest)
	if err != nil {
		return err
	}
	for i, a := range attested {
		if r := b.from[i]; a.Found {
			id := a.Occurrence.ID
			r.OccurrenceID, r.Night = &id, a.Occurrence.Night
		}
	}
	var fresh, known []Run
	for _, r := range b.used {
		if r.Night.IsZero() {
			r.Night = b.nightOf(*r)
		}
		if b.fresh[r] {
			fresh = append(fresh, *r)
		} else {
			known = append(known, *r)
		}
	}
	if err := writeRuns(tx, insertRuns, fresh); err != nil {
		return fmt.Errorf("open runs: %w", err)
	}
	if err := writeRuns(tx, updateRuns, known); err != nil {
		return fmt.Errorf("end runs: %w", err)
	}
	return nil
}

// nightOf is for a run that no occurrence expected.
func (b *batch) nightOf(r Run) calendar.Date {
	zone, err := time.LoadLocation(b.plans[planKey{r.TenantID, r.PlanID}].Zone)
	if err != nil {
		zone = time.UTC
	}
	at := r.RecordedAt
	if r.FinishedAt != nil {
		at = *r.FinishedAt
	}
	if r.StartedAt != nil {
		at = *r.StartedAt
	}
	return calendar.NightOf(at, zone)
}

func writeRuns(tx *tenants.Tx, query string, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	b, err := json.Marshal(runs)
	if err != nil {
		return err
	}
	return tx.DB.Exec(query, map[string]any{"rows": string(b)}).Error
}
