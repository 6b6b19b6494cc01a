package tlog

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

// Restored says that the database was restored from a copy of its files, which it cannot see by itself: unlike a dump, such a
// copy is the same database. The event is written into each town's log before anything else is. It gives how many there
// are. Jobs only: the operator says so from the command line.
func Restored(_ context.Context, tx *tenants.Tx) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	done := tx.DB.Exec(`UPDATE tlog_tree SET home = 'restored, by the operator' WHERE home <> ''`)
	if done.Error != nil {
		return 0, fmt.Errorf("mark the logs as restored: %w", done.Error)
	}
	var trees []*tree
	if err := tx.DB.Raw(`SELECT t.tenant_id, t.size, t.home, h.here FROM tlog_tree t CROSS JOIN (SELECT ` + home + ` AS here) h ORDER BY t.tenant_id FOR UPDATE OF t`).Scan(&trees).Error; err != nil {
		return 0, fmt.Errorf("read the logs: %w", err)
	}
	return len(trees), moved(tx, trees)
}
