package duty_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// The night of the 21st is judged only when the one of the 22nd is good already: nobody is called for what is over, and
// the verdict stands.
func TestAnOlderNightJudgedBadAfterANewerOneCameGoodCallsNobody(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.SQL(`UPDATE occurrence SET look_at = $1 WHERE scheduled_at = $2`, jst("11-23 06:00"), jst("11-22 02:00"))
	w.to("11-23 02:40")
	w.say(d, duty.Arrived, "x")
	w.say(d, duty.Good, "x")
	w.judge()
	require.Equal(t, duty.Met, w.at(d, "11-23 02:00").Judged())
	require.Zero(t, w.incidents(`true`))

	w.to("11-23 06:00")
	w.judge()
	require.Equal(t, duty.Missed, w.at(d, "11-22 02:00").Judged())
	require.Equal(t, 1, w.incidents(`state = 'resolved'`), "on record, and over")
	require.Zero(t, w.incidents(`state <> 'resolved'`))
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM notice`))
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM rung WHERE state = 'pending'`))

	// One that is still open because a newer night is bad too stays open.
	w.SQL(`UPDATE occurrence SET look_at = $1 WHERE scheduled_at = $2`, jst("11-25 06:00"), jst("11-24 02:00"))
	w.to("11-25 04:00")
	w.judge()
	require.Equal(t, 1, w.incidents(`state = 'open'`))
	w.Clock.Set(jst("11-25 06:00").Add(time.Second))
	w.judge()
	require.Equal(t, duty.Missed, w.at(d, "11-24 02:00").Judged())
	require.Equal(t, 1, w.incidents(`state = 'open'`))
}
