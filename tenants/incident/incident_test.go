package incident_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

var job = tenants.Job("test")

var _ = tenants.Sentences(map[string][2]string{
	"test.cut":  {"{said}のうち{now}で終わっています。", "Ends after {now} of {said}."},
	"test.gone": {"{due}までの約束でしたが届いていません", "Nothing arrived by {due}"},
	"test.good": {"07:10に正常なものが届きました", "A good one arrived at 07:10"},
})

var _ = tenants.Shorts(map[string][2]string{
	"test.cut":  {"途中で切れています", "cut short"},
	"test.gone": {"届いていません", "nothing arrived"},
})

var cut = tenants.Reason{Code: "test.cut", Params: tenants.Params{"said": "3.9 GB", "now": "2.4 GB"}}

func input(town int64, cause string) incident.OpenInput {
	night := calendar.MustDate(2026, 11, 20)
	return incident.OpenInput{Town: town, Cause: cause, About: "duty", AboutID: 7, Subject: "戸籍正 バックアップ", Night: &night,
		Severity: incident.Critical, Reason: cut}
}

func TestAnIncidentTellsOneAfterAnotherUntilSomebodyAnswers(t *testing.T) {
	t.Parallel()
	s := set(t)
	id := s.open(input(s.town, "duty:1"))[0].ID
	v := s.view(id)
	require.Equal(t, []string{"pending ichiro@example.jp +0", "pending hanako@example.jp +15"}, ladder(v))
	require.Equal(t, []string{"opened"}, kinds(v))
	require.Equal(t, "棚守", v.Events[0].ByText)
	require.Equal(t, &cut, v.Events[0].Detail.Reason)
	require.Equal(t, "2026-11-20", v.Night.String())

	require.Equal(t, 1, s.escalate())
	require.Zero(t, s.escalate(), "nobody else is due yet")
	require.True(t, s.next().Equal(s.Clock.Now().Add(15*time.Minute)))
	s.Clock.Advance(15 * time.Minute)
	require.Equal(t, 1, s.escalate())
	v = s.view(id)
	require.Equal(t, []string{"opened ichiro@example.jp", "opened hanako@example.jp"}, sent(v))
	require.Equal(t, []string{"fired ichiro@example.jp +0", "fired hanako@example.jp +15", "pending hanako@example.jp +45"}, ladder(v),
		"behind the last rung the same person follows again")

	// All night, at the same rate, until somebody answers.
	for n := range 20 {
		s.Clock.Advance(30 * time.Minute)
		s.deliver(notice.Accepted)
		require.Equal(t, 1, s.escalate(), "repeat %d", n)
	}
	v = s.view(id)
	require.Len(t, v.Notices, 22)
	require.Equal(t, "repeated", v.Notices[21].Kind)
	require.Contains(t, v.Notices[21].Subject, "第22報")

	a := s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: id, Via: incident.ViaConsole, Promise: "業者に確認中"})
	require.Equal(t, s.own.Text(), a.ByText)
	s.Clock.Advance(24 * time.Hour)
	require.Zero(t, s.escalate(), "an answered incident is silent")
	v = s.view(id)
	require.Equal(t, incident.StateAcknowledged, v.State)
	require.Equal(t, "held hanako@example.jp +645", ladder(v)[22])
	require.Len(t, s.SQL(`SELECT * FROM operation_log WHERE act = 'incident.acknowledge' AND object_id = $1`, id), 1)
}

