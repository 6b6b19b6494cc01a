package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// kind is what postmaster.pid says about a cluster, held against the processes that run.
type kind int

const (
	absent kind = iota // no postmaster.pid: nothing runs
	live               // its server runs
	dead               // its server is gone; PostgreSQL clears that up itself
	stray              // a zombie, a process of somebody else, or unreadable: PostgreSQL would refuse to start
)

func (k kind) String() string { return [...]string{"absent", "live", "dead", "stray"}[k] }

// state is one look at a cluster.
type state struct {
	kind  kind
	pid   int
	ready bool // the server says that it takes connections
}

// name marks our server's processes in the process list.
func (c *Cluster) name() string {
	sum := sha256.Sum256([]byte(c.DataDir))
	return "tanamori_" + hex.EncodeToString(sum[:4])
}

// look reads postmaster.pid: line 1 is the process id, line 8 the status.
func (c *Cluster) look() state {
	text, err := os.ReadFile(filepath.Join(c.DataDir, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return state{kind: absent}
	}
	lines := bytes.Split(text, []byte("\n"))
	pid, err := strconv.Atoi(strings.TrimSpace(string(lines[0])))
	switch {
	case err != nil || pid <= 0:
		return state{kind: stray}
	case serves(pid, c.DataDir):
		ready := len(lines) > 7 && string(bytes.TrimSpace(lines[7])) == "ready"
		return state{kind: live, pid: pid, ready: ready}
	case exists(filepath.Join("/proc", strconv.Itoa(pid))):
		return state{kind: stray, pid: pid}
	}
	return state{kind: dead, pid: pid}
}

// ensure brings the server up, or attaches to the one that runs. Only the holder of the lock may.
func (c *Cluster) ensure(ctx context.Context) (*postmaster, error) {
	for {
		switch s := c.look(); s.kind {
		case live:
			if s.ready && c.answers(ctx) {
				c.log.Info("attached to a running server", "pid", s.pid)
				return c.adopt(s.pid)
			}
			// It starts, recovers or stops: look again.
		case absent:
			if err := c.awaitOrphans(ctx); err != nil {
				return nil, err
			}
			return c.launch(ctx)
		case dead, stray:
			if err := c.awaitOrphans(ctx); err != nil {
				return nil, err
			}
			if s.kind == stray {
				if err := c.clearStray(s); err != nil {
					return nil, err
				}
			}
			return c.launch(ctx)
		}
		if err := pause(ctx, pollEvery); err != nil {
			return nil, fmt.Errorf("wait for the running server: %w", err)
		}
	}
}

// awaitOrphans waits for the processes of a server that died to follow it, and after two seconds
// tells them to. None may live on: two servers on one directory destroy it.
func (c *Cluster) awaitOrphans(ctx context.Context) error {
	began, told := time.Now(), false
	for {
		pids := usersOf(c.DataDir, c.name())
		if len(pids) == 0 {
			return nil
		}
		if !told && time.Since(began) > 2*time.Second {
			told = true
			for _, pid := range pids {
				tell(pid, syscall.SIGQUIT) // whoever stays is found by the next look
			}
		}
		if time.Since(began) > hardStop {
			return fmt.Errorf("processes %v of a former server still use %s", pids, c.DataDir)
		}
		if err := pause(ctx, pollEvery); err != nil {
			return fmt.Errorf("wait for the processes of a former server: %w", err)
		}
	}
}

// noProcess is a process id that never exists: Linux gives ids below its limit of 2^22 only.
const noProcess = "4194304"

// clearStray takes the lock from a server that does not exist any more although its process id
// does. postmaster.pid is kept with an id that nobody has, because PostgreSQL finds the dead
// server's shared memory by it, removes that, and refuses if it is still in use. A server in
// another container can share the files but not the process list, so an answering socket forbids
// it all.
func (c *Cluster) clearStray(s state) error {
	socket := filepath.Join(c.SocketDir, socketName)
	if conn, err := net.DialTimeout("unix", socket, time.Second); err == nil {
		_ = conn.Close()
		return fmt.Errorf("a server that this process list does not show answers on %s", socket)
	}
	for _, path := range []string{socket, socket + ".lock"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear the lock of a server that is gone: %w", err)
		}
	}
	path := filepath.Join(c.DataDir, "postmaster.pid")
	text, err := os.ReadFile(path)
	if _, rest, found := bytes.Cut(text, []byte("\n")); err == nil && found && s.pid > 0 {
		err = os.WriteFile(path, append([]byte(noProcess+"\n"), rest...), 0o600) // keeps the file's owner
	} else if err == nil {
		err = os.Remove(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was about to end in order when we looked, and took its lock with it
	}
	if err != nil {
		return fmt.Errorf("clear the lock of a server that is gone: %w", err)
	}
	c.log.Warn("cleared the lock of a server that is gone", "pid", s.pid, "data", c.DataDir)
	return nil
}

// cannotConnectNow is what a server says while it starts, recovers or stops.
const cannotConnectNow = "57P03"

// answers reports whether the server takes queries. Any refusal but "not now" is an answer too.
func (c *Cluster) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, c.ConnString("postgres", "postgres"))
	if err != nil {
		var refused *pgconn.PgError
		return errors.As(err, &refused) && refused.Code != cannotConnectNow
	}
	_ = conn.Close(ctx)
	return true
}
