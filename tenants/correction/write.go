package correction

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("correction_turn", "reason", "ほかの人が先に訂正しました。もう一度確かめてください。", "Somebody else corrected it first; please look again.")
	_ = tenants.Constraint("correction_another_person", "reason", "訂正する人と照合する人は別の人にしてください。", "Who agrees to it is another person than who corrects.")
)

// Input is a correction as it was entered.
type Input struct {
	Town    int64
	Ledger  string
	Row     int64
	Changes []Change
	Reason  string
}

// Change is what one field should say. Was is what whoever corrects saw: where it says something else by now, somebody else was
// first.
type Change struct{ Field, Was, Becomes string }

// reasonLongest is of the reason, in characters.
const reasonLongest = 500

// Correct writes down what a record should have said. Where the ledger asks for another person's agreement, nothing stands
// before they have confirmed it: the fault is of the kind held, and a door keeps the request for them (照合).
func Correct(ctx context.Context, tx *tenants.Tx, in Input) (Correction, error) {
	if err := tx.Permit(tenants.Correct, in.Town); err != nil {
		return Correction{}, err
	}
	l, ok := Named(in.Ledger)
	if !ok {
		var v tenants.Invalid
		v.Add("ledger", "訂正できる台帳ではありません。", "There is no such ledger, or it cannot be corrected.")
		return Correction{}, v.Err()
	}
	if err := tx.Permit(l.Act, in.Town); err != nil {
		return Correction{}, err
	}
	if tx.Actor.PersonID == 0 || tx.Actor.Machine {
		return Correction{}, tenants.Conflict("訂正できるのは人だけです。", "Only a person corrects.")
	}
	// Records are not to be locked, for nobody may change them: whoever corrects one waits here for whoever is at it.
	err := tx.DB.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(@of, 0))`, map[string]any{"of": fmt.Sprintf("correction %d %s %d", in.Town, l.Table, in.Row)}).Error
	if err != nil {
		return Correction{}, fmt.Errorf("correct record %d of %s: %w", in.Row, l.Table, err)
	}
	r, err := l.take(tx, in.Town, in.Row)
	if err != nil {
		return Correction{}, err
	}
	if !r.Open(tx.Now) {
		return Correction{}, tenants.Conflict(fmt.Sprintf("記録から%d日を過ぎたため、訂正できません。", l.Days), fmt.Sprintf("It was written down more than %d days ago.", l.Days))
	}
	c, after, err := l.checked(ctx, tx, r, in)
	if err != nil {
		return Correction{}, err
	}
	if err := c.insert(tx); err != nil {
		return Correction{}, err
	}
	after.Corrections = append(slices.Clip(r.Corrections), c)
	if l.After != nil {
		if err := l.After(ctx, tx, after); err != nil {
			return Correction{}, err
		}
	}
	if err := tx.Wake(tenants.WakePage, in.Town); err != nil {
		return Correction{}, err
	}
	if err := c.record(tx); err != nil {
		return Correction{}, err
	}
	if l.Approve != "" && c.ApproverID == nil {
		return Correction{}, tenants.NeedsAnother(l.Approve)
	}
	return c, nil
}

// checked gives the correction that the input describes, and the record as it comes to stand.
func (l Ledger) checked(ctx context.Context, tx *tenants.Tx, r Record, in Input) (Correction, Record, error) {
	me := tx.Actor
	me.Second = ""
	c := Correction{TenantID: in.Town, Ledger: l.Table, RowID: in.Row, N: len(r.Corrections) + 1, About: r.About, Was: Values{}, Becomes: Values{},
		ByID: me.PersonID, ByText: me.Text(), At: tx.Now}
	if tx.Actor.SecondID != 0 && !tx.Actor.Beside { // what a person beside may agree to is asked of the change itself, not of this
		c.ApproverID, c.Approver = &tx.Actor.SecondID, tx.Actor.Second
	}
	var v, first tenants.Invalid
	for i, x := range in.Changes {
		f, ok := l.Field(x.Field)
		switch {
		case !ok || !r.Has(f):
			v.Add(x.Field, "この記録の訂正できる欄ではありません。", "This record has no such field to correct.")
			continue
		case slices.ContainsFunc(in.Changes[:i], func(o Change) bool { return o.Field == x.Field }):
			v.Add(x.Field, "同じ欄が二度あります。", "This field stands twice.")
			continue
		case !f.same(x.Was, r.Now[f.Name]):
			r.overtaken(&first, f, tx)
			continue
		}
		value, name, err := f.checked(ctx, tx, &v, r, x.Becomes)
		if err != nil {
			return c, r, err
		}
		if f.same(value, r.Now[f.Name]) {
			continue
		}
		c.Was[f.Name], c.Becomes[f.Name] = r.Now[f.Name], value
		if f.Kind == Person {
			c.Was[f.Name+NameOf], c.Becomes[f.Name+NameOf] = r.Now[f.Name+NameOf], name
		}
	}
	if len(first.Fields) > 0 {
		return c, r, &tenants.Fault{Kind: tenants.KindConflict, Ja: "ほかの人が先に訂正しました。いまの値を確かめてください。", En: "Somebody else corrected it first; look at what it says now.", Fields: first.Fields}
	}
	c.Reason = entry.Line(&v, "reason", in.Reason, reasonLongest)
	if len(v.Fields) == 0 && len(c.Becomes) == 0 {
		v.Add(l.first(r), "いまの記録と同じです。訂正する欄を直してください。", "This is what it says already: change what is to be corrected.")
	}
	after := r
	after.Now = maps.Clone(r.Now)
	maps.Copy(after.Now, c.Becomes)
	if l.Check != nil && len(v.Fields) == 0 {
		if err := l.Check(ctx, tx, after, &v); err != nil {
			return c, r, err
		}
	}
	return c, after, v.Err()
}

// first is the first field that a record has: where a form says what is wrong with all of it.
func (l Ledger) first(r Record) string {
	for _, f := range l.Fields {
		if r.Has(f) {
			return f.Name
		}
	}
	return "reason"
}

// overtaken says at a field that somebody else was first, and what it says now.
func (r Record) overtaken(v *tenants.Invalid, f Field, tx *tenants.Tx) {
	zone := location(tx, r.TenantID)
	ja, en := f.Show(r.Now, "ja", zone), f.Show(r.Now, "en", zone)
	by := ""
	for _, c := range r.Corrections {
		if _, ok := c.Becomes[f.Name]; ok {
			by = c.ByText
		}
	}
	if by == "" {
		v.Add(f.Name, "いまの記録は「"+ja+"」です。", "It says “"+en+"”.")
		return
	}
	v.Add(f.Name, by+"が先に訂正しました。いまは「"+ja+"」です。", "It was corrected by "+by+" first and now says “"+en+"”.")
}

func (c *Correction) insert(tx *tenants.Tx) error {
	was, err := json.Marshal(c.Was)
	if err != nil {
		return fmt.Errorf("correct record %d of %s: %w", c.RowID, c.Ledger, err)
	}
	becomes, err := json.Marshal(c.Becomes)
	if err != nil {
		return fmt.Errorf("correct record %d of %s: %w", c.RowID, c.Ledger, err)
	}
	err = tx.DB.Raw(`INSERT INTO correction (tenant_id, ledger, row_id, n, about, was, becomes, reason, by_id, by_text, approver_id, approver, at, recorded_at)
		VALUES (@town, @ledger, @row, @n, @about, CAST(@was AS jsonb), CAST(@becomes AS jsonb), @reason, @by, @by_text, @approver_id, @approver, @now, @now) RETURNING id`,
		map[string]any{"town": c.TenantID, "ledger": c.Ledger, "row": c.RowID, "n": c.N, "about": c.About, "was": string(was), "becomes": string(becomes),
			"reason": c.Reason, "by": c.ByID, "by_text": c.ByText, "approver_id": c.ApproverID, "approver": c.Approver, "now": tx.Now}).Scan(&c.ID).Error
	if err != nil {
		return fmt.Errorf("correct record %d of %s: %w", c.RowID, c.Ledger, err)
	}
	return nil
}

// record writes the line of the operation log: both values, the record, and why.
func (c Correction) record(tx *tenants.Tx) error {
	return tx.Record(tenants.Line{Town: c.TenantID, Act: tenants.Correct, Object: "correction", ObjectID: c.ID,
		Before: c.said(c.Was, nil), After: c.said(c.Becomes, map[string]any{"ledger": LedgerWords(c.Ledger, "ja"), "table": c.Ledger, "record": c.RowID, "about": c.About, "correction_reason": c.Reason})})
}

func (c Correction) said(values Values, more map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range c.Fields() {
		out[f.Name] = values[f.Name]
		if f.Kind == Person || f.Kind == Choice {
			out[f.Name] = f.Show(values, "ja", time.UTC) // a code or a number tells a reader of the log nothing
		}
	}
	maps.Copy(out, more)
	return out
}
