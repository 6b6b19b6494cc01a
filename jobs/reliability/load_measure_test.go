package reliability_test

import (
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// loadAnswers counts answers by who asked and status.
type loadAnswers struct {
	mu sync.Mutex
	n  map[string]map[int]int64
}

func (a *loadAnswers) add(kind string, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n[kind] == nil {
		a.n[kind] = map[int]int64{}
	}
	a.n[kind][status]++
}

func (a *loadAnswers) of(kind string, status int) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n[kind][status]
}

// String is every count on one line.
func (a *loadAnswers) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var parts []string
	for kind, by := range a.n {
		for status, n := range by {
			parts = append(parts, fmt.Sprintf("%s %d: %d", kind, status, n))
		}
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

// check holds every answer to being no fault of the server's, and the load to having had some of everything.
func (a *loadAnswers) check(t testing.TB) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for kind, by := range a.n {
		for status, n := range by {
			require.True(t, status < 500 || status == http.StatusServiceUnavailable, "%d %s were answered %d", n, kind, status)
		}
	}
	for kind, want := range map[string][]int{machineKind: {200}, troubleKind: {200, 400, 404, 413}, pageKind: {200, 303, 404}, apiKind: {200}, liveKind: {200}, linkKind: {200}} {
		for _, status := range want {
			require.Positive(t, a.n[kind][status], "%s answered %d", kind, status)
		}
	}
}

// figures is what an installation at rest holds.
type figures struct {
	heap        float64 // bytes that live after a collection
	goroutines  float64
	files       float64 // open file descriptors, those of the database's connections left out
	connections float64 // of the node to the database
	most        float64 // … that its pool may have
	left        int     // temporary files
	tables      map[string]table
}

// table is what a relation takes, its indexes and long values included, after a vacuum.
type table struct{ bytes, indexes, rows, dead float64 }

// String is the figures on one line.
func (f figures) String() string {
	bytes, rows := 0.0, 0.0
	for _, t := range f.tables {
		bytes, rows = bytes+t.bytes, rows+t.rows
	}
	return fmt.Sprintf("heap %.1f MB, %.0f goroutines, %.0f files, %.0f of %.0f connections, %d temporary files, tables %.1f MB for %.0f rows",
		f.heap/1e6, f.goroutines, f.files, f.connections, f.most, f.left, bytes/1e6, rows)
}

// measure reads the node's own figures until two collections have gone by, and takes the least of each: connections of
// those who have gone are still ending at first.
func (w *loadWorld) measure() figures {
	w.t.Helper()
	browser.CloseIdleConnections()
	f := figures{heap: math.Inf(1), goroutines: math.Inf(1), files: math.Inf(1), tables: map[string]table{}}
	begun := w.metrics()["go_gc_duration_seconds_count"]
	await(w.t, "the node collects its garbage", func() bool {
		fetch(w.t.Context(), http.MethodGet, w.at("/board"), "", patience, "Cookie", w.people[0].cookie) // makes some
		m := w.metrics()
		f.heap = min(f.heap, m["go_memstats_next_gc_bytes"]/2) // the collector lets the heap double
		f.goroutines = min(f.goroutines, m["go_goroutines"])
		f.files = min(f.files, m["process_open_fds"]-m["tanamori_pool_connections"])
		f.connections, f.most = m["tanamori_pool_connections"], m["tanamori_pool_connections_most"]
		return m["go_gc_duration_seconds_count"] > begun+1
	})
	require.NoError(w.t, filepath.WalkDir(w.data, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			f.left++
		}
		return err
	}))
	w.SQL(`VACUUM (ANALYZE)`)
	for _, row := range w.SQL(`SELECT c.relname::text AS name, pg_total_relation_size(c.oid)::float8 AS bytes, pg_indexes_size(c.oid)::float8 AS indexes,
			c.reltuples::float8 AS rows, pg_stat_get_dead_tuples(c.oid)::float8 AS dead
		FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`) {
		f.tables[row["name"].(string)] = table{row["bytes"].(float64), row["indexes"].(float64), max(row["rows"].(float64), 0), row["dead"].(float64)}
	}
	return f
}

