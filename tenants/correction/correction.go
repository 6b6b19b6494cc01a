// Package correction is 訂正, one mechanism for every ledger (DESIGN 3.4): a record stays as it was written, and what it should
// have said is a row of its own: which fields, why, who, and where the ledger asks for it which other person agreed. What a
// record comes to is the record with its corrections laid over it, the latest last; all stay to be seen.
//
// A ledger declares itself once, by Register; nothing here, in the doors or in the database knows it otherwise.
package correction

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Kind is what a field holds, and by that how it is checked, entered and shown.
type Kind string

// The kinds. A value is a text in all of them: a moment in RFC 3339, a date as 2026-11-21, a choice by its code, a person by
// their id.
const (
	Line   Kind = "line"   // one line
	Text   Kind = "text"   // any number of lines
	Time   Kind = "time"   // when something happened: not in the future, not after it was written down
	Date   Kind = "date"   // any day
	Choice Kind = "choice" // one of Options
	Person Kind = "person" // one of People
)

// Field is one field of a record that can be corrected.
type Field struct {
	Name     string // in forms and JSON, and the column unless Column says otherwise
	Column   string // an SQL expression over the alias t
	Only     string // an SQL condition over t: the field exists in these rows alone; empty: in all
	Ja, En   string
	Kind     Kind
	Longest  int  // of a line or a text, in characters
	Required bool // must not be empty
	Options  []Option
	// People gives whom a field of the kind Person may name; Words is the SQL expression of the name beside the id.
	People func(ctx context.Context, tx *tenants.Tx, town int64) ([]Option, error)
	Words  string
}

// Option is one value that a field may have.
type Option struct{ Value, Ja, En string }

// Ledger is what a ledger declares.
type Ledger struct {
	Table    string // as in record_kind; its key is (tenant_id, id)
	Ja, En   string // one record of it
	Recorded string // the column that says when a record was written down
	About    string // an SQL expression over t: what people call a record
	Rows     string // an SQL condition over t: the records that people wrote; empty: all
	Read     tenants.Act
	Act      tenants.Act // who may correct
	Approve  tenants.Act // what another person's posts must allow to agree to it; empty: nobody is asked
	Days     int         // after it was written down; 0: as long as it is kept
	Fields   []Field
	// Check says what else is wrong with a correction; it may read and lock. After does what follows from one. Both may be nil.
	Check func(ctx context.Context, tx *tenants.Tx, r Record, v *tenants.Invalid) error
	After func(ctx context.Context, tx *tenants.Tx, r Record) error
}

// Values are a record's fields by name. The name of a person stands beside their id, under the field's name and NameOf.
type Values map[string]string

// NameOf ends the key under which a person's name stands.
const NameOf = "_name"

// Correction is one: what the record came to before, and what it comes to since.
type Correction struct {
	TenantID   int64
	ID         int64
	Ledger     string
	RowID      int64
	N          int // the first of its record, the second …
	About      string
	Was        Values
	Becomes    Values
	Reason     string
	ByID       int64
	ByText     string
	ApproverID *int64
	Approver   string // another person, where the ledger asks for one
	At         time.Time
}

// Fields are the fields that it changes, in the ledger's order.
func (c Correction) Fields() []Field {
	l, ok := Named(c.Ledger)
	if !ok {
		return nil
	}
	var out []Field
	for _, f := range l.Fields {
		if _, changes := c.Becomes[f.Name]; changes {
			out = append(out, f)
		}
	}
	return out
}

// Record is a record that can be corrected, as it stands.
type Record struct {
	Ledger      Ledger
	TenantID    int64
	ID          int64
	About       string
	RecordedAt  time.Time
	Written     Values  // as it was written down
	Now         Values  // with its corrections
	Corrections History // the oldest first
}

// Has tells whether a record has a field: a person's name, for example, only where a person was telephoned.
func (r Record) Has(f Field) bool { _, ok := r.Now[f.Name]; return ok }

