package custody

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
)

var (
	_ = tenants.Constraint("credential_name", "name", "同じ種類・名称のものがすでにあります。", "There is one of this kind and name already.")
	_ = tenants.Constraint("credential_event_two_persons", "witness_id", twoJa, twoEn)
)

const (
	twoJa = "行った人と立会者は別の人にしてください。"
	twoEn = "The witness is another person than the one who did it."
)

// The usual terms, which no rule fixes: both are the host's own setting (運用上).
const (
	UsualMonths = 12
	UsualDays   = 7
)

// Input is what is entered about a password in custody. The password itself is never entered.
type Input struct {
	Kind         string
	Name         string
	AppliesTo    string
	RotateMonths int
	OpenDays     int
}

func (in Input) checked(v *tenants.Invalid) Input {
	switch in.Kind {
	case Startup, Management, Other:
	default:
		v.Add("kind", "種類を選んでください。", "Choose the kind.")
	}
	in.Name = entry.Line(v, "name", in.Name, 60)
	in.AppliesTo = entry.Line(v, "applies_to", in.AppliesTo, 200)
	if in.RotateMonths < 1 || in.RotateMonths > 12 {
		v.Add("rotate_months", "1〜12か月で入力してください。", "Enter 1 to 12 months.")
	}
	if in.OpenDays < 1 || in.OpenDays > 90 {
		v.Add("open_days", "1〜90日で入力してください。", "Enter 1 to 90 days.")
	}
	return in
}

// Add takes a password into custody that was set and sealed, before a witness.
func Add(ctx context.Context, tx *tenants.Tx, in Input, first EventInput) (Credential, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return Credential{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Credential{}, err
	}
	var v tenants.Invalid
	in = in.checked(&v)
	first.Kind = Set
	e, err := first.checked(tx, &v, nil)
	if err != nil {
		return Credential{}, err
	}
	if err := v.Err(); err != nil {
		return Credential{}, err
	}
	s := Stand([]Event{e}, in.RotateMonths, in.OpenDays, zone)
	var id int64
	err = tx.DB.Raw(`INSERT INTO credential (tenant_id, kind, name, applies_to, rotate_months, open_days, envelope, place, set_at, set_by, due_on, created_at)
		VALUES (@town, @kind, @name, @applies, @months, @days, @envelope, @place, @at, @by, @due, @now) RETURNING id`,
		map[string]any{"town": tx.Actor.TenantID, "kind": in.Kind, "name": in.Name, "applies": in.AppliesTo, "months": in.RotateMonths, "days": in.OpenDays,
			"envelope": s.Envelope, "place": s.Place, "at": s.SetAt, "by": s.SetBy, "due": s.DueOn, "now": tx.Now}).Scan(&id).Error
	if err != nil {
		return Credential{}, fmt.Errorf("take %s into custody: %w", in.Name, err)
	}
	if err := insert(tx, id, e); err != nil {
		return Credential{}, err
	}
	c, _, err := take(tx, id, "")
	if err != nil {
		return Credential{}, err
	}
	if err := expect(ctx, tx, &c, zone); err != nil {
		return Credential{}, err
	}
	return c, written(tx, c.ID, nil, said(c, e))
}

// Change writes a password's description and terms anew; by when it must be changed follows from them.
func Change(ctx context.Context, tx *tenants.Tx, id int64, in Input) (Credential, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return Credential{}, err
	}
	before, events, err := inUse(tx, id)
	if err != nil {
		return Credential{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Credential{}, err
	}
	var v tenants.Invalid
	if in.Kind == "" {
		in.Kind = before.Kind
	}
	in = in.checked(&v)
	if err := v.Err(); err != nil {
		return Credential{}, err
	}
	after := before
	after.Kind, after.Name, after.AppliesTo, after.RotateMonths, after.OpenDays = in.Kind, in.Name, in.AppliesTo, in.RotateMonths, in.OpenDays
	after.Standing = Stand(events, in.RotateMonths, in.OpenDays, zone)
	if err := save(tx, after); err != nil {
		return Credential{}, err
	}
	if err := expect(ctx, tx, &after, zone); err != nil {
		return Credential{}, err
	}
	return after, written(tx, id, settings(before), settings(after))
}

