package key

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("key_approval_once", "by", "すでに承認しています。", "You have agreed already.")

// notOneself is what somebody hears who would agree to what is theirs, whatever posts they hold.
var notOneself = struct{ ja, en string }{"借りる本人は承認できません（別の職としてもできません）。ほかの人に承認してもらってください。",
	"Nobody agrees to their own loan, under another post neither; ask somebody else."}

func decided(l Loan) error {
	words := map[string][2]string{Refused: {"却下されています", "refused"}, Withdrawn: {"取り下げられています", "withdrawn"}, Lapsed: {"期限が過ぎて無効になっています", "void, its time having passed"}}
	w, ok := words[l.State]
	if !ok {
		w = [2]string{"すでに渡されています", "handed out already"}
	}
	return tenants.Conflict("この申請は"+w[0]+"（"+l.Holder()+"）。", "This request has been "+w[1]+" ("+l.Holder()+").")
}

// waiting reads a request that nobody decides meanwhile.
func waiting(tx *tenants.Tx, id int64) (Loan, error) {
	if err := hold(tx, "key_loan", id); err != nil {
		return Loan{}, err
	}
	l, err := loanOf(tx, id)
	if err == nil && l.State != Asked {
		err = decided(l)
	}
	return l, err
}

// Approve says that the actor agrees to a loan as the other person (承認): a person, no machine, who has proved shortly before who they
// are, and is not the borrower.
func Approve(_ context.Context, tx *tenants.Tx, id int64) (Loan, error) {
	if err := tx.Permit(tenants.AuthoriseKey, tx.Actor.TenantID); err != nil {
		return Loan{}, err
	}
	if err := tx.Sure(); err != nil {
		return Loan{}, err
	}
	l, err := waiting(tx, id)
	if err != nil {
		return Loan{}, err
	}
	var v tenants.Invalid
	switch {
	case tx.Actor.Machine:
		v.Add("by", "機械は承認できません。", "A machine agrees to nothing.")
	case l.BorrowerID == tx.Actor.PersonID:
		v.Add("by", notOneself.ja, notOneself.en)
	case slices.ContainsFunc(l.Approvals, func(a Approval) bool { return a.ByID == tx.Actor.PersonID }):
		v.Add("by", "すでに承認しています。", "You have agreed already.")
	case len(l.Approvals) >= l.Authorisers:
		v.Add("by", "承認はそろっています。", "Enough have agreed.")
	case l.Stale(tx.Now):
		v.Add("by", "返却予定の時刻を過ぎています。申請し直してください。", "Its time has passed; ask anew.")
	}
	if err := v.Err(); err != nil {
		return Loan{}, err
	}
	err = tx.DB.Exec(`INSERT INTO key_approval (tenant_id, loan_id, at, by_id, by_text) VALUES (@town, @loan, @now, @by, @text)`,
		map[string]any{"town": l.TenantID, "loan": id, "now": tx.Now, "by": tx.Actor.PersonID, "text": tx.Actor.Text()}).Error
	if err == nil {
		err = tx.DB.Exec(`UPDATE key_loan SET approved_by = @by WHERE tenant_id = @town AND id = @loan`,
			map[string]any{"by": listed(append(approvers(l), tx.Actor.Text())), "town": l.TenantID, "loan": id}).Error
	}
	if err != nil {
		return Loan{}, fmt.Errorf("agree to the loan of %s: %w", l.CopyName, err)
	}
	if l, err = loanOf(tx, id); err != nil {
		return Loan{}, err
	}
	return l, recorded(tx, tenants.AuthoriseKey, "key_loan", id, nil, map[string]any{"approved_by": l.ApprovedBy, "of": l.Authorisers})
}

func approvers(l Loan) (names []string) {
	for _, a := range l.Approvals {
		names = append(names, a.ByText)
	}
	return names
}

// Refuse says no to a request, and why (却下).
func Refuse(_ context.Context, tx *tenants.Tx, id int64, reason string) (Loan, error) {
	if err := tx.Permit(tenants.AuthoriseKey, tx.Actor.TenantID); err != nil {
		return Loan{}, err
	}
	var v tenants.Invalid
	reason = entry.Line(&v, "reason", reason, 200)
	if err := v.Err(); err != nil {
		return Loan{}, err
	}
	return ending(tx, tenants.AuthoriseKey, id, Refused, reason)
}

// Withdraw takes a request back (取下げ): whoever asked, or the borrower.
func Withdraw(_ context.Context, tx *tenants.Tx, id int64) (Loan, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Loan{}, err
	}
	l, err := waiting(tx, id)
	if err != nil {
		return Loan{}, err
	}
	if tx.Actor.PersonID != l.BorrowerID && tx.Actor.PersonID != l.AskedByID {
		return Loan{}, tenants.Conflict("取り下げられるのは、申請した人か借りる人です。承認者は却下してください。", "Only who asked or the borrower takes it back; who agrees may refuse it.")
	}
	return ending(tx, tenants.LendKey, id, Withdrawn, "")
}

func ending(tx *tenants.Tx, act tenants.Act, id int64, state, reason string) (Loan, error) {
	l, err := waiting(tx, id)
	if err != nil {
		return Loan{}, err
	}
	if err := closed(tx, l, state, reason); err != nil {
		return Loan{}, err
	}
	if l, err = loanOf(tx, id); err != nil {
		return Loan{}, err
	}
	return l, recorded(tx, act, "key_loan", id, nil, map[string]any{"state": state, "reason": reason})
}
