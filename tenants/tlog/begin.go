package tlog

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"tanamori/tenants"
	"tanamori/tenants/vault"
)

const treeless = `
SELECT t.id, t.code, i.log_name, ` + home + ` AS home FROM tenant t CROSS JOIN installation i
WHERE NOT EXISTS (SELECT FROM tlog_tree x WHERE x.tenant_id = t.id) AND EXISTS (SELECT FROM tlog_due d WHERE d.tenant_id = t.id)
ORDER BY t.id LIMIT @limit`

const makeTree = `
INSERT INTO tlog_tree (tenant_id, origin, town, home)
SELECT t.id, @origin, t.code, @home FROM tenant t WHERE t.id = @town
ON CONFLICT (tenant_id) DO NOTHING`

// begin makes the trees of towns that have their first rows, each with a key of its own.
func begin(ctx context.Context, tx *tenants.Tx, limit int) error {
	var rows []struct {
		ID                  int64
		Code, LogName, Home string
	}
	if err := tx.DB.Raw(treeless, map[string]any{"limit": limit}).Scan(&rows).Error; err != nil {
		return fmt.Errorf("look for towns without a log: %w", err)
	}
	for _, r := range rows {
		origin := "tanamori/" + r.LogName + "/" + r.Code
		made := tx.DB.Exec(makeTree, map[string]any{"town": r.ID, "origin": origin, "home": r.Home})
		if made.Error != nil {
			return fmt.Errorf("begin the log of town %d: %w", r.ID, made.Error)
		}
		if made.RowsAffected == 0 {
			continue // another node has
		}
		if _, err := newKey(ctx, tx, r.ID, origin, "初期設定"); err != nil {
			return err
		}
		if err := happened(tx, r.ID, "begun", 0, map[string]any{"origin": origin}); err != nil {
			return err
		}
	}
	return nil
}

// newKey makes the key that signs from now on and gives its public half.
func newKey(ctx context.Context, tx *tenants.Tx, town int64, origin, reason string) (verifier string, err error) {
	signer, verifier, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", fmt.Errorf("make a key for town %d: %w", town, err)
	}
	var id int64
	err = tx.DB.Raw(`INSERT INTO tlog_key (tenant_id, verifier, signer, made_at, by_id, by_text, reason)
		VALUES (@town, @verifier, '', @now, NULLIF(CAST(@person AS bigint), 0), @by, @reason) RETURNING id`,
		map[string]any{"town": town, "verifier": verifier, "now": tx.Now, "person": tx.Actor.PersonID, "by": tx.Actor.Text(), "reason": reason}).Scan(&id).Error
	if err != nil {
		return "", fmt.Errorf("keep the key of town %d: %w", town, err)
	}
	return verifier, vault.Put(ctx, tx, town, vault.EvidenceKey, id, []byte(signer))
}

// happened writes an event of the log down; it becomes a leaf as every row does.
func happened(tx *tenants.Tx, town int64, kind string, size int64, detail map[string]any) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("write down that the log of town %d is %s: %w", town, kind, err)
	}
	err = tx.DB.Exec(`INSERT INTO tlog_event (tenant_id, at, kind, size, detail, by_id, by_text)
		VALUES (@town, @now, @kind, @size, CAST(@detail AS jsonb), NULLIF(CAST(@person AS bigint), 0), @by)`,
		map[string]any{"town": town, "now": tx.Now, "kind": kind, "size": size, "detail": string(b), "person": tx.Actor.PersonID, "by": tx.Actor.Text()}).Error
	if err != nil {
		return fmt.Errorf("write down that the log of town %d is %s: %w", town, kind, err)
	}
	return nil
}

// Enclose moves the secret halves of keys into the vault that stand in clear, at most limit. Jobs only.
func Enclose(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var rows []struct {
		TenantID, ID int64
		Signer       string
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, signer FROM tlog_key WHERE signer <> '' LIMIT ? FOR UPDATE SKIP LOCKED`, limit).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("look for keys in clear: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if may, err := vault.Clear(tx); err != nil || !may {
		return 0, err
	}
	for _, r := range rows { // once in an installation's life
		if err := vault.Put(ctx, tx, r.TenantID, vault.EvidenceKey, r.ID, []byte(r.Signer)); err != nil {
			return 0, err
		}
		if err := tx.DB.Exec(`UPDATE tlog_key SET signer = '' WHERE tenant_id = ? AND id = ?`, r.TenantID, r.ID).Error; err != nil {
			return 0, fmt.Errorf("empty a key in clear: %w", err)
		}
	}
	return len(rows), nil
}
