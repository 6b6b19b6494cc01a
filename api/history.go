package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/history"
)

// LogLine is one line of the operation log (操作履歴).
type LogLine struct {
	TownID    int64           `json:"town_id"`
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	PersonID  *int64          `json:"person_id" doc:"Null where nobody signed in for it."`
	Actor     string          `json:"actor"`
	Posts     string          `json:"posts" doc:"The post by which it was done; several where none of them was needed."`
	Act       string          `json:"act"`
	Object    string          `json:"object"`
	ObjectID  *int64          `json:"object_id"`
	Before    json.RawMessage `json:"before" doc:"What it was; null where there was nothing."`
	After     json.RawMessage `json:"after" doc:"What it became; null where nothing is left."`
	RequestID string          `json:"request_id"`
	Remote    string          `json:"remote" doc:"From where; of the host's staff it is empty for a town."`
}

func logLineOf(l history.Line) LogLine {
	out := LogLine{TownID: l.TenantID, ID: l.ID, At: l.At.UTC(), Actor: l.Actor, Posts: l.Post, Act: l.Act, Object: l.Object,
		Before: json.RawMessage("null"), After: json.RawMessage("null"), RequestID: l.RequestID, Remote: l.Remote}
	if l.ActorID != 0 {
		out.PersonID = &l.ActorID
	}
	if l.ObjectID != 0 {
		out.ObjectID = &l.ObjectID
	}
	if l.Before != nil {
		out.Before = json.RawMessage(*l.Before)
	}
	if l.After != nil {
		out.After = json.RawMessage(*l.After)
	}
	return out
}

// LogSearch is what can be asked of the log.
type LogSearch struct {
	Town     int64     `query:"town_id" minimum:"0" doc:"One town's only."`
	Person   int64     `query:"person_id" minimum:"0" doc:"What this person did."`
	Who      string    `query:"who" maxLength:"100" doc:"Part of the name or title as it stands in the line; width, kana and spaces make no difference."`
	Post     string    `query:"post" maxLength:"40" doc:"By which post." example:"operator"`
	Act      string    `query:"act" maxLength:"60" example:"plan.write"`
	Object   string    `query:"object" maxLength:"60" doc:"The noun." example:"plan"`
	ObjectID int64     `query:"object_id" minimum:"0"`
	Request  string    `query:"request_id" maxLength:"100"`
	From     time.Time `query:"from" doc:"At or after this moment."`
	To       time.Time `query:"to" doc:"Before this moment."`
}

func (s LogSearch) search() history.Search {
	return history.Search{Town: s.Town, Person: s.Person, Who: s.Who, Post: s.Post, Act: s.Act, Object: s.Object, ObjectID: s.ObjectID, Request: s.Request, From: s.From, To: s.To}
}

func listLog(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	LogSearch
}) (List[LogLine], error) {
	s := in.search()
	s.Limit = in.Limit + 1
	b, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	after, ok := history.ParseCursor(string(b))
	if err != nil || !ok {
		_, err := Page{Cursor: "?"}.before() // the same words for every list
		return List[LogLine]{}, err
	}
	s.After = after
	lines, err := history.List(ctx, tx, s)
	if err != nil {
		return List[LogLine]{}, err
	}
	out := paged(lines, in.Limit, func(l history.Line) int64 { return l.ID }, logLineOf)
	if out.Next != nil {
		out.Next = ptr(base64.RawURLEncoding.EncodeToString([]byte(lines[in.Limit-1].Cursor().String())))
	}
	return out, nil
}

func takeLog(ctx context.Context, tx *tenants.Tx, in *struct {
	LogSearch
	Format string `query:"format" enum:"csv,jsonl" default:"jsonl" doc:"CSV for spreadsheets (UTF-8 with a byte order mark, CRLF, formulas made harmless) or JSON lines."`
}) (history.Taken, error) {
	return history.TakeOut(ctx, tx, in.search(), history.Format(in.Format))
}

var logFile = file[history.Taken]{about: "A line of the log each, the newest first; see docs/api.md.", medias: []string{history.JSONL.Media(), history.CSV.Media()},
	name: history.Taken.FileName, media: func(t history.Taken) string { return t.Format.Media() },
	write: func(ctx context.Context, tx *tenants.Tx, t history.Taken, to io.Writer) error {
		return history.Write(ctx, tx, t, history.Words{}, to)
	}}

