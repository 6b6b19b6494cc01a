package tlog

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// Rotate makes a new key for a town's log. The next checkpoint is signed by both, those after it by the new one alone; the
// old one's public half stays.
func Rotate(ctx context.Context, tx *tenants.Tx, town int64, reason string) error {
	if err := tx.Permit(tenants.RotateEvidenceKey, town); err != nil {
		return err
	}
	var v tenants.Invalid
	reason = entry.Line(&v, "reason", reason, 200)
	if err := v.Err(); err != nil {
		return err
	}
	return renew(ctx, tx, town, reason, tenants.RotateEvidenceKey)
}

// Lost makes new keys for towns whose key was lost with the installation's own. Nobody hands over to them: whoever trusts the
// former one sees the break, and the log says when and why. Jobs only: the operator says so from the command line.
func Lost(ctx context.Context, tx *tenants.Tx, towns []int64) error {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return err
	}
	for _, town := range towns {
		if err := renew(ctx, tx, town, "秘密情報の鍵の紛失", tenants.KeepSecrets); err != nil {
			return err
		}
	}
	return nil
}

func renew(ctx context.Context, tx *tenants.Tx, town int64, reason string, act tenants.Act) error {
	var t struct {
		Origin string
		Size   int64
	}
	if err := tx.DB.Raw(`SELECT origin, size FROM tlog_tree WHERE tenant_id = @town`, map[string]any{"town": town}).Scan(&t).Error; err != nil {
		return fmt.Errorf("read the log of town %d: %w", town, err)
	}
	if t.Origin == "" {
		return tenants.Conflict("記録の取込みがまだ始まっていません。", "The log has not begun yet.")
	}
	verifier, err := newKey(ctx, tx, town, t.Origin, reason)
	if err != nil {
		return err
	}
	if err := happened(tx, town, "key", t.Size, map[string]any{"verifier": verifier, "reason": reason}); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: town, Act: act, Object: "evidence_key", After: map[string]any{"verifier": verifier, "reason": reason}})
}
