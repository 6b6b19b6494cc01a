package backup_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

func TestGoodNightsAreMet(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	for i, day := range []string{"11-22", "11-23", "11-24"} {
		f := v.night(day, uint64(i), 20000+100*i)
		require.True(t, f.Good, "%v", f)
		require.Equal(t, backup.V5, f.Level)
		verdict, reason := v.verdict(day + " 02:00")
		require.Equal(t, []string{"met", "backup.good"}, []string{verdict, reason})
	}
	runs := v.runs(v.plan)
	require.Len(t, runs, 3)
	r := runs[2]
	require.Equal(t, "koseki-20261124.tar.gz", r.FileName)
	require.Equal(t, "good", *r.Outcome)
	require.Equal(t, 5, *r.Level)
	require.Equal(t, "tar.gz", r.Format)
	require.EqualValues(t, 1, *r.Entries)
	require.Equal(t, jst("11-24 02:41"), *r.FileAt)
	require.Equal(t, jst("11-24 02:41"), *r.VerifiedAt)
	require.Nil(t, r.VerifyAt)
	require.Nil(t, r.Claim)
	var levels map[int64][]backup.Level
	v.Do(v.staff, func(ctx context.Context, tx *tenants.Tx) (err error) {
		levels, err = backup.Levels(ctx, tx, v.town, runs[0].ID, r.ID)
		return err
	})
	require.Len(t, levels, 2)
	require.Len(t, levels[r.ID], 6)
	require.Equal(t, "backup.sidecar_matches", levels[r.ID][3].ReasonCode)
	require.Equal(t, 1, levels[r.ID][5].Examination)
	require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident`))
}

// What is planted must be found, by the night's morning, and say what it is.
func TestEveryPlantedMishapIsFound(t *testing.T) {
	t.Parallel()
	const name = "koseki-20261125.tar.gz"
	good := func(t *testing.T) []byte { return archive(t, 9, 20000) }
	for title, c := range map[string]struct {
		plan    func(*backup.PlanInput)
		play    func(t *testing.T, v *vault)
		verdict string
		reason  string
		level   int
	}{
		"truncated": {play: func(t *testing.T, v *vault) {
			b := good(t)
			v.place(name, b[:len(b)*6/10], v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "verify.truncated_at", level: 4},
		"missing, and nothing said": {play: func(*testing.T, *vault) {}, verdict: "missed", reason: "duty.missed", level: -2},
		"missing, though reported done": {play: func(_ *testing.T, v *vault) { v.ping(ping{kind: checkin.Success}) },
			verdict: "failed", reason: "store.not_found", level: 0},
		"shrunk to 40 %": {play: func(t *testing.T, v *vault) {
			v.place(name, archive(t, 9, 8000), v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "rules.shrunk", level: 1},
		"last night's under a new name": {play: func(_ *testing.T, v *vault) {
			b, err := os.ReadFile(filepath.Join(v.dir, "koseki-20261124.tar.gz"))
			require.NoError(v.t, err)
			v.place(name, b, v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "rules.stale", level: 1},
		"a hash that differs from its manifest": {play: func(t *testing.T, v *vault) {
			v.place(name, good(t), v.Clock.Now())
			v.place(name+".sha256", []byte(sumOf(archive(t, 10, 20000))+"  "+name+"\n"), v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "backup.sidecar_differs", level: 2},
		"a hash that differs from its report": {play: func(t *testing.T, v *vault) {
			v.place(name, good(t), v.Clock.Now())
			v.ping(ping{kind: checkin.Success, ct: "application/json", body: fmt.Sprintf(`{"sha256": %q}`, sumOf(archive(t, 10, 20000)))})
		}, verdict: "failed", reason: "backup.said_differs", level: 2},
		"too old a file": {play: func(t *testing.T, v *vault) {
			v.place(name, good(t), jst("11-24 23:59"))
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "backup.old_file", level: 0},
		"zero bytes": {play: func(_ *testing.T, v *vault) {
			v.place(name, nil, v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "verify.zero", level: 1},
		"started and never finished": {play: func(_ *testing.T, v *vault) { v.ping(ping{kind: checkin.Start}) },
			verdict: "failed", reason: "duty.unfinished", level: -2},
		"encrypted": {play: func(_ *testing.T, v *vault) {
			v.place(name, append([]byte("age-encryption.org/v1\n-> X25519 "), make([]byte, 20000)...), v.Clock.Now())
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "backup.below_required", level: 4},
		"encrypted, where reading it is all that is asked": {plan: func(in *backup.PlanInput) { in.RequiredLevel = backup.V4 },
			play: func(_ *testing.T, v *vault) {
				v.place(name, append([]byte("age-encryption.org/v1\n-> X25519 "), make([]byte, 20000)...), v.Clock.Now())
				v.ping(ping{kind: checkin.Success})
			}, verdict: "met", reason: "backup.good", level: 4},
		"a link out of the store": {play: func(t *testing.T, v *vault) {
			secret := filepath.Join(t.TempDir(), "secret.tar.gz")
			require.NoError(t, os.WriteFile(secret, good(t), 0o600))
			require.NoError(t, os.Symlink(secret, filepath.Join(v.dir, name)))
			v.ping(ping{kind: checkin.Success})
		}, verdict: "failed", reason: "store.outside", level: 0},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, c.plan)
			for i, day := range []string{"11-22", "11-23", "11-24"} {
				require.True(t, v.night(day, uint64(i), 20000+100*i).Good)
			}
			v.to("11-25 02:41")
			c.play(t, v)
			for range 200 { // minute by minute until the morning, as the jobs do
				v.takeIn()
				v.verify()
				v.judge()
				v.Clock.Advance(time.Minute)
			}
			verdict, reason := v.verdict("11-25 02:00")
			require.Equal(t, []string{c.verdict, c.reason}, []string{verdict, reason})
			open := int64(1)
			if c.verdict == "met" {
				open = 0
			}
			require.Equal(t, open, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))
			if runs := v.runs(v.plan); c.level != -2 {
				require.Len(t, runs, 4)
				require.Equal(t, c.level, *runs[3].Level)
				require.Equal(t, c.reason, runs[3].ReasonCode)
			}
			// The next good night ends it.
			require.True(t, v.night("11-26", 26, 20000).Good)
			require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`))
		})
	}
}

