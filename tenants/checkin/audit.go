package checkin

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// KindUntaken is the breach of check-ins that no ledger takes in.
const KindUntaken = "checkin.untaken"

var _ = tenants.Sentences(map[string][2]string{
	KindUntaken: {"受け付けた申告{n}件が取り込まれていません（{since}から）{more}", "{n} check-ins have not been taken in since {since}{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindUntaken: {"申告の取込み遅れ{n}件", "{n} check-ins not taken in"},
})

// The index of what is not taken in is all that is read.
const untakenLate = `
SELECT tenant_id, @kind AS kind, count(*) AS count, min(at) AS since FROM checkin
WHERE taken_at IS NULL AND at < CAST(@before AS timestamptz) GROUP BY tenant_id`

// Audit tells which towns' check-ins have not been taken in for longer than the grace, and wakes whoever takes them in.
// Jobs only.
func Audit(_ context.Context, tx *tenants.Tx, grace time.Duration) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var late []tenants.Breach
	err := tx.DB.Raw(untakenLate, map[string]any{"kind": KindUntaken, "before": tx.Now.Add(-grace)}).Scan(&late).Error
	if err != nil {
		return nil, fmt.Errorf("audit check-ins: %w", err)
	}
	if len(late) == 0 {
		return nil, nil
	}
	return late, tx.Wake(tenants.WakeCheckin, 0)
}
