// Package migrations holds the schema as forward-only SQL files and brings a database up to it.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver that the owner's connection uses
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tanamori/database/failpoint"
)

//go:embed *.sql
var files embed.FS

// Apply brings the database behind the owner's connection string to the newest version. Any number of processes may
// call it at once: one applies, the others wait for it (a session lock in Postgres). It needs the right to create roles.
func Apply(ctx context.Context, ownerConnString string) (err error) {
	db, err := sql.Open("pgx", ownerConnString)
	if err != nil {
		return fmt.Errorf("apply migrations: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return fmt.Errorf("apply migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("apply migrations: %w", err)
	}
	var applied, newest int64
	var took time.Duration
	for {
		r, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			break
		}
		if err != nil {
			return fmt.Errorf("apply migrations: %w", err)
		}
		slog.DebugContext(ctx, "migration applied", "version", r.Source.Version, "took", r.Duration)
		applied, newest, took = applied+1, r.Source.Version, took+r.Duration
		failpoint.Here("migrate.applied")
	}
	if applied > 0 {
		slog.InfoContext(ctx, "migrations applied", "count", applied, "version", newest, "took", took.Round(time.Millisecond))
	}
	return nil
}

// Newest is the version of the last file in the tree.
func Newest() (int64, error) {
	names, err := fs.Glob(files, "[0-9]*.sql") // schema.sql is what they make together
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	var newest int64
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("read migration %s: %w", name, err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

// Hash identifies this set of migrations; a prepared test database is named by it.
func Hash() string {
	h := sha256.New()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err) // embedded: it is there
		}
		_, _ = fmt.Fprintf(h, "%s %d\n", name, len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
