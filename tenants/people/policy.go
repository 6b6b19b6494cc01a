package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Policy is what an organisation asks of its people when they sign in.
type Policy struct {
	IdleMinutes  int  // without use until a session ends, 1 to 60
	WholeHours   int  // until it ends whatever happens, 1 to 24
	SecondFactor bool // everybody has an authenticator app or a passkey
	HoursFrom    int  // working hours, in minutes of the day in the town's zone
	HoursUntil   int
}

var _ = tenants.Constraint("sign_in_policy_hours", "hours_until", "始まりより後の時刻を入力してください。", "Enter a later time than the beginning.")

// DefaultPolicy is in force where nobody set another one.
var DefaultPolicy = Policy{IdleMinutes: 10, WholeHours: 12, HoursFrom: 7 * 60, HoursUntil: 20 * 60}

// general is the calendar of the general rule: the gate does not read a town's own days.
var general calendar.Calendar

// offHours tells whether a local time is outside working hours: by the clock, on a weekend or on a holiday.
func (p Policy) offHours(local time.Time) bool {
	day, minute := calendar.DateOf(local, local.Location()), local.Hour()*60+local.Minute()
	return minute < p.HoursFrom || minute >= p.HoursUntil || !general.IsOpen(day)
}

func policyOf(tx *tenants.Tx, town int64) (Policy, *time.Location, error) {
	var row struct {
		Policy
		Zone string
	}
	err := tx.DB.Raw(`SELECT t.zone, coalesce(y.idle_minutes, @idle) AS idle_minutes, coalesce(y.whole_hours, @whole) AS whole_hours,
			coalesce(y.second_factor, false) AS second_factor, coalesce(y.hours_from, @from) AS hours_from, coalesce(y.hours_until, @until) AS hours_until
		FROM tenant t LEFT JOIN sign_in_policy y ON y.tenant_id = t.id WHERE t.id = @town`,
		map[string]any{"town": town, "idle": DefaultPolicy.IdleMinutes, "whole": DefaultPolicy.WholeHours, "from": DefaultPolicy.HoursFrom,
			"until": DefaultPolicy.HoursUntil}).Take(&row).Error
	if err != nil {
		return Policy{}, nil, fmt.Errorf("read what town %d asks at sign-in: %w", town, err)
	}
	zone, err := time.LoadLocation(row.Zone)
	if err != nil {
		zone = time.UTC
	}
	return row.Policy, zone, nil
}

// PolicyOf is what a town asks of its people when they sign in.
func PolicyOf(_ context.Context, tx *tenants.Tx, town int64) (Policy, error) {
	if err := tx.Permit(tenants.ReadSignIn, town); err != nil {
		return Policy{}, err
	}
	p, _, err := policyOf(tx, town)
	return p, err
}

// SetPolicy sets what a town asks of its people, from the next sign-in on; the times bind sessions that are open at once.
func SetPolicy(_ context.Context, tx *tenants.Tx, town int64, in Policy) (Policy, error) {
	if err := tx.Permit(tenants.WriteSignIn, town); err != nil {
		return Policy{}, err
	}
	var v tenants.Invalid
	if in.IdleMinutes < 1 || in.IdleMinutes > 60 {
		v.Add("idle_minutes", "1〜60分で入力してください。", "Enter 1 to 60 minutes.")
	}
	if in.WholeHours < 1 || in.WholeHours > 24 {
		v.Add("whole_hours", "1〜24時間で入力してください。", "Enter 1 to 24 hours.")
	}
	if in.HoursFrom < 0 || in.HoursFrom > 1439 {
		v.Add("hours_from", "0:00〜23:59で入力してください。", "Enter a time from 0:00 to 23:59.")
	}
	if in.HoursUntil <= in.HoursFrom || in.HoursUntil > 1440 {
		v.Add("hours_until", "始まりより後の時刻を24:00までで入力してください。", "Enter a later time, 24:00 at most.")
	}
	if err := v.Err(); err != nil {
		return Policy{}, err
	}
	before, _, err := policyOf(tx, town)
	if err != nil {
		return Policy{}, err
	}
	err = tx.DB.Exec(`INSERT INTO sign_in_policy (tenant_id, idle_minutes, whole_hours, second_factor, hours_from, hours_until)
		VALUES (@town, @idle, @whole, @second, @from, @until) ON CONFLICT (tenant_id) DO UPDATE SET idle_minutes = EXCLUDED.idle_minutes,
			whole_hours = EXCLUDED.whole_hours, second_factor = EXCLUDED.second_factor, hours_from = EXCLUDED.hours_from, hours_until = EXCLUDED.hours_until`,
		map[string]any{"town": town, "idle": in.IdleMinutes, "whole": in.WholeHours, "second": in.SecondFactor, "from": in.HoursFrom, "until": in.HoursUntil}).Error
	if err != nil {
		return Policy{}, fmt.Errorf("set what town %d asks at sign-in: %w", town, err)
	}
	return in, tx.Record(tenants.Line{Town: town, Act: tenants.WriteSignIn, Object: "sign_in_policy", ObjectID: town, Before: before, After: in})
}
