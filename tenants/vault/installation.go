package vault

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"tanamori/tenants"
)

// ofInstallation is the place of a secret of the installation's own.
func ofInstallation(id int64) string { return "installation_secret/" + strconv.FormatInt(id, 10) }

// Secrets are the installation's own: the first signs links and names wrong tries, the others prove links that were signed
// before it was made. The gate and the jobs can read them.
func Secrets(_ context.Context, tx *tenants.Tx) ([][]byte, error) {
	var rows []struct {
		ID    int64
		KeyID string
		Value []byte
	}
	err := tx.DB.Raw(`SELECT id, key_id, value FROM installation_secret WHERE until_at IS NULL OR until_at > ? ORDER BY id DESC`, tx.Now).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the installation's secrets: %w", err)
	}
	var all [][]byte
	for _, r := range rows {
		plain, err := unlock(tx, r.KeyID, ofInstallation(r.ID), r.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, plain)
	}
	if len(all) > 0 {
		return all, nil
	}
	plain, err := inClear(tx)
	return [][]byte{plain}, err
}

// inClear is the installation's secret as the version before the vault kept it, until Enclose has moved it.
func inClear(tx *tenants.Tx) ([]byte, error) {
	var row struct{ Secret []byte }
	if err := tx.DB.Raw(`SELECT secret FROM installation WHERE id = 1`).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("read the installation's secret: %w", err)
	}
	if len(row.Secret) == 0 {
		return nil, fmt.Errorf("the installation has no secret that holds; tanamori secret links makes one")
	}
	return row.Secret, nil
}

// Clear tells whether what stands in clear may move into the vault: not while a node of a version runs that would look for
// it where it was.
func Clear(tx *tenants.Tx) (bool, error) {
	var old bool
	err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM heartbeat WHERE NOT vault AND seen_at > ?)`, tx.Now.Add(-time.Minute)).Scan(&old).Error
	if err != nil {
		return false, fmt.Errorf("look for nodes of a former version: %w", err)
	}
	return !old, nil
}

// Enclose moves the installation's secret into the vault, where it stands in clear; it stays the same. Jobs only.
func Enclose(_ context.Context, tx *tenants.Tx) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var waits bool
	if err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM installation WHERE secret IS NOT NULL)`).Scan(&waits).Error; err != nil || !waits {
		return 0, err
	}
	if may, err := Clear(tx); err != nil || !may {
		return 0, err
	}
	if err := hold(tx); err != nil {
		return 0, err
	}
	var rows []struct{ Secret []byte }
	if err := tx.DB.Raw(`SELECT secret FROM installation WHERE secret IS NOT NULL`).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return 0, err // another node was faster
	}
	if err := add(tx, rows[0].Secret); err != nil {
		return 0, err
	}
	if err := tx.DB.Exec(`UPDATE installation SET secret = NULL`).Error; err != nil {
		return 0, fmt.Errorf("empty the installation's secret: %w", err)
	}
	return 1, nil
}

// add keeps a secret of the installation as its newest.
func add(tx *tenants.Tx, plain []byte) error {
	key, err := current(tx)
	if err != nil {
		return err
	}
	var id int64
	if err := tx.DB.Raw(`SELECT coalesce(max(id), 0) + 1 FROM installation_secret`).Scan(&id).Error; err != nil {
		return fmt.Errorf("keep the installation's secret: %w", err)
	}
	locked, err := tx.Keys.Lock(key, ofInstallation(id), plain)
	if err != nil {
		return unavailable(err)
	}
	err = tx.DB.Exec(`INSERT INTO installation_secret (id, key_id, value, made_at) VALUES (?, ?, ?, ?)`, id, key, locked, tx.Now).Error
	if err != nil {
		return fmt.Errorf("keep the installation's secret: %w", err)
	}
	return nil
}

// Replace gives the installation a new secret, which signs from now on. What the former ones have signed holds until the
// time given; where that is not to come, it is void at once. Jobs only: the operator does it from the command line.
func Replace(ctx context.Context, tx *tenants.Tx, until time.Time) error {
	if err := tx.Permit(tenants.KeepSecrets); err != nil {
		return err
	}
	if _, err := Enclose(ctx, tx); err != nil {
		return err
	}
	if err := hold(tx); err != nil {
		return err
	}
	var old bool
	if err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM installation WHERE secret IS NOT NULL)`).Scan(&old).Error; err != nil {
		return fmt.Errorf("look at the installation's secret: %w", err)
	}
	if old {
		return tenants.Conflict("前の版のサーバがまだ動いています。すべて更新してから実行してください。", "A node of the former version runs. Upgrade all of them first.")
	}
	if err := renew(tx, until); err != nil {
		return err
	}
	return record(tx, "links", map[string]any{"until": until.UTC()})
}

func renew(tx *tenants.Tx, until time.Time) error {
	if err := tx.DB.Exec(`UPDATE installation_secret SET until_at = @until WHERE until_at IS NULL OR until_at > @until`, map[string]any{"until": until}).Error; err != nil {
		return fmt.Errorf("end the installation's former secret: %w", err)
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails, see its documentation
	if err := add(tx, secret); err != nil {
		return err
	}
	if err := tx.DB.Exec(`DELETE FROM installation_secret WHERE until_at <= ?`, tx.Now).Error; err != nil {
		return fmt.Errorf("forget the installation's former secrets: %w", err)
	}
	return nil
}

// record writes an act on the installation's keys into the log of every host.
func record(tx *tenants.Tx, object string, after map[string]any) error {
	var hosts []int64
	if err := tx.DB.Raw(`SELECT id FROM tenant WHERE kind = 'host' ORDER BY id`).Scan(&hosts).Error; err != nil {
		return fmt.Errorf("look for the hosts: %w", err)
	}
	lines := make([]tenants.Line, len(hosts))
	for i, h := range hosts {
		lines[i] = tenants.Line{Town: h, Act: tenants.KeepSecrets, Object: object, After: after}
	}
	return tx.Record(lines...)
}
