package demo

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
)

// correct lets the operator correct what was heard wrong on the telephone, and what was said of a night long over.
func (l *loader) correct(ctx context.Context, newest calendar.Date) error {
	err := l.do(ctx, func(ctx context.Context, tx *tenants.Tx) error {
		tx.Actor.PersonID, tx.Actor.Name, tx.Actor.Title = l.people["operator"], staff[1].name, staff[1].title
		list, err := incident.List(ctx, tx, incident.Filter{Town: l.towns["niseko"], State: incident.StateAcknowledged, Limit: 1})
		if err != nil || len(list) == 0 || list[0].Ack == nil {
			return err
		}
		a := list[0].Ack
		_, err = correction.Correct(ctx, tx, correction.Input{Town: l.towns["niseko"], Ledger: "acknowledgement", Row: a.ID, Reason: "聞き違い。本人に電話で確かめた",
			Changes: []correction.Change{{Field: "promise", Was: a.Promise, Becomes: "登庁前に遠隔でサーバの状態を確認します"}}})
		return err
	})
	if err != nil {
		return fmt.Errorf("correct a telephone call: %w", err)
	}
	err = l.do(ctx, func(ctx context.Context, tx *tenants.Tx) error {
		tx.Actor.PersonID, tx.Actor.Name, tx.Actor.Title = l.people["operator"], staff[1].name, staff[1].title
		marks, err := duty.History(ctx, tx, l.towns["mukawa"], 0, newest.AddDays(-3), newest.AddDays(-2))
		if err != nil {
			return err
		}
		for _, m := range marks {
			if m.Look == nil {
				continue
			}
			_, err := correction.Correct(ctx, tx, correction.Input{Town: l.towns["mukawa"], Ledger: "confirmation", Row: m.Look.ID, Reason: "備考の書き漏れ",
				Changes: []correction.Change{{Field: "note", Becomes: "停電作業のため、業者が立ち会った"}}})
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("correct a confirmation: %w", err)
	}
	return nil
}
