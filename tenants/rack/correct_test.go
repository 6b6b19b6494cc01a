package rack_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/rack"
)

func TestACorrectedLookMovesTheNextOne(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var look rack.Check
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		look, err = rack.LookAt(ctx, tx, r.rack, rack.CheckInput{Fixed: true, Lockable: true, Dedicated: true})
		return err
	})
	before := r.Clock.Now().AddDate(0, -1, 0)
	defer func() { // and the pipeline asks for it by then
		row := r.SQL(`SELECT k.check_due_on AS due, max(o.due_at) AS asked FROM rack k JOIN occurrence o ON o.tenant_id = k.tenant_id AND o.duty_id = k.duty_id WHERE k.id = $1 GROUP BY k.id, k.tenant_id`, r.rack)[0]
		require.WithinDuration(t, row["due"].(time.Time), row["asked"].(time.Time), 96*time.Hour)
	}()
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		was, err := correction.Get(ctx, tx, r.host, "rack_check", look.ID)
		require.NoError(t, err)
		_, err = correction.Correct(ctx, tx, correction.Input{Town: r.host, Ledger: "rack_check", Row: look.ID, Reason: "日付の誤り",
			Changes: []correction.Change{{Field: "occurred_at", Was: was.Now["occurred_at"], Becomes: before.Format(time.RFC3339Nano)}}})
		require.NoError(t, err)
		now, _, looks, err := rack.Get(ctx, tx, r.rack)
		require.NoError(t, err)
		require.True(t, now.CheckedAt.Equal(before))
		require.True(t, looks[0].OccurredAt.Equal(before))
		require.Len(t, looks[0].Corrections, 1)
		require.NotEqual(t, look.OccurredAt.AddDate(0, now.CheckMonths, 0).Format(time.DateOnly), now.CheckDueOn.String(), "the next one is due as long after it")
		return nil
	})
}
