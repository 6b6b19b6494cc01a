package databasetest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/database/databasetest"
)

const hash = "databasetest 1"

// migrate is the smallest set of migrations that the program could work with.
func migrate(ctx context.Context, owner string) error {
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, `
		DO $$ BEGIN
			CREATE ROLE tanamori_app LOGIN NOINHERIT;
		EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		CREATE TABLE town (name text PRIMARY KEY);
		GRANT SELECT, INSERT ON town TO tanamori_app;
		INSERT INTO town VALUES ('蘭越町')`)
	return err
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"むかわ町", "佐呂間町", "寿都町", "置戸町"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := databasetest.Open(t, hash, migrate)
			_, err := h.Pool.Exec(t.Context(), `INSERT INTO town VALUES ($1)`, name)
			require.NoError(t, err)
			var names []string
			require.NoError(t, h.Gorm.WithContext(t.Context()).Raw(`SELECT name FROM town`).Scan(&names).Error)
			require.ElementsMatch(t, []string{"蘭越町", name}, names)
			_, err = h.Pool.Exec(t.Context(), `DELETE FROM town`)
			require.ErrorContains(t, err, "permission denied", "the pool is the app's, not the owner's")
		})
	}
}

func TestTheDatabaseGoesWithTheTest(t *testing.T) {
	t.Parallel()
	var h *database.Handle
	t.Run("test", func(t *testing.T) { h = databasetest.Open(t, hash, migrate) })
	require.Error(t, h.Pool.Ping(t.Context()), "the pool is closed")
	_, err := pgx.Connect(t.Context(), h.OwnerConnString)
	require.ErrorContains(t, err, "3D000", "the database does not exist any more")
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		databasetest.Open(b, hash, migrate)
	}
}
