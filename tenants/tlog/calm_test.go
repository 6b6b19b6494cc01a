package tlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// An id taken early is committed late: rows with higher ids are gathered and signed before. It is taken when it is there.
func TestWhatCommitsLateIsNotPassedOver(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	slow, err := h.Owner.Begin(t.Context())
	require.NoError(t, err)
	insert := `INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote) VALUES ($1, $2, '遅', '', 'x', 'x', '', '') RETURNING id`
	var early, inner int64
	require.NoError(t, slow.QueryRow(t.Context(), insert, h.town, h.Clock.Now()).Scan(&early))
	_, err = slow.Exec(t.Context(), `SAVEPOINT a`) // a subtransaction has a number of its own
	require.NoError(t, err)
	require.NoError(t, slow.QueryRow(t.Context(), insert, h.town, h.Clock.Now()).Scan(&inner))
	_, err = slow.Exec(t.Context(), `SAVEPOINT b`)
	require.NoError(t, err)
	_, err = slow.Exec(t.Context(), insert, h.town, h.Clock.Now())
	require.NoError(t, err)
	_, err = slow.Exec(t.Context(), `ROLLBACK TO SAVEPOINT b`)
	require.NoError(t, err)
	h.log(3)
	h.gather()
	require.Empty(t, h.inspect(), "what is not committed is not missing")
	require.EqualValues(t, 3, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE kind = 'operation_log'`))
	h.Clock.Advance(time.Minute)
	require.NoError(t, slow.Commit(t.Context()))
	h.gather()
	require.EqualValues(t, 2, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE row_id IN ($1, $2)`, early, inner))
	require.EqualValues(t, 5, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE kind = 'operation_log'`), "and nothing of what was rolled back")
	require.Empty(t, h.inspect())
	r := h.verify(h.whole(), evidence.Trust{})
	require.True(t, r.Holds(), said(r))
}

// Writers, three nodes that gather and one that inspects, all at once, some rounds ended before their commit: every row is
// gathered once, and nobody is alarmed.
func TestNothingIsAlarmingAboutManyAtOnce(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(1)
	stop := errors.New("killed")
	var all sync.WaitGroup
	var trouble sync.Map
	try := func(what string, fn func(i int) error) {
		all.Go(func() {
			for i := range 40 {
				if err := fn(i); err != nil && !errors.Is(err, stop) {
					trouble.Store(what, err)
				}
			}
		})
	}
	for w := range 3 {
		try("write", func(i int) error {
			return h.Try(h.admin, func(_ context.Context, tx *tenants.Tx) error {
				if err := tx.Record(tenants.Line{Town: h.town, Act: tenants.WriteServer, Object: "server", ObjectID: int64(i)}); err != nil || (w+i)%7 > 0 {
					return err
				}
				return stop
			})
		})
	}
	for range 3 {
		try("gather", func(i int) error {
			return h.Try(tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error {
				if _, err := tlog.Gather(ctx, tx, 5); err != nil || i%3 > 0 {
					return err
				}
				return stop // killed after all its work and before its commit
			})
		})
	}
	try("inspect", func(int) error {
		return h.Try(tenants.Job("inspect"), func(ctx context.Context, tx *tenants.Tx) error {
			n, err := tlog.Inspect(ctx, tx, 30)
			if n > 0 {
				err = errors.Join(err, fmt.Errorf("%d false alarms", n))
			}
			return err
		})
	})
	all.Wait()
	trouble.Range(func(what, err any) bool { require.NoError(t, err.(error), what); return true })
	h.gather()
	require.Empty(t, h.inspect())
	require.Zero(t, h.breaches())
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_finding`))
	require.Equal(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE tenant_id = $1`, h.town),
		tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE tenant_id = $1 AND kind = 'operation_log'`, h.town))
	r := h.verify(h.whole(), evidence.Trust{})
	require.True(t, r.Holds(), said(r))
}

