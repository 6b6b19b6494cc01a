package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/vault"
)

// OfferTOTP makes the secret of an authenticator app for the actor, to be shown, and the form in which a session may keep it
// until a code of it was given (AddTOTP): locked, since sessions lie in the database.
func OfferTOTP(_ context.Context, tx *tenants.Tx) (secret, kept []byte, err error) {
	if err := own(tx); err != nil {
		return nil, nil, err
	}
	secret = NewTOTP()
	kept, err = vault.Wrap(tx, tx.Actor.TenantID, vault.App, tx.Actor.PersonID, secret)
	return secret, kept, err
}

// OfferedTOTP is the secret that was offered to the actor; nil where it was none.
func OfferedTOTP(_ context.Context, tx *tenants.Tx, kept []byte) []byte {
	return vault.Unwrap(tx, tx.Actor.TenantID, vault.App, tx.Actor.PersonID, kept)
}

// Enclose moves the secrets of authenticator apps into the vault that stand in clear, at most limit. It runs in the gate's
// transaction, which alone reads them.
func Enclose(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	var rows []struct {
		TenantID, PersonID int64
		Secret             []byte
	}
	err := tx.DB.Raw(`SELECT tenant_id, person_id, secret FROM totp WHERE secret IS NOT NULL LIMIT ? FOR UPDATE SKIP LOCKED`, limit).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("look for secrets in clear: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if may, err := vault.Clear(tx); err != nil || !may {
		return 0, err
	}
	for _, r := range rows { // once in an installation's life
		if err := vault.Put(ctx, tx, r.TenantID, vault.App, r.PersonID, r.Secret); err != nil {
			return 0, err
		}
		if err := tx.DB.Exec(`UPDATE totp SET secret = NULL WHERE tenant_id = ? AND person_id = ?`, r.TenantID, r.PersonID).Error; err != nil {
			return 0, fmt.Errorf("empty a secret in clear: %w", err)
		}
	}
	return len(rows), nil
}
