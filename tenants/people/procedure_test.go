package people_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// What is done about a password says who asked, why, and who the second person was; without a reason it is not done.
func TestWhatIsDoneAboutPasswordsIsOnRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	both := b.admin
	both.Second, both.SecondID, both.Beside = b.operator.Text(), b.operator.PersonID, true
	later := both
	later.Beside = false
	set := func(reason string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.SetPassword(ctx, tx, b.town, p.ID, reason)
			return err
		}
	}
	require.Equal(t, "reason", b.Fault(tenants.KindInvalid, b.admin, set(" ")).Fields[0].Field)
	b.Do(b.admin, set("本人が忘れたため"))
	b.Do(both, func(ctx context.Context, tx *tenants.Tx) error {
		return people.ResetFactors(ctx, tx, b.town, p.ID, "端末の紛失")
	})
	b.Do(later, set("異動"))
	same := b.admin
	same.Second, same.SecondID, same.Beside = b.admin.Text(), b.admin.PersonID, true
	require.Error(t, b.Try(same, set("自分で自分に立ち会う")), "the table refuses it whoever lets it through")
	var got []people.Procedure
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		got, err = people.Procedures(ctx, tx, 0, 0, 10)
		return err
	})
	require.Len(t, got, 4)
	for n, want := range []people.Procedure{
		{Kind: people.IssuedPassword, Reason: "異動", How: people.Confirmed, SecondText: b.operator.Text()},
		{Kind: people.FactorsOff, Reason: "端末の紛失", How: people.Present, SecondText: b.operator.Text()},
		{Kind: people.IssuedPassword, Reason: "本人が忘れたため", How: people.Alone},
		{Kind: people.IssuedPassword, Reason: "登録", How: people.Alone},
	} {
		require.Equal(t, []string{want.Kind, want.Reason, want.How, want.SecondText, b.admin.Text(), p.Name},
			[]string{got[n].Kind, got[n].Reason, got[n].How, got[n].SecondText, got[n].ByText, got[n].Person})
	}
	b.Fault(tenants.KindForbidden, b.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Procedures(ctx, tx, 0, 0, 10)
		return err
	})
	b.Do(b.stranger, func(ctx context.Context, tx *tenants.Tx) error {
		none, err := people.Procedures(ctx, tx, 0, 0, 10)
		require.Empty(t, none)
		return err
	})
}

// Whoever issued a password knows it: nobody stands by with one that they were given.
func TestAWitnessHasAPasswordOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	witness := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Witness(ctx, tx, b.town, p.ID)
		return err
	}
	require.Equal(t, "second_login", b.Fault(tenants.KindInvalid, gate, witness).Fields[0].Field)
	b.SQL(`UPDATE person SET issued = false WHERE id = $1`, p.ID)
	b.Do(gate, witness)
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE object = 'presence' AND actor_id = $1`, p.ID))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		in := people.DefaultPolicy
		in.SecondFactor = true
		_, err := people.SetPolicy(ctx, tx, b.town, in)
		return err
	})
	b.Fault(tenants.KindInvalid, gate, witness)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, p.ID)
		return err
	})
	b.Fault(tenants.KindUnauthenticated, gate, witness)
}

// Who somebody is at the provider is kept at the first sign-in; a later account of the same name is refused and reported, and
// one that was renamed is still the same person.
func TestTheSubjectDecidesAndNotTheName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	other, _ := b.add(b.town, clerkNamed("saroma"))
	known := func(subject, login string) (person int64, refused bool, err error) {
		err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
			_, person, refused, err = people.Known(ctx, tx, people.Subject{Issuer: "https://id.example", Subject: subject, Login: login})
			return err
		})
		return person, refused, err
	}
	found := func() (n int) {
		b.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
			all, err := people.Audit(ctx, tx)
			for _, f := range all {
				if f.Kind == people.KindSubject {
					n += f.Count
				}
			}
			return err
		})
		return n
	}
	who, refused, err := known("s-1", "MUKAWA")
	require.NoError(t, err)
	require.False(t, refused)
	require.Equal(t, p.ID, who)
	who, _, err = known("s-1", "saroma")
	require.NoError(t, err)
	require.Equal(t, p.ID, who, "the name is looked at once")
	require.Zero(t, found())

	_, refused, err = known("s-2", "mukawa")
	require.NoError(t, err)
	require.True(t, refused)
	require.Equal(t, 1, found())
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE after @> '{"refused": "subject"}'`))
	who, _, err = known("s-2", "saroma")
	require.NoError(t, err)
	require.Equal(t, other.ID, who)
	_, _, err = known("s-3", "nobody")
	requireUnauthenticated(t, err)

	// Known anew once the administrator has taken off what proved who they are.
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return people.ResetFactors(ctx, tx, b.town, p.ID, "アカウントの作り直し")
	})
	who, refused, err = known("s-9", "mukawa")
	require.NoError(t, err)
	require.False(t, refused)
	require.Equal(t, p.ID, who)
	require.Zero(t, found())
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, p.ID)
		return err
	})
	_, _, err = known("s-9", "mukawa")
	requireUnauthenticated(t, err)
}

