package databasetest

import (
	"testing"

	"go.uber.org/goleak"
)

// NoLeaks runs a package's tests and fails it if one of their goroutines is still there when they have ended: a package
// that starts goroutines calls it as its TestMain. What belongs to the run's shared cluster lasts until the process ends;
// further exceptions are the caller's.
func NoLeaks(m *testing.M, except ...goleak.Option) {
	goleak.VerifyTestMain(m, append(except,
		goleak.IgnoreAnyFunction("tanamori/database/embedded.(*Cluster).spawn.func1"), // the first process of a run starts it
		goleak.IgnoreAnyFunction("tanamori/database/embedded.(*Cluster).adopt.func1"),
		goleak.IgnoreAnyFunction("tanamori/database/databasetest.runDir.ensureReaper.func1"))...)
}
