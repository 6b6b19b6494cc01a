package duty_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// crowd puts n duties of the town with an occurrence each, due now, and older judged nights of each behind them.
func (w *tower) crowd(n, nights int) {
	w.t.Helper()
	w.SQL(`INSERT INTO duty (tenant_id, kind, about_id, subject, work, position, cron, zone, policy, early_minutes, window_minutes, grace_minutes,
			longest_minutes, severity, ladder_id, active_from, planned_until)
		SELECT $1, 'backup', n, '戸籍正', '夜間バックアップ', n, '0 2 * * *', 'Asia/Tokyo', 'every_day', 120, 90, 30, 90, 'critical', $2, $3, $3
		FROM generate_series(1, $4::int) n`, w.town, w.Ladder(w.town), w.Clock.Now(), n)
	w.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at, verdict, reason_code, reason_params, judged_at)
		SELECT tenant_id, id, at, (at - interval '3 hours')::date, at - interval '2 hours', at, at + interval '90 minutes', at + interval '2 hours',
			CASE WHEN ago = 0 THEN at + interval '2 hours' END, CASE WHEN ago > 0 THEN 'met' END, CASE WHEN ago > 0 THEN 'duty.met' END,
			CASE WHEN ago > 0 THEN '{}'::jsonb END, CASE WHEN ago > 0 THEN at + interval '2 hours' END
		FROM duty, generate_series($2::int, 0, -1) ago, LATERAL (SELECT $1::timestamptz - ago * interval '1 day') x(at)`, jst("11-22 02:00"), nights)
	w.SQL(`ANALYZE`)
}

func TestFourJudgesGiveOneVerdictEach(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	const due = 2000
	w.crowd(due, 0)
	w.to("11-22 04:00")
	var judged atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			for errs[i] == nil {
				n := 0
				errs[i] = w.Try(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					n, err = duty.JudgeDue(ctx, tx, 150)
					return err
				})
				judged.Add(int64(n))
				if n == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	w.judge() // what somebody held while the others came past
	require.EqualValues(t, due, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence WHERE verdict = 'missed'`))
	require.EqualValues(t, due, judged.Load())
	require.Equal(t, due, w.incidents(`state = 'open'`))
	require.EqualValues(t, due, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM incident_event WHERE kind = 'opened'`))
	require.EqualValues(t, due, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM duty_state WHERE verdict = 'missed'`))
	require.EqualValues(t, due, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM rung`))
}

// Evidence that comes while the judges judge is neither lost nor judged twice.
func TestEvidenceAndJudgementMeet(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	const due = 300
	w.crowd(due, 0)
	w.to("11-22 04:00")
	ids := w.SQL(`SELECT duty_id FROM occurrence ORDER BY id`)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			for from := 0; from < due && errs[i] == nil; from += 50 {
				errs[i] = w.Try(w.job, func(ctx context.Context, tx *tenants.Tx) error {
					if i%2 == 0 {
						_, err := duty.JudgeDue(ctx, tx, 50)
						return err
					}
					var list []duty.Attestation
					for _, r := range ids[from : from+50] {
						list = append(list, duty.Attestation{Town: w.town, DutyID: r["duty_id"].(int64), Kind: duty.Good, At: tx.Now, Reason: tenants.Reason{Code: "duty.met"}})
					}
					_, err := duty.Attest(ctx, tx, list)
					return err
				})
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	w.judge()
	require.EqualValues(t, due, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence
		WHERE verdict = 'late' AND outcome = 'good' OR verdict = 'missed' AND recovered_at IS NOT NULL`))
	require.Zero(t, w.incidents(`state <> 'resolved'`))
}

// recorder writes down the statements a room sends, with their values in place.
type recorder struct {
	logger.Interface
	sent []string
}

func (r *recorder) LogMode(logger.LogLevel) logger.Interface { return r }

func (r *recorder) Trace(_ context.Context, _ time.Time, fc func() (string, int64), _ error) {
	statement, _ := fc()
	r.sent = append(r.sent, statement)
}

func (w *tower) record(fn func()) []string {
	r := &recorder{Interface: logger.Discard}
	usual := w.Ground
	w.Ground = tenants.NewGround(w.Handle.Gorm.Session(&gorm.Session{Logger: r}), w.Clock.Now).With(tenantstest.Ring)
	fn()
	w.Ground = usual
	return r.sent
}

// goSlice is how GORM writes a list of ids down; Postgres reads it otherwise.
var goSlice = regexp.MustCompile(`'\[([0-9 ]*)\]'`)

// explain gives the plan of a statement that a room sends, as the role and over the towns that send it.
func explain(w *tower, actor tenants.Actor, statement string) string {
	w.t.Helper()
	var plan []string
	statement = goSlice.ReplaceAllStringFunc(statement, func(list string) string { return "'{" + strings.ReplaceAll(strings.Trim(list, "'[]"), " ", ",") + "}'" })
	w.Do(actor, func(_ context.Context, tx *tenants.Tx) error {
		return tx.DB.Raw("EXPLAIN " + statement).Scan(&plan).Error
	})
	return strings.Join(plan, "\n")
}

func TestQueriesFollowWhatIsDueAndNotWhatIsThere(t *testing.T) {
	if testing.Short() {
		t.Skip("fills 200,000 rows")
	}
	w := newTower(t)
	w.crowd(500, 400)
	w.SQL(`VACUUM ANALYZE occurrence`)
	w.to("11-22 04:00")
	var statements []string
	began := time.Now()
	statements = append(statements, w.record(func() { require.Equal(t, 500, w.judge()) })...)
	t.Logf("500 of 200,500 judged in %s", time.Since(began).Round(time.Millisecond))
	d := duty.Attestation{Town: w.town, DutyID: tenantstest.Value[int64](w.Bench, `SELECT min(id) FROM duty`), Kind: duty.Good, At: w.Clock.Now()}
	statements = append(statements, w.record(func() { require.True(t, w.attest(d)[0].Found) })...)
	jobs := len(statements)
	statements = append(statements, w.record(func() {
		began := time.Now()
		require.Len(t, w.board(w.admin, nil).Cells, 500)
		t.Logf("newest night of 500 duties read in %s", time.Since(began).Round(time.Millisecond))
		began = time.Now()
		require.Len(t, w.board(w.admin, nov(3)).Cells, 500)
		t.Logf("older night of 500 duties read in %s", time.Since(began).Round(time.Millisecond))
		w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
			began := time.Now()
			marks, err := duty.History(ctx, tx, w.town, d.DutyID, nov(20).AddDays(-90), *nov(21))
			t.Logf("%d nights of one duty read in %s", len(marks), time.Since(began).Round(time.Millisecond))
			require.Len(t, marks, 92)
			return err
		})
	})...)
	seen := 0
	for i, s := range statements {
		actor := w.admin
		if i < jobs {
			actor = w.job
		}
		if !strings.Contains(s, "occurrence") || strings.Contains(s, "INSERT INTO incident") {
			continue
		}
		plan := explain(w, actor, s)
		require.NotContains(t, plan, "Seq Scan on occurrence", "%s\n%s", s, plan)
		if strings.Contains(s, "look_at <= '") {
			require.Contains(t, plan, "occurrence_look", "%s\n%s", s, plan)
		}
		seen++
	}
	require.GreaterOrEqual(t, seen, 8)
}
