package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// OutboxPage lists notices with their attempts. View: Outbox.
type OutboxPage struct {
	States   []Choice
	NoServer string // one sentence where no mail server is set; "" otherwise
	Rows     []NoticeRow
	Pages    Pages
}

// NoticeRow is one message.
type NoticeRow struct {
	ID       string
	Kind     string // opened, repeated, reopened, resolved
	Town     string
	Subject  string
	About    Link // the incident, the worst where it lists several
	Also     int  // how many it lists besides
	To       string
	Address  string
	State    string // queued, sending, sent, failed, withdrawn
	QueuedAt time.Time
	NextAt   time.Time // of the next try
	SentAt   time.Time

	WithdrawnAt time.Time

	Repeated bool // the outcome was unknown, so it was sent again
	Attempts []Attempt
	Acked    bool
	RetryURL string // POST
}

// Attempt is one try to deliver.
type Attempt struct {
	N       int
	At      time.Time
	Took    time.Duration
	Outcome string // sent, refused, away, error, unknown, "" while it lasts
	Detail  string
}

// MailboxPage is the demonstration's mailbox: what would have been sent. View: Mailbox.
type MailboxPage struct {
	Rows  []MailRow
	Pages Pages
	Open  *Mail // the message read, nil for none
}

// MailRow is one message of the list.
type MailRow struct {
	URL      string
	At       time.Time
	To       string
	Subject  string
	Current  bool
	Answered bool
}

// Mail is one message.
type Mail struct {
	From, To, Subject, MessageID string
	At                           time.Time
	Text                         string
	Links                        []Link // the addresses in it, to open
}

// LogPage is 操作履歴. View: Log.
type LogPage struct {
	Filter  Form // GET; fields: from, to (dates), who, act, town, object, object_id, post, request
	Acts    []Option
	Objects []Option
	Posts   []Option
	Towns   []Option // none where there is one only, or too many to choose from
	ByCode  bool     // too many: there is a field "code" for a name or a code
	Rows    []LogRow
	Pages   Pages
	CSV     string // export of what is searched; "" hides
	JSONL   string
	Review  string // the reviews of the log; "" hides
	OwnTown bool   // a town's own lines
}

// LogRow is one operation.
type LogRow struct {
	At      time.Time
	Actor   string
	Post    string
	Act     string // in words
	Object  Link
	Changes []Change
	Remote  string
	Request string
	SameURL string // the lines of the same request
}

// ReviewsPage is 操作履歴の確認. View: Reviews.
type ReviewsPage struct {
	BackURL    string
	BeganOn    calendar.Date
	ReviewedTo calendar.Date // zero: not even the first day
	Left       []ReviewLeft
	DueAt      time.Time
	Form       Form // fields: from_on, to_on, found, findings, measures
	Setting    Form // fields: day, days; no Action: it may not be changed
	Day, Days  int
	Rows       []ReviewRow
	Pages      Pages
}

// ReviewLeft are days that wait for a review.
type ReviewLeft struct {
	From, To calendar.Date
	Whose    string // whose own operations are left to another person; "" for all of them
	Own      bool   // and that is whoever reads this
	Lines    int64
	URL      string // the lines themselves
}

// ReviewRow is one review.
type ReviewRow struct {
	At                 time.Time
	From, To           calendar.Date
	By, Post           string
	Lines, OwnLines    int64
	Found              bool
	Findings, Measures string
	URL                string
	Amended            Amended // found, findings, measures
}

// Change is one value before and after; before is shown struck through.
type Change struct{ Name, Before, After string }
