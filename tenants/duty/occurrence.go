package duty

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Occurrence is one time a duty must be met. It is made ahead of time, gathers evidence and gets one verdict.
type Occurrence struct {
	TenantID        int64          `json:"tenant_id"`
	ID              int64          `json:"id"`
	DutyID          int64          `json:"duty_id"`
	Period          time.Time      `json:"period"` // the schedule's own instant: with the duty, its name for good
	Night           calendar.Date  `json:"night"`  // noon to noon
	OpensAt         time.Time      `json:"opens_at"`
	ScheduledAt     time.Time      `json:"scheduled_at"` // rolled to an open day where the policy says so
	DueAt           time.Time      `json:"due_at"`
	JudgeAt         time.Time      `json:"judge_at"`
	LookAt          *time.Time     `json:"look_at"`
	StartedAt       *time.Time     `json:"started_at"`
	FinishBy        *time.Time     `json:"finish_by"`
	ArrivedAt       *time.Time     `json:"arrived_at"`
	SettleBy        *time.Time     `json:"settle_by"`
	Outcome         *string        `json:"outcome"`
	OutcomeAt       *time.Time     `json:"outcome_at"`
	OutcomeCode     *string        `json:"outcome_code"`
	OutcomeParams   tenants.Params `json:"outcome_params"`
	Verdict         *string        `json:"verdict"`
	ReasonCode      *string        `json:"reason_code"`
	ReasonParams    tenants.Params `json:"reason_params"`
	JudgedAt        *time.Time     `json:"judged_at"`
	RecoveredAt     *time.Time     `json:"recovered_at"`
	RecoveredCode   *string        `json:"recovered_code"`
	RecoveredParams tenants.Params `json:"recovered_params"`
	UnseenCode      *string        `json:"unseen_code"` // why nobody could look, where nobody could
	UnseenParams    tenants.Params `json:"unseen_params"`
}

// TableName is the occurrence's table.
func (Occurrence) TableName() string { return "occurrence" }

// Judged is the verdict, Pending where there is none.
func (o Occurrence) Judged() Verdict {
	if o.Verdict == nil {
		return Pending
	}
	return Verdict(*o.Verdict)
}

// begun tells whether anything was said of it yet.
func (o Occurrence) begun() bool { return o.StartedAt != nil || o.ArrivedAt != nil || o.Outcome != nil }

// Reason is why the verdict is what it is.
func (o Occurrence) Reason() tenants.Reason {
	if o.ReasonCode == nil {
		return tenants.Reason{}
	}
	return tenants.Reason{Code: *o.ReasonCode, Params: o.ReasonParams}
}

func (o Occurrence) facts(zone *time.Location, outages []Span, excuse string) Facts {
	f := Facts{OpensAt: o.OpensAt, ScheduledAt: o.ScheduledAt, DueAt: o.DueAt, JudgeAt: o.JudgeAt, StartedAt: o.StartedAt,
		FinishBy: o.FinishBy, ArrivedAt: o.ArrivedAt, SettleBy: o.SettleBy, OutcomeAt: o.OutcomeAt, Excuse: excuse,
		Outages: outages, Zone: zone}
	if o.UnseenCode != nil {
		f.Unseen = tenants.Reason{Code: *o.UnseenCode, Params: o.UnseenParams}
	}
	if o.Outcome != nil {
		f.Outcome = *o.Outcome
		f.OutcomeReason = tenants.Reason{Params: o.OutcomeParams}
		if o.OutcomeCode != nil {
			f.OutcomeReason.Code = *o.OutcomeCode
		}
	}
	return f
}

const saveOccurrences = `
UPDATE occurrence o SET look_at = r.look_at, started_at = r.started_at, finish_by = r.finish_by, arrived_at = r.arrived_at,
	settle_by = r.settle_by, outcome = r.outcome, outcome_at = r.outcome_at, outcome_code = r.outcome_code,
	outcome_params = r.outcome_params, verdict = r.verdict, reason_code = r.reason_code, reason_params = r.reason_params,
	judged_at = r.judged_at, recovered_at = r.recovered_at, recovered_code = r.recovered_code, recovered_params = r.recovered_params,
	unseen_code = r.unseen_code, unseen_params = r.unseen_params
FROM jsonb_populate_recordset(NULL::occurrence, CAST(@rows AS jsonb)) r
WHERE o.tenant_id = r.tenant_id AND o.id = r.id`

// judged is the part of an occurrence that the judge writes: a third of the work of writing all of it.
type judged struct {
	TenantID     int64          `json:"tenant_id"`
	ID           int64          `json:"id"`
	LookAt       *time.Time     `json:"look_at"`
	Verdict      *string        `json:"verdict"`
	ReasonCode   *string        `json:"reason_code"`
	ReasonParams tenants.Params `json:"reason_params"`
	JudgedAt     *time.Time     `json:"judged_at"`
}

