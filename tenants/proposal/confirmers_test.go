package proposal_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
	"tanamori/tenants/tenantstest"
)

// The same change that one person asks for many times at once waits once; asked for again once it is decided, it waits anew.
func TestTwinsWaitOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lines := []tenants.Line{{Town: b.town, Act: tenants.WriteContact, Object: "contact", ObjectID: 7}}
	propose := func(who tenants.Actor, body string) (id int64) {
		err := b.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			id, err = proposal.Propose(ctx, tx, b.town, lines, "", proposal.Request{Method: "POST", URI: "/settings", ContentType: "text/plain", Body: []byte(body)})
			return err
		})
		require.NoError(t, err)
		return id
	}
	const many = 12
	ids := make([]int64, many)
	var start, done sync.WaitGroup
	start.Add(1)
	for n := range many {
		done.Go(func() {
			start.Wait()
			ids[n] = propose(b.clerk, "x")
		})
	}
	start.Done()
	done.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM proposal`))
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE object = 'proposal'`), "and is recorded once")
	require.NotEqual(t, ids[0], propose(b.clerk, "y"), "other words are another change")
	require.NotEqual(t, ids[0], propose(b.other, "x"), "and so is another person's")
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error { return proposal.Refuse(ctx, tx, b.town, ids[0], "") })
	require.NotEqual(t, ids[0], propose(b.clerk, "x"))
}

func (b bundle) set(acts ...tenants.Act) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Set(ctx, tx, b.town, acts)
		return err
	}
}

// Where fewer than two may do an act, nobody is asked for a second one: nothing could be changed any more.
func TestASecondPersonIsAskedForOnlyWhereThereIsOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.Fault(tenants.KindInvalid, b.admin, b.set(tenants.WritePeople, tenants.WriteContact))
	require.Equal(t, "acts", f.Fields[0].Field)
	require.Contains(t, f.Fields[0].Ja, "むかわ町：利用者の変更 1人")
	require.NotContains(t, f.Fields[0].Ja, "連絡先", "of contacts there are three")
	b.Do(b.admin, b.set(tenants.WriteContact))
	require.Zero(t, b.findings())

	second := b.Person(b.host, tenants.HostAdmin)
	b.Do(b.admin, b.set(tenants.WritePeople, tenants.WriteContact))
	require.Zero(t, b.findings())
	for name, change := range map[string][2]string{
		"disabled":                {`UPDATE person SET disabled_at = created_at WHERE id = $1`, `UPDATE person SET disabled_at = NULL WHERE id = $1`},
		"a machine":               {`UPDATE person SET machine = true WHERE id = $1`, `UPDATE person SET machine = false WHERE id = $1`},
		"of another town's scope": {`UPDATE post SET towns = ARRAY[tenant_id] WHERE person_id = $1`, `UPDATE post SET towns = '{}' WHERE person_id = $1`},
		"of other acts":           {`UPDATE post SET acts = '{town.read}' WHERE person_id = $1`, `UPDATE post SET acts = '{}' WHERE person_id = $1`},
		"ended":                   {`UPDATE post SET until_on = '2026-11-20' WHERE person_id = $1`, `UPDATE post SET until_on = NULL WHERE person_id = $1`},
		"withdrawn":               {`UPDATE post SET withdrawn_at = '2026-11-20' WHERE person_id = $1`, `UPDATE post SET withdrawn_at = NULL WHERE person_id = $1`},
	} {
		b.SQL(change[0], second.PersonID)
		require.Equal(t, 1, b.findings(), name)
		b.SQL(change[1], second.PersonID)
		require.Zero(t, b.findings(), name)
	}
	b.SQL(`UPDATE post SET until_on = '2026-11-30' WHERE person_id = $1`, second.PersonID)
	require.Zero(t, b.findings())
	b.Clock.Advance(10 * 24 * time.Hour)
	require.Equal(t, 1, b.findings(), "it comes about by time, and is found")
	b.Fault(tenants.KindForbidden, b.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := proposal.Audit(ctx, tx); return err })

	// What nobody could lift any more goes with access restored.
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		lifted, err := proposal.Lift(ctx, tx)
		require.Equal(t, []proposal.Short{{Town: b.town, Name: "むかわ町", Act: tenants.WritePeople, People: 1}}, lifted)
		return err
	})
	require.Equal(t, "contact.write", tenantstest.Value[string](b.Bench, `SELECT string_agg(act, ',') FROM second_person`))
	require.Zero(t, b.findings())
}

func (b bundle) findings() (n int) {
	b.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
		all, err := proposal.Audit(ctx, tx)
		for _, f := range all {
			require.Equal(b.t, proposal.KindNobody, f.Kind)
			require.True(b.t, f.Setting)
			n += f.Count
		}
		return err
	})
	return n
}

// Whoever would leave too few to confirm is told so before it happens, of what takes effect later as well.
func TestTheLastConfirmerIsSpared(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := b.Person(b.host, tenants.HostAdmin)
	b.Do(b.admin, b.set(tenants.WritePeople))
	spared := func(act func(context.Context, *tenants.Tx) error) *tenants.Fault {
		err := b.Try(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			if err := act(ctx, tx); err != nil {
				return err
			}
			if err := proposal.Spare(ctx, tx, tx.Lines()); err != nil {
				return err
			}
			return tenants.Gone("", "") // leave everything as it was
		})
		return tenants.AsFault(err)
	}
	disable := func(id int64, town int64) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Disable(ctx, tx, town, id)
			return err
		}
	}
	f := spared(disable(second.PersonID, b.host))
	require.Equal(t, tenants.OwesAnyway, f.Owed)
	require.Equal(t, tenants.KindConflict, f.Kind)
	require.Contains(t, f.Ja, "むかわ町：利用者の変更 1人")
	require.Empty(t, spared(disable(b.clerk.PersonID, b.town)).Owed, "of a clerk nobody's second person is lost")
	post := tenantstest.Value[int64](b.Bench, `SELECT id FROM post WHERE person_id = $1`, second.PersonID)
	end := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.EndPost(ctx, tx, b.host, post, calendar.MustDate(2027, 6, 30))
		return err
	}
	require.Equal(t, tenants.OwesAnyway, spared(end).Owed, "only after that day, but it is known now")
	b.Person(b.host, tenants.HostAdmin)
	require.Empty(t, spared(end).Owed)
	require.Empty(t, spared(disable(second.PersonID, b.host)).Owed)
}
