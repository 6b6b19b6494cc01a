package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// gormLog passes GORM's failed statements to slog: the statement with its placeholders, never a
// value, for the ledgers are about people.
type gormLog struct{ log *slog.Logger }

// LogMode is fixed: what is logged is decided here.
func (g gormLog) LogMode(logger.LogLevel) logger.Interface { return g }

// Info drops GORM's own remarks.
func (g gormLog) Info(context.Context, string, ...any) {}

// Warn passes on GORM's warnings, which speak of settings, not of rows.
func (g gormLog) Warn(ctx context.Context, format string, args ...any) {
	g.log.WarnContext(ctx, "the row mapper warns", "text", fmt.Sprintf(format, args...))
}

// Error drops GORM's errors: each is returned to the caller too.
func (g gormLog) Error(context.Context, string, ...any) {}

// ParamsFilter keeps the values out of the statement that Trace is given.
func (g gormLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// oddPlaceholder is what GORM makes of a placeholder when it has no values to fill in: $1$.
var oddPlaceholder = regexp.MustCompile(`\$(\d+)\$`)

// Where GORM scans rows it writes each statement down for itself, past ParamsFilter: to fill in a list of thousands of towns
// took longer than many a statement.
var _ = func() bool {
	logger.RecorderParamsFilter = func(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }
	return true
}()

// literal is a quoted text in a statement.
var literal = regexp.MustCompile(`'(?:[^']|'')*'`)

// Trace logs a failed statement. What a caller is expected to handle (a broken constraint, a
// request that went away) is for debugging only.
func (g gormLog) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error) {
	if err == nil || errors.Is(err, gorm.ErrRecordNotFound) {
		return
	}
	level, cause := slog.LevelError, []any{"error", err}
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		// Its message may quote a value ("invalid input syntax for type integer: …").
		cause = []any{"sqlstate", refused.Code, "table", refused.TableName, "constraint", refused.ConstraintName}
		if strings.HasPrefix(refused.Code, "23") { // integrity constraint violations
			level = slog.LevelDebug
		}
	case errors.Is(err, context.Canceled), errors.Is(err, sql.ErrTxDone) && errors.Is(ctx.Err(), context.Canceled):
		level = slog.LevelDebug
	}
	if !g.log.Enabled(ctx, level) {
		return
	}
	sql, _ := fc()
	sql = literal.ReplaceAllString(oddPlaceholder.ReplaceAllString(sql, "$$$1"), "'…'")
	g.log.Log(ctx, level, "statement failed", append(cause, "sql", sql, "took", time.Since(begin))...)
}
