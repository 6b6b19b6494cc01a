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

// townsAtOnce is how many towns' logs one round holds.
const townsAtOnce = 200

// tree is a town's log as it is held by a round.
type tree struct {
	TenantID   int64
	Origin     string
	Town       string
	Size       int64
	Edge       []byte
	SignedSize int64
	Home       string
	Here       string
	grown      *compact.Range
}

// Those that stand still, and are told for it, come last: however many they are, nobody waits behind them.
const claimTrees = `
SELECT t.tenant_id, t.origin, t.town, t.size, t.edge, t.signed_size, t.home, h.here FROM tlog_tree t CROSS JOIN (SELECT ` + home + ` AS here) h
WHERE t.size > t.signed_size OR t.home <> h.here OR EXISTS (SELECT FROM tlog_due d WHERE d.tenant_id = t.tenant_id AND d.lost_at IS NULL)
ORDER BY EXISTS (SELECT FROM tlog_finding f WHERE f.tenant_id = t.tenant_id AND f.gone_at IS NULL AND f.what IN ('tree', 'key')), t.tenant_id
LIMIT @towns FOR UPDATE OF t SKIP LOCKED`

// listed: a row that settled earlier and was changed in another column has its leaf.
const takeDue = `
SELECT d.tenant_id, d.id, d.kind, d.row_id, EXISTS (SELECT FROM tlog_leaf l WHERE l.tenant_id = d.tenant_id AND l.kind = d.kind AND l.row_id = d.row_id) AS listed
FROM tlog_due d WHERE d.tenant_id = ANY (CAST(@towns AS bigint[])) AND d.lost_at IS NULL ORDER BY d.tenant_id, d.id LIMIT @limit`

type due struct {
	TenantID int64
	ID       int64
	Kind     string
	RowID    int64
	Listed   bool
}

// Gather makes leaves of the rows that wait, at most limit, and signs the roots of the towns of which none is left waiting. It
// gives limit where there may be more to do, and less where there is not. All of it is one transaction, and a town's log is
// held while it grows: a round that is killed has done nothing, and two nodes at once have one effect. Jobs only; the number
// of statements grows with the number of ledgers and not with that of rows or towns.
func Gather(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	if err := begin(ctx, tx, townsAtOnce); err != nil {
		return 0, err
	}
	var trees []*tree
	if err := tx.DB.Raw(claimTrees, map[string]any{"towns": townsAtOnce}).Scan(&trees).Error; err != nil {
		return 0, fmt.Errorf("look for rows to gather: %w", err)
	}
	claimed := len(trees)
	trees, told, err := sound(tx, trees)
	if err != nil {
		return 0, err
	}
	did := 0
	if len(trees) > 0 {
		if did, err = gather(tx, trees, limit); err != nil {
			return 0, err
		}
	}
	if did >= limit || claimed == townsAtOnce && did+told > 0 {
		return limit, nil
	}
	return min(did, limit-1), nil
}

// gather takes what waits of some towns, signs their roots, and tells how much it did; limit where lines may be left.
func gather(tx *tenants.Tx, trees []*tree, limit int) (int, error) {
	if err := moved(tx, trees); err != nil {
		return 0, err
	}
	byTown, towns := make(map[int64]*tree, len(trees)), make([]int64, len(trees))
	for i, t := range trees {
		byTown[t.TenantID], towns[i] = t, t.TenantID
	}
	var list []due
	if err := tx.DB.Raw(takeDue, map[string]any{"towns": &towns, "limit": limit}).Scan(&list).Error; err != nil {
		return 0, fmt.Errorf("take rows to gather: %w", err)
	}
	if err := grow(tx, byTown, list); err != nil {
		return 0, err
	}
	signed, err := sign(tx, byTown, towns)
	if err != nil {
		return 0, err
	}
	if len(list) == limit {
		return limit, nil
	}
	return len(list) + signed, nil
}

// moved writes down that the database is not where it was: it was restored from a copy, or a standby took over.
func moved(tx *tenants.Tx, trees []*tree) error {
	for _, t := range trees {
		if t.Home == t.Here {
			continue
		}
		if err := happened(tx, t.TenantID, "restored", t.Size, map[string]any{"was": t.Home, "is": t.Here}); err != nil {
			return err
		}
		if err := tx.DB.Exec(`UPDATE tlog_tree SET home = @home WHERE tenant_id = @town`, map[string]any{"home": t.Here, "town": t.TenantID}).Error; err != nil {
			return fmt.Errorf("move the log of town %d: %w", t.TenantID, err)
		}
	}
	return nil
}

