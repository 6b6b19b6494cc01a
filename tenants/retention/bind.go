package retention

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/volume"
)

// A town's shelves are made when the job first meets it, from the month it came; so are its rules, which are the
// consortium's as the host has them.
const makeShelves = `
INSERT INTO shelf (tenant_id, kind, digest, month, bind_at)
SELECT t.id, k.kind, @first, m.month, (m.month + interval '1 month' + make_interval(days => @days)) AT TIME ZONE t.zone
FROM tenant t CROSS JOIN record_kind k
CROSS JOIN LATERAL (SELECT CAST(date_trunc('month', t.created_at AT TIME ZONE t.zone) AS date) AS month) m
WHERE NOT EXISTS (SELECT FROM shelf s WHERE s.tenant_id = t.id AND s.kind = k.kind)
ORDER BY t.id, k.position
ON CONFLICT (tenant_id, kind) DO NOTHING`

const copyRules = `
INSERT INTO retention_rule (tenant_id, series, years, from_on, at, by_id, by_text, reason)
SELECT t.id, r.series, r.years, r.from_on, @now, NULL, r.by_text, r.reason
FROM tenant t JOIN tenant h ON h.consortium_id = t.consortium_id AND h.kind = 'host' AND h.id <> t.id
JOIN retention_rule r ON r.tenant_id = h.id
WHERE NOT EXISTS (SELECT FROM shelf s WHERE s.tenant_id = t.id)
ORDER BY t.id, r.id`

// bindDue is one shelf whose next month can be closed.
type bindDue struct {
	TenantID int64
	Code     string
	Zone     string
	Kind     string
	Number   int
	Digest   string
	LastID   int64
	Month    calendar.Date
}

const claimBind = `
SELECT s.tenant_id, t.code, t.zone, s.kind, s.number, s.digest, s.last_id, s.month
FROM shelf s JOIN tenant t ON t.id = s.tenant_id
WHERE s.bind_at <= @now ORDER BY s.bind_at LIMIT @limit FOR UPDATE OF s SKIP LOCKED`

