package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
)

// Duty is something that must happen for one town, again and again.
type Duty struct {
	TownID         int64      `json:"town_id"`
	ID             int64      `json:"id"`
	Kind           string     `json:"kind" doc:"The ledger it belongs to." example:"backup"`
	AboutID        int64      `json:"about_id" doc:"The ledger's own row: for backup the plan."`
	Subject        string     `json:"subject"`
	Work           string     `json:"work"`
	Cron           string     `json:"cron"`
	Zone           string     `json:"zone"`
	Policy         string     `json:"policy" enum:"every_day,open_days,roll_forward"`
	EarlyMinutes   int        `json:"early_minutes"`
	WindowMinutes  int        `json:"window_minutes"`
	GraceMinutes   int        `json:"grace_minutes"`
	LongestMinutes int        `json:"longest_minutes"`
	Severity       string     `json:"severity" enum:"critical,warning"`
	LadderID       int64      `json:"ladder_id"`
	RetiredAt      *time.Time `json:"retired_at"`
}

func getDuty(ctx context.Context, tx *tenants.Tx, in *Of) (Duty, error) {
	d, err := duty.Get(ctx, tx, in.Town, in.ID)
	return Duty{TownID: d.TenantID, ID: d.ID, Kind: d.Kind, AboutID: d.AboutID, Subject: d.Subject, Work: d.Work, Cron: d.Cron, Zone: d.Zone,
		Policy: string(d.Policy), EarlyMinutes: d.EarlyMinutes, WindowMinutes: d.WindowMinutes, GraceMinutes: d.GraceMinutes,
		LongestMinutes: d.LongestMinutes, Severity: d.Severity, LadderID: d.LadderID, RetiredAt: utc(d.RetiredAt)}, err
}

// NightMark is one occurrence in a duty's history.
type NightMark struct {
	DutyID       int64         `json:"duty_id"`
	OccurrenceID int64         `json:"occurrence_id"`
	Night        calendar.Date `json:"night" format:"date"`
	ScheduledAt  time.Time     `json:"scheduled_at"`
	Verdict      *string       `json:"verdict" enum:"met,late,failed,missed,excused,unknown" doc:"Null while it is pending."`
	Reason       *Reason       `json:"reason"`
	RecoveredAt  *time.Time    `json:"recovered_at"`
	ConfirmedAt  *time.Time    `json:"confirmed_at"`
	ConfirmedBy  *string       `json:"confirmed_by"`

	Confirmation *Confirmation  `json:"confirmation" doc:"What somebody confirmed, as its corrections have it."`
	Excuse       *ExcuseOfNight `json:"excuse" doc:"Why it need not be, as its corrections have it."`
}

// Confirmation is a person's look at a verdict.
type Confirmation struct {
	ID          int64        `json:"id" doc:"Its id in the ledger confirmation."`
	Result      string       `json:"result" enum:"as_judged,wrong" doc:"wrong: a correction says that it was not as the verdict says. The verdict stays."`
	Note        string       `json:"note"`
	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first."`
}

// ExcuseOfNight is a person's word that a night need not be.
type ExcuseOfNight struct {
	ID          int64        `json:"id" doc:"Its id in the ledger excuse."`
	By          string       `json:"by"`
	Reason      string       `json:"reason"`
	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first."`
}

func confirmationOf(l *duty.Look) *Confirmation {
	if l == nil {
		return nil
	}
	return &Confirmation{ID: l.ID, Result: l.Result, Note: l.Note, Corrections: correctionsOf(l.Corrections)}
}

func excuseOf(e *duty.Excuse) *ExcuseOfNight {
	if e == nil {
		return nil
	}
	return &ExcuseOfNight{ID: e.ID, By: e.By, Reason: e.Reason, Corrections: correctionsOf(e.Corrections)}
}

func nightMarkOf(m duty.NightMark) NightMark {
	return NightMark{DutyID: m.DutyID, OccurrenceID: m.OccurrenceID, Night: m.Night, ScheduledAt: m.ScheduledAt.UTC(), Verdict: verdictOf(m.Verdict),
		Reason: reasonOf(m.Reason), RecoveredAt: utc(m.RecoveredAt), ConfirmedAt: utc(m.ConfirmedAt), ConfirmedBy: some(m.ConfirmedBy),
		Confirmation: confirmationOf(m.Look), Excuse: excuseOf(m.Excuse)}
}

