package databasetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

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
			began := time.Now()
			h := databasetest.Open(t, hash, migrate)
			t.Logf("opened in %v", time.Since(began))
			_, err := h.Pool.Exec(t.Context(), `INSERT INTO town VALUES ($1)`, name)
			require.NoError(t, err)
			var names []string
			require.NoError(t, h.Gorm.WithContext(t.Context()).Raw(`SELECT name FROM town ORDER BY name`).Scan(&names).Error)
			require.ElementsMatch(t, []string{"蘭越町", name}, names)
		})
	}
}
