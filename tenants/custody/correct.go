package custody

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

const sealing = `t.kind IN ('set', 'resealed', 'changed')`

// As two persons stand in each line, another person agrees to a correction of it: whoever may be a witness.
var _ = correction.Register(correction.Ledger{Table: "credential_event", Ja: "パスワードの保管簿", En: "custody of a password", Recorded: "recorded_at",
	About: `(SELECT c.name FROM credential c WHERE c.tenant_id = t.tenant_id AND c.id = t.credential_id)`,
	Rows:  `t.kind <> 'corrected'`, Read: tenants.ReadCustody, Act: tenants.WriteCustody, Approve: tenants.ReadCustody, Check: checkCorrection, After: afterCorrection,
	Fields: []correction.Field{
		{Name: "occurred_at", Ja: "日時", En: "When", Kind: correction.Time, Required: true},
		{Name: "by", Column: "t.by_id", Words: "t.by_text", Ja: "行った人", En: "Done by", Kind: correction.Person, People: whoWorks, Required: true},
		{Name: "witness", Column: "t.witness_id", Words: "t.witness_text", Ja: "立会者", En: "Witness", Kind: correction.Person, People: whoWorks, Required: true},
		{Name: "envelope", Only: sealing, Ja: "封筒番号", En: "Envelope", Kind: correction.Line, Longest: 40, Required: true},
		{Name: "place", Only: sealing, Ja: "保管場所", En: "Place", Kind: correction.Line, Longest: 100, Required: true},
		{Name: "reason_given", Column: "t.reason", Ja: "理由・備考", En: "Reason given", Kind: correction.Line, Longest: 200},
	}})

func whoWorks(_ context.Context, tx *tenants.Tx, town int64) ([]correction.Option, error) {
	people, err := working(tx, town)
	out := make([]correction.Option, len(people))
	for i, p := range people {
		out[i] = correction.Option{Value: strconv.FormatInt(p.ID, 10), Ja: p.Text, En: p.Text}
	}
	return out, err
}

// held is the password whose line is corrected, with its ledger; other acts on it wait.
func held(tx *tenants.Tx, r correction.Record) (Credential, []Event, error) {
	var of int64
	err := tx.DB.Raw(`SELECT credential_id FROM credential_event WHERE tenant_id = @town AND id = @id`, map[string]any{"town": r.TenantID, "id": r.ID}).Scan(&of).Error
	if err != nil {
		return Credential{}, nil, fmt.Errorf("find the password of line %d: %w", r.ID, err)
	}
	if _, _, err := take(tx, of, "FOR UPDATE"); err != nil {
		return Credential{}, nil, err
	}
	return take(tx, of, "")
}

func checkCorrection(_ context.Context, tx *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	_, events, err := held(tx, r)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(events, func(e Event) bool { return e.ID == r.ID })
	if n < 0 {
		return tenants.NotFound()
	}
	was, e := events[n], events[n]
	correction.History{{Becomes: r.Now}}.Time("occurred_at", &e.OccurredAt)
	switch {
	case e.OccurredAt.Equal(was.OccurredAt):
	case n > 0 && e.OccurredAt.Before(events[n-1].OccurredAt):
		v.Add("occurred_at", "前の記録より前の日時です。", "It would lie before the event on record before it.")
	case n+1 < len(events) && e.OccurredAt.After(events[n+1].OccurredAt):
		v.Add("occurred_at", "次の記録よりあとの日時です。", "It would lie after the event on record behind it.")
	}
	if r.Now["by"] == r.Now["witness"] {
		v.Add("witness", twoJa, twoEn)
	}
	if (was.Kind == Opened || was.Kind == Retired) && r.Now["reason_given"] == "" {
		v.Add("reason_given", "入力してください。", "Please enter this.")
	}
	return nil
}

// afterCorrection brings state and duty up to what the ledger says now; by when the password must be changed may move.
func afterCorrection(ctx context.Context, tx *tenants.Tx, r correction.Record) error {
	before, events, err := held(tx, r)
	if err != nil {
		return err
	}
	zone, err := location(tx)
	if err != nil {
		return err
	}
	after, err := settle(ctx, tx, before, events, zone)
	if err != nil || after.DueOn == before.DueOn {
		return err
	}
	return written(tx, after.ID, settings(before), settings(after))
}

// withCorrections lays what was corrected over a ledger's lines.
func withCorrections(tx *tenants.Tx, events []Event) error {
	return correction.Over(tx, "credential_event", events, func(e *Event) (int64, int64) { return tx.Actor.TenantID, e.ID }, func(e *Event, h correction.History) {
		e.Corrections = h
		h.Time("occurred_at", &e.OccurredAt)
		h.Person("by", &e.ByID, &e.ByText)
		h.Person("witness", &e.WitnessID, &e.WitnessText)
		h.Text("envelope", &e.Envelope)
		h.Text("place", &e.Place)
		h.Text("reason_given", &e.Reason)
	})
}