func listOccurrences(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Span
	Duty int64 `query:"duty_id" minimum:"0" doc:"One duty's only."`
}) (List[NightMark], error) {
	if _, err := in.days(); err != nil {
		return List[NightMark]{}, err
	}
	marks, err := duty.History(ctx, tx, in.Town, in.Duty, in.From, in.To)
	return whole(marks, nightMarkOf), err
}

// Occurrence is one time a duty must be met.
type Occurrence struct {
	TownID      int64         `json:"town_id"`
	ID          int64         `json:"id"`
	DutyID      int64         `json:"duty_id"`
	Night       calendar.Date `json:"night" format:"date"`
	OpensAt     time.Time     `json:"opens_at" doc:"Evidence counts from then."`
	ScheduledAt time.Time     `json:"scheduled_at"`
	DueAt       time.Time     `json:"due_at"`
	JudgeAt     time.Time     `json:"judge_at" doc:"Nothing by then is missed."`
	StartedAt   *time.Time    `json:"started_at"`
	ArrivedAt   *time.Time    `json:"arrived_at"`
	Outcome     *string       `json:"outcome" enum:"good,bad" doc:"What the ledger found of what arrived."`
	OutcomeAt   *time.Time    `json:"outcome_at"`
	Verdict     *string       `json:"verdict" enum:"met,late,failed,missed,excused,unknown" doc:"Final; null while it is pending."`
	Reason      *Reason       `json:"reason"`
	JudgedAt    *time.Time    `json:"judged_at"`
	RecoveredAt *time.Time    `json:"recovered_at" doc:"When a good one came after a verdict that was not."`
	ConfirmedAt *time.Time    `json:"confirmed_at"`
	ConfirmedBy *string       `json:"confirmed_by"`

	Confirmation *Confirmation  `json:"confirmation" doc:"What somebody confirmed, as its corrections have it."`
	Excuse       *ExcuseOfNight `json:"excuse" doc:"Why it need not be, as its corrections have it."`
}

func getOccurrence(ctx context.Context, tx *tenants.Tx, in *Of) (Occurrence, error) {
	o, err := duty.GetOccurrence(ctx, tx, in.Town, in.ID)
	if err != nil {
		return Occurrence{}, err
	}
	out := Occurrence{TownID: o.TenantID, ID: o.ID, DutyID: o.DutyID, Night: o.Night, OpensAt: o.OpensAt.UTC(), ScheduledAt: o.ScheduledAt.UTC(),
		DueAt: o.DueAt.UTC(), JudgeAt: o.JudgeAt.UTC(), StartedAt: utc(o.StartedAt), ArrivedAt: utc(o.ArrivedAt), Outcome: o.Outcome,
		OutcomeAt: utc(o.OutcomeAt), Verdict: o.Verdict, Reason: reasonOf(o.Reason()), JudgedAt: utc(o.JudgedAt), RecoveredAt: utc(o.RecoveredAt)}
	marks, err := duty.History(ctx, tx, in.Town, o.DutyID, o.Night, o.Night)
	for _, m := range marks {
		if m.OccurrenceID == o.ID {
			out.ConfirmedAt, out.ConfirmedBy = utc(m.ConfirmedAt), some(m.ConfirmedBy)
			out.Confirmation, out.Excuse = confirmationOf(m.Look), excuseOf(m.Excuse)
		}
	}
	return out, err
}

// ExcuseInput says why an occurrence need not be met.
type ExcuseInput struct {
	Reason string `json:"reason" maxLength:"5000" example:"庁舎停電のため"`
}

func excuse(ctx context.Context, tx *tenants.Tx, in *ofWith[ExcuseInput]) (Occurrence, error) {
	if err := duty.ExcuseOne(ctx, tx, in.Town, in.ID, in.Body.Reason); err != nil {
		return Occurrence{}, err
	}
	return getOccurrence(ctx, tx, &in.Of)
}
