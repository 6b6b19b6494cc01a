package jobs_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/jobs"
	"tanamori/jobs/mail"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/founding"
	"tanamori/tenants/tenantstest"
)

// ear is a mail server that notes when it was handed each mail.
type ear struct {
	mu    sync.Mutex
	heard []time.Time
}

func (e *ear) NewSession(*smtp.Conn) (smtp.Session, error) { return earSession{e}, nil }

func (e *ear) take() []time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

type earSession struct{ e *ear }

func (earSession) Reset()                               {}
func (earSession) Logout() error                        { return nil }
func (earSession) Mail(string, *smtp.MailOptions) error { return nil }
func (earSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s earSession) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.e.heard = append(s.e.heard, time.Now())
	return nil
}

const singles, storm = 110, 10_000

// BenchmarkDeadlineToMail measures from the moment at which something is judged missed until its mail is handed to the
// mail server: real clock, durable Postgres, real SMTP. Each cause is another town's, with its own address, so that each is
// a letter of its own: 110 one after the other, then 10,000 at the same moment. Targets: p99 of single ones at most 1 s, the
// last of 10,000 within 30 s.
func BenchmarkDeadlineToMail(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	dir, err := os.MkdirTemp("", "tanamori-bench-")
	require.NoError(b, err)
	require.NoError(b, os.Chmod(dir, 0o755)) // Postgres runs as another user and must get in
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	log := slog.New(slog.DiscardHandler)
	h, err := database.Open(b.Context(), database.Options{DataDir: filepath.Join(dir, "data"), Logger: log, Migrate: migrations.Apply,
		PGBin: os.Getenv("TANAMORI_PG_BIN"), NodeModules: []string{"../frontend/node_modules"}})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, h.Close(context.WithoutCancel(b.Context()))) })
	owner, err := pgxpool.New(b.Context(), h.OwnerConnString)
	require.NoError(b, err)
	b.Cleanup(owner.Close)
	_, err = founding.Found(b.Context(), h.OwnerConnString, founding.Input{Consortium: "見本", TownName: "蘭越町", TownKana: "らんこしちょう",
		TownCode: "013943", Zone: "Asia/Tokyo", Since: time.Now()}, time.Now())
	require.NoError(b, err)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
			SELECT consortium_id, lpad(n::text, 6, '0'), 'member', '見本町', '', 'Asia/Tokyo', '2020-04-01', '', lpad(n::text, 22, 'k'), created_at
			FROM tenant, generate_series(200001, 200000 + %d) n`, singles+storm),
		`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) SELECT id, '標準', '{0}', 30 FROM tenant t WHERE kind = 'member'`,
		`INSERT INTO contact (tenant_id, position, post, name, mail, created_at)
			SELECT id, 1, '戸籍係長', '見本 次郎', 'kakari@town' || id || '.example', now() FROM tenant`,
		`ANALYZE`,
	} {
		_, err = owner.Exec(b.Context(), statement)
		require.NoError(b, err)
	}

	server := &ear{}
	post := smtp.NewServer(server)
	post.Domain = "localhost"
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = post.Serve(ln) }() // ends with Close below
	b.Cleanup(func() { require.NoError(b, post.Close()) })
	sender, err := mail.New("smtp://"+ln.Addr().String()+"?tls=none", "tanamori@host.example")
	require.NoError(b, err)
	bell := tenants.NewBell(h.Pool, log)
	tower := jobs.New(jobs.Config{Ground: tenantstest.Keyed(b, tenants.NewGround(h.Gorm, time.Now)), Bell: bell, Log: log,
		Post: &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: time.UTC}})
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { bell.Run(ctx) })
	running.Go(func() { _ = tower.Run(ctx) })
	b.Cleanup(func() { cancel(); running.Wait() })
	time.Sleep(500 * time.Millisecond) // the jobs have had their first look; the benchmark is of the steady state

	var single []time.Duration
	for i := range singles {
		single = append(single, rounds(b, owner, server, i, 1, 150*time.Millisecond))
	}
	slices.Sort(single)
	report(b, "deadline_to_mail_median", single[singles/2].Seconds(), 1)
	report(b, "deadline_to_mail_p99", single[singles*99/100].Seconds(), 1)
	report(b, "deadline_to_mail_10000", rounds(b, owner, server, singles, storm, 5*time.Second).Seconds(), 30)
}

func report(b *testing.B, name string, seconds, target float64) {
	b.Helper()
	verdict := "ok"
	if seconds > target {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.3f s - %g %s\n", name, seconds, target, verdict)
}

// rounds makes n duties, one a town, from the town after the first skip, with one occurrence each that is judged soon, and
// tells how long after that moment the last of the n mails was handed over.
func rounds(b *testing.B, owner *pgxpool.Pool, server *ear, skip, n int, soon time.Duration) time.Duration {
	b.Helper()
	before := len(server.take())
	_, err := owner.Exec(b.Context(), `INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes,
			grace_minutes, longest_minutes, severity, ladder_id, active_from, planned_until)
		SELECT tenant_id, 'bench', $1, '戸籍正', '夜間バックアップ', '0 2 * * *', 'Asia/Tokyo', 'every_day', 60, 90, 30, 90, 'critical',
			id, now(), now() + interval '90 days' FROM (SELECT l.* FROM ladder l JOIN tenant t ON t.id = l.tenant_id WHERE t.kind = 'member'
			ORDER BY l.tenant_id OFFSET $1 LIMIT $2) x`, skip, n)
	require.NoError(b, err)
	judge := time.Now().Add(soon)
	_, err = owner.Exec(b.Context(), `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		SELECT tenant_id, id, $2, current_date, $2::timestamptz - interval '3 hours', $2::timestamptz - interval '2 hours',
			$2::timestamptz - interval '30 minutes', $2, $2 FROM duty WHERE about_id = $1`, skip, judge)
	require.NoError(b, err)
	// As planning does: somebody may have to look sooner than they thought.
	_, err = owner.Exec(b.Context(), `SELECT pg_notify('tanamori', 'judge:0')`)
	require.NoError(b, err)
	deadline := time.Now().Add(soon + 2*time.Minute)
	for len(server.take()) < before+n {
		require.True(b, time.Now().Before(deadline), "%d of %d mails came", len(server.take())-before, n)
		time.Sleep(5 * time.Millisecond)
	}
	heard := server.take()
	last := slices.MaxFunc(heard[before:before+n], time.Time.Compare)
	return last.Sub(judge)
}
