package key

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
)

// Lose writes down that a copy cannot be found (紛失), whoever has it on loan or out of its slot. That is an incident at once, until it
// is found or the cylinder changed; and for everything that it opens a new cylinder is asked for.
func Lose(ctx context.Context, tx *tenants.Tx, id int64, in Happened) (Event, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Event{}, err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return Event{}, err
	}
	if !c.May(WasLost) {
		return Event{}, told(tx, c)
	}
	set, err := settings(tx)
	if err != nil {
		return Event{}, err
	}
	var v tenants.Invalid
	e := Event{Kind: WasLost, LoanID: c.LoanID, FromID: c.HolderID, FromText: c.Holder, Reason: entry.Line(&v, "reason", in.Reason, 200)}
	e.OccurredAt = set.when(&v, tx.Now, in.OccurredAt, &c.LastAt, e.Reason)
	if err := v.Err(); err != nil {
		return Event{}, err
	}
	if c.State == Out {
		if err := back(ctx, tx, c, Lost, e.OccurredAt, tenants.Reason{Code: "key.loss_dealt_with"}, nil); err != nil {
			return Event{}, err
		}
	}
	before := c
	c.State, c.LoanID, c.DueAt, c.Since = Lost, nil, nil, &e.OccurredAt
	if c.LostDutyID, err = search(ctx, tx, c, e, set); err != nil {
		return Event{}, err
	}
	if err := stand(tx, c, e.OccurredAt); err != nil {
		return Event{}, err
	}
	if e, err = write(tx, c, e); err != nil {
		return Event{}, err
	}
	if err := renew(ctx, tx, c, set); err != nil {
		return Event{}, err
	}
	return e, recorded(tx, tenants.LendKey, "key_copy", id, before, e)
}

// search asks for a lost copy, and says at once that it is not where it must be: the pipeline opens the incident.
func search(ctx context.Context, tx *tenants.Tx, c Copy, e Event, set Setting) (*int64, error) {
	var err error
	id := c.LostDutyID
	if id != nil {
		err = duty.Again(ctx, tx, tenants.LendKey, c.TenantID, *id, tx.Now)
	} else {
		var made int64
		made, err = duty.Ask(ctx, tx, duty.Task{Town: c.TenantID, Act: tenants.LendKey, Kind: KindLost, AboutID: c.ID, Subject: c.Name(), Work: "紛失への対応（発見又はシリンダー交換）",
			Due: tx.Now, Severity: incident.Critical, LadderID: set.LadderID})
		id = &made
	}
	if err != nil {
		return nil, err
	}
	return id, duty.Answer(ctx, tx, tenants.LendKey, c.TenantID, *id, false, e.OccurredAt, tenants.Reason{Code: "key.lost", Params: tenants.Params{"reason": e.Reason}})
}

// renew asks for a new cylinder of everything that a lost copy opens, unless another copy's loss has asked for it already.
func renew(ctx context.Context, tx *tenants.Tx, c Copy, set Setting) error {
	lost, err := lostOf(tx, c.ItemID)
	if err != nil || len(lost) > 1 {
		return err
	}
	i, err := itemOf(tx, c.ItemID)
	if err != nil {
		return err
	}
	zone, err := location(tx)
	if err != nil {
		return err
	}
	by, err := duty.ByTheDay(ctx, tx, c.TenantID, calendar.DateOf(tx.Now, zone).AddDays(set.CylinderDays))
	if err != nil {
		return err
	}
	for _, o := range i.Opens {
		if o.DutyID != nil {
			if err := duty.Again(ctx, tx, tenants.LendKey, c.TenantID, *o.DutyID, by); err != nil {
				return err
			}
			continue
		}
		id, err := duty.Ask(ctx, tx, duty.Task{Town: c.TenantID, Act: tenants.LendKey, Kind: KindCylinder, AboutID: o.ID, Subject: o.Title(), Work: "シリンダー交換（" + i.Name + "の紛失）", Due: by,
			GraceMinutes: duty.DayGrace, Severity: incident.Warning, LadderID: set.LadderID})
		if err != nil {
			return err
		}
		if err := tx.DB.Exec(`UPDATE key_opens SET duty_id = ? WHERE tenant_id = ? AND id = ?`, id, c.TenantID, o.ID).Error; err != nil {
			return fmt.Errorf("ask for a new cylinder of %s: %w", o.Name, err)
		}
	}
	return nil
}

// Title is what a thing that a key opens goes by: ラック A-03.
func (o Opens) Title() string {
	switch {
	case o.RackID != nil:
		return "ラック " + o.Name
	case o.CabinetID != nil:
		return "保管庫 " + o.Name
	}
	return o.Name
}

// Find writes down that a lost copy was found and hangs in its slot again (発見). The incident is over; once no other copy is lost, no
// new cylinder is asked for.
func Find(ctx context.Context, tx *tenants.Tx, id int64, in Happened) (Event, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Event{}, err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return Event{}, err
	}
	if !c.May(Found) {
		if c.State == Retired {
			return Event{}, told(tx, c)
		}
		return Event{}, tenants.Conflict(c.Name()+"は紛失になっていません。", c.Name()+" is not lost.")
	}
	set, err := settings(tx)
	if err != nil {
		return Event{}, err
	}
	var v tenants.Invalid
	e := Event{Kind: Found, FromID: c.HolderID, FromText: c.Holder, Reason: entry.Line(&v, "reason", in.Reason, 200)}
	e.OccurredAt = set.when(&v, tx.Now, in.OccurredAt, &c.LastAt, e.Reason)
	if err := v.Err(); err != nil {
		return Event{}, err
	}
	after := c.put()
	if err := stand(tx, after, e.OccurredAt); err != nil {
		return Event{}, err
	}
	if e, err = write(tx, after, e); err != nil {
		return Event{}, err
	}
	why := tenants.Reason{Code: "key.found"}
	if c.LostDutyID != nil {
		if err := duty.Answer(ctx, tx, tenants.LendKey, c.TenantID, *c.LostDutyID, true, e.OccurredAt, why); err != nil {
			return Event{}, err
		}
	}
	lost, err := lostOf(tx, c.ItemID)
	if err != nil {
		return Event{}, err
	}
	if len(lost) == 0 {
		i, err := itemOf(tx, c.ItemID)
		if err != nil {
			return Event{}, err
		}
		for _, o := range i.Opens {
			if err := drop(ctx, tx, tenants.LendKey, o.DutyID, why); err != nil {
				return Event{}, err
			}
		}
	}
	return e, recorded(tx, tenants.LendKey, "key_copy", id, c, e)
}
