package tenantstest

import (
	"context"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/logger"
)

// statementCounter writes down the statements that rooms send. GORM's logger sees each one, whichever way it was built.
type statementCounter struct {
	logger.Interface
	mu   sync.Mutex
	seen []string
}

// LogMode keeps the counter in place.
func (c *statementCounter) LogMode(logger.LogLevel) logger.Interface { return c }

// ParamsFilter keeps values out of what is written down.
func (c *statementCounter) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace is called by GORM once a statement.
func (c *statementCounter) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error) {
	sql, _ := fc()
	c.mu.Lock()
	c.seen = append(c.seen, sql)
	c.mu.Unlock()
	c.Interface.Trace(ctx, begin, fc, err)
}

// Statements are the SQL statements that rooms sent over the bench's Ground while fn ran, without the one that opens a
// transaction as its actor, BEGIN and COMMIT.
func (b *Bench) Statements(fn func()) []string {
	b.count.mu.Lock()
	from := len(b.count.seen)
	b.count.mu.Unlock()
	fn()
	b.count.mu.Lock()
	defer b.count.mu.Unlock()
	var sent []string
	for _, sql := range b.count.seen[from:] {
		if !strings.HasPrefix(sql, "SELECT set_config('tanamori.towns'") {
			sent = append(sent, sql)
		}
	}
	return sent
}

// QueryCount is the number of Statements.
func (b *Bench) QueryCount(fn func()) int { return len(b.Statements(fn)) }
