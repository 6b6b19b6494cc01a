package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// ObservanceText is one version of the rules (遵守事項) with its text.
type ObservanceText struct {
	Title     string
	Number    string // 第2版
	FromOn    calendar.Date
	State     string // a word of "observance"
	Lines     []string
	SHA256    string
	AcceptURL string // POST sha256 and next; "" where there is nothing to accept
	Accepted  time.Time
	URL       string
}

// ObservancesPage is what somebody has to read and accept before work. View: Observances.
type ObservancesPage struct {
	Open []ObservanceText
	Done []ObservanceText // in force and accepted
	Next string           // where to go when all is accepted
}

// ObservanceListPage lists every version. View: ObservanceList.
type ObservanceListPage struct {
	Rows           []ObservanceRow
	NewURL, OwnURL string
}

// ObservanceRow is one version.
type ObservanceRow struct {
	Text          Link
	Number, State string
	FromOn        calendar.Date
	Accepted      time.Time // by the reader
	Acceptable    bool
	People, Have  int // who works in the towns in reach, and how many of them accepted it
}

// ObservancePage is one version with who has accepted it. View: Observance.
type ObservancePage struct {
	ObservanceText
	By               string
	At               time.Time
	BackURL, NextURL string // the list; the form of the next version
	Withdraw         *Form  // nil: not by this person, or withdrawn
	Tabs             []Choice
	Rows             []StandingRow
	Find             *Find
	Pages            Pages
	Open             bool // only who has not
}

// StandingRow is where one person stands with a version.
type StandingRow struct {
	Name, Titles, Org string
	Accepted          time.Time // zero: not yet
	Gone              bool      // no longer works here
}

// ObservanceFormPage writes a version. Fields: title, body, from_on, document. View: ObservanceForm.
type ObservanceFormPage struct {
	Name    string // of the document whose next version it is; "" begins a new one
	BackURL string
	Form    Form
}

// Missing is how many have not accepted it.
func (r ObservanceRow) Missing() int { return r.People - r.Have }
