package backup_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func TestStartAndSuccessAreOneRun(t *testing.T) {
	t.Parallel()
	for name, rid := range map[string]*uuid.UUID{"with a run id": ptr(uuid.New()), "without": nil} {
		for batches, together := range map[string]bool{"in one batch": true, "one after the other": false} {
			t.Run(name+" "+batches, func(t *testing.T) {
				t.Parallel()
				v := newVault(t, nil)
				v.to("11-22 02:00")
				v.ping(ping{kind: checkin.Start, rid: rid})
				if !together {
					require.Equal(t, 1, v.takeIn())
					r := v.runs(v.plan)
					require.Len(t, r, 1)
					require.Equal(t, "running", r[0].Reported)
					require.NotNil(t, r[0].OccurrenceID)
					require.Nil(t, r[0].VerifyAt)
				}
				v.to("11-22 02:41")
				v.ping(ping{kind: checkin.Log, rid: rid, body: `{"bytes": 1}`},
					ping{kind: checkin.Success, rid: rid, ct: "application/json", body: `{"bytes": 412000000, "files": 9, "sha256": "` + strings.Repeat("AB", 32) + `", "generation": "第1世代"}`})
				require.NotZero(t, v.takeIn())
				runs := v.runs(v.plan)
				require.Len(t, runs, 1)
				r := runs[0]
				require.Equal(t, rid, r.RID)
				require.Equal(t, jst("11-22 02:00"), *r.StartedAt)
				require.Equal(t, jst("11-22 02:41"), *r.FinishedAt)
				require.Equal(t, 41*time.Minute, r.Duration())
				require.Equal(t, "ok", r.Reported)
				require.Equal(t, calendar.MustDate(2026, 11, 21), r.Night)
				require.EqualValues(t, 412000000, *r.SaidBytes)
				require.EqualValues(t, 9, *r.SaidFiles)
				require.Equal(t, strings.Repeat("ab", 32), *r.SaidSHA256)
				require.Equal(t, "第1世代", r.SaidGeneration)
				require.Equal(t, "json", r.Tool)
				require.Equal(t, jst("11-22 02:41"), *r.VerifyAt)
				require.Nil(t, r.Outcome)
				require.Equal(t, []map[string]any{{"a": jst("11-22 02:41"), "s": jst("11-22 04:41"), "b": jst("11-22 02:00"), "f": jst("11-22 03:30")}},
					v.SQL(`SELECT arrived_at AT TIME ZONE 'UTC' AS a, settle_by AT TIME ZONE 'UTC' AS s, started_at AT TIME ZONE 'UTC' AS b,
						finish_by AT TIME ZONE 'UTC' AS f FROM occurrence WHERE id = $1`, *r.OccurrenceID))
				require.Zero(t, v.takeIn(), "each check-in is taken in once")
				require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM checkin WHERE taken_at IS NULL`))
			})
		}
	}
}

func TestAClientThatTriesAgainMakesNoSecondRun(t *testing.T) {
	t.Parallel()
	for name, rid := range map[string]*uuid.UUID{"with a run id": ptr(uuid.New()), "without": nil} {
		for _, kind := range []checkin.Kind{checkin.Success, checkin.Fail} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				v := newVault(t, nil)
				at := jst("11-22 02:00")
				say := func(kind checkin.Kind, after time.Duration) {
					v.Clock.Set(at.Add(after))
					v.ping(ping{kind: kind, rid: rid})
				}
				say(checkin.Start, 0)
				say(checkin.Start, 20*time.Second)
				v.takeIn()
				say(checkin.Start, 50*time.Second)
				v.takeIn()
				say(kind, 41*time.Minute)
				say(kind, 41*time.Minute+3*time.Second)
				v.takeIn()
				say(kind, 42*time.Minute)
				say(kind, 41*time.Minute-time.Second) // over another node whose clock is behind
				v.takeIn()
				runs := v.runs(v.plan)
				require.Len(t, runs, 1)
				require.Equal(t, at, *runs[0].StartedAt)
				require.Equal(t, at.Add(41*time.Minute), *runs[0].FinishedAt)
				say(kind, 50*time.Minute)
				v.takeIn()
				want := 2 // a second run of the night, done by hand
				if rid != nil {
					want = 1 // its own name says that it is the same
				}
				require.Len(t, v.runs(v.plan), want)
			})
		}
	}
}

func TestAFailureIsBadAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ping         ping
		code, ja     string
		params       tenants.Params
		status       *int
		withoutStart bool
	}{
		"fail":              {ping: ping{kind: checkin.Fail}, code: "backup.reported_fail", ja: "サーバが失敗を申告しました"},
		"exit status":       {ping: ping{kind: checkin.Fail, exit: ptr(3)}, code: "backup.reported_exit", ja: "サーバが失敗を申告しました（終了コード 3）", status: ptr(3)},
		"without its start": {ping: ping{kind: checkin.Fail}, code: "backup.reported_fail", ja: "サーバが失敗を申告しました", withoutStart: true},
		"a dry run": {ping: ping{kind: checkin.Success, body: `{"message_type":"summary","dry_run":true,"total_bytes_processed":10,"files_new":1}`},
			code: "backup.dry_run", ja: "resticは予行（dry run）として動いただけで、控えを作っていません"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, nil)
			v.to("11-22 02:00")
			if !c.withoutStart {
				v.ping(ping{kind: checkin.Start})
			}
			v.Clock.Advance(time.Minute)
			v.ping(c.ping)
			v.takeIn()
			runs := v.runs(v.plan)
			require.Len(t, runs, 1)
			r := runs[0]
			require.Equal(t, "fail", r.Reported)
			require.Equal(t, "bad", *r.Outcome)
			require.Equal(t, c.code, r.ReasonCode)
			require.Equal(t, c.ja, r.Reason().In("ja"))
			require.Equal(t, c.status, r.ExitStatus)
			require.Nil(t, r.VerifyAt, "there is nothing to examine")
			v.judge()
			verdict, reason := v.verdict("11-22 02:00")
			require.Equal(t, []string{"failed", c.code}, []string{verdict, reason})
			require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))
		})
	}
}

func TestASecondTryOfTheNightRecovers(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:10")
	v.ping(ping{kind: checkin.Fail, exit: ptr(1)})
	v.takeIn()
	v.judge()
	v.to("11-22 02:20")
	b := archive(t, 1, 1000)
	v.place("koseki-20261122.tar.gz", b, v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	require.True(t, v.verify()[0].Good)
	v.judge()
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "failed", verdict, "the first verdict stays")
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM occurrence WHERE recovered_at IS NOT NULL`))
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'resolved'`))
}

func TestEndBeforeItsStart(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	rid := uuid.New()
	v.to("11-22 02:41")
	v.ping(ping{kind: checkin.Success, rid: &rid, body: "duration=60", ct: "application/x-www-form-urlencoded"})
	v.takeIn()
	v.ping(ping{kind: checkin.Start, rid: &rid, at: jst("11-22 02:00")})
	v.takeIn()
	runs := v.runs(v.plan)
	require.Len(t, runs, 1)
	require.Nil(t, runs[0].StartedAt)
	require.Equal(t, time.Minute, runs[0].Duration(), "as the machine measured it")
}

func TestPlansDoNotMix(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	other := v.add(func(in *backup.PlanInput) { in.Name, in.Cron = "月次", "0 2 1 * *" })
	rid := uuid.New()
	v.to("11-22 02:00")
	v.ping(ping{kind: checkin.Start, rid: &rid}, ping{kind: checkin.Start, rid: &rid, plan: &other}, ping{kind: checkin.Start, plan: &other})
	v.to("11-22 02:30")
	v.ping(ping{kind: checkin.Success, rid: &rid, plan: &other}, ping{kind: checkin.Fail, rid: &rid})
	require.Equal(t, 5, v.takeIn())
	mine, theirs := v.runs(v.plan), v.runs(other)
	require.Len(t, mine, 1)
	require.Len(t, theirs, 2)
	require.Equal(t, []string{"fail", "ok", "running"}, []string{mine[0].Reported, theirs[0].Reported, theirs[1].Reported})
	require.Nil(t, theirs[0].OccurrenceID, "nothing was expected of it")
	require.Equal(t, calendar.MustDate(2026, 11, 21), theirs[0].Night)
}

func TestAnHourlyRunBelongsToTheHourItBeganFor(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) { in.Cron, in.WindowMinutes, in.GraceMinutes = "0 * * * *", 45, 5 })
	v.to("11-22 02:00")
	v.ping(ping{kind: checkin.Start})
	v.to("11-22 02:40")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	r := v.runs(v.plan)[0]
	require.Equal(t, jst("11-22 02:00"), tenantstest.Value[time.Time](v.Bench, `SELECT scheduled_at FROM occurrence WHERE id = $1`, *r.OccurrenceID).UTC())
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM occurrence WHERE arrived_at IS NOT NULL`))
}

