package view

import "tanamori/tenants/calendar"

// TownIndexPage lists the towns with how they stand. View: TownIndex.
type TownIndexPage struct {
	Find  *Find // among many towns; nil hides
	Pages Pages
	Night calendar.Date
	Rows  []TownIndexRow
}

// TownIndexRow is one town.
type TownIndexRow struct {
	Town             Link
	Kana, Code, Kind string
	JoinedOn, LeftOn calendar.Date
	Servers          int
	Contacts         int
	Marks            []Status // of the newest night
	Open             int      // incidents that are not over
	IncidentsURL     string
	BookURL          string
	Needs            bool
}

// LadderFormPage changes a ladder. Fields: name, delays, repeat_minutes. View: LadderForm.
type LadderFormPage struct {
	Town    Link
	Name    string
	BackURL string
	Form    Form
}

// PersonFormPage adds a person. Fields: town, login, name, lang, kind, title, from_on, until_on. View: PersonForm.
type PersonFormPage struct {
	BackURL      string
	Form         Form
	Towns, Posts []Option
}

// IssuedPage shows an issued password, this once. View: Issued.
type IssuedPage struct {
	Name, Login string
	Password    string
	New         bool // of a new person; else in place of a lost one
	BackURL     string
}

// PasswordPage changes one's own password. Fields: old, new, again. View: Password.
type PasswordPage struct {
	Form Form
}

// ExcusePage excuses a coming night of a plan. Fields: night, reason. View: Excuse.
type ExcusePage struct {
	Town, Plan Link
	BackURL    string
	Form       Form
	Nights     []Option
}
