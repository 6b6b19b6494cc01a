package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	socketName   = ".s.PGSQL.5432"
	pollEvery    = 5 * time.Millisecond
	adoptedEvery = 20 * time.Millisecond
	hardStop     = 10 * time.Second // what an immediate stop may take before the server is killed
	patience     = time.Minute      // an orderly stop without a deadline of the caller
)

// postmaster is a running server: our child, or one that we adopted.
type postmaster struct {
	pid    int
	signal func(os.Signal) error
	done   chan struct{} // closed when it has ended
	forget chan struct{} // closed when nobody wants to know any more
	tail   *tail         // its last messages; nil when adopted
}

func newPostmaster(pid int, signal func(os.Signal) error) *postmaster {
	return &postmaster{pid: pid, signal: signal, done: make(chan struct{}), forget: make(chan struct{})}
}

// halt ends the server: fast (sessions are ended, a checkpoint is written), hard when ctx ends
// before that is done.
func (pm *postmaster) halt(ctx context.Context) error {
	defer close(pm.forget)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := pm.signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal the server: %w", err)
	}
	select {
	case <-pm.done:
		return nil
	case <-ctx.Done():
	}
	for _, sig := range []os.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		if err := pm.signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("signal the server: %w", err)
		}
		select {
		case <-pm.done:
			return fmt.Errorf("the server had to be stopped hard (%v): %w", sig, ctx.Err())
		case <-time.After(hardStop):
		}
	}
	return fmt.Errorf("the server %d does not end", pm.pid)
}

// launch makes the cluster if there is none, starts the server and waits until it answers.
func (c *Cluster) launch(ctx context.Context) (*postmaster, error) {
	if !exists(filepath.Join(c.DataDir, "PG_VERSION")) {
		if err := c.initialise(ctx); err != nil {
			return nil, err
		}
	}
	pm, err := c.spawn()
	if err != nil {
		return nil, err
	}
	for {
		select {
		case <-pm.done:
			return nil, fmt.Errorf("the server ended at once: %s", pm.tail)
		case <-ctx.Done():
			// ctx is over: the stop gets its own time.
			return nil, errors.Join(fmt.Errorf("the server did not get ready: %w", ctx.Err()), pm.halt(context.WithoutCancel(ctx)))
		case <-time.After(pollEvery):
		}
		if s := c.look(); s.kind == live && s.pid == pm.pid && s.ready && c.answers(ctx) {
			return pm, nil
		}
	}
}

// initialise runs initdb under another name, so that a cluster that exists is whole.
func (c *Cluster) initialise(ctx context.Context) error {
	began, building := time.Now(), c.DataDir+".new"
	if err := os.RemoveAll(building); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	args := []string{
		"-D", building, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions",
	}
	if c.opts.FastUnsafe {
		args = append(args, "--no-sync", "--wal-segsize=1")
	} else {
		args = append(args, "--data-checksums")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.BinDir, "initdb"), args...)
	cmd.Dir, cmd.Env = "/", c.environment()
	cmd.SysProcAttr = makerAttr(c.who)
	runtime.LockOSThread() // see spawn
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the cluster: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(building, c.DataDir); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	c.log.Info("made a new cluster", "data", c.DataDir, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// environment is what the server sees: nothing of ours that would change its settings.
func (c *Cluster) environment() []string {
	return []string{"PATH=" + c.BinDir + ":/usr/bin:/bin", "HOME=/", "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// settings of the server, given on its command line so that they hold for an old cluster too.
func (c *Cluster) settings() []string {
	set := []string{
		"listen_addresses=", // the socket only: no port to clash, nothing to reach from outside
		"port=" + strconv.Itoa(port),
		`unix_socket_directories="` + c.SocketDir + `"`,
		"unix_socket_permissions=0700", // trust: whoever reaches the socket is superuser
		"max_connections=" + strconv.Itoa(c.opts.MaxConnections),
		"cluster_name=" + c.name(),
		"timezone=UTC", "log_timezone=UTC",
		"jit=off", // compiling costs more than it saves on short statements
		"logging_collector=off", "log_destination=stderr", "log_line_prefix=", "log_checkpoints=off",
		// Messages name no values: neither statements nor the "Key (…)=(…)" details.
		"log_min_error_statement=panic", "log_error_verbosity=terse",
	}
	if c.opts.FastUnsafe {
		set = append(set, "fsync=off", "full_page_writes=off", "wal_level=minimal",
			"max_wal_senders=0", "min_wal_size=16MB", "max_wal_size=256MB")
	}
	args := []string{"-D", c.DataDir}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

// spawn starts the server and logs what it says.
func (c *Cluster) spawn() (*postmaster, error) {
	cmd := exec.Command(filepath.Join(c.BinDir, "postgres"), c.settings()...)
	cmd.Dir, cmd.Env = "/", c.environment()
	cmd.SysProcAttr = serverAttr(c.who, c.opts.Shared)
	messages, err := c.output(cmd)
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	pm := newPostmaster(0, nil)
	pm.tail = messages
	started := make(chan error)
	go func() {
		// Pdeathsig follows the thread that forked, so that thread must live as long as the server.
		runtime.LockOSThread()
		err := cmd.Start()
		messages.opened()
		if err == nil {
			pm.pid, pm.signal = cmd.Process.Pid, cmd.Process.Signal
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // why it ended is in its messages
			messages.drained()
			close(pm.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	return pm, nil
}
