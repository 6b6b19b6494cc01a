package migrations_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/migrations"
)

func files(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("0*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

func TestMigrationsGoForwardInOrder(t *testing.T) {
	t.Parallel()
	names := files(t)
	shape := regexp.MustCompile(`^(\d{5})_[a-z]+\.sql$`)
	for i, name := range names {
		m := shape.FindStringSubmatch(name)
		require.NotNil(t, m, "%s: five digits and a noun", name)
		require.Equal(t, fmt.Sprintf("%05d", i+1), m[1], "%s: without a gap", name)
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Contains(t, string(b), "\n-- +goose Up\n", name)
		require.NotContains(t, string(b), "+goose Down", "%s: there is no way back", name)
		require.NotContains(t, strings.ToUpper(string(b)), "ON DELETE CASCADE", "%s: evidence does not vanish with what it is about", name)
	}
	newest, err := migrations.Newest()
	require.NoError(t, err)
	require.EqualValues(t, len(names), newest)
	require.Len(t, migrations.Hash(), 12)
}

// empty makes a database without anything in it, on the cluster of the tests.
func empty(t *testing.T, name string) (ownerConnString string) {
	t.Helper()
	h := databasetest.Open(t, migrations.Hash(), migrations.Apply)
	conn, err := pgx.Connect(t.Context(), h.OwnerConnString)
	require.NoError(t, err)
	own := conn.Config().Database + "_" + name
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+own)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := conn.Exec(context.Background(), "DROP DATABASE "+own+" WITH (FORCE)")
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	return h.OwnerConnString + " dbname=" + own // of two the last one counts
}

func TestSeveralProcessesMigrateOnce(t *testing.T) {
	t.Parallel()
	where := empty(t, "together")
	for range 8 { // nodes of an empty database, and then of one that is up to date
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { errs[i] = migrations.Apply(t.Context(), where) })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
	conn, err := pgx.Connect(t.Context(), where)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	rows, err := conn.Query(t.Context(), `SELECT version_id, count(*) FROM goose_db_version WHERE version_id > 0 GROUP BY 1 ORDER BY 1`)
	require.NoError(t, err)
	applied := 0
	for rows.Next() {
		var version, times int64
		require.NoError(t, rows.Scan(&version, &times))
		applied++
		require.EqualValues(t, applied, version)
		require.EqualValues(t, 1, times)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, len(files(t)), applied)

	// The secret of the installation is its own, and the app may read the version.
	var secrets int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM installation`).Scan(&secrets))
	require.Equal(t, 1, secrets)
	_, err = conn.Exec(t.Context(), `SET ROLE tanamori_gate`)
	require.NoError(t, err)
	var version int64
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT max(version_id) FROM goose_db_version`).Scan(&version))
	require.EqualValues(t, applied, version)
}

func TestTwoInstallationsHaveTwoSecrets(t *testing.T) {
	t.Parallel()
	secret := func(where string) (s []byte) {
		require.NoError(t, migrations.Apply(t.Context(), where))
		conn, err := pgx.Connect(t.Context(), where)
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close(context.Background())) }()
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT secret FROM installation`).Scan(&s))
		return s
	}
	one, two := secret(empty(t, "one")), secret(empty(t, "two"))
	require.Len(t, one, 32)
	require.NotEqual(t, one, two)
}

func TestADatabaseThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	err := migrations.Apply(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	require.ErrorContains(t, err, "apply migrations")
}
