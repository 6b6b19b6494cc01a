package vault

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tanamori/tenants"
)

// Kind is what a secret is of; it is the noun of the row that the id names.
type Kind string

// The kinds. A new one is added to the CHECK of the table too, and to a policy where another role than the jobs' reads it.
const (
	App         Kind = "totp"     // of a person's authenticator app; the id is the person's
	EvidenceKey Kind = "tlog_key" // signs a town's log of evidence
)

const maxBytes = 4096

var errNoKey = errors.New("the key is not here")

// place is what a value is bound to.
func place(town int64, kind Kind, id int64) string {
	return "vault/" + strconv.FormatInt(town, 10) + "/" + string(kind) + "/" + strconv.FormatInt(id, 10)
}

// unavailable is the answer while a key is not here: it is found in the log and in /readyz which, and what to do.
func unavailable(err error) error {
	return tenants.Unavailable(err, "秘密情報の鍵がこのサーバにないため、いまはできません。管理者へお知らせください。",
		"This server does not have the key to the secrets. Please tell the administrator.")
}

// Put keeps a secret of a town locked, in place of a former one.
func Put(_ context.Context, tx *tenants.Tx, town int64, kind Kind, id int64, plain []byte) error {
	if len(plain) == 0 || len(plain) > maxBytes {
		return fmt.Errorf("keep the %s of %d: %d bytes", kind, id, len(plain))
	}
	key, err := current(tx)
	if err != nil {
		return err
	}
	locked, err := tx.Keys.Lock(key, place(town, kind, id), plain)
	if err != nil {
		return unavailable(err)
	}
	if err := Drop(tx, town, kind, id); err != nil {
		return err
	}
	// A key that was retired since it was read takes nothing more.
	done := tx.DB.Exec(`INSERT INTO vault (tenant_id, kind, id, key_id, value) SELECT @town, @kind, @id, key_id, @value FROM vault_key WHERE key_id = @key`,
		map[string]any{"town": town, "kind": string(kind), "id": id, "key": key, "value": locked})
	if done.Error != nil {
		return fmt.Errorf("keep the %s of %d: %w", kind, id, done.Error)
	}
	if done.RowsAffected != 1 {
		return tenants.Conflict("秘密情報の鍵が入れ替わったところです。もう一度お試しください。", "The key was being exchanged. Please try again.")
	}
	return nil
}

// Get gives a secret; nil where there is none.
func Get(_ context.Context, tx *tenants.Tx, town int64, kind Kind, id int64) ([]byte, error) {
	var rows []struct {
		KeyID string
		Value []byte
	}
	err := tx.DB.Raw(`SELECT key_id, value FROM vault WHERE tenant_id = ? AND kind = ? AND id = ?`, town, string(kind), id).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the %s of %d: %w", kind, id, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return Unlock(tx, town, kind, id, rows[0].KeyID, rows[0].Value)
}

// Wrap locks a secret that is not kept in the vault but handed out, and comes back (Unwrap): to a session, for one.
func Wrap(tx *tenants.Tx, town int64, kind Kind, id int64, plain []byte) ([]byte, error) {
	key, err := current(tx)
	if err != nil {
		return nil, err
	}
	locked, err := tx.Keys.Lock(key, "wrapped/"+place(town, kind, id), plain)
	if err != nil {
		return nil, unavailable(err)
	}
	return append([]byte(key), locked...), nil
}

// Unwrap gives what was wrapped for the same row; nil for anything else.
func Unwrap(tx *tenants.Tx, town int64, kind Kind, id int64, wrapped []byte) []byte {
	const n = 16 // digits of a key's id
	if len(wrapped) < n {
		return nil
	}
	plain, err := unlock(tx, string(wrapped[:n]), "wrapped/"+place(town, kind, id), wrapped[n:])
	if err != nil {
		return nil // under a key that was retired meanwhile, too: whoever asked begins again
	}
	return plain
}

// Drop removes a secret, where there is one.
func Drop(tx *tenants.Tx, town int64, kind Kind, id int64) error {
	if err := tx.DB.Exec(`DELETE FROM vault WHERE tenant_id = ? AND kind = ? AND id = ?`, town, string(kind), id).Error; err != nil {
		return fmt.Errorf("drop the %s of %d: %w", kind, id, err)
	}
	return nil
}

// Unlock is Get for a room that has read many rows of the table in a statement of its own.
func Unlock(tx *tenants.Tx, town int64, kind Kind, id int64, keyID string, value []byte) ([]byte, error) {
	return unlock(tx, keyID, place(town, kind, id), value)
}

func unlock(tx *tenants.Tx, keyID, place string, value []byte) ([]byte, error) {
	if tx.Keys == nil {
		return nil, unavailable(errNoKey)
	}
	plain, err := tx.Keys.Unlock(keyID, place, value)
	if errors.Is(err, errNoKey) {
		return nil, unavailable(err)
	}
	return plain, err
}

// current is the key that locks: the one registered last, whatever this process holds besides.
func current(tx *tenants.Tx) (string, error) {
	var key string
	if err := tx.DB.Raw(`SELECT key_id FROM vault_key ORDER BY id DESC LIMIT 1`).Scan(&key).Error; err != nil {
		return "", fmt.Errorf("read which key locks: %w", err)
	}
	if key == "" || tx.Keys == nil || !tx.Keys.Holds(key) {
		return "", unavailable(fmt.Errorf("%w: %s", errNoKey, key))
	}
	return key, nil
}

// Missing are the ids of the keys that values are under and that this process does not hold. Whoever runs the machine has to
// bring them.
func Missing(_ context.Context, tx *tenants.Tx) ([]string, error) {
	var ids, missing []string
	if err := tx.DB.Raw(`SELECT key_id FROM vault_key ORDER BY id`).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("read which keys there are: %w", err)
	}
	for _, id := range ids {
		if tx.Keys == nil || !tx.Keys.Holds(id) {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// Advice is the one line about keys that are missing.
func Advice(missing []string) string {
	return "secrets in the database are locked under a key that is not here (" + strings.Join(missing, ", ") +
		"): put the file secret.key of the other nodes, or its copy, in its place (TANAMORI_SECRET_KEY_FILE); where it is lost for good, `tanamori secret lost` (docs/operation.md)"
}

// Begin registers this process's newest key where the database knows none, and makes one in its file first where there is
// none; made tells its id then. Nodes that begin together come to one key.
func Begin(_ context.Context, tx *tenants.Tx, ring *Ring) (made string, err error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return "", err
	}
	if err := hold(tx); err != nil {
		return "", err
	}
	var known bool
	if err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM vault_key)`).Scan(&known).Error; err != nil || known {
		return "", err
	}
	if ring.Newest() == "" {
		if made, err = ring.Make(); err != nil {
			return "", err
		}
	}
	return made, register(tx, ring.Newest())
}

func register(tx *tenants.Tx, id string) error {
	err := tx.DB.Exec(`INSERT INTO vault_key (key_id, since) VALUES (?, ?) ON CONFLICT (key_id) DO NOTHING`, id, tx.Now).Error
	if err != nil {
		return fmt.Errorf("register key %s: %w", id, err)
	}
	return nil
}

// hold lets one transaction at a time change what keys and secrets of the installation there are.
func hold(tx *tenants.Tx) error {
	if err := tx.DB.Exec(`SELECT pg_advisory_xact_lock(hashtext('tanamori vault'))`).Error; err != nil {
		return fmt.Errorf("wait for others at the keys: %w", err)
	}
	return nil
}
