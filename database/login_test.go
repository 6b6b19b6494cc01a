package database_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/database/embedded"
)

func TestAppPassword(t *testing.T) {
	t.Parallel()
	// printf tanamori_app | openssl dgst -sha256 -hmac 'correct horse'
	require.Equal(t, "2357296156dbf726e88c432834b49351c6cef31f0900663e93cada465c7b5287", database.AppPassword("correct horse"))
}

// server is a cluster of the test's own, for roles belong to the whole cluster.
type server struct {
	*embedded.Cluster
	password string // of postgres; empty: everybody is trusted
}

// newServer starts one; with a password it asks every login for its own by SCRAM.
func newServer(t testing.TB, password string) *server {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Options{DataDir: filepath.Join(openDir(t), "data"), FastUnsafe: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop(context.Background())) })
	s := &server{Cluster: c}
	if password != "" {
		s.exec(t, `ALTER ROLE postgres PASSWORD '`+password+`'`)
		hba := filepath.Join(c.DataDir, "pg_hba.conf")
		require.NoError(t, os.WriteFile(hba, []byte("local all all scram-sha-256\n"), 0o600))
		s.exec(t, `SELECT pg_reload_conf(), pg_sleep(0.1)`)
		s.password = password
	}
	return s
}

// url is the address for a login, as an operator would write it.
func (s *server) url(user, password string) string {
	u := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{"host": {s.SocketDir}}.Encode()}
	u.User = url.UserPassword(user, password)
	return u.String()
}

func (s *server) owner() string { return s.url("postgres", s.password) }

func (s *server) exec(t testing.TB, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.owner())
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

// verifier is what the server stores for tanamori_app's password.
func (s *server) verifier(t testing.TB) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.owner())
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	var text string
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT rolpassword FROM pg_authid WHERE rolname = 'tanamori_app'`).Scan(&text))
	return text
}

func TestNodesDeriveTheAppsPassword(t *testing.T) {
	t.Parallel()
	s := newServer(t, "correct horse")
	_, err := pgx.Connect(t.Context(), s.url("postgres", "wrong"))
	require.ErrorContains(t, err, "28P01", "the server does ask for passwords")

	var wg sync.WaitGroup
	handles := make([]*database.Handle, 4)
	for i := range handles { // four nodes start at once
		wg.Go(func() {
			h, err := database.Open(t.Context(), database.Options{URL: s.owner(), Migrate: migrate})
			if err != nil {
				t.Error(err)
				return
			}
			handles[i] = h
		})
	}
	wg.Wait()
	for _, h := range handles {
		require.NotNil(t, h)
		var who string
		require.NoError(t, h.Pool.QueryRow(t.Context(), `SELECT session_user`).Scan(&who))
		require.Equal(t, "tanamori_app", who)
		require.Nil(t, h.Embedded)
		require.Equal(t, s.owner(), h.OwnerConnString)
		require.NoError(t, h.Close(t.Context()))
	}
	first := s.verifier(t)
	require.Contains(t, first, "SCRAM-SHA-256$4096:")
	open(t, database.Options{URL: s.owner(), Migrate: migrate})
	require.Equal(t, first, s.verifier(t), "a password that works is left alone")

	t.Run("the app's own address needs no owner", func(t *testing.T) {
		h := open(t, database.Options{
			URL:     s.url("tanamori_app", database.AppPassword("correct horse")),
			Migrate: func(context.Context, string) error { t.Error("migrated as the app"); return nil },
		})
		require.Empty(t, h.OwnerConnString)
		require.NoError(t, h.SQL.PingContext(t.Context()))
		_, err := database.Open(t.Context(), database.Options{URL: s.url("tanamori_app", "wrong")})
		require.ErrorContains(t, err, "28P01")
	})

	t.Run("a new password of the owner gives the app a new one", func(t *testing.T) {
		s.exec(t, `ALTER ROLE postgres PASSWORD 'battery staple'`)
		s.password = "battery staple"
		h := open(t, database.Options{URL: s.owner(), Migrate: migrate})
		require.NoError(t, h.SQL.PingContext(t.Context()))
		require.NotEqual(t, first, s.verifier(t))
		_, err := pgx.Connect(t.Context(), s.url("tanamori_app", database.AppPassword("correct horse")))
		require.ErrorContains(t, err, "28P01")
	})
}

func TestAStrongLoginIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, "")
	opts := database.Options{URL: s.owner(), Migrate: migrate}
	open(t, opts)
	s.exec(t, `CREATE ROLE clerk`)
	for _, tc := range []struct{ give, take, want string }{
		{`ALTER ROLE tanamori_app SUPERUSER`, `ALTER ROLE tanamori_app NOSUPERUSER`, "superuser true"},
		{`ALTER ROLE tanamori_app BYPASSRLS`, `ALTER ROLE tanamori_app NOBYPASSRLS`, "bypasses row security true"},
		{`ALTER ROLE tanamori_app INHERIT`, `ALTER ROLE tanamori_app NOINHERIT`, "inherits true"},
	} {
		s.exec(t, tc.give)
		_, err := database.Open(t.Context(), opts)
		require.ErrorContains(t, err, tc.want)
		s.exec(t, tc.take)
	}
	s.exec(t, `GRANT clerk TO tanamori_app`)
	open(t, opts)
}

func TestAnUnreadableAddressIsAnError(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"postgres://host:port/db", "postgres://postgres@/postgres?host=/nowhere"} {
		_, err := database.Open(t.Context(), database.Options{URL: address})
		require.Error(t, err, address)
	}
}
