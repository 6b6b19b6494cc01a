package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// TownPage is one town: its last 90 nights, servers, open incidents and contacts. View: Town.
type TownPage struct {
	Name, Kana       string
	Code             string // 団体コード
	Kind             string // host, member
	JoinedOn, LeftOn calendar.Date
	EditURL          string
	Today            calendar.Date
	Nights           []Night // the worst verdict of each night, in order
	Servers          []TownServer
	Open             []Case
	IncidentsURL     string // all incidents of this town
	Contacts         []ContactRow
	ContactsURL      string // settings of the contacts
	BookURL          string // バックアップ確認簿 of this month
	RacksURL         string // 設置場所
	NextClosed       []DayRef
}

// TownServer is one server of a town with its plans.
type TownServer struct {
	Name  string
	Role  string // 戸籍正 …
	Place string // ラックA-03
	Plans []TownPlan
}

// TownPlan is one plan of a server with its newest verdict.
type TownPlan struct {
	Link
	Status Status
	At     time.Time // of the newest run
	Bytes  int64     // -1 for none
	Level  int       // reached, -1 for none
	Spark  []time.Duration
}

// PlanPage is one plan of one server: how deep the newest run was proved, the runs, the trend. View: Plan.
type PlanPage struct {
	Town, Server Link
	Name         string
	EditURL      string
	VerifyURL    string // POST: examine the newest run again
	ExcuseURL    string // page to excuse a coming night
	Tabs         []Choice
	Status       Status // of the newest night
	Night        calendar.Date
	Sentence     string // the verdict in words

	Latest    *Run // nil before the first one
	Ladder    Ladder
	Runs      []Run // newest first
	Pages     Pages
	Trend     Trend
	Durations []time.Duration // newest last
	Usual     time.Duration   // 0 if not known yet

	Facts   PlanFacts
	CheckIn *CheckIn // nil hides it from whoever may not see the address
}

// Run is one run of a plan.
type Run struct {
	Night          calendar.Date
	Verdict        string
	Sentence       string
	Started, Ended time.Time
	Duration       time.Duration // negative if not known
	Reported       string        // running, ok, fail, none
	Exit           string        // 終了コード, "" for none
	Bytes, Files   int64         // -1 for none
	SaidBytes      int64         // what the check-in said, -1 for nothing
	File           string
	SHA256         string
	Format         string
	Entries        int64 // -1 for none
	Level          int   // -1 for none
	Tool           string
	Generation     string
	VerifiedAt     time.Time
	Confirmed      Confirmation
	ConfirmURL     string // POST
	IncidentURL    string
	Note           string  // of the confirmation
	Looked         Amended // the confirmation: result, note
	Excused        Amended // why the night need not be: reason_given
}

// PlanFacts is what was agreed.
type PlanFacts struct {
	Schedule  string // in words: 毎日 02:00
	Cron      string
	Zone      string
	Policy    string // every_day, open_days, roll_forward
	DueAfter  time.Duration
	Grace     time.Duration
	Longest   time.Duration
	Next      time.Time // next due
	Severity  string
	Ladder    string
	Store     string
	Pattern   string
	Manifest  string // none, any, sidecar, checkin
	Level     int
	MinBytes  int64 // -1 for none
	MaxBytes  int64
	Deviation string // 3.5
	Settle    time.Duration
}

// CheckIn is where the machine that makes the backup says so.
type CheckIn struct {
	URL      string // whole address with scheme and host
	SlugURL  string // the same by ping key and slug; "" for none
	LastAt   time.Time
	LastKind string // in words
	Rotate   string // POST: another address in place of this one; "" hides
	Snippets []Snippet
}

// Snippet is a recipe to copy.
type Snippet struct{ Name, Text string }

// BookPage is バックアップ確認簿: one town, one month, made to be printed. View: Book.
type BookPage struct {
	Number           string // 文書番号, "" for none
	Town             Link
	Month            string // 令和8年11月分
	PrevURL, NextURL string
	Seals            []SealBox
	Servers          []string // one column each
	Rows             []BookRow
	Made             time.Time
	Gaps             int // nights without a verdict or confirmation
	Basis            string
}

// Measure is what was done about one thing that was wrong (異常時の処置).
type Measure struct {
	Text    string
	Amended Amended // of the answer
}

// BookRow is one night of the book.
type BookRow struct {
	Night     calendar.Date
	Closed    string   // name of the closed day, "" on an open one
	Cells     []Status // by server; an empty Verdict means nothing was expected
	Measures  []Measure
	Confirmed Confirmation
	Notes     []string  // of the confirmations
	Amended   []Amended // of the confirmations and of why a night need not be
}
