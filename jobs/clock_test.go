package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// node is one more tower on the stage, on a machine whose own clock is off. The stage's clock is the database's; what has
// really passed is counted apart from it.
type node struct {
	*jobs.Tower
	clock *tenants.Clock
}

// hours is a stage on which time passes and the database's clock is set.
type hours struct {
	*stage
	ran   time.Duration
	nodes []node
}

func newHours(t *testing.T, off ...time.Duration) *hours {
	t.Helper()
	h := &hours{stage: setup(t)}
	for _, by := range off {
		h.add(by, h.box.URL())
	}
	h.work()
	return h
}

// add puts one more node on the stage, which sends its mails to a server.
func (h *hours) add(by time.Duration, server string) {
	h.t.Helper()
	clock := tenants.NewClock(tenants.ClockConfig{
		Ask:     func(context.Context) (time.Time, error) { return h.Clock.Now(), nil },
		Wall:    func() time.Time { return h.Clock.Now().Add(by) },
		Elapsed: func() time.Duration { return h.ran },
	})
	sender, err := mail.New(server, "tanamori@host.example")
	require.NoError(h.t, err)
	tower := jobs.New(jobs.Config{Ground: tenants.NewGround(h.Handle.Gorm, clock.Now).With(tenantstest.Ring), Bell: h.bell, Log: slog.New(slog.DiscardHandler),
		Post: &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: h.zone}})
	tower.KeepTime(clock)
	h.nodes = append(h.nodes, node{tower, clock})
}

// work is a heartbeat of every node and whatever is due.
func (h *hours) work() {
	h.t.Helper()
	for _, n := range h.nodes {
		require.NoError(h.t, n.Beat(h.t.Context()))
	}
	for _, n := range h.nodes {
		require.NoError(h.t, n.RunAll(h.t.Context()))
	}
}

// pass lets time pass while the nodes live.
func (h *hours) pass(d time.Duration) {
	h.t.Helper()
	h.Clock.Advance(d)
	h.ran += d
	h.SQL(`UPDATE heartbeat SET seen_at = $1`, h.Clock.Now()) // they went on beating
	h.work()
}

// to lets time pass until a moment.
func (h *hours) to(day, hour, minute int) {
	h.t.Helper()
	h.pass(h.at(day, hour, minute).Sub(h.Clock.Now()))
}

// down lets time pass while no node lives.
func (h *hours) down(d time.Duration) {
	h.t.Helper()
	h.Clock.Advance(d)
	h.ran += d
	h.work()
}

// set moves the database's clock; no time passes.
func (h *hours) set(by time.Duration) {
	h.t.Helper()
	h.Clock.Advance(by)
	h.work()
}

func TestTowersWhoseClocksDifferByHoursAgree(t *testing.T) {
	t.Parallel()
	h := newHours(t, 5*time.Hour, -7*time.Hour, 0)
	require.Equal(t, h.Clock.Now(), h.nodes[0].clock.Now().In(h.zone))
	require.Equal(t, h.Clock.Now(), h.nodes[1].clock.Now().In(h.zone))
	h.to(21, 3, 59)
	require.Equal(t, "pending ", h.verdict("2026-11-20"), "five hours ahead, and nobody is called too soon")
	h.to(21, 4, 0)
	require.Equal(t, "missed duty.missed", h.verdict("2026-11-20"))
	require.Len(t, h.subjects(), 1)
	h.to(21, 4, 15)
	require.Len(t, h.subjects(), 2)
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM outage`))
	require.Equal(t, []int64{-7 * 3600 * 1000, 0, 5 * 3600 * 1000},
		[]int64{tenantstest.Value[int64](h.Bench, `SELECT min(off_ms) FROM heartbeat`),
			tenantstest.Value[int64](h.Bench, `SELECT off_ms FROM heartbeat ORDER BY abs(off_ms) LIMIT 1`),
			tenantstest.Value[int64](h.Bench, `SELECT max(off_ms) FROM heartbeat`)})
}

// The database's clock is put forward over the whole night: nobody is called 未着, and what comes after is its recovery.
func TestAClockPutForwardOverANightInventsNothing(t *testing.T) {
	t.Parallel()
	h := newHours(t, 0, time.Minute)
	h.to(21, 1, 0)
	h.set(5 * time.Hour)
	require.Equal(t, "pending ", h.verdict("2026-11-20"))
	h.pass(5 * time.Minute)
	require.Equal(t, "unknown duty.leap", h.verdict("2026-11-20"))
	require.Len(t, h.subjects(), 1)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM outage WHERE kind = 'clock'`))
	h.pass(time.Hour)
	h.backup(21, "時計が進められた夜の控え")
	h.pass(time.Minute)
	require.True(t, tenantstest.Value[bool](h.Bench, `SELECT recovered_at IS NOT NULL FROM occurrence WHERE night = '2026-11-20'`))
	require.Equal(t, "resolved", tenantstest.Value[string](h.Bench, `SELECT state FROM incident`))
}

