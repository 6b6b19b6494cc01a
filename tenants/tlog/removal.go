package tlog

import (
	"fmt"

	"tanamori/tenants"
)

// removals gives the record of removal of each of these leaves' rows that has one, by the leaf's index.
func removals(tx *tenants.Tx, town int64, absent []leaf) (map[int64]int64, error) {
	if len(absent) == 0 {
		return nil, nil
	}
	var indexes, rowIDs []int64
	var kinds []string
	for _, f := range absent {
		indexes, rowIDs, kinds = append(indexes, f.LeafIndex), append(rowIDs, f.RowID), append(kinds, f.Kind)
	}
	var rows []struct{ I, ID int64 }
	err := tx.DB.Raw(`SELECT x.i, e.id FROM unnest(CAST(@indexes AS bigint[]), CAST(@kinds AS text[]), CAST(@ids AS bigint[])) x (i, kind, id)
		CROSS JOIN LATERAL (SELECT min(e.id) AS id FROM expiry e WHERE e.tenant_id = @town AND e.kind = x.kind AND x.id BETWEEN e.first_id AND e.last_id) e
		WHERE e.id IS NOT NULL`, map[string]any{"town": town, "indexes": &indexes, "kinds": &kinds, "ids": &rowIDs}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look for removals: %w", err)
	}
	out := make(map[int64]int64, len(rows))
	for _, r := range rows {
		out[r.I] = r.ID
	}
	return out, nil
}

// How many rows with a leaf are gone among those that records of removal cover. A leaf of another ledger that was made to look
// like one of these is one more than were removed.
const goneOf = `
SELECT e.id FROM expiry e WHERE e.tenant_id = @town AND e.kind = @kind AND e.id = ANY (CAST(@ids AS bigint[])) AND e.row_count < (
	SELECT count(*) FROM tlog_leaf l WHERE l.tenant_id = @town AND l.kind = @kind AND l.row_id BETWEEN e.first_id AND e.last_id
		AND NOT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = @town AND t.id = l.row_id))`

// overdrawn finds the records of removal among these leaves that would have to cover more rows than they counted.
func (l *looked) overdrawn(tx *tenants.Tx, town int64, leaves []leaf) error {
	at := map[int64]int64{}
	var ids []int64
	for _, f := range leaves {
		if f.Kind == "expiry" {
			at[f.RowID], ids = f.LeafIndex, append(ids, f.RowID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var kinds []string
	err := tx.DB.Raw(`SELECT DISTINCT e.kind FROM expiry e JOIN tlog_series s ON s.kind = e.kind WHERE e.tenant_id = @town AND e.id = ANY (CAST(@ids AS bigint[])) ORDER BY e.kind`,
		map[string]any{"town": town, "ids": &ids}).Scan(&kinds).Error
	if err != nil {
		return fmt.Errorf("read removals: %w", err)
	}
	for _, kind := range kinds { // as many as there are ledgers
		var over []int64
		if err := tx.DB.Raw(fill(goneOf, kind, ""), map[string]any{"town": town, "kind": kind, "ids": &ids}).Scan(&over).Error; err != nil {
			return fmt.Errorf("count what was removed of %s: %w", kind, err)
		}
		for _, id := range over {
			l.found = append(l.found, finding{"removal", "expiry", id, at[id]})
		}
	}
	return nil
}