// Bind closes the months that are over, at most limit volumes. It gives limit where there may be more to bind, and less where
// there is not. Two nodes at once bind different shelves; a month is bound once. Jobs only.
func Bind(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	args := map[string]any{"now": tx.Now, "limit": limit, "first": volume.First, "days": BindDays}
	for _, ensure := range []string{copyRules, makeShelves} { // in this order: a shelf says that the rules are there
		if err := tx.DB.Exec(ensure, args).Error; err != nil {
			return 0, fmt.Errorf("make shelves: %w", err)
		}
	}
	var due []bindDue
	if err := tx.DB.Raw(claimBind, args).Scan(&due).Error; err != nil {
		return 0, fmt.Errorf("look for months to bind: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	all, err := kinds(tx)
	if err != nil {
		return 0, err
	}
	if err := settle(tx); err != nil {
		return 0, err
	}
	more := len(due) == limit
	for _, d := range due {
		k, ok := all[d.Kind]
		if !ok {
			return 0, fmt.Errorf("bind %s of town %d: no such kind of records", d.Kind, d.TenantID)
		}
		bound, err := bind(ctx, tx, k, d)
		if err != nil {
			return 0, fmt.Errorf("bind %s of %s, town %d: %w", d.Kind, d.Month, d.TenantID, err)
		}
		more = more || bound && !bindAt(nextMonth(d.Month), zone(d.Zone)).After(tx.Now)
	}
	if more {
		return limit, nil
	}
	return len(due), nil
}

// settle makes the database write values in one form, whatever its own settings: times in UTC, bytes as hex.
func settle(tx *tenants.Tx) error {
	err := tx.DB.Exec(`SELECT set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)`).Error
	if err != nil {
		return fmt.Errorf("settle the form of values: %w", err)
	}
	return nil
}

const lastOfMonth = `SELECT coalesce(max(t.id), @after) FROM {table} t WHERE t.tenant_id = @town AND t.id > @after AND {recorded} < @until`

// What belongs to the month by its id may bear a later time: a batch made ahead, a clock that went back.
const spanOf = `SELECT max({recorded}) AS newest, coalesce(bool_and({settled}), true) AS settled
	FROM {table} t WHERE t.tenant_id = @town AND t.id > @after AND t.id <= @last`

const keepVolume = `
INSERT INTO volume (tenant_id, kind, number, month, fiscal_year, columns, after_id, last_id, row_count, sha256, previous, digest, bound_at)
VALUES (@town, @kind, @number, @month, @year, string_to_array(@columns, ','), @after, @last, @rows, @sha256, @previous, @digest, @now)`

// bind closes one month; false where it has to wait.
func bind(_ context.Context, tx *tenants.Tx, k recordKind, d bindDue) (bool, error) {
	loc := zone(d.Zone)
	args := map[string]any{"town": d.TenantID, "kind": d.Kind, "after": d.LastID, "until": nextMonth(d.Month).At(0, 0, loc), "now": tx.Now}
	var last int64
	if err := tx.DB.Raw(k.in(lastOfMonth), args).Scan(&last).Error; err != nil {
		return false, fmt.Errorf("find its end: %w", err)
	}
	args["last"] = last
	var span struct {
		Newest  *time.Time
		Settled bool
	}
	if err := tx.DB.Raw(k.in(spanOf), args).Scan(&span).Error; err != nil {
		return false, fmt.Errorf("look through it: %w", err)
	}
	if !span.Settled { // something is still to be written into a row of it
		err := tx.DB.Exec(`UPDATE shelf SET bind_at = @again WHERE tenant_id = @town AND kind = @kind`,
			map[string]any{"again": tx.Now.Add(24 * time.Hour), "town": d.TenantID, "kind": d.Kind}).Error
		if err != nil {
			return false, fmt.Errorf("wait a day: %w", err)
		}
		return false, nil
	}
	year := calendar.FiscalYear(d.Month)
	if span.Newest != nil {
		year = max(year, calendar.FiscalYear(calendar.DateOf(*span.Newest, loc)))
	}
	rows := volume.NewRows(nil)
	if err := eachRow(tx, k, d.TenantID, k.columns(), d.LastID, last, rows.Add); err != nil {
		return false, err
	}
	c := volume.Colophon{Town: d.Code, Kind: d.Kind, Number: d.Number + 1, Month: d.Month.String()[:7], Columns: k.columns(), AfterID: d.LastID,
		LastID: last, Rows: rows.Count(), SHA256: rows.SHA256(), Previous: d.Digest, BoundAt: tx.Now}
	args["number"], args["month"], args["year"], args["columns"] = c.Number, d.Month, year, k.Columns
	args["rows"], args["sha256"], args["previous"], args["digest"] = c.Rows, c.SHA256, c.Previous, c.Sum()
	if err := tx.DB.Exec(keepVolume, args).Error; err != nil {
		return false, fmt.Errorf("keep the volume: %w", err)
	}
	next := nextMonth(d.Month)
	err := tx.DB.Exec(`UPDATE shelf SET number = @number, digest = @digest, last_id = @last, month = @next, bind_at = @bind,
			expire_at = coalesce(expire_at, CAST(@now AS timestamptz)) WHERE tenant_id = @town AND kind = @kind`,
		map[string]any{"number": c.Number, "digest": c.Sum(), "last": last, "next": next, "bind": bindAt(next, loc), "now": tx.Now,
			"town": d.TenantID, "kind": d.Kind}).Error
	if err != nil {
		return false, fmt.Errorf("move its shelf on: %w", err)
	}
	return true, nil
}

// eachRow reads the rows of a volume one after the other, as they stand in a file, and never more than one at a time.
func eachRow(tx *tenants.Tx, k recordKind, town int64, columns []string, after, last int64, take func(line []byte) error) (err error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "t." + quoted(c)
	}
	rows, err := tx.DB.Raw(k.in(`SELECT CAST(row_to_json(x) AS text) FROM (SELECT `+strings.Join(names, ", ")+` FROM {table} t
		WHERE t.tenant_id = @town AND t.id > @after AND t.id <= @last ORDER BY t.id) x`),
		map[string]any{"town": town, "after": after, "last": last}).Rows()
	if err != nil {
		return fmt.Errorf("read its rows: %w", err)
	}
	defer func() {
		if closed := rows.Close(); err == nil && closed != nil {
			err = fmt.Errorf("read its rows: %w", closed)
		}
	}()
	var line sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&line); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		if err := take(line); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read its rows: %w", err)
	}
	return nil
}
