package retention

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// expireDue is one shelf whose oldest volume is to be looked at.
type expireDue struct {
	TenantID   int64
	Zone       string
	Kind       string
	Number     int
	Newest     int // volume on the shelf
	VolumeID   int64
	FiscalYear int
	AfterID    int64
	LastID     int64
	Years      int
	NextRule   *calendar.Date // a rule that is not in force yet
	Held       bool
}

// Children come before what they point at, and on a shelf the oldest volume before the next: removed is the last one gone.
const claimExpire = `
WITH due AS MATERIALIZED (
	SELECT s.tenant_id, s.kind, s.number, s.removed, k.series, k.position FROM shelf s JOIN record_kind k ON k.kind = s.kind
	WHERE s.expire_at <= @now ORDER BY k.position, s.expire_at LIMIT @limit FOR UPDATE OF s SKIP LOCKED
)
SELECT d.tenant_id, t.zone, d.kind, v.number, d.number AS newest, v.id AS volume_id, v.fiscal_year, v.after_id, v.last_id,
	tanamori_keep_years(d.tenant_id, d.series, y.today) AS years, tanamori_held(d.tenant_id, v.month) AS held,
	(SELECT min(r.from_on) FROM retention_rule r WHERE r.tenant_id = d.tenant_id AND r.series = d.series AND r.from_on > y.today) AS next_rule
FROM due d JOIN tenant t ON t.id = d.tenant_id
JOIN volume v ON v.tenant_id = d.tenant_id AND v.kind = d.kind AND v.number = d.removed + 1
CROSS JOIN LATERAL (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today) y
ORDER BY d.position, d.tenant_id`

// Expire removes what has been kept long enough, at most limit rows. It gives limit where there may be more to remove, and
// less where there is not. Whole volumes only, oldest first; what the database does not find lawful it refuses. Jobs only.
func Expire(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var due []expireDue
	if err := tx.DB.Raw(claimExpire, map[string]any{"now": tx.Now, "limit": limit}).Scan(&due).Error; err != nil {
		return 0, fmt.Errorf("look for what has been kept long enough: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	all, err := kinds(tx)
	if err != nil {
		return 0, err
	}
	gone, more := 0, len(due) == limit
	for _, d := range due {
		if gone >= limit {
			more = true
			break
		}
		n, again, err := expire(tx, all[d.Kind], d, limit-gone)
		if err != nil {
			return 0, fmt.Errorf("remove volume %d of %s, town %d: %w", d.Number, d.Kind, d.TenantID, err)
		}
		gone, more = gone+n, more || again
	}
	if more {
		return limit, nil
	}
	return gone, nil
}

const notFree = `SELECT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = @town AND t.id > @after AND t.id <= @last AND NOT ({free}))`

const nextBatch = `SELECT coalesce(min(id), 0) AS first, coalesce(max(id), 0) AS last, count(*) AS n
	FROM (SELECT t.id FROM {table} t WHERE t.tenant_id = @town AND t.id > @after AND t.id <= @last ORDER BY t.id LIMIT @limit) b`

// expire removes the next rows of a volume, or says when to look at it again. It tells whether the shelf is still due.
func expire(tx *tenants.Tx, k recordKind, d expireDue, limit int) (gone int, due bool, err error) {
	loc := zone(d.Zone)
	if today := calendar.DateOf(tx.Now, loc); !Over(d.FiscalYear, d.Years, today) {
		next := EndsOn(d.FiscalYear, d.Years)
		if d.NextRule != nil && d.NextRule.Before(next) {
			next = *d.NextRule
		}
		return 0, false, lookAgain(tx, d, next.At(0, 0, loc))
	}
	args := map[string]any{"town": d.TenantID, "after": d.AfterID, "last": d.LastID, "limit": limit}
	needed := d.Held
	if !needed {
		if err := tx.DB.Raw(k.in(notFree), args).Scan(&needed).Error; err != nil {
			return 0, false, fmt.Errorf("ask whether it is needed: %w", err)
		}
	}
	if needed {
		return 0, false, lookAgain(tx, d, tx.Now.Add(24*time.Hour))
	}
	var b struct{ First, Last, N int64 }
	if err := tx.DB.Raw(k.in(nextBatch), args).Scan(&b).Error; err != nil {
		return 0, false, fmt.Errorf("choose its next rows: %w", err)
	}
	if b.N > 0 {
		if err := remove(tx, k, d, b.First, b.Last, b.N); err != nil {
			return 0, false, err
		}
	}
	if b.N == int64(limit) {
		return int(b.N), true, nil // there may be more of it
	}
	err = tx.DB.Exec(`UPDATE shelf SET removed = @number, expire_at = CASE WHEN @number < number THEN CAST(@now AS timestamptz) END
		WHERE tenant_id = @town AND kind = @kind`, map[string]any{"number": d.Number, "now": tx.Now, "town": d.TenantID, "kind": d.Kind}).Error
	if err != nil {
		return 0, false, fmt.Errorf("move its shelf on: %w", err)
	}
	return int(b.N), d.Number < d.Newest, nil
}

func lookAgain(tx *tenants.Tx, d expireDue, at time.Time) error {
	err := tx.DB.Exec(`UPDATE shelf SET expire_at = @at WHERE tenant_id = @town AND kind = @kind`,
		map[string]any{"at": at, "town": d.TenantID, "kind": d.Kind}).Error
	if err != nil {
		return fmt.Errorf("look again later: %w", err)
	}
	return nil
}

// remove writes down what goes and by which rule, names that line to the database, and lets the rows go.
func remove(tx *tenants.Tx, k recordKind, d expireDue, first, last, n int64) error {
	args := map[string]any{"town": d.TenantID, "volume": d.VolumeID, "kind": d.Kind, "years": d.Years, "first": first, "last": last, "n": n, "now": tx.Now}
	var line int64
	err := tx.DB.Raw(`INSERT INTO expiry (tenant_id, volume_id, kind, years, first_id, last_id, row_count, at)
		VALUES (@town, @volume, @kind, @years, @first, @last, @n, @now) RETURNING id`, args).Scan(&line).Error
	if err != nil {
		return fmt.Errorf("write it down: %w", err)
	}
	if err := tx.DB.Exec(`SELECT set_config('tanamori.expiry', CAST(CAST(@line AS bigint) AS text), true)`, map[string]any{"line": line}).Error; err != nil {
		return fmt.Errorf("name its line: %w", err)
	}
	if k.Along != "" {
		if err := tx.DB.Exec(k.in(`DELETE FROM {along} WHERE tenant_id = @town AND {along_id} BETWEEN @first AND @last`), args).Error; err != nil {
			return fmt.Errorf("remove what goes along: %w", err)
		}
	}
	gone := tx.DB.Exec(k.in(`DELETE FROM {table} t WHERE t.tenant_id = @town AND t.id BETWEEN @first AND @last`), args)
	if gone.Error != nil {
		return fmt.Errorf("remove its rows: %w", gone.Error)
	}
	if gone.RowsAffected != n {
		return fmt.Errorf("%d rows were to go and %d did", n, gone.RowsAffected)
	}
	return nil
}
