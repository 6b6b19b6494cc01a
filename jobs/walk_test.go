package jobs_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/tenantstest"
)

// step is one thing that happens to a town, its machine and the nodes that watch it.
type step struct {
	kind    string // pass, down, set, backup
	minutes int
}

// aWalk draws a course of two nights: time that passes, outages short and long, clocks put forward and back, a machine
// that backs up now and then.
var aWalk = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
	s := step{kind: rapid.SampledFrom([]string{"pass", "pass", "pass", "pass", "down", "set", "backup", "backup"}).Draw(t, "kind")}
	switch s.kind {
	case "pass":
		s.minutes = rapid.IntRange(1, 240).Draw(t, "minutes")
	case "down":
		s.minutes = rapid.SampledFrom([]int{1, 3, 10, 60, 400}).Draw(t, "minutes")
	case "set":
		s.minutes = rapid.SampledFrom([]int{-1500, -300, -60, -10, -2, 1, 3, 45, 200, 1500}).Draw(t, "minutes")
	}
	return s
}), 12, 24)

// walks are the seeds of the courses; TANAMORI_WALKS asks for more of them.
func walks() []int {
	n, err := strconv.Atoi(os.Getenv("TANAMORI_WALKS"))
	if err != nil {
		n = 8
	}
	seeds := make([]int, n)
	for i := range seeds {
		seeds[i] = i + 1
	}
	return seeds
}

// Whatever time does and however often Tanamori stops: a verdict stays what it was and comes within its bound, what
// arrived is not called missed, an open incident always has somebody who will be told before long, no message goes out
// twice, and nothing waits for a time further off than it may.
func TestAnyCourseOfTime(t *testing.T) {
	t.Parallel()
	for _, seed := range walks() {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := newHours(t, 0, 3*time.Hour)
			verdicts := map[int64]string{}
			for i, s := range aWalk.Example(seed) {
				by := time.Duration(s.minutes) * time.Minute
				switch s.kind {
				case "pass":
					h.pass(by)
				case "down":
					h.down(by)
				case "set":
					h.set(by)
				case "backup":
					h.backup(h.Clock.Now().In(h.zone).Day(), fmt.Sprintf("控え %d", i))
					h.pass(time.Minute)
				}
				h.holds(verdicts, fmt.Sprintf("seed %d, step %d: %v", seed, i, s))
			}
			// Left alone for a while, everything that was due has its verdict.
			for range 6 {
				h.pass(5 * time.Hour)
				h.holds(verdicts, "afterwards")
			}
			require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM occurrence WHERE verdict IS NULL AND judge_at < $1`,
				h.Clock.Now().Add(-3*time.Hour)), "seed %d", seed)
		})
	}
}

func (h *hours) holds(before map[int64]string, when string) {
	h.t.Helper()
	now := h.Clock.Now()
	for _, r := range h.SQL(`SELECT id, verdict, arrived_at IS NOT NULL AS arrived FROM occurrence WHERE verdict IS NOT NULL`) {
		id, v := r["id"].(int64), r["verdict"].(string)
		if was, ok := before[id]; ok {
			require.Equal(h.t, was, v, "%s: a verdict is final", when)
		}
		before[id] = v
		if arrived, _ := r["arrived"].(bool); arrived {
			require.NotEqual(h.t, "missed", v, "%s: what arrived is not missing", when)
		}
	}
	none := func(what, query string, args ...any) {
		h.t.Helper()
		require.Empty(h.t, h.SQL(query, args...), "%s: %s", when, what)
	}
	none("due and not looked at", `SELECT id FROM occurrence WHERE verdict IS NULL AND look_at <= $1`, now)
	none("held for longer than two hours and an outage", `SELECT id, look_at, judge_at FROM occurrence WHERE verdict IS NULL AND judge_at < $1
		AND look_at > $1::timestamptz + interval '12 hours'`, now)
	none("nobody will be told", `SELECT i.id FROM incident i WHERE i.state = 'open' AND NOT EXISTS (SELECT FROM rung r
		WHERE r.incident_id = i.id AND r.state = 'pending' AND r.due_at > $1 AND r.due_at <= $1::timestamptz + make_interval(mins => greatest(i.repeat_minutes, 60)))`, now)
	none("a second incident of one cause", `SELECT cause FROM incident WHERE state <> 'resolved' GROUP BY tenant_id, cause HAVING count(*) > 1`)
	none("a message that waits too long", `SELECT id FROM notice WHERE next_at > $1::timestamptz + interval '1 hour'`, now)
	none("a message sent twice", `SELECT notice_id FROM attempt WHERE outcome = 'sent' GROUP BY notice_id HAVING count(*) > 1`)
	none("an examination that waits too long", `SELECT id FROM run WHERE verify_at > $1::timestamptz + interval '5 minutes'`, now)
	none("a heartbeat to come", `SELECT node FROM heartbeat WHERE seen_at > $1::timestamptz + interval '1 minute'`, now)
	none("an outage to come", `SELECT from_at, to_at FROM outage WHERE withdrawn_at IS NULL AND to_at > $1::timestamptz + interval '1 minute'`, now)
	sent := tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM notice WHERE state = 'sent'`)
	require.Len(h.t, h.subjects(), int(sent), "%s: one mail, one message", when)
}
