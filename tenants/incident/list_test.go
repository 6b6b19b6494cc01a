package incident_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
)

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
	require.Equal(t, 2, s.QueryCount(func() { list(s.admin, incident.Filter{State: "unresolved"}) }))
	require.Equal(t, 7, s.QueryCount(func() { s.view(at["answered"]) }))

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
