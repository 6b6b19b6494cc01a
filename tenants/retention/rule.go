package retention

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("retention_log_years", "years", "操作履歴は7年より短くできません（住基ネット規程第17条第2項）。", "The operation log is kept for seven years at least.")

// Rule is how long a series is kept, and where its records stand, for the towns that the actor sees.
type Rule struct {
	Series       string
	Years        int // in force, in fiscal years after the one in which a record was made
	DefaultYears int
	LeastYears   int
	Pending      *int // what comes into force on PendingOn
	PendingOn    *calendar.Date
	Bound        *calendar.Date // every month up to this one is bound in every town; nil before the first
	NextYear     *int           // the oldest fiscal year that has rows in volumes
	NextRows     int64          // how many rows they are
	Removed      int64          // rows removed so far
}

// NextOn is when the oldest bound records may go by the rule in force; nil while there are none.
func (r Rule) NextOn() *calendar.Date {
	if r.NextYear == nil {
		return nil
	}
	on := EndsOn(*r.NextYear, r.Years)
	return &on
}

// The rules are the same for every town of a consortium: those of the person's own town are read.
const listRules = `
WITH series AS (
	SELECT series, min(position) AS position, max(default_years) AS default_years, max(least_years) AS least_years FROM record_kind GROUP BY series
), shelves AS (
	SELECT k.series, s.tenant_id, s.kind, s.removed, s.month FROM shelf s JOIN record_kind k ON k.kind = s.kind
	WHERE s.tenant_id = ANY (string_to_array(@towns, ',')::bigint[])
), kept AS (
	SELECT h.series, v.fiscal_year, sum(v.row_count) AS n FROM shelves h
	JOIN volume v ON v.tenant_id = h.tenant_id AND v.kind = h.kind AND v.number > h.removed AND v.row_count > 0 GROUP BY 1, 2
), gone AS (
	SELECT k.series, sum(e.row_count) AS n FROM expiry e JOIN record_kind k ON k.kind = e.kind
	WHERE e.tenant_id = ANY (string_to_array(@towns, ',')::bigint[]) GROUP BY 1
)
SELECT x.series, x.default_years, x.least_years, tanamori_keep_years(@own, x.series, @today) AS years, p.years AS pending, p.from_on AS pending_on,
	(SELECT b.month FROM (SELECT CAST(min(h.month) - interval '1 month' AS date) AS month FROM shelves h WHERE h.series = x.series) b
		WHERE EXISTS (SELECT FROM shelves h JOIN volume v ON v.tenant_id = h.tenant_id AND v.kind = h.kind WHERE h.series = x.series AND v.month <= b.month)) AS bound,
	o.fiscal_year AS next_year, coalesce(o.n, 0) AS next_rows, coalesce(g.n, 0) AS removed
FROM series x
LEFT JOIN LATERAL (SELECT r.years, r.from_on FROM (SELECT * FROM retention_rule r WHERE r.tenant_id = @own AND r.series = x.series ORDER BY r.id DESC LIMIT 1) r
	WHERE r.from_on > @today) p ON true
LEFT JOIN LATERAL (SELECT k.fiscal_year, k.n FROM kept k WHERE k.series = x.series ORDER BY k.fiscal_year LIMIT 1) o ON true
LEFT JOIN gone g ON g.series = x.series
ORDER BY x.position`

// Rules lists how long each series is kept and what goes next.
func Rules(_ context.Context, tx *tenants.Tx) ([]Rule, error) {
	towns, err := tx.Reach(tenants.ReadRetention)
	if err != nil {
		return nil, err
	}
	today, err := today(tx)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	err = tx.DB.Raw(listRules, map[string]any{"towns": tenants.IDs(towns), "own": tx.Actor.TenantID, "today": today}).Scan(&rules).Error
	if err != nil {
		return nil, fmt.Errorf("list retention rules: %w", err)
	}
	return rules, nil
}

// RuleOf is one series' rule; one that there is not is not found.
func RuleOf(ctx context.Context, tx *tenants.Tx, series string) (Rule, error) {
	rules, err := Rules(ctx, tx)
	if err != nil {
		return Rule{}, err
	}
	for _, r := range rules {
		if r.Series == series {
			return r, nil
		}
	}
	return Rule{}, tenants.NotFound()
}

