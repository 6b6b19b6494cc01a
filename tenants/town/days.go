package town

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// LocalDay is one of a town's own days: closed where others are open, or open where others are closed.
type LocalDay struct {
	Day  calendar.Date
	Open bool
	Name string // 役場臨時閉庁, 休日開庁日 …
}

// LocalDays gives a town's own days in order.
func LocalDays(_ context.Context, tx *tenants.Tx, town int64) ([]LocalDay, error) {
	if err := tx.Permit(tenants.ReadCalendar, town); err != nil {
		return nil, err
	}
	var days []LocalDay
	err := tx.DB.Raw(`SELECT day, open, name FROM local_day WHERE tenant_id = ? ORDER BY day`, town).Scan(&days).Error
	if err != nil {
		return nil, fmt.Errorf("read the days of town %d: %w", town, err)
	}
	return days, nil
}

// Calendars gives each town's calendar of open days, in one query however many towns.
func Calendars(_ context.Context, tx *tenants.Tx, towns []int64) (map[int64]calendar.Calendar, error) {
	act := tenants.ReadCalendar
	if tx.Actor.Holds(tenants.Pipeline) {
		act = tenants.RunPipeline
	}
	if err := tx.Permit(act, towns...); err != nil {
		return nil, err
	}
	var rows []struct {
		TenantID int64
		LocalDay
	}
	err := tx.DB.Raw(`SELECT tenant_id, day, open, name FROM local_day WHERE tenant_id = ANY (string_to_array(?, ',')::bigint[])`,
		tenants.IDs(towns)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read calendars: %w", err)
	}
	own := map[int64]map[calendar.Date]calendar.Override{}
	for _, r := range rows {
		if own[r.TenantID] == nil {
			own[r.TenantID] = map[calendar.Date]calendar.Override{}
		}
		own[r.TenantID][r.Day] = calendar.Override{Open: r.Open, Name: r.Name}
	}
	calendars := make(map[int64]calendar.Calendar, len(towns))
	for _, id := range towns {
		calendars[id] = calendar.New(own[id])
	}
	return calendars, nil
}

// SetLocalDay makes a day one of the town's own, or changes what it is. A day that is so anyway is refused: somebody
// probably meant another date. Occurrences made ahead are not touched here; WakePlan tells the planner to look.
func SetLocalDay(_ context.Context, tx *tenants.Tx, town int64, day LocalDay) error {
	if err := tx.Permit(tenants.WriteCalendar, town); err != nil {
		return err
	}
	var v tenants.Invalid
	day.Name = entry.Line(&v, "name", day.Name, 40)
	general := calendar.New(nil)
	switch closure, closed := general.Closure(day.Day); {
	case day.Day.IsZero():
		v.Add("day", "日付を入力してください。", "Please enter the date.")
	case day.Open && !closed:
		v.Add("day", "この日はもともと開庁日です。", "This day is open anyway.")
	case !day.Open && closed:
		v.Add("day", fmt.Sprintf("この日はもともと閉庁日（%s）です。", closure.Ja), fmt.Sprintf("This day is closed anyway (%s).", closure.En))
	}
	if err := v.Err(); err != nil {
		return err
	}
	before, err := localDay(tx, town, day.Day)
	if err != nil {
		return err
	}
	err = tx.DB.Exec(`INSERT INTO local_day (tenant_id, day, open, name) VALUES (@town, @day, @open, @name)
		ON CONFLICT (tenant_id, day) DO UPDATE SET open = excluded.open, name = excluded.name`,
		map[string]any{"town": town, "day": day.Day, "open": day.Open, "name": day.Name}).Error
	if err != nil {
		return fmt.Errorf("set %s in town %d: %w", day.Day, town, err)
	}
	if err := tx.Wake(tenants.WakePlan, town); err != nil {
		return err
	}
	return written(tx, tenants.Line{Town: town, Act: tenants.WriteCalendar, Object: "local_day", Before: before, After: day})
}

// DropLocalDay gives a day back to the general rule.
func DropLocalDay(_ context.Context, tx *tenants.Tx, town int64, day calendar.Date) error {
	if err := tx.Permit(tenants.WriteCalendar, town); err != nil {
		return err
	}
	before, err := localDay(tx, town, day)
	if err != nil {
		return err
	}
	if before == nil {
		return tenants.NotFound()
	}
	if err := tx.DB.Exec(`DELETE FROM local_day WHERE tenant_id = ? AND day = ?`, town, day).Error; err != nil {
		return fmt.Errorf("drop %s in town %d: %w", day, town, err)
	}
	if err := tx.Wake(tenants.WakePlan, town); err != nil {
		return err
	}
	return written(tx, tenants.Line{Town: town, Act: tenants.WriteCalendar, Object: "local_day", Before: before})
}

// localDay reads a day and keeps others from changing it meanwhile; nil where the town has no such day.
func localDay(tx *tenants.Tx, town int64, day calendar.Date) (*LocalDay, error) {
	var days []LocalDay
	err := tx.DB.Raw(`SELECT day, open, name FROM local_day WHERE tenant_id = ? AND day = ? FOR UPDATE`, town, day).Scan(&days).Error
	if err != nil {
		return nil, fmt.Errorf("read %s in town %d: %w", day, town, err)
	}
	if len(days) == 0 {
		return nil, nil
	}
	return &days[0], nil
}
