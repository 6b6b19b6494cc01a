package key

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// whole is more lines than a copy ever has.
const whole = 1 << 30

const (
	lending = `t.kind IN ('lent', 'handed_over')`
	others  = `t.kind NOT IN ('lent', 'handed_over')`
)

// Which key, who had it and until when is what its loans and duties follow from: that is set right by the next event (返却, 引継,
// 延長). What was written down of an event can be wrong; somebody else who may agree to loans agrees to its correction.
var _ = correction.Register(correction.Ledger{Table: "key_event", Ja: "鍵の経過", En: "event of a key", Recorded: "recorded_at",
	About: `(SELECT i.name || ' ' || c.serial FROM key_copy c JOIN key_item i ON i.tenant_id = c.tenant_id AND i.id = c.item_id WHERE c.tenant_id = t.tenant_id AND c.id = t.copy_id)`,
	Rows:  `t.kind NOT IN ('added', 'moved')`, Read: tenants.ReadKey, Act: tenants.LendKey, Approve: tenants.AuthoriseKey, Days: 400, Check: checkCorrection, After: afterCorrection,
	Fields: []correction.Field{
		{Name: "occurred_at", Ja: "日時", En: "When", Kind: correction.Time, Required: true},
		{Name: "purpose", Only: lending, Ja: "使用目的", En: "Purpose", Kind: correction.Line, Longest: 200, Required: true},
		{Name: "work", Only: lending, Ja: "作業番号", En: "Work", Kind: correction.Line, Longest: 60},
		{Name: "visitor_company", Only: lending + ` AND t.visitor <> ''`, Ja: "来訪者の会社名", En: "Visitor's company", Kind: correction.Line, Longest: 100},
		{Name: "visitor", Only: lending + ` AND t.visitor <> ''`, Ja: "来訪者の氏名", En: "Visitor", Kind: correction.Line, Longest: 60, Required: true},
		{Name: "reason_given", Column: "t.reason", Only: others, Ja: "理由・備考", En: "Reason given", Kind: correction.Line, Longest: 200},
	}})

// corrected is the copy whose line is corrected, held, and its ledger, the oldest line first.
func corrected(tx *tenants.Tx, r correction.Record) (Copy, []Event, error) {
	of, err := one[struct{ CopyID int64 }](tx, `SELECT copy_id FROM key_event WHERE tenant_id = ? AND id = ?`, r.TenantID, r.ID)
	if err != nil {
		return Copy{}, nil, err
	}
	c, err := heldCopy(tx, of.CopyID)
	if err != nil {
		return Copy{}, nil, err
	}
	events, err := eventsOf(tx, c.ID, whole)
	slices.Reverse(events)
	return c, events, err
}

func checkCorrection(_ context.Context, tx *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	_, events, err := corrected(tx, r)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(events, func(e Event) bool { return e.ID == r.ID })
	if n < 0 {
		return tenants.NotFound()
	}
	at := events[n].OccurredAt
	correction.History{{Becomes: r.Now}}.Time("occurred_at", &at)
	switch {
	case at.Equal(events[n].OccurredAt):
	case n > 0 && at.Before(events[n-1].OccurredAt):
		v.Add("occurred_at", "前の記録より前の日時です。", "It would lie before the event on record before it.")
	case n+1 < len(events) && at.After(events[n+1].OccurredAt):
		v.Add("occurred_at", "次の記録よりあとの日時です。", "It would lie after the event on record behind it.")
	}
	return nil
}

