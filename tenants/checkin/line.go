package checkin

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// line is a writer's connection. It is kept from batch to batch: getting it anew for each would make every burst stand in
// the pool's queue behind pages and jobs.
type line struct {
	pool *pgxpool.Pool
	conn *pgxpool.Conn // nil until the first batch
	used time.Time

	byUUID, byAny *pgconn.StatementDescription
}

// askAfter is after how long unused a connection is asked whether the server is still there: what fails then has not sent
// anything, and another connection takes over.
const askAfter = time.Second

// ready makes sure of a connection with the statements prepared.
func (l *line) ready(ctx context.Context, now time.Time) (err error) {
	if l.conn != nil && now.Sub(l.used).Abs() > askAfter && l.conn.Ping(ctx) != nil {
		l.drop()
	}
	l.used = now
	if l.conn != nil {
		return nil
	}
	if l.conn, err = l.pool.Acquire(ctx); err != nil {
		l.conn = nil
		return fmt.Errorf("get a connection: %w", err)
	}
	if _, err := l.conn.Exec(ctx, asIngest); err != nil {
		l.drop()
		return fmt.Errorf("take the role: %w", err)
	}
	for _, p := range []struct {
		statement **pgconn.StatementDescription
		name, sql string
	}{
		{&l.byUUID, "checkin_by_uuid", keepByUUID}, {&l.byAny, "checkin_by_any", keepByAny},
	} {
		if *p.statement, err = l.conn.Conn().Prepare(ctx, p.name, p.sql); err != nil {
			l.drop()
			return fmt.Errorf("prepare %s: %w", p.name, err)
		}
	}
	return nil
}

// drop ends the connection. It does not go back to the pool: after a write that the server was slow to read, pgx may still
// be listening on it.
func (l *line) drop() {
	if l.conn == nil {
		return
	}
	raw := l.conn.Hijack()
	l.conn = nil
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = raw.Close(ctx) // it is given up either way
}
