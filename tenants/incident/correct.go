package incident

import (
	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// correctable is for how many days what people wrote may be corrected: until the yearly audit of it.
const correctable = 400

const numberOf = `(SELECT i.subject || '　' || to_char(i.opened_at AT TIME ZONE z.zone, 'YYYY-MM-DD HH24:MI') FROM incident i JOIN tenant z ON z.id = i.tenant_id
	WHERE i.tenant_id = t.tenant_id AND i.id = t.incident_id)`

// What the pipeline wrote into a course is no one's to correct. Until when an answer holds is none of its text: who needs longer
// answers again.
var (
	_ = correction.Register(correction.Ledger{Table: "acknowledgement", Ja: "受領確認", En: "acknowledgement", Recorded: "recorded_at", About: numberOf,
		Read: tenants.ReadIncident, Act: tenants.Acknowledge, Days: correctable,
		Fields: []correction.Field{
			{Name: "by", Column: "t.by_text", Only: `t.via = 'phone'`, Ja: "電話に出た人", En: "Who answered", Kind: correction.Line, Longest: 100, Required: true},
			{Name: "occurred_at", Only: `t.via = 'phone'`, Ja: "電話した時刻", En: "When", Kind: correction.Time, Required: true},
			{Name: "promise", Ja: "約束したこと", En: "Promise", Kind: correction.Text, Longest: 500, Required: true},
		}})
	_ = correction.Register(correction.Ledger{Table: "incident_event", Ja: "経過の書き足し", En: "note on an incident", Recorded: "at", About: numberOf,
		Rows: `t.kind = 'noted'`, Read: tenants.ReadIncident, Act: tenants.NoteIncident, Days: correctable,
		Fields: []correction.Field{{Name: "text", Column: `t.detail ->> 'text'`, Ja: "内容", En: "Text", Kind: correction.Text, Longest: 2000, Required: true}}})
)

// answered names the record of an answer.
func answered(town, id int64) correction.Ref {
	return correction.Ref{Ledger: "acknowledgement", Town: town, Row: id}
}

// withCorrections lays what was corrected over an incident's notes and answers.
func (v *View) withCorrections(tx *tenants.Tx) error {
	noted := func(e Event) correction.Ref {
		return correction.Ref{Ledger: "incident_event", Town: e.TenantID, Row: e.ID}
	}
	var refs []correction.Ref
	for _, e := range v.Events {
		if e.Kind == "noted" {
			refs = append(refs, noted(e))
		}
	}
	for _, a := range v.Acknowledgements {
		refs = append(refs, answered(a.TenantID, a.ID))
	}
	of, err := correction.Read(tx, refs)
	if err != nil {
		return err
	}
	for i := range v.Acknowledgements {
		a := &v.Acknowledgements[i]
		a.lay(of[answered(a.TenantID, a.ID)])
	}
	next := 0 // lines of the course and answers were written together, in this order
	for i := range v.Events {
		e := &v.Events[i]
		switch {
		case e.Kind == "noted":
			e.Corrections = of[noted(*e)]
			e.Corrections.Text("text", &e.Detail.Text)
		case e.Kind == "acknowledged" && next < len(v.Acknowledgements):
			e.Corrections = v.Acknowledgements[next].Corrections
			e.Corrections.Text("by", &e.Detail.Name)
			e.Corrections.Text("promise", &e.Detail.Promise)
			next++
		}
	}
	return nil
}

// lay puts what was corrected over an answer.
func (a *Acknowledgement) lay(h correction.History) {
	a.Corrections = h
	h.Text("by", &a.ByText)
	h.Time("occurred_at", &a.OccurredAt)
	h.Text("promise", &a.Promise)
}

// corrected reads what was corrected of answers and lays it over them.
func corrected(tx *tenants.Tx, answers []Acknowledgement) error {
	return correction.Over(tx, "acknowledgement", answers, func(a *Acknowledgement) (int64, int64) { return a.TenantID, a.ID }, (*Acknowledgement).lay)
}

// withCorrectedAnswers does the same for the newest answers of a list.
func withCorrectedAnswers(tx *tenants.Tx, items []Item) error {
	var refs []correction.Ref
	for _, i := range items {
		if i.Ack != nil {
			refs = append(refs, answered(i.TenantID, i.Ack.ID))
		}
	}
	of, err := correction.Read(tx, refs)
	if err != nil {
		return err
	}
	for _, i := range items {
		if a := i.Ack; a != nil {
			a.Corrections = of[answered(i.TenantID, a.ID)]
			a.Corrections.Text("by", &a.By)
			a.Corrections.Time("occurred_at", &a.At)
			a.Corrections.Text("promise", &a.Promise)
		}
	}
	return nil
}