// LogReview is one review of the operation log (操作履歴の確認).
type LogReview struct {
	ID       int64         `json:"id"`
	At       time.Time     `json:"at"`
	FromOn   calendar.Date `json:"from_on" format:"date"`
	ToOn     calendar.Date `json:"to_on" format:"date"`
	By       string        `json:"by"`
	PersonID int64         `json:"person_id"`
	Post     string        `json:"post"`
	Lines    int64         `json:"lines" doc:"Of others, in those days."`
	OwnLines int64         `json:"own_lines" doc:"The reviewer's own, left to another person."`
	Found    bool          `json:"found" doc:"Something was out of order."`
	Findings string        `json:"findings"`
	Measures string        `json:"measures" doc:"What was done about it."`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first; what stands above is as they have it."`
}

func logReviewOf(r history.Review) LogReview {
	return LogReview{ID: r.ID, At: r.At.UTC(), FromOn: r.FromOn, ToOn: r.ToOn, By: r.ByText, PersonID: r.ByID, Post: r.Post, Lines: r.Lines, OwnLines: r.OwnLines,
		Found: r.Found, Findings: r.Findings, Measures: r.Measures, Corrections: correctionsOf(r.Corrections)}
}

func listReviews(ctx context.Context, tx *tenants.Tx, in *struct{ Page }) (List[LogReview], error) {
	before, err := in.before()
	if err != nil {
		return List[LogReview]{}, err
	}
	list, err := history.Reviews(ctx, tx, before, in.Limit+1)
	return paged(list, in.Limit, func(r history.Review) int64 { return r.ID }, logReviewOf), err
}

// LogReviewInput is a review as it is entered.
type LogReviewInput struct {
	FromOn   calendar.Date `json:"from_on" format:"date" doc:"The first day that was reviewed."`
	ToOn     calendar.Date `json:"to_on" format:"date" doc:"The last one; it must be over."`
	Found    bool          `json:"found,omitempty" doc:"Something was out of order; findings and measures are needed then."`
	Findings string        `json:"findings,omitempty" maxLength:"8000"`
	Measures string        `json:"measures,omitempty" maxLength:"8000"`
}

func recordReview(ctx context.Context, tx *tenants.Tx, in *struct{ Body LogReviewInput }) (LogReview, error) {
	r, err := history.Confirm(ctx, tx, history.ReviewInput{FromOn: in.Body.FromOn, ToOn: in.Body.ToOn, Found: in.Body.Found, Findings: in.Body.Findings, Measures: in.Body.Measures})
	return logReviewOf(r), err
}

// ReviewState is how the review of the log stands.
type ReviewState struct {
	BeganOn    calendar.Date   `json:"began_on" format:"date" doc:"The first day there is a log of."`
	ReviewedTo *calendar.Date  `json:"reviewed_to" format:"date" doc:"Every day up to this one is reviewed; null where not even the first is."`
	Left       []ReviewLeft    `json:"left" nullable:"false" doc:"What is not, up to yesterday, the oldest first."`
	Setting    LogReviewTiming `json:"setting"`
	DueAt      *time.Time      `json:"due_at" doc:"By when the next review is due."`
}

// ReviewLeft are days of which something is not reviewed.
type ReviewLeft struct {
	FromOn   calendar.Date `json:"from_on" format:"date"`
	ToOn     calendar.Date `json:"to_on" format:"date"`
	PersonID *int64        `json:"person_id" doc:"Whose own lines are left to another person; null where nobody has reviewed these days."`
	Person   string        `json:"person"`
	Lines    int64         `json:"lines" doc:"Of that person."`
}

// LogReviewTiming says when the month before is to be reviewed; the host's own setting (運用上).
type LogReviewTiming struct {
	Day  int `json:"day" minimum:"1" maximum:"28" doc:"Of each month; on a closed day the next open one." example:"1"`
	Days int `json:"days" minimum:"1" maximum:"7" doc:"Within how many days." example:"7"`
}

func getReviewState(ctx context.Context, tx *tenants.Tx, _ *nothing) (ReviewState, error) {
	s, err := history.Standing(ctx, tx)
	if err != nil {
		return ReviewState{}, err
	}
	out := ReviewState{BeganOn: s.BeganOn, Setting: LogReviewTiming(s.Setting), DueAt: utc(s.DueAt), Left: each(s.Left, func(l history.Left) ReviewLeft {
		left := ReviewLeft{FromOn: l.FromOn, ToOn: l.ToOn, Person: l.Whose, Lines: l.Lines}
		if l.Of != 0 {
			left.PersonID = &l.Of
		}
		return left
	})}
	if !s.ReviewedTo.IsZero() {
		out.ReviewedTo = &s.ReviewedTo
	}
	return out, nil
}

func setReview(ctx context.Context, tx *tenants.Tx, in *struct{ Body LogReviewTiming }) (LogReviewTiming, error) {
	s, err := history.Set(ctx, tx, history.Setting(in.Body))
	return LogReviewTiming(s), err
}
