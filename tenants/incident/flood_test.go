package incident_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

func good(town int64, causes ...string) (list []incident.Resolution) {
	for _, c := range causes {
		list = append(list, incident.Resolution{Town: town, Cause: c, Reason: tenants.Reason{Code: "test.good"}})
	}
	return list
}

// outbox is every message of the stage's town: kind, address, how many it tells of, state.
func (s stage) outbox() (out []string) {
	for _, r := range s.SQL(`SELECT n.kind || ' ' || split_part(n.to_address, '@', 1) || ' ' || (SELECT 1 + count(*) FROM notice_also a
		WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id) || ' ' || n.state AS line FROM notice n WHERE tenant_id = $1 ORDER BY id`, s.town) {
		out = append(out, r["line"].(string))
	}
	return out
}

func (s stage) look(rung int64) (l incident.Link) {
	s.t.Helper()
	s.Do(s.link(), func(ctx context.Context, tx *tenants.Tx) (err error) {
		l, err = incident.LinkView(ctx, tx, s.town, rung)
		return err
	})
	return l
}

func TestManyCausesAtOnceAreOneLetterForEachTownAndAddress(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.host, "duty:1"), input(s.town, "duty:3"))
	require.Equal(t, 4, s.escalate())
	require.Equal(t, []string{"opened ichiro 3 queued"}, s.outbox())
	require.EqualValues(t, 2, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice`), "the other town has its own")
	for _, id := range []int64{ids[0].ID, ids[1].ID, ids[3].ID} {
		v := s.view(id)
		require.Equal(t, []string{"opened ichiro@example.jp"}, sent(v), "each incident shows the letter that told of it")
		require.Equal(t, v.Notices[0].ID, *v.Rungs[0].NoticeID)
		require.Equal(t, []string{"opened", "told"}, kinds(v))
		require.Equal(t, v.Notices[0].ID, v.Events[1].Detail.Notice)
	}
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := notice.List(ctx, tx, notice.Filter{About: "incident", AboutID: ids[3].ID})
		require.Len(t, list, 1)
		require.Equal(t, notice.IDs{ids[1].ID, ids[3].ID}, list[0].Also)
		return err
	})
	s.invariants()

	s.deliver(notice.Accepted)
	s.Clock.Advance(15 * time.Minute)
	s.escalate()
	s.deliver(notice.Accepted)
	s.Clock.Advance(30 * time.Minute)
	s.escalate()
	s.resolve(append(good(s.town, "duty:1", "duty:2", "duty:3"), good(s.host, "duty:1")...)...)
	require.Equal(t, []string{"opened ichiro 3 sent", "opened hanako 3 sent", "repeated hanako 3 withdrawn", "resolved hanako 3 queued", "resolved ichiro 3 queued"}, s.outbox())
	s.invariants()
}

func TestTheEdgeOfABatchSplitsOneTownAtMost(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	s := stage{Bench: b, t: t}
	ids := towns(b, 3)
	s.open(many(ids, 12)...) // their towns in turn
	for range 2 {
		b.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
			n, err := incident.Escalate(ctx, tx, 6)
			require.Equal(t, 6, n)
			return err
		})
	}
	var letters []int64
	for _, town := range ids {
		letters = append(letters, tenantstest.Value[int64](b, `SELECT count(*) FROM notice WHERE tenant_id = $1`, town))
	}
	require.Equal(t, []int64{1, 2, 1}, letters)
	s.invariants()
}

func TestOneLinkAnswersAllThatNobodyHasAnswered(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.town, "duty:3"), input(s.town, "duty:4"))
	s.escalate()
	s.deliver(notice.Accepted)
	rung := s.view(ids[0].ID).Rungs[0].ID
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[1].ID, Via: incident.ViaConsole, Promise: "先に見ています", Until: s.Clock.Now().Add(5 * time.Hour)})
	s.resolve(good(s.town, "duty:3")...)
	l := s.look(rung)
	require.Len(t, l.Matters, 4)
	require.Len(t, l.Open(), 2)
	require.Equal(t, "先に見ています", l.Matters[1].Newest.Promise)

	until := s.Clock.Now().Add(2 * time.Hour)
	answers := s.press(incident.LinkAnswer{Town: s.town, RungID: rung, Promise: "業者に確認中", Until: until})
	require.Len(t, answers, 2)
	require.NotEqual(t, answers[0].ID, answers[1].ID)
	require.Equal(t, []int64{ids[0].ID, ids[3].ID}, []int64{answers[0].IncidentID, answers[1].IncidentID})
	require.Len(t, s.SQL(`SELECT 1 FROM operation_log WHERE act = 'incident.acknowledge' AND object_id IN ($1, $2)`, ids[0].ID, ids[3].ID), 2)
	require.Equal(t, "先に見ています", s.view(ids[1].ID).Acknowledgements[0].Promise)
	require.Len(t, s.view(ids[1].ID).Acknowledgements, 1, "a colleague's promise stands")
	require.Empty(t, s.look(rung).Open())
	s.Fault(tenants.KindGone, s.link(), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.AnswerLink(ctx, tx, incident.LinkAnswer{Town: s.town, RungID: rung})
		return err
	})
	s.invariants()

	// One promise for both passes for both, and one letter says so, with a link that works again.
	s.Clock.Set(until)
	require.Equal(t, 2, s.reopen())
	require.Equal(t, "reopened ichiro 2 queued", s.outbox()[2])
	v := s.view(ids[3].ID)
	again := v.Rungs[len(v.Rungs)-1].ID
	require.Len(t, s.press(incident.LinkAnswer{Town: s.town, RungID: again}), 2)
	s.invariants()
}

func TestAMailServerAwayForAWeekendIsNoFlood(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"))
	for range 96 { // two days of half hours
		s.escalate()
		s.deliver(notice.Away)
		s.Clock.Advance(30 * time.Minute)
	}
	require.Equal(t, []string{"opened ichiro 2 queued", "opened hanako 2 queued"}, s.outbox())
	v := s.view(ids[0].ID)
	require.Greater(t, len(v.Events), 90, "its course says that the time came each time")
	require.True(t, v.Events[len(v.Events)-1].Detail.Waiting)
	require.Equal(t, *v.Rungs[1].NoticeID, *v.Rungs[len(v.Rungs)-2].NoticeID)
	s.invariants()

	// One is over: the letter that waits tells of the other too and stays, and word of the end follows it.
	s.resolve(good(s.town, "duty:1")...)
	require.Equal(t, []string{"opened ichiro 2 queued", "opened hanako 2 queued", "resolved hanako 1 queued", "resolved ichiro 1 queued"}, s.outbox())
	s.invariants()
	// All is over before anything has left: nobody hears of anything.
	s.resolve(good(s.town, "duty:2")...)
	require.Equal(t, []string{"opened ichiro 2 withdrawn", "opened hanako 2 withdrawn", "resolved hanako 1 withdrawn", "resolved ichiro 1 withdrawn"}, s.outbox())
	require.EqualValues(t, 4, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice WHERE withdrawn_at = $1 AND next_at IS NULL`, s.Clock.Now()))
	s.Clock.Advance(24 * time.Hour)
	require.Zero(t, s.deliver(notice.Accepted))
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := notice.List(ctx, tx, notice.Filter{State: notice.StateWithdrawn})
		require.NoError(t, err)
		require.Len(t, list, 4)
		list, err = notice.List(ctx, tx, notice.Filter{State: "unsent"})
		require.Empty(t, list)
		return err
	})
	s.invariants()
}