// metrics is what the node says of itself.
func (w *loadWorld) metrics() map[string]float64 {
	w.t.Helper()
	status, _, text := fetch(w.t.Context(), http.MethodGet, w.at("/metrics"), "", patient)
	require.Equal(w.t, http.StatusOK, status, text)
	m := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); found && err == nil {
			m[name] = v
		}
	}
	return m
}

// requireNoGrowth holds the figures of the rounds after the warm-up to having no trend: by how much they grew from the
// first to the last, told by the middle of all slopes between two rounds (Theil–Sen), of which one odd round changes
// nothing. How many rows there are may grow, what a row takes may not.
func requireNoGrowth(t testing.TB, rounds []figures) {
	t.Helper()
	require.GreaterOrEqual(t, len(rounds), 4)
	first, last := rounds[0], rounds[len(rounds)-1]
	for _, of := range []struct {
		what  string
		value func(figures) float64
		share float64 // of the middle value, by which it may seem to have grown
		least float64 // … and what is noise whatever the share
	}{
		{"live heap (bytes)", func(f figures) float64 { return f.heap }, 0.2, 4e6},
		{"goroutines", func(f figures) float64 { return f.goroutines }, 0.1, 8},
		{"open files", func(f figures) float64 { return f.files }, 0.1, 6},
	} {
		values := make([]float64, len(rounds))
		for i, f := range rounds {
			values[i] = of.value(f)
		}
		grown, middle := growth(values), median(values)
		require.LessOrEqual(t, grown, max(of.share*middle, of.least), "%s grow over the run: %v", of.what, values)
	}
	for _, f := range rounds {
		require.LessOrEqual(t, f.connections, f.most)
		require.Equal(t, first.left, f.left, "temporary files stay behind")
	}
	for name, now := range last.tables {
		then := first.tables[name]
		more := 1.3 * max(now.rows/max(then.rows, 1), 1)
		const noise = 1 << 20 // pages that the first rows of a table open, and whose rows are toasted by chance
		require.LessOrEqual(t, now.bytes, then.bytes*more+noise, "%s swells: %+v, %+v", name, then, now)
		require.LessOrEqual(t, now.indexes, then.indexes*more+noise, "the indexes of %s swell: %+v, %+v", name, then, now)
		require.LessOrEqual(t, now.dead, 200+now.rows/10, "a vacuum leaves dead rows of %s: something holds on to them", name)
	}
}

// growth is by how much the values rose from the first to the last.
func growth(values []float64) float64 {
	var slopes []float64
	for i := range values {
		for j := range i {
			slopes = append(slopes, (values[i]-values[j])/float64(i-j))
		}
	}
	return median(slopes) * float64(len(values)-1)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// The measure of growth itself: a leak is seen through noise, and noise is no leak.
func TestGrowthIsATrendAndNotNoise(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 40, growth([]float64{100, 110, 120, 130, 140}), 0.1)
	require.InDelta(t, 40, growth([]float64{100, 110, 500, 130, 140}), 15)
	require.Zero(t, growth([]float64{100, 180, 100, 180, 100}))
	leak := func(n int) figures { return figures{heap: 20e6 + 3e6*float64(n), goroutines: 60, files: 20} }
	quiet := func(n int) figures {
		return figures{heap: 20e6 + 2e6*float64(n%2), goroutines: 60 + float64(n%3), files: 20}
	}
	broken := &caught{TB: t}
	for name, c := range map[string]struct {
		of   func(int) figures
		leak bool
	}{"leak": {leak, true}, "noise": {quiet, false}} {
		var rounds []figures
		for n := range 5 {
			rounds = append(rounds, c.of(n))
		}
		require.Equal(t, c.leak, broken.by(func(t testing.TB) { requireNoGrowth(t, rounds) }), name)
	}
}

// caught is a test within the test, to see it fail.
type caught struct {
	testing.TB
	failed bool
}

func (c *caught) by(do func(testing.TB)) bool {
	c.failed = false
	done := make(chan struct{})
	go func() { defer close(done); do(c) }()
	<-done
	return c.failed
}

// Errorf notes that it failed.
func (c *caught) Errorf(string, ...any) { c.failed = true }

// FailNow ends the test within.
func (c *caught) FailNow() { c.failed = true; runtime.Goexit() }
