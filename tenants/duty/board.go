package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Cell is one duty in one night, as the board shows it.
type Cell struct {
	TenantID     int64
	DutyID       int64
	Kind         string
	AboutID      int64
	Subject      string
	OccurrenceID int64 // 0 where nothing was expected that night
	Verdict      Verdict
	Reason       tenants.Reason
	ScheduledAt  *time.Time
	DueAt        *time.Time
	JudgedAt     *time.Time
	RecoveredAt  *time.Time
	ConfirmedAt  *time.Time
	ConfirmedBy  string
	Corrected    string // how the result of the confirmation was corrected (Wrong, AsJudged); empty where it was not
}

// Confirmable tells whether the cell waits for a person's look: judged, and nobody confirmed it yet.
func (c Cell) Confirmable() bool {
	return c.OccurrenceID != 0 && c.Verdict != Pending && c.ConfirmedAt == nil
}

// Board is one night over the towns the actor sees.
type Board struct {
	Night calendar.Date
	Cells []Cell // by town, then as the duties are ordered
}

// newestNight is tonight's or one of those just before wherever anything is expected at all; there the first row that is
// found answers. What was excused ahead is in no state; it is looked for only where the states tell of nothing from tonight.
func newestNight(tx *tenants.Tx, towns []int64) string {
	return `
WITH tonight AS MATERIALIZED (
	SELECT max((CAST(@now AS timestamptz) AT TIME ZONE z.zone - interval '12 hours')::date) AS night FROM (SELECT DISTINCT zone FROM tenant WHERE ` + tx.Own("id", towns) + `) z
), held AS MATERIALIZED (
	SELECT coalesce((SELECT n::date FROM tonight t CROSS JOIN generate_series(t.night, t.night - interval '2 days', interval '-1 day') n
			CROSS JOIN LATERAL (SELECT 1 FROM duty_state s WHERE ` + tx.Own("s.tenant_id", towns) + ` AND s.night = n::date AND s.scheduled_at <= @now LIMIT 1) s LIMIT 1),
		(SELECT max(s.night) FROM duty_state s WHERE ` + tx.Own("s.tenant_id", towns) + ` AND s.scheduled_at <= @now)) AS night
)
SELECT CASE WHEN h.night >= t.night THEN h.night ELSE greatest(h.night, (
	SELECT max(o.night) FROM excuse e
	CROSS JOIN LATERAL (SELECT night FROM occurrence WHERE tenant_id = e.tenant_id AND id = e.occurrence_id AND scheduled_at <= @now LIMIT 1) o
	WHERE ` + tx.Own("e.tenant_id", towns) + ` AND e.at > CAST(@now AS timestamptz) - interval '40 days')) END AS night
FROM held h, tonight t`
}

// The newest night stands in the state table, one row a duty; any other night is read from its occurrences. A night with
// several occurrences of one duty shows the newest. The LIMITs keep the planner from joining with all there is: years of
// occurrences, of which the night has a few.
const boardCells = `
SELECT d.tenant_id, d.id AS duty_id, d.kind, d.about_id, d.subject, d.zone, coalesce(s.occurrence_id, x.id) AS occurrence_id,
	coalesce(s.verdict, x.verdict) AS verdict, coalesce(s.reason_code, x.reason_code) AS reason_code,
	coalesce(s.reason_params, x.reason_params) AS reason_params, coalesce(s.scheduled_at, x.scheduled_at) AS scheduled_at,
	coalesce(s.due_at, x.due_at) AS due_at, coalesce(s.judged_at, x.judged_at) AS judged_at, coalesce(s.recovered_at, x.recovered_at) AS recovered_at,
	coalesce(s.confirmed_at, x.confirmed_at) AS confirmed_at, coalesce(s.confirmed_by, x.confirmed_by) AS confirmed_by,
	coalesce(s.corrected, x.corrected) AS corrected
FROM duty d
LEFT JOIN duty_state s ON s.tenant_id = d.tenant_id AND s.duty_id = d.id AND s.night = CAST(@night AS date)
	AND s.tenant_id = ANY (CAST(@towns AS bigint[]))
LEFT JOIN LATERAL (
	SELECT o.*, c.at AS confirmed_at, c.person AS confirmed_by, k.becomes ->> 'result' AS corrected FROM (
		SELECT * FROM occurrence WHERE s.duty_id IS NULL AND tenant_id = d.tenant_id AND night = CAST(@night AS date) AND duty_id = d.id
		ORDER BY scheduled_at DESC LIMIT 1
	) o LEFT JOIN LATERAL (SELECT id, at, person FROM confirmation WHERE tenant_id = d.tenant_id AND occurrence_id = o.id LIMIT 1) c ON true
	LEFT JOIN LATERAL (SELECT becomes FROM correction WHERE tenant_id = d.tenant_id AND ledger = 'confirmation' AND row_id = c.id AND jsonb_exists(becomes, 'result') ORDER BY n DESC LIMIT 1) k ON true
) x ON true
WHERE d.tenant_id = ANY (CAST(@towns AS bigint[])) AND (d.retired_at IS NULL OR coalesce(s.occurrence_id, x.id) IS NOT NULL)
	AND (CAST(@kind AS text) = '' OR d.kind = @kind) AND d.on_board
ORDER BY d.tenant_id, d.position, d.id`

