package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// What comes every minute is planned in pieces, the nearest first, and in the end as far ahead as all else.
func TestWhatIsVeryFrequentIsPlannedPieceByPiece(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	in := w.nightly(w.town, 1)
	in.Cron, in.EarlyMinutes, in.WindowMinutes, in.GraceMinutes = "* * * * *", 0, 1, 0
	d := w.expect(in)
	nightly := w.expect(w.nightly(w.town, 2))
	rounds := 0
	for did := 100; did == 100; rounds++ {
		w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = duty.PlanAhead(ctx, tx, 100)
			return err
		})
	}
	require.Greater(t, rounds, 2)
	count := tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE duty_id = $1`, d.ID)
	span := tenantstest.Value[int64](w.Bench, `SELECT extract(epoch FROM max(scheduled_at) - min(scheduled_at))::bigint / 60 FROM occurrence WHERE duty_id = $1`, d.ID)
	require.Equal(t, span+1, count, "one a minute: none is lost, none is there twice")
	require.GreaterOrEqual(t, count, int64((duty.Ahead-24*time.Hour)/time.Minute), "as far ahead as all else, but for the slack of a day")
	require.EqualValues(t, 35, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE duty_id = $1`, nightly.ID))
}
