package key

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/town"
)

// settings reads what the host has decided.
func settings(tx *tenants.Tx) (Setting, error) {
	found, err := many[Setting](tx, `SELECT coalesce(ladder_id, 0) AS ladder_id, grace_minutes, backdate_hours, cylinder_days FROM key_setting WHERE tenant_id = ?`, tx.Actor.TenantID)
	if err != nil || len(found) == 0 {
		return Usual, err
	}
	return found[0], nil
}

// GetSetting gives what the host has decided about keys.
func GetSetting(_ context.Context, tx *tenants.Tx) (Setting, error) {
	if err := tx.Permit(tenants.ReadKey, tx.Actor.TenantID); err != nil {
		return Setting{}, err
	}
	return settings(tx)
}

// Set decides anew. Who is told of what is already asked for stays as it was.
func Set(ctx context.Context, tx *tenants.Tx, in Setting) error {
	if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
		return err
	}
	var v tenants.Invalid
	for _, f := range []struct {
		field     string
		n, lo, hi int
	}{{"grace_minutes", in.GraceMinutes, 0, 1440}, {"backdate_hours", in.BackdateHours, 1, 168}, {"cylinder_days", in.CylinderDays, 1, 90}} {
		between(&v, f.field, f.n, f.lo, f.hi)
	}
	if in.LadderID != 0 {
		ladders, err := town.Ladders(ctx, tx, tx.Actor.TenantID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(ladders, func(l town.Ladder) bool { return l.ID == in.LadderID }) {
			v.Add("ladder_id", "連絡の順を選んでください。", "Choose who is told.")
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	before, err := settings(tx)
	if err != nil {
		return err
	}
	err = tx.DB.Exec(`INSERT INTO key_setting (tenant_id, ladder_id, grace_minutes, backdate_hours, cylinder_days) VALUES (@town, nullif(@ladder, 0), @grace, @backdate, @cylinder)
		ON CONFLICT (tenant_id) DO UPDATE SET ladder_id = EXCLUDED.ladder_id, grace_minutes = EXCLUDED.grace_minutes, backdate_hours = EXCLUDED.backdate_hours, cylinder_days = EXCLUDED.cylinder_days`,
		map[string]any{"town": tx.Actor.TenantID, "ladder": in.LadderID, "grace": in.GraceMinutes, "backdate": in.BackdateHours, "cylinder": in.CylinderDays}).Error
	if err != nil {
		return fmt.Errorf("decide about keys: %w", err)
	}
	return recorded(tx, tenants.WriteKey, "key_setting", 0, before, in)
}

func between(v *tenants.Invalid, field string, n, lo, hi int) {
	if n < lo || n > hi {
		v.Add(field, fmt.Sprintf("%d〜%dの数字で入力してください。", lo, hi), fmt.Sprintf("Enter a number from %d to %d.", lo, hi))
	}
}
