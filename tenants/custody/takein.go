package custody

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

// TakeIn hands at most limit changes on to the duties that they fulfil. Jobs only: evidence has one way in.
func TakeIn(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var taken []struct {
		TenantID, ID int64
		DutyID       *int64
		RecordedAt   time.Time
	}
	err := tx.DB.Raw(`SELECT e.tenant_id, e.id, c.duty_id, e.recorded_at FROM credential_event e JOIN credential c ON c.tenant_id = e.tenant_id AND c.id = e.credential_id
		WHERE e.kind = 'changed' AND e.taken_at IS NULL ORDER BY e.id LIMIT @limit FOR UPDATE OF e SKIP LOCKED`, map[string]any{"limit": limit}).Scan(&taken).Error
	if err != nil {
		return 0, fmt.Errorf("claim changed passwords: %w", err)
	}
	if len(taken) == 0 {
		return 0, nil
	}
	var proofs []duty.Attestation
	var towns, ids []int64
	for _, t := range taken {
		towns, ids = append(towns, t.TenantID), append(ids, t.ID)
		if t.DutyID != nil {
			proofs = append(proofs, duty.Attestation{Town: t.TenantID, DutyID: *t.DutyID, Kind: duty.Good, At: t.RecordedAt, Reason: tenants.Reason{Code: "custody.changed"}})
		}
	}
	if _, err := duty.Attest(ctx, tx, proofs); err != nil {
		return 0, err
	}
	err = tx.DB.Exec(`UPDATE credential_event e SET taken_at = @now FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) k (town, id)
		WHERE e.tenant_id = k.town AND e.id = k.id`, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Error
	if err != nil {
		return 0, fmt.Errorf("mark changed passwords taken in: %w", err)
	}
	return len(taken), nil
}
