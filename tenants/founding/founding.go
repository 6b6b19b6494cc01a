// Package founding makes the first rows of a consortium: itself, its host town and the host's first administrator. Nobody
// could do this from inside, since everybody acts for a town that is there already; so it is done once, with the
// database owner's login, from the command line.
package founding

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"tanamori/tenants"
)

// Input says what is founded. The town's other facts are changed later on its own page.
type Input struct {
	Consortium string // 蘭越町 戸籍データセンター
	TownName   string
	TownKana   string
	TownCode   string // six digits with the check digit
	Zone       string
	Demo       bool
	Since      time.Time // since when the host belongs to it
}

// Founded is what was made.
type Founded struct{ ConsortiumID, TenantID int64 }

// Founder acts as the host's administrator before there is a person: for adding the first people, and for the
// demonstration. It stands in the operation log under its name.
func (f Founded) Founder(name string, towns ...int64) tenants.Actor {
	return tenants.Person(tenants.Actor{Consortium: f.ConsortiumID, TenantID: f.TenantID, Name: name, Title: "初期設定",
		Posts: []tenants.Post{tenants.HostAdmin}, Towns: append([]int64{f.TenantID}, towns...), Lang: "ja", RequestID: "founding", Remote: "command line"})
}

// Empty tells whether there is no consortium yet.
func Empty(ctx context.Context, ownerConnString string) (empty bool, err error) {
	conn, err := pgx.Connect(ctx, ownerConnString)
	if err != nil {
		return false, fmt.Errorf("look for a consortium: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if err := conn.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM consortium)`).Scan(&empty); err != nil {
		return false, fmt.Errorf("look for a consortium: %w", err)
	}
	return empty, nil
}

// Found makes a consortium and its host town, with a check-in key of its own and the usual ladder of calls.
func Found(ctx context.Context, ownerConnString string, in Input, now time.Time) (f Founded, err error) {
	key := make([]byte, 16)
	if _, err := rand.Read(key); err != nil {
		return f, fmt.Errorf("found a consortium: %w", err)
	}
	ping := base64.RawURLEncoding.EncodeToString(key)
	conn, err := pgx.Connect(ctx, ownerConnString)
	if err != nil {
		return f, fmt.Errorf("found a consortium: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `INSERT INTO consortium (name, demo, created_at) VALUES ($1, $2, $3) RETURNING id`,
			in.Consortium, in.Demo, now).Scan(&f.ConsortiumID); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
			VALUES ($1, $2, 'host', $3, $4, $5, $6, $7, $8, $9) RETURNING id`, f.ConsortiumID, in.TownCode, in.TownName, in.TownKana, in.Zone,
			in.Since.Format(time.DateOnly), tenants.SearchKey(in.TownName, in.TownKana, in.TownCode), ping, now).Scan(&f.TenantID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) VALUES ($1, '標準', '{0,15,30}', 30)`, f.TenantID)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("found a consortium: %w", err)
	}
	return f, nil
}
