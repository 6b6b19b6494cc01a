package tlog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/transparency-dev/merkle/compact"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
)

// inspectedAtOnce is how many towns' logs one round looks at.
const inspectedAtOnce = 20

// inspection is how far a town has been looked through: leaf by leaf from the first to the last, then ledger by ledger.
type inspection struct {
	TenantID int64
	NextLeaf int64
	Edge     []byte
	Kind     string
	AfterID  int64
	Passes   int64
	Town     string
}

const makeInspections = `
INSERT INTO tlog_inspection (tenant_id) SELECT t.tenant_id FROM tlog_tree t
WHERE NOT EXISTS (SELECT FROM tlog_inspection i WHERE i.tenant_id = t.tenant_id) ORDER BY t.tenant_id ON CONFLICT (tenant_id) DO NOTHING`

const claimInspections = `
SELECT i.tenant_id, i.next_leaf, i.edge, i.kind, i.after_id, i.passes, t.town FROM tlog_inspection i JOIN tlog_tree t ON t.tenant_id = i.tenant_id
ORDER BY i.looked_at NULLS FIRST, i.tenant_id LIMIT @towns FOR UPDATE OF i SKIP LOCKED`

// finding is what is the matter with a row or leaf.
type finding struct {
	what, kind string
	row, leaf  int64
}

// looked is what a step looked at, and what it found there. What an earlier look had found there and this one did not is gone.
type looked struct {
	found     []finding
	from, to  int64  // leaves
	kind      string // or rows of a ledger …
	after, id int64  // … with these ids
	end       bool   // or the end of the tree
}

