package embedded

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

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
	t.Cleanup(func() { _ = c.Stop(context.Background()) }) // where the test has not
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
	opts := quick(t, filepath.Join(openDir(t), "new", "data"))
	opts.FastUnsafe = false
	c := start(t, opts)
	require.True(t, c.Owner())
	require.Empty(t, c.Moved)
	require.Equal(t, filepath.Join(opts.DataDir, "pg"+strconv.Itoa(c.Major)), c.DataDir)
	require.Equal(t, opts.DataDir, c.SocketDir)

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
	fi, err := os.Stat(opts.DataDir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), fi.Mode().Perm(), "trust reigns on the socket")

	pid := c.PID()
	require.NotZero(t, pid)
	stop(t, c)
	require.False(t, running(pid))
	require.NoFileExists(t, c.DataDir+"/postmaster.pid")
	require.False(t, c.Owner())
	stop(t, c) // again: no harm

	again := start(t, opts)
	require.Equal(t, c.DataDir, again.DataDir)
}

func TestRootsServerRunsAsSomebodyElse(t *testing.T) {
	t.Parallel()
	needRoot(t)
	c := start(t, quick(t, prepared(t)))
	who, err := serverUser()
	require.NoError(t, err)
	require.Equal(t, int(who.uid), uidOf(t, c.PID()))
}

func TestAnOrdinaryUsersServerRunsAsThatUser(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := openDir(t)
	const nobody = 65534
	require.NoError(t, os.Chown(dir, nobody, nobody))
	p, r := run(t, Options{DataDir: dir + "/data", FastUnsafe: true},
		&syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}})
	require.Empty(t, r.Error)
	require.Equal(t, nobody, r.UID)
	require.True(t, r.Owner)
	require.Equal(t, nobody, uidOf(t, r.PID))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Empty(t, p.next(t).Error)
	require.NoError(t, p.cmd.Wait())
	require.False(t, running(r.PID))

	_, r = run(t, Options{DataDir: dir + "/data"}, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 4711, Gid: 4711}})
	require.Contains(t, r.Error, "belongs to user 65534: start as that user or as root")

	// Root comes next: the cluster goes on with its owner.
	c := start(t, quick(t, dir+"/data"))
	require.Equal(t, nobody, uidOf(t, c.PID()))
}

func TestAHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	opts := quick(t, filepath.Join(openDir(t), "data"))
	c, err := prepare(t.Context(), opts)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(c.DataDir+".new/base", 0o700))
	require.NoError(t, os.WriteFile(c.DataDir+".new/PG_VERSION", []byte("15"), 0o600))
	started := start(t, opts)
	_, err = ask(started, "SELECT 'whole'")
	require.NoError(t, err)
	require.NoDirExists(t, c.DataDir+".new")
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	c, err := prepare(t.Context(), opts)
	require.NoError(t, err)
	conf, err := os.OpenFile(c.DataDir+"/postgresql.conf", os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = conf.WriteString("\nshared_buffers = 'plenty'\n")
	require.NoError(t, err)
	require.NoError(t, conf.Close())

	for _, shared := range []bool{false, true} { // the messages go two different ways
		opts.Shared = shared
		_, err = Start(t.Context(), opts)
		require.ErrorContains(t, err, "shared_buffers")
	}
	lock, err := tryLock(c.lockPath())
	require.NoError(t, err)
	require.NotNil(t, lock, "a failed start lets go of the cluster")
	lock.release()
}

func TestACancelledStartLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	ctx, cancel := context.WithCancel(t.Context())
	c, err := prepare(ctx, opts)
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, c.begin(ctx), context.Canceled)
	require.Zero(t, c.PID())
	require.Empty(t, usersOf(c.DataDir, c.name()))
	start(t, opts)
}

func TestStopWithoutTimeIsHardButLosesNothing(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	c := start(t, opts)
	_, err := ask(c, "CREATE TABLE kept AS SELECT 'kept' AS word")
	require.ErrorIs(t, err, pgx.ErrNoRows)
	pid := c.PID()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Stop(ctx), context.Canceled)
	require.False(t, running(pid))
	word, err := ask(start(t, opts), "SELECT word FROM kept")
	require.NoError(t, err)
	require.Equal(t, "kept", word)
}

func TestConnStringQuotes(t *testing.T) {
	t.Parallel()
	c := &Cluster{SocketDir: `/data of/見本's`}
	cfg, err := pgx.ParseConfig(c.ConnString(`o'\wner`, "棚 守"))
	require.NoError(t, err)
	require.Equal(t, c.SocketDir, cfg.Host)
	require.Equal(t, `o'\wner`, cfg.User)
	require.Equal(t, "棚 守", cfg.Database)
}
