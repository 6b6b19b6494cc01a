package history

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// Format is how a file is written.
type Format string

// The formats: for a spreadsheet, and for programs.
const (
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// Media is the format's media type.
func (f Format) Media() string {
	if f == CSV {
		return "text/csv; charset=utf-8"
	}
	return "application/x-ndjson"
}

// Taken is an export that has begun: the search, and how many lines it gives.
type Taken struct {
	Search Search
	Format Format
	Rows   int64
	UpTo   int64 // what is written from now on, the line about this export first of all, is not part of it
	At     time.Time
}

// FileName is what the file is called.
func (t Taken) FileName() string {
	return "tanamori-operation-log-" + t.At.UTC().Format("20060102T150405Z") + "." + string(t.Format)
}

// TakeOut is the beginning of an export: who takes what out, and how many lines that is, stands in the log before the first
// of them leaves. The lines follow by Write, in a transaction of their own.
func TakeOut(_ context.Context, tx *tenants.Tx, s Search, format Format) (Taken, error) {
	towns, err := within(tx, s)
	if err != nil {
		return Taken{}, err
	}
	if err := tx.Permit(tenants.ExportLog); err != nil {
		return Taken{}, err
	}
	if format != CSV && format != JSONL {
		return Taken{}, tenants.NotFound()
	}
	s.After, s.Limit = Cursor{}, 0
	t := Taken{Search: s, Format: format, At: tx.Now}
	var there struct{ Rows, UpTo int64 }
	err = tx.DB.Raw(`SELECT count(*) AS rows, coalesce(max(l.id), 0) AS up_to FROM operation_log l WHERE `+s.whole(tx, towns), s.args(tx, towns)).Scan(&there).Error
	if err != nil {
		return Taken{}, fmt.Errorf("count what is taken out of the operation log: %w", err)
	}
	t.Rows, t.UpTo = there.Rows, there.UpTo
	home := s.Town
	if home == 0 {
		home = tx.Actor.TenantID
	}
	return t, tx.Record(tenants.Line{Town: home, Act: tenants.ExportLog, Object: "operation_log",
		After: map[string]any{"format": string(format), "search": s.asked(), "rows": t.Rows}})
}

// whole are the conditions of a search that is read to its end; no page of it is asked for, so the planner may choose.
func (s Search) whole(tx *tenants.Tx, towns []int64) string {
	where := `l.tenant_id = ANY (CAST(@towns AS bigint[]))`
	if s.Town == 0 {
		where = tx.Own("l.tenant_id", towns)
	}
	return where + s.person() + s.conditions()
}

// Words are how a reader calls what the log calls by codes; nil leaves the code.
type Words struct{ Act, Object, Post func(code string) string }

// Write sends the lines of an export, the newest first, as they are read: memory does not grow with them.
func Write(ctx context.Context, tx *tenants.Tx, t Taken, words Words, to io.Writer) error {
	if err := tx.Permit(tenants.ExportLog); err != nil {
		return err
	}
	towns, err := within(tx, t.Search)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(to, 64<<10)
	row := jsonRow(out)
	if t.Format == CSV {
		if row, err = csvRows(ctx, tx, towns, words, out); err != nil {
			return err
		}
	}
	args := t.Search.args(tx, towns)
	args["up_to"] = t.UpTo
	rows, err := tx.DB.Raw(`SELECT `+columns+` FROM operation_log l WHERE `+t.Search.whole(tx, towns)+` AND l.id <= @up_to ORDER BY l.at DESC, l.id DESC`, args).Rows()
	if err != nil {
		return fmt.Errorf("take lines out of the operation log: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err's
	for rows.Next() {
		var l Line
		if err := rows.Scan(&l.TenantID, &l.ID, &l.At, &l.ActorID, &l.Actor, &l.Post, &l.Act, &l.Object, &l.ObjectID, &l.Before, &l.After, &l.RequestID, &l.Remote); err != nil {
			return fmt.Errorf("take lines out of the operation log: %w", err)
		}
		if err := row(l); err != nil {
			return fmt.Errorf("take lines out of the operation log: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("take lines out of the operation log: %w", err)
	}
	return out.Flush()
}

// written is a line as JSON lines have it.
type written struct {
	TownID    int64           `json:"town_id"`
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	PersonID  *int64          `json:"person_id"`
	Actor     string          `json:"actor"`
	Post      string          `json:"post"`
	Act       string          `json:"act"`
	Object    string          `json:"object"`
	ObjectID  *int64          `json:"object_id"`
	Before    json.RawMessage `json:"before"`
	After     json.RawMessage `json:"after"`
	RequestID string          `json:"request_id"`
	Remote    string          `json:"remote"`
}

func jsonRow(to io.Writer) func(Line) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	return func(l Line) error {
		w := written{TownID: l.TenantID, ID: l.ID, At: l.At.UTC(), Actor: l.Actor, Post: l.Post, Act: l.Act, Object: l.Object, RequestID: l.RequestID, Remote: l.Remote,
			Before: json.RawMessage("null"), After: json.RawMessage("null")}
		if l.ActorID != 0 {
			w.PersonID = &l.ActorID
		}
		if l.ObjectID != 0 {
			w.ObjectID = &l.ObjectID
		}
		if l.Before != nil {
			w.Before = json.RawMessage(*l.Before)
		}
		if l.After != nil {
			w.After = json.RawMessage(*l.After)
		}
		return enc.Encode(w)
	}
}

// head of a CSV file: Japanese, as the people read it who open one.
var head = []string{"日時", "団体コード", "団体", "番号", "操作した人", "利用者番号", "職", "操作", "操作コード", "対象", "対象コード", "対象番号", "変更前", "変更後", "要求番号", "接続元"}

func csvRows(_ context.Context, tx *tenants.Tx, towns []int64, words Words, to io.Writer) (func(Line) error, error) {
	var named []struct {
		ID               int64
		Code, Name, Zone string
	}
	if err := tx.DB.Raw(`SELECT id, code, name, zone FROM tenant WHERE id = ANY (CAST(@towns AS bigint[]))`, map[string]any{"towns": &towns}).Scan(&named).Error; err != nil {
		return nil, fmt.Errorf("name the towns of an export: %w", err)
	}
	type place struct {
		code, name string
		zone       *time.Location
	}
	of := make(map[int64]place, len(named))
	for _, n := range named {
		zone, err := time.LoadLocation(n.Zone)
		if err != nil {
			zone = time.UTC // a zone that the system's table has lost; the offset stands beside the time
		}
		of[n.ID] = place{n.Code, n.Name, zone}
	}
	if _, err := io.WriteString(to, "\ufeff"); err != nil { // by which spreadsheets know UTF-8
		return nil, err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	say := func(words func(string) string, code string) string {
		if words == nil {
			return code
		}
		return words(code)
	}
	row := func(cells []string) error {
		for i, c := range cells {
			cells[i] = entry.Cell(c)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
		w.Flush() // into the buffer before the network
		return w.Error()
	}
	return func(l Line) error {
		p := of[l.TenantID]
		zone := p.zone
		if zone == nil {
			zone = time.UTC
		}
		return row([]string{l.At.In(zone).Format("2006-01-02T15:04:05.000-07:00"), p.code, p.name, strconv.FormatInt(l.ID, 10), l.Actor, number(l.ActorID), say(words.Post, l.Post),
			say(words.Act, l.Act), l.Act, say(words.Object, l.Object), l.Object, number(l.ObjectID), text(l.Before), text(l.After), l.RequestID, l.Remote})
	}, row(append([]string(nil), head...))
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
