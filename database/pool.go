package database

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// idleInTransaction ends a session that holds locks and does nothing, because its node was paused: so
// long the others wait for it at most. Our transactions take milliseconds.
const idleInTransaction = 10 * time.Second

// pingAfter is the idle time after which a connection is asked before it is used.
const pingAfter = time.Second

// openPool connects as tanamori_app and makes sure that it is as weak as it has to be.
func openPool(ctx context.Context, cfg *pgxpool.Config, opts Options, disk *disk) (*pgxpool.Pool, error) {
	cfg.MaxConns = opts.MaxConns
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 5 * time.Minute
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.HealthCheckPeriod = 15 * time.Second
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second

	// After the server has gone and come back, each connection would fail once for its next user.
	// Those that look as if they had ended are asked first; the others are spared the round trip.
	cfg.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > pingAfter || suspicious(p.Conn.PgConn().Conn())
	}

	cfg.ConnConfig.OnPgError = disk.onPgError
	params := cfg.ConnConfig.RuntimeParams
	params["application_name"] = "tanamori"
	params["timezone"] = "UTC"
	params["statement_timeout"] = milliseconds(opts.StatementTimeout)
	params["jit"] = "off" // our statements take milliseconds; compiling one takes dozens, whenever the planner overrates it
	params["idle_in_transaction_session_timeout"] = milliseconds(idleInTransaction)

	// pgx gives timestamptz in the machine's zone unless told; a test that passes in one zone and
	// fails in another is not worth having.
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := checkRole(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// roleRights reads what the session's role may do. PostgreSQL 16 moved inheritance from the role to
// each of its memberships; before, the column does not exist, hence the way through jsonb.
const roleRights = `
	SELECT session_user::text, r.rolsuper, r.rolbypassrls, r.rolinherit OR EXISTS (
		SELECT FROM pg_auth_members m WHERE m.member = r.oid AND (to_jsonb(m) ->> 'inherit_option')::boolean)
	FROM pg_roles r WHERE r.rolname = session_user`

// checkRole refuses a login that could see rows without asking for a role: isolation rests on it.
func checkRole(ctx context.Context, pool *pgxpool.Pool) error {
	var role string
	var super, bypass, inherit bool
	if err := pool.QueryRow(ctx, roleRights).Scan(&role, &super, &bypass, &inherit); err != nil {
		return err
	}
	if role != AppRole || super || bypass || inherit {
		return fmt.Errorf("the login %s (superuser %t, bypasses row security %t, inherits %t) must be %s with NOSUPERUSER NOBYPASSRLS NOINHERIT",
			role, super, bypass, inherit, AppRole)
	}
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
