package reliability_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/database/embedded"
	"tanamori/migrations"
)

// slowly makes every definition take a moment, so that a kill lands inside a file.
const slowly = `
CREATE FUNCTION tanamori_test_slowly() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.004); END $$;
CREATE EVENT TRIGGER tanamori_test_slowly ON ddl_command_end EXECUTE FUNCTION tanamori_test_slowly()`

const quickly = `DROP EVENT TRIGGER tanamori_test_slowly; DROP FUNCTION tanamori_test_slowly()`

// Fresh databases are migrated by a program that is killed between files, inside files and at random; the next one brings
// the database up whole.
func TestAMigrationMayBeKilled(t *testing.T) {
	t.Parallel()
	c, err := embedded.Start(t.Context(), embedded.Options{DataDir: filepath.Join(openDir(t), "data"), Logger: slog.New(slog.DiscardHandler),
		NodeModules: modules(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop(context.WithoutCancel(t.Context()))) })
	want := schemaOf(t, databasetest.Open(t, migrations.Hash(), migrations.Apply).OwnerConnString)
	newest, err := migrations.Newest()
	require.NoError(t, err)
	inside := 0
	for round := range 4 {
		name := "fresh_" + strconv.Itoa(round)
		run(t, c.ConnString("postgres", "postgres"), `CREATE DATABASE `+name)
		url := c.ConnString("postgres", name)
		run(t, url, slowly)
		killed := 0
		for {
			step := ""
			if round == 0 { // one file a start
				step = "migrate.applied=kill"
			}
			n := spawn(t, []string{"TANAMORI_DATABASE_URL=" + url, "TANAMORI_FAILPOINT=" + step}, "migrate")
			if step == "" {
				time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
				if busy(t, url) {
					inside++
				}
				if killed < 6 {
					n.kill()
				}
			}
			<-n.ended
			if n.state.Success() {
				break
			}
			require.True(t, n.killedItself(), "only SIGKILL stops a migration:\n%s", n.said)
			killed++
		}
		require.Positive(t, killed)
		if round == 0 {
			require.EqualValues(t, newest, killed, "killed once after every file")
		}
		run(t, url, quickly)
		require.Equal(t, want, schemaOf(t, url), "the schema is whole")
		t.Logf("%s: %d kills", name, killed)
	}
	t.Logf("%d of them while a statement of a file ran", inside)
}

// busy tells whether somebody is in the middle of a migration.
func busy(t *testing.T, url string) bool {
	t.Helper()
	var n int
	query(t, url, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
		AND query ~* 'create|alter|call|grant'`, &n)
	return n > 0
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err, statement)
}

func query(t *testing.T, url, statement string, into any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	require.NoError(t, conn.QueryRow(t.Context(), statement).Scan(into), statement)
}

// schemaOf is everything that the migrations made, as the catalogue describes it.
func schemaOf(t *testing.T, url string) string {
	t.Helper()
	var parts []string
	for _, statement := range []string{
		`SELECT string_agg(format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			pg_get_expr(d.adbin, d.adrelid)), E'\n' ORDER BY c.relname, a.attnum)
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
			WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'i')`,
		`SELECT string_agg(format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), E'\n' ORDER BY conrelid::regclass::text, conname)
			FROM pg_constraint WHERE connamespace = 'public'::regnamespace`,
		`SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'`,
		`SELECT string_agg(format('%s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check), E'\n' ORDER BY tablename, policyname) FROM pg_policies`,
		`SELECT string_agg(format('%s %s', oid::regprocedure, prosrc), E'\n' ORDER BY oid::regprocedure::text) FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
		`SELECT string_agg(pg_get_triggerdef(oid), E'\n' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE NOT tgisinternal`,
		`SELECT string_agg(format('%s %s %s', relname, relacl, relforcerowsecurity), E'\n' ORDER BY relname) FROM pg_class
			WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')`,
		`SELECT string_agg(format('%s.%s %s', attrelid::regclass, attname, attacl), E'\n' ORDER BY attrelid::regclass::text, attname) FROM pg_attribute
			WHERE attacl IS NOT NULL`,
		`SELECT string_agg(version_id::text, ' ' ORDER BY id) FROM goose_db_version WHERE is_applied`,
	} {
		var text *string
		query(t, url, statement, &text)
		if text != nil {
			parts = append(parts, *text)
		}
	}
	return strings.Join(parts, "\n\n")
}
