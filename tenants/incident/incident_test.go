package incident_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
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

// stage is a consortium of a host and a town with two people to tell, and whoever acts on it.
type stage struct {
	*tenantstest.Bench
	t                    testing.TB
	host, town           int64
	admin, operator, own tenants.Actor
}

func set(t testing.TB) stage {
	b := tenantstest.New(t)
	s := stage{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	b.Contact(s.host, "住民福祉課長", "見本 五郎", "host@example.jp")
	b.Contact(s.town, "町民生活課長", "見本 一郎", "ichiro@example.jp")
	b.Contact(s.town, "住民係長", "見本 花子", "hanako@example.jp")
	s.admin, s.operator, s.own = b.Person(s.host, tenants.HostAdmin), b.Person(s.host, tenants.Operator), b.Person(s.town, tenants.Town)
	return s
}

func (s stage) open(inputs ...incident.OpenInput) (opened []incident.Opened) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		opened, err = incident.OpenMany(ctx, tx, inputs)
		return err
	})
	return opened
}

func (s stage) resolve(resolutions ...incident.Resolution) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error { return incident.ResolveMany(ctx, tx, resolutions) })
}

func (s stage) escalate() (n int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = incident.Escalate(ctx, tx, 500)
		return err
	})
	return n
}

func (s stage) reopen() (n int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = incident.ReopenExpired(ctx, tx, 500)
		return err
	})
	return n
}

func (s stage) acknowledge(who tenants.Actor, in incident.AckInput) (a incident.Acknowledgement) {
	s.t.Helper()
	s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		a, err = incident.Acknowledge(ctx, tx, in)
		return err
	})
	return a
}

func (s stage) view(id int64) (v incident.View) {
	s.t.Helper()
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = incident.Get(ctx, tx, s.town, id)
		return err
	})
	return v
}

func (s stage) next() (at *time.Time) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		at, err = incident.NextDue(ctx, tx)
		return err
	})
	return at
}

// link is the actor that a mail's link makes.
func (s stage) link() tenants.Actor { return tenants.Link(s.town, "連絡先", "r1", "192.0.2.9") }

func kinds(v incident.View) (out []string) {
	for _, e := range v.Events {
		out = append(out, e.Kind)
	}
	return out
}

func sent(v incident.View) (out []string) {
	for _, n := range v.Notices {
		out = append(out, n.Kind+" "+n.ToAddress)
	}
	return out
}

func ladder(v incident.View) (out []string) {
	for _, r := range v.Rungs {
		out = append(out, fmt.Sprintf("%s %s +%d", r.State, r.Mail, r.AfterMinutes))
	}
	return out
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
	told, untold := s.open(input(s.town, "duty:1"))[0].ID, int64(0)
	s.escalate()
	untold = s.open(input(s.town, "duty:2"))[0].ID
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
	for s.escalate() > 0 {
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
	until := s.Clock.Now().Add(2 * time.Hour)
	s.acknowledge(s.link(), incident.AckInput{Town: s.town, Incident: id, RungID: &rung, Via: incident.ViaLink, Promise: "業者に確認中", Until: until})
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
	a := s.acknowledge(s.link(), incident.AckInput{Town: s.town, Incident: id, RungID: &again, Via: incident.ViaLink})
	require.Equal(t, "町民生活課長 見本 一郎", a.ByText)
	require.Equal(t, "受領しました", a.Promise)
}

func TestALinkAnswersOnceForOnePersonOfOneIncident(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.host, "duty:1"))
	s.escalate()
	v, other := s.view(ids[0].ID), s.view(ids[1].ID)
	rung, unsent, foreign := v.Rungs[0].ID, v.Rungs[1].ID, other.Rungs[0].ID
	in := incident.AckInput{Town: s.town, Incident: v.ID, RungID: &rung, Via: incident.ViaLink}

	look := func() (l incident.Link) {
		s.Do(s.link(), func(ctx context.Context, tx *tenants.Tx) (err error) {
			l, err = incident.LinkView(ctx, tx, s.town, rung)
			return err
		})
		return l
	}
	before := s.SQL(`SELECT (SELECT count(*) FROM acknowledgement) AS a, (SELECT count(*) FROM incident_event) AS e, (SELECT count(*) FROM operation_log) AS o`)
	l := look()
	require.Equal(t, "むかわ町", l.TownName)
	require.Equal(t, "見本 一郎", l.Rung.Name)
	require.Nil(t, l.Answer)
	require.True(t, l.Suggested.After(s.Clock.Now()))
	require.True(t, l.Latest.Equal(s.Clock.Now().Add(incident.MaxAcknowledged)))
	require.Equal(t, before, s.SQL(`SELECT (SELECT count(*) FROM acknowledgement) AS a, (SELECT count(*) FROM incident_event) AS e, (SELECT count(*) FROM operation_log) AS o`),
		"looking changes nothing")

	refuse := func(kind tenants.Kind, who tenants.Actor, change func(*incident.AckInput)) {
		t.Helper()
		in := in
		change(&in)
		s.Fault(kind, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.Acknowledge(ctx, tx, in)
			return err
		})
	}
	hostRung := tenantstest.Value[int64](s.Bench, `SELECT id FROM rung WHERE tenant_id = $1 ORDER BY id LIMIT 1`, s.host)
	refuse(tenants.KindNotFound, s.link(), func(in *incident.AckInput) { in.RungID = &unsent })
	refuse(tenants.KindNotFound, s.link(), func(in *incident.AckInput) { in.RungID = &foreign })
	refuse(tenants.KindNotFound, s.link(), func(in *incident.AckInput) { in.RungID = &hostRung })
	refuse(tenants.KindNotFound, s.link(), func(in *incident.AckInput) { in.Town, in.Incident, in.RungID = s.host, ids[2].ID, &hostRung })
	refuse(tenants.KindForbidden, s.link(), func(in *incident.AckInput) { in.RungID = nil })
	refuse(tenants.KindForbidden, s.link(), func(in *incident.AckInput) { in.Via = incident.ViaConsole })
	refuse(tenants.KindForbidden, s.link(), func(in *incident.AckInput) { in.Via = incident.ViaPhone })
	refuse(tenants.KindForbidden, s.own, func(*incident.AckInput) {})
	for _, read := range []func(ctx context.Context, tx *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.List(ctx, tx, incident.Filter{})
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.Get(ctx, tx, s.town, v.ID)
			return err
		},
	} {
		s.Fault(tenants.KindForbidden, s.link(), read)
	}

	a := s.acknowledge(s.link(), in)
	require.Equal(t, "町民生活課長 見本 一郎", a.ByText)
	require.NotNil(t, look().Answer)
	refuse(tenants.KindGone, s.link(), func(*incident.AckInput) {})
	require.Len(t, s.view(v.ID).Acknowledgements, 1)

	rung = foreign
	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:2", Reason: tenants.Reason{Code: "test.good"}})
	refuse(tenants.KindGone, s.link(), func(in *incident.AckInput) { in.Incident, in.RungID = other.ID, &foreign })
	require.Equal(t, incident.StateResolved, look().State)
}

