package correction

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
)

// Get gives a record as it stands, for whoever may read its ledger.
func Get(_ context.Context, tx *tenants.Tx, town int64, ledger string, id int64) (Record, error) {
	if err := tx.Permit(tenants.ReadCorrection, town); err != nil {
		return Record{}, err
	}
	l, ok := Named(ledger)
	if !ok {
		return Record{}, tenants.NotFound()
	}
	if err := tx.Permit(l.Read, town); err != nil {
		return Record{}, err
	}
	return l.take(tx, town, id)
}

// take reads a record and lays its corrections over it.
func (l Ledger) take(tx *tenants.Tx, town, id int64) (Record, error) {
	pairs := make([]string, 0, len(l.Fields))
	pair := func(name, expr, only string) {
		value := `coalesce(to_jsonb(` + expr + `), to_jsonb(CAST('' AS text)))`
		if only != "" {
			value = `CASE WHEN ` + only + ` THEN ` + value + ` END`
		}
		pairs = append(pairs, `'`+name+`', `+value)
	}
	for _, f := range l.Fields {
		pair(f.Name, f.Column, f.Only)
		if f.Kind == Person {
			pair(f.Name+NameOf, f.Words, f.Only)
		}
	}
	rows := l.Rows
	if rows == "" {
		rows = "true"
	}
	var found struct {
		About      string
		RecordedAt time.Time
		Written    Values
	}
	err := tx.DB.Raw(`SELECT coalesce(`+l.About+`, '') AS about, t.`+l.Recorded+` AS recorded_at, jsonb_build_object(`+strings.Join(pairs, ", ")+`) AS written
		FROM `+l.Table+` t WHERE t.tenant_id = @town AND t.id = @id AND (`+rows+`)`, map[string]any{"town": town, "id": id}).Take(&found).Error
	if err != nil {
		return Record{}, fmt.Errorf("read record %d of %s: %w", id, l.Table, err)
	}
	of, err := Read(tx, []Ref{{l.Table, town, id}})
	if err != nil {
		return Record{}, err
	}
	r := Record{Ledger: l, TenantID: town, ID: id, About: found.About, RecordedAt: found.RecordedAt, Written: found.Written, Corrections: of[Ref{l.Table, town, id}]}
	r.Now = r.Corrections.over(r.Written)
	return r, nil
}

// Filter says which corrections to list.
type Filter struct {
	Town   int64     // 0: every town where the actor may read some
	Ledger string    // empty: all
	Row    int64     // one record's, with its ledger
	From   time.Time // zero: from the beginning
	Until  time.Time // not included; zero: to the newest
	Before int64     // older than this one; 0: the newest first
	Limit  int
}

const within = `c.ledger = ANY (CAST(@ledgers AS text[])) AND c.at >= CAST(@from AS timestamptz) AND c.at < CAST(@until AS timestamptz)`

func (f Filter) args(towns []int64, ledgers []string) map[string]any {
	from, until := f.From, f.Until
	if from.IsZero() {
		from = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if until.IsZero() {
		until = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return map[string]any{"towns": &towns, "ledgers": &ledgers, "ledger": f.Ledger, "row": f.Row, "from": from, "until": until, "before": f.Before, "limit": f.Limit}
}

// within gives the towns of the filter in which the actor may read corrections.
func (f Filter) towns(tx *tenants.Tx) ([]int64, error) {
	if f.Town != 0 {
		return []int64{f.Town}, tx.Permit(tenants.ReadCorrection, f.Town)
	}
	return tx.Reach(tenants.ReadCorrection)
}

func readable(a tenants.Actor, ledger string, town int64) bool {
	l, ok := Named(ledger)
	return ok && a.May(l.Read, town)
}

// readableIn are the ledgers that the actor may read in some of the towns. What only some of them allow is left out row by row.
func readableIn(a tenants.Actor, towns []int64) []string {
	var tables []string
	for _, l := range Ledgers() {
		if slices.ContainsFunc(towns, func(town int64) bool { return a.May(l.Read, town) }) {
			tables = append(tables, l.Table)
		}
	}
	return tables
}

// List gives corrections, the newest first, of the ledgers that the actor may read. It is what an auditor and a supervisor go
// through, and what a monthly confirmation shows of its month.
func List(_ context.Context, tx *tenants.Tx, f Filter) ([]Correction, error) {
	towns, err := f.towns(tx)
	if err != nil {
		return nil, err
	}
	where := within
	if f.Ledger != "" {
		where += ` AND c.ledger = @ledger`
	}
	if f.Row != 0 {
		where += ` AND c.row_id = @row`
	}
	var out []Correction
	ledgers := readableIn(tx.Actor, towns)
	for len(out) < f.Limit { // again only where some towns let the actor read less than others
		var some []Correction
		err := tx.DB.Raw(tenants.Newest(`SELECT `+columns+` FROM correction c WHERE `+where, "c", len(towns)), f.args(towns, ledgers)).Scan(&some).Error
		if err != nil {
			return nil, fmt.Errorf("list corrections: %w", err)
		}
		for _, c := range some {
			if len(out) < f.Limit && readable(tx.Actor, c.Ledger, c.TenantID) {
				out = append(out, c)
			}
		}
		if len(some) < f.Limit {
			break
		}
		f.Before = some[len(some)-1].ID
	}
	return out, nil
}

// Total is how many corrections one ledger of a town had.
type Total struct {
	TenantID    int64
	Ledger      string
	Corrections int
	Records     int // that they are of
}

// Count counts corrections by town and ledger, of those that the actor may read: "the month had so many, of these ledgers".
func Count(_ context.Context, tx *tenants.Tx, f Filter) ([]Total, error) {
	towns, err := f.towns(tx)
	if err != nil {
		return nil, err
	}
	var found, out []Total
	err = tx.DB.Raw(`SELECT c.tenant_id, c.ledger, count(*) AS corrections, count(DISTINCT c.row_id) AS records FROM correction c
		WHERE c.tenant_id = ANY (CAST(@towns AS bigint[])) AND `+within+` AND (@ledger = '' OR c.ledger = @ledger)
		GROUP BY c.tenant_id, c.ledger ORDER BY c.tenant_id, c.ledger`, f.args(towns, readableIn(tx.Actor, towns))).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("count corrections: %w", err)
	}
	for _, t := range found {
		if readable(tx.Actor, t.Ledger, t.TenantID) {
			out = append(out, t)
		}
	}
	return out, nil
}