// What comes every minute repeats nothing.
func TestAPlanOfEveryMinute(t *testing.T) {
	t.Parallel()
	for name, together := range map[string]bool{"in one batch": true, "one after the other": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, func(in *backup.PlanInput) { in.Cron, in.WindowMinutes, in.GraceMinutes = "* * * * *", 2, 0 })
			for range 5 {
				v.Clock.Advance(time.Minute)
				v.ping(ping{kind: checkin.Success}, ping{kind: checkin.Success, at: v.Clock.Now().Add(3 * time.Second)})
				if !together {
					v.takeIn()
				}
			}
			if together {
				v.takeIn()
			}
			require.Len(t, v.runs(v.plan), 5)
			require.EqualValues(t, 5, tenantstest.Value[int64](v.Bench, `SELECT count(DISTINCT occurrence_id) FROM run`))
		})
	}
}

// Several nodes take in at once: every check-in becomes part of exactly one run.
func TestTakingInFromSeveralNodes(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:00")
	const n = 120
	for range n {
		rid := uuid.New()
		v.ping(ping{kind: checkin.Start, rid: &rid}, ping{kind: checkin.Success, rid: &rid})
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			for took := 1; took > 0 && errs[i] == nil; {
				errs[i] = v.Try(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
					took, err = backup.TakeIn(ctx, tx, 7)
					return err
				})
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, n, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM run WHERE reported = 'ok' AND started_at IS NOT NULL`))
	require.EqualValues(t, n, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM run`))
}