// The clock ran three hours ahead when an incident opened, and is put right: the second person is told a quarter of an
// hour after the first, not three hours later, and a message that waited is tried again soon.
func TestAClockPutBackKeepsTheLadderGoing(t *testing.T) {
	t.Parallel()
	h := newHours(t, 0)
	h.to(20, 23, 0)
	h.set(5 * time.Hour) // 04:00, too early by five hours
	h.pass(5 * time.Minute)
	require.Len(t, h.subjects(), 1)
	h.nodes = nil
	h.add(0, "smtp://127.0.0.1:1?tls=none") // the mail server is away when the second is told
	h.pass(15 * time.Minute)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM notice WHERE state = 'queued'`))
	h.set(-5 * time.Hour)
	now := h.Clock.Now()
	require.False(t, tenantstest.Value[time.Time](h.Bench, `SELECT next_at FROM notice WHERE state = 'queued'`).After(now.Add(time.Minute)))
	require.Equal(t, now.Add(30*time.Minute).UTC(), tenantstest.Value[time.Time](h.Bench, `SELECT due_at FROM rung WHERE state = 'pending'`).UTC())
	for range 4 { // the beats after it rewind again and move nothing
		h.pass(20 * time.Second)
	}
	require.Equal(t, now.Add(30*time.Minute).UTC(), tenantstest.Value[time.Time](h.Bench, `SELECT due_at FROM rung WHERE state = 'pending'`).UTC())
	require.LessOrEqual(t, tenantstest.Value[int64](h.Bench, `SELECT max(tries) FROM notice`), int64(4))
}

// After hours down everything that was answered is heard before anything is judged, however many batches that takes.
func TestWhatWaitsIsHeardBeforeAnythingIsJudged(t *testing.T) {
	t.Parallel()
	h := newHours(t, 0)
	h.to(21, 1, 59)
	for range 1200 { // a machine that says where it is, again and again, and is done at last
		h.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body)
			SELECT tenant_id, id, $1, 'log', 'POST', '192.0.2.7', 'curl', '', '' FROM source`, h.Clock.Now())
	}
	h.Clock.Set(h.at(21, 2, 41))
	h.backup(21, "止まる直前に届いた控え")
	h.SQL(`UPDATE heartbeat SET seen_at = $1`, h.Clock.Now())
	h.Clock.Set(h.at(21, 9, 0))
	h.ran += 6 * time.Hour
	require.NoError(t, h.nodes[0].RunAll(t.Context()), "the jobs are there before the first heartbeat")
	require.Equal(t, "met backup.good", h.verdict("2026-11-20"))
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM checkin WHERE taken_at IS NULL`))
	require.Empty(t, h.subjects())
}

// Nothing that a body says of time moves a verdict: a check-in bears the time at which it was heard.
func TestWhatABodySaysOfTimeMovesNothing(t *testing.T) {
	t.Parallel()
	h := newHours(t, 0)
	night := 20
	for _, said := range []map[string]any{
		{"time": "1970-01-01T00:00:00Z", "started_at": "2099-12-31T23:59:59Z", "finished_at": "1969-12-31"},
		{"duration": -3600}, {"duration": 1e300}, {"duration_ms": -9.2e18}, {"duration": "-1h"}, {"duration": 9223372036854775807},
		{"total_duration": 1e18}, {"date": "2099-01-01", "timestamp": 32503680000}, {"archive": map[string]any{"duration": -1e9, "start": "2099-01-01T00:00:00"}},
	} {
		night++
		h.to(night, 2, 0)
		h.checkIn(checkin.Start, said)
		h.pass(10 * time.Minute)
		name := filepath.Join(h.store, fmt.Sprintf("koseki-202611%02d.txt", night))
		require.NoError(t, os.WriteFile(name, []byte(fmt.Sprintf("%d日の控え", night)), 0o600))
		require.NoError(t, os.Chtimes(name, h.Clock.Now(), h.Clock.Now()))
		h.checkIn(checkin.Success, said)
		h.pass(time.Minute)
		evening := fmt.Sprintf("2026-11-%02d", night-1)
		require.Equal(t, "met", tenantstest.Value[string](h.Bench, `SELECT coalesce(verdict, reason_code, '-') FROM occurrence WHERE night = $1::text::date`, evening), "%v", said)
		require.Equal(t, h.at(night, 2, 10).UTC(), tenantstest.Value[time.Time](h.Bench,
			`SELECT arrived_at FROM occurrence WHERE night = $1::text::date`, evening).UTC())
		require.EqualValues(t, 600000, tenantstest.Value[int64](h.Bench, `SELECT duration_ms FROM run ORDER BY id DESC LIMIT 1`))
	}
	h.to(night+1, 2, 30) // without a start the body's duration is all there is
	h.backup(night+1, "始まりを知らせない控え")
	h.checkIn(checkin.Success, map[string]any{"duration": 1e300})
	h.pass(3 * time.Minute)
	h.checkIn(checkin.Success, map[string]any{"duration": -5})
	h.pass(time.Minute)
	require.EqualValues(t, 0, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM run WHERE duration_ms < 0`))
	require.Empty(t, h.subjects())
}

// A server is started with its clock years ahead: all that is on record seems kept for longer than it must be. Nothing goes
// before somebody had a month to see it, and nothing at all where the clock is put right by then.
func TestAClockPutYearsAheadRemovesNothing(t *testing.T) {
	t.Parallel()
	h := newHours(t, 0)
	h.to(21, 2, 30)
	h.backup(21, "十年後に置かれた夜の控え")
	h.to(21, 5, 0)
	const records = `SELECT (SELECT count(*) FROM checkin) + (SELECT count(*) FROM operation_log)`
	had := tenantstest.Value[int64](h.Bench, records)
	require.Positive(t, had)
	h.down(12 * 366 * 24 * time.Hour)
	for range 40 { // a month of looks, at less than the thirty days
		h.pass(17 * time.Hour)
		require.GreaterOrEqual(t, tenantstest.Value[int64](h.Bench, records), had)
	}
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM expiry`))
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM volume`), "no month is bound that has yet to come")
	h.pass(3 * 24 * time.Hour)
	require.Positive(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM expiry`), "it was true after all")
}
