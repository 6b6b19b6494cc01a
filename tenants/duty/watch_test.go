package duty_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

func (w *tower) outages() int64 {
	return tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM outage`)
}

func TestAnOutageIsWhenNobodyWasAlive(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	a, b := uuid.New(), uuid.New()
	w.beat(a)
	w.Clock.Advance(duty.Blind)
	w.beat(b)
	require.Zero(t, w.outages(), "two minutes are none yet, and the other node's silence is not ours")
	w.Clock.Advance(duty.Blind)
	w.beat(b)
	require.Zero(t, w.outages())
	w.Clock.Advance(duty.Blind + time.Second)
	for range 3 {
		w.beat(a)
		w.beat(uuid.New())
	}
	require.EqualValues(t, 1, w.outages(), "several that come back write it down once")
	row := w.SQL(`SELECT to_at - from_at = interval '2 minutes 1 second' AS same FROM outage`)
	require.Equal(t, true, row[0]["same"])
	w.Clock.Advance(-time.Hour) // a node whose clock is behind
	w.beat(a)
	require.Equal(t, w.Clock.Now().Add(time.Hour), tenantstest.Value[time.Time](w.Bench, `SELECT seen_at FROM heartbeat WHERE node = $1`, a).UTC())
	w.Clock.Advance(26 * time.Hour)
	w.beat(a)
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM heartbeat`), "nodes long gone are forgotten")
	require.EqualValues(t, 2, w.outages())
}

func TestWhatTanamoriDidNotHearIsUnknown(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	d := w.planned()
	in := w.nightly(w.town, 2)
	in.Cron = "0 1 * * *"
	running := w.expect(in)
	w.plan()
	w.to("11-22 01:00")
	w.beat(node)
	w.say(running, duty.Started, "")
	w.judge()

	// The judge comes back before the first heartbeat has written the outage down: it knows all the same.
	w.to("11-22 04:10")
	w.judge()
	require.Equal(t, duty.Pending, w.at(d, "11-22 02:00").Judged(), "those who try again are heard first")
	w.beat(node)
	require.EqualValues(t, 1, w.outages())
	w.judge()
	require.Equal(t, jst("11-22 04:15"), *w.at(d, "11-22 02:00").LookAt)
	w.Clock.Advance(time.Minute)
	w.beat(node)
	w.to("11-22 04:15")
	w.Clock.Advance(-time.Microsecond)
	require.Zero(t, w.judge())
	w.Clock.Advance(time.Microsecond)
	w.beat(node)
	require.Equal(t, 2, w.judge())
	o := w.at(d, "11-22 02:00")
	require.Equal(t, duty.Unknown, o.Judged())
	requireReason(t, "棚守が01:00から04:10まで止まっていたため分かりません", o.Reason())
	require.Equal(t, duty.Unknown, w.at(running, "11-22 01:00").Judged())
	require.Equal(t, 2, w.incidents(`state = 'open' AND reason_code = 'duty.outage'`))
}

func TestAnExaminationThatAnOutageStoppedGetsItsTimeAgain(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	d := w.planned()
	w.to("11-22 02:41")
	w.beat(node)
	w.say(d, duty.Arrived, "")
	w.judge()
	w.to("11-22 09:00") // down over the time by which it should have been examined
	w.beat(node)
	w.judge()
	o := w.at(d, "11-22 02:00")
	require.Equal(t, duty.Pending, o.Judged())
	require.Equal(t, jst("11-22 11:00"), *o.LookAt)
	w.say(d, duty.Good, "duty.met")
	w.judge()
	require.Equal(t, duty.Met, w.at(d, "11-22 02:00").Judged())
	require.Zero(t, w.incidents(`true`))
}

func TestAnArrivalNobodyExaminesIsUnknown(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:41")
	w.say(d, duty.Arrived, "")
	w.judge()
	w.to("11-22 04:41")
	w.judge()
	require.Equal(t, duty.Unknown, w.at(d, "11-22 02:00").Judged())
	require.Equal(t, 1, w.incidents(`state = 'open' AND reason_code = 'duty.unsettled'`))
}

func TestRounds(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	end := func(job string, did int, failure error) {
		w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) error {
			return duty.RoundEnded(ctx, tx, job, tx.Now.Add(-time.Second), did, failure)
		})
	}
	end("judge", 3, nil)
	w.Clock.Advance(time.Minute)
	end("judge", 0, errors.New("database away"))
	end("beat", 1, nil)
	for _, actor := range []tenants.Actor{w.admin, w.staff, tenants.Gate("r", ""), w.job} {
		w.Do(actor, func(ctx context.Context, tx *tenants.Tx) error {
			rounds, err := duty.Rounds(ctx, tx)
			require.Equal(t, []duty.Round{
				{Job: "beat", StartedAt: w.Clock.Now().Add(-time.Second), OkAt: ptr(w.Clock.Now()), Did: 1},
				{Job: "judge", StartedAt: w.Clock.Now().Add(-time.Second), OkAt: ptr(w.Clock.Now().Add(-time.Minute)), LastError: "database away"},
			}, rounds, "a failed round keeps the time of the last good one")
			return err
		})
	}
}

func TestNextLook(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	next := func() (at *time.Time) {
		w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			at, err = duty.NextLook(ctx, tx)
			return err
		})
		return at
	}
	require.Nil(t, next())
	w.planned()
	require.Equal(t, jst("11-22 02:00"), *next())
	w.to("11-22 02:00")
	w.judge()
	require.Equal(t, jst("11-22 04:00"), *next())
}