func TestOneCauseHasOneOpenIncident(t *testing.T) {
	t.Parallel()
	s := set(t)
	first := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.town, "duty:1"), input(s.host, "duty:1"))
	require.True(t, first[0].New)
	require.Equal(t, first[0], first[2])
	require.NotEqual(t, first[0].ID, first[3].ID, "another town's cause is its own")

	again := s.open(input(s.town, "duty:1"))
	require.Equal(t, incident.Opened{ID: first[0].ID}, again[0])
	require.Equal(t, []string{"opened"}, kinds(s.view(first[0].ID)), "nothing new, nothing to write")

	other := input(s.town, "duty:1")
	other.Reason = tenants.Reason{Code: "test.gone", Params: tenants.Params{"due": "03:30"}}
	s.open(other)
	v := s.view(first[0].ID)
	require.Equal(t, []string{"opened", "worsened"}, kinds(v))
	require.Equal(t, other.Reason, v.Reason)
	require.Equal(t, &other.Reason, v.Events[1].Detail.Reason)

	night := calendar.MustDate(2026, 11, 21)
	other.Night = &night
	s.open(other)
	s.open(other)
	v = s.view(first[0].ID)
	require.Equal(t, []string{"opened", "worsened", "worsened"}, kinds(v), "one more night is news, once")
	require.Equal(t, "2026-11-21", v.Night.String())

	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:1", Reason: tenants.Reason{Code: "test.good"}})
	fresh := s.open(input(s.town, "duty:1"))
	require.True(t, fresh[0].New)
	require.NotEqual(t, first[0].ID, fresh[0].ID, "what is over is not opened again")
}

func TestResolvingTellsWhoeverWasToldAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := set(t)
	told := s.open(input(s.town, "duty:1"))[0].ID
	s.escalate()
	s.deliver(notice.Accepted)
	untold := s.open(input(s.town, "duty:2"))[0].ID
	s.Clock.Advance(10 * time.Minute)
	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:1", Reason: tenants.Reason{Code: "test.good"}},
		incident.Resolution{Town: s.town, Cause: "duty:2", Reason: tenants.Reason{Code: "test.good"}},
		incident.Resolution{Town: s.town, Cause: "duty:2", Reason: tenants.Reason{Code: "test.good"}},
		incident.Resolution{Town: s.host, Cause: "duty:1", Reason: tenants.Reason{Code: "test.good"}})

	v := s.view(told)
	require.Equal(t, incident.StateResolved, v.State)
	require.Equal(t, "07:10に正常なものが届きました。", v.Resolution)
	require.Equal(t, []string{"opened ichiro@example.jp", "resolved ichiro@example.jp"}, sent(v))
	require.Equal(t, []string{"fired ichiro@example.jp +0", "dropped hanako@example.jp +15"}, ladder(v))
	require.Equal(t, []string{"opened", "told", "resolved"}, kinds(v))
	require.Empty(t, s.view(untold).Notices)
	s.Clock.Advance(24 * time.Hour)
	require.Zero(t, s.escalate())
	require.Nil(t, s.next())
}

func TestWhoeverCannotBeReachedDoesNotHoldUpTheNext(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.SQL(`UPDATE contact SET mail = '' WHERE mail = 'ichiro@example.jp'`)
	id := s.open(input(s.town, "duty:1"))[0].ID
	require.Equal(t, 1, s.escalate())
	require.True(t, s.next().Equal(s.Clock.Now()), "the next is due at once, not in a quarter of an hour")
	require.Equal(t, 1, s.escalate())
	v := s.view(id)
	require.Equal(t, []string{"opened", "unreachable", "told"}, kinds(v))
	require.Equal(t, []string{"opened hanako@example.jp"}, sent(v))

	// Nobody of the town has an address: the host's people are told.
	s.SQL(`UPDATE contact SET mail = '' WHERE tenant_id = $1`, s.town)
	id = s.open(input(s.town, "duty:2"))[0].ID
	for more := 1; more > 0; {
		more = s.escalate()
	}
	v = s.view(id)
	require.Equal(t, []string{"opened host@example.jp"}, sent(v))
	require.Nil(t, v.Rungs[2].ContactID)
	require.Equal(t, "pending host@example.jp +30", ladder(v)[3], "who repeats is who can be reached")

	// Nobody anywhere: it says so, and whoever is entered later is told.
	s.SQL(`UPDATE contact SET retired_at = $1`, s.Clock.Now())
	id = s.open(input(s.town, "duty:3"))[0].ID
	require.Equal(t, []string{"opened", "unreachable"}, kinds(s.view(id)))
	restring := func() (n int) {
		s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = incident.Restring(ctx, tx, 100)
			return err
		})
		return n
	}
	require.Zero(t, restring())
	s.Contact(s.town, "住民係長", "見本 花子", "hanako@example.jp")
	require.Equal(t, 1, restring())
	require.Zero(t, restring())
	require.Equal(t, []string{"pending hanako@example.jp +0"}, ladder(s.view(id)))
}

