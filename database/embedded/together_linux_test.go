package embedded

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The cases of several processes, of deaths, and of what the dead leave behind.

func TestTheServerDiesWithAKilledProgram(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	p, r := run(t, opts, nil)
	require.Empty(t, r.Error)
	require.NoError(t, p.cmd.Process.Kill())
	eventually(t, "the server has followed its program", func() bool { return !running(r.PID) })
	require.NoFileExists(t, r.DataDir+"/postmaster.pid", "it ended in order")
	c := start(t, opts)
	require.True(t, c.Owner())
	require.NotEqual(t, r.PID, c.PID())
}

func TestAServerThatOutlivedItsProgramIsTakenOver(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	lasting := opts
	lasting.Shared = true // as if the kernel had not told the server of the program's end
	p, r := run(t, lasting, nil)
	require.Empty(t, r.Error)
	require.False(t, r.Owner)
	require.NoError(t, p.cmd.Process.Kill())
	_ = p.cmd.Wait()

	c := start(t, opts)
	require.Equal(t, r.PID, c.PID(), "the same server")
	require.True(t, c.Owner())
	_, err := ask(c, "SELECT 'attached'")
	require.NoError(t, err)
	stop(t, c)
	require.False(t, running(r.PID), "its new owner stops it")
}

func TestAnAdoptedServerIsWatchedToo(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	lasting := opts
	lasting.Shared = true
	_, r := run(t, lasting, nil)
	require.Empty(t, r.Error)
	c := start(t, opts)
	require.Equal(t, r.PID, c.PID())
	require.NoError(t, syscall.Kill(r.PID, syscall.SIGKILL))
	eventually(t, "another server answers", func() bool { return c.PID() != r.PID && c.PID() != 0 && c.answers(t.Context()) })
}

func TestTheSecondProgramAttachesAndInherits(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	first, r := run(t, opts, nil)
	require.True(t, r.Owner)
	c := start(t, opts)
	require.Equal(t, r.PID, c.PID())
	require.False(t, c.Owner())

	third := start(t, opts)
	require.False(t, third.Owner())
	stop(t, third)
	require.True(t, running(r.PID), "only the owner stops it")

	require.NoError(t, first.cmd.Process.Signal(syscall.SIGTERM))
	require.Empty(t, first.next(t).Error)
	require.NoError(t, first.cmd.Wait())
	eventually(t, "the second program runs it", func() bool { return c.Owner() && c.PID() != 0 && c.answers(t.Context()) })
	pid := c.PID()
	stop(t, c)
	require.False(t, running(pid))
}

func TestTwoProgramsStartAtOnce(t *testing.T) {
	t.Parallel()
	opts := quick(t, openDir(t)+"/data")
	results := make(chan *Cluster, 2)
	for range 2 {
		go func() {
			c, err := Start(t.Context(), opts)
			if err != nil {
				t.Error(err)
			}
			results <- c
		}()
	}
	a, b := <-results, <-results
	require.NotNil(t, a)
	require.NotNil(t, b)
	require.NotEqual(t, a.Owner(), b.Owner())
	require.Equal(t, a.PID(), b.PID())
	stop(t, a)
	stop(t, b)
}

func TestCtrlCLeavesTheServerToTheDrain(t *testing.T) {
	t.Parallel()
	p, r := run(t, quick(t, prepared(t)), &syscall.SysProcAttr{Setpgid: true})
	require.Empty(t, r.Error)
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT)) // as a terminal does
	drained := p.next(t)
	require.Empty(t, drained.Error, "the program could still ask")
	require.Equal(t, r.PID, drained.PID)
	require.NoError(t, p.cmd.Wait())
	require.False(t, running(r.PID))
}

func TestAKilledServerComesBack(t *testing.T) {
	t.Parallel()
	c := start(t, quick(t, prepared(t)))
	for range 2 {
		pid := c.PID()
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		began := time.Now()
		eventually(t, "another server answers", func() bool { return c.PID() != pid && c.PID() != 0 && c.answers(t.Context()) })
		t.Logf("back after %v", time.Since(began))
	}
	require.True(t, c.Owner())
}

// pidFile writes a postmaster.pid as a server with that id would have left it.
func pidFile(t testing.TB, c *Cluster, pid string) {
	t.Helper()
	text := pid + "\n" + c.DataDir + "\n1700000000\n5432\n" + c.SocketDir + "\n\n  0 0\nready   \n"
	require.NoError(t, os.WriteFile(c.DataDir+"/postmaster.pid", []byte(text), 0o600))
	require.NoError(t, os.Chown(c.DataDir+"/postmaster.pid", int(c.who.uid), int(c.who.gid)))
}

