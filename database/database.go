// Package database opens the one pool that everything reads and writes through: on a server given
// by URL, or on the embedded cluster when none is given.
//
// Two logins are used. The owner applies the migrations and is let go; the program itself works as
// tanamori_app, which owns nothing, inherits nothing and is bound by row-level security.
package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"tanamori/database/embedded"
)

// AppRole is the login role of the program. The migrations create it.
const AppRole = "tanamori_app"

// name of the database in the embedded cluster.
const name = "tanamori"

const (
	defaultMaxConns         = 16
	defaultStatementTimeout = 30 * time.Second
	closeGrace              = 20 * time.Second // what stopping the embedded server may take at least
)

// Options says which database to open and how.
type Options struct {
	URL         string   // of the owner, or of tanamori_app itself; empty: the embedded cluster
	DataDir     string   // for the embedded cluster
	PGBin       string   // directory of the embedded cluster's binaries; empty: search
	NodeModules []string // node_modules directories that may hold the npm package with the binaries
	Logger      *slog.Logger

	RequireTLS       bool          // a server elsewhere is spoken to over TLS with a certificate that is checked, or not at all
	MaxConns         int32         // 0: 16
	StatementTimeout time.Duration // of the program's own statements; 0: 30 s

	// Migrate brings the schema up to date as the owner and creates the roles. It takes its own
	// lock, because any number of nodes may start at once. It is not called when URL names
	// tanamori_app itself.
	Migrate func(ctx context.Context, ownerConnString string) error
}

// Handle is an open database. Pool, SQL and Gorm share the same connections.
type Handle struct {
	Pool *pgxpool.Pool
	SQL  *sql.DB // never SetMaxIdleConns on it: it would hoard the pool's connections
	Gorm *gorm.DB

	OwnerConnString string            // empty when only tanamori_app's login is known
	Embedded        *embedded.Cluster // nil with a URL

	disk      disk
	log       *slog.Logger
	closeOnce sync.Once
	closeErr  error
}

// Open starts or finds the server, brings the schema up to date and connects as tanamori_app.
// ctx bounds the opening only; Close ends what was opened.
func Open(ctx context.Context, opts Options) (_ *Handle, err error) {
	opts.Logger = cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	opts.MaxConns = cmp.Or(opts.MaxConns, defaultMaxConns)
	opts.StatementTimeout = cmp.Or(opts.StatementTimeout, defaultStatementTimeout)

	h := &Handle{OwnerConnString: opts.URL, log: opts.Logger, disk: disk{log: opts.Logger}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close(context.WithoutCancel(ctx)))
		}
	}()
	if opts.URL == "" {
		if err := h.startEmbedded(ctx, opts); err != nil {
			return nil, err
		}
	}
	app, err := h.prepareLogin(ctx, opts)
	if err != nil {
		return nil, err
	}
	if h.Pool, err = openPool(ctx, app, opts, &h.disk); err != nil {
		return nil, fmt.Errorf("connect to the database as %s: %w", AppRole, err)
	}
	h.SQL = stdlib.OpenDBFromPool(h.Pool)
	h.Gorm, err = gorm.Open(postgres.New(postgres.Config{Conn: h.SQL}), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true, // the pool has just been asked
		NowFunc:                func() time.Time { return time.Now().UTC() },
		Logger:                 gormLog{opts.Logger},
	})
	if err != nil {
		return nil, fmt.Errorf("open the row mapper: %w", err)
	}
	return h, nil
}

// Now is the server's own clock, the one that every node on it can ask.
func (h *Handle) Now(ctx context.Context) (now time.Time, err error) {
	if err := h.Pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return now, nil
}

// startEmbedded runs the embedded cluster and makes the database in it.
func (h *Handle) startEmbedded(ctx context.Context, opts Options) error {
	cluster, err := embedded.Start(ctx, embedded.Options{
		DataDir: opts.DataDir, BinDir: opts.PGBin, NodeModules: opts.NodeModules, Logger: opts.Logger,
	})
	if err != nil {
		return err
	}
	h.Embedded = cluster
	h.disk.dir = cluster.DataDir
	h.OwnerConnString = cluster.ConnString("postgres", name)
	return createDatabase(ctx, cluster.ConnString("postgres", "postgres"), name)
}

// prepareLogin migrates as the owner and returns how tanamori_app connects.
func (h *Handle) prepareLogin(ctx context.Context, opts Options) (*pgxpool.Config, error) {
	app, err := pgxpool.ParseConfig(h.OwnerConnString)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	if opts.RequireTLS && opts.URL != "" {
		if err := encrypted(app.ConnConfig); err != nil {
			return nil, err
		}
	}
	if app.ConnConfig.User == AppRole {
		h.OwnerConnString = ""
		return app, nil
	}
	owner := app.ConnConfig.Copy()
	app.ConnConfig.User = AppRole
	if owner.Password != "" {
		app.ConnConfig.Password = AppPassword(owner.Password)
	}
	if opts.Migrate != nil {
		if err := opts.Migrate(ctx, h.OwnerConnString); err != nil {
			return nil, fmt.Errorf("migrate the database: %w", err)
		}
	}
	if owner.Password != "" {
		if err := setAppPassword(ctx, owner, app.ConnConfig); err != nil {
			return nil, fmt.Errorf("set the password of %s: %w", AppRole, err)
		}
	}
	return app, nil
}

// Close ends the connections, then the embedded server. Connections still in use are waited for
// until ctx ends; the server's stop has time of its own. Further calls return the first's result.
func (h *Handle) Close(ctx context.Context) error {
	h.closeOnce.Do(func() { h.closeErr = h.close(ctx) })
	return h.closeErr
}

func (h *Handle) close(ctx context.Context) error {
	var errs []error
	if h.SQL != nil {
		errs = append(errs, h.SQL.Close())
	}
	if h.Pool != nil {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			h.Pool.Close()
		}()
		select {
		case <-closed:
		case <-ctx.Done():
			errs = append(errs, fmt.Errorf("close the pool: %d connections are still in use: %w",
				h.Pool.Stat().AcquiredConns(), ctx.Err()))
		}
	}
	if h.Embedded != nil {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
		defer cancel()
		errs = append(errs, h.Embedded.Stop(stopCtx))
	}
	return errors.Join(errs...)
}
