package view

import "time"

// Amended is what was corrected of a record (訂正), for any page that shows it: the part "old" strikes a former value through
// beside the present one, the part "amended" says who corrected what, when and why.
type Amended struct {
	Old   map[string]string // of each field that was corrected: what was written first, in words
	Lines []AmendedLine     // the oldest first
	URL   string            // where to correct the record; "" for who may not
}

// AmendedLine is one correction.
type AmendedLine struct {
	At                   time.Time
	By, Approver, Reason string
	Changes              []Change
}

// Was is what a field said first, where it was corrected.
func (a Amended) Was(field string) string { return a.Old[field] }

// CorrectionsPage lists what was corrected, of every ledger, in a town and a period. View: Corrections.
type CorrectionsPage struct {
	Filter         Form   // GET; town, ledger, from, to
	Days           string // the days that are asked for, as people write them
	Towns, Ledgers []Option
	Totals         []CorrectionTotal
	Rows           []CorrectionRow
	Pages          Pages
	Seals          []SealBox
	Waiting        string // the page of those that wait for another person
}

// CorrectionTotal is how many corrections one ledger of a town had.
type CorrectionTotal struct {
	Town, Ledger         string
	Corrections, Records int
}

// CorrectionRow is one of them.
type CorrectionRow struct {
	AmendedLine
	Town, Ledger string
	About        Link
}

// CorrectionPage is one record with its corrections, and the form of another. View: Correction.
type CorrectionPage struct {
	Town, Ledger, About string
	RecordedAt          time.Time
	Amended
	Fields  []CorrectionField
	Approve bool   // another person has to agree
	Closed  string // why it can no longer be corrected; "" if it can
	Form    Form   // fields: those above, was_… of each, reason, next; without an action: may not
	Next    string // where the form leads back to
}

// CorrectionField is a field as it stands and as it is entered.
type CorrectionField struct {
	Name, Label string
	Kind        string // as a form's field
	Was         string // the value that the reader sees, as it is kept
	Now         string // in words
	Required    bool
	Options     []Option
}
