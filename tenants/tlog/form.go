package tlog

import (
	"fmt"
	"strings"

	"tanamori/tenants"
)

// series is a ledger that is gathered.
type series struct {
	Kind     string
	Columns  string // those that a leaf is made of now, comma separated
	Settled  string
	Recorded string
	Act      string
}

// book is what the catalogue says of the ledgers: their forms, and the types of their columns.
type book struct {
	series []series
	byKind map[string]series
	form   map[string]int    // the form in force of each kind
	forms  map[int]form      // every form there ever was
	types  map[string]string // of kind.column
}

type form struct {
	ID      int
	Kind    string
	Columns string
}

const readSeries = `
SELECT s.kind, s.settled, s.recorded, s.act, array_to_string(coalesce(s.columns, (SELECT array_agg(CAST(a.attname AS text) ORDER BY a.attname <> 'id', a.attnum)
	FROM pg_attribute a WHERE a.attrelid = to_regclass(s.kind) AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tenant_id')), ',') AS columns
FROM tlog_series s ORDER BY s.kind`

const readTypes = `
SELECT s.kind || '.' || a.attname AS name, format_type(a.atttypid, NULL) AS type FROM tlog_series s
JOIN pg_attribute a ON a.attrelid = to_regclass(s.kind) AND a.attnum > 0 AND NOT a.attisdropped`

// readBook reads the catalogue.
func readBook(tx *tenants.Tx) (*book, error) {
	b := &book{byKind: map[string]series{}, form: map[string]int{}, forms: map[int]form{}, types: map[string]string{}}
	if err := tx.DB.Raw(readSeries).Scan(&b.series).Error; err != nil {
		return nil, fmt.Errorf("read what is gathered: %w", err)
	}
	var types []struct{ Name, Type string }
	if err := tx.DB.Raw(readTypes).Scan(&types).Error; err != nil {
		return nil, fmt.Errorf("read the types of columns: %w", err)
	}
	for _, t := range types {
		b.types[t.Name] = t.Type
	}
	for _, s := range b.series {
		b.byKind[s.Kind] = s
	}
	return b, b.readForms(tx)
}

func (b *book) readForms(tx *tenants.Tx) error {
	var forms []form
	if err := tx.DB.Raw(`SELECT id, kind, array_to_string(columns, ',') AS columns FROM tlog_form ORDER BY id`).Scan(&forms).Error; err != nil {
		return fmt.Errorf("read the forms of leaves: %w", err)
	}
	for _, f := range forms {
		b.forms[f.ID] = f
		if b.byKind[f.Kind].Columns == f.Columns {
			b.form[f.Kind] = f.ID
		}
	}
	return nil
}

// renew writes down the forms that are new: of a new ledger, or one that gained a column.
func (b *book) renew(tx *tenants.Tx) error {
	var kinds, columns []string
	for _, s := range b.series {
		if _, ok := b.form[s.Kind]; !ok {
			kinds, columns = append(kinds, s.Kind), append(columns, s.Columns)
		}
	}
	if len(kinds) == 0 {
		return nil
	}
	err := tx.DB.Exec(`INSERT INTO tlog_form (kind, columns) SELECT kind, string_to_array(columns, ',')
		FROM unnest(CAST(@kinds AS text[]), CAST(@columns AS text[])) x (kind, columns) ORDER BY kind
		ON CONFLICT ON CONSTRAINT tlog_form_columns DO NOTHING`, map[string]any{"kinds": &kinds, "columns": &columns}).Error
	if err != nil {
		return fmt.Errorf("write down the forms of leaves: %w", err)
	}
	return b.readForms(tx)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// stamp writes a time in UTC to the microsecond, whatever the session's own zone and style. What has no such form (BC, years
// of five digits, infinity) is written as Postgres does, so that no two times look the same.
const stamp = `CASE WHEN {c} >= '0001-01-01 00:00:00+00' AND {c} < '10000-01-01 00:00:00+00'
	THEN to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE CAST({c} AT TIME ZONE 'UTC' AS text) END`

// value is how a column is written into a leaf.
func (b *book) value(kind, column string) string {
	c := "t." + quoted(column)
	switch b.types[kind+"."+column] {
	case "timestamp with time zone":
		return strings.ReplaceAll(stamp, "{c}", c)
	case "bytea":
		return `encode(` + c + `, 'hex')`
	}
	return c
}

// found is a row as the database has it: JSON, not canonical yet.
type found struct {
	TenantID int64
	RowID    int64
	Row      string
}

// where is a row.
type where struct {
	town int64
	kind string
	id   int64
}

// rows reads rows of one form, one statement however many they are.
func (b *book) rows(tx *tenants.Tx, f form, towns, ids []int64, into map[where]string) error {
	columns := strings.Split(f.Columns, ",")
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = b.value(f.Kind, c) + ` AS ` + quoted(c)
	}
	var list []found
	err := tx.DB.Raw(`SELECT t.tenant_id, t.id AS row_id, CAST(row_to_json(x) AS text) AS row
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) w (town, id)
		JOIN `+quoted(f.Kind)+` t ON t.tenant_id = w.town AND t.id = w.id CROSS JOIN LATERAL (SELECT `+strings.Join(values, ", ")+`) x`,
		map[string]any{"towns": &towns, "ids": &ids}).Scan(&list).Error
	if err != nil {
		return fmt.Errorf("read rows of %s: %w", f.Kind, err)
	}
	for _, r := range list {
		into[where{r.TenantID, f.Kind, r.RowID}] = r.Row
	}
	return nil
}

// wanted are rows to read, by the form of their leaves.
type wanted map[int]*struct{ towns, ids []int64 }

func (w wanted) add(form int, town, id int64) {
	if w[form] == nil {
		w[form] = &struct{ towns, ids []int64 }{}
	}
	w[form].towns, w[form].ids = append(w[form].towns, town), append(w[form].ids, id)
}

func (w wanted) read(tx *tenants.Tx, b *book) (map[where]string, error) {
	into := map[where]string{}
	for id, list := range w {
		f, ok := b.forms[id]
		if !ok {
			continue // a form that is gone: its rows count as missing
		}
		if err := b.rows(tx, f, list.towns, list.ids, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}
