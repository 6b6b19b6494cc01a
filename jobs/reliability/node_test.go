package reliability_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for a state before it calls it missing: a busy machine is no defect.
const patience = 2 * time.Minute

// lease is how long the nodes' claims hold.
const lease = 2 * time.Second

// built is where the program lies once it has been built.
var built string

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("/var/tmp", "tanamori-reliability-bin-")
	if err != nil {
		return "", err
	}
	built = dir
	bin := filepath.Join(dir, "tanamori")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-tags", "failpoint", "-o", bin, "tanamori")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built) // what is left of it lies in a temporary directory
	}
	os.Exit(code)
}

func binary(t testing.TB) string {
	t.Helper()
	bin, err := build()
	require.NoError(t, err)
	return bin
}

// node is one process of the program.
type node struct {
	t       testing.TB
	address string
	pid     int
	ended   chan struct{} // closed when the process has ended
	state   *os.ProcessState
	said    *said
}

// said keeps the last of what a process wrote.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what it is given and forgets the oldest.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.b.Len() > 1<<20 {
		s.b.Next(s.b.Len() / 2)
	}
	return s.b.Write(p)
}

// String is what it said of late.
func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// spawn starts the program with these arguments and settings. It dies with the test.
func spawn(t testing.TB, env []string, args ...string) *node {
	t.Helper()
	n := &node{t: t, ended: make(chan struct{}), said: &said{}}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary(t), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TANAMORI_PG_BIN=" + os.Getenv("TANAMORI_PG_BIN")}, env...)
	cmd.Stdout, cmd.Stderr = n.said, n.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second // an embedded Postgres that outlives its program holds the pipe open
	started := make(chan error)
	go func() {
		// Pdeathsig follows the thread that forked.
		runtime.LockOSThread()
		err := cmd.Start()
		if err == nil {
			n.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // the state tells
			n.state = cmd.ProcessState
			close(n.ended)
		}
	}()
	require.NoError(t, <-started)
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("node %d said last:\n%s", n.pid, tail(n.said.String(), 40))
		}
	})
	return n
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// kill ends the process with SIGKILL and returns when it has ended.
func (n *node) kill() {
	n.signal(syscall.SIGKILL)
	<-n.ended
}

func (n *node) signal(s syscall.Signal) {
	select {
	case <-n.ended:
	default:
		_ = syscall.Kill(n.pid, s) // it may have ended this moment
	}
}

// dead tells whether the process has ended.
func (n *node) dead() bool {
	select {
	case <-n.ended:
		return true
	default:
		return false
	}
}

// killedItself tells, of a process that has ended, whether SIGKILL was the end of it.
func (n *node) killedItself() bool {
	status, ok := n.state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// stopped tells whether the process stands still.
func (n *node) stopped() bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(n.pid), "stat"))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return len(rest) > 0 && rest[0] == 'T'
}

// ready tells whether the process answers on its address.
func (n *node) ready() bool {
	status, _, _ := fetch(n.t.Context(), http.MethodGet, "http://"+n.address+"/healthz", "", 2*time.Second)
	return status == http.StatusOK
}

// awaitReady waits until the node answers.
func (n *node) awaitReady() {
	n.t.Helper()
	await(n.t, "the node answers", func() bool { return n.dead() || n.ready() })
	require.False(n.t, n.dead(), "the node ended by itself:\n%s", n.said)
}

// await waits for a state.
func await(t testing.TB, what string, there func() bool) {
	t.Helper()
	if !within(patience, there) {
		t.Fatalf("not within %v: %s", patience, what)
	}
}

// within tells whether a state comes in time.
func within(d time.Duration, there func() bool) bool {
	end := time.Now().Add(d)
	for !there() {
		if time.Now().After(end) {
			return false
		}
		time.Sleep(5 * time.Millisecond)
	}
	return true
}

var ports struct {
	sync.Mutex
	taken []int
}

// freeAddress is an address that stays ours over restarts: below the ports that the system gives away by itself.
func freeAddress(t testing.TB) string {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for range 1000 {
		port := 15000 + rand.IntN(15000)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil || slices.Contains(ports.taken, port) {
			continue
		}
		require.NoError(t, ln.Close())
		ports.taken = append(ports.taken, port)
		return address
	}
	t.Fatal("no port is free")
	return ""
}

var browser = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

// fetch asks once and gives status, header and body; status 0 where there was no answer.
func fetch(ctx context.Context, method, url, body string, patience time.Duration, header ...string) (int, http.Header, string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err.Error()
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := browser.Do(req)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err.Error() // an answer that broke off is none
	}
	return resp.StatusCode, resp.Header, string(b)
}
