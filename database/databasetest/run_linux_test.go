package databasetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A run of a test's own, in a directory of its own, so that it can be killed without harm to the
// run that this process is part of.

// processEnv makes the test binary one process of such a run: it clones a database and stays until
// it is killed or its standard input ends. Its value is the run's directory.
const processEnv = "TANAMORI_TEST_PROCESS"

// grace is short, so that the tests of the run's end do not take long.
const grace = time.Second

func TestMain(m *testing.M) {
	if dir := os.Getenv(processEnv); dir != "" {
		if err := process(context.Background(), runDir(dir)); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if err := os.Setenv(graceEnv, grace.String()); err != nil {
		panic(err)
	}
	NoLeaks(m)
}

func process(ctx context.Context, dir runDir) error {
	run, err := join(ctx, dir)
	if err != nil {
		return err
	}
	template, err := run.template(ctx, "process", createTown)
	if err != nil {
		return err
	}
	name := run.cloneName()
	if err := run.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy"); err != nil {
		return err
	}
	fmt.Println(name, run.cluster.PID())
	_, _ = os.Stdin.Read(make([]byte, 1)) // until whoever started us lets go
	return nil
}

func createTown(ctx context.Context, owner string) error {
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, `CREATE ROLE tanamori_app LOGIN NOINHERIT; CREATE TABLE town (name text)`)
	return err
}

func ownRun(t testing.TB) runDir {
	t.Helper()
	base := os.TempDir()
	if free, err := freeBytes("/dev/shm"); err == nil && free >= roomWanted {
		base = "/dev/shm"
	}
	parent, err := os.MkdirTemp(base, "tanamori-run-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(parent, 0o711))
	dir, err := makeRunDir(filepath.Join(parent, "run"))
	require.NoError(t, err)
	t.Cleanup(func() {
		// The run's reaper goes by itself once the processes have; then nothing writes here any more.
		require.Eventually(t, func() bool { return free(t, dir, reaperLock) }, grace+10*time.Second, 50*time.Millisecond)
		require.NoError(t, os.RemoveAll(parent))
	})
	return dir
}

func free(t testing.TB, dir runDir, name string) bool {
	t.Helper()
	lock, err := dir.lock(t.Context(), name, exclusiveNow)
	if errors.Is(err, errBusy) {
		return false
	}
	require.NoError(t, err)
	lock.release()
	return true
}

type member struct {
	cmd   *exec.Cmd
	out   io.Reader
	leave func() error
	clone string
	pid   int // of the server it sees
}

// enter starts a process of the run.
func enter(t testing.TB, dir runDir) *member {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), processEnv+"="+string(dir))
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // most have ended by now
		_ = cmd.Wait()
	})
	return &member{cmd: cmd, out: out, leave: in.Close}
}

// settle waits until the process has its database.
func (m *member) settle(t testing.TB) {
	t.Helper()
	_, err := fmt.Fscan(m.out, &m.clone, &m.pid)
	require.NoError(t, err, m.clone)
}

// databases lists the clones and templates.
func databases(t testing.TB, run *testRun) string {
	t.Helper()
	var names []string
	require.NoError(t, run.owner(t.Context(), func(conn *pgx.Conn) error {
		rows, err := conn.Query(t.Context(), `SELECT datname FROM pg_database WHERE datname !~ '^(postgres|template[01])$' ORDER BY oid`)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	return strings.Join(names, " ")
}

func TestTheClusterServesEveryProcessAndEndsWithTheLast(t *testing.T) {
	t.Parallel()
	dir := ownRun(t)
	members := make([]*member, 4)
	for i := range members { // all at once, as go test ./... does: one builds, the others wait
		members[i] = enter(t, dir)
	}
	clones := map[string]bool{}
	for _, m := range members {
		m.settle(t)
		clones[m.clone] = true
		require.Equal(t, members[0].pid, m.pid, "one server for all")
	}
	require.Len(t, clones, len(members))
	first, killed, orderly := members[0], members[:2], members[2:]
	for _, m := range killed {
		require.NoError(t, m.cmd.Process.Kill())
	}
	require.NoError(t, orderly[1].leave())
	// Longer than the reaper waits: one process is enough to keep the server.
	require.Never(t, func() bool { return !alive(first.pid) }, grace+time.Second, 100*time.Millisecond)
	require.NoError(t, orderly[0].leave())
	require.Eventually(t, func() bool { return !alive(first.pid) }, grace+10*time.Second, 20*time.Millisecond)

	// The next run finds the template, and sweeps what the killed ones left.
	next := enter(t, dir)
	next.settle(t)
	run, err := join(t.Context(), dir)
	require.NoError(t, err)
	defer run.use.release()
	names := strings.Fields(databases(t, run))
	require.Len(t, names, 2)
	require.Contains(t, names[0], templatePrefix)
	require.Equal(t, next.clone, names[1])
	require.NoError(t, next.leave())
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestATemplateIsBuiltOnceForEachHashAndNeverByHalves(t *testing.T) {
	t.Parallel()
	dir := ownRun(t)
	run, err := join(t.Context(), dir)
	require.NoError(t, err)
	defer run.use.release()

	broken := errors.New("migration 3 is broken")
	_, err = run.template(t.Context(), "a", func(ctx context.Context, owner string) error {
		return errors.Join(createTown(ctx, owner), broken)
	})
	require.ErrorIs(t, err, broken)
	require.NotContains(t, databases(t, run), templatePrefix)

	var built atomic.Int32
	migrate := func(ctx context.Context, owner string) error {
		built.Add(1)
		conn, err := pgx.Connect(ctx, owner)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, `CREATE TABLE town (name text)`)
		return errors.Join(err, conn.Close(ctx))
	}
	a, err := run.template(t.Context(), "a", migrate)
	require.NoError(t, err)
	again, err := run.template(t.Context(), "a", migrate)
	require.NoError(t, err)
	b, err := run.template(t.Context(), "b", migrate)
	require.NoError(t, err)
	require.Equal(t, a, again)
	require.NotEqual(t, a, b)
	other, err := join(t.Context(), dir) // as another process would
	require.NoError(t, err)
	defer other.use.release()
	again, err = other.template(t.Context(), "a", migrate)
	require.NoError(t, err)
	require.Equal(t, a, again)
	require.EqualValues(t, 2, built.Load())

	for _, hash := range []string{"c", "d"} {
		_, err = run.template(t.Context(), hash, migrate)
		require.NoError(t, err)
	}
	require.NoError(t, run.sweep(t.Context()))
	names := databases(t, run)
	require.NotContains(t, names, a, "the oldest has gone")
	require.Contains(t, names, b)
	require.NotContains(t, names, building)
}

func TestAKilledServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	run, err := join(t.Context(), ownRun(t))
	require.NoError(t, err)
	defer run.use.release()
	_, err = run.template(t.Context(), "a", createTown)
	require.NoError(t, err)
	pid := run.cluster.PID()
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return run.cluster.PID() == 0 }, 5*time.Second, time.Millisecond)
	require.NoError(t, run.revive(t.Context()))
	require.Contains(t, databases(t, run), templatePrefix)
}

func TestARunDirectoryOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Symlink(t.TempDir(), path))
	_, err := makeRunDir(path)
	require.ErrorContains(t, err, "belongs to somebody else")
	if os.Geteuid() == 0 {
		path = filepath.Join(t.TempDir(), "run")
		require.NoError(t, os.Mkdir(path, 0o777))
		require.NoError(t, os.Chown(path, 4711, 4711))
		_, err = makeRunDir(path)
		require.ErrorContains(t, err, "belongs to somebody else")
	}
}
