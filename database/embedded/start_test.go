package embedded

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// quickDir is a data directory that the server's user can reach: root's t.TempDir is 0700.
func quickDir(t testing.TB) string {
	t.Helper()
	root := ""
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		root = "/dev/shm"
	}
	dir, err := os.MkdirTemp(root, "tanamori-embedded-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir + "/data"
}

func quick(t testing.TB, dir string) Options {
	t.Helper()
	return Options{DataDir: dir, FastUnsafe: true, MaxConnections: 20, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func start(t testing.TB, opts Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := Start(ctx, opts)
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t testing.TB, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Stop(ctx))
}

// ask runs one query and returns its text.
func ask(c *Cluster, query string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.ConnString("postgres", "postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	var text string
	err = conn.QueryRow(ctx, query).Scan(&text)
	return text, err
}

func TestStartMakesAClusterAndStopEndsIt(t *testing.T) {
	t.Parallel()
	opts := quick(t, quickDir(t))
	opts.FastUnsafe = false
	began := time.Now()
	c := start(t, opts)
	t.Logf("first start: %v", time.Since(began))
	require.True(t, c.Owner())
	require.Empty(t, c.Moved)

	for setting, want := range map[string]string{
		"listen_addresses": "", "data_checksums": "on", "server_encoding": "UTF8", "TimeZone": "UTC",
		"fsync": "on", "max_connections": "20", "unix_socket_permissions": "0700",
	} {
		got, err := ask(c, "SELECT current_setting('"+setting+"')")
		require.NoError(t, err)
		require.Equal(t, want, got, setting)
	}
	collate, err := ask(c, "SELECT datcollate FROM pg_database WHERE datname = current_database()")
	require.NoError(t, err)
	require.Equal(t, "C.UTF-8", collate)

	pid := c.PID()
	require.NotZero(t, pid)
	began = time.Now()
	stop(t, c)
	t.Logf("stop: %v", time.Since(began))
	require.False(t, running(pid))
	require.NoFileExists(t, c.DataDir+"/postmaster.pid")
	stop(t, c) // again: no harm

	began = time.Now()
	again := start(t, opts)
	t.Logf("second start: %v", time.Since(began))
	require.Equal(t, c.DataDir, again.DataDir)
}
