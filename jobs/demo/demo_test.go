package demo_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/demo"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/tenantstest"
)

// The demonstration is loaded through the whole pipeline, and the verifier and the judge find exactly what was planted.
func TestTheSixMishapsAreFound(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	now := time.Date(2026, 11, 21, 7, 31, 0, 0, time.FixedZone("JST", 9*3600))
	dir := t.TempDir()
	loaded, err := demo.Load(t.Context(), demo.Options{Handle: b.Handle, Keys: tenantstest.Ring, Dir: dir, Nights: 6, Now: now,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), Out: t.Output(), BaseURL: "http://127.0.0.1:8080"})
	require.NoError(t, err)
	require.True(t, loaded)

	found := map[string]string{}
	for _, row := range b.SQL(`SELECT t.name || ' ' || d.subject AS what, o.verdict, o.reason_code FROM occurrence o
		JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id JOIN tenant t ON t.id = o.tenant_id
		WHERE o.night = '2026-11-20' AND o.verdict NOT IN ('met', 'late')`) {
		found[row["what"].(string)] = row["verdict"].(string) + " " + row["reason_code"].(string)
	}
	require.Equal(t, map[string]string{
		"むかわ町 戸籍正": "failed backup.cut_short",
		"佐呂間町 戸籍正": "missed duty.missed",
		"寿都町 戸籍正":  "failed rules.shrunk",
		"置戸町 戸籍正":  "failed rules.stale",
		"新得町 戸籍正":  "failed backup.sidecar_differs",
		"ニセコ町 戸籍正": "failed duty.unfinished",
	}, found)
	require.EqualValues(t, 13, tenantstest.Value[int64](b, `SELECT count(*) FROM person p JOIN observance_acceptance a ON a.tenant_id = p.tenant_id AND a.person_id = p.id`),
		"everybody whose sign-in is printed has accepted the rules, so that no page is kept from them")
	require.EqualValues(t, 14, tenantstest.Value[int64](b, `SELECT count(*) FROM person`), "but for the auditor of two towns, who stands on the list of those who have not")
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM proposal WHERE state = 'waiting'`), "a change waits for a second person")
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM operation_log WHERE act = 'access.refused'`))
	require.EqualValues(t, 2, tenantstest.Value[int64](b, `SELECT count(*) FROM office_holder`), "who holds the office, and who will from April on")
	require.EqualValues(t, 20-6, tenantstest.Value[int64](b, `SELECT count(*) FROM occurrence WHERE night = '2026-11-20' AND verdict = 'met'`))
	require.EqualValues(t, 6, tenantstest.Value[int64](b, `SELECT count(*) FROM incident WHERE state <> 'resolved'`))
	require.EqualValues(t, 6, tenantstest.Value[int64](b, `SELECT count(DISTINCT about_id) FROM notice WHERE state = 'sent' AND kind = 'opened'
		AND about_id IN (SELECT id FROM incident WHERE state <> 'resolved')`), "each town was told")

	again, err := demo.Load(t.Context(), demo.Options{Handle: b.Handle, Dir: t.TempDir(), Nights: 6, Now: now, Log: slog.New(slog.DiscardHandler), Out: t.Output()})
	require.NoError(t, err)
	require.False(t, again, "a database that is not empty is left alone")

	// One that was stopped half-way says so instead of showing half a story.
	require.NoError(t, os.Remove(filepath.Join(dir, "signins.txt")))
	_, err = demo.Load(t.Context(), demo.Options{Handle: b.Handle, Dir: dir, Nights: 6, Now: now, Log: slog.New(slog.DiscardHandler), Out: t.Output()})
	require.ErrorContains(t, err, "stopped while it was being loaded")

	b.Clock.Set(now)
	b.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
		cases, err := backup.ClaimToVerify(ctx, tx, 10, time.Minute)
		require.Empty(t, cases, "everything that arrived was examined")
		return err
	})
}
