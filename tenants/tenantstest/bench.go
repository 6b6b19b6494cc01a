// Package tenantstest gives a test its own migrated database, a clock that it moves by hand, and builders for the towns,
// people and things that a room's test starts from.
package tenantstest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"tanamori/database"
	"tanamori/database/databasetest"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/vault"
)

// Bench is what a test of a room works on. Everything on it is of this one test; two benches never share a row.
type Bench struct {
	Clock  *Clock
	Ground *tenants.Ground  // as the doors and jobs use it: logged in as tanamori_app
	Handle *database.Handle // the same database for code that needs the pool itself
	Owner  *pgxpool.Pool    // a superuser, past all row-level security: for arranging and for looking

	t      testing.TB
	count  *statementCounter
	newest int64 // the consortium that Host and Town build in
	named  int   // how many people were made: 見本 一郎, 見本 花子 …
}

// New prepares a fresh database with every migration applied; it is gone when the test ends. The clock stands at
// 2026-11-21 07:30 in Asia/Tokyo, a Saturday between two open days and a morning on which somebody looks at the board.
func New(t testing.TB) *Bench {
	t.Helper()
	handle := databasetest.Open(t, migrations.Hash(), migrations.Apply)
	config, err := pgxpool.ParseConfig(handle.OwnerConnString)
	require.NoError(t, err)
	config.MaxConns = 2 // many benches share one cluster
	owner, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(owner.Close)

	_, err = owner.Exec(t.Context(), spreadIDs)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `INSERT INTO vault_key (key_id, since) VALUES ($1, $2)`, Ring.Newest(), Start)
	require.NoError(t, err)

	count := &statementCounter{Interface: handle.Gorm.Logger}
	clock := &Clock{now: Start}
	return &Bench{
		Clock:  clock,
		Ground: tenants.NewGround(handle.Gorm.Session(&gorm.Session{Logger: count}), clock.Now).With(Ring),
		Handle: handle,
		Owner:  owner,
		t:      t,
		count:  count,
	}
}

// Ring is the keys that benches lock secrets with; it is registered in the database of each.
var Ring = func() *vault.Ring {
	r, err := vault.Parse(strings.Repeat("7a", 32))
	if err != nil {
		panic(err) // a constant
	}
	return r
}()

// Keyed gives a ground the keys of benches and registers them, for a database that no bench has made.
func Keyed(t testing.TB, ground *tenants.Ground) *tenants.Ground {
	t.Helper()
	require.NoError(t, ground.With(Ring).Do(t.Context(), tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := vault.Begin(ctx, tx, Ring)
		return err
	}))
	return ground
}

// spreadIDs starts every table's ids somewhere else, so that an id taken for another table's finds nothing.
const spreadIDs = `SELECT setval(c.oid::regclass, 1000 * row_number() OVER (ORDER BY c.relname DESC)) FROM pg_class c
	WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'goose%'`

// Do runs fn in one committed transaction as the actor; an error fails the test.
func (b *Bench) Do(actor tenants.Actor, fn func(ctx context.Context, tx *tenants.Tx) error) {
	b.t.Helper()
	require.NoError(b.t, b.Try(actor, fn))
}

// Try runs fn in one transaction as the actor and gives back its error, after the rollback.
func (b *Bench) Try(actor tenants.Actor, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	return b.Ground.Do(b.t.Context(), actor, fn)
}

// Fault runs fn as the actor, expects it to be refused with this kind, and gives the fault as a door would see it.
func (b *Bench) Fault(kind tenants.Kind, actor tenants.Actor, fn func(ctx context.Context, tx *tenants.Tx) error) *tenants.Fault {
	b.t.Helper()
	err := b.Try(actor, fn)
	require.Error(b.t, err)
	fault := tenants.AsFault(err)
	require.Equal(b.t, kind, fault.Kind, "%v", err)
	return fault
}

// SQL runs one statement as the owner, past all row-level security, with $1 … for the arguments, and gives the rows it
// returned, column by name.
func (b *Bench) SQL(query string, args ...any) []map[string]any {
	b.t.Helper()
	rows, err := b.TrySQL(query, args...)
	require.NoError(b.t, err, query)
	return rows
}

// TrySQL is SQL for a statement that the database is to refuse.
func (b *Bench) TrySQL(query string, args ...any) ([]map[string]any, error) {
	rows, err := b.Owner.Query(b.t.Context(), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []map[string]any
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return nil, err
		}
		row := make(map[string]any, len(values))
		for i, field := range rows.FieldDescriptions() {
			row[field.Name] = values[i]
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// Value is the first column of the first row that a statement gives as the owner; no row fails the test.
func Value[T any](b *Bench, query string, args ...any) T {
	b.t.Helper()
	var v T
	require.NoError(b.t, b.Owner.QueryRow(b.t.Context(), query, args...).Scan(&v), query)
	return v
}

// Start is where every bench's clock begins: 2026-11-21 07:30 in Asia/Tokyo, in UTC as the database gives times back.
var Start = time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
