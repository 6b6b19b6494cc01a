package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/town"
)

// Board is one night over the towns in reach.
type Board struct {
	Night  calendar.Date  `json:"night" format:"date" doc:"Noon to noon, named by the day on which it begins."`
	Counts map[string]int `json:"counts" doc:"How many of these cells have each verdict; pending for those without."`
	Cells  []Cell         `json:"cells" nullable:"false" doc:"By town, then as the duties are ordered."`
	Totals *BoardTotals   `json:"totals" doc:"Over all towns in reach; null unless a limit was given."`
	Next   *string        `json:"next" doc:"Pass it as cursor to get the towns after these; null on the last page, and where no limit was given."`
}

// BoardTotals are a night's figures over all towns in reach, whatever is on the page.
type BoardTotals struct {
	Towns       int `json:"towns"`
	Cells       int `json:"cells"`
	Needs       int `json:"needs" doc:"Bad, and nothing good has come since."`
	Normal      int `json:"normal" doc:"Judged, need nobody, not confirmed."`
	Confirmed   int `json:"confirmed"`
	Pending     int `json:"pending"`
	Unknown     int `json:"unknown"`
	Confirmable int `json:"confirmable" doc:"What confirming the night would confirm."`
}

// Cell is one duty in one night.
type Cell struct {
	TownID       int64      `json:"town_id"`
	DutyID       int64      `json:"duty_id"`
	Kind         string     `json:"kind" doc:"The ledger of the duty." example:"backup"`
	AboutID      int64      `json:"about_id" doc:"The ledger's own row: for backup the plan."`
	Subject      string     `json:"subject" example:"戸籍正"`
	OccurrenceID *int64     `json:"occurrence_id" doc:"Null where nothing was expected that night."`
	Verdict      *string    `json:"verdict" enum:"met,late,failed,missed,excused,unknown" doc:"Null while it is pending."`
	Reason       *Reason    `json:"reason"`
	ScheduledAt  *time.Time `json:"scheduled_at"`
	DueAt        *time.Time `json:"due_at"`
	JudgedAt     *time.Time `json:"judged_at"`
	RecoveredAt  *time.Time `json:"recovered_at" doc:"When a good one came after a verdict that was not."`
	ConfirmedAt  *time.Time `json:"confirmed_at"`
	ConfirmedBy  *string    `json:"confirmed_by"`
	Corrected    *string    `json:"corrected" enum:"as_judged,wrong" doc:"How the result of the confirmation was corrected; null where it was not."`
}

func verdictOf(v duty.Verdict) *string { return some(string(v)) }

func cellOf(c duty.Cell) Cell {
	out := Cell{TownID: c.TenantID, DutyID: c.DutyID, Kind: c.Kind, AboutID: c.AboutID, Subject: c.Subject, Verdict: verdictOf(c.Verdict),
		Reason: reasonOf(c.Reason), ScheduledAt: utc(c.ScheduledAt), DueAt: utc(c.DueAt), JudgedAt: utc(c.JudgedAt),
		RecoveredAt: utc(c.RecoveredAt), ConfirmedAt: utc(c.ConfirmedAt), ConfirmedBy: some(c.ConfirmedBy), Corrected: some(c.Corrected)}
	if c.OccurrenceID != 0 {
		out.OccurrenceID = &c.OccurrenceID
	}
	return out
}

func getBoard(ctx context.Context, tx *tenants.Tx, in *struct {
	Night calendar.Date `query:"night" format:"date" doc:"The night; the newest where it is left out."`
	Kind  string        `query:"kind" maxLength:"40" doc:"One ledger's duties only." example:"backup"`

	Limit  int    `query:"limit" minimum:"0" maximum:"200" doc:"How many towns to give at most; 0 or left out: all of them."`
	Cursor string `query:"cursor" maxLength:"64" doc:"With a limit: the next of the page before."`
}) (Board, error) {
	night := &in.Night
	if in.Night.IsZero() {
		newest, err := duty.NewestNight(ctx, tx)
		if err != nil {
			return Board{}, err
		}
		night = &newest
	}
	if in.Limit == 0 {
		b, err := duty.ReadBoard(ctx, tx, night, in.Kind)
		return boardOf(b), err
	}
	after, err := Page{Cursor: in.Cursor}.before()
	if err != nil {
		return Board{}, err
	}
	f, err := duty.Sum(ctx, tx, *night)
	if err != nil {
		return Board{}, err
	}
	page, err := town.ListPage(ctx, tx, town.Ask{On: night, After: after, Limit: in.Limit})
	if err != nil {
		return Board{}, err
	}
	ids := each(page.Towns, townID)
	b, err := duty.ReadBoardOf(ctx, tx, ids, night, in.Kind)
	out := boardOf(b)
	out.Totals = &BoardTotals{Towns: f.Towns, Cells: f.Cells, Needs: f.Needs, Normal: f.Normal(), Confirmed: f.Confirmed, Pending: f.Pending,
		Unknown: f.Unknown, Confirmable: f.Confirmable}
	if page.Later {
		out.Next = cursorOf(ids[len(ids)-1])
	}
	return out, err
}

func boardOf(b duty.Board) Board {
	out := Board{Night: b.Night, Counts: map[string]int{}, Cells: make([]Cell, len(b.Cells))}
	for i, c := range b.Cells {
		out.Cells[i] = cellOf(c)
		switch {
		case c.OccurrenceID == 0:
		case c.Verdict == duty.Pending:
			out.Counts["pending"]++
		default:
			out.Counts[string(c.Verdict)]++
		}
	}
	return out
}

// Confirmed is what a confirmation did.
type Confirmed struct {
	Count int `json:"count" doc:"How many verdicts were confirmed by it. What has no verdict yet, and what somebody confirmed before, is left as it is."`
}

func confirmFine(ctx context.Context, tx *tenants.Tx, in *struct {
	Night calendar.Date `path:"night" format:"date" doc:"The night." example:"2026-11-20"`
}) (Confirmed, error) {
	n, err := duty.ConfirmFine(ctx, tx, in.Night)
	return Confirmed{n}, err
}

// Ref names one occurrence of one town.
type Ref struct {
	TownID       int64 `json:"town_id" minimum:"1"`
	OccurrenceID int64 `json:"occurrence_id" minimum:"1"`
}

// ConfirmationInput is what is written down when somebody looked.
type ConfirmationInput struct {
	Note string `json:"note,omitempty" maxLength:"5000"`
}

// ConfirmationsInput is several verdicts that somebody looked at.
type ConfirmationsInput struct {
	Occurrences []Ref  `json:"occurrences" nullable:"false" minItems:"1" maxItems:"1000"`
	Note        string `json:"note,omitempty" maxLength:"5000"`
}

func confirmMany(ctx context.Context, tx *tenants.Tx, in *struct{ Body ConfirmationsInput }) (Confirmed, error) {
	refs := make([]duty.Ref, len(in.Body.Occurrences))
	for i, r := range in.Body.Occurrences {
		refs[i] = duty.Ref{Town: r.TownID, OccurrenceID: r.OccurrenceID}
	}
	n, err := duty.Confirm(ctx, tx, refs, in.Body.Note)
	return Confirmed{n}, err
}

func confirmOne(ctx context.Context, tx *tenants.Tx, in *ofWith[ConfirmationInput]) (Confirmed, error) {
	if _, err := duty.GetOccurrence(ctx, tx, in.Town, in.ID); err != nil {
		return Confirmed{}, err
	}
	n, err := duty.Confirm(ctx, tx, []duty.Ref{{Town: in.Town, OccurrenceID: in.ID}}, in.Body.Note)
	return Confirmed{n}, err
}
