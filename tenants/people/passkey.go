package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// Passkey is a WebAuthn credential of a person. Credential is what the library of the gate keeps of it.
type Passkey struct {
	TenantID, ID, PersonID int64
	Name                   string // what the person calls it: 執務室のYubiKey
	Handle                 []byte // the credential's id
	Credential             json.RawMessage
	AddedAt                time.Time
	LastUsedAt             *time.Time
}

var _ = tenants.Constraint("passkey_handle", "name", "このパスキーはすでに登録されています。", "This passkey is registered already.")

func passkeys(tx *tenants.Tx, town, person int64) ([]Passkey, error) {
	var found []Passkey
	err := tx.DB.Raw(`SELECT tenant_id, id, person_id, name, handle, credential, added_at, last_used_at FROM passkey
		WHERE tenant_id = ? AND person_id = ? ORDER BY id`, town, person).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list passkeys of person %d: %w", person, err)
	}
	return found, nil
}

// AddPasskey keeps a passkey of the actor's that the gate has checked.
func AddPasskey(_ context.Context, tx *tenants.Tx, name string, handle []byte, credential json.RawMessage) error {
	if err := ownFactors(tx); err != nil {
		return err
	}
	var v tenants.Invalid
	name = entry.Line(&v, "name", name, 60)
	if err := v.Err(); err != nil {
		return err
	}
	a := tx.Actor
	var id int64
	err := tx.DB.Raw(`INSERT INTO passkey (tenant_id, person_id, name, handle, credential, added_at) VALUES (?, ?, ?, ?, CAST(? AS jsonb), ?) RETURNING id`,
		a.TenantID, a.PersonID, name, handle, string(credential), tx.Now).Scan(&id).Error
	if err != nil {
		return fmt.Errorf("add a passkey: %w", err)
	}
	if err := shown(tx); err != nil {
		return err
	}
	if err := alone(tx); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: a.TenantID, Act: tenants.OwnAccount, Object: "passkey", ObjectID: id, After: name})
}

// DropPasskey takes one of the actor's passkeys off.
func DropPasskey(_ context.Context, tx *tenants.Tx, id int64) error {
	if err := ownFactors(tx); err != nil {
		return err
	}
	a := tx.Actor
	var name string
	err := tx.DB.Raw(`DELETE FROM passkey WHERE tenant_id = ? AND person_id = ? AND id = ? RETURNING name`, a.TenantID, a.PersonID, id).Take(&name).Error
	if err != nil {
		return fmt.Errorf("drop passkey %d: %w", id, err)
	}
	if err := alone(tx); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: a.TenantID, Act: tenants.OwnAccount, Object: "passkey", ObjectID: id, Before: name})
}

// FindPasskey is the passkey of a credential's id and whose it is. It runs in the gate's transaction.
func FindPasskey(_ context.Context, tx *tenants.Tx, handle []byte) (Passkey, error) {
	var found Passkey
	err := tx.DB.Raw(`SELECT k.tenant_id, k.id, k.person_id, k.name, k.handle, k.credential, k.added_at, k.last_used_at FROM passkey k
		JOIN person p ON p.tenant_id = k.tenant_id AND p.id = k.person_id WHERE k.handle = ? AND p.disabled_at IS NULL`, handle).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, UnknownPasskey()
	}
	if err != nil {
		return found, fmt.Errorf("find a passkey: %w", err)
	}
	return found, nil
}

// UnknownPasskey is the answer to a passkey that opens nothing here.
func UnknownPasskey() error {
	return tenants.Unauthenticated("このパスキーではサインインできません。", "This passkey does not sign anybody in here.")
}

// UsedPasskey keeps the credential as it is after its use (its counter). It runs in the gate's transaction.
func UsedPasskey(_ context.Context, tx *tenants.Tx, k Passkey) error {
	err := tx.DB.Exec(`UPDATE passkey SET credential = CAST(? AS jsonb), last_used_at = ? WHERE tenant_id = ? AND id = ?`, string(k.Credential), tx.Now, k.TenantID, k.ID).Error
	if err != nil {
		return fmt.Errorf("note the use of passkey %d: %w", k.ID, err)
	}
	return nil
}
