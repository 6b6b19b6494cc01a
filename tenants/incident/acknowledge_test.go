package incident_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/tenantstest"
)

func TestALinkAnswersOnceForOnePersonOfOneIncident(t *testing.T) {
	t.Parallel()
	s := set(t)
	first := s.open(input(s.town, "duty:1"))[0].ID
	s.escalate()
	second := s.open(input(s.town, "duty:2"), input(s.host, "duty:1"))[0].ID
	s.escalate()
	v, other := s.view(first), s.view(second)
	rung, unsent := v.Rungs[0].ID, v.Rungs[1].ID
	in := incident.LinkAnswer{Town: s.town, RungID: rung}

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
	require.Len(t, l.Matters, 1)
	require.Nil(t, l.Matters[0].Answer)
	require.True(t, l.Suggested.After(s.Clock.Now()))
	require.True(t, l.Latest.Equal(s.Clock.Now().Add(incident.MaxAcknowledged)))
	require.Equal(t, before, s.SQL(`SELECT (SELECT count(*) FROM acknowledgement) AS a, (SELECT count(*) FROM incident_event) AS e, (SELECT count(*) FROM operation_log) AS o`),
		"looking changes nothing")

	refuse := func(kind tenants.Kind, who tenants.Actor, in incident.LinkAnswer) {
		t.Helper()
		s.Fault(kind, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.AnswerLink(ctx, tx, in)
			return err
		})
	}
	hostRung := tenantstest.Value[int64](s.Bench, `SELECT id FROM rung WHERE tenant_id = $1 ORDER BY id LIMIT 1`, s.host)
	refuse(tenants.KindNotFound, s.link(), incident.LinkAnswer{Town: s.town, RungID: unsent})
	refuse(tenants.KindNotFound, s.link(), incident.LinkAnswer{Town: s.town, RungID: hostRung})
	refuse(tenants.KindNotFound, s.link(), incident.LinkAnswer{Town: s.host, RungID: hostRung})
	refuse(tenants.KindNotFound, s.link(), incident.LinkAnswer{Town: s.town})
	refuse(tenants.KindForbidden, s.own, in)
	refuse(tenants.KindInvalid, s.link(), incident.LinkAnswer{Town: s.town, RungID: rung, Until: s.Clock.Now()})
	for _, via := range []string{incident.ViaLink, incident.ViaConsole, incident.ViaPhone} {
		s.Fault(tenants.KindForbidden, s.link(), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: s.town, Incident: first, RungID: &rung, Via: via})
			return err
		})
	}
	s.Fault(tenants.KindInvalid, s.own, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: s.town, Incident: first, RungID: &rung, Via: incident.ViaLink})
		return err
	})
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

	a := s.press(in)
	require.Len(t, a, 1)
	require.Equal(t, "町民生活課長 見本 一郎", a[0].ByText)
	require.NotNil(t, look().Matters[0].Answer)
	refuse(tenants.KindGone, s.link(), in)
	require.Len(t, s.view(v.ID).Acknowledgements, 1)

	rung = other.Rungs[0].ID
	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:2", Reason: tenants.Reason{Code: "test.good"}})
	refuse(tenants.KindGone, s.link(), incident.LinkAnswer{Town: s.town, RungID: rung})
	require.Equal(t, incident.StateResolved, look().Matters[0].State)
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
