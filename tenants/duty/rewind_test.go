package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

func (w *tower) pulse(p duty.Pulse) (ahead bool) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		ahead, err = duty.Beat(ctx, tx, p)
		return err
	})
	return ahead
}

func (w *tower) rewind() {
	w.t.Helper()
	w.Do(w.job, duty.Rewind)
}

// A clock that is put forward by hours is an outage with a name of its own: nobody lived through the night.
func TestAClockPutForwardIsNotAnOutageOfTheProgram(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	d := w.planned()
	w.to("11-22 01:30")
	w.pulse(duty.Pulse{Node: node})
	w.to("11-22 05:00")
	w.judge() // before anybody has written down why
	w.pulse(duty.Pulse{Node: node, Leap: 3*time.Hour + 30*time.Minute})
	require.Equal(t, "clock", tenantstest.Value[string](w.Bench, `SELECT kind FROM outage`), "who knows better corrects it")
	w.judge()
	o := w.at(d, "11-22 02:00")
	require.Equal(t, duty.Pending, o.Judged())
	require.Equal(t, jst("11-22 05:05"), *o.LookAt)
	w.to("11-22 05:05")
	w.judge()
	o = w.at(d, "11-22 02:00")
	require.Equal(t, duty.Unknown, o.Judged())
	requireReason(t, "棚守の時計が01:30から05:00へ飛んだ（時刻の変更か機械の休止）ため分かりません", o.Reason())

	// Down for two hours, and the clock put forward by a little: it was down.
	w.to("11-22 10:00")
	w.pulse(duty.Pulse{Node: node, Leap: time.Minute})
	require.Equal(t, "down", tenantstest.Value[string](w.Bench, `SELECT kind FROM outage ORDER BY id DESC LIMIT 1`))
	w.pulse(duty.Pulse{Node: node, Off: -time.Hour})
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) error {
		off, err := duty.ClockOff(ctx, tx)
		require.Equal(t, -time.Hour, off)
		return err
	})
}

// The clock ran three hours ahead for a while and is put right: whatever it set for later comes when it should have come.
func TestAClockPutBackLeavesNothingWaiting(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node, other := uuid.New(), uuid.New()
	running, arrived, silent := w.expect(w.nightly(w.town, 1)), w.expect(w.nightly(w.town, 2)), w.expect(w.nightly(w.town, 3))
	w.plan()
	w.to("11-22 02:05")
	w.pulse(duty.Pulse{Node: node})
	w.to("11-22 05:05") // wrong by three hours
	w.pulse(duty.Pulse{Node: node, Leap: 3 * time.Hour})
	w.pulse(duty.Pulse{Node: other})
	w.say(running, duty.Started, "")
	w.say(arrived, duty.Arrived, "")
	w.judge()
	require.Equal(t, jst("11-22 05:10"), *w.at(silent, "11-22 02:00").LookAt, "held after the leap")

	w.to("11-22 02:06")
	require.True(t, w.pulse(duty.Pulse{Node: node}), "heartbeats lie ahead")
	for range 3 { // a second time changes nothing
		w.rewind()
		w.judge()
		require.Equal(t, jst("11-22 03:36"), *w.at(running, "11-22 02:00").LookAt, "ninety minutes from now, as they were from then")
		require.Equal(t, jst("11-22 04:06"), *w.at(arrived, "11-22 02:00").LookAt)
		require.Equal(t, jst("11-22 04:00"), *w.at(silent, "11-22 02:00").LookAt)
	}
	require.False(t, w.pulse(duty.Pulse{Node: node}))
	w.pulse(duty.Pulse{Node: other})
	row := w.SQL(`SELECT to_at = $1 AS cut, said_to = $2 AS said, withdrawn_at FROM outage`, jst("11-22 02:06"), jst("11-22 05:05"))
	require.Equal(t, []map[string]any{{"cut": true, "said": true, "withdrawn_at": nil}}, row, "what was first written is kept")
	w.to("11-22 04:00")
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, w.Clock.Now()) // it went on beating
	w.judge()
	require.Equal(t, duty.Unknown, w.at(silent, "11-22 02:00").Judged(), "the leap touched its time")
}

// A clock a day ahead has judged nights that have not come. Their verdicts stand; the board shows the night that has.
func TestAClockADayAheadLeavesTheBoardRight(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	d := w.planned()
	w.to("11-22 02:00")
	w.pulse(duty.Pulse{Node: node})
	w.say(d, duty.Arrived, "")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	w.to("11-23 09:00")
	w.pulse(duty.Pulse{Node: node, Leap: 31 * time.Hour})
	w.to("11-23 09:05")
	w.judge()
	require.Equal(t, duty.Unknown, w.at(d, "11-23 02:00").Judged())
	w.to("11-22 02:10")
	require.True(t, w.pulse(duty.Pulse{Node: node}))
	w.rewind()
	b := w.board(w.staff, nil)
	require.Equal(t, "2026-11-21", b.Night.String())
	require.Equal(t, duty.Met, b.Cells[0].Verdict)

	w.to("11-23 02:40") // and when that night does come, its copy is the recovery
	w.say(d, duty.Arrived, "")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	require.NotNil(t, w.at(d, "11-23 02:00").RecoveredAt)
	require.Zero(t, w.incidents(`state <> 'resolved'`))
	require.Equal(t, "2026-11-22", w.board(w.staff, nil).Night.String())
}

func TestAnOutageThatHasNotBeenIsWithdrawn(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	d := w.planned()
	w.to("11-22 03:00")
	w.pulse(duty.Pulse{Node: node})
	w.to("11-22 03:20")
	w.pulse(duty.Pulse{Node: node}) // a real outage by a wrong clock
	w.to("11-21 23:00")
	require.True(t, w.pulse(duty.Pulse{Node: node}))
	w.rewind()
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM outage WHERE withdrawn_at IS NOT NULL`))
	w.to("11-22 03:59")
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, w.Clock.Now())
	w.to("11-22 04:00")
	w.judge()
	require.Equal(t, duty.Missed, w.at(d, "11-22 02:00").Judged())
}