// Inspect goes on with looking through the towns' logs, the longest unseen first, at about limit rows: each row is read again
// and held against its leaf, the leaves against the roots that were signed, and the ledgers against the leaves. It gives how
// many new findings there are. Nothing that grows meanwhile, is removed by the rule of retention or has yet to be gathered is
// one. Jobs only.
func Inspect(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	if err := tx.DB.Exec(makeInspections).Error; err != nil {
		return 0, fmt.Errorf("begin inspections: %w", err)
	}
	var list []inspection
	if err := tx.DB.Raw(claimInspections, map[string]any{"towns": inspectedAtOnce}).Scan(&list).Error; err != nil {
		return 0, fmt.Errorf("claim inspections: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	b, err := readBook(tx)
	if err != nil {
		return 0, err
	}
	fresh := 0
	for _, i := range list {
		n, err := i.goOn(tx, b, max(limit/len(list), 1))
		if err != nil {
			return 0, fmt.Errorf("inspect town %d: %w", i.TenantID, err)
		}
		fresh += n
	}
	return fresh, nil
}

// goOn looks at about so many rows of one town and remembers how far it came.
func (i *inspection) goOn(tx *tenants.Tx, b *book, budget int) (fresh int, err error) {
	passes := i.Passes
	for budget > 0 && i.Passes == passes { // one pass at most: a small town is not looked through again and again
		var l looked
		var n int
		if i.Kind == "" {
			n, err = i.leaves(tx, b, budget, &l)
		} else {
			n, err = i.ledger(tx, b, budget, &l)
		}
		if err != nil {
			return 0, err
		}
		budget -= n + 1
		more, err := l.keep(tx, i.TenantID)
		if err != nil {
			return 0, err
		}
		fresh += more
	}
	err = tx.DB.Exec(`UPDATE tlog_inspection SET next_leaf = @next, edge = @edge, kind = @kind, after_id = @after, passes = @passes,
		passed_at = CASE WHEN @passes > passes THEN CAST(@now AS timestamptz) ELSE passed_at END, looked_at = @now WHERE tenant_id = @town`,
		map[string]any{"next": i.NextLeaf, "edge": i.Edge, "kind": i.Kind, "after": i.AfterID, "passes": i.Passes, "now": tx.Now, "town": i.TenantID}).Error
	if err != nil {
		return 0, fmt.Errorf("remember how far it came: %w", err)
	}
	return fresh, nil
}

// What the tree says of itself, in one moment.
const treeNow = `
SELECT t.size, t.edge, coalesce((SELECT max(c.size) FROM tlog_checkpoint c WHERE c.tenant_id = t.tenant_id), 0) AS signed,
	coalesce((SELECT max(l.leaf_index) FROM tlog_leaf l WHERE l.tenant_id = t.tenant_id), -1) AS newest
FROM tlog_tree t WHERE t.tenant_id = @town`

const leavesFrom = `
SELECT l.leaf_index, l.kind, l.row_id, l.form_id, l.hash FROM tlog_leaf l WHERE l.tenant_id = @town AND l.leaf_index >= @from AND l.leaf_index < @to ORDER BY l.leaf_index`

const tilesFrom = `
SELECT level, tile_index, hash FROM tlog_tile WHERE tenant_id = @town AND level = 1 AND tile_index >= CAST(@from AS bigint) / 256 AND tile_index <= CAST(@to AS bigint) / 256
UNION ALL SELECT level, tile_index, hash FROM tlog_tile WHERE tenant_id = @town AND level = 2 AND tile_index >= CAST(@from AS bigint) / 65536 AND tile_index <= CAST(@to AS bigint) / 65536
UNION ALL SELECT level, tile_index, hash FROM tlog_tile WHERE tenant_id = @town AND level > 2`

const checkpointsFrom = `
SELECT c.size, c.root, c.note, k.verifier FROM tlog_checkpoint c LEFT JOIN tlog_key k ON k.tenant_id = c.tenant_id AND k.id = c.key_id
WHERE c.tenant_id = @town AND c.size > @from AND c.size <= @to ORDER BY c.size`

type leaf struct {
	LeafIndex int64
	Kind      string
	RowID     int64
	FormID    int
	Hash      []byte
}

type signedRoot struct {
	Size     int64
	Root     []byte
	Note     string
	Verifier *string
}

// leaves looks at the next leaves: the row of each, the tiles that they fill, and the roots that were signed on the way.
func (i *inspection) leaves(tx *tenants.Tx, b *book, budget int, l *looked) (int, error) {
	var t struct {
		Size, Signed, Newest int64
		Edge                 []byte
	}
	if err := tx.DB.Raw(treeNow, map[string]any{"town": i.TenantID}).Scan(&t).Error; err != nil {
		return 0, fmt.Errorf("read the tree: %w", err)
	}
	l.from, l.to = i.NextLeaf, min(i.NextLeaf+int64(budget), t.Size)
	if l.to < l.from {
		l.to = l.from // the tree is shorter than it was
	}
	args := map[string]any{"town": i.TenantID, "from": l.from, "to": l.to}
	var leaves []leaf
	var signed []signedRoot
	var tiles []struct {
		Level     uint64
		TileIndex uint64
		Hash      []byte
	}
	if err := tx.DB.Raw(leavesFrom, args).Scan(&leaves).Error; err != nil {
		return 0, fmt.Errorf("read leaves: %w", err)
	}
	if err := tx.DB.Raw(tilesFrom, args).Scan(&tiles).Error; err != nil {
		return 0, fmt.Errorf("read tiles: %w", err)
	}
	if err := tx.DB.Raw(checkpointsFrom, args).Scan(&signed).Error; err != nil {
		return 0, fmt.Errorf("read checkpoints: %w", err)
	}
	kept := map[[2]uint64][]byte{}
	for _, tile := range tiles {
		kept[[2]uint64{tile.Level, tile.TileIndex}] = tile.Hash
	}
	if err := l.rows(tx, b, i, leaves); err != nil {
		return 0, err
	}
	r, err := factory.NewRange(0, uint64(l.from), split(i.Edge))
	if err != nil {
		return 0, fmt.Errorf("go on: %w", err)
	}
	visit := func(id compact.NodeID, hash []byte) {
		if id.Level > 0 && id.Level%tileBits == 0 && !bytes.Equal(kept[[2]uint64{uint64(id.Level / tileBits), id.Index}], hash) {
			_, end := id.Coverage()
			l.found = append(l.found, finding{"leaf", "", 0, int64(end) - 1})
		}
	}
	for at, next := l.from, 0; at < l.to; at++ {
		hash := make([]byte, hashSize)
		if next < len(leaves) && leaves[next].LeafIndex == at {
			hash = leaves[next].Hash
			next++
		} else {
			l.found = append(l.found, finding{"leaf", "", 0, at})
		}
		if err := r.Append(hash, visit); err != nil {
			return 0, fmt.Errorf("go on: %w", err)
		}
		for len(signed) > 0 && signed[0].Size == at+1 {
			root, err := r.GetRootHash(nil)
			if err != nil {
				return 0, fmt.Errorf("make a root: %w", err)
			}
			if !signed[0].holds(root) {
				l.found = append(l.found, finding{"checkpoint", "", 0, at})
			}
			signed = signed[1:]
		}
	}
	i.NextLeaf, i.Edge = l.to, join(r.Hashes())
	if l.to < t.Size {
		return len(leaves), nil
	}
	l.end = true
	if l.from > t.Size || t.Newest != t.Size-1 || t.Signed > t.Size || !bytes.Equal(i.Edge, t.Edge) {
		l.found = append(l.found, finding{"tree", "", 0, -1})
	}
	l.ledgers(b)
	i.NextLeaf, i.Edge, i.AfterID = 0, []byte{}, 0
	i.Kind = b.series[0].Kind
	return len(leaves), nil
}

// ledgers holds the catalogue of ledgers against what the program knows of them. Where a row's time stands decides whether it is
// found to be back-dated, and a ledger that is struck off is looked through no more.
func (l *looked) ledgers(b *book) {
	for _, kind := range evidence.Known() {
		if column, _ := evidence.Recorded(kind); b.byKind[kind].Recorded != column {
			l.found = append(l.found, finding{"series", kind, 0, -1})
		}
	}
	for _, s := range b.series { // of a later version, too
		if s.Recorded == "" || b.types[s.Kind+"."+s.Recorded] != "timestamp with time zone" {
			if _, known := evidence.Recorded(s.Kind); !known {
				l.found = append(l.found, finding{"series", s.Kind, 0, -1})
			}
		}
	}
}

// holds tells whether a checkpoint is of this root, and says so itself under its signature.
func (s signedRoot) holds(root []byte) bool {
	if s.Verifier == nil || !bytes.Equal(s.Root, root) {
		return false
	}
	c, _, err := evidence.Open(s.Note, *s.Verifier)
	return err == nil && c.Size == uint64(s.Size) && bytes.Equal(c.Root, root)
}

// rows holds the rows of leaves against them. The rows are read before the removals: one that goes meanwhile is found there.
func (l *looked) rows(tx *tenants.Tx, b *book, i *inspection, leaves []leaf) error {
	want := wanted{}
	for _, f := range leaves {
		want.add(f.FormID, i.TenantID, f.RowID)
	}
	rows, err := want.read(tx, b)
	if err != nil {
		return err
	}
	var absent []leaf
	for _, f := range leaves {
		row, there := rows[where{i.TenantID, f.Kind, f.RowID}]
		if !there {
			absent = append(absent, f)
			continue
		}
		hash, err := evidence.Leaf{ID: f.RowID, Row: json.RawMessage(row), Series: f.Kind, Town: i.Town}.Hash()
		if err != nil || !bytes.Equal(hash, f.Hash) {
			l.found = append(l.found, finding{"changed", f.Kind, f.RowID, f.LeafIndex})
		}
	}
	if err := l.overdrawn(tx, i.TenantID, leaves); err != nil {
		return err
	}
	removed, err := removals(tx, i.TenantID, absent)
	if err != nil {
		return err
	}
	for _, f := range absent {
		if removed[f.LeafIndex] == 0 {
			l.found = append(l.found, finding{"missing", f.Kind, f.RowID, f.LeafIndex})
		}
	}
	return nil
}

// What stands in a ledger without a leaf and does not wait for one was put in past everything. What is older than the first
// leaf was there before the log.
const unlisted = `
WITH w AS MATERIALIZED (
	SELECT t.id FROM {table} t WHERE t.tenant_id = @town AND t.id > @after AND {settled} ORDER BY t.id LIMIT @limit
)
SELECT w.id, NOT EXISTS (SELECT FROM tlog_leaf l WHERE l.tenant_id = @town AND l.kind = @kind AND l.row_id = w.id)
	AND NOT EXISTS (SELECT FROM tlog_due d WHERE d.tenant_id = @town AND d.kind = @kind AND d.row_id = w.id)
	AND w.id > coalesce((SELECT min(l.row_id) FROM tlog_leaf l WHERE l.tenant_id = @town AND l.kind = @kind), w.id) AS unlisted
FROM w ORDER BY w.id`

// ledger looks at the next rows of a ledger, and goes on to the next one at its end.
func (i *inspection) ledger(tx *tenants.Tx, b *book, budget int, l *looked) (int, error) {
	s, known := b.byKind[i.Kind]
	var rows []struct {
		ID       int64
		Unlisted bool
	}
	if known {
		settled := s.Settled
		if settled == "" {
			settled = "true"
		}
		err := tx.DB.Raw(fill(unlisted, s.Kind, settled), map[string]any{"town": i.TenantID, "after": i.AfterID, "kind": s.Kind, "limit": budget}).Scan(&rows).Error
		if err != nil {
			return 0, fmt.Errorf("look through %s: %w", s.Kind, err)
		}
	}
	l.kind, l.after = i.Kind, i.AfterID
	for _, r := range rows {
		i.AfterID = r.ID
		if r.Unlisted {
			l.found = append(l.found, finding{"unlisted", i.Kind, r.ID, -1})
		}
	}
	l.id = i.AfterID
	if len(rows) == budget {
		return len(rows), nil
	}
	l.id = 1<<63 - 1 // to the end: whatever stood behind is gone
	next := ""
	for _, s := range b.series {
		if s.Kind > i.Kind && (next == "" || s.Kind < next) {
			next = s.Kind
		}
	}
	i.Kind, i.AfterID = next, 0
	if next == "" {
		i.Passes++
	}
	return len(rows), nil
}
