package view

import "time"

// ProposalsPage is what waits for a second person (照合), and what waited. View: Proposals.
type ProposalsPage struct {
	Choices []Choice
	Rows    []ProposalRow
	Pages   Pages
}

// ProposalRow is one change as it was asked for.
type ProposalRow struct {
	Town                  Link
	By                    string
	At                    time.Time
	State                 string // waiting, confirmed, refused, withdrawn
	Decided, Reason       string
	DecidedAt             time.Time
	Lines                 []ProposalLine
	ConfirmURL, RefuseURL string // POST; "" where this person may not
	Own                   bool   // RefuseURL takes it back
	Fault                 string // why it could not be sent back
}

// ProposalLine is one line of what would change.
type ProposalLine struct {
	Act, Object string
	Changes     []Change
}

// MorningPage is when a town's morning report goes out, and to whom. Fields: at, days (open, every), and a name and an address
// for each of Readers. View: Morning.
type MorningPage struct {
	Town                 Link
	BackURL, EvidenceURL string
	Form                 Form // Action is "" for who may only read it
	Days                 []Option
	Readers              []MorningReader
}

// MorningReader names the fields of one reader.
type MorningReader struct {
	N          int
	Name, Mail string
}

// SecondPersonPage is for which acts a town asks for a second person. Fields: acts (any number). View: SecondPerson.
type SecondPersonPage struct {
	Town    Link
	BackURL string
	Form    Form
	Acts    []Option
}
