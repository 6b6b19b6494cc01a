package rack

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
)

// CheckInput is what is entered about a look at a rack's installation.
type CheckInput struct {
	OccurredAt time.Time // zero: now
	Fixed      bool
	Lockable   bool
	Dedicated  bool
	Found      string // what was wrong; needed where something was
}

// LookAt writes down a look at a rack's installation (設置の確認; 別表 サーバ(1)). What is wrong calls somebody by the pipeline; the
// next look is asked for within the rack's months.
func LookAt(ctx context.Context, tx *tenants.Tx, id int64, in CheckInput) (Check, error) {
	if err := tx.Permit(tenants.CheckRack, tx.Actor.TenantID); err != nil {
		return Check{}, err
	}
	r, err := inUse(tx, id)
	if err != nil {
		return Check{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Check{}, err
	}
	var v tenants.Invalid
	if in.OccurredAt.IsZero() {
		in.OccurredAt = tx.Now
	}
	switch {
	case in.OccurredAt.After(tx.Now.Add(time.Minute)): // the form's minute may be ahead of the second
		v.Add("occurred_at", "これから先の日時は記録できません。", "It cannot have happened in the future.")
	case in.OccurredAt.Before(tx.Now.AddDate(0, -3, 0)):
		v.Add("occurred_at", "3か月より前の確認は記録できません。", "It cannot lie more than three months back.")
	case r.CheckedAt != nil && in.OccurredAt.Before(r.CheckedAt.Truncate(time.Minute)):
		v.Add("occurred_at", "前回の確認より前の日時です。", "It would lie before the last look on record.")
	}
	c := Check{TenantID: r.TenantID, RackID: id, OccurredAt: in.OccurredAt, RecordedAt: tx.Now, ByID: tx.Actor.PersonID, ByText: tx.Actor.Text(), Fixed: in.Fixed, Lockable: in.Lockable,
		Dedicated: in.Dedicated}
	if c.Good() {
		c.Found = entry.OptionalLine(&v, "found", in.Found, 200)
	} else {
		c.Found = entry.Line(&v, "found", in.Found, 200)
	}
	if err := v.Err(); err != nil {
		return Check{}, err
	}
	err = tx.DB.Raw(`INSERT INTO rack_check (tenant_id, rack_id, occurred_at, recorded_at, by_id, by_text, fixed, lockable, dedicated, found)
		VALUES (@town, @rack, @at, @now, @by, @text, @fixed, @lockable, @dedicated, @found) RETURNING id`,
		map[string]any{"town": c.TenantID, "rack": id, "at": c.OccurredAt, "now": tx.Now, "by": c.ByID, "text": c.ByText, "fixed": c.Fixed, "lockable": c.Lockable,
			"dedicated": c.Dedicated, "found": c.Found}).Scan(&c.ID).Error
	if err != nil {
		return Check{}, fmt.Errorf("write down a look at rack %s: %w", r.Code, err)
	}
	due := calendar.DateOf(c.OccurredAt, zone).AddMonths(r.CheckMonths)
	err = tx.DB.Exec(`UPDATE rack SET checked_at = @at, checked_by = @text, check_due_on = @due WHERE tenant_id = @town AND id = @rack`,
		map[string]any{"at": c.OccurredAt, "text": c.ByText, "due": due, "town": c.TenantID, "rack": id}).Error
	if err != nil {
		return Check{}, fmt.Errorf("write down a look at rack %s: %w", r.Code, err)
	}
	if r.DutyID != nil {
		if err := answer(ctx, tx, r, c, due); err != nil {
			return Check{}, err
		}
	}
	return c, written(tx, tenants.CheckRack, "rack_check", c.ID, nil, c)
}

// answer tells the pipeline of a look, and asks for the next one. While something is wrong nothing further is asked for: the
// incident stays open until a look finds all in order.
func answer(ctx context.Context, tx *tenants.Tx, r Rack, c Check, due calendar.Date) error {
	why := tenants.Reason{Code: "rack.checked"}
	if !c.Good() {
		why = tenants.Reason{Code: "rack.unsafe", Params: tenants.Params{"found": c.Found}}
	}
	if err := duty.Answer(ctx, tx, tenants.CheckRack, r.TenantID, *r.DutyID, c.Good(), c.OccurredAt, why); err != nil {
		return err
	}
	if !c.Good() {
		return nil
	}
	by, err := duty.ByTheDay(ctx, tx, r.TenantID, due)
	if err != nil {
		return err
	}
	return duty.Again(ctx, tx, tenants.CheckRack, r.TenantID, *r.DutyID, by)
}

// location is the host's time zone.
func location(tx *tenants.Tx) (*time.Location, error) {
	names, err := many[string](tx, `SELECT zone FROM tenant WHERE id = ?`, tx.Actor.TenantID)
	if err != nil || len(names) == 0 {
		return time.UTC, err
	}
	zone, err := time.LoadLocation(names[0])
	if err != nil {
		return time.UTC, nil //nolint:nilerr // what is written there was checked
	}
	return zone, nil
}
