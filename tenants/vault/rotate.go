package vault

import (
	"context"
	"errors"
	"fmt"

	"tanamori/tenants"
)

// Adopt makes this process's newest key the one that locks, on every node. Nodes that do not hold it are not ready until
// they do. It tells the key, and whether it is new. Whoever lacks a key that is in use has a file of long ago, whose newest key may
// have been retired: it brings none in.
func Adopt(ctx context.Context, tx *tenants.Tx, ring *Ring) (id string, fresh bool, err error) {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return "", false, err
	}
	if err := hold(tx); err != nil {
		return "", false, err
	}
	if id = ring.Newest(); id == "" {
		return "", false, fmt.Errorf("%s holds no key", ring.Where())
	}
	var newest string
	if err := tx.DB.Raw(`SELECT key_id FROM vault_key ORDER BY id DESC LIMIT 1`).Scan(&newest).Error; err != nil {
		return "", false, fmt.Errorf("read which key locks: %w", err)
	}
	if newest == id {
		return id, false, nil
	}
	missing, err := Missing(ctx, tx)
	if err != nil {
		return "", false, err
	}
	if len(missing) > 0 {
		return "", false, errors.New(Advice(missing))
	}
	var before bool
	if err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM vault_key WHERE key_id = ?)`, id).Scan(&before).Error; err != nil {
		return "", false, fmt.Errorf("read which keys there are: %w", err)
	}
	if before {
		return "", false, fmt.Errorf("the newest key of %s is %s, which %s has followed already: bring the file of the node that has that one", ring.Where(), id, newest)
	}
	if err := register(tx, id); err != nil {
		return "", false, err
	}
	return id, true, record(tx, "secret_key", map[string]any{"key": id})
}

type locked struct {
	TenantID int64
	Kind     Kind
	ID       int64
	KeyID    string
	Value    []byte
}

const (
	stale = `SELECT tenant_id, kind, id, key_id, value FROM vault WHERE key_id <> @key ORDER BY tenant_id, kind, id LIMIT @limit FOR UPDATE`
	again = `UPDATE vault v SET key_id = @key, value = x.value
		FROM unnest(CAST(@towns AS bigint[]), CAST(@kinds AS text[]), CAST(@ids AS bigint[]), CAST(@values AS bytea[])) x (town, kind, id, value)
		WHERE v.tenant_id = x.town AND v.kind = x.kind AND v.id = x.id`
)

// Rotate locks at most limit values anew under the key that locks now, and gives how many: 0 when nothing is left. Each call
// is whole in itself, so that whoever was stopped goes on where it was. Under both keys everything can be read meanwhile.
func Rotate(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return 0, err
	}
	key, err := current(tx)
	if err != nil {
		return 0, err
	}
	did, err := rotateOwn(tx, key)
	if err != nil {
		return 0, err
	}
	var rows []locked
	if err := tx.DB.Raw(stale, map[string]any{"key": key, "limit": limit}).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("look for secrets under a former key: %w", err)
	}
	if len(rows) == 0 {
		return did, nil
	}
	var towns, ids []int64
	var kinds []string
	var values [][]byte
	for _, r := range rows {
		plain, err := Unlock(tx, r.TenantID, r.Kind, r.ID, r.KeyID, r.Value)
		if err != nil {
			return 0, err
		}
		value, err := tx.Keys.Lock(key, place(r.TenantID, r.Kind, r.ID), plain)
		if err != nil {
			return 0, err
		}
		towns, kinds, ids, values = append(towns, r.TenantID), append(kinds, string(r.Kind)), append(ids, r.ID), append(values, value)
	}
	err = tx.DB.Exec(again, map[string]any{"key": key, "towns": &towns, "kinds": &kinds, "ids": &ids, "values": &values}).Error
	if err != nil {
		return 0, fmt.Errorf("lock secrets anew: %w", err)
	}
	return did + len(rows), nil
}

// rotateOwn does the installation's own secrets, which are few.
func rotateOwn(tx *tenants.Tx, key string) (int, error) {
	var rows []locked
	if err := tx.DB.Raw(`SELECT id, key_id, value FROM installation_secret WHERE key_id <> ? ORDER BY id FOR UPDATE`, key).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("look for the installation's secrets: %w", err)
	}
	for _, r := range rows {
		plain, err := unlock(tx, r.KeyID, ofInstallation(r.ID), r.Value)
		if err != nil {
			return 0, err
		}
		value, err := tx.Keys.Lock(key, ofInstallation(r.ID), plain)
		if err != nil {
			return 0, err
		}
		if err := tx.DB.Exec(`UPDATE installation_secret SET key_id = ?, value = ? WHERE id = ?`, key, value, r.ID).Error; err != nil {
			return 0, fmt.Errorf("lock the installation's secret anew: %w", err)
		}
	}
	return len(rows), nil
}

// Retire strikes former keys off under which nothing is any more, and gives their ids: only old dumps need them from here on.
// A value that was on its way under one of them is waited for, or refused.
func Retire(_ context.Context, tx *tenants.Tx) (ids []string, err error) {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return nil, err
	}
	if err := tx.DB.Exec(`LOCK TABLE vault, installation_secret IN SHARE MODE`).Error; err != nil {
		return nil, fmt.Errorf("wait for secrets under way: %w", err)
	}
	err = tx.DB.Raw(`DELETE FROM vault_key k WHERE k.id < (SELECT max(n.id) FROM vault_key n) AND NOT EXISTS (SELECT FROM vault v WHERE v.key_id = k.key_id)
		AND NOT EXISTS (SELECT FROM installation_secret i WHERE i.key_id = k.key_id) RETURNING k.key_id`).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("strike keys off: %w", err)
	}
	return ids, nil
}

// Use is how many secrets are under a key.
type Use struct {
	KeyID   string
	Secrets int64
}

// List tells which keys the database knows, the one that locks last.
func List(_ context.Context, tx *tenants.Tx) (uses []Use, err error) {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return nil, err
	}
	err = tx.DB.Raw(`SELECT k.key_id, (SELECT count(*) FROM vault v WHERE v.key_id = k.key_id) +
		(SELECT count(*) FROM installation_secret i WHERE i.key_id = k.key_id) AS secrets FROM vault_key k ORDER BY k.id`).Scan(&uses).Error
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return uses, nil
}

// Lost is what went with a key: of which towns signing keys have to be made anew, and how many authenticator apps are to be set
// up again.
type Lost struct {
	Keys  []string
	Towns []int64
	Apps  int
}

// GiveUp strikes keys off that this process does not hold, and what was locked under them: it can never be read again. The
// installation gets a new secret, which voids the links in mails that were sent. People whose app is concerned keep their
// second step, and pass it by a recovery code or a passkey. Whoever calls makes the towns' keys anew in the same transaction.
func GiveUp(ctx context.Context, tx *tenants.Tx, ring *Ring) (lost Lost, err error) {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return lost, err
	}
	if err := hold(tx); err != nil {
		return lost, err
	}
	if lost.Keys, err = Missing(ctx, tx); err != nil {
		return lost, err
	}
	if len(lost.Keys) == 0 {
		return lost, errors.New("every key is here: nothing is lost")
	}
	if ring.Newest() == "" {
		if _, err := ring.Make(); err != nil {
			return lost, err
		}
	}
	var rows []locked
	if err := tx.DB.Raw(`DELETE FROM vault WHERE key_id = ANY (CAST(@keys AS text[])) RETURNING tenant_id, kind, id`, map[string]any{"keys": &lost.Keys}).Scan(&rows).Error; err != nil {
		return lost, fmt.Errorf("give up what cannot be read: %w", err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		switch {
		case r.Kind == App:
			lost.Apps++
		case r.Kind == EvidenceKey && !seen[r.TenantID]:
			seen[r.TenantID], lost.Towns = true, append(lost.Towns, r.TenantID)
		}
	}
	for _, sql := range []string{`DELETE FROM installation_secret WHERE key_id = ANY (CAST(@keys AS text[]))`, `DELETE FROM vault_key WHERE key_id = ANY (CAST(@keys AS text[]))`} {
		if err := tx.DB.Exec(sql, map[string]any{"keys": &lost.Keys}).Error; err != nil {
			return lost, fmt.Errorf("give up what cannot be read: %w", err)
		}
	}
	if err := register(tx, ring.Newest()); err != nil {
		return lost, err
	}
	var signs bool
	if err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM installation_secret WHERE until_at IS NULL) OR EXISTS (SELECT FROM installation WHERE secret IS NOT NULL)`).Scan(&signs).Error; err != nil {
		return lost, fmt.Errorf("look at the installation's secret: %w", err)
	}
	if !signs {
		if err := renew(tx, tx.Now); err != nil {
			return lost, err
		}
	}
	return lost, record(tx, "secret_key", map[string]any{"lost": lost.Keys, "key": ring.Newest(), "apps": lost.Apps})
}