func TestOnlyWhatCertainlyReachedNobodyIsWithdrawn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(s stage)
		want []string
	}{
		"never tried":     {func(stage) {}, []string{"opened ichiro 1 withdrawn"}},
		"delayed":         {func(s stage) { s.deliver(notice.Delayed) }, []string{"opened ichiro 1 withdrawn"}},
		"outcome unknown": {func(s stage) { s.deliver(notice.Unknown) }, []string{"opened ichiro 1 queued", "resolved ichiro 1 queued"}},
		"refused":         {func(s stage) { s.deliver(notice.Refused) }, []string{"opened ichiro 1 failed"}},
		"sent":            {func(s stage) { s.deliver(notice.Accepted) }, []string{"opened ichiro 1 sent", "resolved ichiro 1 queued"}},
		"being sent": {func(s stage) {
			s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := notice.Claim(ctx, tx, 1, time.Minute)
				return err
			})
		}, []string{"opened ichiro 1 sending", "resolved ichiro 1 queued"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(t)
			s.open(input(s.town, "duty:1"))
			s.escalate()
			c.end(s)
			s.resolve(good(s.town, "duty:1")...)
			require.Equal(t, c.want, s.outbox())
		})
	}
}

func TestTwoWhoEndTheHalvesOfOneLetterWithdrawIt(t *testing.T) {
	t.Parallel()
	s := set(t)
	for round := range 10 {
		a, b := fmt.Sprint("a:", round), fmt.Sprint("b:", round)
		s.open(input(s.town, a), input(s.town, b))
		s.escalate()
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for n, cause := range []string{a, b} {
			wg.Go(func() {
				errs[n] = s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
					return incident.ResolveMany(ctx, tx, good(s.town, cause))
				})
			})
		}
		wg.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
		require.Zero(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice WHERE state = 'queued'`), "round %d", round)
	}
	s.invariants()
}

func TestAnswersOfManyTakeTheSameFewStatements(t *testing.T) {
	t.Parallel()
	counts := func(n int) (c [2]int) {
		s := set(t)
		opened := s.open(many([]int64{s.town}, n)...)
		s.escalate()
		rung := s.view(opened[0].ID).Rungs[0].ID
		c[0] = s.QueryCount(func() { require.Len(t, s.look(rung).Open(), n) })
		c[1] = s.QueryCount(func() { require.Len(t, s.press(incident.LinkAnswer{Town: s.town, RungID: rung}), n) })
		return c
	}
	require.Equal(t, counts(1), counts(200))
}
