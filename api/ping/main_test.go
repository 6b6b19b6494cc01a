package ping_test

import (
	"testing"

	"tanamori/database/databasetest"
)

func TestMain(m *testing.M) { databasetest.NoLeaks(m) }