func TestAStaleLockIsCleared(t *testing.T) {
	t.Parallel()
	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	zombie := exec.Command("true")
	require.NoError(t, zombie.Start())
	eventually(t, "the child is a zombie", func() bool { return !running(zombie.Process.Pid) })
	t.Cleanup(func() { require.NoError(t, zombie.Wait()) })

	for name, tc := range map[string]struct {
		pid  string
		want kind
	}{
		"of a process that is gone":    {strconv.Itoa(gone.Process.Pid), dead},
		"of a process of another kind": {strconv.Itoa(os.Getpid()), stray},
		"of a zombie":                  {strconv.Itoa(zombie.Process.Pid), stray},
		"unreadable":                   {"", stray},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := quick(t, prepared(t))
			c, err := prepare(t.Context(), opts)
			require.NoError(t, err)
			pidFile(t, c, tc.pid)
			require.Equal(t, tc.want.String(), c.look().kind.String())
			started := start(t, opts)
			_, err = ask(started, "SELECT 'runs'")
			require.NoError(t, err)
		})
	}
}

// segment is the id of the server's shared memory, from line 7 of postmaster.pid.
func segment(t testing.TB, c *Cluster) string {
	t.Helper()
	text, err := os.ReadFile(c.DataDir + "/postmaster.pid")
	require.NoError(t, err)
	fields := strings.Fields(strings.Split(string(text), "\n")[6])
	require.Len(t, fields, 2)
	return fields[1]
}

// inUse reports whether the kernel holds a segment of shared memory.
func inUse(t testing.TB, id string) bool {
	t.Helper()
	text, err := os.ReadFile("/proc/sysvipc/shm")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == id {
			return true
		}
	}
	return false
}

// A container whose first process does not reap keeps a dead server as a zombie for ever.
func TestAZombieServerIsClearedWherePostgresWouldRefuse(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	c, err := prepare(t.Context(), opts)
	require.NoError(t, err)
	server := func() *exec.Cmd {
		cmd := exec.Command(c.BinDir+"/postgres", c.settings()...)
		cmd.Dir, cmd.Env = "/", c.environment()
		cmd.SysProcAttr = c.who.asUser(&syscall.SysProcAttr{Setpgid: true})
		return cmd
	}
	first := server()
	require.NoError(t, first.Start())
	t.Cleanup(func() { _ = first.Wait() }) // only now is it reaped
	eventually(t, "it answers", func() bool { return c.look().ready && c.answers(t.Context()) })
	memory := segment(t, c)
	require.True(t, inUse(t, memory))
	require.NoError(t, first.Process.Kill())
	eventually(t, "it is a zombie", func() bool { return !running(first.Process.Pid) })
	eventually(t, "its processes have followed", func() bool { return len(usersOf(c.DataDir, c.name())) == 0 })

	out, err := server().CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `lock file "postmaster.pid" already exists`)

	require.Equal(t, stray.String(), c.look().kind.String())
	started := start(t, opts)
	require.NotEqual(t, first.Process.Pid, started.PID())
	require.False(t, inUse(t, memory), "the dead server's memory is given back")
	_, err = ask(started, "SELECT 'runs'")
	require.NoError(t, err)
}

func TestALockIsNotClearedWhileTheSocketAnswers(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	c := start(t, opts)
	// As seen from another container: the files are here, the process id means somebody else.
	err := c.clearStray(state{kind: stray, pid: os.Getpid()})
	require.ErrorContains(t, err, "answers on")
	require.FileExists(t, c.DataDir+"/postmaster.pid")
}

// A server that ends in order while somebody looks was still in its file, and is a zombie or gone in the process list.
func TestALockThatWentByItselfIsCleared(t *testing.T) {
	t.Parallel()
	opts := quick(t, prepared(t))
	c := start(t, opts)
	pid := c.PID()
	stop(t, c)
	require.NoFileExists(t, c.DataDir+"/postmaster.pid")
	require.NoError(t, c.clearStray(state{kind: stray, pid: pid}))
	require.NoFileExists(t, c.DataDir+"/postmaster.pid")
}

func TestOrphansAreWaitedFor(t *testing.T) {
	t.Parallel()
	c := start(t, quick(t, prepared(t)))
	pids := usersOf(c.DataDir, c.name())
	require.Contains(t, pids, c.PID())
	require.Greater(t, len(pids), 3, "the background processes are seen too")
	stop(t, c)
	require.Empty(t, usersOf(c.DataDir, c.name()))
}
