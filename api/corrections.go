package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Correction is what a record should have said (訂正). The record stays as it was written; what it comes to is the record with
// its corrections laid over it, the latest last.
type Correction struct {
	TownID     int64       `json:"town_id"`
	ID         int64       `json:"id"`
	Ledger     string      `json:"ledger" doc:"The ledger of the record." example:"incident_event"`
	RowID      int64       `json:"row_id" doc:"The record's id in it."`
	N          int         `json:"n" doc:"The first correction of its record, the second …"`
	About      string      `json:"about" doc:"What people call the record."`
	Changes    []Corrected `json:"changes" nullable:"false" doc:"The fields that it changes."`
	Reason     string      `json:"reason"`
	ByID       int64       `json:"by_id"`
	By         string      `json:"by" doc:"Who corrected, as on that day."`
	ApproverID *int64      `json:"approver_id" doc:"Another person, where the ledger asks for one."`
	Approver   *string     `json:"approver"`
	At         time.Time   `json:"at"`
}

// Corrected is one field of a correction, both values.
type Corrected struct {
	Field       string `json:"field"`
	Label       string `json:"label" doc:"What people call the field."`
	Was         string `json:"was"`
	Becomes     string `json:"becomes"`
	WasText     string `json:"was_text" doc:"In words: a person's name, a choice, a moment in Japanese."`
	BecomesText string `json:"becomes_text"`
}

func correctionOf(c correction.Correction) Correction {
	out := Correction{TownID: c.TenantID, ID: c.ID, Ledger: c.Ledger, RowID: c.RowID, N: c.N, About: c.About, Reason: c.Reason, ByID: c.ByID, By: c.ByText,
		ApproverID: c.ApproverID, Approver: some(c.Approver), At: c.At.UTC(), Changes: []Corrected{}}
	for _, f := range c.Fields() {
		out.Changes = append(out.Changes, Corrected{Field: f.Name, Label: f.Ja, Was: c.Was[f.Name], Becomes: c.Becomes[f.Name],
			WasText: f.Show(c.Was, "ja", tokyo), BecomesText: f.Show(c.Becomes, "ja", tokyo)})
	}
	return out
}

func correctionsOf(h correction.History) []Correction { return each(h, correctionOf) }

// CorrectionQuery says which corrections.
type CorrectionQuery struct {
	Town   int64         `query:"town_id" minimum:"0" doc:"One town's only."`
	Ledger string        `query:"ledger" maxLength:"60" doc:"One ledger's only."`
	Row    int64         `query:"row_id" minimum:"0" doc:"With a ledger: one record's only."`
	From   calendar.Date `query:"from" format:"date" doc:"Made on this day or later."`
	To     calendar.Date `query:"to" format:"date" doc:"Made on this day or before."`
}

func (q CorrectionQuery) filter() correction.Filter {
	f := correction.Filter{Town: q.Town, Ledger: q.Ledger, Row: q.Row}
	if !q.From.IsZero() {
		f.From = q.From.At(0, 0, tokyo)
	}
	if !q.To.IsZero() {
		f.Until = q.To.AddDays(1).At(0, 0, tokyo)
	}
	return f
}

func listCorrections(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	CorrectionQuery
}) (List[Correction], error) {
	f := in.filter()
	var err error
	if f.Before, err = in.before(); err != nil {
		return List[Correction]{}, err
	}
	f.Limit = in.Limit + 1
	found, err := correction.List(ctx, tx, f)
	return paged(found, in.Limit, func(c correction.Correction) int64 { return c.ID }, correctionOf), err
}

// CorrectionTotal is how many corrections one ledger of a town had.
type CorrectionTotal struct {
	TownID      int64  `json:"town_id"`
	Ledger      string `json:"ledger"`
	Corrections int    `json:"corrections"`
	Records     int    `json:"records" doc:"How many records they are of."`
}

func countCorrections(ctx context.Context, tx *tenants.Tx, in *CorrectionQuery) (List[CorrectionTotal], error) {
	found, err := correction.Count(ctx, tx, in.filter())
	return whole(found, func(t correction.Total) CorrectionTotal {
		return CorrectionTotal{TownID: t.TenantID, Ledger: t.Ledger, Corrections: t.Corrections, Records: t.Records}
	}), err
}

// CorrectableLedger is a ledger whose records can be corrected.
type CorrectableLedger struct {
	Ledger     string             `json:"ledger" example:"incident_event"`
	NameJa     string             `json:"name_ja"`
	NameEn     string             `json:"name_en"`
	Act        string             `json:"act" doc:"What one's posts must allow to correct, besides correction.write."`
	Approver   *string            `json:"approver_act" doc:"What another person's posts must allow, who agrees to it: the correction waits for them (202). Null: nobody is asked."`
	WithinDays *int               `json:"within_days" doc:"For so many days after it was written down; null: as long as it is kept."`
	Fields     []CorrectableField `json:"fields" nullable:"false"`
}

