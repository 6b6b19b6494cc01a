package watch

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Outward is how the sign of life to an address outside stands. Where none was ever sent all is empty.
type Outward struct {
	SentAt       *time.Time     // the last try
	OkAt         *time.Time     // the last that arrived
	FailingSince *time.Time     // the first of those that have not, since
	Reason       tenants.Reason `gorm:"embedded;embeddedPrefix:reason_"` // why
}

// tried is for how long a try counts: nobody tries while something stands that the audit found, or without an address.
const tried = 10 * time.Minute

// Failing tells whether signs of life are sent and do not arrive.
func (o Outward) Failing(now time.Time) bool {
	return o.FailingSince != nil && o.SentAt != nil && now.Sub(*o.SentAt) < tried
}

// every is how seldom a sign of life is sent by all nodes together: once a minute, with slack for a clock that ticks early.
const every = 50 * time.Second

// ClaimOutward tells whether the caller is to send the sign of life now: one node does, once a minute. Jobs only.
func ClaimOutward(_ context.Context, tx *tenants.Tx) (bool, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return false, err
	}
	res := tx.DB.Exec(`INSERT INTO outward AS o (id, sent_at) VALUES (1, @now) ON CONFLICT (id) DO UPDATE SET sent_at = EXCLUDED.sent_at
		WHERE o.sent_at <= CAST(@before AS timestamptz) OR o.sent_at > CAST(@ahead AS timestamptz)`,
		map[string]any{"now": tx.Now, "before": tx.Now.Add(-every), "ahead": tx.Now.Add(every)})
	if res.Error != nil {
		return false, fmt.Errorf("claim the sign of life: %w", res.Error)
	}
	return res.RowsAffected == 1, nil
}

// MarkOutward keeps what became of a sign of life: an empty reason means that it arrived. It tells whether that is
// another answer than the last time, so that it is said once. Jobs only.
func MarkOutward(_ context.Context, tx *tenants.Tx, why tenants.Reason) (changed bool, err error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return false, err
	}
	before, err := readOutward(tx)
	if err != nil {
		return false, err
	}
	failed := why.Code != ""
	err = tx.DB.Exec(`UPDATE outward SET reason_code = @code, reason_params = @params,
			ok_at = CASE WHEN @failed THEN ok_at ELSE CAST(@now AS timestamptz) END,
			failing_since = CASE WHEN @failed THEN coalesce(failing_since, CAST(@now AS timestamptz)) END WHERE id = 1`,
		map[string]any{"code": why.Code, "params": why.Params, "failed": failed, "now": tx.Now}).Error
	if err != nil {
		return false, fmt.Errorf("mark the sign of life: %w", err)
	}
	return failed != (before.FailingSince != nil), nil
}

func readOutward(tx *tenants.Tx) (Outward, error) {
	var rows []Outward
	if err := tx.DB.Raw(`SELECT sent_at, ok_at, failing_since, reason_code, reason_params FROM outward`).Scan(&rows).Error; err != nil {
		return Outward{}, fmt.Errorf("read the sign of life: %w", err)
	}
	if len(rows) == 0 {
		return Outward{}, nil
	}
	return rows[0], nil
}