// Open tells whether it may still be corrected.
func (r Record) Open(now time.Time) bool {
	return r.Ledger.Days == 0 || now.Before(r.RecordedAt.AddDate(0, 0, r.Ledger.Days))
}

var ledgers = map[string]Ledger{}

// Register declares a ledger. Called from package variables only.
func Register(l Ledger) bool {
	if _, twice := ledgers[l.Table]; twice {
		panic("correction: ledger registered twice: " + l.Table)
	}
	for i, f := range l.Fields {
		if f.Column == "" {
			l.Fields[i].Column = "t." + f.Name
		}
		if slices.ContainsFunc(l.Fields[:i], func(o Field) bool { return o.Name == f.Name }) {
			panic("correction: field registered twice: " + l.Table + "." + f.Name)
		}
	}
	ledgers[l.Table] = l
	return true
}

// Named gives a ledger by its table.
func Named(table string) (Ledger, bool) { l, ok := ledgers[table]; return l, ok }

// Ledgers are all that are declared, in the order of their tables.
func Ledgers() []Ledger {
	out := make([]Ledger, 0, len(ledgers))
	for _, l := range ledgers {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Ledger) int { return strings.Compare(a.Table, b.Table) })
	return out
}

// LedgerWords is what people call a record of a ledger.
func LedgerWords(table, lang string) string {
	l, ok := Named(table)
	if !ok {
		return table
	}
	return in(lang, l.Ja, l.En)
}

// Field finds one by its name.
func (l Ledger) Field(name string) (Field, bool) {
	n := slices.IndexFunc(l.Fields, func(f Field) bool { return f.Name == name })
	if n < 0 {
		return Field{}, false
	}
	return l.Fields[n], true
}

// Label is what people call the field.
func (f Field) Label(lang string) string { return in(lang, f.Ja, f.En) }

// Label is what people call the value.
func (o Option) Label(lang string) string { return in(lang, o.Ja, o.En) }

// Show is a value of the field in words, a moment in the zone.
func (f Field) Show(values Values, lang string, zone *time.Location) string {
	v := values[f.Name]
	switch f.Kind {
	case Time:
		at, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return v
		}
		at = at.In(zone)
		if lang == "en" {
			return at.Format("2006-01-02 15:04")
		}
		return calendar.DateOf(at, zone).Wareki() + at.Format(" 15:04")
	case Date:
		day, err := calendar.Parse(v)
		if err != nil || lang == "en" {
			return v
		}
		return day.Wareki()
	case Choice:
		for _, o := range f.Options {
			if o.Value == v {
				return o.Label(lang)
			}
		}
	case Person:
		return values[f.Name+NameOf]
	case Line, Text:
	}
	return v
}

func in(lang, ja, en string) string {
	if lang == "en" {
		return en
	}
	return ja
}

// Scan reads values from JSON: what is no text there (a number, a truth value) is one here.
func (v *Values) Scan(src any) error {
	var b []byte
	switch s := src.(type) {
	case []byte:
		b = s
	case string:
		b = []byte(s)
	default:
		return fmt.Errorf("read a record's values from %T", src)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("read a record's values: %w", err)
	}
	*v = make(Values, len(raw))
	for name, value := range raw {
		var text string
		switch {
		case string(value) == "null":
			continue
		case json.Unmarshal(value, &text) != nil:
			text = string(value)
		}
		(*v)[name] = text
	}
	return nil
}

// GormDataType keeps the row mapper from taking values for a row of their own.
func (Values) GormDataType() string { return "jsonb" }

var _ = tenants.Sentences(map[string][2]string{
	"retention.series.correction": {"訂正", "Corrections"},
	"retention.basis.correction":  {"運用上。操作履歴に合わせています。訂正した記録が残っているあいだは、年数によらず残ります", "Operational, as long as the operation log; as long as what they correct is kept, however old they are"},
	"retention.kind.correction":   {"訂正", "corrections"},
})
