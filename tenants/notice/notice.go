// Package notice keeps the messages that tell people something and every try to deliver them. A message is queued in the
// transaction of what it tells of, claimed by whoever delivers, sent outside of any transaction, and marked afterwards.
// What happened to a try is never guessed: one whose end nobody saw is "unknown", and its repeat says so.
package notice

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
)

// The kinds of message.
const (
	Opened   = "opened"   // something is wrong, the first report to this person
	Repeated = "repeated" // it still is, and nobody has answered
	Reopened = "reopened" // the promised time has passed
	Resolved = "resolved" // it is over
	Reminded = "reminded" // no incident: something comes to its end by itself
	Morning  = "morning"  // how the night went, and the day's signed state of the town's records, to be kept
)

// The states of a message. Queued and sending ones are due at next_at; sending is held by a claim until then. The other
// three are ends.
const (
	StateQueued    = "queued"
	StateSending   = "sending"
	StateSent      = "sent"
	StateFailed    = "failed"    // refused for good
	StateWithdrawn = "withdrawn" // what it tells of was over before it left
)

// Message is what to tell whom. Text and HTML may hold {{ack}}, the link that answers LinkFor, and {{base}}, the
// console's own address; both are filled in when the message leaves (Claimed.Fill), because they may change until then.
type Message struct {
	Town      int64  // whose message it is; that town's own people can read it
	Dedup     string // one message for each within a town, however often it is queued
	Kind      string
	About     string // the noun and id of what it tells of: "incident", 7
	AboutID   int64
	Also      []int64 // what it lists besides, of the same noun, in the order of the list
	ToPost    string  // 町民生活課長
	ToName    string
	ToAddress string
	Subject   string
	Text      string
	HTML      string
	LinkFor   string // "rung:12"; empty where there is nothing to answer
}

// Notice is a message as it stands.
type Notice struct {
	TenantID  int64
	ID        int64
	Kind      string
	About     string
	AboutID   int64
	Also      IDs // what it lists besides, in the order of the list
	ToPost    string
	ToName    string
	ToAddress string
	Subject   string
	MessageID string // of the mail, the same on every try, without angle brackets
	State     string
	QueuedAt  time.Time
	NextAt    *time.Time // when it is tried next; empty once it has come to an end
	Tries     int
	SentAt    *time.Time
	Repeated  bool   // an earlier try may have reached the person
	LastError string // of the newest try that failed

	WithdrawnAt *time.Time
	Attempts    []Attempt `gorm:"-"` // in order, where the reader asked for them
}

// IDs is a list of ids as the database hands one over: {7,9}.
type IDs []int64

// Scan reads ids from a bigint array; none at all is an empty list.
func (l *IDs) Scan(src any) error {
	*l = nil
	if src == nil {
		return nil
	}
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("read ids from %T", src)
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == '{' || r == '}' || r == ',' }) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return fmt.Errorf("read ids from %q: %w", text, err)
		}
		*l = append(*l, id)
	}
	return nil
}

// GormDataType keeps the row mapper from taking the list for rows of their own.
func (IDs) GormDataType() string { return "bigint[]" }

// Attempt is one try to deliver a notice. It stands before the message leaves; its end is filled in once.
type Attempt struct {
	TenantID  int64
	NoticeID  int64
	N         int
	StartedAt time.Time
	EndedAt   *time.Time
	Outcome   string // sent, refused, away, error, unknown; empty while it goes on
	Detail    string // what the server said
}

// Claimed is a notice that the caller may deliver until Until, with the words to send.
type Claimed struct {
	Notice
	Claim   uuid.UUID
	Until   time.Time // nothing may leave after it: somebody else takes the notice up then
	Text    string
	HTML    string
	LinkFor string
}

// Attempt is the number of this try, from 1.
func (c Claimed) Attempt() int { return c.Tries }

// Result names how a try ended.
type Result string

// The results of a try.
const (
	Accepted Result = "accepted" // the mail server has taken it over
	Refused  Result = "refused"  // for good: this address, or this message
	Delayed  Result = "delayed"  // not this time; another message may well get through
	Away     Result = "away"     // nothing gets through: the server is away, or does not want us (our own settings)
	Unknown  Result = "unknown"  // it left and no answer came: it may have arrived
	Untried  Result = "untried"  // not begun: the lease ended, or the program is stopping
)

// Outcome is how a try ended and what the server said of it.
type Outcome struct {
	Result Result
	Detail string
}

// ended is the result in the attempt's own words.
func (r Result) ended() string {
	switch r {
	case Accepted:
		return "sent"
	case Refused:
		return "refused"
	case Unknown:
		return "unknown"
	case Away:
		return "away"
	case Delayed, Untried:
		return "error"
	}
	return "error"
}

// How long after a try the next one comes, by the number of tries so far. There is no last one: a message whose time
// has come is tried until it is sent or refused for good.
var (
	delays     = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}
	awayDelays = []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
)

// Next is when a message whose n-th try ended so at now is tried again; ok is false where it is not. A server that is
// away is looked for more often than an address that does not take mail: once it is back, everybody is waiting.
func (r Result) Next(now time.Time, n int) (at time.Time, ok bool) {
	step := func(table []time.Duration) time.Time { return now.Add(table[min(max(n, 1), len(table))-1]) }
	switch r {
	case Accepted, Refused:
		return time.Time{}, false
	case Away:
		return step(awayDelays), true
	case Untried:
		return now, true
	case Delayed, Unknown:
		return step(delays), true
	}
	return step(delays), true
}

// within refuses towns that the actor does not see. Queueing has no act of its own: whoever queues has been permitted
// the act that the message tells of.
func within(tx *tenants.Tx, towns ...int64) error {
	for _, t := range towns {
		if !tx.Actor.Sees(t) {
			return tenants.NotFound()
		}
	}
	return nil
}
