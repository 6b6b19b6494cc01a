package notice_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

func listed(b *tenantstest.Bench, who tenants.Actor, f notice.Filter) (list []notice.Notice) {
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = notice.List(ctx, tx, f)
		return err
	})
	return list
}

func ids(list []notice.Notice) (out []int64) {
	for _, n := range list {
		out = append(out, n.ID)
	}
	return out
}

func TestListsShowWhatTheReaderMaySee(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.Consortium()
	foreign := b.Host("見本町", "010006")
	stranger := b.Person(foreign, tenants.HostAdmin)

	// Of the town: one sent, one refused, one waiting. Of the host: one waiting. Of the other consortium: one waiting.
	var q []int64
	for _, m := range []notice.Message{message(town, "sent"), message(town, "refused"), message(town, "waiting"), message(host, "waiting"), message(foreign, "waiting")} {
		q = append(q, queue(b, m)...)
	}
	b.SQL(`UPDATE notice SET next_at = next_at + interval '1 hour' WHERE dedup = 'waiting'`)
	for _, c := range claim(b, 2) {
		settle(b, c, map[int64]notice.Result{q[0]: notice.Accepted, q[1]: notice.Refused}[c.ID], "x")
	}
	admin := b.Person(host, tenants.HostAdmin)
	require.Equal(t, []int64{q[3], q[2], q[1], q[0]}, ids(listed(b, admin, notice.Filter{})))
	require.Equal(t, []int64{q[2], q[1], q[0]}, ids(listed(b, admin, notice.Filter{Town: town})))
	require.Equal(t, []int64{q[3], q[2], q[1]}, ids(listed(b, admin, notice.Filter{State: "unsent"})))
	require.Equal(t, []int64{q[1]}, ids(listed(b, admin, notice.Filter{State: notice.StateFailed})))
	require.Equal(t, []int64{q[0]}, ids(listed(b, admin, notice.Filter{State: notice.StateSent})))
	require.Equal(t, []int64{q[2], q[1]}, ids(listed(b, admin, notice.Filter{Before: q[3], Limit: 2})))
	require.Empty(t, listed(b, admin, notice.Filter{About: "incident", AboutID: 8}))
	require.Equal(t, []int64{q[4]}, ids(listed(b, stranger, notice.Filter{})))
	require.Equal(t, "refused", listed(b, admin, notice.Filter{State: notice.StateFailed})[0].Attempts[0].Outcome)

	b.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.List(ctx, tx, notice.Filter{Town: town})
		return err
	})
	b.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.About(ctx, tx, town, "incident", 7)
		return err
	})
	b.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.Queue(ctx, tx, message(town, "forged"))
		return err
	})
	b.Fault(tenants.KindForbidden, b.Person(town, tenants.Town), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.List(ctx, tx, notice.Filter{})
		return err
	})
	b.Fault(tenants.KindInvalid, admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.List(ctx, tx, notice.Filter{State: "lost"})
		return err
	})

	count := func(who tenants.Actor) (totals notice.Totals) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			totals, err = notice.Counts(ctx, tx)
			return err
		})
		return totals
	}
	require.Equal(t, [2]int{2, 1}, [2]int{count(admin).Queued, count(admin).Failed})
	require.Equal(t, [2]int{3, 1}, [2]int{count(job).Queued, count(job).Failed})
	require.Equal(t, [2]int{1, 0}, [2]int{count(stranger).Queued, count(stranger).Failed})
	require.True(t, count(job).Oldest.Equal(b.Clock.Now()))
	b.Clock.Advance((notice.FailedDays*24 + 1) * time.Hour)
	require.Zero(t, count(admin).Failed, "a refusal is news for a week")
}

func TestAListTakesTwoStatementsHoweverLong(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin := b.Person(host, tenants.HostAdmin)
	for i := range 40 {
		queue(b, message(host, fmt.Sprint(i)))
	}
	claim(b, 40)
	require.Equal(t, 2, b.QueryCount(func() { require.Len(t, listed(b, admin, notice.Filter{}), 40) }))
}

func TestNextDueIsTheEarliestWaitingOne(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	next := func() (at *time.Time) {
		b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			at, err = notice.NextDue(ctx, tx)
			return err
		})
		return at
	}
	require.Nil(t, next())
	queue(b, message(town, "a"))
	require.True(t, next().Equal(b.Clock.Now()))
	c := claim(b, 1)[0]
	require.True(t, next().Equal(b.Clock.Now().Add(time.Minute)), "a claim is looked at again when its lease ends")
	settle(b, c, notice.Accepted, "")
	require.Nil(t, next())
}