type cellRow struct {
	TenantID     int64
	DutyID       int64
	Kind         string
	AboutID      int64
	Subject      string
	OccurrenceID *int64
	Verdict      *string
	ReasonCode   *string
	ReasonParams tenants.Params
	ScheduledAt  *time.Time
	DueAt        *time.Time
	JudgedAt     *time.Time
	RecoveredAt  *time.Time
	ConfirmedAt  *time.Time
	ConfirmedBy  *string
	Corrected    *string
	Zone         string
}

// NewestNight is the night of the newest occurrence that has come due in the towns the actor sees; the night that now
// belongs to where nothing has come due yet.
func NewestNight(_ context.Context, tx *tenants.Tx) (calendar.Date, error) {
	towns, err := tx.Reach(tenants.ReadBoard)
	if err != nil {
		return calendar.Date{}, err
	}
	var newest struct{ Night *calendar.Date }
	err = tx.DB.Raw(newestNight(tx, towns), map[string]any{"towns": &towns, "now": tx.Now}).Scan(&newest).Error
	if err != nil {
		return calendar.Date{}, fmt.Errorf("find the newest night: %w", err)
	}
	if newest.Night != nil {
		return *newest.Night, nil
	}
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		return calendar.Date{}, fmt.Errorf("find the newest night: %w", err)
	}
	return calendar.NightOf(tx.Now, zone), nil
}

// ReadBoard reads one night over all towns the actor sees, or the newest where night is nil: two queries, however many
// towns. Kind narrows it to one ledger's duties; empty means all.
func ReadBoard(ctx context.Context, tx *tenants.Tx, night *calendar.Date, kind string) (Board, error) {
	towns, err := tx.Reach(tenants.ReadBoard)
	if err != nil {
		return Board{}, err
	}
	return ReadBoardOf(ctx, tx, towns, night, kind)
}

// ReadBoardOf is ReadBoard for some of the towns: a page of a board too long to be read at once.
func ReadBoardOf(ctx context.Context, tx *tenants.Tx, towns []int64, night *calendar.Date, kind string) (Board, error) {
	if err := tx.Permit(tenants.ReadBoard, towns...); err != nil {
		return Board{}, err
	}
	args := map[string]any{"towns": &towns, "now": tx.Now, "kind": kind}
	var b Board
	if night == nil {
		newest, err := NewestNight(ctx, tx)
		if err != nil {
			return Board{}, err
		}
		night = &newest
	}
	b.Night = *night
	args["night"] = b.Night
	var rows []cellRow
	if err := tx.DB.Raw(boardCells, args).Scan(&rows).Error; err != nil {
		return Board{}, fmt.Errorf("read board of %s: %w", b.Night, err)
	}
	b.Cells = make([]Cell, len(rows))
	for i, r := range rows {
		b.Cells[i] = r.cell()
	}
	return b, nil
}

func (r cellRow) cell() Cell {
	c := Cell{TenantID: r.TenantID, DutyID: r.DutyID, Kind: r.Kind, AboutID: r.AboutID, Subject: r.Subject, ScheduledAt: r.ScheduledAt,
		DueAt: r.DueAt, JudgedAt: r.JudgedAt, RecoveredAt: r.RecoveredAt, ConfirmedAt: r.ConfirmedAt}
	if r.OccurrenceID != nil {
		c.OccurrenceID = *r.OccurrenceID
	}
	if r.Verdict != nil {
		c.Verdict = Verdict(*r.Verdict)
	}
	if r.ReasonCode != nil {
		c.Reason = tenants.Reason{Code: *r.ReasonCode, Params: r.ReasonParams}
	}
	if c.Verdict == Pending && c.Reason.Code == "" && r.ScheduledAt != nil && r.DueAt != nil {
		c.Reason = expected(*r.ScheduledAt, *r.DueAt, Duty{Zone: r.Zone}.location())
	}
	if r.ConfirmedBy != nil {
		c.ConfirmedBy = *r.ConfirmedBy
	}
	if r.Corrected != nil {
		c.Corrected = *r.Corrected
	}
	return c
}

// NightMark is one occurrence in a duty's history.
type NightMark struct {
	DutyID       int64
	OccurrenceID int64
	Night        calendar.Date
	ScheduledAt  time.Time
	Verdict      Verdict
	Reason       tenants.Reason
	RecoveredAt  *time.Time
	ConfirmedAt  *time.Time
	ConfirmedBy  string
	Look         *Look   // what the confirmation says; nil in an outline and where there is none
	Excuse       *Excuse // likewise, why it need not be
}

