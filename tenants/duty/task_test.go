package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

var returned = tenants.Reason{Code: "duty.met"}

func (w *tower) ask(due time.Time) (id int64) {
	w.t.Helper()
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		id, err = duty.Ask(ctx, tx, duty.Task{Town: w.town, Act: tenants.WritePlan, Kind: "key", AboutID: 7, Subject: "鍵 A-03 正1", Work: "返却", Due: due, Severity: "warning"})
		return err
	})
	return id
}

func (w *tower) answer(id int64, good bool) {
	w.t.Helper()
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Answer(ctx, tx, tenants.WritePlan, w.town, id, good, tx.Now, returned)
	})
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.TakeAnswers(ctx, tx, 10); return err })
	w.judge()
}

// verdicts of a duty, the oldest occurrence first; "" is none yet.
func (w *tower) verdicts(id int64) (out []string) {
	for _, row := range w.SQL(`SELECT coalesce(verdict, '') || CASE WHEN recovered_at IS NULL THEN '' ELSE '+' END AS v FROM occurrence WHERE duty_id = $1 ORDER BY period`, id) {
		out = append(out, row["v"].(string))
	}
	return out
}

func (w *tower) openIncidents() int64 {
	return tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`)
}

func TestATaskIsAskedForOnce(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	due := w.Clock.Now().Add(2 * time.Hour)
	id := w.ask(due)
	w.plan()
	require.Equal(t, []string{""}, w.verdicts(id), "nothing is made ahead of it")
	w.Clock.Advance(time.Hour)
	w.judge()
	require.Equal(t, []string{""}, w.verdicts(id))
	w.answer(id, true)
	require.Equal(t, []string{"met"}, w.verdicts(id))
	require.Zero(t, w.openIncidents())
	w.Clock.Advance(400 * 24 * time.Hour)
	w.plan()
	w.judge()
	require.Equal(t, []string{"met"}, w.verdicts(id), "it does not come again by itself")
}

func TestATaskThatIsNotDoneBecomesAnIncidentUntilItIs(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	id := w.ask(w.Clock.Now().Add(time.Hour))
	w.Clock.Advance(time.Hour)
	w.judge()
	require.Equal(t, []string{"missed"}, w.verdicts(id))
	require.EqualValues(t, 1, w.openIncidents())

	// Extended after the fact, it is asked for anew; what was missed stays missed.
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Move(ctx, tx, tenants.WritePlan, w.town, id, tx.Now.Add(time.Hour))
	})
	require.Equal(t, []string{"missed", ""}, w.verdicts(id))
	w.Clock.Advance(time.Minute)
	w.answer(id, true)
	require.Equal(t, []string{"missed", "met"}, w.verdicts(id))
	require.Zero(t, w.openIncidents())
}

func TestATaskIsMovedDroppedAndAskedAgain(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	id := w.ask(w.Clock.Now().Add(time.Hour))
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Move(ctx, tx, tenants.WritePlan, w.town, id, tx.Now.Add(3*time.Hour))
	})
	w.Clock.Advance(2 * time.Hour)
	w.judge()
	require.Equal(t, []string{""}, w.verdicts(id), "the old moment no longer counts")
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Drop(ctx, tx, tenants.WritePlan, w.town, id, returned)
	})
	require.Empty(t, w.verdicts(id))
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Again(ctx, tx, tenants.WritePlan, w.town, id, tx.Now.Add(time.Hour))
	})
	w.answer(id, false)
	require.Equal(t, []string{"failed"}, w.verdicts(id))
	require.EqualValues(t, 1, w.openIncidents())
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Drop(ctx, tx, tenants.WritePlan, w.town, id, returned)
	})
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.TakeAnswers(ctx, tx, 10); return err })
	require.Equal(t, []string{"failed+"}, w.verdicts(id))
	require.Zero(t, w.openIncidents(), "dropped, it needs nobody any more")

	// A duty with a schedule is no task; a town's staff may not ask for what its act does not allow; elsewhere there is nothing.
	planned := w.planned()
	w.Fault(tenants.KindNotFound, w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Move(ctx, tx, tenants.WritePlan, w.town, planned.ID, tx.Now)
	})
	w.Fault(tenants.KindForbidden, w.staff, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Again(ctx, tx, tenants.WritePlan, w.town, id, tx.Now)
	})
	w.Fault(tenants.KindNotFound, w.far, func(ctx context.Context, tx *tenants.Tx) error {
		return duty.Answer(ctx, tx, tenants.WritePlan, w.town, id, true, tx.Now, returned)
	})
}

func TestADayAsADeadlineEndsOnAnOpenOne(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		by, err := duty.ByTheDay(ctx, tx, w.town, calendar.MustDate(2026, 12, 31))
		require.Equal(t, "2027-01-04 23:59", by.Format("2006-01-02 15:04"), "the year's end is closed, and so is the weekend after it")
		return err
	})
}
