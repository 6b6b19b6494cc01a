package database_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"tanamori/database"
	"tanamori/database/databasetest"
	"tanamori/database/embedded"
)

// migrate is the smallest set of migrations that the program could work with.
func migrate(ctx context.Context, owner string) error {
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, `
		SELECT pg_advisory_xact_lock(1);
		DO $$ BEGIN
			CREATE ROLE tanamori_app LOGIN NOINHERIT;
		EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		CREATE TABLE IF NOT EXISTS town (name text PRIMARY KEY, since timestamptz);
		GRANT SELECT, INSERT ON town TO tanamori_app`)
	return err
}

// openDir is a directory that the server's user can enter, in memory where there is some.
func openDir(t testing.TB) string {
	t.Helper()
	root := "/var/tmp"
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		root = "/dev/shm"
	}
	dir, err := os.MkdirTemp(root, "tanamori-database-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func open(t testing.TB, opts database.Options) *database.Handle {
	t.Helper()
	h, err := database.Open(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close(context.Background())) })
	return h
}

func TestTheEmbeddedDatabaseOpensAndStaysTheSame(t *testing.T) {
	t.Parallel()
	opts := database.Options{DataDir: filepath.Join(openDir(t), "data"), Migrate: migrate}
	h := open(t, opts)
	require.NotNil(t, h.Embedded)
	for setting, want := range map[string]string{
		"session_authorization": "tanamori_app", "TimeZone": "UTC", "application_name": "tanamori",
		"statement_timeout": "30s", "idle_in_transaction_session_timeout": "10s",
	} {
		var got string
		require.NoError(t, h.Pool.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got))
		require.Equal(t, want, got, setting)
	}
	_, err := h.SQL.ExecContext(t.Context(), `INSERT INTO town VALUES ('蘭越町', '2026-11-22 09:00+09')`)
	require.NoError(t, err)
	require.NoError(t, h.Close(t.Context()))
	require.NoError(t, h.Close(t.Context()), "again: no harm")
	require.Zero(t, h.Embedded.PID(), "the server goes with the handle")

	h = open(t, opts)
	var towns []struct {
		Name  string
		Since time.Time
	}
	require.NoError(t, h.Gorm.WithContext(t.Context()).Raw(`SELECT * FROM town`).Scan(&towns).Error)
	require.Len(t, towns, 1)
	require.Equal(t, "蘭越町", towns[0].Name)
	require.Equal(t, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), towns[0].Since, "in UTC wherever the machine stands")
	var since time.Time
	require.NoError(t, h.Pool.QueryRow(t.Context(), `SELECT since FROM town`).Scan(&since))
	require.Equal(t, towns[0].Since, since)
}

// Not parallel: other tests' goroutines would be taken for ours.
func TestNothingRunsOnAfterClose(t *testing.T) {
	before := goleak.IgnoreCurrent()
	h, err := database.Open(t.Context(), database.Options{DataDir: filepath.Join(openDir(t), "data"), Migrate: migrate})
	require.NoError(t, err)
	require.NoError(t, h.SQL.PingContext(t.Context()))
	require.NoError(t, h.Close(t.Context()))
	goleak.VerifyNone(t, before)
}

func TestThePoolOutlivesTheServer(t *testing.T) {
	t.Parallel()
	h := open(t, database.Options{DataDir: filepath.Join(openDir(t), "data"), Migrate: migrate, MaxConns: 4})
	ways := map[string]func(context.Context) error{
		"pgx": func(ctx context.Context) error { _, err := h.Pool.Exec(ctx, `SELECT 1`); return err },
		"sql": func(ctx context.Context) error { _, err := h.SQL.ExecContext(ctx, `SELECT 1`); return err },
		"gorm": func(ctx context.Context) error {
			return h.Gorm.WithContext(ctx).Exec(`SELECT 1`).Error
		},
	}
	all := func() error { // every connection of the pool is in use once
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = h.Pool.Exec(t.Context(), `SELECT pg_sleep(0.05)`) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	for range 2 {
		require.NoError(t, all())
		pid := h.Embedded.PID()
		server, err := os.FindProcess(pid)
		require.NoError(t, err)
		require.NoError(t, server.Kill())
		// The old sessions answer for a moment yet: wait for the new server, past the pool.
		require.Eventually(t, func() bool {
			now := h.Embedded.PID()
			return now != 0 && now != pid && migrate(t.Context(), h.OwnerConnString) == nil
		}, 10*time.Second, 5*time.Millisecond)
		require.NoError(t, all(), "no broken connection is handed out")
		for name, ask := range ways {
			require.NoError(t, ask(t.Context()), name)
		}
	}
}

func TestAFailedMigrationClosesEverything(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), "data")
	broken := errors.New("migration 3 is broken")
	_, err := database.Open(t.Context(), database.Options{DataDir: dir, Migrate: func(context.Context, string) error { return broken }})
	require.ErrorIs(t, err, broken)
	c, err := embedded.Start(t.Context(), embedded.Options{DataDir: dir})
	require.NoError(t, err)
	require.True(t, c.Owner(), "the failed opening has let go of the cluster")
	require.NoError(t, c.Stop(t.Context()))
}

func TestCloseDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	h := databasetest.Open(t, "database 1", migrate)
	conn, err := h.Pool.Acquire(t.Context())
	require.NoError(t, err)
	twin, err := database.Open(t.Context(), database.Options{URL: h.OwnerConnString})
	require.NoError(t, err)
	leaked, err := twin.Pool.Acquire(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = twin.Close(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "1 connections are still in use")
	leaked.Release()
	conn.Release()
}

func TestAStatementEndsAtItsTimeout(t *testing.T) {
	t.Parallel()
	owner := databasetest.Open(t, "database 1", migrate).OwnerConnString
	h := open(t, database.Options{URL: owner, StatementTimeout: 50 * time.Millisecond})
	_, err := h.Pool.Exec(t.Context(), `SELECT pg_sleep(10)`)
	require.ErrorContains(t, err, "57014")
}

func TestFailedStatementsAreLoggedWithoutValues(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	owner := databasetest.Open(t, "database 1", migrate).OwnerConnString
	h := open(t, database.Options{URL: owner, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	db := h.Gorm.WithContext(t.Context())

	var n int
	require.ErrorIs(t, db.Table("town").Where("name = ?", "見本 一郎").Take(&n).Error, gorm.ErrRecordNotFound)
	require.NoError(t, db.Exec(`INSERT INTO town VALUES (?)`, "見本 一郎").Error)
	require.ErrorIs(t, db.Exec(`INSERT INTO town VALUES (?)`, "見本 一郎").Error, gorm.ErrDuplicatedKey)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, h.Gorm.WithContext(canceled).Exec(`SELECT 1`).Error, context.Canceled)
	require.Empty(t, log.String(), "what callers handle is not news")

	require.Error(t, db.Exec(`INSERT INTO town VALUES (?, CAST(? AS text)::timestamptz)`, "見本 花子", "秘密").Error)
	require.Contains(t, log.String(), "INSERT INTO town VALUES ($1, CAST($2 AS text)::timestamptz)")
	require.Contains(t, log.String(), "sqlstate=22007")
	var rows []string
	require.Error(t, db.Raw(`SELECT name FROM town WHERE name = @name AND since = CAST(CAST(@since AS text) AS timestamptz)`,
		map[string]any{"name": "見本 花子", "since": "秘密"}).Scan(&rows).Error)
	require.NotContains(t, log.String(), "花子")
	require.NotContains(t, log.String(), "秘密")
}
