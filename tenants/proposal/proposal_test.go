package proposal_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/proposal"
	"tanamori/tenants/tenantstest"
)

type bundle struct {
	*tenantstest.Bench
	t                                     *testing.T
	host, town                            int64
	admin, auditor, clerk, other, foreign tenants.Actor
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t), t: t}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.auditor = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Auditor)
	b.clerk, b.other = b.Person(b.town, tenants.Town), b.Person(b.town, tenants.Town)
	b.Consortium()
	b.foreign = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	return b
}

// propose keeps a change of a contact that the clerk asked for.
func (b bundle) propose(act tenants.Act) (p proposal.Proposal) {
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		lines := []tenants.Line{{Town: b.town, Act: act, Object: "contact", ObjectID: 7, Before: map[string]string{"phone": "1"}, After: map[string]string{"phone": "2"}}}
		id, err := proposal.Propose(ctx, tx, b.town, lines, "", proposal.Request{Method: "POST", URI: "/settings", ContentType: "text/plain", Body: []byte("x")})
		if err != nil {
			return err
		}
		again, err := proposal.Propose(ctx, tx, b.town, lines, "", proposal.Request{Method: "POST", URI: "/settings", ContentType: "text/plain", Body: []byte("x")})
		require.Equal(b.t, id, again, "pressed twice, it waits once")
		if err == nil {
			p, err = proposal.Get(ctx, tx, b.town, id)
		}
		return err
	})
	return p
}

func (b bundle) permit(who tenants.Actor, p proposal.Proposal) error {
	return b.Try(who, func(_ context.Context, tx *tenants.Tx) error { return p.Permit(tx) })
}

func TestOnlyAnotherPersonConfirms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.propose(tenants.WriteContact)
	require.Equal(t, proposal.Request{Method: "POST", URI: "/settings", ContentType: "text/plain", Body: []byte("x")}, p.Request())
	machine := b.other
	machine.Machine = true
	for name, try := range map[string]struct {
		who  tenants.Actor
		kind tenants.Kind
	}{
		"who asked for it": {b.clerk, tenants.KindConflict}, "a machine": {machine, tenants.KindConflict}, "an auditor": {b.auditor, tenants.KindForbidden},
		"another consortium": {b.foreign, tenants.KindNotFound}, "whoever holds a link": {tenants.Link(b.town, "見本", "r", ""), tenants.KindForbidden},
	} {
		require.Equal(t, try.kind, tenants.AsFault(b.permit(try.who, p)).Kind, name)
		require.False(t, p.May(try.who), name)
		if name != "an auditor" && name != "another consortium" && name != "whoever holds a link" {
			b.Fault(tenants.KindConflict, b.clerk, func(ctx context.Context, tx *tenants.Tx) error { return proposal.Confirm(ctx, tx, p, try.who) })
		}
	}
	for _, who := range []tenants.Actor{b.other, b.admin} {
		require.NoError(t, b.permit(who, p))
		require.True(t, p.May(who))
	}
}

// Two persons are asked for: what a machine asks for has nobody behind it whom a second one could be told from.
func TestAMachineProposesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.propose(tenants.WriteContact)
	machine := b.clerk
	machine.Machine = true
	lines := []tenants.Line{{Town: b.town, Act: tenants.WriteContact, Object: "contact", ObjectID: 9}}
	b.Fault(tenants.KindConflict, machine, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Propose(ctx, tx, b.town, lines, "", proposal.Request{Method: "POST", URI: "/other", Body: []byte("x")})
		return err
	})
	b.Fault(tenants.KindConflict, machine, func(ctx context.Context, tx *tenants.Tx) error { return proposal.Confirm(ctx, tx, p, b.other) })
	require.Equal(t, "waiting", tenantstest.Value[string](b.Bench, `SELECT state FROM proposal`))
}

