package notice_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

var job = tenants.Job("deliver")

func message(town int64, dedup string) notice.Message {
	return notice.Message{
		Town: town, Dedup: dedup, Kind: notice.Opened, About: "incident", AboutID: 7,
		ToPost: "町民生活課長", ToName: "見本 一郎", ToAddress: "mihon@example.jp", Subject: "件名",
		Text: "本文 {{ack}} {{base}}", HTML: `<a href="{{ack}}">受領</a>`, LinkFor: "rung:12",
	}
}

func queue(b *tenantstest.Bench, messages ...notice.Message) (ids []int64) {
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		ids, err = notice.QueueMany(ctx, tx, messages)
		return err
	})
	return ids
}

func claim(b *tenantstest.Bench, limit int) (claimed []notice.Claimed) {
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		claimed, err = notice.Claim(ctx, tx, limit, time.Minute)
		return err
	})
	return claimed
}

func settle(b *tenantstest.Bench, c notice.Claimed, r notice.Result, detail string) (lost int) {
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		lost, err = notice.Settle(ctx, tx, []notice.Settled{{Claimed: c, Outcome: notice.Outcome{Result: r, Detail: detail}}})
		return err
	})
	return lost
}

func about(b *tenantstest.Bench, town int64) (list []notice.Notice) {
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = notice.About(ctx, tx, town, "incident", 7)
		return err
	})
	return list
}

func TestAMessageIsQueuedOnce(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town, other := b.Town("むかわ町", "015865"), b.Town("寿都町", "013927")
	first := queue(b, message(town, "a"), message(town, "b"), message(town, "a"))
	require.Equal(t, first[0], first[2], "the same dedup twice in one list is one message")
	require.NotEqual(t, first[0], first[1])

	again := queue(b, message(town, "c"), message(town, "b"), message(other, "b"))
	require.Equal(t, first[1], again[1])
	require.NotContains(t, first, again[2], "another town's dedup is its own")
	require.EqualValues(t, 4, tenantstest.Value[int64](b, `SELECT count(*) FROM notice`))
	require.EqualValues(t, 4, tenantstest.Value[int64](b, `SELECT count(DISTINCT message_id) FROM notice`))
}

func TestQueueingTakesTheSameFewStatementsForAnyNumber(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	many := func(prefix string, n int) (list []notice.Message) {
		for i := range n {
			list = append(list, message(town, fmt.Sprint(prefix, i)))
		}
		return list
	}
	one := b.QueryCount(func() { queue(b, many("a", 1)...) })
	require.Equal(t, one, b.QueryCount(func() { queue(b, many("b", 700)...) }))
	require.Equal(t, 1, b.QueryCount(func() { require.Len(t, claim(b, 1000), 701) }))
}

func TestADeliveryFromQueueToSent(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"))
	claimed := claim(b, 10)
	require.Len(t, claimed, 1)
	c := claimed[0]
	require.Equal(t, 1, c.Attempt())
	require.False(t, c.Repeated)
	require.Equal(t, "rung:12", c.LinkFor)
	require.True(t, c.Until.Equal(b.Clock.Now().Add(time.Minute)), "until %s", c.Until)
	require.Empty(t, claim(b, 10), "what is claimed is nobody else's")

	b.Clock.Advance(3 * time.Second)
	require.Zero(t, settle(b, c, notice.Accepted, "250 2.0.0 OK: queued"))
	n := about(b, town)[0]
	require.Equal(t, notice.StateSent, n.State)
	require.True(t, n.SentAt.Equal(b.Clock.Now()))
	require.Nil(t, n.NextAt)
	require.Len(t, n.Attempts, 1)
	require.Equal(t, "sent", n.Attempts[0].Outcome)
	require.Equal(t, "250 2.0.0 OK: queued", n.Attempts[0].Detail)

	b.Clock.Advance(48 * time.Hour)
	require.Empty(t, claim(b, 10))
}

func TestTemporaryTroubleIsTriedAgainForEverAndRefusalNever(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"))
	for n, minutes := range []int{1, 2, 5, 10, 30, 60, 60, 60} {
		wait := time.Duration(minutes) * time.Minute
		c := claim(b, 1)
		require.Len(t, c, 1, "try %d", n+1)
		require.Equal(t, n+1, c[0].Attempt())
		require.Zero(t, settle(b, c[0], notice.Delayed, "450 4.2.1 busy"))
		b.Clock.Advance(wait - time.Microsecond)
		require.Empty(t, claim(b, 1), "not before %s has passed", wait)
		b.Clock.Advance(time.Microsecond)
	}
	c := claim(b, 1)
	require.Zero(t, settle(b, c[0], notice.Refused, "550 5.1.1 no such user"))
	n := about(b, town)[0]
	require.Equal(t, notice.StateFailed, n.State)
	require.False(t, n.Repeated, "every end was known")
	require.Len(t, n.Attempts, 9)
	require.Equal(t, "error", n.Attempts[0].Outcome)
	require.Equal(t, "refused", n.Attempts[8].Outcome)
	b.Clock.Advance(100 * time.Hour)
	require.Empty(t, claim(b, 1))
}

