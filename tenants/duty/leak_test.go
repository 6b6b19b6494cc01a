package duty_test

import (
	"context"
	"testing"

	"gorm.io/gorm/logger"

	"tanamori/database/databasetest"
)

func TestMain(m *testing.M) {
	// Statements are looked at here with the values they had; the program itself never writes them out.
	logger.RecorderParamsFilter = func(_ context.Context, sql string, params ...any) (string, []any) { return sql, params }
	databasetest.NoLeaks(m)
}
