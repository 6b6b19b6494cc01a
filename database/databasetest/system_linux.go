package databasetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	shared       = syscall.LOCK_SH
	exclusive    = syscall.LOCK_EX
	exclusiveNow = syscall.LOCK_EX | syscall.LOCK_NB
)

// errBusy says that another process holds the lock.
var errBusy = errors.New("the lock is held")

// heldLock is a lock that the kernel drops when its holder dies.
type heldLock struct{ f *os.File }

// lock takes one of the run's locks: at once or errBusy, or as soon as it is free.
func (d runDir) lock(ctx context.Context, name string, how int) (*heldLock, error) {
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the test run: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return &heldLock{f}, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return nil, errors.Join(fmt.Errorf("lock the test run: %w", err), f.Close())
		case how&syscall.LOCK_NB != 0:
			return nil, errors.Join(errBusy, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("wait for %s: %w", f.Name(), ctx.Err()), f.Close())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (l *heldLock) release() { _ = l.f.Close() }

func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func ownedByUs(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// freeBytes is the room left on a file system.
func freeBytes(path string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", path, err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}