// What a tree must fit: its newest leaf, and its newest signed root.
const fit = `
SELECT x.town, coalesce((SELECT max(l.leaf_index) FROM tlog_leaf l WHERE l.tenant_id = x.town), -1) AS newest, coalesce(c.size, 0) AS size, c.root
FROM unnest(CAST(@towns AS bigint[])) x (town)
LEFT JOIN LATERAL (SELECT c.size, c.root FROM tlog_checkpoint c WHERE c.tenant_id = x.town ORDER BY c.size DESC LIMIT 1) c ON true`

// sound leaves out the towns whose tree was tampered with so that nothing can be added to it: it is told, and their rows wait.
// Nobody else's log stands still for it. It gives how many are told that were not before.
func sound(tx *tenants.Tx, trees []*tree) (good []*tree, told int, err error) {
	towns := make([]int64, len(trees))
	for i, t := range trees {
		towns[i] = t.TenantID
	}
	var rows []struct {
		Town, Newest, Size int64
		Root               []byte
	}
	if len(trees) > 0 {
		if err := tx.DB.Raw(fit, map[string]any{"towns": &towns}).Scan(&rows).Error; err != nil {
			return nil, 0, fmt.Errorf("look at the logs' ends: %w", err)
		}
	}
	at := map[int64]int{}
	for i, r := range rows {
		at[r.Town] = i
	}
	for _, t := range trees {
		r := rows[at[t.TenantID]]
		edge, err := factory.NewRange(0, uint64(t.Size), split(t.Edge))
		fits := err == nil && r.Newest == t.Size-1 && r.Size == t.SignedSize && t.SignedSize <= t.Size
		if fits && t.Size > 0 && t.Size == r.Size {
			root, err := edge.GetRootHash(nil)
			fits = err == nil && bytes.Equal(root, r.Root)
		}
		if fits {
			t.grown = edge
			good = append(good, t)
			continue
		}
		fresh, err := stands(tx, t.TenantID, "tree")
		if err != nil {
			return nil, 0, err
		}
		told += fresh
	}
	return good, told, nil
}

// stands tells that a town's log stands still, and gives 1 where it was not told before.
func stands(tx *tenants.Tx, town int64, what string) (fresh int, err error) {
	l := looked{found: []finding{{what, "", 0, -1}}}
	return l.keep(tx, town)
}

// harvest is what a round adds, column by column.
type harvest struct {
	towns, indexes, ids []int64
	kinds               []string
	forms               []int32
	hashes              [][]byte

	tileTowns, tileIndexes []int64
	tileLevels             []int16
	tileHashes             [][]byte

	done, lost []due
}

// grow makes the leaves of rows and adds them to their towns' trees.
func grow(tx *tenants.Tx, trees map[int64]*tree, list []due) error {
	if len(list) == 0 {
		return nil
	}
	b, err := readBook(tx)
	if err != nil {
		return err
	}
	if err := b.renew(tx); err != nil {
		return err
	}
	want := wanted{}
	for _, d := range list {
		if f, ok := b.form[d.Kind]; ok && !d.Listed {
			want.add(f, d.TenantID, d.RowID)
		}
	}
	rows, err := want.read(tx, b)
	if err != nil {
		return err
	}
	var h harvest
	taken := map[where]bool{}
	for _, d := range list {
		at := where{d.TenantID, d.Kind, d.RowID}
		row, there := rows[at]
		switch {
		case d.Listed || taken[at]: // a second line of the same row, written by a later change
			h.done = append(h.done, d)
			continue
		case !there:
			h.lost = append(h.lost, d)
			continue
		}
		taken[at] = true
		if err := h.add(trees[d.TenantID], d, b.form[d.Kind], row); err != nil {
			return err
		}
	}
	return h.keep(tx, trees)
}

