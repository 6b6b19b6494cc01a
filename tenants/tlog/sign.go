package tlog

import (
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/vault"
)

// Only what is complete is signed: while rows wait that were written down long ago, a root of today would make them look as
// if they had been added behind it.
const complete = `
SELECT t AS town FROM unnest(CAST(@towns AS bigint[])) t WHERE NOT EXISTS (SELECT FROM tlog_due d WHERE d.tenant_id = t AND d.lost_at IS NULL)`

// The key that signs, and where it is new the one that signed before: it hands over.
const signingKeys = `
SELECT k.tenant_id, k.id, k.signer, k.verifier, v.key_id, v.value FROM unnest(CAST(@towns AS bigint[])) x (town)
CROSS JOIN LATERAL (SELECT max(n.id) AS newest FROM tlog_key n WHERE n.tenant_id = x.town) n
LEFT JOIN LATERAL (SELECT c.key_id FROM tlog_checkpoint c WHERE c.tenant_id = x.town ORDER BY c.size DESC LIMIT 1) c ON true
JOIN tlog_key k ON k.tenant_id = x.town AND k.id IN (n.newest, c.key_id)
LEFT JOIN vault v ON v.tenant_id = k.tenant_id AND v.kind = 'tlog_key' AND v.id = k.id ORDER BY k.tenant_id, k.id DESC`

// sign signs the roots of the towns that have grown and of which nothing waits, and tells how many.
func sign(tx *tenants.Tx, trees map[int64]*tree, towns []int64) (int, error) {
	var whole []int64
	if err := tx.DB.Raw(complete, map[string]any{"towns": &towns}).Scan(&whole).Error; err != nil {
		return 0, fmt.Errorf("look for what to sign: %w", err)
	}
	var grown []int64
	for _, town := range whole {
		if trees[town].Size > trees[town].SignedSize {
			grown = append(grown, town)
		}
	}
	if len(grown) == 0 {
		return 0, nil
	}
	var keys []struct {
		TenantID, ID     int64
		Signer, Verifier string // the secret half is empty but for one that a version before the vault has made
		KeyID            string
		Value            []byte
	}
	if err := tx.DB.Raw(signingKeys, map[string]any{"towns": &grown}).Scan(&keys).Error; err != nil {
		return 0, fmt.Errorf("read the keys to sign with: %w", err)
	}
	signers, newest, next := map[int64][]string{}, map[int64]int64{}, map[int64]string{}
	for i, k := range keys { // the newest first
		if k.Signer == "" && k.Value == nil { // lost, and given up: it hands over to nobody
			if newest[k.TenantID] == 0 {
				return 0, fmt.Errorf("the key that signs for town %d has no secret half", k.TenantID)
			}
			continue
		}
		if k.Signer == "" {
			signer, err := vault.Unlock(tx, k.TenantID, vault.EvidenceKey, k.ID, k.KeyID, k.Value)
			if err != nil {
				return 0, fmt.Errorf("sign for town %d: %w", k.TenantID, err)
			}
			k.Signer = string(signer)
		}
		signers[k.TenantID], newest[k.TenantID] = append(signers[k.TenantID], k.Signer), max(newest[k.TenantID], k.ID)
		if len(signers[k.TenantID]) == 2 {
			next[k.TenantID] = keys[i-1].Verifier
		}
	}
	var sizes, keyIDs []int64
	var roots [][]byte
	var notes []string
	for _, town := range grown {
		t := trees[town]
		root, err := t.grown.GetRootHash(nil)
		if err != nil {
			return 0, fmt.Errorf("make the root of town %d: %w", town, err)
		}
		signed, err := evidence.Sign(evidence.Checkpoint{Origin: t.Origin, Size: uint64(t.Size), Root: root, At: tx.Now, Next: next[town]}, signers[town]...)
		if err != nil {
			return 0, fmt.Errorf("sign for town %d: %w", town, err)
		}
		sizes, keyIDs, roots, notes = append(sizes, t.Size), append(keyIDs, newest[town]), append(roots, root), append(notes, signed)
	}
	args := map[string]any{"towns": &grown, "sizes": &sizes, "roots": &roots, "notes": &notes, "keys": &keyIDs, "now": tx.Now}
	err := tx.DB.Exec(`INSERT INTO tlog_checkpoint (tenant_id, size, root, note, key_id, at) SELECT town, size, root, note, key, CAST(@now AS timestamptz)
		FROM unnest(CAST(@towns AS bigint[]), CAST(@sizes AS bigint[]), CAST(@roots AS bytea[]), CAST(@notes AS text[]), CAST(@keys AS bigint[])) x (town, size, root, note, key)`, args).Error
	if err != nil {
		return 0, fmt.Errorf("keep checkpoints: %w", err)
	}
	err = tx.DB.Exec(`UPDATE tlog_tree t SET signed_size = x.size FROM unnest(CAST(@towns AS bigint[]), CAST(@sizes AS bigint[])) x (town, size)
		WHERE t.tenant_id = x.town`, args).Error
	if err != nil {
		return 0, fmt.Errorf("note what is signed: %w", err)
	}
	return len(grown), nil
}
