package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

const (
	// longGap is an outage after which the date itself is in doubt: a server that stood for years, one brought back from an
	// old copy, and one whose clock was set years ahead look the same from within.
	longGap = 7 * 24 * time.Hour
	// doubtFor is how long the date then goes unrelied on. People see the outage on their pages meanwhile.
	doubtFor = 30 * 24 * time.Hour
)

// DoubtUntil gives until when nothing that cannot be undone may follow from the date alone, after time has leapt by more
// than a week; zero while the date is relied on.
func DoubtUntil(_ context.Context, tx *tenants.Tx) (time.Time, error) {
	if tx.Actor.May(tenants.RunPipeline) { // a job may come before the first heartbeat that writes the outage down
		if err := noteSilence(tx, 0); err != nil {
			return time.Time{}, err
		}
	}
	var last struct{ ToAt *time.Time }
	err := tx.DB.Raw(`SELECT max(to_at) AS to_at FROM outage WHERE withdrawn_at IS NULL
		AND to_at > CAST(@since AS timestamptz) AND to_at - from_at > CAST(@gap AS interval)`,
		map[string]any{"since": tx.Now.Add(-doubtFor), "gap": longGap.String()}).Scan(&last).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("ask whether the date is in doubt: %w", err)
	}
	if last.ToAt == nil {
		return time.Time{}, nil
	}
	return last.ToAt.Add(doubtFor), nil
}
