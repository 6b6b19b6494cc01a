package checkin

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// line is a writer's connection. It is kept from batch to batch: getting it anew for each would make every burst stand in
// the pool's queue behind pages and jobs.
type line struct {
	pool *pgxpool.Pool
	conn *pgxpool.Conn
	used time.Time
}

// askAfter is after how long unused a connection is asked whether the server is still there: what fails then has not sent
// anything, and another connection takes over.
const askAfter = time.Second

func (l *line) get(ctx context.Context, now time.Time) (*pgxpool.Conn, error) {
	if l.conn != nil && now.Sub(l.used) > askAfter && l.conn.Ping(ctx) != nil {
		l.drop()
	}
	l.used = now
	if l.conn != nil {
		return l.conn, nil
	}
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("get a connection: %w", err)
	}
	l.conn = conn
	return conn, nil
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
