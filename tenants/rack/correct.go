package rack

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/duty"
)

// Whether all was in order is what an incident followed from: that is set right by another look. When it was and in which words
// it was written down can be wrong.
var _ = correction.Register(correction.Ledger{Table: "rack_check", Ja: "設置の確認", En: "look at a rack's installation", Recorded: "recorded_at",
	About: `(SELECT r.code FROM rack r WHERE r.tenant_id = t.tenant_id AND r.id = t.rack_id)`, Read: tenants.ReadRack, Act: tenants.CheckRack, Days: 400, Check: checkCorrection, After: afterCorrection,
	Fields: []correction.Field{
		{Name: "occurred_at", Ja: "確認した日時", En: "When", Kind: correction.Time, Required: true},
		{Name: "found", Only: `t.found <> ''`, Ja: "見つかったこと", En: "What was found", Kind: correction.Line, Longest: 200, Required: true},
	}})

// looksOf are the looks at the rack of a corrected one, held, the newest first.
func looksOf(tx *tenants.Tx, r correction.Record) (Rack, []Check, error) {
	of, err := take[Check](tx, "rack_check", "rack_id", r.ID, "")
	if err != nil {
		return Rack{}, nil, err
	}
	held, err := take[Rack](tx, "rack", rackColumns, of.RackID, "FOR UPDATE")
	if err != nil {
		return held, nil, err
	}
	looks, err := many[Check](tx, `SELECT `+checkColumns+` FROM rack_check WHERE tenant_id = ? AND rack_id = ? ORDER BY id DESC`, r.TenantID, of.RackID)
	if err != nil {
		return held, nil, err
	}
	return held, looks, withCorrections(tx, looks)
}

func checkCorrection(_ context.Context, tx *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	_, looks, err := looksOf(tx, r)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(looks, func(c Check) bool { return c.ID == r.ID })
	if n < 0 {
		return tenants.NotFound()
	}
	at := looks[n].OccurredAt
	correction.History{{Becomes: r.Now}}.Time("occurred_at", &at)
	switch {
	case at.Equal(looks[n].OccurredAt):
	case n+1 < len(looks) && at.Before(looks[n+1].OccurredAt):
		v.Add("occurred_at", "前回の確認より前の日時です。", "It would lie before the look on record before it.")
	case n > 0 && at.After(looks[n-1].OccurredAt):
		v.Add("occurred_at", "次の確認よりあとの日時です。", "It would lie after the look on record behind it.")
	}
	return nil
}

// afterCorrection brings the rack, and by when the next look is asked for, up to its newest look.
func afterCorrection(ctx context.Context, tx *tenants.Tx, r correction.Record) error {
	of, looks, err := looksOf(tx, r)
	if err != nil || len(looks) == 0 || looks[0].ID != r.ID {
		return err
	}
	zone, err := location(tx)
	if err != nil {
		return err
	}
	due := calendar.DateOf(looks[0].OccurredAt, zone).AddMonths(of.CheckMonths)
	err = tx.DB.Exec(`UPDATE rack SET checked_at = @at, check_due_on = @due WHERE tenant_id = @town AND id = @rack`,
		map[string]any{"at": looks[0].OccurredAt, "due": due, "town": r.TenantID, "rack": of.ID}).Error
	if err != nil {
		return fmt.Errorf("correct a look at rack %s: %w", of.Code, err)
	}
	if of.DutyID == nil || of.RetiredAt != nil || !looks[0].Good() { // while something is wrong nothing further is asked for
		return nil
	}
	by, err := duty.ByTheDay(ctx, tx, r.TenantID, due)
	if err != nil {
		return err
	}
	return duty.Move(ctx, tx, tenants.CheckRack, r.TenantID, *of.DutyID, by)
}

// withCorrections lays what was corrected over looks.
func withCorrections(tx *tenants.Tx, checks []Check) error {
	return correction.Over(tx, "rack_check", checks, func(c *Check) (int64, int64) { return c.TenantID, c.ID }, func(c *Check, h correction.History) {
		c.Corrections = h
		h.Time("occurred_at", &c.OccurredAt)
		h.Text("found", &c.Found)
	})
}
