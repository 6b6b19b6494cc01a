package morning_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/morning"
	"tanamori/tenants/tenantstest"
)

// BenchmarkMorning tells 1,741 towns of their 34,820 servers' night, after a month of nights; and looks again, when nobody is
// to be told, as every minute does.
func BenchmarkMorning(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	h := tenantstest.New(b)
	h.Clock.Set(at(20, 7, 30))
	host := h.Host("蘭越町", "013943")
	h.Ladder(host)
	h.SQL(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT consortium_id, lpad(n::text, 6, '0'), 'member', '見本町', '', 'Asia/Tokyo', '2020-04-01', '', lpad(n::text, 22, 'k'), created_at
		FROM tenant, generate_series(100001, 101740) n WHERE id = $1`, host)
	h.SQL(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) SELECT id, '標準', '{0}', 30 FROM tenant t WHERE NOT EXISTS (SELECT 1 FROM ladder WHERE tenant_id = t.id)`)
	h.SQL(`INSERT INTO duty (tenant_id, kind, about_id, subject, work, position, cron, zone, policy, early_minutes, window_minutes, grace_minutes,
			longest_minutes, severity, ladder_id, active_from, planned_until)
		SELECT tenant_id, 'backup', n, '戸籍' || n, '夜間バックアップ', n, '0 2 * * *', 'Asia/Tokyo', 'every_day', 120, 90, 30, 90, 'critical', id, $1, $1
		FROM ladder, generate_series(1, 20) n`, h.Clock.Now())
	h.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, arrived_at, verdict, reason_code, reason_params, judged_at)
		SELECT tenant_id, id, at, (at - interval '3 hours')::date, at - interval '2 hours', at, at + interval '90 minutes', at + interval '2 hours', at, 'met', 'duty.met', '{}', at + interval '40 minutes'
		FROM duty, generate_series(29, 0, -1) ago, LATERAL (SELECT CAST($1 AS timestamptz) - ago * interval '1 day') x(at)`, at(20, 2, 0))
	h.SQL(`INSERT INTO morning (tenant_id, day, told_at) SELECT id, '2026-11-19', CAST($1 AS timestamptz) FROM tenant`, at(19, 7, 30))
	h.SQL(`INSERT INTO morning_reader (tenant_id, position, name, mail) SELECT id, 1, '町民生活課', 'kacho@town' || id || '.example' FROM tenant`)
	h.SQL(`VACUUM ANALYZE`)
	look := func() (told, rounds int) {
		for n := 200; n == 200; rounds++ {
			h.Do(tenants.Job("morning"), func(ctx context.Context, tx *tenants.Tx) (err error) {
				n, err = morning.Tell(ctx, tx, 200)
				return err
			})
			told += n
		}
		return told, rounds
	}
	began := time.Now()
	told, _ := look()
	figure("morning_1741_towns", time.Since(began), 10_000)
	require.Equal(b, 1741, told)
	require.EqualValues(b, 1741, tenantstest.Value[int64](h, `SELECT count(*) FROM notice WHERE kind = 'morning'`))
	best := time.Hour
	for range 9 {
		began = time.Now()
		told, _ = look()
		best = min(best, time.Since(began))
		require.Zero(b, told)
	}
	figure("morning_nobody_due", best, 20)
}

func figure(name string, took time.Duration, target float64) {
	ms, verdict := float64(took.Microseconds())/1000, "ok"
	if ms > target {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.1f ms - %g %s\n", name, ms, target, verdict)
}
