package duty

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tanamori/tenants"
)

// ExpectFromTheBeginning sets up a duty that a town has without anybody's word, by its default ladder, where it has none of
// that kind about that thing. Jobs only; what people set up or change goes by Expect.
func ExpectFromTheBeginning(ctx context.Context, tx *tenants.Tx, in ExpectInput) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if err := in.Check(); err != nil {
		return err
	}
	var ladder []int64
	if err := tx.DB.Raw(`SELECT id FROM ladder WHERE tenant_id = ? ORDER BY id LIMIT 1`, in.Town).Scan(&ladder).Error; err != nil {
		return fmt.Errorf("expect %s: %w", in.Subject, err)
	}
	if len(ladder) == 0 {
		return nil // a town that is still being set up; it is met again
	}
	var there []int64
	if err := tx.DB.Raw(`SELECT id FROM duty WHERE tenant_id = ? AND kind = ? AND about_id = ? LIMIT 1`, in.Town, in.Kind, in.AboutID).Scan(&there).Error; err != nil {
		return fmt.Errorf("expect %s: %w", in.Subject, err)
	}
	if len(there) > 0 {
		return nil
	}
	d := Duty{TenantID: in.Town, Kind: in.Kind, AboutID: in.AboutID, Subject: in.Subject, Work: in.Work, Position: in.Position, Cron: in.Cron, Zone: in.Zone,
		Policy: in.Policy, EarlyMinutes: in.EarlyMinutes, WindowMinutes: in.WindowMinutes, GraceMinutes: in.GraceMinutes, LongestMinutes: in.LongestMinutes,
		Severity: in.Severity, LadderID: ladder[0], ActiveFrom: tx.Now, PlannedUntil: tx.Now, OnBoard: !in.OffBoard}
	if err := gorm.G[Duty](tx.DB).Create(ctx, &d); err != nil {
		return fmt.Errorf("expect %s: %w", in.Subject, err)
	}
	return tx.Wake(tenants.WakePlan, in.Town)
}
