package api

import (
	"encoding/base64"
	"strconv"
	"time"

	"tanamori/tenants"
)

// Reason says why something is as it is.
type Reason struct {
	Code   string            `json:"code" doc:"Names the reason; programs compare it." example:"duty.missed"`
	Params map[string]string `json:"params" doc:"What its sentence is filled with."`
	TextJa string            `json:"text_ja" doc:"The sentence in Japanese."`
	TextEn string            `json:"text_en" doc:"The sentence in English."`
}

func reasonOf(r tenants.Reason) *Reason {
	if r.Code == "" {
		return nil
	}
	params := map[string]string(r.Params)
	if params == nil {
		params = map[string]string{}
	}
	return &Reason{Code: r.Code, Params: params, TextJa: r.In("ja"), TextEn: r.In("en")}
}

// List is one page of a list.
type List[T any] struct {
	Items []T     `json:"items" nullable:"false" doc:"What is on this page, in order."`
	Next  *string `json:"next" doc:"Pass it as cursor to get the page after this one; null on the last."`
}

// Page asks for one page of a list.
type Page struct {
	Cursor string `query:"cursor" maxLength:"64" doc:"The next of the page before; nothing for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many to give at most."`
}

// before is the id that the page goes on from, 0 for the first page.
func (p Page) before() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	var v tenants.Invalid
	b, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err == nil {
		var id int64
		if id, err = strconv.ParseInt(string(b), 10, 64); err == nil && id > 0 {
			return id, nil
		}
	}
	v.Add("cursor", "前の答えの next をそのまま指定してください。", "Give the next of an earlier answer as it was.")
	return 0, v.Err()
}

func cursorOf(id int64) *string {
	return ptr(base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(id, 10))))
}

// paged makes a page of rows of which one more than the limit was asked for.
func paged[R, T any](rows []R, limit int, id func(R) int64, shape func(R) T) List[T] {
	l := List[T]{Items: make([]T, 0, min(len(rows), limit))}
	for i, r := range rows {
		if i == limit {
			l.Next = cursorOf(id(rows[i-1]))
			break
		}
		l.Items = append(l.Items, shape(r))
	}
	return l
}

// pagedWhole makes a page of a list that its room gives whole.
func pagedWhole[R, T any](rows []R, p Page, id func(R) int64, shape func(R) T) (List[T], error) {
	after, err := p.before()
	if err != nil {
		return List[T]{}, err
	}
	if after != 0 {
		found := false
		for i, r := range rows {
			if id(r) == after {
				rows, found = rows[i+1:], true
				break
			}
		}
		if !found {
			return List[T]{}, tenants.Conflict("一覧が変わりました。はじめから読み直してください。", "The list has changed; please read it from its beginning.")
		}
	}
	return paged(rows, p.Limit, id, shape), nil
}

// whole makes the only page of a list that is short by its nature.
func whole[R, T any](rows []R, shape func(R) T) List[T] {
	return paged(rows, len(rows), func(R) int64 { return 0 }, shape)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return ptr(t.UTC())
}

// some is nil for nothing.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// InTown names a town in the path.
type InTown struct {
	Town int64 `path:"town_id" minimum:"1" doc:"The town's id."`
}

// Of names one thing of a town in the path.
type Of struct {
	InTown
	ID int64 `path:"id" minimum:"1" doc:"Its id."`
}

// townWith is a body sent to a town, ofWith one sent to a thing of a town.
type (
	townWith[B any] struct {
		InTown
		Body B
	}
	ofWith[B any] struct {
		Of
		Body B
	}
)

// nothing is asked beyond who asks.
type nothing struct{}

// each shapes every row; the result is an empty list for none, never null.
func each[R, T any](rows []R, shape func(R) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = shape(r)
	}
	return out
}