func TestACallIsWrittenDownWithWhoAnsweredAndWhen(t *testing.T) {
	t.Parallel()
	s := set(t)
	id := s.open(input(s.town, "duty:1"))[0].ID
	s.escalate()
	opened := s.Clock.Now()
	s.Clock.Advance(25 * time.Minute)
	rung := s.view(id).Rungs[1].ID
	call := incident.AckInput{Town: s.town, Incident: id, Via: incident.ViaPhone, ByText: "町民生活課 宿直", OccurredAt: opened.Add(10 * time.Minute),
		Promise: "業者に確認して折り返す", Until: s.Clock.Now().Add(time.Hour)}
	refuse := func(who tenants.Actor, kind tenants.Kind, field string, change func(*incident.AckInput)) {
		t.Helper()
		in := call
		change(&in)
		f := s.Fault(kind, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.Acknowledge(ctx, tx, in)
			return err
		})
		if field != "" {
			require.Len(t, f.Fields, 1)
			require.Equal(t, field, f.Fields[0].Field)
		}
	}
	refuse(s.own, tenants.KindForbidden, "", func(*incident.AckInput) {})
	refuse(s.operator, tenants.KindInvalid, "by", func(in *incident.AckInput) { in.ByText = "　 " })
	refuse(s.operator, tenants.KindInvalid, "occurred_at", func(in *incident.AckInput) { in.OccurredAt = s.Clock.Now().Add(time.Second) })
	refuse(s.operator, tenants.KindInvalid, "occurred_at", func(in *incident.AckInput) { in.OccurredAt = opened.Add(-2 * time.Minute) })
	refuse(s.operator, tenants.KindInvalid, "until", func(in *incident.AckInput) { in.Until = s.Clock.Now() })
	refuse(s.operator, tenants.KindInvalid, "until", func(in *incident.AckInput) { in.Until = s.Clock.Now().Add(incident.MaxAcknowledged + time.Second) })
	refuse(s.operator, tenants.KindInvalid, "via", func(in *incident.AckInput) { in.Via = "dream" })
	refuse(s.operator, tenants.KindNotFound, "", func(in *incident.AckInput) { in.Incident += 1_000_000 })

	a := s.acknowledge(s.operator, call)
	require.Equal(t, "町民生活課 宿直", a.ByText)
	require.Equal(t, s.operator.Text(), a.RecordedBy)
	require.True(t, a.OccurredAt.Before(a.RecordedAt))
	v := s.view(id)
	require.Equal(t, "業者に確認して折り返す", v.Acknowledgements[0].Promise)
	require.Equal(t, "町民生活課 宿直", v.Events[len(v.Events)-1].Detail.Name)

	// Another answer, to somebody of the ladder, takes the place of the promise and not of the record.
	call.RungID, call.ByText, call.Until = &rung, "", s.Clock.Now().Add(30*time.Minute)
	require.Equal(t, "住民係長 見本 花子", s.acknowledge(s.operator, call).ByText)
	v = s.view(id)
	require.Len(t, v.Acknowledgements, 2)
	require.True(t, v.AckUntil.Equal(call.Until))

	s.Do(s.own, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: s.town, Incident: id, Text: "保守業者が10時に来庁予定"})
	})
	v = s.view(id)
	require.Equal(t, "保守業者が10時に来庁予定", v.Events[len(v.Events)-1].Detail.Text)
	require.Equal(t, s.own.Text(), v.Events[len(v.Events)-1].ByText)
	s.Fault(tenants.KindInvalid, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: s.town, Incident: id, Text: " "})
	})
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: s.town, Incident: id + 1_000_000, Text: "x"})
	})
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: s.host, Incident: id, Text: "x"})
	})
}

