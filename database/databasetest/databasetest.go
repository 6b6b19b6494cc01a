// Package databasetest gives each test a real database of its own.
//
// One cluster serves the whole test run and all its processes: the first one starts it, in memory
// where there is room, and it stops a few seconds after the last one has ended, however that
// ended. A template with the migrations applied is built once for each set of migrations; a test
// gets a clone of it in some 20 ms.
package databasetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

const (
	clonePrefix    = "clone_"
	templatePrefix = "template_"
	building       = "building"
	keepTemplates  = 3 // of former migrations, so that switching between branches stays quick
)

// template returns the template for the migrations, and builds it if no process has yet. The roles
// that migrations create belong to the whole cluster, so only one process at a time builds.
func (r *testRun) template(ctx context.Context, hash string, migrate Migrate) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name, ok := r.templates[hash]; ok {
		return name, nil
	}
	boot, err := r.dir.lock(ctx, bootLock, exclusive)
	if err != nil {
		return "", err
	}
	defer boot.release()
	sum := sha256.Sum256([]byte(hash))
	name := templatePrefix + strconv.Itoa(r.cluster.Major) + "_" + hex.EncodeToString(sum[:8])
	var found bool
	err = r.owner(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&found)
	})
	if err != nil {
		return "", err
	}
	if !found {
		if err := r.build(ctx, name, migrate); err != nil {
			return "", err
		}
	}
	r.templates[hash] = name
	return name, nil
}

// build makes the template under another name, so that one that exists is whole.
func (r *testRun) build(ctx context.Context, name string, migrate Migrate) error {
	if err := r.exec(ctx, "DROP DATABASE IF EXISTS "+building+" WITH (FORCE)", "CREATE DATABASE "+building); err != nil {
		return err
	}
	if err := migrate(ctx, r.cluster.ConnString("postgres", building)); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	// A template that takes no connections cannot be "being accessed by other users".
	if err := r.exec(ctx, "ALTER DATABASE "+building+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"); err != nil {
		return err
	}
	for {
		err := r.exec(ctx, "ALTER DATABASE "+building+" RENAME TO "+name)
		// The migration's sessions are closed, but their processes may still be ending.
		if refused := (*pgconn.PgError)(nil); !errors.As(err, &refused) || refused.Code != objectInUse {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(5 * time.Millisecond):
		}
	}
}

const objectInUse = "55006"

// sweep drops what killed tests left behind, and old templates. Only the first process of a run
// may: nobody else has a clone then.
func (r *testRun) sweep(ctx context.Context) error {
	return r.owner(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR datname = $2
			UNION ALL
			(SELECT datname FROM pg_database WHERE starts_with(datname, $3) ORDER BY oid DESC OFFSET $4)`,
			clonePrefix, building, templatePrefix, keepTemplates)
		if err != nil {
			return fmt.Errorf("look for left-over databases: %w", err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("look for left-over databases: %w", err)
		}
		for _, name := range names {
			id := pgx.Identifier{name}.Sanitize()
			for _, stmt := range []string{"ALTER DATABASE " + id + " IS_TEMPLATE false", "DROP DATABASE " + id + " WITH (FORCE)"} {
				if _, err := conn.Exec(ctx, stmt); err != nil {
					return fmt.Errorf("drop the left-over database %s: %w", name, err)
				}
			}
		}
		return nil
	})
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
