package rack

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Whether all was in order is what an incident followed from: that is set right by another look. When it was and in which words
// it was written down can be wrong.
var _ = correction.Register(correction.Ledger{Table: "rack_check", Ja: "設置の確認", En: "look at a rack's installation", Recorded: "recorded_at",
	About: `(SELECT r.code FROM rack r WHERE r.tenant_id = t.tenant_id AND r.id = t.rack_id)`, Read: tenants.ReadRack, Act: tenants.CheckRack, Days: 400, After: afterCorrection,
	Fields: []correction.Field{
		{Name: "occurred_at", Ja: "確認した日時", En: "When", Kind: correction.Time, Required: true},
		{Name: "found", Only: `t.found <> ''`, Ja: "見つかったこと", En: "What was found", Kind: correction.Line, Longest: 200, Required: true},
	}})

// afterCorrection brings the rack up to its newest look.
func afterCorrection(_ context.Context, tx *tenants.Tx, r correction.Record) error {
	zone, err := location(tx)
	if err != nil {
		return err
	}
	newest, err := many[Check](tx, `SELECT c.tenant_id, c.id, c.rack_id FROM rack_check c WHERE c.tenant_id = @town AND c.rack_id = (SELECT rack_id FROM rack_check
		WHERE tenant_id = @town AND id = @id) ORDER BY c.id DESC LIMIT 1`, map[string]any{"town": r.TenantID, "id": r.ID})
	if err != nil || len(newest) == 0 || newest[0].ID != r.ID {
		return err
	}
	c := newest[0]
	correction.History{{Becomes: r.Now}}.Time("occurred_at", &c.OccurredAt)
	of, err := take[Rack](tx, "rack", rackColumns, c.RackID, "")
	if err != nil {
		return err
	}
	err = tx.DB.Exec(`UPDATE rack SET checked_at = @at, check_due_on = @due WHERE tenant_id = @town AND id = @rack`,
		map[string]any{"at": c.OccurredAt, "due": calendar.DateOf(c.OccurredAt, zone).AddMonths(of.CheckMonths), "town": r.TenantID, "rack": c.RackID}).Error
	if err != nil {
		return fmt.Errorf("correct a look at rack %s: %w", of.Code, err)
	}
	return nil
}

// withCorrections lays what was corrected over looks.
func withCorrections(tx *tenants.Tx, checks []Check) error {
	return correction.Over(tx, "rack_check", checks, func(c *Check) (int64, int64) { return c.TenantID, c.ID }, func(c *Check, h correction.History) {
		c.Corrections = h
		h.Time("occurred_at", &c.OccurredAt)
		h.Text("found", &c.Found)
	})
}