func TestListsPutWhatNobodyAnsweredFirst(t *testing.T) {
	t.Parallel()
	s := set(t)
	warning := input(s.town, "duty:2")
	warning.Severity = incident.Warning
	ids := s.open(warning, input(s.host, "duty:3"), input(s.town, "duty:4"), input(s.town, "duty:5"))
	at := map[string]int64{"warning": ids[0].ID, "host": ids[1].ID, "answered": ids[2].ID, "resolved": ids[3].ID}
	s.escalate()
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: at["answered"], Via: incident.ViaConsole, Promise: "確認中", Until: s.Clock.Now().Add(time.Hour)})
	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:5", Reason: tenants.Reason{Code: "test.good"}})

	list := func(who tenants.Actor, f incident.Filter) (items []incident.Item) {
		s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			items, err = incident.List(ctx, tx, f)
			return err
		})
		return items
	}
	names := func(items []incident.Item) (out []string) {
		for _, i := range items {
			for name, id := range at {
				if id == i.ID {
					out = append(out, name)
				}
			}
		}
		return out
	}
	require.Equal(t, []string{"host", "warning", "answered"}, names(list(s.admin, incident.Filter{State: "unresolved"})))
	require.Equal(t, []string{"warning", "answered"}, names(list(s.own, incident.Filter{State: "unresolved"})))
	require.Equal(t, []string{"resolved"}, names(list(s.admin, incident.Filter{State: incident.StateResolved})))
	require.Equal(t, []string{"answered"}, names(list(s.admin, incident.Filter{State: incident.StateAcknowledged})))
	require.ElementsMatch(t, []string{"warning", "host"}, names(list(s.admin, incident.Filter{State: incident.StateOpen})))
	all := list(s.admin, incident.Filter{})
	require.Len(t, all, 4)
	require.Equal(t, names(all)[2:], names(list(s.admin, incident.Filter{Before: all[1].ID})))
	require.Equal(t, 1, s.QueryCount(func() { list(s.admin, incident.Filter{State: "unresolved"}) }))
	require.Equal(t, 6, s.QueryCount(func() { s.view(at["answered"]) }))

	for _, i := range list(s.own, incident.Filter{}) {
		switch i.ID {
		case at["answered"]:
			require.Equal(t, "確認中", i.Ack.Promise)
			require.Equal(t, "見本 花子", i.Next.Name)
		case at["warning"]:
			require.Nil(t, i.Ack)
			require.Equal(t, "見本 一郎", i.Last.Name)
			require.True(t, i.Last.At.Equal(s.Clock.Now()))
			require.True(t, i.Next.At.Equal(s.Clock.Now().Add(15*time.Minute)))
		}
		require.Equal(t, "むかわ町", i.TownName)
		require.Equal(t, cut, i.Reason)
	}
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.List(ctx, tx, incident.Filter{Town: s.host})
		return err
	})
	s.Fault(tenants.KindNotFound, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.Get(ctx, tx, s.town, at["host"])
		return err
	})
	s.Fault(tenants.KindInvalid, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.List(ctx, tx, incident.Filter{State: "lost"})
		return err
	})
	for who, want := range map[*tenants.Actor]incident.Totals{&s.admin: {Open: 2, Acknowledged: 1}, &s.own: {Open: 1, Acknowledged: 1}, &job: {Open: 2, Acknowledged: 1}} {
		s.Do(*who, func(ctx context.Context, tx *tenants.Tx) error {
			got, err := incident.OpenCount(ctx, tx)
			require.NoError(t, err)
			require.Equal(t, want, got)
			return nil
		})
	}
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

func TestTheAuditorSeesWhatIsNotKeptGoing(t *testing.T) {
	t.Parallel()
	s := set(t)
	audit := func() (late incident.Late) {
		s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			late, err = incident.Audit(ctx, tx, 5*time.Minute)
			return err
		})
		return late
	}
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"))
	require.Zero(t, audit())
	s.Clock.Advance(6 * time.Minute)
	require.Equal(t, incident.Late{Rungs: 2}, audit(), "nobody has looked for six minutes")
	s.escalate()
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[0].ID, Via: incident.ViaConsole, Until: s.Clock.Now().Add(time.Minute)})
	require.Zero(t, audit())
	s.Clock.Advance(7 * time.Minute)
	require.Equal(t, incident.Late{Promises: 1}, audit())
	s.reopen()
	require.Zero(t, audit())
	s.SQL(`UPDATE contact SET retired_at = $1`, s.Clock.Now())
	s.open(input(s.town, "duty:3"))
	require.Equal(t, incident.Late{Mute: 1}, audit())
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
