package tlog

import (
	"errors"
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

// sign signs the roots of the towns that have grown and of which nothing waits, and tells how many. A town whose key
// is gone or was changed is told, and passed over.
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
	signers, newest, next, bad := map[int64][]string{}, map[int64]int64{}, map[int64]string{}, map[int64]bool{}
	for i, k := range keys { // the newest first
		if k.Signer == "" && k.Value == nil { // lost, and given up: it hands over to nobody
			bad[k.TenantID] = bad[k.TenantID] || newest[k.TenantID] == 0
			continue
		}
		if k.Signer == "" {
			signer, err := vault.Unlock(tx, k.TenantID, vault.EvidenceKey, k.ID, k.KeyID, k.Value)
			var fault *tenants.Fault
			if errors.As(err, &fault) { // the key of secrets is not here: that is no town's own matter
				return 0, fmt.Errorf("sign for town %d: %w", k.TenantID, err)
			}
			bad[k.TenantID] = bad[k.TenantID] || err != nil
			k.Signer = string(signer)
		}
		signers[k.TenantID], newest[k.TenantID] = append(signers[k.TenantID], k.Signer), max(newest[k.TenantID], k.ID)
		if len(signers[k.TenantID]) == 2 {
			next[k.TenantID] = keys[i-1].Verifier
		}
	}
	var able, sizes, keyIDs []int64
	var roots [][]byte
	var notes []string
	for _, town := range grown {
		t := trees[town]
		root, err := t.grown.GetRootHash(nil)
		if err != nil {
			return 0, fmt.Errorf("make the root of town %d: %w", town, err)
		}
		var signed string
		if !bad[town] {
			signed, err = evidence.Sign(evidence.Checkpoint{Origin: t.Origin, Size: uint64(t.Size), Root: root, At: tx.Now, Next: next[town]}, signers[town]...)
		}
		if bad[town] || err != nil { // its rows are gathered and its root waits; nobody else's does
			if _, err := stands(tx, town, "key"); err != nil {
				return 0, err
			}
			continue
		}
		able, sizes, keyIDs, roots, notes = append(able, town), append(sizes, t.Size), append(keyIDs, newest[town]), append(roots, root), append(notes, signed)
	}
	if len(able) == 0 {
		return 0, nil
	}
	args := map[string]any{"towns": &able, "sizes": &sizes, "roots": &roots, "notes": &notes, "keys": &keyIDs, "now": tx.Now}
	err := tx.DB.Exec(`INSERT INTO tlog_checkpoint (tenant_id, size, root, note, key_id, at) SELECT town, size, root, note, key, CAST(@now AS timestamptz)
		FROM unnest(CAST(@towns AS bigint[]), CAST(@sizes AS bigint[]), CAST(@roots AS bytea[]), CAST(@notes AS text[]), CAST(@keys AS bigint[])) x (town, size, root, note, key)`, args).Error
	if err != nil {
		return 0, fmt.Errorf("keep checkpoints: %w", err)
	}
	err = tx.DB.Exec(`WITH gone AS (UPDATE tlog_finding SET gone_at = CAST(@now AS timestamptz) WHERE tenant_id = ANY (CAST(@towns AS bigint[])) AND what = 'key' AND gone_at IS NULL)
		UPDATE tlog_tree t SET signed_size = x.size FROM unnest(CAST(@towns AS bigint[]), CAST(@sizes AS bigint[])) x (town, size)
		WHERE t.tenant_id = x.town`, args).Error
	if err != nil {
		return 0, fmt.Errorf("note what is signed: %w", err)
	}
	return len(able), nil
}
