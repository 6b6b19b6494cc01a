package reliability_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/tenants"
	"tanamori/tenants/incident"
)

// answers is what the machines were told.
type answers struct {
	mu       sync.Mutex
	kept     []string // run ids that were answered 200
	statuses map[int]int
	strange  []string // answers that no machine should get
}

func (a *answers) note(rid string, status int, header http.Header, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.statuses == nil {
		a.statuses = map[int]int{}
	}
	a.statuses[status]++
	switch status {
	case http.StatusOK:
		a.kept = append(a.kept, rid)
	case 0: // the node is gone
	case http.StatusServiceUnavailable:
		if header.Get("Retry-After") == "" {
			a.strange = append(a.strange, "503 without Retry-After")
		}
	default:
		a.strange = append(a.strange, fmt.Sprintf("%d %s", status, text))
	}
}

// count is how often a status was answered.
func (a *answers) count(status int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.statuses[status]
}

func (a *answers) all() (kept, strange []string, statuses map[int]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.kept), slices.Clone(a.strange), maps.Clone(a.statuses)
}

// load is a world's machines, nights and people at work.
type load struct {
	w         *world
	addresses []string
	ctx       context.Context
	cancel    context.CancelFunc
	done      sync.WaitGroup
	handle    *database.Handle
}

// load sets the world to work on these nodes until it is told to stop: machines check in at any of them, nights come due
// by themselves, archives are made and reported, people answer and do not keep their word.
func (w *world) load(addresses ...string) *load {
	w.t.Helper()
	l := &load{w: w, addresses: addresses}
	l.ctx, l.cancel = context.WithCancel(w.t.Context())
	for range 3 {
		l.done.Go(l.machine)
	}
	for _, p := range w.plans {
		l.done.Go(func() { l.nights(p) })
	}
	l.done.Go(l.silence)
	l.done.Go(l.people)
	w.t.Cleanup(l.stop)
	return l
}

// stop lets everybody finish what they have begun.
func (l *load) stop() {
	l.cancel()
	l.done.Wait()
	if l.handle != nil {
		_ = l.handle.Close(context.WithoutCancel(l.ctx)) // its server may be down
		l.handle = nil
	}
}

