package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/incident"
)

// Evidence is what a ledger can say of an occurrence.
type Evidence string

// What can be said: it began; it is said to be done or was found, and is being examined; it is good; it is bad. Of what
// nobody reports and somebody must look for: nobody could look; somebody looked and it is not there.
const (
	Started Evidence = "started"
	Arrived Evidence = "arrived"
	Good    Evidence = "good"
	Bad     Evidence = "bad"
	Unseen  Evidence = "unseen"
	Absent  Evidence = "absent"
)

// Attestation is one piece of evidence. OccurrenceID 0 means the newest occurrence that had opened when it began.
type Attestation struct {
	Town, DutyID, OccurrenceID int64
	Kind                       Evidence
	At                         time.Time
	Began                      time.Time  // what it is about began then; zero means At
	FinishBy                   *time.Time // with Started: when it must have ended
	SettleBy                   *time.Time // with Arrived: when it must have been examined
	Reason                     tenants.Reason
}

// Attested is the occurrence an attestation went to; Found is false where nothing had opened by then.
type Attested struct {
	Found      bool
	Occurrence Occurrence
}

const resolveOccurrences = `
SELECT a.n, o.tenant_id, o.id FROM jsonb_to_recordset(CAST(@asked AS jsonb)) AS a(n integer, tenant_id bigint, duty_id bigint, occurrence_id bigint, at timestamptz)
CROSS JOIN LATERAL (
	SELECT tenant_id, id FROM occurrence
	WHERE tenant_id = a.tenant_id AND duty_id = a.duty_id AND (a.occurrence_id = 0 AND opens_at <= a.at OR id = a.occurrence_id)
	ORDER BY scheduled_at DESC LIMIT 1
) o`

// The order of locking is the same everywhere, so that two nodes wait for each other instead of both failing.
const lockOccurrences = `
SELECT o.* FROM occurrence o JOIN jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, id bigint)
ON o.tenant_id = k.tenant_id AND o.id = k.id ORDER BY o.tenant_id, o.id FOR NO KEY UPDATE OF o`

// Attest takes evidence in, in the order given. An occurrence without a verdict is looked at by the judge at once; one
// with a verdict keeps it: a good one that comes later is its recovery and resolves the incident, a bad re-examination
// of a met one opens an incident.
func Attest(ctx context.Context, tx *tenants.Tx, list []Attestation) ([]Attested, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	out := make([]Attested, len(list))
	if len(list) == 0 {
		return out, nil
	}
	which, err := resolve(tx, list)
	if err != nil {
		return nil, err
	}
	rows, err := lock(tx, which)
	if err != nil {
		return nil, err
	}
	duties, err := dutiesOf(tx, rows)
	if err != nil {
		return nil, err
	}
	byKey := map[key]*Occurrence{}
	for i := range rows {
		byKey[key{rows[i].TenantID, rows[i].ID}] = &rows[i]
	}
	var opens []incident.OpenInput
	var goods []recovery
	towns := map[int64]bool{}
	for i, a := range list {
		o := byKey[which[i]]
		if o == nil {
			continue
		}
		d := duties[key{o.TenantID, o.DutyID}]
		switch o.take(a, tx.Now) {
		case recovered:
			goods = append(goods, recovery{*o, d, a.At})
		case relapsed:
			if d.RetiredAt == nil {
				opens = append(opens, d.open(*o, a.Reason))
			}
		case taken, ignored:
		}
		towns[o.TenantID] = true
		out[i] = Attested{Found: true, Occurrence: *o}
	}
	if err := save(tx.DB, rows); err != nil {
		return nil, err
	}
	if err := show(tx, rows, duties); err != nil {
		return nil, err
	}
	if _, err := incident.OpenMany(ctx, tx, opens); err != nil {
		return nil, err
	}
	if err := resolveIncidents(ctx, tx, goods); err != nil {
		return nil, err
	}
	if err := wakePages(tx, towns); err != nil {
		return nil, err
	}
	return out, tx.Wake(tenants.WakeJudge, 0)
}

type effect int

const (
	ignored effect = iota
	taken
	recovered
	relapsed
)

