package tenantstest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/migrations"
)

// open makes a database by the name of the test on the cluster that TANAMORI_TEST_URL names and migrates it.
func open(t testing.TB) *database.Handle {
	t.Helper()
	cluster := os.Getenv("TANAMORI_TEST_URL")
	require.NotEmpty(t, cluster, "TANAMORI_TEST_URL names the cluster to test on, as its owner")
	ctx := t.Context()
	name := "test_" + strings.ToLower(rand.Text()[:12])
	template := "template_" + migrations.Hash()

	owner, err := pgx.Connect(ctx, cluster)
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	_, err = owner.Exec(ctx, `SELECT pg_advisory_lock(4711)`)
	require.NoError(t, err)
	var found bool
	require.NoError(t, owner.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, template).Scan(&found))
	if !found {
		_, err = owner.Exec(ctx, `CREATE DATABASE `+template+`_new`)
		require.NoError(t, err)
		require.NoError(t, migrations.Apply(ctx, with(t, cluster, template+"_new")))
		_, err = owner.Exec(ctx, `ALTER DATABASE `+template+`_new RENAME TO `+template)
		require.NoError(t, err)
	}
	_, err = owner.Exec(ctx, `CREATE DATABASE `+name+` TEMPLATE `+template)
	require.NoError(t, err)
	_, err = owner.Exec(ctx, `SELECT pg_advisory_unlock(4711)`)
	require.NoError(t, err)

	handle, err := database.Open(ctx, database.Options{URL: with(t, cluster, name), MaxConns: 6})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = handle.Close(context.Background())
		_, _ = owner.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`)
	})
	return handle
}

func with(t testing.TB, cluster, name string) string {
	t.Helper()
	u, err := url.Parse(cluster)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String()
}
