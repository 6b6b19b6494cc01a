package main

import (
	"os"
	"runtime/debug"
)

// tune lets the heap grow to some times what is in use before it is collected, where the environment says nothing else.
// What lives here is a few megabytes, and a door that is asked thousands of times a second would collect them dozens of
// times a second. The limit is soft, and far above what the program needs: beyond it memory is worth more than time.
func tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(512 << 20)
	}
}