// afterCorrection brings the copy and the lines of the loan book up to what the ledger says now.
func afterCorrection(_ context.Context, tx *tenants.Tx, r correction.Record) error {
	c, events, err := corrected(tx, r)
	if err != nil {
		return err
	}
	if s := Fold(events); s.State == Out || s.State == Lost {
		c.Holder, c.Since = s.Holder, s.Since
	}
	if err := stand(tx, c, events[len(events)-1].OccurredAt); err != nil {
		return err
	}
	n := slices.IndexFunc(events, func(e Event) bool { return e.ID == r.ID })
	e := events[n]
	args := map[string]any{"town": r.TenantID, "at": e.OccurredAt, "loan": e.LoanID, "purpose": e.Purpose, "work": e.Work, "visitor": e.Visitor, "company": e.VisitorCompany}
	if e.Kind == Lent || e.Kind == HandedOver {
		err := tx.DB.Exec(`UPDATE key_loan SET out_at = @at, purpose = @purpose, work = @work, visitor = @visitor, visitor_company = @company WHERE tenant_id = @town AND id = @loan`, args).Error
		if err != nil {
			return fmt.Errorf("correct the loan of %s: %w", c.Name(), err)
		}
	}
	if e.Kind == HandedOver { // it ended the loan before
		args["loan"] = nil
		for _, before := range slices.Backward(events[:n]) {
			if before.Kind == Lent || before.Kind == HandedOver {
				args["loan"] = before.LoanID
				break
			}
		}
	}
	if slices.Contains([]string{Returned, HandedOver, WasLost, Cylinder}, e.Kind) && args["loan"] != nil {
		if err := tx.DB.Exec(`UPDATE key_loan SET back_at = @at WHERE tenant_id = @town AND id = @loan AND back_at IS NOT NULL`, args).Error; err != nil {
			return fmt.Errorf("correct the loan of %s: %w", c.Name(), err)
		}
	}
	return nil
}

// withCorrections lays what was corrected over a copy's lines.
func withCorrections(tx *tenants.Tx, events []Event) error {
	return correction.Over(tx, "key_event", events, func(e *Event) (int64, int64) { return tx.Actor.TenantID, e.ID }, func(e *Event, h correction.History) {
		e.Corrections = h
		h.Time("occurred_at", &e.OccurredAt)
		h.Text("purpose", &e.Purpose)
		h.Text("work", &e.Work)
		h.Text("visitor", &e.Visitor)
		h.Text("visitor_company", &e.VisitorCompany)
		h.Text("reason_given", &e.Reason)
	})
}

// withHistory gives the lines of the loan book what their words were before they were corrected.
func withHistory(tx *tenants.Tx, loans []Loan) error {
	if len(loans) == 0 {
		return nil
	}
	of, ids, copies := map[int64]*Loan{}, make([]int64, len(loans)), make([]int64, len(loans))
	for n := range loans {
		of[loans[n].ID], ids[n], copies[n] = &loans[n], loans[n].ID, loans[n].CopyID
	}
	events, err := many[Event](tx, `SELECT id, loan_id, kind FROM key_event WHERE tenant_id = @town AND loan_id = ANY (CAST(@ids AS bigint[])) AND kind IN ('lent', 'handed_over', 'returned', 'lost')
		UNION ALL SELECT e.id, before.loan_id, 'returned' FROM key_event e CROSS JOIN LATERAL (SELECT b.loan_id FROM key_event b WHERE b.tenant_id = e.tenant_id AND b.copy_id = e.copy_id
			AND b.id < e.id AND b.kind IN ('lent', 'handed_over') ORDER BY b.id DESC LIMIT 1) before -- a handover ended the loan before it
		WHERE e.tenant_id = @town AND e.kind = 'handed_over' AND before.loan_id = ANY (CAST(@ids AS bigint[])) AND e.copy_id = ANY (CAST(@copies AS bigint[]))`,
		map[string]any{"town": tx.Actor.TenantID, "ids": &ids, "copies": &copies})
	if err != nil {
		return err
	}
	return correction.Over(tx, "key_event", events, func(e *Event) (int64, int64) { return tx.Actor.TenantID, e.ID }, func(e *Event, h correction.History) {
		if l := of[*e.LoanID]; e.Kind == Lent || e.Kind == HandedOver {
			l.WentOut = h
		} else {
			l.CameBack = h
		}
	})
}
