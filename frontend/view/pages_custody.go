package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// CustodyListPage lists the passwords in custody, never the passwords. View: CustodyList.
type CustodyListPage struct {
	Management ManagementState
	Rows       []CustodyRow
	NewURL     string
	Seals      []SealBox
}

// CustodyRow is one of them.
type CustodyRow struct {
	Kind, Name, AppliesTo string
	Envelope, Place       string
	State                 string // a word of "custody": sealed, opened, retired
	SetAt                 time.Time
	SetBy                 string
	DueOn                 calendar.Date
	Overdue               bool
	RetiredAt             time.Time
	URL                   string
}

// CustodyPage is one with its ledger. View: Custody.
type CustodyPage struct {
	CustodyRow
	Months, Days     int
	Events           []CustodyEventRow
	Acts             []Act
	EditURL, BackURL string
	Seals            []SealBox
}

// CustodyEventRow is one line of the ledger. What was corrected stands beside what it should have said.
type CustodyEventRow struct {
	Event                   string
	At, Recorded            time.Time
	By, Witness, RecordedBy string
	Envelope, Place, Reason string
	Amended                 Amended // occurred_at, by, witness, envelope, place, reason_given
}

// CustodyFormPage takes a password into custody, changes its terms, or writes down what happened. View: CustodyForm. Fields:
// kind, name, applies_to, rotate_months, open_days; occurred_at, by_id, witness_id, envelope, place, reason.
type CustodyFormPage struct {
	Title, Name, Lead, Button string
	Terms                     bool // the description and the terms
	Event                     bool // when, who, witness
	Seals                     bool // envelope and place
	NeedsReason, Danger       bool
	Kinds, People             []Option
	BackURL, ListURL          string
	Form                      Form
}
