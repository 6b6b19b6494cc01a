package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// KeysPage is where every key is now. View: Keys.
type KeysPage struct {
	Asks                             []KeyLoanRow // that wait to be agreed to or handed out
	Items                            []KeyItemRow
	Out, Overdue, Lost               int
	BookURL, CabinetsURL, SettingURL string
	NewURL                           string
	Seals                            []SealBox
	Cabinets                         bool // there is one to hang keys in
	NewCabinetURL                    string
}

// KeyItemRow is a kind of key with its copies.
type KeyItemRow struct {
	Name, Opens string
	URL         string
	Copies      []KeyCopyRow
}

// KeyCopyRow is one copy.
type KeyCopyRow struct {
	Name, Serial, Label string
	Place               string // 鍵保管庫 3番
	State               string // a word of "key": in, out, late, lost, retired
	Holder              string
	Since, DueAt        time.Time
	URL                 string
	Acts                []Act
}

// KeyLoanRow is a line of the loan book, or a request.
type KeyLoanRow struct {
	Name, Serial        string
	State               string // in words
	Borrower, Visitor   string
	Purpose, Work       string
	AskedAt, Out, DueAt time.Time
	After               string // 貸出から2時間, where it is due so long after it went out
	Back                time.Time
	OutBy, BackBy       string
	ApprovedBy          string
	Approved, Needed    int
	OutLeft, BackLeft   string
	Late                bool
	URL                 string
	WentOut, CameBack   Amended // of the book
}

// KeyPage is one copy with its ledger. View: Key.
type KeyPage struct {
	KeyCopyRow
	Item      Link
	Opens     string
	RetiredAt time.Time
	Events    []KeyEventRow
	Ask       Link // a request that waits
	LabelURL  string
	BackURL   string
	Seals     []SealBox
}

// KeyEventRow is one line of the ledger.
type KeyEventRow struct {
	Event        string
	At, Recorded time.Time // Recorded: zero where it was written down at once
	By           string
	From, To     string
	What         string // purpose, work, reason
	ApprovedBy   string
	DueAt        time.Time
	Place        string
	Left         int
	Amended      Amended
}

// KeyLoanPage is one request or loan, with what can be done about it. View: KeyLoan.
type KeyLoanPage struct {
	KeyLoanRow
	Copy                                           Link
	Handover                                       bool
	AskedBy                                        string
	Approvals                                      []Confirmation
	Closed                                         Confirmation
	ClosedReason                                   string
	ApproveURL, RefuseURL, WithdrawURL, HandOutURL string
	Own                                            bool // the reader borrows it, and so agrees to nothing
	BackURL                                        string
	Form                                           Form // of the acts: by, reason, occurred_at
}

// KeyItemPage is one kind of key. View: KeyItem.
type KeyItemPage struct {
	Name, Kind, Opens, Excludes, Due, Note string
	Authorisers, Generation                int
	RetiredAt                              time.Time
	Copies                                 []KeyCopyRow
	Acts                                   []Act
	EditURL, RetireURL, BackURL            string
	Form                                   Form // of the retirement, where it is refused
}

// KeyCabinetsPage lists the cabinets. View: KeyCabinets.
type KeyCabinetsPage struct {
	Rows            []KeyCabinetRow
	NewURL, BackURL string
}

// KeyCabinetRow is one of them.
type KeyCabinetRow struct {
	Name, Area, Place, Label string
	Keys, Slots              int
	StockedAt                time.Time
	StockedBy                string
	DueOn                    calendar.Date
	Overdue                  bool
	URL                      string
}

// KeyCabinetPage is one cabinet with what belongs into it and its counts. View: KeyCabinet.
type KeyCabinetPage struct {
	KeyCabinetRow
	Note                                  string
	RetiredAt                             time.Time
	Copies                                []KeyCopyRow
	Counts                                []KeyCountRow
	CountURL, EditURL, RetireURL, BackURL string
	Form                                  Form
}

// KeyCountRow is one count.
type KeyCountRow struct {
	At              time.Time
	By, Note        string
	Expected, Found int
	Differences     int
	URL             string
}

// KeyCountPage is one count with its lines. View: KeyCount.
type KeyCountPage struct {
	KeyCountRow
	Cabinet Link
	Lines   []KeyCountLine
	ListURL string
	Seals   []SealBox
}

// KeyCountLine is what a count saw of one copy.
type KeyCountLine struct {
	Copy    Link
	Serial  string
	Slot    int
	Seen    string // in words
	Detail  string
	Differs bool
	LoseURL string // where nobody has it, it can be said lost
}

// KeyBookPage is a month of the loan book (鍵貸出簿). View: KeyBook.
type KeyBookPage struct {
	Month                     string
	Rows                      []KeyLoanRow
	Made                      time.Time
	PrevURL, NextURL, FileURL string
	BackURL                   string
	Seals                     []SealBox
	More                      int // lines that this page leaves out
}

// KeyFormPage is any form about keys: its fields are made by the handler. View: KeyForm.
type KeyFormPage struct {
	Title, Name, Lead string
	Button            string
	Danger            bool
	Fields            []Field
	Crumbs            []Link
	BackURL           string
	Form              Form
}

// FieldOf makes a field of a form, as the part "field" draws it.
func FieldOf(f Form, of Field) Field {
	of.ID, of.Value, of.Error, of.Chosen = f.ID(of.Name), f.Get(of.Name), f.Err(of.Name), f.Values[of.Name]
	if of.Kind == "" {
		of.Kind = "text"
	}
	if of.Rows == 0 {
		of.Rows = 4
	}
	return of
}

// Steps are the form's crumbs.
func (p KeyFormPage) Steps() any { return crumbs(append(p.Crumbs, Link{Text: p.Title})...) }