// CorrectableField is one field of its records.
type CorrectableField struct {
	Field    string   `json:"field"`
	NameJa   string   `json:"name_ja"`
	NameEn   string   `json:"name_en"`
	Kind     string   `json:"kind" enum:"line,text,time,date,choice,person" doc:"A value is a text in all of them: a moment in RFC 3339, a date as 2026-11-21, a choice by its code, a person by their id."`
	Longest  int      `json:"longest,omitempty" doc:"Of a text, in characters."`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"`
}

func ledgerOf(l correction.Ledger) CorrectableLedger {
	out := CorrectableLedger{Ledger: l.Table, NameJa: l.Ja, NameEn: l.En, Act: string(l.Act), Approver: some(string(l.Approve))}
	if l.Days != 0 {
		out.WithinDays = &l.Days
	}
	out.Fields = each(l.Fields, func(f correction.Field) CorrectableField {
		return CorrectableField{Field: f.Name, NameJa: f.Ja, NameEn: f.En, Kind: string(f.Kind), Longest: f.Longest, Required: f.Required,
			Choices: each(f.Options, func(o correction.Option) string { return o.Value })}
	})
	return out
}

func listCorrectable(_ context.Context, tx *tenants.Tx, _ *nothing) (List[CorrectableLedger], error) {
	if err := tx.Permit(tenants.ReadCorrection); err != nil {
		return List[CorrectableLedger]{}, err
	}
	return whole(correction.Ledgers(), ledgerOf), nil
}

// LedgerRecord is a record that can be corrected, as it stands.
type LedgerRecord struct {
	TownID      int64         `json:"town_id"`
	Ledger      string        `json:"ledger"`
	ID          int64         `json:"id"`
	About       string        `json:"about"`
	RecordedAt  time.Time     `json:"recorded_at"`
	Fields      []RecordField `json:"fields" nullable:"false" doc:"Those that can be corrected."`
	Corrections []Correction  `json:"corrections" nullable:"false" doc:"The oldest first."`
}

// RecordField is a field as it was written and as it stands.
type RecordField struct {
	Field   string `json:"field"`
	Label   string `json:"label"`
	Written string `json:"written"`
	Now     string `json:"now"`
	NowText string `json:"now_text" doc:"In words."`
}

func getRecord(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Ledger string `path:"ledger" maxLength:"60" doc:"The ledger." example:"incident_event"`
}) (LedgerRecord, error) {
	r, err := correction.Get(ctx, tx, in.Town, in.Ledger, in.ID)
	out := LedgerRecord{TownID: r.TenantID, Ledger: in.Ledger, ID: r.ID, About: r.About, RecordedAt: r.RecordedAt.UTC(), Fields: []RecordField{}, Corrections: correctionsOf(r.Corrections)}
	for _, f := range r.Ledger.Fields {
		if r.Has(f) {
			out.Fields = append(out.Fields, RecordField{Field: f.Name, Label: f.Ja, Written: r.Written[f.Name], Now: r.Now[f.Name], NowText: f.Show(r.Now, "ja", tokyo)})
		}
	}
	return out, err
}

// CorrectionInput corrects a record.
type CorrectionInput struct {
	Ledger  string             `json:"ledger" maxLength:"60" example:"incident_event"`
	RowID   int64              `json:"row_id" minimum:"1"`
	Changes []CorrectionChange `json:"changes" minItems:"1" maxItems:"30" nullable:"false"`
	Reason  string             `json:"reason" maxLength:"5000" doc:"Why it is corrected." example:"書き誤り"`
}

// CorrectionChange is what one field should say.
type CorrectionChange struct {
	Field   string `json:"field" maxLength:"60" example:"text"`
	Was     string `json:"was" maxLength:"20000" doc:"What it says now, as the caller read it: where somebody else was first, this is refused (409)."`
	Becomes string `json:"becomes" maxLength:"20000"`
}

func correct(ctx context.Context, tx *tenants.Tx, in *townWith[CorrectionInput]) (Correction, error) {
	c, err := correction.Correct(ctx, tx, correction.Input{Town: in.Town, Ledger: in.Body.Ledger, Row: in.Body.RowID, Reason: in.Body.Reason,
		Changes: each(in.Body.Changes, func(x CorrectionChange) correction.Change { return correction.Change(x) })})
	return correctionOf(c), err
}