// today is the date at the actor's own town.
func today(tx *tenants.Tx) (calendar.Date, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, tx.Actor.TenantID).Scan(&name).Error; err != nil {
		return calendar.Date{}, fmt.Errorf("read the zone of town %d: %w", tx.Actor.TenantID, err)
	}
	return calendar.DateOf(tx.Now, zone(name)), nil
}

// Input is a new rule as it is entered.
type Input struct {
	Years     int
	Reason    string
	Confirmed bool // that records will be removed sooner
}

// entered is a rule as it stands in the operation log.
type entered struct {
	Series string        `json:"series"`
	Years  int           `json:"years"`
	FromOn calendar.Date `json:"from_on"`
	Reason string        `json:"reason,omitempty"`
}

// Set gives a series another period, for every town of the consortium. A longer one holds at once; a shorter one must be
// confirmed and holds after NoticeDays, so that there is time to object and to export.
func Set(ctx context.Context, tx *tenants.Tx, series string, in Input) (Rule, error) {
	towns, err := tx.Reach(tenants.SetRetention)
	if err != nil {
		return Rule{}, err
	}
	if !tx.Actor.Everywhere(tenants.SetRetention) {
		return Rule{}, tenants.Forbidden(tenants.SetRetention)
	}
	before, err := RuleOf(ctx, tx, series)
	if err != nil {
		return Rule{}, err
	}
	on, err := today(tx)
	if err != nil {
		return Rule{}, err
	}
	var v tenants.Invalid
	in.Reason = entry.Line(&v, "reason", in.Reason, 200)
	switch {
	case in.Years < before.LeastYears || in.Years > 100:
		v.Add("years", fmt.Sprintf("%d年から100年までで入力してください。", before.LeastYears), fmt.Sprintf("Enter %d to 100 years.", before.LeastYears))
	case in.Years == before.Years && before.Pending == nil:
		v.Add("years", "いまと同じ年数です。", "This is what holds already.")
	case in.Years < before.Years:
		on = on.AddDays(NoticeDays)
		if !in.Confirmed {
			v.Add("confirmed", fmt.Sprintf("短くすると、%sから記録が早く廃棄されます。確かめて印を付けてください。", on.Wareki()),
				fmt.Sprintf("From %s records will be removed sooner. Tick this to confirm.", on))
		}
	}
	if err := v.Err(); err != nil {
		return Rule{}, err
	}
	args := map[string]any{"towns": tenants.IDs(towns), "series": series, "years": in.Years, "from": on, "now": tx.Now,
		"person": tx.Actor.PersonID, "by": tx.Actor.Text(), "reason": in.Reason}
	err = tx.DB.Exec(`INSERT INTO retention_rule (tenant_id, series, years, from_on, at, by_id, by_text, reason)
		SELECT t.id, @series, @years, @from, @now, CASE WHEN p.tenant_id IS NOT NULL THEN CAST(@person AS bigint) END, @by, @reason
		FROM unnest(string_to_array(@towns, ',')::bigint[]) t(id) LEFT JOIN person p ON p.tenant_id = t.id AND p.id = @person ORDER BY t.id`, args).Error
	if err != nil {
		return Rule{}, fmt.Errorf("set retention of %s: %w", series, err)
	}
	// On that day the job looks at every shelf of the series, and finds by the rule then in force when to look next.
	err = tx.DB.Exec(`UPDATE shelf s SET expire_at = least(s.expire_at, CAST(CAST(@from AS date) AS timestamp) AT TIME ZONE t.zone)
		FROM tenant t WHERE t.id = s.tenant_id AND s.tenant_id = ANY (string_to_array(@towns, ',')::bigint[])
		AND s.expire_at IS NOT NULL AND s.kind IN (SELECT k.kind FROM record_kind k WHERE k.series = @series)`, args).Error
	if err != nil {
		return Rule{}, fmt.Errorf("look at the shelves of %s on that day: %w", series, err)
	}
	after, err := RuleOf(ctx, tx, series)
	if err != nil {
		return Rule{}, err
	}
	return after, tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.SetRetention, Object: "retention_rule",
		Before: entered{Series: series, Years: before.Years}, After: entered{Series: series, Years: in.Years, FromOn: on, Reason: in.Reason}})
}
