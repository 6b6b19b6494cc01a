// Package history is the operation log (操作履歴) as it is read: searched, taken out, and reviewed. The lines themselves are
// written by whoever acts, with tenants.Tx.Record; two kinds of them are written here for the doors: that somebody of the
// host looked at a town's page, and that something was refused.
package history

import (
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
)

// Kind is this ledger's word for its duty.
const Kind = "history"

var _ = tenants.Sentences(map[string][2]string{
	"retention.kind.log_review": {"操作履歴の確認", "reviews of the operation log"},
	"history.reviewed":          {"{to}までの操作履歴を確認しました", "Reviewed up to {to}"},
})

var _ = tenants.Shorts(map[string][2]string{
	"history.reviewed": {"{to}まで確認", "up to {to}"},
})

// Line is one line of the operation log.
type Line struct {
	TenantID  int64
	ID        int64
	At        time.Time
	ActorID   int64 // 0 where nobody signed in
	Actor     string
	Post      string
	Act       string
	Object    string
	ObjectID  int64
	Before    *string // JSON
	After     *string
	RequestID string
	Remote    string // empty where it is not the reader's to know
}

// Cursor is where a list goes on: after this line, the newest first.
type Cursor struct {
	At time.Time
	ID int64
}

// Cursor is where a list goes on after this line.
func (l Line) Cursor() Cursor { return Cursor{l.At, l.ID} }

// String is the cursor as addresses carry it.
func (c Cursor) String() string {
	if c.ID == 0 {
		return ""
	}
	return strconv.FormatInt(c.At.UnixMicro(), 10) + "." + strconv.FormatInt(c.ID, 10)
}

// ParseCursor reads what String wrote. Nothing is the beginning; what is no cursor is told so.
func ParseCursor(text string) (Cursor, bool) {
	if text == "" {
		return Cursor{}, true
	}
	at, id, ok := strings.Cut(text, ".")
	micro, err := strconv.ParseInt(at, 10, 64)
	n, wrong := strconv.ParseInt(id, 10, 64)
	// Four digits of a year, so that the database can read it.
	if !ok || err != nil || wrong != nil || n <= 0 || micro < 0 || micro > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() {
		return Cursor{}, false
	}
	return Cursor{time.UnixMicro(micro).UTC(), n}, true
}

// Search chooses lines; what is left empty chooses nothing.
type Search struct {
	Town     int64  // one town's only
	Person   int64  // by id
	Who      string // in the name as it stands in the line
	Post     string
	Act      string
	Object   string
	ObjectID int64
	Request  string
	From, To time.Time // To is not included
	After    Cursor
	Limit    int
}

// Empty tells whether nothing was asked for.
func (s Search) Empty() bool {
	return s.Town == 0 && s.Person == 0 && strings.TrimSpace(s.Who) == "" && s.Post == "" && s.Act == "" && s.Object == "" && s.ObjectID == 0 &&
		s.Request == "" && s.From.IsZero() && s.To.IsZero()
}

// asked is the search as it stands in the log when its lines are taken out.
func (s Search) asked() map[string]any {
	out := map[string]any{}
	for name, v := range map[string]string{"who": strings.TrimSpace(s.Who), "post": s.Post, "act": s.Act, "object": s.Object, "request_id": s.Request} {
		if v != "" {
			out[name] = v
		}
	}
	for name, v := range map[string]int64{"town_id": s.Town, "person_id": s.Person, "object_id": s.ObjectID} {
		if v != 0 {
			out[name] = v
		}
	}
	for name, v := range map[string]time.Time{"from": s.From, "to": s.To} {
		if !v.IsZero() {
			out[name] = v.UTC().Format(time.RFC3339)
		}
	}
	return out
}