// take puts one piece of evidence into an occurrence and tells what that means for a verdict it may already have.
func (o *Occurrence) take(a Attestation, now time.Time) effect {
	if v := o.Judged(); v != Pending {
		switch {
		case a.Kind == Good:
			if !v.Fine() && o.RecoveredAt == nil {
				at, code := a.At, a.Reason.Code
				o.RecoveredAt, o.RecoveredCode, o.RecoveredParams = &at, &code, a.Reason.Params
			}
			return recovered // or it was found good again after a relapse
		case a.Kind == Bad && (v == Met || v == Late):
			return relapsed
		}
		return ignored
	}
	at := a.At
	switch a.Kind {
	case Started:
		if o.ArrivedAt != nil {
			return ignored
		}
		o.StartedAt, o.FinishBy = &at, a.FinishBy
	case Arrived:
		o.ArrivedAt, o.SettleBy = &at, a.SettleBy
	case Good, Bad:
		kind, code := string(a.Kind), a.Reason.Code
		o.Outcome, o.OutcomeAt, o.OutcomeCode, o.OutcomeParams = &kind, &at, &code, a.Reason.Params
	case Unseen:
		code := a.Reason.Code
		o.UnseenCode, o.UnseenParams = &code, a.Reason.Params
	case Absent:
		if o.UnseenCode == nil {
			return ignored
		}
		o.UnseenCode, o.UnseenParams = nil, nil
	}
	o.LookAt = &now
	return taken
}

type key struct{ town, id int64 }

func resolve(tx *tenants.Tx, list []Attestation) ([]key, error) {
	type ask struct {
		N            int       `json:"n"`
		TenantID     int64     `json:"tenant_id"`
		DutyID       int64     `json:"duty_id"`
		OccurrenceID int64     `json:"occurrence_id"`
		At           time.Time `json:"at"`
	}
	asked := make([]ask, len(list))
	for i, a := range list {
		asked[i] = ask{i, a.Town, a.DutyID, a.OccurrenceID, a.Began}
		if a.Began.IsZero() {
			asked[i].At = a.At
		}
	}
	b, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("find occurrences: %w", err)
	}
	var found []struct {
		N            int
		TenantID, ID int64
	}
	if err := tx.DB.Raw(resolveOccurrences, map[string]any{"asked": string(b)}).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("find occurrences: %w", err)
	}
	which := make([]key, len(list))
	for _, f := range found {
		which[f.N] = key{f.TenantID, f.ID}
	}
	return which, nil
}

func lock(tx *tenants.Tx, which []key) ([]Occurrence, error) {
	seen := map[key]bool{}
	var keys []map[string]int64
	for _, k := range which {
		if k.id != 0 && !seen[k] {
			seen[k] = true
			keys = append(keys, map[string]int64{"tenant_id": k.town, "id": k.id})
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("lock occurrences: %w", err)
	}
	var rows []Occurrence
	if err := tx.DB.Raw(lockOccurrences, map[string]any{"keys": string(b)}).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock occurrences: %w", err)
	}
	return rows, nil
}

const readDuties = `
SELECT d.* FROM duty d JOIN (SELECT DISTINCT tenant_id, id FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS x(tenant_id bigint, id bigint)) k
ON d.tenant_id = k.tenant_id AND d.id = k.id`

func dutiesOf(tx *tenants.Tx, rows []Occurrence) (map[key]Duty, error) {
	out := map[key]Duty{}
	if len(rows) == 0 {
		return out, nil
	}
	keys := make([]map[string]int64, len(rows))
	for i, o := range rows {
		keys[i] = map[string]int64{"tenant_id": o.TenantID, "id": o.DutyID}
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("read duties: %w", err)
	}
	var duties []Duty
	if err := tx.DB.Raw(readDuties, map[string]any{"keys": string(b)}).Scan(&duties).Error; err != nil {
		return nil, fmt.Errorf("read duties: %w", err)
	}
	for _, d := range duties {
		out[key{d.TenantID, d.ID}] = d
	}
	return out, nil
}

// show lets pages see at once that something began, arrived or was made good; a verdict follows from the judge.
func show(tx *tenants.Tx, rows []Occurrence, duties map[key]Duty) error {
	states := make([]stateRow, 0, len(rows))
	for _, o := range rows {
		if !duties[key{o.TenantID, o.DutyID}].OnBoard {
			continue
		}
		d := Decision{Verdict: o.Judged(), Reason: o.Reason()}
		if d.Verdict == Pending {
			d = Judge(o.facts(duties[key{o.TenantID, o.DutyID}].location(), nil, ""), o.OpensAt)
			if d.Verdict != Pending {
				continue // the judge is about to say so
			}
		}
		states = append(states, o.state(d, tx.Now))
	}
	return saveState(tx.DB, states)
}

func (o Occurrence) state(d Decision, now time.Time) stateRow {
	s := stateRow{TenantID: o.TenantID, DutyID: o.DutyID, OccurrenceID: o.ID, ScheduledAt: o.ScheduledAt, DueAt: o.DueAt, Night: o.Night,
		ReasonCode: d.Reason.Code, ReasonParams: d.Reason.Params, JudgedAt: o.JudgedAt, RecoveredAt: o.RecoveredAt, ChangedAt: now}
	if s.ReasonParams == nil {
		s.ReasonParams = tenants.Params{}
	}
	if d.Verdict != Pending {
		v := string(d.Verdict)
		s.Verdict = &v
	}
	return s
}
