// Package databasetest gives each test a real database of its own.
//
// One cluster serves the whole test run and all its processes: the first one starts it, in memory
// where there is room, and it stops a few seconds after the last one has ended, however that
// ended. A template with the migrations applied is built once for each set of migrations; a test
// gets a clone of it in some 20 ms.
package databasetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tanamori/database"
	"tanamori/database/embedded"
)

// connsPerTest keeps many parallel tests below the cluster's max_connections.
const connsPerTest = 8

// Migrate applies the migrations as the owner and creates the roles.
type Migrate = func(ctx context.Context, ownerConnString string) error

// Open gives the test a fresh database, migrated, and takes it away when the test ends.
// migrationsHash names the set of migrations that migrate applies: the template is built again
// when it changes. What is written through the handle's pool is subject to row-level security;
// Handle.OwnerConnString is the superuser's way in.
func Open(t testing.TB, migrationsHash string, migrate Migrate) *database.Handle {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	run, err := joinRun(ctx)
	if err != nil {
		t.Fatalf("start the test database: %v", err)
	}
	template, err := run.template(ctx, migrationsHash, migrate)
	if err != nil {
		t.Fatalf("prepare the test database: %v", err)
	}
	// The default strategy writes the copy through the log, which takes twice as long in memory.
	name := run.cloneName()
	if err := run.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy"); err != nil {
		t.Fatalf("clone the test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := run.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	h, err := database.Open(ctx, database.Options{
		URL: run.cluster.ConnString("postgres", name), MaxConns: connsPerTest, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { // runs before the drop, which is slow while connections are still ending
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Errorf("close the test database: %v", err)
		}
	})
	return h
}

// testRun is this process's part in the test run.
type testRun struct {
	dir     runDir
	cluster *embedded.Cluster
	use     *heldLock // tells the reaper that we live; the kernel lets go of it when we do not
	began   int64     // makes names differ from those of a killed process that had our id
	clones  atomic.Int64

	mu        sync.Mutex
	templates map[string]string // by hash, those known to exist
}

var (
	joinMu sync.Mutex
	joined *testRun
)

// joinRun joins the run, or begins it, once for each process.
func joinRun(ctx context.Context) (*testRun, error) {
	joinMu.Lock()
	defer joinMu.Unlock()
	if joined != nil {
		return joined, joined.revive(ctx)
	}
	dir, err := findRunDir()
	if err != nil {
		return nil, err
	}
	run, err := join(ctx, dir)
	if err != nil {
		return nil, err
	}
	joined = run
	return run, nil
}

// join enters the run in dir. The shared lock it leaves behind is held until this process ends.
func join(ctx context.Context, dir runDir) (*testRun, error) {
	boot, err := dir.lock(ctx, bootLock, exclusive)
	if err != nil {
		return nil, err
	}
	defer boot.release()
	use, err := dir.lock(ctx, useLock, exclusiveNow)
	if err != nil && !errors.Is(err, errBusy) {
		return nil, err
	}
	first := use != nil
	if first {
		use.release()
	}
	if use, err = dir.lock(ctx, useLock, shared); err != nil {
		return nil, err
	}
	run := &testRun{dir: dir, use: use, began: time.Now().UnixMilli(), templates: map[string]string{}}
	if run.cluster, err = dir.start(ctx); err != nil {
		use.release()
		return nil, err
	}
	if first {
		if err := run.sweep(ctx); err != nil {
			use.release()
			return nil, err
		}
	}
	if err := dir.ensureReaper(ctx); err != nil {
		use.release()
		return nil, err
	}
	return run, nil
}

// revive starts the cluster again if somebody has killed it.
func (r *testRun) revive(ctx context.Context) error {
	if r.cluster.PID() != 0 {
		return nil
	}
	boot, err := r.dir.lock(ctx, bootLock, exclusive)
	if err != nil {
		return err
	}
	defer boot.release()
	_, err = r.dir.start(ctx)
	return err
}

func (r *testRun) cloneName() string {
	return fmt.Sprintf("%s%d_%d_%d", clonePrefix, os.Getpid(), r.began, r.clones.Add(1))
}

// exec runs statements as the superuser, outside the test's database.
func (r *testRun) exec(ctx context.Context, statements ...string) error {
	return r.owner(ctx, func(conn *pgx.Conn) error {
		for _, stmt := range statements {
			if _, err := conn.Exec(ctx, stmt); err != nil {
				return fmt.Errorf("%s: %w", stmt, err)
			}
		}
		return nil
	})
}

// owner gives a short connection: a pool of our own would look like a leak to tests that count
// goroutines.
func (r *testRun) owner(ctx context.Context, use func(*pgx.Conn) error) (err error) {
	conn, err := pgx.Connect(ctx, r.cluster.ConnString("postgres", "postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return use(conn)
}