// pause waits, unless the load is over.
func (l *load) pause(d time.Duration) bool {
	select {
	case <-l.ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (l *load) checkIn(plan planned, rid, ending, body string) bool {
	address := l.addresses[rand.IntN(len(l.addresses))]
	status, header, text := fetch(context.WithoutCancel(l.ctx), http.MethodPost, "http://"+address+"/ping/"+plan.uuid+ending+"?rid="+rid, body,
		15*time.Second, "Content-Type", "application/json")
	l.w.answered.note(rid, status, header, text)
	return status == http.StatusOK
}

// machine leaves logs, one after the other.
func (l *load) machine() {
	for l.pause(20 * time.Millisecond) {
		l.checkIn(l.w.plans[rand.IntN(len(l.w.plans))], uuid.NewString(), "/log", "")
	}
}

// nights makes one plan's backups: a night opens, the archive is written and reported until that is answered, and the
// next one opens when it has its verdict.
func (l *load) nights(p planned) {
	for l.pause(100 * time.Millisecond) {
		whole := archive()
		sum := sha256.Sum256(whole)
		said := fmt.Sprintf(`{"bytes": %d, "sha256": %q}`, len(whole), hex.EncodeToString(sum[:]))
		if !p.good {
			whole = whole[:len(whole)/2]
		}
		if place(p.store, whole) != nil {
			continue // its disk is full
		}
		id, opened := l.open(p)
		if !opened {
			continue
		}
		// Once a night has opened it is carried through, or it would never be judged.
		rid := uuid.NewString()
		for !l.checkIn(p, rid, "/0", said) {
			time.Sleep(50 * time.Millisecond)
		}
		judged := false
		for !judged && l.pause(50*time.Millisecond) {
			if l.w.owner.QueryRow(l.ctx, `SELECT verdict IS NOT NULL FROM occurrence WHERE id = $1`, id).Scan(&judged) != nil {
				judged = false // the database is away
			}
		}
	}
}

// open opens a night. What went wrong on the way may have been the answer only: then the night is there all the same, and
// nobody would carry it through.
func (l *load) open(p planned) (id int64, opened bool) {
	ctx, at := context.WithoutCancel(l.ctx), time.Now().Truncate(time.Microsecond)
	err := l.w.owner.QueryRow(ctx, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		VALUES ($1, $2, $3, current_date, $3::timestamptz - interval '1 hour', $3, $3::timestamptz + interval '2 hours',
			$3::timestamptz + interval '3 hours', $3::timestamptz + interval '3 hours') RETURNING id`, p.town, p.duty, at).Scan(&id)
	for err != nil {
		time.Sleep(50 * time.Millisecond)
		err = l.w.owner.QueryRow(ctx, `SELECT id FROM occurrence WHERE tenant_id = $1 AND duty_id = $2 AND period = $3`, p.town, p.duty, at).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, false
		}
	}
	return id, true
}

// silence makes duties that nobody does, and that are judged in a moment.
func (l *load) silence() {
	for l.pause(300 * time.Millisecond) {
		at := time.Now().Add(time.Duration(300+rand.IntN(700)) * time.Millisecond)
		_, _ = l.w.owner.Exec(l.ctx, `
			WITH made AS (
				INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes, grace_minutes,
					longest_minutes, severity, ladder_id, active_from, planned_until)
				SELECT l.tenant_id, 'silence', (extract(epoch FROM now()) * 1000000)::bigint + row_number() OVER (), '戸籍正', '夜間バックアップ', '0 2 * * *',
					'Asia/Tokyo', 'every_day', 60, 90, 30, 90, 'critical', l.id, now(), now() + interval '90 days' FROM ladder l WHERE name = '三人'
				RETURNING tenant_id, id
			), due AS (
				INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
				SELECT tenant_id, id, $1, current_date, $1::timestamptz - interval '3 hours', $1::timestamptz - interval '2 hours',
					$1::timestamptz - interval '30 minutes', $1, $1 FROM made
			)
			SELECT pg_notify('tanamori', 'judge:0')`, at) // the database may be away: then nothing comes due
	}
}

// people answer incidents and promise what they do not keep.
func (l *load) people() {
	var ground *tenants.Ground
	for l.pause(400 * time.Millisecond) {
		if ground == nil {
			h, err := database.Open(l.ctx, database.Options{URL: l.w.ownerURL, MaxConns: 2, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				continue
			}
			l.handle, ground = h, tenants.NewGround(h.Gorm, time.Now)
		}
		var town, id int64
		err := l.w.owner.QueryRow(l.ctx, `SELECT i.tenant_id, i.id FROM incident i JOIN rung r ON r.tenant_id = i.tenant_id AND r.incident_id = i.id
			WHERE i.state = 'open' AND r.notice_id IS NOT NULL AND NOT EXISTS (SELECT FROM acknowledgement a WHERE a.tenant_id = i.tenant_id AND a.incident_id = i.id)
			ORDER BY i.id DESC LIMIT 1`).Scan(&town, &id)
		if err != nil {
			continue
		}
		_ = ground.Do(l.ctx, l.w.admin, func(ctx context.Context, tx *tenants.Tx) error { // whoever could not answer tries another time
			_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: town, Incident: id, Via: incident.ViaConsole, Promise: "業者に確認中",
				Until: tx.Now.Add(500 * time.Millisecond)})
			return err
		})
	}
}

// archive is a whole backup, never twice the same, of some 200 kB.
func archive() []byte {
	content := make([]byte, 200<<10)
	_, _ = crand.Read(content) // never fails
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	_ = t.WriteHeader(&tar.Header{Name: "koseki.tsv", Mode: 0o600, Size: int64(len(content))}) // to memory: none of this fails
	_, _ = t.Write(content)
	_, _ = t.Close(), z.Close()
	return b.Bytes()
}

// place puts a finished archive on a store.
func place(name string, b []byte) error {
	if err := os.WriteFile(name+".tmp", b, 0o644); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}

func TestAnArchiveIsWhole(t *testing.T) {
	t.Parallel()
	z, err := gzip.NewReader(bytes.NewReader(archive()))
	require.NoError(t, err)
	h, err := tar.NewReader(z).Next()
	require.NoError(t, err)
	require.EqualValues(t, 200<<10, h.Size)
}
