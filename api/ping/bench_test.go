//go:build linux

package ping_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/ping"
	"tanamori/database"
	"tanamori/migrations"
	"tanamori/tenants/checkin"
)

const (
	benchSources = 1000
	benchRounds  = 4
	benchTime    = 2 * time.Second
)

// BenchmarkCheckins measures check-ins a second over real HTTP on loopback, each durable before its answer (fsync and
// synchronous_commit on, a cluster on the disk), against the best that pgbench reaches with the same insert and update on
// the same cluster. Both take turns, and the best of each counts. It measures once, however often it is asked to.
func BenchmarkCheckins(b *testing.B) {
	bench := newBench(b)
	yardsticks := []struct {
		name, script string
		clients      int
	}{
		{"one statement, 8 clients", oneStatement, 8},
		{"one statement, 64 clients", oneStatement, 64},
		{"a transaction of two, 8 clients", twoStatements, 8},
	}
	ours, theirs := map[int][]load{}, make([][]float64, len(yardsticks))
	for range benchRounds {
		for i, y := range yardsticks {
			theirs[i] = append(theirs[i], bench.pgbench(b, y.script, y.clients))
			connections := []int{64, 8, 256}[i]
			ours[connections] = append(ours[connections], bench.load(b, connections))
		}
		ours[1] = append(ours[1], bench.load(b, 1))
	}
	best := 0.0
	for i, rates := range theirs {
		fmt.Printf("\n# pgbench, %s: %.0f/s", yardsticks[i].name, rates)
		best = max(best, slices.Max(rates))
	}
	fmt.Println()
	for _, connections := range []int{1, 8, 64, 256} {
		tell(connections, ours[connections], best)
	}
	b.ReportMetric(0, "ns/op")
}

// tell prints the best run at so many connections against the best of pgbench.
func tell(connections int, runs []load, best float64) {
	fmt.Printf("# %d connections:", connections)
	for _, r := range runs {
		fmt.Printf(" %.0f/s (p50 %.1f ms, p99 %.1f ms, %.0f a batch)", r.Rate, r.P50, r.P99, r.Batch)
	}
	run := slices.MaxFunc(runs, func(x, y load) int { return cmp.Compare(x.Rate, y.Rate) })
	ratio, target, rate, p99 := "-", "-", "ok", "ok"
	if best > 0 {
		ratio = strconv.FormatFloat(run.Rate/best, 'f', 2, 64)
	}
	if connections == 64 {
		target = "1.5"
		if best > 0 && run.Rate < 1.5*best {
			rate = "short"
		}
	}
	fmt.Printf("\nBENCH checkins_%d %.0f req/s %s %s %s\n", connections, run.Rate, ratio, target, rate)
	if connections == 64 {
		if run.P99 > 15 {
			p99 = "short"
		}
		fmt.Printf("BENCH checkins_64_p99 %.1f ms - 15 %s\n", run.P99, p99)
	}
}

// The same work for pgbench, in the two shapes that a program would give it. :town and :first are set on its command line.
const (
	insertCheckin = `INSERT INTO checkin (tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body)
VALUES (:town, :n, now(), 'success', NULL, NULL, 'POST', '127.0.0.1', 'curl/7.88.1', 'application/json', '` + benchBody + `')`
	updateState  = `UPDATE source_state SET seq = seq + 1, last_at = now(), last_kind = 'success' WHERE tenant_id = :town AND source_id = :n`
	oneStatement = "\\set n random(:first, :first + 999)\n" + `WITH kept AS (` + insertCheckin + `)
` + updateState + ";\n"
	twoStatements = "\\set n random(:first, :first + 999)\nBEGIN;\n" + insertCheckin + ";\n" + updateState + ";\nCOMMIT;\n"

	benchBody = `{"bytes":48318382080,"files":1,"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`
)

type bench struct {
	address string
	handle  *database.Handle
	intake  *checkin.Intake
	town    int64
	first   int64 // sources have consecutive ids
	uuids   []string
	tools   string // directory of pgbench, empty where there is none
	dir     string
}

func newBench(b *testing.B) *bench {
	b.Helper()
	dir, err := os.MkdirTemp("", "tanamori-bench-") // b.TempDir is closed to the server's user
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, os.RemoveAll(dir)) })
	require.NoError(b, os.Chmod(dir, 0o755))
	quiet := slog.New(slog.DiscardHandler)
	h, err := database.Open(b.Context(), database.Options{DataDir: filepath.Join(dir, "data"), Migrate: migrations.Apply, Logger: quiet})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, h.Close(context.Background())) })
	k := &bench{handle: h, dir: dir, tools: pgbenchDir()}
	k.fill(b)

	k.intake = checkin.NewIntake(h.Pool, time.Now, quiet, checkin.IntakeConfig{})
	e := echo.New()
	ping.Mount(e, k.intake, quiet)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	k.address = listener.Addr().String()
	server := &http.Server{Handler: e}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() {
		require.NoError(b, server.Close())
		require.NoError(b, k.intake.Stop(context.Background()))
	})
	return k
}

