package tenants_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// mind is what a connection knows of who asks.
type mind struct{ Role, Towns, Consortium string }

const readMind = `SELECT current_user::text AS role, coalesce(current_setting('tanamori.towns', true), '') AS towns,
	coalesce(current_setting('tanamori.consortium', true), '') AS consortium`

func TestATransactionIsItsActors(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	consortium := tenants.IDs([]int64{tenantstest.Value[int64](b, `SELECT id FROM consortium`)})
	both, own := tenants.IDs([]int64{host, town}), tenants.IDs([]int64{town})
	for _, c := range []struct {
		actor tenants.Actor
		want  mind
	}{
		{b.Person(host, tenants.HostAdmin), mind{"tanamori_host", both, consortium}},
		{b.Person(host, tenants.Auditor), mind{"tanamori_host", both, consortium}},
		{b.Person(host, tenants.Town), mind{"tanamori_town", tenants.IDs([]int64{host}), consortium}},
		{b.Person(town, tenants.Town), mind{"tanamori_town", own, consortium}},
		{tenants.Link(town, "見本 一郎", "r", ""), mind{"tanamori_town", own, ""}},
		{tenants.Job("judge"), mind{"tanamori_job", "", ""}},
		{tenants.Gate("r", ""), mind{"tanamori_gate", "", ""}},
	} {
		var got mind
		b.Do(c.actor, func(_ context.Context, tx *tenants.Tx) error { return tx.DB.Raw(readMind).Scan(&got).Error })
		require.Equal(t, c.want, got)
	}
}

func TestNothingOfAnActorStaysOnItsConnection(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin := b.Person(host, tenants.HostAdmin)
	gone := errors.New("the act failed")
	pids := map[int]bool{}
	for name, end := range map[string]func(tx *tenants.Tx) error{
		"committed":         func(*tenants.Tx) error { return nil },
		"rolled back":       func(*tenants.Tx) error { return gone },
		"failed in SQL":     func(tx *tenants.Tx) error { return tx.DB.Exec(`SELECT 1/0`).Error },
		"ended in a panic":  func(*tenants.Tx) error { panic("act") },
		"role changed back": func(tx *tenants.Tx) error { return tx.DB.Exec(`RESET ROLE`).Error },
	} {
		func() {
			defer func() { _ = recover() }()
			_ = b.Try(admin, func(_ context.Context, tx *tenants.Tx) error {
				var pid int
				require.NoError(t, tx.DB.Raw(`SELECT pg_backend_pid()`).Scan(&pid).Error)
				pids[pid] = true
				return end(tx)
			})
		}()
		// Every connection of the pool, so that the one used is among them.
		var held []*pgxpool.Conn
		for range b.Handle.Pool.Stat().TotalConns() {
			conn, err := b.Handle.Pool.Acquire(t.Context())
			require.NoError(t, err)
			held = append(held, conn)
		}
		for _, conn := range held {
			var m mind
			require.NoError(t, conn.QueryRow(t.Context(), readMind).Scan(&m.Role, &m.Towns, &m.Consortium))
			require.Equal(t, mind{Role: "tanamori_app"}, m, name)
			delete(pids, int(conn.Conn().PgConn().PID()))
			conn.Release()
		}
		require.Empty(t, pids, "the connection that was used has been looked at")
	}
}

func TestAnActorIsMadeAndNotWritten(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	called := false
	for _, actor := range []tenants.Actor{{}, {Posts: []tenants.Post{tenants.HostAdmin, tenants.Pipeline}, Towns: []int64{host}, Consortium: 1}} {
		err := b.Try(actor, func(context.Context, *tenants.Tx) error { called = true; return nil })
		require.ErrorContains(t, err, "an actor nobody made")
	}
	require.False(t, called)
	a := tenants.Person(tenants.Actor{Posts: []tenants.Post{tenants.Town}, Towns: []int64{host}})
	require.False(t, a.IsHost())
	require.True(t, a.Sees(host))
	require.False(t, a.Sees(host+1))
	require.True(t, tenants.Job("x").Sees(host+1))
	require.Equal(t, "住民福祉課長 見本 一郎", tenants.Actor{Title: "住民福祉課長", Name: "見本 一郎"}.Text())
	require.Equal(t, "見本 一郎", tenants.Actor{Name: "見本 一郎"}.Text())
}

func TestAnActHasOneMoment(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	odd := tenantstest.Start.Add(123456789 * time.Nanosecond)
	b.Clock.Set(odd)
	b.Do(tenants.Job("x"), func(_ context.Context, tx *tenants.Tx) error {
		b.Clock.Advance(time.Hour)
		require.Equal(t, odd.Truncate(time.Microsecond), tx.Now, "as Postgres keeps it")
		var back struct{ At time.Time }
		require.NoError(t, tx.DB.Raw(`SELECT CAST(@now AS timestamptz) AS at`, map[string]any{"now": tx.Now}).Scan(&back).Error)
		require.Equal(t, tx.Now, back.At, "and gives it back")
		return nil
	})
}

func TestWhatTheDatabaseRefusesEndsTheAct(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	err := b.Try(b.Person(host, tenants.HostAdmin), func(_ context.Context, tx *tenants.Tx) error {
		return tx.DB.Exec(`INSERT INTO occurrence SELECT`).Error
	})
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg, "the cause stays in the chain")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = b.Ground.Do(ctx, tenants.Job("x"), func(context.Context, *tenants.Tx) error { return nil })
	require.ErrorIs(t, err, context.Canceled)
}
