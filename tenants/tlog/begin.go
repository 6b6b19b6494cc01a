package tlog

import (
	"crypto/rand"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"tanamori/tenants"
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
func begin(tx *tenants.Tx, limit int) error {
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
		if _, err := newKey(tx, r.ID, origin, "初期設定"); err != nil {
			return err
		}
		if err := happened(tx, r.ID, "begun", 0, map[string]any{"origin": origin}); err != nil {
			return err
		}
	}
	return nil
}

// newKey makes the key that signs from now on and gives its public half.
func newKey(tx *tenants.Tx, town int64, origin, reason string) (verifier string, err error) {
	signer, verifier, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", fmt.Errorf("make a key for town %d: %w", town, err)
	}
	err = tx.DB.Exec(`INSERT INTO tlog_key (tenant_id, verifier, signer, made_at, by_id, by_text, reason)
		VALUES (@town, @verifier, @signer, @now, NULLIF(CAST(@person AS bigint), 0), @by, @reason)`,
		map[string]any{"town": town, "verifier": verifier, "signer": signer, "now": tx.Now, "person": tx.Actor.PersonID, "by": tx.Actor.Text(), "reason": reason}).Error
	if err != nil {
		return "", fmt.Errorf("keep the key of town %d: %w", town, err)
	}
	return verifier, nil
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
