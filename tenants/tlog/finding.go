package tlog

import (
	"fmt"
	"strings"

	"tanamori/tenants"
)

func fill(sql, table, settled string) string {
	return strings.NewReplacer("{table}", quoted(table), "{settled}", settled).Replace(sql)
}

const keepFindings = `
WITH found AS (
	SELECT what, kind, row_id, leaf FROM unnest(CAST(@whats AS text[]), CAST(@kinds AS text[]), CAST(@rows AS bigint[]), CAST(@leaves AS bigint[])) x (what, kind, row_id, leaf)
), gone AS (
	UPDATE tlog_finding f SET gone_at = CAST(@now AS timestamptz) WHERE f.tenant_id = @town AND f.gone_at IS NULL AND (
		f.leaf_index >= @from AND f.leaf_index < @to
		OR f.what = 'unlisted' AND f.kind = @kind AND f.row_id > @after AND f.row_id <= @id
		OR f.what IN ('tree', 'series') AND @end)
	AND NOT EXISTS (SELECT FROM found x WHERE x.what = f.what AND x.kind = f.kind AND x.row_id = f.row_id AND x.leaf = f.leaf_index)
), fresh AS (
	INSERT INTO tlog_finding (tenant_id, what, kind, row_id, leaf_index, found_at)
	SELECT @town, what, kind, row_id, leaf, CAST(@now AS timestamptz) FROM found
	ON CONFLICT (tenant_id, what, kind, row_id, leaf_index) WHERE gone_at IS NULL DO NOTHING RETURNING id
)
SELECT count(*) FROM fresh`

// keep writes down what a step found and gives how much of it is new.
func (l *looked) keep(tx *tenants.Tx, town int64) (fresh int, err error) {
	var whats, kinds []string
	var rows, leaves []int64
	for _, f := range l.found {
		whats, kinds, rows, leaves = append(whats, f.what), append(kinds, f.kind), append(rows, f.row), append(leaves, f.leaf)
	}
	err = tx.DB.Raw(keepFindings, map[string]any{"town": town, "now": tx.Now, "whats": &whats, "kinds": &kinds, "rows": &rows, "leaves": &leaves,
		"from": l.from, "to": l.to, "kind": l.kind, "after": l.after, "id": l.id, "end": l.end}).Scan(&fresh).Error
	if err != nil {
		return 0, fmt.Errorf("keep what was found: %w", err)
	}
	return fresh, nil
}
