package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// programEnv makes the test binary a program that uses a cluster. Its value is the Options.
const programEnv = "TANAMORI_EMBEDDED_PROGRAM"

func TestMain(m *testing.M) {
	if opts := os.Getenv(programEnv); opts != "" {
		os.Exit(program(opts))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if template.dir != "" {
			_ = os.RemoveAll(filepath.Dir(template.dir))
		}
		os.Exit(code)
	}))
}

// report is what the program says, a line each, when it has started and when it has drained.
type report struct {
	SocketDir, DataDir, Moved, Error string
	PID, UID                         int
	Owner                            bool
}

// program starts a cluster, waits for an interrupt, drains (it still needs the database) and stops.
func program(text string) int {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM)
	say := json.NewEncoder(os.Stdout)
	var opts Options
	if err := json.Unmarshal([]byte(text), &opts); err != nil {
		panic(err)
	}
	opts.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := Start(context.Background(), opts)
	if err != nil {
		_ = say.Encode(report{Error: err.Error()})
		return 1
	}
	_ = say.Encode(report{c.SocketDir, c.DataDir, c.Moved, "", c.PID(), os.Geteuid(), c.Owner()})
	<-interrupted
	time.Sleep(300 * time.Millisecond) // time enough for the server to fall to the same interrupt
	drained := report{PID: c.PID(), Owner: c.Owner()}
	if _, err := ask(c, "SELECT 'drained'"); err != nil {
		drained.Error = err.Error()
	}
	_ = say.Encode(drained)
	if err := c.Stop(context.Background()); err != nil {
		return 1
	}
	return 0
}

// child is a program that runs.
type child struct {
	cmd   *exec.Cmd
	lines *bufio.Reader
}

func run(t testing.TB, opts Options, attr *syscall.SysProcAttr) (*child, report) {
	t.Helper()
	opts.Logger = nil
	text, err := json.Marshal(opts)
	require.NoError(t, err)
	cmd := exec.Command(sharedBinary(t))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), programEnv+"="+string(text))
	cmd.SysProcAttr = attr
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &child{cmd: cmd, lines: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // most have ended by now
		_ = cmd.Wait()
	})
	return p, p.next(t)
}

func (p *child) next(t testing.TB) report {
	t.Helper()
	var r report
	line, err := p.lines.ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &r))
	return r
}

// sharedBinary is a copy of the test binary where every user can run it: go test puts it below a
// private directory.
func sharedBinary(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir, err := os.MkdirTemp("/var/tmp", "tanamori-program-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	// Not by ourselves: a child forked meanwhile would hold the file open, and it would be "busy".
	out, err := exec.Command("cp", self, dir+"/program").CombinedOutput()
	require.NoError(t, err, string(out))
	return dir + "/program"
}

// openDir is a directory that every user can enter: t.TempDir is private, and root's server runs
// as somebody else.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "tanamori-embedded-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func memory() string {
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		return "/dev/shm"
	}
	return "/var/tmp"
}

var template struct {
	once sync.Once
	dir  string
	err  error
}

// prepared is a data directory with a cluster in it, copied from one that was made once.
func prepared(t testing.TB) string {
	t.Helper()
	template.once.Do(func() {
		dir, err := os.MkdirTemp(memory(), "tanamori-embedded-template-")
		if err != nil {
			template.err = err
			return
		}
		if template.err = os.Chmod(dir, 0o755); template.err != nil {
			return
		}
		template.dir = filepath.Join(dir, "data")
		c, err := Start(context.Background(), Options{DataDir: template.dir, FastUnsafe: true})
		if err == nil {
			err = c.Stop(context.Background())
		}
		template.err = err
	})
	require.NoError(t, template.err)
	dir := filepath.Join(openDir(t), "data")
	out, err := exec.Command("cp", "-a", template.dir, dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

func needRoot(t testing.TB) {
	t.Helper()
	if !isRoot() {
		t.Skip("only root can become another user")
	}
}

// eventually waits up to ten seconds for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	require.Fail(t, "waited in vain until "+what)
}

// uidOf is the user a process runs as.
func uidOf(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\nUid:")
	require.True(t, found)
	var uid int
	_, err = fmt.Sscan(rest, &uid)
	require.NoError(t, err)
	return uid
}
