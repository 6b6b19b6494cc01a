package duty

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// What a confirmation says of the verdict that somebody looked at. It is written as AsJudged; only a correction says otherwise.
const (
	AsJudged = "as_judged" // it was as the verdict says
	Wrong    = "wrong"     // it was not: the verdict stays, for it follows from evidence, and stands with this beside it
)

const nightOf = `(SELECT o.night || '　' || d.subject FROM occurrence o JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id
	WHERE o.tenant_id = t.tenant_id AND o.id = t.occurrence_id)`

// correctable is for how many days what people wrote in the daily course may be corrected: until the yearly audit of it.
const correctable = 400

var (
	_ = correction.Register(correction.Ledger{Table: "confirmation", Ja: "バックアップの確認", En: "confirmation", Recorded: "at", About: nightOf,
		Read: tenants.ReadDuty, Act: tenants.Confirm, Days: correctable, After: markConfirmation,
		Fields: []correction.Field{
			{Name: "result", Column: `CAST('` + AsJudged + `' AS text)`, Ja: "確認した結果", En: "Result confirmed", Kind: correction.Choice, Options: []correction.Option{
				{Value: AsJudged, Ja: "判定のとおり", En: "as the verdict says"}, {Value: Wrong, Ja: "判定と実際が違う", En: "not as the verdict says"}}},
			{Name: "note", Ja: "備考", En: "Note", Kind: correction.Text, Longest: 500},
		}})
	_ = correction.Register(correction.Ledger{Table: "excuse", Ja: "対象なしの届出", En: "excuse", Recorded: "at", About: nightOf,
		Read: tenants.ReadDuty, Act: tenants.Excuse, Days: correctable,
		Fields: []correction.Field{{Name: "reason_given", Column: "t.reason", Ja: "対象なしの理由", En: "Reason given", Kind: correction.Line, Longest: 200, Required: true}}})
)

// markConfirmation says on the board how the result of a confirmation was corrected. Neither verdict nor confirmation changes:
// whoever corrects has looked once more, under their own name.
func markConfirmation(_ context.Context, tx *tenants.Tx, r correction.Record) error {
	said := r.Now["result"]
	if !r.Corrections.Changed("result") {
		said = "" // the note alone
	}
	err := tx.DB.Exec(`UPDATE duty_state s SET corrected = @said FROM confirmation c WHERE c.tenant_id = @town AND c.id = @id
		AND s.tenant_id = c.tenant_id AND s.occurrence_id = c.occurrence_id`, map[string]any{"said": said, "town": r.TenantID, "id": r.ID}).Error
	if err != nil {
		return fmt.Errorf("mark the corrected confirmation %d: %w", r.ID, err)
	}
	return nil
}

// Look is a person's confirmation of a verdict, and what was corrected of it.
type Look struct {
	ID          int64
	Note        string // as it stands
	Result      string // AsJudged or Wrong, as it stands
	Corrections correction.History
}

// Excuse is a person's word that a night need not be, and what was corrected of it.
type Excuse struct {
	ID          int64
	Reason      string // as it stands
	By          string
	Corrections correction.History
}

// withCorrections lays what was corrected over a history's confirmations and excuses.
func withCorrections(tx *tenants.Tx, town int64, marks []NightMark) error {
	look := func(m NightMark) correction.Ref {
		return correction.Ref{Ledger: "confirmation", Town: town, Row: m.Look.ID}
	}
	excuse := func(m NightMark) correction.Ref {
		return correction.Ref{Ledger: "excuse", Town: town, Row: m.Excuse.ID}
	}
	var refs []correction.Ref
	for _, m := range marks {
		if m.Look != nil {
			refs = append(refs, look(m))
		}
		if m.Excuse != nil {
			refs = append(refs, excuse(m))
		}
	}
	of, err := correction.Read(tx, refs)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Look != nil {
			m.Look.Corrections = of[look(m)]
			m.Look.Corrections.Text("note", &m.Look.Note)
			m.Look.Corrections.Text("result", &m.Look.Result)
		}
		if m.Excuse != nil {
			m.Excuse.Corrections = of[excuse(m)]
			m.Excuse.Corrections.Text("reason_given", &m.Excuse.Reason)
		}
	}
	return nil
}
