package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/database"
	"tanamori/jobs"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

const (
	benchPlans  = 1000
	benchRounds = 3
	benchTime   = 2 * time.Second
)

// BenchmarkCheckins measures check-ins a second over real HTTP on loopback, through the doors as serve wires them, each
// durable before its answer (fsync and synchronous_commit on, a cluster on the disk), against the best that pgbench reaches
// with the same insert and update on the same cluster: on a thousand plans, and all on one. Both take turns, and the best
// of each counts. It measures once, however often it is asked to.
func BenchmarkCheckins(b *testing.B) {
	k := newBench(b)
	ways := []int{1, 8, 64, 128, 256}
	many, hot := k.contest(b, ways, k.uuids), k.contest(b, ways, k.uuids[:1])
	for range benchRounds {
		many.round(b)
		hot.round(b)
	}
	many.tell("checkins")
	hot.tell("checkins_hot")
	k.withJobs(b, many.best())
	b.ReportMetric(0, "ns/op")
}

// yardsticks are the shapes that a program would give the same work for pgbench, and the numbers of clients at which it is
// tried.
var yardsticks = []struct {
	name, script string
	clients      int
}{
	{"one statement, 1 client", oneStatement, 1},
	{"one statement, 8 clients", oneStatement, 8},
	{"one statement, 64 clients", oneStatement, 64},
	{"a transaction of two, 8 clients", twoStatements, 8},
}

// contest is the product against pgbench on the same plans.
type contest struct {
	*bench
	connections []int
	uuids       []string
	ours        map[int][]load
	theirs      [][]float64
}

func (k *bench) contest(b *testing.B, connections []int, uuids []string) *contest {
	b.Helper()
	return &contest{bench: k, connections: connections, uuids: uuids, ours: map[int][]load{}, theirs: make([][]float64, len(yardsticks))}
}

func (c *contest) round(b *testing.B) {
	b.Helper()
	for i := range max(len(yardsticks), len(c.connections)) {
		if i < len(yardsticks) {
			c.theirs[i] = append(c.theirs[i], c.pgbench(b, yardsticks[i].script, yardsticks[i].clients, len(c.uuids)))
		}
		if i < len(c.connections) {
			n := c.connections[i]
			c.ours[n] = append(c.ours[n], c.load(b, loadOrder{Connections: n, UUIDs: c.uuids}))
		}
	}
}

// best is what pgbench reached at most; 0 where there is none.
func (c *contest) best() (best float64) {
	for _, rates := range c.theirs {
		best = max(best, slices.Max(rates))
	}
	return best
}

func (c *contest) tell(name string) {
	for i, rates := range c.theirs {
		fmt.Printf("\n# %s, pgbench, %s: %.0f/s", name, yardsticks[i].name, rates)
	}
	fmt.Println()
	rate := map[int]load{}
	for _, n := range c.connections {
		fmt.Printf("# %s, %d connections:", name, n)
		for _, r := range c.ours[n] {
			fmt.Printf(" %.0f/s (p50 %.1f ms, p99 %.1f ms, %.0f a batch)", r.Rate, r.P50, r.P99, r.Batch)
		}
		fmt.Println()
		rate[n] = fastest(c.ours[n])
		target := 0.0
		if n == 64 {
			target = 1.5
		}
		figure(fmt.Sprintf("%s_%d", name, n), rate[n].Rate, "req/s", ratio(rate[n].Rate, c.best()), target)
	}
	// Alone, a check-in is compared with a client alone: what one waits for cannot be shared.
	figure(name+"_1_alone", rate[1].Rate, "req/s", ratio(rate[1].Rate, slices.Max(c.theirs[0])), 0)
	figure(name+"_8_alike", rate[8].Rate, "req/s", ratio(rate[8].Rate, slices.Max(c.theirs[1])), 0)
	flat := min(rate[128].Rate, rate[256].Rate)
	figure(name+"_128_256_of_64", flat, "req/s", ratio(flat, rate[64].Rate), 0.9)
	figure(name+"_64_p99", rate[64].P99, "ms", 0, 15)
}

func fastest(runs []load) load {
	return slices.MaxFunc(runs, func(x, y load) int { return cmp.Compare(x.Rate, y.Rate) })
}

