package duty_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// report prints a figure of `make bench`.
func report(name string, took time.Duration, target float64) {
	ms, verdict := float64(took.Microseconds())/1000, "ok"
	if ms > target {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.1f ms - %g %s\n", name, ms, target, verdict)
}

// median measures an act nine times, each after what prepares it.
func median(prepare, act func()) time.Duration {
	var took []time.Duration
	for range 9 {
		prepare()
		began := time.Now()
		act()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// sweep judges what is due as the job does, batch by batch.
func (w *tower) sweep() (n int) {
	for {
		did := 0
		w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = duty.JudgeDue(ctx, tx, 500)
			return err
		})
		if n += did; did < 500 {
			return n
		}
	}
}

// bareSweep is the yardstick of a sweep: what is least to be done about what is due, in one statement on the same tables.
// It reads no duty, asks for no outage or excuse, says no reason, and writes neither the board's state nor a ladder nor an
// incident's course.
const bareSweep = `
WITH due AS (
	SELECT tenant_id, id, duty_id, night FROM occurrence WHERE verdict IS NULL AND look_at <= $1 ORDER BY look_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
), judged AS (
	UPDATE occurrence o SET look_at = NULL, verdict = $2, reason_code = 'duty.met', reason_params = '{}', judged_at = $1
	FROM due d WHERE o.tenant_id = d.tenant_id AND o.id = d.id
), opened AS (
	INSERT INTO incident (tenant_id, cause, about, about_id, subject, night, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
	SELECT tenant_id, 'duty:' || duty_id, 'duty', duty_id, '戸籍正', night, 'critical', 'duty.met', '{}', 'open', $1, 30 FROM due WHERE $2 = 'missed'
	ON CONFLICT (tenant_id, cause) WHERE state <> 'resolved' DO NOTHING
)
SELECT count(*) FROM due`

// bare sweeps by the yardstick.
func (w *tower) bare(verdict string) (n int64) {
	for {
		did := tenantstest.Value[int64](w.Bench, bareSweep, w.Clock.Now(), verdict)
		if n += did; did < 500 {
			return n
		}
	}
}

// BenchmarkSweepOfWhatIsDue judges 100 due among a million that are pending, all missed, with their incidents and ladders:
// the cost follows what is due. The yardstick takes turns with it.
func BenchmarkSweepOfWhatIsDue(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	w := newTower(b)
	w.crowd(5000, 0)
	w.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		SELECT tenant_id, duty_id, period + d, night + n, opens_at + d, scheduled_at + d, due_at + d, judge_at + d, look_at + d
		FROM occurrence, generate_series(1, 199) n, LATERAL (SELECT n * interval '1 day') x(d)`)
	w.SQL(`VACUUM ANALYZE occurrence`)
	require.EqualValues(b, 1_000_000, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
	w.to("11-22 03:00")
	due := func() {
		w.Clock.Advance(time.Second)
		// By turns over the duties, so that neither finds the other's incidents open.
		w.SQL(`UPDATE occurrence SET look_at = $1, judge_at = least(judge_at, $1::timestamptz), due_at = least(due_at, $1::timestamptz),
			scheduled_at = least(scheduled_at, $1::timestamptz - interval '1 hour'), opens_at = least(opens_at, $1::timestamptz - interval '2 hours')
			WHERE id IN (SELECT id FROM occurrence WHERE verdict IS NULL AND look_at > $1 ORDER BY look_at, id LIMIT 100)`, w.Clock.Now())
	}
	var ours, theirs []time.Duration
	for range 11 {
		due()
		ours = append(ours, timed(func() { require.Equal(b, 100, w.sweep()) }))
		due()
		theirs = append(theirs, timed(func() { require.EqualValues(b, 100, w.bare("missed")) }))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	require.Equal(b, 2200, w.incidents(`state = 'open'`))
	compare("sweep_100_of_1000000", ours[5], theirs[5], 10)
}

// BenchmarkSweepOfTenThousand judges 10,000 at once: good ones, and ones that are missed, with an incident and its ladder
// each. The yardstick has ten thousand others of the same kind.
func BenchmarkSweepOfTenThousand(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	for verdict, name := range map[string]string{"met": "sweep_10000_good", "missed": "sweep_10000_missed"} {
		w := newTower(b)
		w.crowd(20000, 5)
		if verdict == "met" {
			w.SQL(`UPDATE occurrence SET arrived_at = scheduled_at, outcome = 'good', outcome_at = scheduled_at, outcome_code = 'duty.met' WHERE verdict IS NULL`)
		}
		w.SQL(`UPDATE occurrence SET look_at = look_at + interval '1 hour' WHERE verdict IS NULL AND id % 2 = 0`)
		w.SQL(`VACUUM ANALYZE occurrence`)
		w.to("11-22 04:00")
		theirs := timed(func() { require.EqualValues(b, 10000, w.bare(verdict)) })
		w.to("11-22 05:00")
		ours := timed(func() { require.Equal(b, 10000, w.sweep()) })
		compare(name, ours, theirs, 1000)
	}
}

func timed(act func()) time.Duration {
	began := time.Now()
	act()
	return time.Since(began)
}

// compare prints a figure with the yardstick's share of its time: 1 would be as fast.
func compare(name string, took, yardstick time.Duration, target float64) {
	ms, verdict := float64(took.Microseconds())/1000, "ok"
	if ms > target {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.1f ms %.2f %g %s\n", name, ms, yardstick.Seconds()/took.Seconds(), target, verdict)
}

// BenchmarkBoard reads the newest night: of a host among 1,741 towns with 34,820 servers, and of all of them at once.
func BenchmarkBoard(b *testing.B) {
	w := newTower(b)
	w.SQL(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT consortium_id, lpad(n::text, 6, '0'), 'member', '見本町', '', 'Asia/Tokyo', '2020-04-01', '', lpad(n::text, 22, 'k'), created_at
		FROM tenant, generate_series(100001, 101739) n WHERE id = $1`, w.host)
	w.SQL(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) SELECT id, '標準', '{0}', 30 FROM tenant t
		WHERE NOT EXISTS (SELECT 1 FROM ladder WHERE tenant_id = t.id)`)
	w.SQL(`INSERT INTO duty (tenant_id, kind, about_id, subject, work, position, cron, zone, policy, early_minutes, window_minutes, grace_minutes,
			longest_minutes, severity, ladder_id, active_from, planned_until)
		SELECT tenant_id, 'backup', n, '戸籍正', '夜間バックアップ', n, '0 2 * * *', 'Asia/Tokyo', 'every_day', 120, 90, 30, 90, 'critical', id, $1, $1
		FROM ladder, generate_series(1, 20) n`, w.Clock.Now())
	w.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, verdict, reason_code, reason_params, judged_at)
		SELECT tenant_id, id, at, (at - interval '3 hours')::date, at - interval '2 hours', at, at + interval '90 minutes', at + interval '2 hours', 'met', 'duty.met', '{}', at
		FROM duty, generate_series(29, 0, -1) ago, LATERAL (SELECT $1::timestamptz - ago * interval '1 day') x(at)`, jst("11-22 02:00"))
	w.SQL(`INSERT INTO duty_state (tenant_id, duty_id, occurrence_id, scheduled_at, due_at, night, verdict, reason_code, reason_params, judged_at, changed_at)
		SELECT tenant_id, duty_id, id, scheduled_at, due_at, night, verdict, reason_code, reason_params, judged_at, judged_at FROM occurrence WHERE scheduled_at = $1`, jst("11-22 02:00"))
	w.SQL(`VACUUM ANALYZE`)
	w.to("11-22 07:30")
	all := w.admin
	all.Towns = nil
	for _, r := range w.SQL(`SELECT id FROM tenant WHERE consortium_id = $1 ORDER BY id`, all.Consortium) {
		all.Towns = append(all.Towns, r["id"].(int64))
	}
	some := all
	some.Towns = all.Towns[:9]
	b.ResetTimer()
	report("board_newest_9_of_1741_towns", median(func() {}, func() { require.Len(b, w.board(some, nil).Cells, 180) }), 20)
	older := calendar.MustDate(2026, 11, 10)
	report("board_older_9_of_1741_towns", median(func() {}, func() { require.Len(b, w.board(some, &older).Cells, 180) }), 20)
	report("board_newest_34820_servers", median(func() {}, func() { require.Len(b, w.board(all, nil).Cells, 20*len(all.Towns)) }), 500)
}

// BenchmarkGatherJudging is what the log of evidence adds to judging: 10,000 good verdicts, by turns without and with the
// trigger that writes each row's line. The ratio is that of the time with it to the time without.
func BenchmarkGatherJudging(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	const rounds = 6
	w := newTower(b)
	w.crowd(10000*rounds, 0)
	w.SQL(`UPDATE occurrence SET arrived_at = scheduled_at, outcome = 'good', outcome_at = scheduled_at, outcome_code = 'duty.met', look_at = look_at + (duty_id % $1::int) * interval '1 hour'`, rounds)
	w.SQL(`VACUUM ANALYZE occurrence`)
	at := jst("11-22 04:00")
	tenantstest.WithAndWithoutGathering(w.Bench, "gather_judging_10000", rounds, func() time.Duration {
		w.Clock.Set(at)
		at = at.Add(time.Hour)
		return timed(func() { require.Equal(b, 10000, w.sweep()) })
	})
}
