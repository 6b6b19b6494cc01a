package databasetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"tanamori/database/embedded"
)

// roomWanted is the free space below which memory is left alone: a container often has 64 MB there.
const roomWanted = 1 << 30

const maxConnections = 300

// The locks of a run. The kernel drops them when a process ends, killed or not.
const (
	bootLock   = "boot.lock"   // held while the cluster is started, stopped, or gets a template
	useLock    = "use.lock"    // held shared by each test process for as long as it lives
	reaperLock = "reaper.lock" // held by the one process that waits for the others to end
)

// runDir holds the cluster of a test run and its locks. Each user has one.
type runDir string

func findRunDir() (runDir, error) {
	base := os.TempDir()
	if free, err := freeBytes("/dev/shm"); err == nil && free >= roomWanted {
		base = "/dev/shm"
	}
	return makeRunDir(filepath.Join(base, "tanamori-test-"+strconv.Itoa(os.Geteuid())))
}

// makeRunDir makes the directory or accepts the one that is there, if it is ours: everybody may
// write where it lies. The server's user must get through it, hence the x for all.
func makeRunDir(path string) (runDir, error) {
	if err := os.Mkdir(path, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the directory of the test database: %w", err)
	}
	fi, err := os.Lstat(path)
	if err != nil {
		return "", fmt.Errorf("make the directory of the test database: %w", err)
	}
	if !fi.IsDir() || !ownedByUs(fi) {
		return "", fmt.Errorf("%s belongs to somebody else: remove it", path)
	}
	if err := os.Chmod(path, 0o711); err != nil {
		return "", fmt.Errorf("make the directory of the test database: %w", err)
	}
	return runDir(path), nil
}

// start starts the cluster, or finds it running.
func (d runDir) start(ctx context.Context) (*embedded.Cluster, error) {
	return embedded.Start(ctx, d.options())
}

// stop stops the cluster if it runs.
func (d runDir) stop(ctx context.Context) error { return embedded.Shutdown(ctx, d.options()) }

func (d runDir) options() embedded.Options {
	return embedded.Options{
		DataDir:        filepath.Join(string(d), "cluster"),
		BinDir:         os.Getenv("TANAMORI_PG_BIN"),
		NodeModules:    nodeModules(),
		Logger:         slog.New(slog.DiscardHandler),
		FastUnsafe:     true,
		MaxConnections: maxConnections,
		Shared:         true,
	}
}

// nodeModules lists the node_modules directories above the test's working directory.
func nodeModules() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	var found []string
	for ; ; dir = filepath.Dir(dir) {
		for _, sub := range []string{"node_modules", filepath.Join("frontend", "node_modules")} {
			if fi, err := os.Stat(filepath.Join(dir, sub)); err == nil && fi.IsDir() {
				found = append(found, filepath.Join(dir, sub))
			}
		}
		if dir == filepath.Dir(dir) {
			return found
		}
	}
}
