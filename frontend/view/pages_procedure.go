package view

import "time"

// ProcedurePage is the form of what is done about somebody's password. Fields: reason, second_login, second_password,
// second_code. View: Procedure.
type ProcedurePage struct {
	Title, Lead, Button string
	Name, Login         string
	Held                bool // it waits for a second person who is not at this screen
	Form                Form
	BackURL             string
}

// ProceduresPage is the record of what was done about passwords. View: Procedures.
type ProceduresPage struct {
	Rows    []ProcedureRow
	Pages   Pages
	Seals   []SealBox
	BackURL string
}

// ProcedureRow is one line of it.
type ProcedureRow struct {
	At               time.Time
	Kind             string
	Person, Org, URL string
	Reason, By       string
	How, Second      string
	Alone            bool
}

// ManagementPage is the form by which the management password is made and sealed. Fields: envelope, place, second_login,
// second_password, second_code. View: Management.
type ManagementPage struct {
	Anew    bool // in place of one that is there
	Form    Form
	BackURL string
	Made    string // the password, shown this once
	Place   string
}

// ManagementState is how the console's own management password stands.
type ManagementState struct {
	State   string // none, sealed, spent, void
	SetAt   time.Time
	SpentAt time.Time
	VoidAt  time.Time
	By      string // who used it
	URL     string // of its ledger
	SetURL  string // of the form; "" hides
}
