package reliability_test

import (
	"context"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// loadRounds is in how many equal parts the load is given; between two the installation comes to rest and is measured. The
// first two warm it up: connections, statements, templates and pages of the database are made once.
const (
	loadRounds = 7
	loadWarm   = 2
)

// TestSustainedLoad gives the real program everything at once, again and again: machines that check in well and badly,
// slow ones and ones that hang up, nights that come due, archives that are broken, a mail server that refuses some, people
// on pages, on the API and on live boards, people who answer by link. It asserts that nothing grows over the run and that
// all of it comes to an end.
//
// TANAMORI_LOAD is how long the load lasts: 20s unless told, make load says 150s, and half an hour by hand; 0 leaves it out,
// where it has a step of its own.
func TestSustainedLoad(t *testing.T) {
	lasts := 20 * time.Second
	if text := os.Getenv("TANAMORI_LOAD"); text != "" {
		var err error
		lasts, err = time.ParseDuration(text)
		require.NoError(t, err, "TANAMORI_LOAD")
	}
	if lasts <= 0 {
		t.Skip("TANAMORI_LOAD=0: it is run by itself")
	}
	w := newLoad(t)
	measured := []figures{}
	for round := range loadRounds {
		w.drive(lasts / loadRounds)
		w.rest()
		m := w.measure()
		t.Logf("round %d: %s", round+1, m)
		if round >= loadWarm {
			measured = append(measured, m)
		}
	}
	w.answers.check(t)
	requireNoGrowth(t, measured)
	w.end()
}

// drive gives load for that long and returns when everybody has gone.
func (w *loadWorld) drive(lasts time.Duration) {
	ctx, cancel := context.WithTimeout(w.t.Context(), lasts)
	defer cancel()
	w.post.troubled.Store(true)
	w.post.once.Store(true)
	var wg sync.WaitGroup
	each := func(n int, do func(context.Context, int)) {
		for i := range n {
			wg.Go(func() {
				for ctx.Err() == nil {
					do(ctx, i)
				}
			})
		}
	}
	each(len(w.plans), w.night)
	each(2, w.machine)
	each(2, w.trouble)
	each(len(w.people), w.page)
	each(2, w.caller)
	each(3, w.watch)
	each(1, w.answer)
	wg.Wait()
}

// rest waits until the pipeline has nothing left to do, with the mail server taking everything again. What would only wait
// for its time, a try that was put off, is brought forward: half an hour of waiting is no load. Nights that come due within
// seconds are waited for, since a night is judged before the next one begins.
func (w *loadWorld) rest() {
	w.t.Helper()
	w.post.troubled.Store(false)
	await(w.t, "nothing is left to do", func() bool {
		w.SQL(`UPDATE notice SET next_at = $1 WHERE state = 'queued' AND next_at > $1`, time.Now())
		w.SQL(`UPDATE run SET verify_at = $1 WHERE verify_at > $1 AND claim IS NULL`, time.Now())
		w.SQL(`SELECT pg_notify('tanamori', t || ':0') FROM unnest(ARRAY['checkin', 'verify', 'judge', 'rung', 'deliver']) t`)
		return w.count(`SELECT (SELECT count(*) FROM checkin WHERE taken_at IS NULL) + (SELECT count(*) FROM run WHERE verify_at IS NOT NULL)
			+ (SELECT count(*) FROM occurrence WHERE verdict IS NULL AND look_at <= CAST($1 AS timestamptz) + interval '10 seconds')
			+ (SELECT count(*) FROM rung r JOIN incident i ON i.tenant_id = r.tenant_id AND i.id = r.incident_id
				WHERE r.state = 'pending' AND r.due_at <= $1 AND i.state = 'open')
			+ (SELECT count(*) FROM notice WHERE state IN ('queued', 'sending'))`, time.Now()) == 0
	})
}

// end gives every plan a good night and expects that no incident is left open, every occurrence that was due has a verdict
// and every message an end.
func (w *loadWorld) end() {
	w.t.Helper()
	for i := range w.plans {
		w.goodNight(w.t.Context(), i)
	}
	w.rest()
	require.Empty(w.t, w.SQL(`SELECT cause, reason_code, night, opened_at FROM incident WHERE state <> 'resolved'`), "every incident is over")
	now := time.Now()
	require.Zero(w.t, w.count(`SELECT count(*) FROM occurrence WHERE verdict IS NULL AND look_at <= $1`, now))
	require.Zero(w.t, w.count(`SELECT count(*) FROM notice WHERE state NOT IN ('sent', 'failed', 'withdrawn')`))
	require.Zero(w.t, w.count(`SELECT count(*) FROM attempt WHERE outcome IS NULL`))
	require.Zero(w.t, w.count(`SELECT count(*) FROM (SELECT 1 FROM incident GROUP BY tenant_id, cause HAVING count(*) FILTER (WHERE state <> 'resolved') > 1) x`))
	for _, seen := range []string{`SELECT count(*) FROM incident`, `SELECT count(*) FROM acknowledgement`, `SELECT count(*) FROM confirmation`,
		`SELECT count(*) FROM occurrence WHERE verdict = 'missed'`, `SELECT count(*) FROM occurrence WHERE verdict = 'failed'`,
		`SELECT count(*) FROM occurrence WHERE verdict = 'met'`, `SELECT count(*) FROM attempt WHERE outcome <> 'sent'`} {
		require.Positive(w.t, w.count(seen), "the load had some of everything: %s", seen)
	}
	require.LessOrEqual(w.t, w.answers.of(machineKind, http.StatusOK), w.count(`SELECT count(*) FROM checkin`), "what was answered OK is in the database")
	w.t.Logf("%s; %d incidents, %d notices, %d occurrences, %d check-ins", w.answers, w.count(`SELECT count(*) FROM incident`),
		w.count(`SELECT count(*) FROM notice`), w.count(`SELECT count(*) FROM occurrence WHERE verdict IS NOT NULL`), w.count(`SELECT count(*) FROM checkin`))
}
