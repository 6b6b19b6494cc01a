package incident_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

// towns makes a consortium of n towns with two people each.
func towns(b *tenantstest.Bench, n int) []int64 {
	ids := []int64{b.Host("蘭越町", "013943")}
	for i := range n - 1 {
		ids = append(ids, b.Town(fmt.Sprint("見本町", i), fmt.Sprintf("%06d", i)))
	}
	b.SQL(`INSERT INTO contact (tenant_id, position, post, name, mail, phone, hours, created_at)
		SELECT id, k, '町民生活課長', '見本 一郎', 'p' || k || '-' || id || '@example.jp', '0136-57-0000', '', now() FROM tenant, generate_series(1, 2) k`)
	return ids
}

func many(towns []int64, n int) []incident.OpenInput {
	inputs := make([]incident.OpenInput, n)
	for i := range inputs {
		inputs[i] = input(towns[i%len(towns)], fmt.Sprint("duty:", i))
	}
	return inputs
}

// A storm: ten thousand duties fail in one night. One operation is one incident.
func BenchmarkStorm(b *testing.B) {
	const storm = 10_000
	bench := tenantstest.New(b)
	ids := towns(bench, 200)
	inputs := many(ids, storm)
	var opening, telling, claiming, settling, answering, closing time.Duration
	timed := func(total *time.Duration, act func()) {
		began := time.Now()
		act()
		*total += time.Since(began)
	}
	for round := 0; b.Loop(); round++ {
		timed(&opening, func() {
			bench.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
				opened, err := incident.OpenMany(ctx, tx, inputs)
				require.Len(b, opened, storm)
				return err
			})
		})
		timed(&telling, func() {
			for n := 500; n == 500; {
				bench.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					n, err = incident.Escalate(ctx, tx, 500)
					return err
				})
			}
		})
		for {
			var claimed []notice.Claimed
			timed(&claiming, func() {
				bench.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					claimed, err = notice.Claim(ctx, tx, 500, time.Minute)
					return err
				})
			})
			if len(claimed) == 0 {
				break
			}
			timed(&settling, func() {
				settled := make([]notice.Settled, len(claimed))
				for i, c := range claimed {
					settled[i] = notice.Settled{Claimed: c, Outcome: notice.Outcome{Result: notice.Accepted}}
				}
				bench.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
					_, err := notice.Settle(ctx, tx, settled)
					return err
				})
			})
		}
		timed(&answering, func() {
			bench.SQL(`UPDATE rung SET state = 'held' WHERE state = 'pending'`)
			bench.SQL(`UPDATE incident SET state = 'acknowledged', ack_until = $1 WHERE state = 'open'`, bench.Clock.Now())
			for n := 200; n == 200; {
				bench.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					n, err = incident.ReopenExpired(ctx, tx, 200)
					return err
				})
			}
		})
		timed(&closing, func() {
			resolutions := make([]incident.Resolution, storm)
			for i, in := range inputs {
				resolutions[i] = incident.Resolution{Town: in.Town, Cause: in.Cause, Reason: tenants.Reason{Code: "test.good"}}
			}
			bench.Do(job, func(ctx context.Context, tx *tenants.Tx) error { return incident.ResolveMany(ctx, tx, resolutions) })
		})
	}
	for name, d := range map[string]time.Duration{"open": opening, "tell": telling, "claim": claiming, "settle": settling, "reopen": answering, "resolve": closing} {
		b.ReportMetric(d.Seconds()/float64(b.N), name+"-s/10k")
	}
}

// However many there are, the statements stay the same few.
func TestTheNumberOfStatementsDoesNotGrow(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	s := stage{Bench: b, t: t}
	ids := towns(b, 12)
	counts := func(n int) (c [4]int) {
		inputs := many(ids, n)
		c[0] = b.QueryCount(func() { require.Len(t, s.open(inputs...), n) })
		c[1] = b.QueryCount(func() { require.Equal(t, n, s.escalate()) })
		b.SQL(`UPDATE rung SET state = 'held' WHERE state = 'pending'`)
		b.SQL(`UPDATE incident SET state = 'acknowledged', ack_until = $1 WHERE state = 'open'`, b.Clock.Now())
		c[2] = b.QueryCount(func() { require.Equal(t, n, s.reopen()) })
		resolutions := make([]incident.Resolution, n)
		for i, in := range inputs {
			resolutions[i] = incident.Resolution{Town: in.Town, Cause: in.Cause, Reason: tenants.Reason{Code: "test.good"}}
		}
		c[3] = b.QueryCount(func() { s.resolve(resolutions...) })
		return c
	}
	require.Equal(t, counts(1), counts(400))
}

// A link to an incident is checked by index from the first one on. The server keeps the plan of that check, and one made
// while the table was small reads all of it for each row: a storm of ten thousand would take minutes.
func TestLinksAreCheckedByIndexHoweverSmallTheTableWas(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	ids := towns(b, 3)
	b.SQL(`ANALYZE`) // so that it is known to be empty
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		if _, err := incident.OpenMany(ctx, tx, many(ids, 100)); err != nil {
			return err
		}
		var read int64
		err := tx.DB.Raw(`SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'incident'`).Scan(&read).Error
		require.Zero(t, read, "rows of incident read without an index")
		return err
	})
}
