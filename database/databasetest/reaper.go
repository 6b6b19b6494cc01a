package databasetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// reaperEnv makes a test binary wait for the end of the run instead of testing. Its value is the
// run's directory.
const reaperEnv = "TANAMORI_TEST_REAPER"

// graceEnv is how long the cluster is kept warm between one package's tests and the next one's.
const (
	graceEnv     = "TANAMORI_TEST_GRACE"
	defaultGrace = 5 * time.Second
)

// lookEvery is how often the reaper looks for test processes.
const lookEvery = 250 * time.Millisecond

// A test process has no hook at its end, least of all when it is killed. So one process of its
// own, a second life of a test binary, waits until the last test process has ended.
func init() {
	dir := os.Getenv(reaperEnv)
	if dir == "" {
		return
	}
	grace, err := time.ParseDuration(os.Getenv(graceEnv))
	if err != nil { // mostly because it is not set
		grace = defaultGrace
	}
	if err := reap(context.Background(), runDir(dir), grace); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// ensureReaper starts the reaper unless one is there. The caller holds the boot lock.
func (d runDir) ensureReaper(ctx context.Context) error {
	lock, err := d.lock(ctx, reaperLock, exclusiveNow)
	if errors.Is(err, errBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	lock.release()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start the reaper: %w", err)
	}
	cmd := exec.Command(self) // no standard streams: go test would wait for whoever holds them
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), reaperEnv+"="+string(d))
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the reaper: %w", err)
	}
	go func() { _ = cmd.Wait() }() // it outlives us; should it not, it must not stay a zombie
	return nil
}

// reap waits until no test process is left for as long as grace, stops the cluster and returns.
func reap(ctx context.Context, d runDir, grace time.Duration) error {
	self, err := d.lock(ctx, reaperLock, exclusiveNow)
	if errors.Is(err, errBusy) {
		return nil // another reaper was faster
	}
	if err != nil {
		return err
	}
	defer self.release()
	for idle := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
		use, err := d.lock(ctx, useLock, exclusiveNow)
		switch {
		case errors.Is(err, errBusy):
			idle = 0
			continue
		case err != nil:
			return err
		}
		use.release()
		if idle += lookEvery; idle < grace {
			continue
		}
		done, err := d.stopIfIdle(ctx, self)
		if done || err != nil {
			return err
		}
	}
}

// stopIfIdle stops the cluster if no test process is left. The reaper's own lock goes before the
// boot lock does, so that whoever comes next starts a reaper of its own.
func (d runDir) stopIfIdle(ctx context.Context, self *heldLock) (bool, error) {
	boot, err := d.lock(ctx, bootLock, exclusive)
	if err != nil {
		return false, err
	}
	defer boot.release()
	use, err := d.lock(ctx, useLock, exclusiveNow)
	if errors.Is(err, errBusy) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer use.release()
	defer self.release()
	return true, d.stop(ctx)
}