// A change over several towns is confirmed by whoever may make it in all of them, whichever of them has asked for a second person.
func TestWhoConfirmsMayDoItInEveryTown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	partly := b.Person(b.host, tenants.HostAdmin)
	partly.Grants = []tenants.Grant{{Post: tenants.HostAdmin, Scope: tenants.Scope{Towns: []int64{b.town}}}, {Post: tenants.Auditor}}
	other := b.Person(b.host, tenants.HostAdmin)
	var p proposal.Proposal
	lines := []tenants.Line{{Town: b.town, Act: tenants.WritePeople, Object: "person", ObjectID: 7}, {Town: b.host, Act: tenants.WritePeople, Object: "appointment", ObjectID: 8}}
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		id, err := proposal.Propose(ctx, tx, b.town, lines, "", proposal.Request{Method: "POST", URI: "/settings", Body: []byte("x")})
		if err == nil {
			p, err = proposal.Get(ctx, tx, b.town, id)
		}
		return err
	})
	require.Equal(t, tenants.KindForbidden, tenants.AsFault(b.permit(partly, p)).Kind)
	require.False(t, p.May(partly))
	require.Error(t, proposal.Stand(partly, lines))
	require.NoError(t, b.permit(other, p))
	require.True(t, p.May(other))
	require.NoError(t, proposal.Stand(other, lines))
}

// What a post may not read is not shown to it either, though the town be its own.
func TestWhoMayNotReadItDoesNotKnowOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.propose(tenants.WritePeople)
	list := func(who tenants.Actor) (n int) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
			found, err := proposal.List(ctx, tx, 0, 0, true, 10)
			n = len(found)
			return err
		})
		return n
	}
	require.Equal(t, 1, list(b.clerk), "their own")
	require.Equal(t, 1, list(b.admin))
	require.Equal(t, 1, list(b.auditor))
	require.Zero(t, list(b.other))
	require.Zero(t, list(b.foreign))
	b.Fault(tenants.KindNotFound, b.other, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Get(ctx, tx, b.town, p.ID)
		return err
	})
}

// Many who confirm at once make the change once: what the others did is rolled back with their word.
func TestManyAtOnceConfirmOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.propose(tenants.WriteContact)
	var mu sync.Mutex
	var wg sync.WaitGroup
	kinds := map[tenants.Kind]int{}
	for n := range 6 {
		wg.Go(func() {
			by := b.other
			if n%2 == 0 {
				by = b.admin
			}
			err := b.Try(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
				if err := tx.Record(tenants.Line{Town: b.town, Act: tenants.WriteContact, Object: "contact", ObjectID: 7}); err != nil {
					return err
				}
				return proposal.Confirm(ctx, tx, p, by)
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kinds[""]++
			} else {
				kinds[tenants.AsFault(err).Kind]++
			}
		})
	}
	wg.Wait()
	require.Equal(t, map[tenants.Kind]int{"": 1, tenants.KindConflict: 5}, kinds)
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE act = 'contact.write'`))
	require.Equal(t, "confirmed", tenantstest.Value[string](b.Bench, `SELECT state FROM proposal`))
}

func TestTheSettingIsTheHostsAndWatchesItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(acts ...tenants.Act) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := proposal.Set(ctx, tx, b.town, acts)
			return err
		}
	}
	b.Fault(tenants.KindForbidden, b.clerk, set(tenants.WriteContact))
	b.Fault(tenants.KindForbidden, b.auditor, set(tenants.WriteContact))
	b.Fault(tenants.KindNotFound, b.foreign, set(tenants.WriteContact))
	require.Equal(t, "acts", b.Fault(tenants.KindInvalid, b.admin, set(tenants.RunPipeline)).Fields[0].Field)
	asked := func(fn func(context.Context, *tenants.Tx) error) (asked bool) {
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			if err := fn(ctx, tx); err != nil {
				return err
			}
			var err error
			_, asked, err = proposal.Asked(ctx, tx, tx.Lines())
			return err
		})
		return asked
	}
	require.False(t, asked(set(tenants.WriteContact)), "nothing asked for it before")
	require.True(t, asked(set()), "now it does, though nothing is left of it in the table")
}
