package key

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
)

// HandOut hands a copy out once enough other persons have agreed (貸出), or over from whoever had it (引継). By when it is back is asked
// for by the pipeline.
func HandOut(ctx context.Context, tx *tenants.Tx, id int64, in Happened) (Loan, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Loan{}, err
	}
	l, err := loanOf(tx, id)
	if err != nil {
		return Loan{}, err
	}
	i, err := withExcluded(tx, l.ItemID)
	if err != nil {
		return Loan{}, err
	}
	if err := hold(tx, "key_copy", l.CopyID); err != nil {
		return Loan{}, err
	}
	c, err := copyOf(tx, l.CopyID)
	if err != nil {
		return Loan{}, err
	}
	if l, err = waiting(tx, id); err != nil {
		if c.State == Out { // somebody was quicker: say who has it
			return Loan{}, told(tx, c)
		}
		return Loan{}, err
	}
	if !l.Ready() {
		return Loan{}, tenants.Conflict(fmt.Sprintf("承認があと%d人要ります。", l.Authorisers-len(l.Approvals)), fmt.Sprintf("%d more must agree first.", l.Authorisers-len(l.Approvals)))
	}
	if l.Handover && c.State != Out || !l.Handover && c.State != In {
		return Loan{}, told(tx, c)
	}
	set, err := settings(tx)
	if err != nil {
		return Loan{}, err
	}
	var v tenants.Invalid
	e := Event{Kind: Lent, LoanID: &l.ID, ToID: &l.BorrowerID, ToText: l.Borrower, Visitor: l.Visitor, VisitorCompany: l.VisitorCompany, Purpose: l.Purpose, Work: l.Work,
		ApprovedBy: l.ApprovedBy, Reason: entry.OptionalLine(&v, "reason", in.Reason, 200)}
	people, err := working(tx)
	if err != nil {
		return Loan{}, err
	}
	if _, ok := named(people, l.BorrowerID); !ok {
		v.Add("borrower_id", "借りる人は、いまは働いていません。申請し直してください。", "Whoever borrows works here no more; ask anew.")
	}
	since := c.LastAt
	for _, a := range l.Approvals { // nobody has it before others agreed
		if a.At.After(since) {
			since = a.At
		}
	}
	e.OccurredAt = set.when(&v, tx.Now, in.OccurredAt, &since, e.Reason)
	by := due(l.DueAt, l.DueMinutes, e.OccurredAt)
	e.DueAt = &by
	if !by.After(e.OccurredAt) {
		v.Add("due_at", "返却予定の時刻を過ぎています。申請し直してください。", "Its time has passed; ask anew.")
	}
	if err := v.Err(); err != nil {
		return Loan{}, err
	}
	if err := together(tx, i, l, c.ID); err != nil {
		return Loan{}, err
	}
	if c.State == Out {
		e.Kind, e.FromID, e.FromText = HandedOver, c.HolderID, c.Holder
		err := back(ctx, tx, c, "handed_over", e.OccurredAt, tenants.Reason{Code: "key.handed_over", Params: tenants.Params{"to": l.Holder()}}, nil)
		if err != nil {
			return Loan{}, err
		}
	}
	c.State, c.LoanID, c.HolderID, c.Holder, c.Since, c.DueAt = Out, &l.ID, &l.BorrowerID, l.Holder(), &e.OccurredAt, &by
	if c.DutyID, err = expect(ctx, tx, c, by, set); err != nil {
		return Loan{}, err
	}
	if err := stand(tx, c, e.OccurredAt); err != nil {
		return Loan{}, err
	}
	if e, err = write(tx, c, e); err != nil {
		return Loan{}, err
	}
	err = tx.DB.Exec(`UPDATE key_loan SET state = 'out', out_at = @at, out_by = @by, out_left = @left, due_at = @due WHERE tenant_id = @town AND id = @id`,
		map[string]any{"at": e.OccurredAt, "by": tx.Actor.Text(), "left": e.LeftIn, "due": by, "town": l.TenantID, "id": id}).Error
	if err != nil {
		return Loan{}, fmt.Errorf("hand %s out: %w", c.Name(), err)
	}
	if l, err = loanOf(tx, id); err != nil {
		return Loan{}, err
	}
	return l, recorded(tx, tenants.LendKey, "key_loan", id, nil, l)
}

// expect asks for a copy back, each time anew by the one duty of that copy.
func expect(ctx context.Context, tx *tenants.Tx, c Copy, by time.Time, set Setting) (*int64, error) {
	if c.DutyID != nil {
		return c.DutyID, duty.Again(ctx, tx, tenants.LendKey, c.TenantID, *c.DutyID, by)
	}
	id, err := duty.Ask(ctx, tx, duty.Task{Town: c.TenantID, Act: tenants.LendKey, Kind: Kind, AboutID: c.ID, Subject: c.Name(), Work: "返却", Due: by,
		GraceMinutes: set.GraceMinutes, Severity: incident.Warning, LadderID: set.LadderID})
	return &id, err
}