func ratio(value, yardstick float64) float64 {
	if yardstick == 0 {
		return 0
	}
	return value / yardstick
}

// figure prints a line of `make bench`. A target is for the ratio where there is one, which should be as large, else for the
// value, which should be as small; 0 is none.
func figure(name string, value float64, unit string, ratio, target float64) {
	r, t, verdict := "-", "-", "ok"
	if ratio > 0 {
		r = strconv.FormatFloat(ratio, 'f', 2, 64)
	}
	if target > 0 {
		t = strconv.FormatFloat(target, 'g', -1, 64)
		if ratio > 0 && ratio < target || ratio == 0 && value > target {
			verdict = "short"
		}
	}
	v := strconv.FormatFloat(value, 'f', 0, 64)
	if value < 100 {
		v = strconv.FormatFloat(value, 'f', 2, 64)
	}
	fmt.Printf("BENCH %s %s %s %s %s %s\n", name, v, unit, r, t, verdict)
}

// withJobs measures once more while the jobs run and take in what comes.
func (k *bench) withJobs(b *testing.B, yardstick float64) {
	b.Helper()
	k.owner(b, `SET session_replication_role = replica`, `TRUNCATE checkin`, `VACUUM ANALYZE`) // the jobs begin with nothing before them
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { k.node.bell.Run(ctx) })
	running.Go(func() { _ = k.node.tower.Run(ctx) })
	defer func() { stop(); running.Wait() }()
	var runs []load
	for range benchRounds {
		runs = append(runs, k.load(b, loadOrder{Connections: 64, UUIDs: k.uuids}))
	}
	var taken, all int64
	k.row(b, `SELECT count(taken_at), count(*) FROM checkin`, &taken, &all)
	run := fastest(runs)
	fmt.Printf("# with the jobs: %d of %d check-ins were taken in when the last had been answered\n", taken, all)
	figure("checkins_64_with_jobs", run.Rate, "req/s", ratio(run.Rate, yardstick), 0)
	figure("checkins_64_with_jobs_p99", run.P99, "ms", 0, 15)
}

// BenchmarkCheckinsOverload offers more than can be taken: at 2, 4 and 8 times the rate that the door reached a moment
// before, whatever the answers are, and from 2,000 clients that each wait for theirs. What counts is that as many are
// accepted as ever.
func BenchmarkCheckinsOverload(b *testing.B) {
	k := newBench(b)
	k.load(b, loadOrder{Connections: 64, UUIDs: k.uuids})
	for _, times := range []float64{0, 2, 4, 8} {
		var best load
		share := 0.0
		for range 2 {
			peak := max(k.load(b, loadOrder{Connections: 64, UUIDs: k.uuids}).Rate, k.load(b, loadOrder{Connections: 256, UUIDs: k.uuids}).Rate)
			order := loadOrder{Connections: 2000, UUIDs: k.uuids, Time: 4 * time.Second}
			if times > 0 {
				order.Connections, order.Rate = 9500, times*peak
			}
			run := k.load(b, order)
			fmt.Printf("# overload %gx: peak %.0f/s, offered %.0f/s, accepted %.0f/s, refused %.0f/s, p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n",
				times, peak, run.Offered, run.Rate, run.Refused, run.P50, run.P99, run.Worst)
			if r := ratio(run.Rate, peak); r > share {
				best, share = run, r
			}
		}
		name := fmt.Sprintf("checkins_overload_%gx", times)
		if times == 0 {
			name = "checkins_overload_2000_clients"
		}
		figure(name, best.Rate, "req/s", share, 0.9)
		figure(name+"_refused", 100*ratio(best.Refused, best.Rate+best.Refused), "%", 0, 0)
		figure(name+"_p99", best.P99, "ms", 0, 0)
	}
	b.ReportMetric(0, "ns/op")
}

// The same work for pgbench. :town and :first are set on its command line, :last is the last of the plans.
const (
	insertCheckin = `INSERT INTO checkin (tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body)
VALUES (:town, :n, now(), 'success', NULL, NULL, 'POST', '127.0.0.1', 'curl/7.88.1', 'application/json', '` + benchBody + `')`
	updateState  = `UPDATE source_state SET seq = seq + 1, last_at = now(), last_kind = 'success' WHERE tenant_id = :town AND source_id = :n`
	oneStatement = "\\set n random(:first, :last)\n" + `WITH kept AS (` + insertCheckin + `)
` + updateState + ";\n"
	twoStatements = "\\set n random(:first, :last)\nBEGIN;\n" + insertCheckin + ";\n" + updateState + ";\nCOMMIT;\n"

	benchBody = `{"bytes":48318382080,"files":1,"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`
)