// A second run by hand in the same night finds the same file: that is not yesterday's sent once more.
func TestTwoRunsOfOneNight(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.night("11-22", 1, 20000)
	v.to("11-22 02:50")
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	found := v.verify()
	require.Len(t, found, 1)
	require.True(t, found[0].Good, "%v", found[0].Reason)
	require.Zero(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM incident`))
	require.True(t, v.night("11-23", 2, 20000).Good)
}

// A name that every night uses is replaced: what an earlier run is examined by must not be a later night's copy.
func TestOneNameForEveryNight(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) { in.Pattern = "koseki*.tar.gz" })
	play := func(day string, seed uint64) {
		v.to(day + " 02:41")
		v.place("koseki.tar.gz", archive(t, seed, 20000), v.Clock.Now())
		v.ping(ping{kind: checkin.Success})
		v.takeIn()
		require.True(t, v.verify()[0].Good)
		v.judge()
	}
	play("11-22", 1)
	play("11-23", 2)
	again := func(n int) backup.Finding {
		v.Do(v.operator, func(ctx context.Context, tx *tenants.Tx) error {
			return backup.VerifyAgain(ctx, tx, v.town, v.runs(v.plan)[n].ID)
		})
		found := v.verify()
		require.Len(t, found, 1)
		return found[0]
	}
	require.True(t, again(1).Good)
	f := again(0)
	require.Equal(t, "backup.newer_file", f.Reason.Code)
	require.False(t, f.Passing, "it will not come back")
	v.place("koseki-old.tar.gz", archive(t, 1, 20000), jst("11-22 02:40"))
	require.Equal(t, "koseki-old.tar.gz", again(0).File.Name, "the newest of its own night")
}

func TestAFileIsLookedForByItsOwnTime(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) {
		in.Pattern = "{YYYY}/koseki-{night:YYYY-MM-DD}*.tar.gz"
		in.Cron = "0 1 * * *"
	})
	v.to("11-22 01:30")
	v.place("2026/koseki-2026-11-21-a.tar.gz", archive(t, 1, 100), jst("11-22 01:10"))
	v.place("2026/koseki-2026-11-21-b.tar.gz", archive(t, 2, 100), jst("11-22 01:20"))
	v.place("2026/koseki-2026-11-22.tar.gz", archive(t, 3, 100), jst("11-22 01:25"))
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	require.Equal(t, "2026/koseki-2026-11-21-b.tar.gz", v.verify()[0].File.Name)
}
