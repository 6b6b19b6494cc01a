package reliability_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/founding"
	"tanamori/tenants/people"
)

// keeping says whose child the Postgres is.
type keeping bool

const (
	external keeping = false // the test's: nodes are given its address
	builtIn  keeping = true  // the node's own
)

// world is one installation.
type world struct {
	t        testing.TB
	dir      string // everything lies below it
	keeping  keeping
	sink     *sink
	owner    *pgxpool.Pool    // a superuser's, past all isolation: for arranging and for looking
	handle   *database.Handle // as the program's own; nil while the database is a node's
	ownerURL string
	admin    tenants.Actor
	token    string // a bearer token of the administrator
	plans    []planned
	trouble  atomic.Int64 // kills and stops, of nodes and of Postgres

	answered answers
}

// planned is one backup that the world's machines make.
type planned struct {
	town, duty int64
	uuid       string
	store      string
	good       bool
}

// option changes where a world lies.
type option func(*world)

// in puts the world into a directory that is there.
func in(dir string) option { return func(w *world) { w.dir = dir } }

// newWorld founds a consortium of a host and three towns with two plans each, one of which always fails.
func newWorld(t testing.TB, k keeping, options ...option) *world {
	t.Helper()
	w := &world{t: t, keeping: k, sink: newSink(t)}
	for _, o := range options {
		o(w)
	}
	if w.dir == "" {
		w.dir = openDir(t)
	}
	binary(t) // before anything that keeps time
	h, err := database.Open(t.Context(), w.databaseOptions())
	require.NoError(t, err)
	w.ownerURL = h.OwnerConnString
	w.owner, err = pgxpool.New(t.Context(), h.OwnerConnString)
	require.NoError(t, err)
	w.found(h)
	t.Cleanup(func() {
		w.owner.Close()
		if w.handle != nil {
			require.NoError(t, w.handle.Close(context.WithoutCancel(t.Context())))
		}
	})
	if k == external {
		w.handle = h
		return w
	}
	require.NoError(t, h.Close(t.Context()))
	return w
}

func (w *world) databaseOptions() database.Options {
	return database.Options{DataDir: w.data(), Logger: slog.New(slog.DiscardHandler), Migrate: migrations.Apply,
		PGBin: os.Getenv("TANAMORI_PG_BIN"), NodeModules: modules(w.t)}
}

func modules(t testing.TB) []string {
	t.Helper()
	dir, err := filepath.Abs("../../frontend/node_modules")
	require.NoError(t, err)
	return []string{dir}
}

// data is where the database lies.
func (w *world) data() string { return filepath.Join(w.dir, "data") }

// openDir is a directory on a disk, which Postgres, another user at times, can enter.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "tanamori-rel-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// sql runs a statement as the owner.
func (w *world) sql(query string, args ...any) {
	w.t.Helper()
	_, err := w.owner.Exec(w.t.Context(), query, args...)
	require.NoError(w.t, err, query)
}

// number is what a statement counts, as the owner.
func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), query, args...).Scan(&n), query)
	return n
}

func (w *world) found(h *database.Handle) {
	w.t.Helper()
	now := time.Now()
	made, err := founding.Found(w.t.Context(), h.OwnerConnString, founding.Input{Consortium: "見本", TownName: "蘭越町", TownKana: "らんこしちょう",
		TownCode: "013943", Zone: "Asia/Tokyo", Since: now}, now)
	require.NoError(w.t, err)
	for i, name := range []string{"むかわ町", "佐呂間町", "寿都町"} {
		w.sql(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
			VALUES ($1, $2, 'member', $3, '', 'Asia/Tokyo', '2020-04-01', $3, $4, now())`, made.ConsortiumID, fmt.Sprintf("01000%d", i), name,
			fmt.Sprintf("reliability-%010d", i))
	}
	w.sql(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) SELECT id, '三人', '{0,0,15}', 30 FROM tenant`)
	w.sql(`INSERT INTO contact (tenant_id, position, post, name, mail, created_at)
		SELECT id, n, '戸籍係', '見本 ' || n, 'kakari' || n || '@town' || id || '.example', now() FROM tenant, generate_series(1, 3) n`)
	w.sql(`INSERT INTO server (tenant_id, position, name, role, search, created_at)
		SELECT id, n, '戸籍' || n, '戸籍', '', now() FROM tenant, generate_series(1, 2) n WHERE kind = 'member'`)
	ground := tenants.NewGround(h.Gorm, time.Now)
	var towns []int64
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), `SELECT array_agg(id ORDER BY id) FROM tenant`).Scan(&towns))
	err = ground.Do(w.t.Context(), made.Founder("test"), func(ctx context.Context, tx *tenants.Tx) error {
		p, _, err := people.Add(ctx, tx, made.TenantID, people.Input{Login: "admin", Name: "見本 一郎", Keep: true,
			Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "戸籍データ等管理者", FromOn: calendar.DateOf(tx.Now, time.UTC)}}})
		w.admin = tenants.Person(tenants.Actor{Consortium: made.ConsortiumID, TenantID: made.TenantID, PersonID: p.ID, Name: p.Name,
			Title: "戸籍データ等管理者", Posts: []tenants.Post{tenants.HostAdmin}, Towns: towns, Lang: "ja", RequestID: "test"})
		return err
	})
	require.NoError(w.t, err)
	require.NoError(w.t, ground.Do(w.t.Context(), tenants.Gate("token", "test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		w.token, err = people.CreateTokenFor(ctx, tx, "admin", "test", tx.Now.Add(24*time.Hour))
		return err
	}))
	for _, town := range towns[1:] {
		w.plan(ground, town)
	}
	// Only what a test makes comes due, whatever hour it is.
	w.sql(`UPDATE duty SET planned_until = now() + interval '90 days'`)
	w.sql(`DELETE FROM occurrence`)
}