// bench is a node on a durable cluster of its own.
type bench struct {
	address string
	handle  *database.Handle
	node    *console
	town    int64
	first   int64 // sources have consecutive ids
	uuids   []string
	tools   string // directory of pgbench, empty where there is none
	dir     string
}

func newBench(b *testing.B) *bench {
	b.Helper()
	dir, err := os.MkdirTemp("", "tanamori-bench-")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, os.RemoveAll(dir)) })
	require.NoError(b, os.Chmod(dir, 0o755))
	quiet := slog.New(slog.DiscardHandler)
	h, err := database.Open(b.Context(), database.Options{DataDir: filepath.Join(dir, "data"), Migrate: migrations.Apply, Logger: quiet,
		PGBin: os.Getenv("TANAMORI_PG_BIN"), NodeModules: []string{"frontend/node_modules"}})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, h.Close(context.Background())) })
	k := &bench{handle: h, dir: dir, tools: pgbenchDir()}
	k.fill(b)

	var stops stack
	b.Cleanup(func() { require.NoError(b, stops.unwind(quiet)) })
	tune()
	tenantstest.Keyed(b, tenants.NewGround(h.Gorm, time.Now))
	k.node, err = wire(h, tenantstest.Ring, time.Now, gate.Config{BaseURL: "http://console.example"}, &jobs.Post{BaseURL: "http://console.example", Zone: time.UTC}, 0, nil, quiet, &stops)
	require.NoError(b, err)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	k.address = free.Addr().String()
	require.NoError(b, free.Close())
	ctx, stop := context.WithCancel(b.Context())
	var listening sync.WaitGroup
	listening.Go(func() { _ = listen(ctx, serveCmd{Listen: k.address}, false, k.node.doors, &stops, quiet) })
	b.Cleanup(func() { stop(); listening.Wait() })
	require.Eventually(b, func() bool {
		conn, err := net.Dial("tcp", k.address)
		return err == nil && conn.Close() == nil
	}, 10*time.Second, 10*time.Millisecond)
	return k
}

// fill makes a town whose thousand servers check in, each with its plan and its duty.
func (k *bench) fill(b *testing.B) {
	b.Helper()
	k.row(b, `WITH c AS (INSERT INTO consortium (name, created_at) VALUES ('見本', now()) RETURNING id)
		INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT id, '015865', 'member', 'むかわ町', '', 'Asia/Tokyo', '2020-04-01', '', 'AAAAAAAAAAAAAAAAAAAAAA', now() FROM c RETURNING id`, []any{&k.town}...)
	k.row(b, fmt.Sprintf(`WITH l AS (INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) VALUES (%[1]d, '標準', '{0}', 30) RETURNING id),
		st AS (INSERT INTO store (tenant_id, name, kind, root, created_at) VALUES (%[1]d, '見本', 'dir', '/nowhere', now()) RETURNING id),
		sv AS (INSERT INTO server (tenant_id, position, name, role, search, created_at)
			SELECT %[1]d, n, '戸籍' || n, '戸籍', '', now() FROM generate_series(1, %[2]d) n RETURNING id, position n),
		d AS (INSERT INTO duty (tenant_id, kind, about_id, subject, work, position, cron, zone, policy, early_minutes, window_minutes, grace_minutes,
				longest_minutes, severity, ladder_id, active_from, planned_until)
			SELECT %[1]d, 'backup', n, '戸籍' || n, '夜間バックアップ', n, '0 2 * * *', 'Asia/Tokyo', 'every_day', 120, 90, 30, 90, 'critical', l.id, now(), now()
			FROM l, generate_series(1, %[2]d) n RETURNING id, position n),
		s AS (INSERT INTO source (tenant_id, uuid, slug, kind, about_id, created_at)
			SELECT %[1]d, gen_random_uuid(), 'bench-' || n, 'backup', n, now() FROM generate_series(1, %[2]d) n RETURNING tenant_id, id, uuid, about_id n),
		t AS (INSERT INTO source_state (tenant_id, source_id, seq) SELECT tenant_id, id, 0 FROM s),
		p AS (INSERT INTO plan (tenant_id, server_id, name, duty_id, source_id, store_id, pattern, reports, manifest, required_level, created_at)
			SELECT %[1]d, sv.id, '夜間', d.id, s.id, st.id, 'x.tar', true, 'none', 0, now() FROM st, sv JOIN d USING (n) JOIN s USING (n) ORDER BY n RETURNING id)
		SELECT min(s.id), array_agg(uuid::text ORDER BY s.id) FROM s`, k.town, benchPlans), &k.first, &k.uuids)
	k.owner(b, `SET session_replication_role = replica`, `UPDATE source s SET about_id = p.id FROM plan p WHERE p.tenant_id = s.tenant_id AND p.source_id = s.id`,
		`UPDATE duty d SET about_id = p.id FROM plan p WHERE p.tenant_id = d.tenant_id AND p.duty_id = d.id`, `VACUUM ANALYZE`)
}

