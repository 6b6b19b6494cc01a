package custody

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
)

// EventInput is what is entered about something that happened. By 0 is whoever writes it down.
type EventInput struct {
	Kind       string
	OccurredAt time.Time // zero: now
	By         int64
	Witness    int64
	Envelope   string
	Place      string
	Reason     string
}

// checked gives the event that the input describes. last is when the one before it happened.
func (in EventInput) checked(tx *tenants.Tx, v *tenants.Invalid, last *time.Time) (Event, error) {
	e := Event{Kind: in.Kind, RecordedAt: tx.Now, RecordedBy: tx.Actor.Text()}
	when := in.OccurredAt
	if when.IsZero() {
		when = tx.Now
	}
	e.OccurredAt = when
	checkWhen(v, tx, when, last)
	if err := e.persons(tx, v, in.By, in.Witness); err != nil {
		return e, err
	}
	seals := in.Kind == Set || in.Kind == Resealed || in.Kind == Changed
	if seals {
		e.Envelope, e.Place = entry.Line(v, "envelope", in.Envelope, 40), entry.Line(v, "place", in.Place, 100)
	}
	if in.Kind == Opened || in.Kind == Retired {
		e.Reason = entry.Line(v, "reason", in.Reason, 200)
	} else {
		e.Reason = entry.OptionalLine(v, "reason", in.Reason, 200)
	}
	return e, nil
}

func checkWhen(v *tenants.Invalid, tx *tenants.Tx, when time.Time, last *time.Time) {
	switch {
	case when.After(tx.Now.Add(time.Minute)): // the form's minute may be ahead of the second
		v.Add("occurred_at", "これから先の日時は記録できません。", "It cannot have happened in the future.")
	case when.Before(tx.Now.AddDate(-1, 0, 0)):
		v.Add("occurred_at", "1年より前の日時は記録できません。", "It cannot lie more than a year back.")
	case last != nil && when.Before(last.Truncate(time.Minute)): // forms know minutes
		v.Add("occurred_at", "前の記録より前の日時です。", "It would lie before the event on record before it.")
	}
}

// persons fills in who did it and who was there: two persons, whatever posts they hold. Whoever writes it down is one of them.
func (e *Event) persons(tx *tenants.Tx, v *tenants.Invalid, by, witness int64) error {
	if by == 0 {
		by = tx.Actor.PersonID
	}
	people, err := working(tx, tx.Actor.TenantID)
	if err != nil {
		return err
	}
	find := func(id int64) (string, bool) {
		n := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
		if n < 0 {
			return "", false
		}
		return people[n].Text, true
	}
	var ok bool
	if e.ByText, ok = find(by); !ok {
		v.Add("by_id", "行った人を選んでください。", "Choose who did it.")
	}
	if e.WitnessText, ok = find(witness); !ok {
		v.Add("witness_id", "立会者を選んでください。", "Choose the witness.")
	}
	e.ByID, e.WitnessID = by, witness
	if by == witness {
		v.Add("witness_id", twoJa, twoEn)
	} else if tx.Actor.PersonID != by && tx.Actor.PersonID != witness {
		v.Add("by_id", "記録できるのは、行った人か立会者のどちらかです。", "It is written down by the one who did it or by the witness.")
	}
	return nil
}

func insert(tx *tenants.Tx, credential int64, e Event) error {
	err := tx.DB.Exec(`INSERT INTO credential_event (tenant_id, credential_id, kind, occurred_at, recorded_at, by_id, by_text, witness_id, witness_text, recorded_by,
			envelope, place, reason)
		VALUES (@town, @credential, @kind, @occurred, @now, @by, @by_text, @witness, @witness_text, @recorded_by, @envelope, @place, @reason)`,
		map[string]any{"town": tx.Actor.TenantID, "credential": credential, "kind": e.Kind, "occurred": e.OccurredAt, "now": tx.Now, "by": e.ByID, "by_text": e.ByText,
			"witness": e.WitnessID, "witness_text": e.WitnessText, "recorded_by": e.RecordedBy, "envelope": e.Envelope, "place": e.Place, "reason": e.Reason}).Error
	if err != nil {
		return fmt.Errorf("write down what happened to password in custody %d: %w", credential, err)
	}
	return nil
}

// Record writes down that a password was opened, sealed again, changed or retired.
func Record(ctx context.Context, tx *tenants.Tx, id int64, in EventInput) (Credential, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return Credential{}, err
	}
	c, events, err := inUse(tx, id)
	if err != nil {
		return Credential{}, err
	}
	if !c.May(in.Kind) {
		switch in.Kind {
		case Opened:
			return Credential{}, tenants.Conflict("すでに開封されています。再封入か変更を記録してください。", "It is open already; seal it again or change it.")
		case Resealed:
			return Credential{}, tenants.Conflict("封は開けられていません。", "Its seal is not broken.")
		}
		var v tenants.Invalid
		v.Add("kind", "何をしたかを選んでください。", "Choose what was done.")
		return Credential{}, v.Err()
	}
	zone, err := location(tx)
	if err != nil {
		return Credential{}, err
	}
	var last *time.Time
	if n := len(events); n > 0 {
		last = &events[n-1].OccurredAt
	}
	var v tenants.Invalid
	e, err := in.checked(tx, &v, last)
	if err != nil {
		return Credential{}, err
	}
	if in.Kind == Changed && e.Envelope != "" && e.Envelope == c.Envelope {
		v.Add("envelope", "新しい封筒の番号を入力してください。", "A changed password goes into a new envelope.")
	}
	if err := v.Err(); err != nil {
		return Credential{}, err
	}
	if err := insert(tx, id, e); err != nil {
		return Credential{}, err
	}
	if e.Kind == Changed || e.Kind == Retired {
		if err := void(tx, c); err != nil {
			return Credential{}, err
		}
	}
	after, err := settle(ctx, tx, c, append(events, e), zone)
	if err != nil {
		return Credential{}, err
	}
	return after, written(tx, after.ID, nil, said(after, e))
}

// settle brings the state and the duty up to what the ledger says now.
func settle(ctx context.Context, tx *tenants.Tx, before Credential, events []Event, zone *time.Location) (Credential, error) {
	after := before
	after.Standing = Stand(events, before.RotateMonths, before.OpenDays, zone)
	newest := events[len(events)-1]
	if newest.Kind == Retired && before.RetiredAt == nil {
		now := tx.Now
		after.RetiredAt = &now
	}
	if err := save(tx, after); err != nil {
		return Credential{}, err
	}
	switch {
	case after.RetiredAt != nil && before.RetiredAt == nil && after.DutyID != nil:
		if err := duty.Retire(ctx, tx, after.TenantID, *after.DutyID); err != nil {
			return Credential{}, err
		}
	case after.RetiredAt == nil && after.DueOn != before.DueOn:
		if err := expect(ctx, tx, &after, zone); err != nil {
			return Credential{}, err
		}
	}
	if newest.Kind == Changed {
		if err := tx.Wake(tenants.WakeCustody, after.TenantID); err != nil {
			return Credential{}, err
		}
	}
	return after, nil
}