// add appends one row.
func (h *harvest) add(t *tree, d due, form int, row string) error {
	hash, err := evidence.Leaf{ID: d.RowID, Row: json.RawMessage(row), Series: d.Kind, Town: t.Town}.Hash()
	if err != nil {
		return fmt.Errorf("make a leaf in town %d: %w", t.TenantID, err)
	}
	h.towns, h.indexes, h.kinds, h.ids = append(h.towns, t.TenantID), append(h.indexes, int64(t.grown.End())), append(h.kinds, d.Kind), append(h.ids, d.RowID)
	h.forms, h.hashes, h.done = append(h.forms, int32(form)), append(h.hashes, hash), append(h.done, d)
	err = t.grown.Append(hash, func(id compact.NodeID, hash []byte) {
		if id.Level == 0 || id.Level%tileBits != 0 {
			return
		}
		h.tileTowns, h.tileIndexes = append(h.tileTowns, t.TenantID), append(h.tileIndexes, int64(id.Index))
		h.tileLevels, h.tileHashes = append(h.tileLevels, int16(id.Level/tileBits)), append(h.tileHashes, hash)
	})
	if err != nil {
		return fmt.Errorf("add to the log of town %d: %w", t.TenantID, err)
	}
	return nil
}

func (h *harvest) keep(tx *tenants.Tx, trees map[int64]*tree) error {
	var towns, sizes []int64
	var edges [][]byte
	for _, t := range trees {
		if t.grown.End() > uint64(t.Size) {
			t.Size, t.Edge = int64(t.grown.End()), join(t.grown.Hashes())
			towns, sizes, edges = append(towns, t.TenantID), append(sizes, t.Size), append(edges, t.Edge)
		}
	}
	doneTowns, doneIDs := ids(h.done)
	lostTowns, lostIDs := ids(h.lost)
	for _, s := range []struct {
		what, sql string
		n         int
		args      map[string]any
	}{
		{"keep leaves", `INSERT INTO tlog_leaf (tenant_id, leaf_index, kind, row_id, form_id, hash, at)
			SELECT town, i, kind, id, form, hash, CAST(@now AS timestamptz)
			FROM unnest(CAST(@towns AS bigint[]), CAST(@indexes AS bigint[]), CAST(@kinds AS text[]), CAST(@ids AS bigint[]), CAST(@forms AS integer[]), CAST(@hashes AS bytea[]))
				x (town, i, kind, id, form, hash) ORDER BY town, i`, len(h.towns),
			map[string]any{"towns": &h.towns, "indexes": &h.indexes, "kinds": &h.kinds, "ids": &h.ids, "forms": &h.forms, "hashes": &h.hashes, "now": tx.Now}},
		{"keep tiles", `INSERT INTO tlog_tile (tenant_id, level, tile_index, hash) SELECT town, level, i, hash
			FROM unnest(CAST(@towns AS bigint[]), CAST(@levels AS smallint[]), CAST(@indexes AS bigint[]), CAST(@hashes AS bytea[])) x (town, level, i, hash)`, len(h.tileTowns),
			map[string]any{"towns": &h.tileTowns, "levels": &h.tileLevels, "indexes": &h.tileIndexes, "hashes": &h.tileHashes}},
		{"grow trees", `UPDATE tlog_tree t SET size = x.size, edge = x.edge
			FROM unnest(CAST(@towns AS bigint[]), CAST(@sizes AS bigint[]), CAST(@edges AS bytea[])) x (town, size, edge) WHERE t.tenant_id = x.town`, len(towns),
			map[string]any{"towns": &towns, "sizes": &sizes, "edges": &edges}},
		{"take the lines", `DELETE FROM tlog_due d USING unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
			WHERE d.tenant_id = x.town AND d.id = x.id`, len(h.done), map[string]any{"towns": &doneTowns, "ids": &doneIDs}},
		{"mark what is lost", `UPDATE tlog_due d SET lost_at = CAST(@now AS timestamptz) FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
			WHERE d.tenant_id = x.town AND d.id = x.id`, len(h.lost), map[string]any{"towns": &lostTowns, "ids": &lostIDs, "now": tx.Now}},
	} {
		if s.n == 0 {
			continue
		}
		if err := tx.DB.Exec(s.sql, s.args).Error; err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return nil
}

func ids(list []due) (towns, ids []int64) {
	for _, d := range list {
		towns, ids = append(towns, d.TenantID), append(ids, d.ID)
	}
	return towns, ids
}
