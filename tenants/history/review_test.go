package history_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/history"
	"tanamori/tenants/tenantstest"
)

func (h house) review(who tenants.Actor, in history.ReviewInput) (r history.Review, err error) {
	err = h.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		r, err = history.Confirm(ctx, tx, in)
		return err
	})
	return r, err
}

func (h house) standing(who tenants.Actor) (s history.State) {
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		s, err = history.Standing(ctx, tx)
		return err
	})
	return s
}

func days(from, to string) history.ReviewInput {
	in := history.ReviewInput{}
	in.FromOn, _ = calendar.Parse(from)
	in.ToOn, _ = calendar.Parse(to)
	return in
}

// jobs are the rounds of the pipeline that a review's duty goes through.
func (h house) jobs() (met int) {
	met = h.job()
	for _, act := range []func(context.Context, *tenants.Tx, int) (int, error){duty.PlanAhead, duty.JudgeDue} {
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := act(ctx, tx, 100)
			return err
		})
	}
	return met
}

func TestNobodyReviewsTheirOwnLines(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.Clock.Set(on(11, 3, 9, 0))
	h.did(h.operator, tenants.Line{Town: h.host, Act: tenants.Confirm, Object: "occurrence"})
	h.did(h.operator, tenants.Line{Town: h.town, Act: tenants.Confirm, Object: "occurrence"})
	h.Clock.Set(on(11, 10, 9, 0))
	h.did(h.admin, tenants.Line{Town: h.town, Act: tenants.WriteServer, Object: "server"})
	h.Clock.Set(on(11, 21, 9, 0))

	s := h.standing(h.auditor)
	require.Equal(t, "2026-11-03", s.BeganOn.String())
	require.True(t, s.ReviewedTo.IsZero())
	require.Equal(t, []history.Left{{FromOn: calendar.MustDate(2026, 11, 3), ToOn: calendar.MustDate(2026, 11, 20)}}, s.Left)

	r, err := h.review(h.admin, days("2026-11-03", "2026-11-20"))
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Lines)
	require.EqualValues(t, 1, r.OwnLines)
	require.Equal(t, "host_admin", r.Post)
	s = h.standing(h.admin)
	require.Len(t, s.Left, 1, "what the reviewer did waits for another")
	require.Equal(t, h.admin.PersonID, s.Left[0].Of)
	require.EqualValues(t, 1, s.Left[0].Lines)
	_, err = h.review(h.admin, days("2026-11-03", "2026-11-20"))
	require.NoError(t, err)
	require.Len(t, h.standing(h.admin).Left, 1, "and the same person cannot make up for it")
	_, err = h.review(h.auditor, days("2026-11-10", "2026-11-10"))
	require.NoError(t, err)
	s = h.standing(h.second)
	require.Empty(t, s.Left)
	require.Equal(t, "2026-11-20", s.ReviewedTo.String())
	require.EqualValues(t, 3, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE act = 'operation_log.review' AND object = 'log_review'`))
}

func TestWhatAReviewMustSay(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.did(h.operator, tenants.Line{Town: h.host, Act: tenants.Confirm, Object: "occurrence"})
	h.Clock.Set(on(11, 25, 9, 0))
	fields := func(in history.ReviewInput) (names []string) {
		_, err := h.review(h.auditor, in)
		for _, f := range tenants.AsFault(err).Fields {
			names = append(names, f.Field)
		}
		return names
	}
	require.Equal(t, []string{"to_on"}, fields(days("2026-11-21", "2026-11-25")), "today is not over")
	require.Equal(t, []string{"to_on"}, fields(days("2026-11-23", "2026-11-22")))
	require.Equal(t, []string{"from_on"}, fields(days("2026-11-20", "2026-11-22")), "before there was a log")
	require.Equal(t, []string{"from_on"}, fields(history.ReviewInput{}))
	bad := days("2026-11-21", "2026-11-22")
	bad.Found = true
	require.Equal(t, []string{"findings", "measures"}, fields(bad))
	for who, kind := range map[*tenants.Actor]tenants.Kind{&h.operator: tenants.KindForbidden, &h.clerk: tenants.KindForbidden} {
		_, err := h.review(*who, days("2026-11-21", "2026-11-22"))
		require.Equal(t, kind, tenants.AsFault(err).Kind)
	}
	_, err := h.review(h.far, days("2026-11-21", "2026-11-22"))
	require.NoError(t, err)
	require.NotContains(t, h.standing(h.auditor).Left[0].Whose, "見本", "another host's review is not ours")
	require.True(t, h.standing(h.auditor).ReviewedTo.IsZero())
}

// A month that is not reviewed in time opens an incident, and the review that comes late ends it.
func TestAMissedReviewOpensAnIncident(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.Clock.Set(on(11, 3, 9, 0))
	h.did(h.operator, tenants.Line{Town: h.host, Act: tenants.Confirm, Object: "occurrence"})
	h.jobs()
	h.jobs()
	require.EqualValues(t, 2, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM duty WHERE kind = 'history' AND NOT on_board`), "each host has the duty, once")
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT sum(duties_in_use) FROM tenant`), "and no row of the morning board")

	h.Clock.Set(on(12, 1, 9, 0))
	h.jobs()
	due := h.standing(h.auditor).DueAt
	require.NotNil(t, due)
	require.True(t, on(12, 8, 9, 0).Equal(*due), due)
	_, err := h.review(h.auditor, days("2026-11-03", "2026-11-29"))
	require.NoError(t, err)
	require.Zero(t, h.jobs(), "a day is left")
	h.Clock.Set(on(12, 8, 9, 0))
	h.jobs()
	open := func() int64 {
		return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM incident WHERE tenant_id = $1 AND state <> 'resolved'`, h.host)
	}
	require.EqualValues(t, 1, open())
	require.Equal(t, "操作履歴 前月分の確認", tenantstest.Value[string](h.Bench, `SELECT subject FROM incident WHERE tenant_id = $1`, h.host))
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM duty_state`), "the board knows nothing of it")

	_, err = h.review(h.auditor, days("2026-11-30", "2026-12-07"))
	require.NoError(t, err)
	require.Equal(t, 1, h.jobs())
	require.Zero(t, h.jobs(), "once")
	require.Zero(t, open())
	require.Equal(t, "history.reviewed", tenantstest.Value[string](h.Bench, `SELECT recovered_code FROM occurrence WHERE tenant_id = $1 AND recovered_at IS NOT NULL`, h.host))
}

// A review that was done before the day on which it is due counts when that day comes; a change of the day is one line.
func TestAReviewAheadOfItsDayIsInTime(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.Clock.Set(on(11, 3, 9, 0))
	h.did(h.operator, tenants.Line{Town: h.host, Act: tenants.Confirm, Object: "occurrence"})
	h.jobs()
	h.Fault(tenants.KindForbidden, h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := history.Set(ctx, tx, history.Setting{Day: 3, Days: 5})
		return err
	})
	h.Fault(tenants.KindInvalid, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := history.Set(ctx, tx, history.Setting{Day: 29, Days: 0})
		return err
	})
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := history.Set(ctx, tx, history.Setting{Day: 3, Days: 5})
		return err
	})
	require.Equal(t, history.Setting{Day: 3, Days: 5}, h.standing(h.auditor).Setting)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE act = 'operation_log.review.write'
		AND before = '{"Day": 1, "Days": 7}' AND after = '{"Day": 3, "Days": 5}'`))
	h.jobs()
	h.Clock.Set(on(11, 4, 9, 0)) // the third is a holiday
	require.Equal(t, 1, h.jobs(), "of October there was nothing to review")
	h.Clock.Set(on(12, 2, 9, 0))
	_, err := h.review(h.auditor, days("2026-11-03", "2026-12-01"))
	require.NoError(t, err)
	require.Zero(t, h.jobs(), "not before it opens")
	h.Clock.Set(on(12, 3, 9, 0))
	require.Equal(t, 1, h.jobs())
	require.Equal(t, "met", tenantstest.Value[string](h.Bench, `SELECT verdict FROM occurrence WHERE tenant_id = $1 AND scheduled_at = $2`, h.host, on(12, 3, 9, 0)))
}
