package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/jobs/demo/scale"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/founding"
	"tanamori/tenants/people"
)

// scaleRounds is how often each page is asked for; of the times the median and the least are told.
const scaleRounds = 25

// pagesOfScale are what is measured, as whom, and how many milliseconds it may take in the server.
var pagesOfScale = []struct {
	name, login, path string
	most              float64
}{
	{"board_1741", "admin", "/board", 20},
	{"board_1741_needs", "admin", "/board?needs=1", 20},
	{"board_1741_live", "admin", "/board/live", 20},
	{"board_1741_api", "admin", "/api/v1/board?limit=40", 20},
	{"towns_1741", "admin", "/towns", 20},
	{"incidents_1741", "admin", "/incidents", 20},
	{"incidents_1741_all", "admin", "/incidents?state=all", 20},
	{"outbox_1741", "admin", "/outbox", 20},
	{"log_1741", "admin", "/log", 20},
	{"settings_towns_1741", "admin", "/settings/towns", 20},
	{"people_1741", "admin", "/settings/people", 20},
	{"town_board", "town", "/board", 10},
	{"town_page", "town", "/towns/:town", 10},
	{"town_plan", "town", "/towns/:town/plans/:plan", 10},
	{"town_book", "town", "/towns/:town/book", 10},
	{"town_incidents", "town", "/incidents?state=all", 10},
	{"town_contacts", "town", "/settings/towns/:town/contacts", 10},
	{"town_servers", "town", "/settings/towns/:town/servers", 10},
	{"town_plans", "town", "/settings/towns/:town/plans", 10},
	{"town_stores", "town", "/settings/towns/:town/stores", 10},
	{"town_page_by_host", "admin", "/towns/:town", 10},
	{"town_plan_by_host", "admin", "/towns/:town/plans/:plan", 10},
	{"town_book_by_host", "admin", "/towns/:town/book", 10},
	{"town_log_by_host", "admin", "/log?town=:town", 20},
}

// BenchmarkScale asks for the pages of an installation of 1,741 towns and 34,820 servers: on its second day, and after seven
// years with ten million rows of evidence, which takes half an hour to make. That is `make bench BENCH=Scale`, which sets
// TANAMORI_SCALE=full; otherwise, among all benchmarks, there are 80 towns and 200,000 rows. Both sets are made once, in clusters of their own below .cache/scale (or
// TANAMORI_SCALE_DIR), and used again for the same migrations. The ratio of a line is the time after seven years to that of
// the second day; that of board_1741_yardstick is to the owner's own count of the state table.
func BenchmarkScale(b *testing.B) {
	tune() // as the program does
	size, whole := "80", scale.Options{Consortia: 1, Towns: 80, Servers: 20, Nights: 400, WholeTowns: 2, Rows: 200_000}
	dirs := []string{"small-day", "small-full"}
	if os.Getenv("TANAMORI_SCALE") == "full" {
		size, whole, dirs = "1741", scale.Full, []string{"day", "full"}
	}
	second := whole
	second.Nights, second.Rows = 2, 1
	day, full := openScale(b, dirs[0], second), openScale(b, dirs[1], whole)
	for _, p := range pagesOfScale {
		young, old := make([]float64, 0, scaleRounds), make([]float64, 0, scaleRounds)
		for i := range scaleRounds + 3 {
			a, z := day.time(b, p.login, p.path), full.time(b, p.login, p.path)
			if i >= 3 { // the first ones warm the caches
				young, old = append(young, a), append(old, z)
			}
		}
		tell := func(v []float64) string { return fmt.Sprintf("median %.1f, least %.1f ms", median(v), slices.Min(v)) }
		fmt.Printf("\n# %s %s: after seven years %s; on the second day %s\n", p.login, p.path, tell(old), tell(young))
		scaleLine(strings.Replace(p.name, "1741", size, 1), median(old), median(old)/median(young), p.most)
	}
	var ours, owners []float64
	for range scaleRounds {
		ours = append(ours, full.time(b, "admin", "/board"))
		owners = append(owners, full.yardstick(b))
	}
	fmt.Printf("\n# the owner counts the states by verdict: median %.1f, least %.1f ms\n", median(owners), slices.Min(owners))
	scaleLine("board_"+size+"_yardstick", median(ours), median(ours)/median(owners), 20)
	b.ReportMetric(0, "ns/op")
}