// back ends the loan that a copy is out on, and tells the pipeline.
func back(ctx context.Context, tx *tenants.Tx, c Copy, state string, at time.Time, why tenants.Reason, left *int) error {
	err := tx.DB.Exec(`UPDATE key_loan SET state = @state, back_at = @at, back_by = @by, back_left = @left WHERE tenant_id = @town AND id = @id`,
		map[string]any{"state": state, "at": at, "by": tx.Actor.Text(), "left": left, "town": c.TenantID, "id": c.LoanID}).Error
	if err != nil {
		return fmt.Errorf("end the loan of %s: %w", c.Name(), err)
	}
	if c.DutyID == nil {
		return nil
	}
	if state == Lost {
		return duty.Drop(ctx, tx, tenants.LendKey, c.TenantID, *c.DutyID, why)
	}
	return duty.Answer(ctx, tx, tenants.LendKey, c.TenantID, *c.DutyID, true, at, why)
}

// Return writes down that a copy came back to its slot (返却).
func Return(ctx context.Context, tx *tenants.Tx, id int64, in Happened) (Event, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Event{}, err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return Event{}, err
	}
	if !c.May(Returned) {
		return Event{}, told(tx, c)
	}
	set, err := settings(tx)
	if err != nil {
		return Event{}, err
	}
	var v tenants.Invalid
	e := Event{Kind: Returned, LoanID: c.LoanID, FromID: c.HolderID, FromText: c.Holder, Reason: entry.OptionalLine(&v, "reason", in.Reason, 200)}
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
	if err := back(ctx, tx, c, Returned, e.OccurredAt, tenants.Reason{Code: "key.returned"}, &e.LeftIn); err != nil {
		return Event{}, err
	}
	return e, recorded(tx, tenants.LendKey, "key_copy", id, c, e)
}

// ExtendInput is what is entered when a loan is extended.
type ExtendInput struct {
	DueAt      *time.Time
	DueMinutes *int // from now on
	Reason     string
}

// Extend puts the moment by which a copy is back further off (延長): somebody who may agree to loans, and is not the borrower.
func Extend(ctx context.Context, tx *tenants.Tx, id int64, in ExtendInput) (Event, error) {
	if err := tx.Permit(tenants.AuthoriseKey, tx.Actor.TenantID); err != nil {
		return Event{}, err
	}
	if err := tx.Sure(); err != nil {
		return Event{}, err
	}
	c, err := heldCopy(tx, id)
	if err != nil {
		return Event{}, err
	}
	if !c.May(Extended) {
		return Event{}, told(tx, c)
	}
	var v tenants.Invalid
	switch {
	case tx.Actor.Machine:
		v.Add("by", "機械は延長できません。", "A machine extends nothing.")
	case *c.HolderID == tx.Actor.PersonID:
		v.Add("by", "借りている本人は延長できません（別の職としてもできません）。ほかの人に延長してもらってください。", "Nobody extends their own loan, under another post neither; ask somebody else.")
	}
	checkDue(&v, tx.Now, in.DueAt, in.DueMinutes)
	reason := entry.Line(&v, "reason", in.Reason, 200)
	if err := v.Err(); err != nil {
		return Event{}, err
	}
	by := due(in.DueAt, in.DueMinutes, tx.Now)
	if !by.After(*c.DueAt) {
		v.Add("due_at", "いまの返却予定よりあとの時刻にしてください。", "Later than it is due now, please.")
		return Event{}, v.Err()
	}
	before := c
	c.DueAt = &by
	if err := stand(tx, c, tx.Now); err != nil {
		return Event{}, err
	}
	e, err := write(tx, c, Event{Kind: Extended, LoanID: c.LoanID, OccurredAt: tx.Now, DueAt: &by, Reason: reason, ApprovedBy: tx.Actor.Text()})
	if err != nil {
		return Event{}, err
	}
	if err := tx.DB.Exec(`UPDATE key_loan SET due_at = ? WHERE tenant_id = ? AND id = ?`, by, c.TenantID, c.LoanID).Error; err != nil {
		return Event{}, fmt.Errorf("extend the loan of %s: %w", c.Name(), err)
	}
	if c.DutyID != nil {
		if err := duty.Move(ctx, tx, tenants.AuthoriseKey, c.TenantID, *c.DutyID, by); err != nil {
			return Event{}, err
		}
	}
	return e, recorded(tx, tenants.AuthoriseKey, "key_copy", id, before, e)
}
