package tlog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/evidence"
)

// Export is a file of evidence to be written: the leaves that a town's log took in on some days.
type Export struct {
	TenantID    int64
	Origin      string
	Town        string
	From, Until calendar.Date // both may be zero: from the beginning, to the newest
	First, End  int64         // leaves
	Size        int64         // of the newest checkpoint, under which all proofs are
}

// FileName is what its file is called.
func (e Export) FileName() string {
	name := "tanamori-evidence-" + e.Town
	if !e.From.IsZero() {
		name += "-" + e.From.String()
	}
	if !e.Until.IsZero() {
		name += "-" + e.Until.String()
	}
	return name + ".jsonl"
}

const rangeOf = `
SELECT x.origin, x.town, coalesce((SELECT max(c.size) FROM tlog_checkpoint c WHERE c.tenant_id = @town AND c.at < CAST(@from AS timestamptz)), 0) AS first,
	coalesce((SELECT max(c.size) FROM tlog_checkpoint c WHERE c.tenant_id = @town AND c.at < CAST(@until AS timestamptz)), 0) AS "end",
	coalesce((SELECT max(c.size) FROM tlog_checkpoint c WHERE c.tenant_id = @town), 0) AS size
FROM tlog_tree x WHERE x.tenant_id = @town`

// TakeOut is the beginning of an export: whether this person may have it, which leaves it is of, and the line that says they
// took them. What follows is written by Write, in a transaction of its own.
func TakeOut(_ context.Context, tx *tenants.Tx, town int64, from, until calendar.Date) (Export, error) {
	if err := tx.Permit(tenants.ExportEvidence, town); err != nil {
		return Export{}, err
	}
	e := Export{TenantID: town, From: from, Until: until}
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		var v tenants.Invalid
		v.Add("until", "開始日より前の日です。", "This is before the first day.")
		return e, v.Err()
	}
	zone, err := zoneOf(tx, town)
	if err != nil {
		return e, err
	}
	begin, end := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	if !from.IsZero() {
		begin = from.At(0, 0, zone)
	}
	if !until.IsZero() {
		end = until.AddDays(1).At(0, 0, zone)
	}
	var x struct {
		Origin, Town     string
		First, End, Size int64
	}
	if err := tx.DB.Raw(rangeOf, map[string]any{"town": town, "from": begin, "until": end}).Scan(&x).Error; err != nil {
		return e, fmt.Errorf("find the leaves of town %d: %w", town, err)
	}
	e.Origin, e.Town, e.First, e.End, e.Size = x.Origin, x.Town, x.First, max(x.End, x.First), x.Size
	if e.Size == 0 {
		return e, tenants.Conflict("署名された検証値がまだありません。1分ほどたってから、もう一度出力してください。", "Nothing is signed yet. Try again in a minute.")
	}
	late, err := ungathered(tx, e)
	if err != nil {
		return e, err
	}
	if late {
		return e, tenants.Conflict("廃棄の記録を取り込んでいるところです。1分ほどたってから、もう一度出力してください。", "Records are being removed by the rule of retention. Try again in a minute.")
	}
	return e, tx.Record(tenants.Line{Town: town, Act: tenants.ExportEvidence, Object: "evidence", After: map[string]any{"first": e.First, "end": e.End, "size": e.Size}})
}