// plan adds a town's store and its plans.
func (w *world) plan(ground *tenants.Ground, town int64) {
	w.t.Helper()
	store := filepath.Join(w.dir, fmt.Sprintf("store-%d", town))
	require.NoError(w.t, os.MkdirAll(store, 0o755))
	rows, err := w.owner.Query(w.t.Context(), `SELECT id FROM server WHERE tenant_id = $1 ORDER BY position`, town)
	require.NoError(w.t, err)
	var servers []int64
	for rows.Next() {
		var id int64
		require.NoError(w.t, rows.Scan(&id))
		servers = append(servers, id)
	}
	require.NoError(w.t, rows.Err())
	var ladder int64
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), `SELECT id FROM ladder WHERE tenant_id = $1 AND name = '三人'`, town).Scan(&ladder))
	err = ground.Do(w.t.Context(), w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		s, err := backup.AddStore(ctx, tx, town, backup.StoreInput{Name: "NAS", Root: store})
		if err != nil {
			return err
		}
		for i, server := range servers {
			in := backup.Defaults("Asia/Tokyo")
			in.ServerID, in.StoreID, in.LadderID, in.RequiredLevel, in.DeviationK = server, s.ID, ladder, backup.V4, 10
			in.Pattern = fmt.Sprintf("koseki-%d.tar.gz", i)
			p, err := backup.AddPlan(ctx, tx, town, in)
			if err != nil {
				return err
			}
			seen, err := backup.GetPlan(ctx, tx, town, p.ID)
			if err != nil {
				return err
			}
			w.plans = append(w.plans, planned{town: town, duty: *p.DutyID, uuid: uuid.MustParse(seen.UUID).String(),
				store: filepath.Join(store, in.Pattern), good: i == 0})
		}
		return nil
	})
	require.NoError(w.t, err)
}

// environment is what a node is given.
func (w *world) environment(address, failpoints string) []string {
	env := []string{"TANAMORI_LISTEN=" + address, "TANAMORI_BASE_URL=http://" + address, "TANAMORI_DATA_DIR=" + w.data(), "TANAMORI_STORE_ROOTS=" + w.dir,
		"TANAMORI_SMTP_URL=smtp://" + w.sink.address + "?tls=none", "TANAMORI_MAIL_FROM=tanamori@host.example", "TANAMORI_LOG=info",
		"TANAMORI_LEASE=" + lease.String(), "TANAMORI_FAILPOINT=" + failpoints}
	if w.keeping == external {
		env = append(env, "TANAMORI_DATABASE_URL="+w.ownerURL)
	}
	return env
}

// serve starts a node on an address; it may not answer yet.
func (w *world) serve(address, failpoints string) *node {
	w.t.Helper()
	n := spawn(w.t, w.environment(address, failpoints), "serve")
	n.address = address
	return n
}

// start starts a node of its own and waits until it answers, or has died of its failpoint.
func (w *world) start(failpoints string) *node {
	w.t.Helper()
	n := w.serve(freeAddress(w.t), failpoints)
	await(w.t, "the node answers", func() bool { return n.dead() || n.ready() })
	return n
}