// save brings the state up to what the ledger says.
func save(tx *tenants.Tx, c Credential) error {
	err := tx.DB.Exec(`UPDATE credential SET kind = @kind, name = @name, applies_to = @applies, rotate_months = @months, open_days = @days, envelope = @envelope,
		place = @place, opened = @opened, set_at = @at, set_by = @by, due_on = @due, retired_at = @retired WHERE tenant_id = @town AND id = @id`,
		map[string]any{"town": c.TenantID, "id": c.ID, "kind": c.Kind, "name": c.Name, "applies": c.AppliesTo, "months": c.RotateMonths, "days": c.OpenDays,
			"envelope": c.Envelope, "place": c.Place, "opened": c.Opened, "at": c.SetAt, "by": c.SetBy, "due": c.DueOn, "retired": c.RetiredAt}).Error
	if err != nil {
		return fmt.Errorf("write password in custody %d: %w", c.ID, err)
	}
	return nil
}

// The deadline is the end of its day, or of the next open one; who did not keep it is asked in the morning after.
const (
	dueHour, dueWindow = 23, 59
	opensBefore        = dueHour * 60
	judgedAfter        = 8*60 + 31
)

// expect sets the duty of changing it up, or moves it to the day on which it falls now. A yearly schedule names the day: it
// is never more than a year ahead. One that has passed already is asked for today.
func expect(ctx context.Context, tx *tenants.Tx, c *Credential, zone *time.Location) error {
	on := c.DueOn
	if today := calendar.DateOf(tx.Now, zone); on.Before(today) {
		on = today
	}
	in := duty.ExpectInput{Town: c.TenantID, Kind: Kind, AboutID: c.ID, Subject: c.Name, Work: Words("kind", c.Kind, "ja") + "の変更", Position: 1_000_000,
		Cron: fmt.Sprintf("0 %d %d %d *", dueHour, on.Day(), int(on.Month())), Zone: zone.String(), Policy: schedule.RollForward, EarlyMinutes: opensBefore,
		WindowMinutes: dueWindow, GraceMinutes: judgedAfter, LongestMinutes: 60, Severity: incident.Warning}
	if c.DutyID != nil {
		in.DutyID = *c.DutyID
	}
	d, err := duty.Expect(ctx, tx, in)
	if err != nil {
		return fmt.Errorf("expect that %s is changed: %w", c.Name, err)
	}
	if c.DutyID == nil {
		err := tx.DB.Exec(`UPDATE credential SET duty_id = ? WHERE tenant_id = ? AND id = ?`, d.ID, c.TenantID, c.ID).Error
		if err != nil {
			return fmt.Errorf("expect that %s is changed: %w", c.Name, err)
		}
		c.DutyID = &d.ID
	}
	return nil
}

// inUse reads a password that is in use with its ledger, and keeps other acts on it waiting.
func inUse(tx *tenants.Tx, id int64) (Credential, []Event, error) {
	c, _, err := take(tx, id, "FOR UPDATE")
	if err != nil {
		return c, nil, err
	}
	if c.RetiredAt != nil {
		return c, nil, tenants.Conflict("すでに廃止されています。", "It has been retired already.")
	}
	return take(tx, id, "") // its ledger as it stands now that it is ours
}

// logged is what the operation log keeps of an act; the ledger has the rest.
type logged struct {
	Name      string        `json:"name,omitempty"`
	AppliesTo string        `json:"applies_to,omitempty"`
	Months    int           `json:"rotate_months,omitempty"`
	Days      int           `json:"open_days,omitempty"`
	Event     string        `json:"event,omitempty"`
	By        string        `json:"by,omitempty"`
	Witness   string        `json:"witness,omitempty"`
	Envelope  string        `json:"envelope,omitempty"`
	Place     string        `json:"place,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	DueOn     calendar.Date `json:"due_on"`
}

func settings(c Credential) logged {
	return logged{Name: c.Name, AppliesTo: c.AppliesTo, Months: c.RotateMonths, Days: c.OpenDays, DueOn: c.DueOn}
}

func said(c Credential, e Event) logged {
	return logged{Name: c.Name, Event: Words("event", e.Kind, "ja"), By: e.ByText, Witness: e.WitnessText, Envelope: e.Envelope, Place: e.Place, Reason: e.Reason, DueOn: c.DueOn}
}

func written(tx *tenants.Tx, id int64, before, after any) error {
	if err := tx.Wake(tenants.WakePage, tx.Actor.TenantID); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.WriteCustody, Object: "credential", ObjectID: id, Before: before, After: after})
}
