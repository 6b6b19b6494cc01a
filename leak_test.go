package main

import (
	"testing"

	"tanamori/database/databasetest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }
