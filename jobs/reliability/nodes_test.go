package reliability_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stand starts another node and waits until it stands still at a step.
func (w *world) stand(step string) *node {
	w.t.Helper()
	n := w.serve(freeAddress(w.t), step)
	w.awaitStop(n, step)
	return n
}

func (w *world) awaitStop(n *node, step string) {
	w.t.Helper()
	await(w.t, "a node stands at "+step, func() bool { return n.stopped() || n.dead() })
	require.False(w.t, n.dead(), "the node ended by itself:\n%s", n.said)
	w.trouble.Add(1)
}

// says waits until a node has said something, in whichever words.
func (n *node) says(words ...string) {
	n.t.Helper()
	await(n.t, "the node says: "+strings.Join(words, " or "), func() bool {
		text := n.said.String()
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	})
}

// Several nodes on one Postgres under load. One is killed, others stand still at the worst moments for longer than their
// claims hold, and go on afterwards: what they had claimed is somebody else's by then, and they may not act on it.
func TestNodesShareTheWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, external)
	one, two, three := w.start(""), w.start(""), w.start("")
	for _, n := range []*node{one, two, three} {
		n.awaitReady()
	}
	load := w.load(one.address, two.address, three.address)
	await(t, "work goes on", func() bool { return w.answered.count(http.StatusOK) > 50 })
	w.bury(three)

	w.nothingLeavesAfterTheLease("deliver.claimed=stop")
	w.nothingLeavesAfterTheLease("letter.writing=stop@5") // greeted, sender, recipient, DATA; the letter itself is next
	w.sentOnceMoreMarked("letter.taken=stop")
	w.sentOnceMoreMarked("deliver.sent=stop")
	for _, step := range []string{"verify.claimed", "archive.reading", "verify.read"} {
		w.findingThrownAway(step)
	}
	w.pausedInTransactions("takein", `SELECT count(*) FROM checkin WHERE taken_at > $1`, "escalate.uncommitted", "verify.uncommitted")
	w.pausedInTransactions("judge", `SELECT count(*) FROM occurrence WHERE judged_at > $1`, "reopen.uncommitted", "deliver.uncommitted")

	three = w.serve(three.address, "")
	three.awaitReady()
	load.stop()
	w.rest()
	w.check()
	for _, n := range []*node{one, two} {
		require.False(t, n.dead())
		require.NotContains(t, n.said.String(), "55P03", "nobody gives up waiting for a paused node")
	}
}

// letGo waits until no claim holds any more that does now: of whoever works in a moment, of whoever stands still or is dead
// once others have taken their work up.
func (w *world) letGo() {
	w.t.Helper()
	const held = `SELECT coalesce(array_agg(claim::text), '{}') FROM (
		SELECT claim FROM notice WHERE claim IS NOT NULL UNION ALL SELECT claim FROM run WHERE claim IS NOT NULL) x
		WHERE $1::text[] IS NULL OR claim::text = ANY ($1)`
	var then, now []string
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), held, nil).Scan(&then))
	await(w.t, "claims are given back or taken over", func() bool {
		require.NoError(w.t, w.owner.QueryRow(w.t.Context(), held, then).Scan(&now))
		return len(now) == 0
	})
}

// bury kills a node and waits until nothing is its own any more, so that what it leaves is not taken for another's.
func (w *world) bury(n *node) {
	w.t.Helper()
	n.kill()
	w.trouble.Add(1)
	w.letGo()
}

// lost is the messages whose tries were given up since.
func (w *world) lost(since time.Time) []string {
	w.t.Helper()
	rows, err := w.owner.Query(w.t.Context(), `SELECT n.message_id FROM notice n JOIN attempt a ON a.tenant_id = n.tenant_id AND a.notice_id = n.id
		WHERE a.outcome = 'unknown' AND a.ended_at > $1`, since)
	require.NoError(w.t, err)
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		require.NoError(w.t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(w.t, rows.Err())
	return ids
}

// arrived counts the copies of messages.
func (w *world) arrived(ids []string) map[string]int {
	copies := map[string]int{}
	for _, id := range ids {
		copies[id] = 0
	}
	for _, l := range w.sink.all() {
		if _, asked := copies[l.id]; asked {
			copies[l.id]++
		}
	}
	return copies
}

// takenOver waits until others have sent what a node that stands still had claimed.
func (w *world) takenOver(since time.Time) (ids []string) {
	w.t.Helper()
	w.letGo()
	await(w.t, "others send what the paused node had claimed", func() bool {
		ids = w.lost(since)
		return len(ids) > 0 && w.number(`SELECT count(*) FROM notice WHERE message_id = ANY($1) AND state <> 'sent'`, ids) == 0
	})
	return ids
}

func (w *world) nothingLeavesAfterTheLease(step string) {
	w.t.Helper()
	since := time.Now()
	n := w.stand(step)
	ids := w.takenOver(since)
	before := w.arrived(ids)
	n.signal(syscall.SIGCONT)
	n.says("no longer ours to mark")
	require.Equal(w.t, before, w.arrived(ids), "a node whose lease had ended sent something")
	for id, copies := range before {
		require.Equal(w.t, 1, copies, "message %s", id)
	}
	w.bury(n)
}

func (w *world) sentOnceMoreMarked(step string) {
	w.t.Helper()
	since := time.Now()
	n := w.stand(step)
	ids := w.takenOver(since)
	n.signal(syscall.SIGCONT)
	n.says("no longer ours to mark")
	twice := 0
	for id, copies := range w.arrived(ids) {
		require.LessOrEqual(w.t, copies, 2, "message %s", id)
		if copies == 2 {
			twice++
		}
	}
	require.Positive(w.t, twice, "what had been sent and not marked came once more")
	w.bury(n)
}

func (w *world) findingThrownAway(step string) {
	w.t.Helper()
	n := w.stand(step + "=stop")
	w.letGo()
	n.signal(syscall.SIGCONT)
	n.says("examination given up, its claim has lapsed", "finding thrown away, its claim has lapsed")
	w.bury(n)
}

// pausedInTransactions lets nodes stand still while they hold locks: rows, and then the turn to take check-ins in. The
// database throws them out after some seconds; so long, and no longer, the others wait.
func (w *world) pausedInTransactions(job, done string, steps ...string) {
	w.t.Helper()
	var paused []*node
	for _, step := range steps {
		paused = append(paused, w.serve(freeAddress(w.t), step+"=stop"))
	}
	for i, step := range steps {
		w.awaitStop(paused[i], step)
	}
	paused = append(paused, w.stand(job+".uncommitted=stop"))
	began := time.Now()
	await(w.t, "others go on with "+job, func() bool { return w.number(done, began) > 0 })
	w.t.Logf("a node paused in %s held the others up for %v", job, time.Since(began).Round(100*time.Millisecond))
	for _, n := range paused {
		// Whoever went on in time commits; whoever did not finds the session gone.
		n.signal(syscall.SIGCONT)
		n.kill()
		w.trouble.Add(1)
	}
}
