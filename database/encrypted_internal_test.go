package database

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestRequiredEncryptionOfTheDatabase(t *testing.T) {
	t.Parallel()
	for url, good := range map[string]bool{
		"postgres://u@db.example.jp/t?sslmode=verify-full": true, "host=/run/postgresql dbname=t": true, "postgres://u@127.0.0.1/t?sslmode=disable": true,
		"postgres://u@localhost/t": true, "postgres://u@db.example.jp/t": false, "postgres://u@db.example.jp/t?sslmode=prefer": false,
		"postgres://u@db.example.jp/t?sslmode=require": false, "postgres://u@db.example.jp/t?sslmode=disable": false,
		"postgres://u@127.0.0.1,db.example.jp/t?sslmode=prefer": false,
	} {
		cfg, err := pgx.ParseConfig(url)
		require.NoError(t, err, url)
		require.Equal(t, good, encrypted(cfg) == nil, url)
	}
}