// One account that comes in under two names at the same moment is one person: whoever it was kept for first.
func TestOneSubjectUnderTwoNamesIsOnePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, _ := b.add(b.town, clerkNamed("one"))
	two, _ := b.add(b.town, clerkNamed("two"))
	first, err := b.Owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = first.Exec(t.Context(), `INSERT INTO person_subject (tenant_id, person_id, issuer, subject, bound_at) VALUES ($1, $2, 'i', 's', $3)`, b.town, one.ID, b.Clock.Now())
	require.NoError(t, err)
	type known struct {
		person int64
		err    error
	}
	done := make(chan known)
	go func() {
		var k known
		k.err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
			_, k.person, _, err = people.Known(ctx, tx, people.Subject{Issuer: "i", Subject: "s", Login: "two"})
			return err
		})
		done <- k
	}()
	require.Eventually(t, func() bool { // it waits for the first to decide
		return tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, first.Commit(t.Context()))
	got := <-done
	require.NoError(t, got.err)
	require.Equal(t, one.ID, got.person)
	require.NotEqual(t, two.ID, got.person)
}

// Single sign-on counts as one factor unless the provider said more; factors change only by both.
func TestEveryWayInIsAsStrong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		in := people.DefaultPolicy
		in.SecondFactor = true
		_, err := people.SetPolicy(ctx, tx, b.town, in)
		return err
	})
	b.SQL(`UPDATE person SET issued = false WHERE id = $1`, p.ID)
	enter := func(way people.Way) (a tenants.Actor) {
		b.Do(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
			if a, err = people.Enter(ctx, tx, b.town, p.ID, way, "test"); err == nil {
				a, err = people.Resume(ctx, tx, b.town, a.SignIn, people.Visit{})
			}
			return err
		})
		return a
	}
	require.Equal(t, tenants.OwesFactor, enter(people.BySSO).Owes)
	require.Empty(t, enter(people.BySSOStrong).Owes)
	b.SQL(`INSERT INTO totp (tenant_id, person_id, secret, last_step, added_at) VALUES ($1, $2, decode(repeat('00', 20), 'hex'), 0, $3)`, b.town, p.ID, b.Clock.Now())
	for way, shown := range map[people.Way]bool{people.ByPassword: false, people.ByRecovery: false, people.BySSO: false, people.BySSORecovery: false,
		people.ByTOTP: true, people.ByPasskey: true, people.BySSOStrong: true, people.BySSOTOTP: true} {
		a := enter(way)
		require.Equal(t, !shown, a.NoFactor, way)
		if !shown {
			require.Equal(t, tenants.OwesBoth, tenants.AsFault(b.Try(a, people.DropTOTP)).Owed, way)
		}
	}
	a := enter(people.ByTOTP)
	b.Clock.Advance(11 * time.Minute)
	resume := func() (a2 tenants.Actor) {
		b.Do(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
			a2, err = people.Resume(ctx, tx, b.town, a.SignIn, people.Visit{Passive: true})
			return err
		})
		return a2
	}
	b.SQL(`UPDATE sign_in SET seen_at = $1`, b.Clock.Now())
	require.True(t, resume().NoFactor)
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error { return people.Confirm(ctx, tx, a, false) })
	require.True(t, resume().NoFactor, "the password alone is not enough")
	require.False(t, resume().Stale)
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error { return people.Confirm(ctx, tx, a, true) })
	require.False(t, resume().NoFactor)
}

// What ended by itself is written down, when and why, as it is shown; what is open stays open.
func TestUsesThatAreOverAreWrittenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	began := b.Clock.Now()
	enter := func() {
		b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Enter(ctx, tx, b.town, p.ID, people.ByPassword, "test")
			return err
		})
	}
	enter()
	end := func() (n int) {
		b.Do(tenants.Job("signouts"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = people.EndOver(ctx, tx, 10)
			return err
		})
		return n
	}
	b.Clock.Advance(9 * time.Minute)
	require.Zero(t, end())
	b.Clock.Advance(time.Minute)
	enter()
	require.Equal(t, 1, end())
	require.Zero(t, end())
	got := b.SQL(`SELECT ended_at, ended_why FROM sign_in ORDER BY id`)
	require.Equal(t, began.Add(10*time.Minute).UTC(), got[0]["ended_at"].(time.Time).UTC())
	require.Equal(t, "idle", got[0]["ended_why"])
	require.Nil(t, got[1]["ended_at"])
	b.SQL(`UPDATE sign_in SET seen_at = began_at + interval '13 hours' WHERE ended_at IS NULL`)
	b.Clock.Advance(14 * time.Hour)
	require.Equal(t, 1, end())
	require.Equal(t, "whole", tenantstest.Value[string](b.Bench, `SELECT ended_why FROM sign_in ORDER BY id DESC LIMIT 1`))
	b.Fault(tenants.KindForbidden, b.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := people.EndOver(ctx, tx, 1); return err })
}