// owner runs statements on one connection past row-level security, row reads one row.
func (k *bench) owner(b *testing.B, statements ...string) {
	b.Helper()
	k.connected(b, func(conn *pgx.Conn) error {
		for _, s := range statements {
			if _, err := conn.Exec(b.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (k *bench) row(b *testing.B, query string, into ...any) {
	b.Helper()
	k.connected(b, func(conn *pgx.Conn) error { return conn.QueryRow(b.Context(), query).Scan(into...) })
}

func (k *bench) connected(b *testing.B, fn func(*pgx.Conn) error) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), k.handle.OwnerConnString)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(context.Background())) }()
	require.NoError(b, fn(conn))
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

// pgbench gives its transactions a second on the first plans; 0 where it is not installed.
func (k *bench) pgbench(b *testing.B, script string, clients, plans int) float64 {
	b.Helper()
	if k.tools == "" {
		return 0
	}
	file := filepath.Join(k.dir, "script.sql")
	require.NoError(b, os.WriteFile(file, []byte(script), 0o600))
	config, err := pgx.ParseConfig(k.handle.OwnerConnString)
	require.NoError(b, err)
	out, err := exec.CommandContext(b.Context(), filepath.Join(k.tools, "pgbench"), "-n", "-M", "prepared", "-j", "1",
		"-c", strconv.Itoa(clients), "-T", strconv.Itoa(int(benchTime.Seconds())), "-f", file, "-D", fmt.Sprintf("town=%d", k.town),
		"-D", fmt.Sprintf("first=%d", k.first), "-D", fmt.Sprintf("last=%d", k.first+int64(plans)-1),
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

// load lets a generator loose, and holds the tables to what was answered.
func (k *bench) load(b *testing.B, order loadOrder) load {
	b.Helper()
	order.Address, order.Body, order.Time = k.address, benchBody, cmp.Or(order.Time, benchTime)
	text, err := json.Marshal(order)
	require.NoError(b, err)
	before, rows := k.settled(b)
	command := exec.CommandContext(b.Context(), os.Args[0])
	command.Env = append(os.Environ(), loadVariable+"="+string(text), "GOMAXPROCS=1")
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(b, err, "%s", out)
	var seen load
	require.NoError(b, json.Unmarshal(out, &seen), "%s", out)
	after, now := k.settled(b)
	require.Equal(b, after.Kept-before.Kept, now-rows, "a row for every answer")
	require.Equal(b, before.Failed, after.Failed)
	seen.Batch = float64(after.Kept-before.Kept) / float64(after.Batches-before.Batches)
	return seen
}

// settled waits until nothing is on its way: a generator goes when its time is over, and what it had sent by then is
// written all the same.
func (k *bench) settled(b *testing.B) (checkin.Stats, int64) {
	b.Helper()
	for {
		before, rows := k.node.intake.Stats(), k.rows(b)
		time.Sleep(300 * time.Millisecond)
		if after := k.node.intake.Stats(); after == before && after.Waiting == 0 && k.rows(b) == rows {
			return after, rows
		}
	}
}

func (k *bench) rows(b *testing.B) (n int64) {
	b.Helper()
	k.row(b, `SELECT sum(seq)::bigint FROM source_state`, &n)
	return n
}
