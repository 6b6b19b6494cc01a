package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func supported() error { return nil }

func isRoot() bool { return os.Geteuid() == 0 }

func self() identity {
	return identity{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
}

// serverUser is the user that root runs the server as: postgres, else nobody.
func serverUser() (identity, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return identity{uid: uint32(uid), gid: uint32(gid), drop: true}, nil
	}
	return identity{}, errors.New("PostgreSQL does not run as root and there is no user postgres or nobody to run it as")
}

// ownerOf returns user and group of a file, root's for nil.
func ownerOf(fi fs.FileInfo) (uid, gid uint32) {
	if fi == nil {
		return 0, 0
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return st.Uid, st.Gid
	}
	return 0, 0
}

// writable reports whether we may make files in dir.
func writable(dir string) bool {
	const writeAndEnter = 2 | 1 // W_OK|X_OK of access(2)
	return syscall.Access(dir, writeAndEnter) == nil
}

// asUser makes a command run as who.
func (who identity) asUser(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	if who.drop {
		attr.Credential = &syscall.Credential{Uid: who.uid, Gid: who.gid}
	}
	return attr
}

// serverAttr is how the server is started. A process group of its own keeps Ctrl-C away from it
// until the program has drained; it dies with the thread that started it unless it is shared.
func serverAttr(who identity, shared bool) *syscall.SysProcAttr {
	if shared {
		return who.asUser(&syscall.SysProcAttr{Setsid: true})
	}
	return who.asUser(&syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT})
}

// makerAttr is how initdb is started: nothing of it may write on when we are killed.
func makerAttr(who identity) *syscall.SysProcAttr {
	return who.asUser(&syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL})
}

// fileLock is a lock that the kernel drops when its holder dies.
type fileLock struct{ f *os.File }

// tryLock takes the lock, or returns nil when another process holds it.
func tryLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the cluster's lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return &fileLock{f}, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, f.Close()
		default:
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
	}
}

// waitLock takes the lock as soon as it is free.
func waitLock(ctx context.Context, path string) (*fileLock, error) {
	for {
		lock, err := tryLock(path)
		if lock != nil || err != nil {
			return lock, err
		}
		if err := pause(ctx, pollEvery); err != nil {
			return nil, fmt.Errorf("wait for %s: %w", path, err)
		}
	}
}

func (l *fileLock) release() {
	_ = l.f.Close() // the lock goes with the descriptor, whatever close says
}

// running reports whether pid is a process that still executes. kill(pid, 0) also succeeds on a
// zombie, which a container without a reaping PID 1 keeps for ever.
func running(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	rest := bytes.TrimSpace(stat[bytes.LastIndexByte(stat, ')')+1:])
	return len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X'
}

// serves reports whether pid is a postmaster of the cluster in dataDir.
func serves(pid int, dataDir string) bool {
	if !running(pid) {
		return false
	}
	if !named(pid) {
		return false
	}
	in, known := worksIn(pid, dataDir)
	if known {
		return in
	}
	// Reading the working directory of another user's process takes a capability that containers
	// often withhold even from root; the command line is open to all.
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return false
	}
	for arg := range strings.SplitSeq(string(line), "\x00") {
		if filepath.Clean(strings.TrimPrefix(arg, "-D")) == dataDir {
			return true
		}
	}
	return false
}

// named reports whether pid runs a program called postgres; a shell in the data directory does not.
func named(pid int) bool {
	comm, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	return err == nil && strings.TrimSpace(string(comm)) == "postgres"
}

// worksIn reports whether the working directory of pid is dir; known is false when we may not look.
func worksIn(pid int, dir string) (in, known bool) {
	a, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false, !errors.Is(err, fs.ErrPermission)
	}
	b, err := os.Stat(dir)
	return err == nil && os.SameFile(a, b), true
}

// usersOf lists the running server processes of a cluster: by working directory, or by the
// cluster's name in their titles where we may not see that.
func usersOf(dataDir, clusterName string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !named(pid) || !running(pid) {
			continue
		}
		in, known := worksIn(pid, dataDir)
		if !known {
			line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			in = err == nil && (strings.HasPrefix(string(line), "postgres: "+clusterName+": ") || serves(pid, dataDir))
		}
		if in {
			pids = append(pids, pid)
		}
	}
	return pids
}

// tell signals a process; that it has ended meanwhile is no error.
func tell(pid int, sig syscall.Signal) { _ = syscall.Kill(pid, sig) }

// adopt watches a server that another process started.
func (c *Cluster) adopt(pid int) (*postmaster, error) {
	proc, err := os.FindProcess(pid) // a pidfd: it cannot turn into another process under us
	if err != nil {
		return nil, fmt.Errorf("attach to the server %d: %w", pid, err)
	}
	pm := newPostmaster(pid, proc.Signal)
	go func() {
		defer close(pm.done)
		defer func() { _ = proc.Release() }()
		for running(pid) && proc.Signal(syscall.Signal(0)) == nil {
			select {
			case <-pm.forget:
				return
			case <-time.After(adoptedEvery):
			}
		}
	}()
	return pm, nil
}