const saveJudged = `
UPDATE occurrence o SET look_at = r.look_at, verdict = r.verdict, reason_code = r.reason_code, reason_params = r.reason_params, judged_at = r.judged_at
FROM jsonb_to_recordset(CAST(@rows AS jsonb)) AS r(tenant_id bigint, id bigint, look_at timestamptz, verdict text, reason_code text,
	reason_params jsonb, judged_at timestamptz)
WHERE o.tenant_id = r.tenant_id AND o.id = r.id`

// saveVerdicts writes back what the judge decided of rows that it locked before.
func saveVerdicts(db *gorm.DB, rows []Occurrence) error {
	out := make([]judged, len(rows))
	for i, o := range rows {
		out[i] = judged{o.TenantID, o.ID, o.LookAt, o.Verdict, o.ReasonCode, o.ReasonParams, o.JudgedAt}
	}
	return writeBack(db, saveJudged, out)
}

// save writes back all of rows that were locked before, in one statement.
func save(db *gorm.DB, rows []Occurrence) error { return writeBack(db, saveOccurrences, rows) }

func writeBack[T any](db *gorm.DB, statement string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("save occurrences: %w", err)
	}
	res := db.Exec(statement, map[string]any{"rows": string(b)})
	if res.Error != nil {
		return fmt.Errorf("save occurrences: %w", res.Error)
	}
	if res.RowsAffected != int64(len(rows)) {
		return fmt.Errorf("save occurrences: %d of %d rows were there", res.RowsAffected, len(rows))
	}
	return nil
}

// stateRow is one row of duty_state: what the newest opened occurrence of a duty looks like.
type stateRow struct {
	TenantID     int64          `json:"tenant_id"`
	DutyID       int64          `json:"duty_id"`
	OccurrenceID int64          `json:"occurrence_id"`
	ScheduledAt  time.Time      `json:"scheduled_at"`
	DueAt        time.Time      `json:"due_at"`
	Night        calendar.Date  `json:"night"`
	Verdict      *string        `json:"verdict"`
	ReasonCode   string         `json:"reason_code"`
	ReasonParams tenants.Params `json:"reason_params"`
	JudgedAt     *time.Time     `json:"judged_at"`
	RecoveredAt  *time.Time     `json:"recovered_at"`
	ChangedAt    time.Time      `json:"changed_at"`
}

const saveStates = `
INSERT INTO duty_state AS s (tenant_id, duty_id, occurrence_id, scheduled_at, due_at, night, verdict, reason_code, reason_params, judged_at,
	recovered_at, changed_at)
SELECT tenant_id, duty_id, occurrence_id, scheduled_at, due_at, night, verdict, reason_code, reason_params, judged_at, recovered_at, changed_at
FROM (
	SELECT DISTINCT ON (tenant_id, duty_id) * FROM jsonb_populate_recordset(NULL::duty_state, CAST(@rows AS jsonb))
	ORDER BY tenant_id, duty_id, scheduled_at DESC
) newest
ORDER BY tenant_id, duty_id
ON CONFLICT (tenant_id, duty_id) DO UPDATE SET occurrence_id = EXCLUDED.occurrence_id, scheduled_at = EXCLUDED.scheduled_at,
	due_at = EXCLUDED.due_at, night = EXCLUDED.night, verdict = EXCLUDED.verdict, reason_code = EXCLUDED.reason_code,
	reason_params = EXCLUDED.reason_params, judged_at = EXCLUDED.judged_at, recovered_at = EXCLUDED.recovered_at, changed_at = EXCLUDED.changed_at,
	confirmed_at = CASE WHEN s.occurrence_id = EXCLUDED.occurrence_id THEN s.confirmed_at END,
	confirmed_by = CASE WHEN s.occurrence_id = EXCLUDED.occurrence_id THEN s.confirmed_by END,
	corrected = CASE WHEN s.occurrence_id = EXCLUDED.occurrence_id THEN s.corrected ELSE '' END
WHERE s.scheduled_at <= EXCLUDED.scheduled_at`

// saveState brings the state table up to the newest occurrence of each duty; an older night never overwrites a newer.
func saveState(db *gorm.DB, rows []stateRow) error {
	if len(rows) == 0 {
		return nil
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("save duty states: %w", err)
	}
	if err := db.Exec(saveStates, map[string]any{"rows": string(b)}).Error; err != nil {
		return fmt.Errorf("save duty states: %w", err)
	}
	return nil
}
