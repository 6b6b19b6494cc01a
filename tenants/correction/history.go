package correction

import (
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// History is what became of one record: its corrections, the oldest first.
type History []Correction

// Of are the histories of records that have one.
type Of map[Ref]History

// Ref names a record.
type Ref struct {
	Ledger    string
	Town, Row int64
}

// Text lays what the corrections make of a field over what was written.
func (h History) Text(field string, to *string) {
	if v, ok := h.now(field); ok {
		*to = v
	}
}

// Time is Text for a moment.
func (h History) Time(field string, to *time.Time) {
	v, ok := h.now(field)
	if !ok {
		return
	}
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		*to = at
	}
}

// Date is Text for a day that may be missing.
func (h History) Date(field string, to **calendar.Date) {
	v, ok := h.now(field)
	if !ok {
		return
	}
	*to = nil
	if day, err := calendar.Parse(v); err == nil {
		*to = &day
	}
}

// Person is Text for a person, and gives their id and name.
func (h History) Person(field string, id *int64, name *string) {
	v, ok := h.now(field)
	if !ok {
		return
	}
	var n int64
	if _, err := fmt.Sscan(v, &n); err == nil {
		*id = n
		h.Text(field+NameOf, name)
	}
}

// Changed tells whether any correction changes the field.
func (h History) Changed(field string) bool { _, ok := h.now(field); return ok }

func (h History) now(field string) (string, bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if v, ok := h[i].Becomes[field]; ok {
			return v, true
		}
	}
	return "", false
}

// over gives values with the history laid over them.
func (h History) over(written Values) Values {
	out := make(Values, len(written))
	for k, v := range written {
		out[k] = v
		if now, ok := h.now(k); ok {
			out[k] = now
		}
	}
	return out
}

const columns = `c.tenant_id, c.id, c.ledger, c.row_id, c.n, c.about, c.was, c.becomes, c.reason, c.by_id, c.by_text, c.approver_id, c.approver, c.at`

// Read gives what was corrected of some records, of whatever ledgers, in one statement. It asks for no permission: whoever may
// read a record may read what it should have said.
func Read(tx *tenants.Tx, refs []Ref) (Of, error) {
	ledgers, towns, rows := make([]string, len(refs)), make([]int64, len(refs)), make([]int64, len(refs))
	for i, r := range refs {
		ledgers[i], towns[i], rows[i] = r.Ledger, r.Town, r.Row
	}
	var found []Correction
	err := tx.DB.Raw(`SELECT `+columns+` FROM (SELECT DISTINCT * FROM unnest(CAST(@ledgers AS text[]), CAST(@towns AS bigint[]), CAST(@rows AS bigint[]))) x (ledger, town, id)
		CROSS JOIN LATERAL (SELECT * FROM correction k WHERE k.tenant_id = x.town AND k.ledger = x.ledger AND k.row_id = x.id ORDER BY k.n LIMIT 1000) c`,
		map[string]any{"ledgers": &ledgers, "towns": &towns, "rows": &rows}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	of := Of{}
	for _, c := range found {
		r := Ref{c.Ledger, c.TenantID, c.RowID}
		of[r] = append(of[r], c)
	}
	return of, nil
}

// Over lays what was corrected over a ledger's records as they were read, in one statement: of gives the town and the id of
// each, lay puts in what its history changes.
func Over[T any](tx *tenants.Tx, ledger string, records []T, of func(*T) (town, id int64), lay func(*T, History)) error {
	refs := make([]Ref, len(records))
	for i := range records {
		town, id := of(&records[i])
		refs[i] = Ref{ledger, town, id}
	}
	found, err := Read(tx, refs)
	if err != nil {
		return err
	}
	for i := range records {
		lay(&records[i], found[refs[i]])
	}
	return nil
}

// Said is the history in one line, the oldest first, for a cell of a file: what it was and became, why, and who.
func (h History) Said(lang string, zone *time.Location) string {
	var out []string
	for _, c := range h {
		for _, f := range c.Fields() {
			out = append(out, f.Label(lang)+in(lang, "：", ": ")+f.Show(c.Was, lang, zone)+" → "+f.Show(c.Becomes, lang, zone))
		}
		who := c.ByText
		if c.Approver != "" {
			who += in(lang, "、照合：", ", agreed: ") + c.Approver
		}
		out = append(out, in(lang, "（", " (")+c.Reason+in(lang, "、", ", ")+who+in(lang, "）", ")"))
	}
	return strings.Join(out, " ")
}
