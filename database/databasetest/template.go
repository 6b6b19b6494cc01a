package databasetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

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
