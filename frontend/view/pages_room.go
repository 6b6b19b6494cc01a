package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// RoomsPage is who is where now, and what comes today. View: Rooms.
type RoomsPage struct {
	Rooms    []RoomCard
	Visits   []VisitRow // today's
	Open     []RoomLine // entries without permission that nobody has looked into
	Links    []Link
	ApplyURL string
}

// RoomCard is one area.
type RoomCard struct {
	Name, Place       string
	State             string // a word of "room": inside, locked, unlocked, unused
	Inside            []RoomLine
	EmptySince        time.Time
	EmptiedBy         string
	LockedAt          time.Time
	LockedBy          string
	LockBy            time.Time // by when the lock must be confirmed
	Late              bool      // it is past that
	EnterURL, LockURL string
	BookURL, SetURL   string
}

// RoomLine is one line of サーバ室入退室記録簿.
type RoomLine struct {
	ID                     int64
	Room, Name, Org        string
	At, Recorded           time.Time // Recorded: zero where it was written down in time
	LateReason             string
	Left, LeftRecorded     time.Time
	LeftLate               string
	Purpose, Escort, Badge string
	PermitNo               string
	In, Out                string // carried
	Why, Reason            string // without permission
	By, LeftBy             string
	Last                   bool
	Reviewed               time.Time
	ReviewedBy, Finding    string
	ExitURL, ReviewURL     string
	Amended, ExitAmended   Amended
}

// RoomLockLine is one 施錠確認.
type RoomLockLine struct {
	At, Recorded time.Time
	By           string
	Done, Undone []string
	Found        string
	WithExit     bool
	Amended      Amended
}

// RoomBookPage is サーバ室入退室記録簿 of a month. View: RoomBook.
type RoomBookPage struct {
	Name, Month      string
	Rows             []RoomLine
	Locks            []RoomLockLine
	PrevURL, NextURL string
	CSV, BackURL     string
	Seals            []SealBox
	Made             time.Time
}

// RoomFormPage is a form about a room. View: RoomForm. Fields of each kind: enter (who, name, org, purpose, purpose_other, escort_id,
// badge_id, carried, reason, occurred_at, late_reason), exit (carried, badge_back, done, found, …), lock (done, found, …), review
// (finding), set (lock_minutes, late_minutes, checklist), permit (area_id, person_id, name, org, from_on, until_on, document,
// note), revoke (reason), visit (company, names, from_at, until_at, reason, work, areas, escort_id, carry_in, carry_out).
type RoomFormPage struct {
	Kind, Title, Name, Lead, Button                 string
	Who, Purposes, People, Badges, Rooms, Checklist []Option
	Last, Badge, Outside, Needs                     bool // the last one out; a badge is worn; they may be from elsewhere; a reason is asked
	Danger, Late                                    bool
	LockMinutes                                     int
	BackURL                                         string
	Form                                            Form
}

// RoomListPage is 入室許可者名簿. View: RoomList.
type RoomListPage struct {
	Rows             []RoomPermitRow
	Former           bool
	OtherURL, NewURL string
	Seals            []SealBox
	Day              calendar.Date
	Made             time.Time
	BackURL          string
}

// RoomPermitRow is one line of it.
type RoomPermitRow struct {
	Room, Name, Org    string
	From, Until        calendar.Date
	Document, Note, By string
	At                 time.Time
	Revoked            time.Time
	RevokedBy, Why     string
	Over               bool
	RevokeURL          string
}

// VisitRow is one 入室許可申請.
type VisitRow struct {
	Number, State, Company, Work string
	From, Until                  time.Time
	Rooms                        []string
	Visitors                     []VisitorRow
	Escort, Applicant            string
	URL                          string
	Past                         bool
}

// VisitorRow is one of its people.
type VisitorRow struct {
	Name, Badge string
	Inside      bool
	EnterURL    string
	Room        string // into which EnterURL leads
}

// VisitsPage lists applications, the newest first. View: Visits.
type VisitsPage struct {
	Rows            []VisitRow
	NewURL, BackURL string
	Pages           Pages
}

// VisitPage is one as 入室許可申請書. View: Visit.
type VisitPage struct {
	VisitRow
	Reason, CarryIn, CarryOut string
	Applied                   time.Time
	Decided, Cancelled        time.Time
	DecidedBy, DecidedWhy     string
	CancelledBy, CancelWhy    string
	Seals                     []SealBox
	Approve, Refuse, Cancel   *Form // fields: reason
	Mine                      bool  // the reader applied or escorts: another person decides
	BackURL                   string
}

// BadgesPage is the stock of badges. View: Badges. Fields: number, note.
type BadgesPage struct {
	Rows    []BadgeRow
	Form    *Form
	BackURL string
}

// BadgeRow is one badge.
type BadgeRow struct {
	Number, Note, Label string
	OutTo, OutBy        string
	OutAt, DueAt        time.Time
	Late                bool
	URL                 string
}

// BadgePage is one with its ledger. View: Badge. Fields: visitor_id; reason.
type BadgePage struct {
	BadgeRow
	Retired                       time.Time
	Events                        []BadgeLine
	Visitors                      []Option
	Lend, Return, Relabel, Retire *Form
	BackURL                       string
}

// BadgeLine is one line of its ledger.
type BadgeLine struct {
	What, Holder, By, Reason, LateReason string
	At, Recorded                         time.Time
}
