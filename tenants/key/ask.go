package key

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("key_loan_asked", "copy_id", "ほかの人が申請中です。", "Somebody else has asked for it.")
	_ = tenants.Constraint("key_loan_out", "copy_id", "すでに貸し出されています。", "It is out already.")
)

// AskInput is what is entered when a copy is asked for.
type AskInput struct {
	Borrower       int64 // 0: whoever asks
	Visitor        string
	VisitorCompany string
	Purpose        string
	Work           string
	DueAt          *time.Time
	DueMinutes     *int // after it was handed out
	Handover       bool // from whoever has it (引継)
	Approve        bool // whoever asks is not the borrower, and agrees as the other person
	HandOut        bool // and it is handed out at once, where that is enough
}

// Ask asks for a copy. It waits until enough other persons have agreed, and is then handed out; until its time has passed nobody
// else can ask for that copy.
func Ask(ctx context.Context, tx *tenants.Tx, id int64, in AskInput) (Loan, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Loan{}, err
	}
	c, err := one[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.id = ?`, tx.Actor.TenantID, id)
	if err != nil {
		return Loan{}, err
	}
	i, err := withExcluded(tx, c.ItemID)
	if err != nil {
		return Loan{}, err
	}
	if err := hold(tx, "key_copy", id); err != nil {
		return Loan{}, err
	}
	if c, err = copyOf(tx, id); err != nil {
		return Loan{}, err
	}
	if c.State != In && (c.State != Out || !in.Handover) {
		return Loan{}, told(tx, c)
	}
	if err := awaited(tx, c); err != nil {
		return Loan{}, err
	}
	l, err := in.checked(tx, c, i)
	if err != nil {
		return Loan{}, err
	}
	l.ID, err = value[int64](tx, `INSERT INTO key_loan (tenant_id, copy_id, state, handover, borrower_id, borrower, visitor, visitor_company, purpose, work, due_minutes, due_at, authorisers,
			asked_at, asked_by_id, asked_by)
		VALUES (@town, @copy, 'asked', @handover, @borrower_id, @borrower, @visitor, @company, @purpose, @work, @minutes, @due, @authorisers, @now, @by_id, @by) RETURNING id`,
		map[string]any{"town": c.TenantID, "copy": id, "handover": l.Handover, "borrower_id": l.BorrowerID, "borrower": l.Borrower, "visitor": l.Visitor, "company": l.VisitorCompany,
			"purpose": l.Purpose, "work": l.Work, "minutes": l.DueMinutes, "due": l.DueAt, "authorisers": l.Authorisers, "now": tx.Now, "by_id": tx.Actor.PersonID, "by": tx.Actor.Text()})
	if err != nil {
		return Loan{}, fmt.Errorf("ask for %s: %w", c.Name(), err)
	}
	if l, err = loanOf(tx, l.ID); err != nil {
		return Loan{}, err
	}
	if err := recorded(tx, tenants.LendKey, "key_loan", l.ID, nil, l); err != nil {
		return Loan{}, err
	}
	if in.Approve {
		if l, err = Approve(ctx, tx, l.ID); err != nil {
			return Loan{}, err
		}
	}
	if in.HandOut && l.Ready() {
		return HandOut(ctx, tx, l.ID, Happened{})
	}
	return l, nil
}

// withExcluded reads the kind of key and holds it and those that nobody has together with it, so that of two loans to one person
// the later sees the earlier.
func withExcluded(tx *tenants.Tx, item int64) (Item, error) {
	i, err := itemOf(tx, item)
	if err != nil {
		return i, err
	}
	return i, hold(tx, "key_item", append([]int64{item}, i.Excludes...)...)
}

// awaited refuses while somebody else's request for the copy waits. One whose time has passed waits no more.
func awaited(tx *tenants.Tx, c Copy) error {
	waiting, err := many[Loan](tx, loans+`WHERE l.tenant_id = ? AND l.copy_id = ? AND l.state = 'asked'`, c.TenantID, c.ID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	l := waiting[0]
	if !l.Stale(tx.Now) {
		zone, err := location(tx)
		if err != nil {
			return err
		}
		at := l.AskedAt.In(zone).Format("1/2 15:04")
		return tenants.Conflict(c.Name()+"は、"+at+"から"+l.Holder()+"が申請中です。", c.Name()+" has been asked for by "+l.Holder()+" since "+at+".")
	}
	return closed(tx, l, Lapsed, "")
}

// askFor is how long a request without a moment of its own waits.
const askFor = 12 * time.Hour

// Stale tells whether a request has waited past its time.
func (l Loan) Stale(now time.Time) bool {
	if l.DueAt != nil {
		return !l.DueAt.After(now)
	}
	return l.AskedAt.Add(askFor).Before(now)
}

func closed(tx *tenants.Tx, l Loan, state, reason string) error {
	res := tx.DB.Exec(`UPDATE key_loan SET state = @state, closed_at = @now, closed_by = @by, closed_reason = @reason WHERE tenant_id = @town AND id = @id AND state = 'asked'`,
		map[string]any{"state": state, "now": tx.Now, "by": tx.Actor.Text(), "reason": reason, "town": l.TenantID, "id": l.ID})
	if res.Error != nil {
		return fmt.Errorf("close the request for %s: %w", l.CopyName, res.Error)
	}
	if res.RowsAffected == 0 {
		return decided(l)
	}
	return nil
}

// checked gives the loan that the input describes.
func (in AskInput) checked(tx *tenants.Tx, c Copy, i Item) (Loan, error) {
	var v tenants.Invalid
	l := Loan{Handover: c.State == Out, Authorisers: i.Authorisers, DueAt: in.DueAt, DueMinutes: in.DueMinutes, BorrowerID: in.Borrower}
	if l.BorrowerID == 0 {
		l.BorrowerID = tx.Actor.PersonID
	}
	people, err := working(tx)
	if err != nil {
		return l, err
	}
	var known bool
	if l.Borrower, known = named(people, l.BorrowerID); !known {
		v.Add("borrower_id", "借りる人を選んでください。", "Choose who borrows it.")
	}
	others, err := working(tx, tenants.HostAdmin, tenants.Facility)
	if err != nil {
		return l, err
	}
	others = slices.DeleteFunc(others, func(p Person) bool { return p.ID == l.BorrowerID })
	if known && len(others) < i.Authorisers {
		v.Add("borrower_id", fmt.Sprintf("本人のほかに承認できる人が%d人しかいません。この鍵には%d人要ります。", len(others), i.Authorisers),
			fmt.Sprintf("Only %d others may agree today; this key needs %d.", len(others), i.Authorisers))
	}
	l.Visitor = entry.OptionalLine(&v, "visitor", in.Visitor, 60)
	l.VisitorCompany = entry.OptionalLine(&v, "visitor_company", in.VisitorCompany, 60)
	if l.VisitorCompany != "" && l.Visitor == "" {
		v.Add("visitor", "来訪者の氏名を入力してください。", "Enter the visitor's name.")
	}
	l.Purpose = entry.Line(&v, "purpose", in.Purpose, 100)
	l.Work = entry.OptionalLine(&v, "work", in.Work, 100)
	checkDue(&v, tx.Now, in.DueAt, in.DueMinutes)
	if c.State == Out && c.HolderID != nil && *c.HolderID == l.BorrowerID && l.Visitor == "" && c.Holder == l.Borrower {
		v.Add("borrower_id", "すでにこの人が借りています。延長してください。", "This person has it already; extend it.")
	}
	if in.Approve && l.BorrowerID == tx.Actor.PersonID {
		v.Add("approve", notOneself.ja, notOneself.en)
	}
	if err := v.Err(); err != nil {
		return l, err
	}
	return l, together(tx, i, l, c.ID)
}

// together refuses a loan to somebody who has a key that nobody may hold together with this one: as the borrower, or as the visitor
// of that name.
func together(tx *tenants.Tx, i Item, l Loan, of int64) error {
	if len(i.Excludes) == 0 {
		return nil
	}
	held, err := many[Copy](tx, copies+`JOIN key_loan l ON l.tenant_id = c.tenant_id AND l.id = c.loan_id
		WHERE c.tenant_id = @town AND c.state = 'out' AND c.item_id = ANY (CAST(@items AS bigint[])) AND c.id <> @copy
		AND (l.borrower_id = @borrower OR @visitor <> '' AND l.visitor = @visitor AND l.visitor_company = @company) ORDER BY c.id LIMIT 1`,
		map[string]any{"town": tx.Actor.TenantID, "items": &i.Excludes, "copy": of, "borrower": l.BorrowerID, "visitor": l.Visitor, "company": l.VisitorCompany})
	if err != nil || len(held) == 0 {
		return err
	}
	var v tenants.Invalid
	v.Add("borrower_id", "同じ人が"+held[0].Name()+"を借りています。この2つは同時に借りられません。", "The same person has "+held[0].Name()+": nobody holds the two together.")
	return v.Err()
}