const historyOfTown = `
SELECT o.duty_id, o.id AS occurrence_id, o.night, o.scheduled_at, o.due_at, d.zone, o.verdict, o.reason_code, o.reason_params, o.recovered_at,
	c.at AS confirmed_at, c.person AS confirmed_by, c.id AS confirmation_id, coalesce(c.note, '') AS note,
	e.id AS excuse_id, coalesce(e.reason, '') AS excuse_reason, coalesce(e.person, '') AS excused_by
FROM occurrence o JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id
LEFT JOIN LATERAL (SELECT id, at, person, note FROM confirmation WHERE tenant_id = o.tenant_id AND occurrence_id = o.id LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT id, reason, person FROM excuse WHERE o.verdict = 'excused' AND tenant_id = o.tenant_id AND occurrence_id = o.id LIMIT 1) e ON true
WHERE o.tenant_id = @town AND o.night BETWEEN CAST(@from AS date) AND CAST(@to AS date) AND o.scheduled_at <= @now
	AND o.scheduled_at > CAST(CAST(@from AS date) AS timestamp) AT TIME ZONE 'UTC' - interval '2 days'
	AND (CAST(@duty AS bigint) = 0 AND d.on_board OR o.duty_id = @duty)
ORDER BY o.night, o.duty_id, o.scheduled_at`

// What a glance at many nights needs: of each night what was not met and one that was, and the newest of each duty.
const outlineOfTown = `
SELECT o.duty_id, o.id AS occurrence_id, o.night, o.scheduled_at, o.due_at, d.zone, o.verdict, o.reason_code, o.reason_params, o.recovered_at
FROM (
	SELECT o.*, row_number() OVER (PARTITION BY o.duty_id ORDER BY o.night DESC, o.scheduled_at DESC) AS newest,
		row_number() OVER (PARTITION BY o.night, o.verdict ORDER BY o.duty_id, o.scheduled_at) AS nth
	FROM (SELECT tenant_id, duty_id, id, night, scheduled_at, due_at, verdict, reason_code, reason_params, recovered_at FROM occurrence
		WHERE tenant_id = @town AND night BETWEEN CAST(@from AS date) AND CAST(@to AS date) AND scheduled_at <= @now) o
) o JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id
WHERE d.on_board AND (o.newest = 1 OR o.nth = 1 OR o.verdict <> 'met')
ORDER BY o.night, o.duty_id, o.scheduled_at`

// Outline is History for a glance: every occurrence that was not met, of those that were one a night, and the newest of each
// duty. Who confirmed what is left out.
func Outline(_ context.Context, tx *tenants.Tx, town int64, from, to calendar.Date) ([]NightMark, error) {
	return history(tx, town, outlineOfTown, map[string]any{"town": town, "from": from, "to": to, "now": tx.Now})
}

// History lists a town's occurrences from one night to another, both included; duty 0 means all of the town's.
func History(_ context.Context, tx *tenants.Tx, town, dutyID int64, from, to calendar.Date) ([]NightMark, error) {
	marks, err := history(tx, town, historyOfTown, map[string]any{"town": town, "duty": dutyID, "from": from, "to": to, "now": tx.Now})
	if err != nil {
		return nil, err
	}
	return marks, withCorrections(tx, town, marks)
}

func history(tx *tenants.Tx, town int64, statement string, args map[string]any) ([]NightMark, error) {
	if err := tx.Permit(tenants.ReadDuty, town); err != nil {
		return nil, err
	}
	var rows []struct {
		Cell  cellRow `gorm:"embedded"`
		Night calendar.Date

		ConfirmationID, ExcuseID *int64
		Note                     string
		ExcuseReason, ExcusedBy  string
	}
	if err := tx.DB.Raw(statement, args).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read history of town %d: %w", town, err)
	}
	marks := make([]NightMark, len(rows))
	for i, r := range rows {
		c := r.Cell.cell()
		marks[i] = NightMark{DutyID: c.DutyID, OccurrenceID: c.OccurrenceID, Night: r.Night, ScheduledAt: *c.ScheduledAt, Verdict: c.Verdict,
			Reason: c.Reason, RecoveredAt: c.RecoveredAt, ConfirmedAt: c.ConfirmedAt, ConfirmedBy: c.ConfirmedBy}
		if r.ConfirmationID != nil {
			marks[i].Look = &Look{ID: *r.ConfirmationID, Note: r.Note, Result: AsJudged}
		}
		if r.ExcuseID != nil {
			marks[i].Excuse = &Excuse{ID: *r.ExcuseID, Reason: r.ExcuseReason, By: r.ExcusedBy}
		}
	}
	return marks, nil
}

// GetOccurrence reads one occurrence.
func GetOccurrence(_ context.Context, tx *tenants.Tx, town, id int64) (Occurrence, error) {
	if err := tx.Permit(tenants.ReadDuty, town); err != nil {
		return Occurrence{}, err
	}
	var o Occurrence
	if err := tx.DB.Where("tenant_id = ? AND id = ?", town, id).Take(&o).Error; err != nil {
		return Occurrence{}, fmt.Errorf("read occurrence %d: %w", id, err)
	}
	return o, nil
}
