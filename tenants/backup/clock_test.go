package backup_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func (v *vault) why() string {
	v.t.Helper()
	code, params := "", tenants.Params{}
	require.NoError(v.t, v.Owner.QueryRow(v.t.Context(), `SELECT reason_code, reason_params FROM occurrence WHERE verdict IS NOT NULL
		ORDER BY scheduled_at DESC LIMIT 1`).Scan(&code, &params))
	return tenants.Reason{Code: code, Params: params}.In("ja")
}

// The store of a plan without reports is away when the night is judged: that says nothing of the backup.
func TestAStoreThatIsAwayAtTheJudgementIsNotAMissingCopy(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 02:41")
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), v.Clock.Now())
	v.to("11-22 03:29")
	aside := v.dir + ".aside"
	require.NoError(t, os.Rename(v.dir, aside))
	v.until("11-22 04:01")
	verdict, reason := v.verdict("11-22 02:00")
	require.Equal(t, []string{"unknown", "store.unreachable"}, []string{verdict, reason})
	require.NoError(t, os.Rename(aside, v.dir))
	v.until("11-22 04:10")
	require.True(t, tenantstest.Value[bool](v.Bench, `SELECT recovered_at IS NOT NULL FROM occurrence WHERE verdict = 'unknown'`))
	require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`))

	// Away for a while and back before the judgement: somebody has looked after all.
	v.to("11-23 03:29")
	require.NoError(t, os.Rename(v.dir, aside))
	v.until("11-23 03:40")
	require.NoError(t, os.Rename(aside, v.dir))
	v.until("11-23 04:01")
	verdict, _ = v.verdict("11-23 02:00")
	require.Equal(t, "missed", verdict)
}

// Nobody has got round to looking by the judgement: not known is not missing.
func TestAStoreThatNobodyHasLookedIntoIsNotAMissingCopy(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 03:30")
	v.look()
	v.judge()
	v.to("11-22 04:00")
	v.judge()
	require.Equal(t, "保管先をまだ調べ終わっていません", v.why())
}

// After three nights down, every night whose copy lies on the store is found.
func TestNightsThatCameWhileTanamoriWasDownAreFound(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.SQL(`INSERT INTO heartbeat (node, started_at, seen_at) VALUES (gen_random_uuid(), $1, $1)`, jst("11-21 20:00"))
	for _, night := range []string{"11-22", "11-24"} {
		v.place("koseki-2026"+night[:2]+night[3:]+".tar.gz", archive(t, uint64(night[4]), 20000), jst(night+" 02:41"))
	}
	v.to("11-24 09:00")
	v.judge()
	v.look()
	for more := true; more; {
		more = len(v.verify()) > 0
	}
	v.judge()
	for when, want := range map[string]string{"11-22 02:00": "met", "11-24 02:00": "met"} {
		verdict, _ := v.verdict(when)
		require.Equal(t, want, verdict, when)
	}
	v.to("11-24 09:06")
	v.judge()
	verdict, reason := v.verdict("11-23 02:00")
	require.Equal(t, []string{"unknown", "duty.outage"}, []string{verdict, reason})
}

// A file whose own time is wrong is never taken for tonight's, and the finding says what to look at.
func TestAFileOfAWrongTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   time.Time
		code string
		ja   string
	}{
		"to come":                {jst("11-22 12:00"), "backup.future_file", "koseki-20261122.tar.gzの時刻が未来（2026/11/22 12:00）です。保管先か機械の時計を確かめてください"},
		"of another century":     {jst("11-22 02:41").AddDate(73, 0, 0), "backup.future_file", "koseki-20261122.tar.gzの時刻が未来（2099/11/22 02:41）です。保管先か機械の時計を確かめてください"},
		"of the beginning":       {time.Unix(0, 0), "backup.no_time", "koseki-20261122.tar.gzの時刻が1970/1/1 09:00になっています。保管先か機械の時計を確かめてください"},
		"UTC taken for Japan's":  {jst("11-21 17:41"), "backup.zone_file", "koseki-20261122.tar.gzの時刻は2026/11/21 17:41です。時差9時間の取り違えなら今夜のものです。保管先の時刻の設定を確かめてください"},
		"Japan's taken for UTC":  {jst("11-22 11:41"), "backup.zone_file", "koseki-20261122.tar.gzの時刻は2026/11/22 11:41です。時差9時間の取り違えなら今夜のものです。保管先の時刻の設定を確かめてください"},
		"of the evening, simply": {jst("11-21 12:00"), "backup.old_file", "koseki-20261122.tar.gzは11/21 12:00のもので、今夜のものではありません"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, nil)
			v.to("11-22 02:41")
			v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), c.at)
			v.ping(ping{kind: checkin.Success})
			v.takeIn()
			for range 12 {
				v.verify()
				v.judge()
				v.Clock.Advance(time.Minute)
			}
			verdict, reason := v.verdict("11-22 02:00")
			require.Equal(t, []string{"failed", c.code}, []string{verdict, reason})
			require.Equal(t, c.ja, v.why())
		})
	}
}

// A few minutes between the store's clock and ours are nothing, and of two files the one with a time that can be counts.
func TestAStoreWhoseClockIsALittleAhead(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) { in.Pattern = "koseki-*.tar.gz" })
	v.to("11-22 02:41")
	v.place("koseki-1.tar.gz", archive(t, 1, 20000), v.Clock.Now().Add(9*time.Minute))
	v.place("koseki-2.tar.gz", archive(t, 2, 20000), v.Clock.Now().AddDate(1, 0, 0))
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	v.verify()
	v.judge()
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "met", verdict)
	require.Equal(t, "koseki-1.tar.gz", v.runs(v.plan)[0].FileName)
}

// A file that nobody reported and whose time cannot be: nobody can say that it is missing.
func TestASilentFileOfAWrongTimeIsUnknown(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), jst("11-25 02:41"))
	v.to("11-22 03:29")
	v.until("11-22 04:01")
	verdict, reason := v.verdict("11-22 02:00")
	require.Equal(t, []string{"unknown", "backup.future_file"}, []string{verdict, reason})
}

// The clock was ahead when a store was looked into and found empty; put right, it is looked into when the time comes.
func TestALookThatCameTooSoonIsRepeated(t *testing.T) {
	t.Parallel()
	v := newVault(t, silent)
	v.look()
	v.to("11-22 03:29")
	v.until("11-22 04:01")
	verdict, _ := v.verdict("11-22 02:00")
	require.Equal(t, "missed", verdict)
	require.Nil(t, v.runs(v.plan)[0].VerifyAt)
	v.to("11-21 21:00")
	rewind := func() {
		v.Do(v.job, func(ctx context.Context, tx *tenants.Tx) error { return backup.Rewind(ctx, tx, 2*time.Minute) })
	}
	rewind()
	rewind()
	require.Equal(t, jst("11-22 03:30"), v.runs(v.plan)[0].VerifyAt.UTC())
	v.look()
	require.Equal(t, jst("11-22 03:30"), tenantstest.Value[time.Time](v.Bench, `SELECT look_at FROM plan`).UTC())
	v.place("koseki-20261122.tar.gz", archive(t, 1, 20000), jst("11-22 02:41"))
	v.to("11-22 03:30")
	require.True(t, v.verify()[0].Good)
	require.True(t, tenantstest.Value[bool](v.Bench, `SELECT recovered_at IS NOT NULL FROM occurrence WHERE verdict = 'missed'`))
}