// A copy of the database, restored after more was gathered: what is restored is recorded, the audit is quiet, and the check
// tells a town that holds a later checkpoint what became of it.
func TestARestoredCopyIsAnEventAndNoAlarm(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	h.log(1) // waits to be gathered as the copy is taken
	at, early := h.state().SignedSize, h.state().Note
	name := tenantstest.Value[string](h.Bench, `SELECT current_database()::text`)
	cfg := h.Owner.Config().ConnConfig
	maintenance := cfg.Copy()
	maintenance.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), maintenance)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	h.Owner.Reset()
	h.Handle.Pool.Reset()
	copied := name + "_restored"
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `CREATE DATABASE `+copied+` TEMPLATE `+name)
	require.NoError(t, err)
	defer func() {
		_, err := conn.Exec(context.WithoutCancel(t.Context()), `DROP DATABASE `+copied+` WITH (FORCE)`)
		require.NoError(t, err)
	}()
	h.Clock.Advance(time.Hour)
	h.nights(2)
	lost := h.state().Note
	before := h.state().SignedSize

	h.into(t, copied)
	h.Clock.Advance(time.Hour)
	h.nights(1)
	require.Equal(t, "restored", h.state().Events[0].Kind)
	require.Equal(t, at, h.state().Events[0].Size)
	require.Empty(t, h.inspect())
	require.Zero(t, h.breaches())
	file := h.whole()
	r := h.verify(file, evidence.Trust{Checkpoints: []string{early, lost}})
	require.True(t, r.Holds(), said(r))
	require.Len(t, r.Restores, 1)
	r = h.verify(file, evidence.Trust{Checkpoints: []string{lost}})
	require.Equal(t, []any{0, true}, []any{r.Wrongs, r.Unmet}, "anybody can write that something was restored: it explains, and proves nothing")
	require.Contains(t, r.Remarks[1].En, fmt.Sprintf("of size %d", before))
	require.Contains(t, r.Remarks[1].En, "holds what was lost at the restoring")
	h.nights(1)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, h.town), "said once")
}

// into goes on with another database of the cluster.
func (h *hall) into(t *testing.T, database string) {
	t.Helper()
	owner := h.Owner.Config()
	owner.ConnConfig.Database = database
	pool, err := pgxpool.NewWithConfig(t.Context(), owner)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	app := h.Handle.Pool.Config().ConnConfig
	db, err := gorm.Open(postgres.Open(strings.Join([]string{"host=" + app.Host, fmt.Sprintf("port=%d", app.Port), "user=" + app.User, "dbname=" + database}, " ")),
		&gorm.Config{SkipDefaultTransaction: true, TranslateError: true})
	require.NoError(t, err)
	under, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, under.Close()) })
	b := *h.Bench
	b.Owner, b.Ground = pool, tenants.NewGround(db, h.Clock.Now).With(tenantstest.Ring)
	h.Bench = &b
}

// A copy of the files is the same database: the operator says so.
func TestTheOperatorSaysThatACopyWasRestored(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	size := h.state().Size
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Restored(ctx, tx); return err })
	h.Do(tenants.Job("restored"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Restored(ctx, tx); return err })
	h.nights(1)
	require.Equal(t, []any{"restored", size}, []any{h.state().Events[0].Kind, h.state().Events[0].Size})
	require.Empty(t, h.inspect())
	require.Len(t, h.verify(h.whole(), evidence.Trust{}).Restores, 1)
}

// What is removed by the rule of retention is no alarm: its leaf stays, and the record of its removal is a leaf itself.
func TestRetentionIsNoAlarm(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Clock.Set(time.Date(2019, time.April, 20, 0, 0, 0, 0, time.UTC))
	h.SQL(`UPDATE tenant SET created_at = $1`, h.Clock.Now())
	h.nights(3)
	h.SQL(`UPDATE incident SET state = 'resolved', resolved_at = $1`, h.Clock.Now())
	h.SQL(`UPDATE notice SET state = 'sent', sent_at = $1, next_at = NULL`, h.Clock.Now())
	old := h.whole()
	h.Clock.Set(time.Date(2021, time.April, 2, 0, 0, 0, 0, time.UTC))
	h.run(retention.Bind, 20)
	h.run(retention.Expire, 50)
	require.EqualValues(t, 0, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM checkin`))
	require.Empty(t, h.inspect())
	h.Fault(tenants.KindConflict, h.audit, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.TakeOut(ctx, tx, h.town, day{}, day{})
		return err
	})
	h.gather()
	require.Empty(t, h.inspect())
	require.Zero(t, h.breaches())
	file := h.whole()
	r := h.verify(file, evidence.Trust{})
	require.True(t, r.Holds(), said(r))
	require.EqualValues(t, 6, r.Removed)
	require.True(t, h.verify(old, evidence.Trust{}).Holds(), "a file of then holds as it did")

	// Who removes a row more than the record says is found; so is a record that nothing gathered.
	h.behind(`DELETE FROM confirmation WHERE tenant_id = $1 AND id = (SELECT min(id) FROM confirmation WHERE tenant_id = $1)`, h.town)
	require.Len(t, h.inspect(), 1)
	h.behind(`INSERT INTO expiry (tenant_id, volume_id, kind, years, first_id, last_id, row_count, at) SELECT tenant_id, volume_id, 'confirmation', 7, 0, 1000000, 1, at FROM expiry LIMIT 1`)
	found := h.inspect()
	require.Len(t, found, 1)
	require.Equal(t, "unlisted", found[0].What)
	require.Equal(t, "expiry", found[0].Kind)
}