// Whatever a machine sends, it must not hold up the others.
func TestNothingAMachineSendsStopsTheQueue(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:00")
	bodies := []string{
		"\x00\x00", "\xff\xfe\xfa", `{"generation": "a\u0000b", "tool": "\u0000"}`, `{"bytes": 9223372036854775807, "files": 99999999999999999999}`,
		`{"sha256": "zz"}`, `{"duration": 1e300}`, `{"duration": -5}`, `{"exit_status": 9999}`, `{"generation": "` + strings.Repeat("𠮷", 5000) + `"}`,
		"generation=%00&bytes=-1", strings.Repeat("[", 50000), `{"bytes": "\ud800"}`, `{"generation": "\ud800"}`,
	}
	for i, b := range bodies {
		rid := uuid.New()
		v.ping(ping{kind: checkin.Success, rid: &rid, body: b, ct: []string{"application/json", "application/x-www-form-urlencoded", ""}[i%3], exit: ptr(i)})
	}
	require.Equal(t, len(bodies), v.takeIn())
	require.Len(t, v.runs(v.plan), len(bodies))
}

func TestFiveHundredCheckinsAtOnce(t *testing.T) {
	v := newVault(t, nil)
	plans := []backup.Plan{v.plan}
	for i := range 249 {
		plans = append(plans, v.add(func(in *backup.PlanInput) { in.Name = "計画" + string(rune('あ'+i)) }))
	}
	v.SQL(`INSERT INTO run (tenant_id, plan_id, night, started_at, finished_at, reported, outcome, file_bytes, recorded_at)
		SELECT tenant_id, id, '2020-01-01'::date + n, '2020-01-01Z'::timestamptz + n * interval '1 day', '2020-01-01Z'::timestamptz + n * interval '1 day', 'ok', 'good', 1, '2020-01-01Z'
		FROM plan, generate_series(1, 200) n`)
	v.SQL(`ANALYZE`)
	v.to("11-22 02:00")
	for _, p := range plans {
		v.ping(ping{kind: checkin.Start, plan: &p})
	}
	v.Clock.Advance(40 * time.Minute)
	for _, p := range plans {
		v.ping(ping{kind: checkin.Success, plan: &p, body: `{"bytes": 1000}`})
	}
	began := time.Now()
	statements := v.QueryCount(func() { require.Equal(t, 500, v.takeIn()) })
	t.Logf("500 check-ins of 250 plans with 50,000 runs behind them: %s, %d statements", time.Since(began).Round(time.Millisecond), statements)
	require.EqualValues(t, 250, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM run WHERE verify_at IS NOT NULL`))
	require.Less(t, statements, 20, "however many there are")
}
