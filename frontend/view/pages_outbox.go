package view

import "time"

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
	About    Link // the incident
	To       string
	Address  string
	State    string // queued, sending, sent, failed
	QueuedAt time.Time
	NextAt   time.Time // of the next try
	SentAt   time.Time
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
	Outcome string // sent, refused, error, unknown, "" while it lasts
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
	Filter Form // GET; fields: from, to (dates), who, act, town
	Acts   []Option
	Towns  []Option
	Looked int // operations among which a filter looked; 0 shows nothing
	Rows   []LogRow
	Pages  Pages
	Export Link // CSV
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
}

// Change is one value before and after; before is shown struck through.
type Change struct{ Name, Before, After string }
