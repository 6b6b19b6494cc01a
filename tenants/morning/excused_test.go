package morning_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// Why a night need not be may have been written down with what should not stand there. Once that is corrected it goes out to
// nobody, whether the verdict was given before or after.
func TestAReportSaysWhyAsItStands(t *testing.T) {
	t.Parallel()
	for name, judgedFirst := range map[string]bool{"corrected before the verdict": false, "corrected after it": true} {
		h := newHall(t)
		h.set(h.town, half("hanako"))
		o := tenantstest.Value[int64](h.Bench, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
			VALUES ($1, $2, $3, '2026-11-24', $3, $3, $4, $4, $3) RETURNING id`, h.town, h.duty, at(25, 2, 0), at(25, 3, 0))
		h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
			return duty.ExcuseOne(ctx, tx, h.town, o, "見本太郎の病気")
		})
		judge := func() {
			h.Do(tenants.Job("judge"), func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.JudgeDue(ctx, tx, 100); return err })
		}
		if judgedFirst {
			judge()
		}
		h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := correction.Correct(ctx, tx, correction.Input{Town: h.town, Ledger: "excuse", Row: tenantstest.Value[int64](h.Bench, `SELECT id FROM excuse`), Reason: "個人の事情を書いた",
				Changes: []correction.Change{{Field: "reason_given", Was: "見本太郎の病気", Becomes: "機器更新"}}})
			return err
		})
		judge()
		h.look(at(25, 7, 30))
		require.Contains(t, h.newest(), "機器更新", name)
		require.NotContains(t, h.newest(), "見本太郎", name)
	}
}
