package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// IncidentsPage lists incidents. View: Incidents.
type IncidentsPage struct {
	States []Choice // 未受領, 受領済, 復旧, すべて
	Town   Link     // set when the list is of one town
	Rows   []IncidentRow
	Pages  Pages
}

// IncidentRow is one incident of the list.
type IncidentRow struct {
	Number   string // 8-0147
	URL      string
	Town     string
	Subject  string // 戸籍正　バックアップ未着
	Sentence string
	State    string // open, acknowledged, resolved
	Severity string // critical, warning
	OpenedAt time.Time
	Until    time.Time // how long the answer holds
	Resolved time.Time
	Next     *Told
	Answered string // who answered last
}

// IncidentPage is one incident. View: Incident, piece: IncidentLive.
type IncidentPage struct {
	Number   string
	Title    string // 佐呂間町　戸籍正　バックアップ未着
	Sentence string // why, in words
	State    string
	Severity string
	Town     Link
	Plan     Link // what it is about
	Night    calendar.Date
	OpenedAt time.Time
	Resolved time.Time
	Result   string // how it was resolved
	Promise  *Promise
	Now      time.Time
	Report   string // URL of the printable report

	LiveURL   string // GET answers with piece IncidentLive
	EventsURL string // server-sent events "incident" and "alive", as on the board

	Timeline []Event // oldest first
	Rungs    []Rung
	Repeat   time.Duration // how often the last rung is told again

	Ack  *AckForm // nil hides
	Call *CallForm
	Note *Form // fields: text
}

// Event kinds.
const (
	EventOpened       = "opened"
	EventWorsened     = "worsened"
	EventTold         = "told"
	EventUnreachable  = "unreachable"
	EventAcknowledged = "acknowledged"
	EventExpired      = "ack_expired"
	EventNoted        = "noted"
	EventResolved     = "resolved"
)

// Event is one line of the timeline.
type Event struct {
	At       time.Time // when it happened
	Recorded time.Time // when it was written down; shown when it is another minute (後日記録)
	Kind     string
	Text     string // 住民係長へメールを送りました
	By       string
	Detail   string // small: outcome, address, attempt
	Quote    string // what was said, in 「」
	QuoteWas string // before it was corrected
	Amended  Amended
	Again    []Event // what stood between this line and the next: the same person told again and again
}

// Rung is one step of the ladder of telling.
type Rung struct {
	N       int
	Post    string
	Name    string
	Mail    string
	Phone   string
	Hours   string
	State   string // pending, held, fired, dropped
	DueAt   time.Time
	FiredAt time.Time
	Outcome string // 受領なし, 届かず …
	Next    bool   // the one to come
	Again   []Rung // the same person, told again and again before the next line
}

// AckForm is 受領確認: what is promised, and until when. Fields: promise, until (datetime-local).
type AckForm struct {
	Form
	Quick []Option // ready-made promises (業者に確認中 …), field "quick"
}

// CallForm records a telephone call an operator made. Fields: rung, at (datetime-local), result, promise, until.
type CallForm struct {
	Form
	Rungs   []Option
	Results []Option // answered, absent, …
}

// States of AckPage.
const (
	AckAsk     = "ask"     // GET: what it is about, and a button
	AckDone    = "done"    // just answered
	AckAlready = "already" // answered before, by this link or another way
	AckExpired = "expired" // the link is over
	AckClosed  = "closed"  // the incident is resolved
)

// AckPage is where the link in a mail leads; nobody signs in for it. View: Ack.
type AckPage struct {
	State    string
	Title    string
	Sentence string
	Number   string
	OpenedAt time.Time
	ToPost   string // whom the mail was sent to
	Form     AckForm
	Answered *Promise
	At       time.Time // when it was answered or resolved
	Phone    string    // whom to call instead, in words

	Matters []AckMatter // where the mail tells of several; Sentence, Number and OpenedAt are not shown then
	Open    int         // for how many of them the form answers
}

// AckMatter is one of several incidents behind a link, as it stands now.
type AckMatter struct {
	Number   string
	Title    string // 戸籍正　バックアップ未着
	Sentence string
	State    string // open, acknowledged, resolved
	OpenedAt time.Time
	Answered *Promise // while acknowledged
	Resolved time.Time
}