func zoneOf(tx *tenants.Tx, town int64) (*time.Location, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = @town`, map[string]any{"town": town}).Scan(&name).Error; err != nil {
		return nil, fmt.Errorf("read the zone of town %d: %w", town, err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // a zone that the system's table has lost is read as UTC
	}
	return zone, nil
}

// ungathered tells whether a removal is so new that the signed log does not show it yet.
func ungathered(tx *tenants.Tx, e Export) (bool, error) {
	var late bool
	err := tx.DB.Raw(`SELECT EXISTS (SELECT FROM expiry x WHERE x.tenant_id = @town AND x.id > coalesce((SELECT max(l.row_id) FROM tlog_leaf l
		WHERE l.tenant_id = @town AND l.kind = 'expiry' AND l.leaf_index < @size), 0))`, map[string]any{"town": e.TenantID, "size": e.Size}).Scan(&late).Error
	if err != nil {
		return false, fmt.Errorf("look for new removals of town %d: %w", e.TenantID, err)
	}
	return late, nil
}

// Write sends the file, a few hundred leaves at a time. A row that is not what it was is written as it is: whoever has the
// file finds it.
func Write(_ context.Context, tx *tenants.Tx, e Export, to io.Writer) error {
	if err := tx.Permit(tenants.ExportEvidence, e.TenantID); err != nil {
		return err
	}
	b, err := readBook(tx)
	if err != nil {
		return err
	}
	h := evidence.Head{Origin: e.Origin, Town: e.Town, First: uint64(e.First), End: uint64(e.End), MadeAt: tx.Now}
	for _, s := range b.series {
		h.Series = append(h.Series, evidence.Series{Series: s.Kind, Recorded: s.Recorded})
	}
	if err := tx.DB.Raw(`SELECT verifier FROM tlog_key WHERE tenant_id = @town ORDER BY id`, map[string]any{"town": e.TenantID}).Scan(&h.Keys).Error; err != nil {
		return fmt.Errorf("read the keys of town %d: %w", e.TenantID, err)
	}
	w, err := evidence.NewWriter(to, h)
	if err != nil {
		return err
	}
	n := newNodes(tx, e.TenantID)
	if err := e.checkpoints(tx, w, n); err != nil {
		return err
	}
	removed := map[int64]bool{}
	for from := e.First; from < e.End; from += tileSize {
		var leaves []leaf
		if err := tx.DB.Raw(leavesFrom, map[string]any{"town": e.TenantID, "from": from, "to": min(from+tileSize, e.End)}).Scan(&leaves).Error; err != nil {
			return fmt.Errorf("read leaves of town %d: %w", e.TenantID, err)
		}
		rows, by, err := present(tx, b, e.TenantID, uint64(e.Size), n, leaves)
		if err != nil {
			return err
		}
		maps.Copy(removed, by)
		for _, r := range rows {
			if err := w.Row(r); err != nil {
				return err
			}
		}
	}
	if err := e.removals(tx, b, w, n, removed); err != nil {
		return err
	}
	return w.End()
}

// Those of the range, those between it and the newest that hand over to another key, and the newest.
const checkpointsOf = `
SELECT x.size, x.note FROM (
	(SELECT c.size, c.note FROM tlog_checkpoint c WHERE c.tenant_id = @town AND c.size > @from AND c.size <= @end ORDER BY c.size LIMIT 500)
	UNION ALL
	(SELECT c.size, c.note FROM tlog_checkpoint c WHERE c.tenant_id = @town AND c.size > greatest(CAST(@from AS bigint), CAST(@end AS bigint)) AND c.size < @size
		AND position('key ' IN c.note) > 0 ORDER BY c.size LIMIT 500)
	UNION ALL
	SELECT c.size, c.note FROM tlog_checkpoint c WHERE c.tenant_id = @town AND c.size = @size AND c.size > greatest(CAST(@from AS bigint), CAST(@end AS bigint))
) x ORDER BY x.size LIMIT 500`

// checkpoints writes them, each with the proof that it follows from the one before.
func (e Export) checkpoints(tx *tenants.Tx, w *evidence.Writer, n *nodes) error {
	last := int64(0)
	for from := max(e.First-1, 0); ; {
		var list []Checkpoint
		err := tx.DB.Raw(checkpointsOf, map[string]any{"town": e.TenantID, "from": from, "end": e.End, "size": e.Size}).Scan(&list).Error
		if err != nil {
			return fmt.Errorf("read checkpoints of town %d: %w", e.TenantID, err)
		}
		for _, c := range list {
			var proof [][]byte
			if last > 0 {
				if proof, err = n.consistency(uint64(last), uint64(c.Size)); err != nil {
					return err
				}
			}
			if err := w.Checkpoint(c.Note, proof); err != nil {
				return err
			}
			last, from = c.Size, c.Size
		}
		if len(list) < 500 {
			return nil
		}
	}
}

// removals writes the records of removal that rows named. One that is newer than the newest checkpoint ends the file early:
// it is to be exported again.
func (e Export) removals(tx *tenants.Tx, b *book, w *evidence.Writer, n *nodes, ids map[int64]bool) error {
	list := slices.Sorted(maps.Keys(ids))
	for some := range slices.Chunk(list, tileSize) {
		var leaves []leaf
		err := tx.DB.Raw(`SELECT leaf_index, kind, row_id, form_id, hash FROM tlog_leaf WHERE tenant_id = @town AND kind = 'expiry'
			AND row_id = ANY (CAST(@ids AS bigint[])) AND leaf_index < @size ORDER BY leaf_index`,
			map[string]any{"town": e.TenantID, "ids": &some, "size": e.Size}).Scan(&leaves).Error
		if err != nil {
			return fmt.Errorf("read removals of town %d: %w", e.TenantID, err)
		}
		if len(leaves) < len(some) {
			late, err := ungathered(tx, e)
			if err == nil && late {
				err = fmt.Errorf("export evidence of town %d: rows were removed meanwhile", e.TenantID)
			}
			if err != nil {
				return err
			}
		}
		rows, _, err := present(tx, b, e.TenantID, uint64(e.Size), n, leaves)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.Removal(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// present makes lines of leaves: the row of each as it is now, or why there is none, and its proof. It gives the records of
// removal that they name.
func present(tx *tenants.Tx, b *book, town int64, size uint64, n *nodes, leaves []leaf) ([]evidence.Row, map[int64]bool, error) {
	want := wanted{}
	for _, f := range leaves {
		if tx.Actor.May(tenants.Act(b.byKind[f.Kind].Act), town) {
			want.add(f.FormID, town, f.RowID)
		}
	}
	found, err := want.read(tx, b)
	if err != nil {
		return nil, nil, err
	}
	out := make([]evidence.Row, len(leaves))
	var absent []leaf
	for i, f := range leaves {
		r := evidence.Row{Leaf: uint64(f.LeafIndex), Series: f.Kind, ID: f.RowID, Hash: f.Hash}
		if r.Proof, err = n.inclusion(r.Leaf, size); err != nil {
			return nil, nil, err
		}
		row, there := found[where{town, f.Kind, f.RowID}]
		switch {
		case there:
			if r.Row, err = evidence.Canonical(json.RawMessage(row)); err != nil {
				return nil, nil, fmt.Errorf("write %s %d: %w", f.Kind, f.RowID, err)
			}
		case tx.Actor.May(tenants.Act(b.byKind[f.Kind].Act), town):
			absent = append(absent, f)
		default:
			r.Withheld = true
		}
		out[i] = r
	}
	by, err := removals(tx, town, absent)
	if err != nil {
		return nil, nil, err
	}
	used := map[int64]bool{}
	for i := range out {
		if id := by[int64(out[i].Leaf)]; id != 0 {
			out[i].Removed = id
			used[id] = true
		}
	}
	return out, used, nil
}