func (k *bench) fill(b *testing.B) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), k.handle.OwnerConnString)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(context.Background())) }()
	require.NoError(b, conn.QueryRow(b.Context(), `
		WITH c AS (INSERT INTO consortium (name, created_at) VALUES ('見本', now()) RETURNING id)
		INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT id, '015865', 'member', 'むかわ町', '', 'Asia/Tokyo', '2020-04-01', '', 'AAAAAAAAAAAAAAAAAAAAAA', now() FROM c RETURNING id`).Scan(&k.town))
	require.NoError(b, conn.QueryRow(b.Context(), `
		WITH s AS (INSERT INTO source (tenant_id, uuid, slug, kind, about_id, created_at)
			SELECT $1, gen_random_uuid(), 'bench-' || n, 'bench', n, now() FROM generate_series(1, $2) n RETURNING tenant_id, id, uuid),
		t AS (INSERT INTO source_state (tenant_id, source_id, seq) SELECT tenant_id, id, 0 FROM s)
		SELECT min(id), array_agg(uuid::text ORDER BY id) FROM s`, k.town, benchSources).Scan(&k.first, &k.uuids))
	_, err = conn.Exec(b.Context(), `VACUUM ANALYZE`)
	require.NoError(b, err)
}

// pgbenchDir is where pgbench is, empty where it is not installed.
func pgbenchDir() string {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench gives its transactions a second; 0 where it is not installed.
func (k *bench) pgbench(b *testing.B, script string, clients int) float64 {
	b.Helper()
	if k.tools == "" {
		return 0
	}
	file := filepath.Join(k.dir, "script.sql")
	require.NoError(b, os.WriteFile(file, []byte(script), 0o600))
	config, err := pgx.ParseConfig(k.handle.OwnerConnString)
	require.NoError(b, err)
	out, err := exec.CommandContext(b.Context(), filepath.Join(k.tools, "pgbench"), "-n", "-M", "prepared", "-j", "1",
		"-c", strconv.Itoa(clients), "-T", strconv.Itoa(int(benchTime.Seconds())), "-f", file,
		"-D", fmt.Sprintf("town=%d", k.town), "-D", fmt.Sprintf("first=%d", k.first),
		"-h", config.Host, "-p", strconv.Itoa(int(config.Port)), "-U", config.User, config.Database).CombinedOutput()
	require.NoError(b, err, "%s", out)
	rate := tps.FindSubmatch(out)
	if rate == nil {
		return 0 // on a crowded machine the time may be over before all clients have connected
	}
	value, err := strconv.ParseFloat(string(rate[1]), 64)
	require.NoError(b, err)
	return value
}

// load is what a load generator saw. It is a process of its own, as the machines are.
type load struct {
	Rate            float64 // answers 200 a second
	Bad             int     // other answers
	P50, P99, Worst float64 // ms
	Batch           float64 `json:"-"`
}

type loadOrder struct {
	Address     string
	UUIDs       []string
	Body        string
	Connections int
	Time        time.Duration
}

const loadVariable = "TANAMORI_BENCH_LOAD"

func (k *bench) load(b *testing.B, connections int) load {
	b.Helper()
	order, err := json.Marshal(loadOrder{Address: k.address, UUIDs: k.uuids, Body: benchBody, Connections: connections, Time: benchTime})
	require.NoError(b, err)
	before, rows := k.intake.Stats(), k.rows(b)
	command := exec.CommandContext(b.Context(), os.Args[0])
	command.Env = append(os.Environ(), loadVariable+"="+string(order), "GOMAXPROCS=1")
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(b, err, "%s", out)
	var seen load
	require.NoError(b, json.Unmarshal(out, &seen), "%s", out)
	after := k.intake.Stats()
	require.Zero(b, seen.Bad)
	require.Equal(b, after.Kept-before.Kept, k.rows(b)-rows, "a row for every answer")
	seen.Batch = float64(after.Kept-before.Kept) / float64(after.Batches-before.Batches)
	return seen
}

func (k *bench) rows(b *testing.B) (n int64) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), k.handle.OwnerConnString)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(context.Background())) }()
	require.NoError(b, conn.QueryRow(b.Context(), `SELECT sum(seq)::bigint FROM source_state`).Scan(&n))
	return n
}