func TestAServerThatIsAwayIsLookedForOften(t *testing.T) {
	t.Parallel()
	now := tenantstest.Start
	for n := range 200 {
		at, again := notice.Away.Next(now, n)
		require.True(t, again)
		require.LessOrEqual(t, at.Sub(now), 5*time.Minute)
		at, again = notice.Untried.Next(now, n)
		require.True(t, again)
		require.Equal(t, now, at, "what was not begun has not lost its turn")
	}
}

func TestALapsedClaimIsUnknownAndFenced(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"))
	dead := claim(b, 1)[0]
	b.Clock.Advance(time.Minute)
	taken := claim(b, 1)
	require.Len(t, taken, 1, "taken up once the lease is over")
	require.True(t, taken[0].Repeated)
	require.Equal(t, dead.MessageID, taken[0].MessageID)

	require.Equal(t, 1, settle(b, dead, notice.Accepted, ""), "the first sender comes back too late")
	fault := b.Fault(tenants.KindConflict, job, func(ctx context.Context, tx *tenants.Tx) error { return notice.Sent(ctx, tx, dead) })
	require.NotEmpty(t, fault.Ja)
	n := about(b, town)[0]
	require.Equal(t, notice.StateSending, n.State)
	require.Equal(t, "unknown", n.Attempts[0].Outcome)
	require.Empty(t, n.Attempts[1].Outcome)

	b.Do(job, func(ctx context.Context, tx *tenants.Tx) error { return notice.Sent(ctx, tx, taken[0]) })
	n = about(b, town)[0]
	require.Equal(t, notice.StateSent, n.State)
	require.True(t, n.Repeated, "the record keeps that it may have arrived twice")
	b.Fault(tenants.KindConflict, job, func(ctx context.Context, tx *tenants.Tx) error {
		return notice.Failed(ctx, tx, taken[0], notice.Outcome{Result: notice.Refused})
	})
}

func TestAnEndThatTheSenderItselfCouldNotSee(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"))
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		c, err := notice.Claim(ctx, tx, 1, time.Minute)
		require.NoError(t, err)
		return notice.Failed(ctx, tx, c[0], notice.Outcome{Result: notice.Unknown, Detail: "connection lost after the message"})
	})
	b.Clock.Advance(time.Minute)
	c := claim(b, 1)
	require.True(t, c[0].Repeated)
	// A definite failure in between does not make the earlier doubt go away.
	settle(b, c[0], notice.Delayed, "451")
	b.Clock.Advance(2 * time.Minute)
	require.True(t, claim(b, 1)[0].Repeated)
}

func TestConcurrentClaimersNeverHoldTheSameNotice(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	const total = 600
	list := make([]notice.Message, total)
	for i := range list {
		list[i] = message(town, fmt.Sprint("m", i))
	}
	queue(b, list...)

	var mu sync.Mutex
	holders := map[int64]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				var got []notice.Claimed
				err := b.Try(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					got, err = notice.Claim(ctx, tx, 17, time.Minute)
					return err
				})
				if err != nil || len(got) == 0 {
					return
				}
				mu.Lock()
				for _, c := range got {
					holders[c.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	// A claimer stops when everything left is locked by others, so some may be due still; none may be held twice.
	for range 10 {
		for _, c := range claim(b, total) {
			holders[c.ID]++
		}
	}
	require.Len(t, holders, total)
	for id, n := range holders {
		require.Equal(t, 1, n, "notice %d", id)
	}
	require.EqualValues(t, total, tenantstest.Value[int64](b, `SELECT count(*) FROM attempt`))
}

func TestOnlyJobsDeliver(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin := b.Person(host, tenants.HostAdmin)
	b.Fault(tenants.KindForbidden, admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.Claim(ctx, tx, 1, time.Minute)
		return err
	})
	b.Fault(tenants.KindForbidden, admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.Settle(ctx, tx, nil)
		return err
	})
	b.Fault(tenants.KindForbidden, admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.NextDue(ctx, tx)
		return err
	})
	require.Error(t, b.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
		return notice.Failed(ctx, tx, notice.Claimed{}, notice.Outcome{Result: notice.Accepted})
	}))
}
