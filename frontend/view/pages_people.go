package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// PersonPage is one person or machine: what they hold, held and will hold, their tokens, and what can be done about them.
// Form fields: name, lang. View: Person.
type PersonPage struct {
	Name, Login, Org string
	Machine          bool
	CreatedAt        time.Time
	DisabledAt       time.Time
	Posts            []PersonPost
	Course           []RegisterRow
	Tokens           []TokenRow
	BackURL          string
	NewPostURL       string
	Form             *Form  // of the name; nil hides
	PasswordURL      string // POST each, "" hides
	FactorsURL       string // takes the second factors off and issues a password
	DisableURL       string
	EnableURL        string
	TokenForm        *Form // a machine's: name, days, acts, towns
	Acts, Towns      []Option
	Made             string // the new token in full, shown this once
}

// PersonPost is a post that somebody holds, held or will hold.
type PersonPost struct {
	Label, Title, Org string
	From, Until       calendar.Date
	State             string // now, over, coming
	ExOfficio         bool
	Manner            string
	By, Document      string
	DocumentOn        calendar.Date
	Acts, Towns       []string
	EndForm           *Form // until_on
	WithdrawURL       string
}

// RegisterRow is a post in the register of the organisation in which it is held.
type RegisterRow struct {
	Event              string
	At                 time.Time
	By                 string // who wrote it down
	Person, Home, Held string
	Label, Title       string
	Office             string
	Manner             string
	From, Until        calendar.Date
	AppointedBy        string
	Document           string
	DocumentOn         calendar.Date
	Acts, Towns        []string
	URL                string
	Amended            Amended // appointed_by, document, document_on
}

// PostFormPage gives a person a post, or takes a machine in with one. Fields: town and name (a machine's), at, kind, title,
// manner, appointed_by, document, document_on, from_on, until_on, no_end, acts, towns, codes. View: PostForm.
type PostFormPage struct {
	Machine   bool
	Name      string
	PersonURL string
	BackURL   string
	Form      Form
	Posts     []Option
	Orgs      []Option // where it may be held
	Acts      []Option
	Towns     []Option // to limit it to; none: by their codes
	YearsEnd  calendar.Date
}

// OfficesPage lists the offices. Form fields: town, name. View: Offices.
type OfficesPage struct {
	Rows  []OfficeRow
	Form  *Form
	Towns []Option
}

// OfficeRow is one office.
type OfficeRow struct {
	Office      Link
	Org, Holder string
	Since       calendar.Date
	Next        string // who takes it over
	NextOn      calendar.Date
	Posts       []string
}

// OfficePage is one office: who holds it, what goes with it, its handing over. View: Office.
type OfficePage struct {
	Name, Org   string
	BackURL     string
	Holders     []OfficeHolder
	Withdrawn   []OfficeBack
	TakeBackURL string // POST: the newest hand-over, whose day has not come; "" hides
	Posts       []OfficePostRow
	HandOver    *Form // to, from_on, document, document_on
	People      []Option
	PostForm    *Form // kind, title, at, manner, acts, towns, codes
	Kinds       []Option
	Orgs        []Option
	Acts        []Option
	Towns       []Option
}

// OfficeHolder is somebody's time in an office.
type OfficeHolder struct {
	Person      Link
	From, Until calendar.Date
	Document    string
	DocumentOn  calendar.Date
	Now         bool
}

// OfficePostRow is a post that goes with an office.
type OfficePostRow struct {
	Label, Title, Org string
	Manner            string
	Acts, Towns       []string
	DropURL           string
}

// RegisterPage is the register of the posts held in a town, to be printed. View: Register.
type RegisterPage struct {
	Town     Link
	Day      calendar.Date
	Former   bool
	OtherURL string // with those that are over, or without
	Rows     []RegisterRow
	Seals    []SealBox
	Made     time.Time
}

// ImportPage takes people in from a CSV file: the form, then what was read, then the passwords. Fields: town, file, text.
// View: Import.
type ImportPage struct {
	BackURL  string
	Form     Form
	Towns    []Option
	Org      string
	Encoding string
	Lines    []ImportRow
	Bad      int
	CSV      string // the file once more, for the button that takes them in
	Town     string
	Issued   []IssuedPage // shown this once
}

// ImportRow is one line of the file.
type ImportRow struct {
	N            int
	Login, Name  string
	Folded       bool
	Label, Title string
	From, Until  calendar.Date
	NoEnd        bool
	Document     string
	Faults       []string
}

// PingKeyPage is a town's key for check-ins by slug. View: PingKey.
type PingKeyPage struct {
	Town      Link
	BackURL   string
	Key       string
	Address   string // with the slug still to be filled in
	RotateURL string // POST; "" hides
}

// OfficeBack is a hand-over that was taken back before its day.
type OfficeBack struct {
	Person string
	From   calendar.Date
	At     time.Time
	By     string
}