func TestThePromisedTimePassesAndTheLadderGoesOn(t *testing.T) {
	t.Parallel()
	s := set(t)
	id := s.open(input(s.town, "duty:1"))[0].ID
	s.escalate()
	v := s.view(id)
	rung := v.Rungs[0].ID
	s.deliver(notice.Accepted)
	until := s.Clock.Now().Add(2 * time.Hour)
	s.press(incident.LinkAnswer{Town: s.town, RungID: rung, Promise: "業者に確認中", Until: until})
	require.True(t, s.next().Equal(until))
	require.Zero(t, s.reopen())

	s.Clock.Set(until)
	require.Equal(t, 1, s.reopen())
	require.Zero(t, s.reopen())
	v = s.view(id)
	require.Equal(t, incident.StateOpen, v.State)
	require.Equal(t, []string{"opened", "told", "acknowledged", "ack_expired", "told"}, kinds(v))
	require.Equal(t, []string{"opened ichiro@example.jp", "reopened ichiro@example.jp"}, sent(v))
	require.Equal(t, []string{"fired ichiro@example.jp +0", "pending hanako@example.jp +15", "fired ichiro@example.jp +0"}, ladder(v))
	require.Equal(t, 1, s.escalate(), "who had not been told yet is told now")
	require.Equal(t, "opened hanako@example.jp", sent(s.view(id))[2])

	// The link in the new mail is a new one, and works.
	again := v.Rungs[2].ID
	require.NotEqual(t, rung, again)
	a := s.press(incident.LinkAnswer{Town: s.town, RungID: again})[0]
	require.Equal(t, "町民生活課長 見本 一郎", a.ByText)
	require.Equal(t, "受領しました", a.Promise)
}

func TestOnlyWhoSeesATownOpensForIt(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.OpenMany(ctx, tx, []incident.OpenInput{input(s.host, "x")})
		return err
	})
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: s.host, Cause: "x"}})
	})
	for _, sweep := range []func(context.Context, *tenants.Tx, int) (int, error){incident.Escalate, incident.ReopenExpired, incident.Restring} {
		s.Fault(tenants.KindForbidden, s.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := sweep(ctx, tx, 1)
			return err
		})
	}
	s.Fault(tenants.KindForbidden, s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.NextDue(ctx, tx)
		return err
	})
	// A host's own act may open and resolve, under the host's rights in the database.
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		opened, err := incident.OpenMany(ctx, tx, []incident.OpenInput{input(s.town, "x")})
		require.NoError(t, err)
		require.True(t, opened[0].New)
		return incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: s.town, Cause: "x", Reason: tenants.Reason{Code: "test.good"}}})
	})
}

func TestSendingToAnIncidentsPeople(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.open(input(s.town, "duty:1"))
	s.escalate()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		claimed, err := notice.Claim(ctx, tx, 10, time.Minute)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		secret, err := notice.Secret(ctx, tx)
		require.NoError(t, err)
		text, html := claimed[0].Fill("https://tanamori.example.jp", secret)
		rung, ok := incident.RungOf(claimed[0].LinkFor)
		require.True(t, ok)
		link := "https://tanamori.example.jp/a/" + notice.Token(secret, s.town, incident.LinkFor(rung))
		require.Contains(t, text, link)
		require.Contains(t, html, `href="`+link+`"`)
		require.NotContains(t, text+html, "{{")
		require.NotContains(t, text+html, "[[")
		return nil
	})
	for _, s := range []string{"", "rung:", "rung:0", "rung:-1", "rung:01", "rung:1x", "run:1", "rung: 1"} {
		_, ok := incident.RungOf(s)
		require.False(t, ok, "%q", s)
	}
}
