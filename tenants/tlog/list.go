package tlog

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
)

// Log is how a town's log stands.
type Log struct {
	TenantID   int64
	Origin     string // "" before the first row
	Town       string
	Size       int64
	SignedSize int64
	SignedAt   *time.Time
	Note       string // the newest checkpoint
	Waiting    int64  // rows to be gathered
	Passes     int64  // how often the audit has been through all of it
	PassedAt   *time.Time
	Keys       []Key     `gorm:"-"`
	Events     []Event   `gorm:"-"`
	Findings   []Finding `gorm:"-"`
}

// Key is a verifier key, the newest of which signs.
type Key struct {
	ID       int64
	Verifier string
	MadeAt   time.Time
	ByText   string
	Reason   string
}

// Finding is what the audit found.
type Finding struct {
	What      string
	Kind      string
	RowID     int64
	LeafIndex int64
	FoundAt   time.Time
}

// Checkpoint is a signed root.
type Checkpoint struct {
	TenantID int64
	Size     int64
	Root     []byte
	Note     string
	At       time.Time
}

// Get tells how a town's log stands.
func Get(_ context.Context, tx *tenants.Tx, town int64) (Log, error) {
	if err := tx.Permit(tenants.ReadEvidence, town); err != nil {
		return Log{}, err
	}
	l := Log{TenantID: town}
	err := tx.DB.Raw(`SELECT t.tenant_id, t.origin, t.town, t.size, t.signed_size, c.at AS signed_at, coalesce(c.note, '') AS note,
			coalesce(i.passes, 0) AS passes, i.passed_at, (SELECT count(*) FROM tlog_due d WHERE d.tenant_id = @town) AS waiting
		FROM tlog_tree t LEFT JOIN tlog_checkpoint c ON c.tenant_id = t.tenant_id AND c.size = t.signed_size
		LEFT JOIN tlog_inspection i ON i.tenant_id = t.tenant_id WHERE t.tenant_id = @town`, map[string]any{"town": town}).Scan(&l).Error
	if err != nil {
		return l, fmt.Errorf("read the log of town %d: %w", town, err)
	}
	for _, q := range []struct {
		sql  string
		into any
	}{
		{`SELECT id, verifier, made_at, by_text, reason FROM tlog_key WHERE tenant_id = @town ORDER BY id`, &l.Keys},
		{`SELECT id, at, kind, size, by_text FROM tlog_event WHERE tenant_id = @town ORDER BY id DESC LIMIT 20`, &l.Events},
		{`SELECT what, kind, row_id, leaf_index, found_at FROM tlog_finding WHERE tenant_id = @town AND gone_at IS NULL ORDER BY leaf_index, id LIMIT 100`, &l.Findings},
	} {
		if err := tx.DB.Raw(q.sql, map[string]any{"town": town}).Scan(q.into).Error; err != nil {
			return l, fmt.Errorf("read the log of town %d: %w", town, err)
		}
	}
	return l, nil
}

// Checkpoints lists a town's signed roots, the newest first, of less than before leaves (0: all of them).
func Checkpoints(_ context.Context, tx *tenants.Tx, town, before int64, limit int) ([]Checkpoint, error) {
	if err := tx.Permit(tenants.ReadEvidence, town); err != nil {
		return nil, err
	}
	var list []Checkpoint
	err := tx.DB.Raw(`SELECT tenant_id, size, root, note, at FROM tlog_checkpoint WHERE tenant_id = @town
		AND (CAST(@before AS bigint) = 0 OR size < @before) ORDER BY size DESC LIMIT @limit`,
		map[string]any{"town": town, "before": before, "limit": limit}).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list checkpoints of town %d: %w", town, err)
	}
	return list, nil
}

// Latest gives the newest checkpoint of each of some towns that have one, with the key that it names, in one statement however
// many towns. Jobs only.
func Latest(_ context.Context, tx *tenants.Tx, towns []int64) (map[int64]Sealed, error) {
	if err := tx.Permit(tenants.RunPipeline, towns...); err != nil {
		return nil, err
	}
	var list []Sealed
	err := tx.DB.Raw(`SELECT c.tenant_id, c.size, c.root, c.note, c.at, k.verifier FROM tlog_tree t
		JOIN tlog_checkpoint c ON c.tenant_id = t.tenant_id AND c.size = t.signed_size
		JOIN tlog_key k ON k.tenant_id = c.tenant_id AND k.id = c.key_id
		WHERE t.tenant_id = ANY (CAST(@towns AS bigint[]))`, map[string]any{"towns": &towns}).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the newest checkpoints of %d towns: %w", len(towns), err)
	}
	out := make(map[int64]Sealed, len(list))
	for _, c := range list {
		out[c.TenantID] = c
	}
	return out, nil
}

// Sealed is a signed root with the key to verify it by.
type Sealed struct {
	Checkpoint
	Verifier string
}

// Proof is one row with its proof of inclusion under the newest checkpoint.
type Proof struct {
	evidence.Row
	Note string
}

// Prove gives one row of a ledger as its leaf has it, with the proof that it is in the town's log.
func Prove(_ context.Context, tx *tenants.Tx, town int64, kind string, id int64) (Proof, error) {
	if err := tx.Permit(tenants.ReadEvidence, town); err != nil {
		return Proof{}, err
	}
	b, err := readBook(tx)
	if err != nil {
		return Proof{}, err
	}
	s, ok := b.byKind[kind]
	if !ok {
		return Proof{}, tenants.NotFound()
	}
	if err := tx.Permit(tenants.Act(s.Act), town); err != nil {
		return Proof{}, err
	}
	newest, err := latest(tx, town)
	if err != nil {
		return Proof{}, err
	}
	var leaves []leaf
	err = tx.DB.Raw(`SELECT leaf_index, kind, row_id, form_id, hash FROM tlog_leaf WHERE tenant_id = @town AND kind = @kind AND row_id = @id AND leaf_index < @size`,
		map[string]any{"town": town, "kind": kind, "id": id, "size": newest.Size}).Scan(&leaves).Error
	if err != nil {
		return Proof{}, fmt.Errorf("find the leaf of %s %d: %w", kind, id, err)
	}
	if len(leaves) == 0 {
		return Proof{}, tenants.NotFound()
	}
	rows, _, err := present(tx, b, town, uint64(newest.Size), newNodes(tx, town), leaves)
	if err != nil {
		return Proof{}, err
	}
	return Proof{Row: rows[0], Note: newest.Note}, nil
}

// latest is the newest checkpoint; of size 0 where there is none.
func latest(tx *tenants.Tx, town int64) (Checkpoint, error) {
	var c Checkpoint
	err := tx.DB.Raw(`SELECT tenant_id, size, root, note, at FROM tlog_checkpoint WHERE tenant_id = @town ORDER BY size DESC LIMIT 1`, map[string]any{"town": town}).Scan(&c).Error
	if err != nil {
		return c, fmt.Errorf("read the newest checkpoint of town %d: %w", town, err)
	}
	return c, nil
}