func scaleLine(name string, ms, ratio, most float64) {
	verdict := "ok"
	if ms > most {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.1f ms %.2f %.0f %s\n", name, ms, ratio, most, verdict)
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// scaled is one large installation with its doors.
type scaled struct {
	*country
	owner *pgx.Conn
}

func (s *scaled) time(b *testing.B, login, path string) float64 {
	b.Helper()
	began := time.Now()
	s.get(b, login, path)
	return float64(time.Since(began).Microseconds()) / 1000
}

func (s *scaled) yardstick(b *testing.B) float64 {
	b.Helper()
	began := time.Now()
	rows, err := s.owner.Query(b.Context(), `SELECT verdict, recovered_at IS NOT NULL, confirmed_at IS NOT NULL, count(*) FROM duty_state GROUP BY 1, 2, 3`)
	require.NoError(b, err)
	rows.Close()
	require.NoError(b, rows.Err())
	return float64(time.Since(began).Microseconds()) / 1000
}

// openScale opens a cluster with a large installation, and makes it where there is none.
func openScale(b *testing.B, name string, o scale.Options) *scaled {
	b.Helper()
	dir := os.Getenv("TANAMORI_SCALE_DIR")
	if dir == "" {
		here, err := filepath.Abs(".cache/scale")
		require.NoError(b, err)
		dir = filepath.Join(here, migrations.Hash())
	}
	dir = filepath.Join(dir, name)
	require.NoError(b, os.MkdirAll(filepath.Dir(dir), 0o755))
	h, err := database.Open(b.Context(), database.Options{DataDir: dir, Logger: slog.New(slog.DiscardHandler), Migrate: migrations.Apply, MaxConns: 4})
	require.NoError(b, err)
	b.Cleanup(func() { _ = h.Close(context.WithoutCancel(b.Context())) })
	empty, err := founding.Empty(b.Context(), h.OwnerConnString)
	require.NoError(b, err)
	if empty {
		o.Handle, o.Out = h, os.Stdout
		_, err := scale.Load(b.Context(), o)
		require.NoError(b, err)
	}
	owner, err := pgx.Connect(b.Context(), h.OwnerConnString)
	require.NoError(b, err)
	b.Cleanup(func() { _ = owner.Close(context.WithoutCancel(b.Context())) })
	ask := func(query string, args ...any) (n int64) {
		require.NoError(b, owner.QueryRow(b.Context(), query, args...).Scan(&n), query)
		return n
	}
	// It is the morning after the newest night, whenever the set was made.
	var newest time.Time
	require.NoError(b, owner.QueryRow(b.Context(), `SELECT max(night)::timestamp AT TIME ZONE 'UTC' FROM duty_state`).Scan(&newest))
	now := newest.Add(22*time.Hour + 31*time.Minute)
	ground := tenants.NewGround(h.Gorm, func() time.Time { return now })
	host, town := ask(`SELECT tenant_id FROM person WHERE login = 'admin'`), ask(`SELECT tenant_id FROM person WHERE login = 'town'`)
	passwords := map[string]string{}
	founder := founding.Founded{ConsortiumID: 1, TenantID: host}.Founder("bench", town)
	require.NoError(b, ground.Do(b.Context(), founder, func(ctx context.Context, tx *tenants.Tx) error {
		for login, of := range map[string]int64{"admin": host, "town": town} {
			if passwords[login], err = people.GivePassword(ctx, tx, of, ask(`SELECT id FROM person WHERE login = $1`, login)); err != nil {
				return err
			}
		}
		return nil
	}))
	return &scaled{country: openCountry(b, h, ground, passwords, ask), owner: owner}
}
