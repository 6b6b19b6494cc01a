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

// policy asks something of the people of a town.
func (b bundle) policy(town int64, p people.Policy) {
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.SetPolicy(ctx, tx, town, p)
		return err
	})
}

func TestASessionEndsWithoutUseAndAfterADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("mukawa")
	in.Keep = true
	_, password := b.add(b.town, in)
	a, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	for range 3 { // used every nine minutes it stays
		b.Clock.Advance(9 * time.Minute)
		_, err = b.resume(a, people.Visit{})
		require.NoError(t, err)
	}
	b.Clock.Advance(9 * time.Minute)
	_, err = b.resume(a, people.Visit{Passive: true})
	require.NoError(t, err)
	b.Clock.Advance(time.Minute)
	_, err = b.resume(a, people.Visit{})
	require.Contains(t, requireUnauthenticated(t, err).Ja, "10分間操作がなかった", "what the page asks by itself keeps nothing alive")

	b.policy(b.town, people.Policy{IdleMinutes: 60, WholeHours: 2, HoursFrom: 420, HoursUntil: 1200})
	a, err = b.signIn("mukawa", password)
	require.NoError(t, err)
	for range 4 {
		b.Clock.Advance(29 * time.Minute)
		_, err = b.resume(a, people.Visit{})
		require.NoError(t, err)
	}
	b.Clock.Advance(4 * time.Minute)
	_, err = b.resume(a, people.Visit{})
	require.Contains(t, requireUnauthenticated(t, err).Ja, "2時間")

	var list []people.Use
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = people.Uses(ctx, tx, b.town, 0, false, 10)
		return err
	})
	require.Len(t, list, 2)
	require.Equal(t, []string{"whole", "idle"}, []string{list[0].EndedWhy, list[1].EndedWhy}, "the record says how each ended")
	require.Equal(t, list[0].BeganAt.Add(2*time.Hour), list[0].EndedAt.UTC().In(list[0].BeganAt.Location()))
}

func TestWhoeverChangesThePasswordEndsEveryOtherSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, password := b.add(b.town, clerkNamed("mukawa"))
	here, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	there, err := b.signIn("mukawa", password)
	require.NoError(t, err)

	who, err := b.resume(here, people.Visit{})
	require.NoError(t, err)
	require.Equal(t, tenants.OwesPassword, who.Owes, "an issued password is for the first sign-in alone")
	fault := b.Fault(tenants.KindForbidden, who, func(_ context.Context, tx *tenants.Tx) error { return tx.Permit(tenants.ReadBoard, b.town) })
	require.Equal(t, tenants.OwesPassword, fault.Owed)
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		return people.ChangeOwnPassword(ctx, tx, password, "correct horse battery")
	})
	who, err = b.resume(here, people.Visit{})
	require.NoError(t, err)
	require.Empty(t, who.Owes)
	_, err = b.resume(there, people.Visit{})
	requireUnauthenticated(t, err)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("mukawa")
	in.Keep = true
	_, password := b.add(b.town, in)
	one, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	two, err := b.SignIn("198.51.100.9", "mukawa", password)
	require.NoError(t, err)
	who, err := b.resume(one, people.Visit{})
	require.NoError(t, err)
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.OwnUses(ctx, tx, 10)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "198.51.100.9", list[0].Remote)
		return people.EndOwnUse(ctx, tx, two.SignIn)
	})
	_, err = b.resume(two, people.Visit{})
	requireUnauthenticated(t, err)

	stale := who
	stale.Stale = true
	require.Equal(t, tenants.OwesConfirm, b.Fault(tenants.KindForbidden, stale, func(ctx context.Context, tx *tenants.Tx) error {
		return people.EndOwnUse(ctx, tx, one.SignIn)
	}).Owed, "on a screen left open nobody ends anything")

	other, _ := b.add(b.town, clerkNamed("oketo"))
	b.Fault(tenants.KindNotFound, tenants.Person(tenants.Actor{Consortium: who.Consortium, TenantID: b.town, PersonID: other.ID, Posts: who.Posts, Towns: who.Towns}),
		func(ctx context.Context, tx *tenants.Tx) error { return people.EndOwnUse(ctx, tx, one.SignIn) })
	b.Fault(tenants.KindForbidden, b.auditor, func(ctx context.Context, tx *tenants.Tx) error { return people.EndUse(ctx, tx, b.town, one.SignIn) })
	b.Fault(tenants.KindNotFound, b.stranger, func(ctx context.Context, tx *tenants.Tx) error { return people.EndUse(ctx, tx, b.town, one.SignIn) })
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error { return people.EndUse(ctx, tx, b.town, one.SignIn) })
	_, err = b.resume(one, people.Visit{})
	requireUnauthenticated(t, err)
	require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE object = 'sign_in'`))
}

func TestWhatIsSensitiveAsksForASureHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := people.Input{Login: "kacho", Name: "見本 竹子", Keep: true, Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "住民福祉課長", FromOn: since}}}
	_, password := b.add(b.host, in)
	b.policy(b.host, people.Policy{IdleMinutes: 60, WholeHours: 12, HoursFrom: 420, HoursUntil: 1200})
	a, err := b.signIn("kacho", password)
	require.NoError(t, err)
	may := func(v people.Visit) error {
		who, err := b.resume(a, v)
		require.NoError(t, err)
		return b.Try(who, func(_ context.Context, tx *tenants.Tx) error {
			require.NoError(t, tx.Permit(tenants.ReadPeople, b.town), "to look is not sensitive")
			return tx.Permit(tenants.WritePeople, b.town)
		})
	}
	require.NoError(t, may(people.Visit{}))
	b.Clock.Advance(11 * time.Minute)
	require.Equal(t, tenants.OwesConfirm, tenants.AsFault(may(people.Visit{})).Owed)
	require.NoError(t, may(people.Visit{Writing: true}), "a form that was opened in time is taken")
	b.Clock.Advance(20 * time.Minute)
	require.Equal(t, tenants.OwesConfirm, tenants.AsFault(may(people.Visit{Writing: true})).Owed)
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error { return people.Confirm(ctx, tx, a, false) })
	require.NoError(t, may(people.Visit{}))
}

func TestUseAfterHoursIsRecordedAndReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, password := b.add(b.town, clerkNamed("mukawa"))
	tokyo := time.FixedZone("JST", 9*60*60)
	for _, at := range []struct {
		when string
		off  bool
	}{
		{"2026-11-20 06:59", true}, {"2026-11-20 07:00", false}, {"2026-11-20 19:59", false}, {"2026-11-20 20:00", true},
		{"2026-11-21 10:00", true}, // a Saturday
		{"2026-11-23 10:00", true}, // 勤労感謝の日
		{"2026-11-24 10:00", false},
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at.when, tokyo)
		require.NoError(t, err)
		b.Clock.Set(when)
		a, err := b.signIn("mukawa", password)
		require.NoError(t, err, at.when)
		require.Equal(t, at.off, tenantstest.Value[bool](b.Bench, `SELECT off_hours FROM sign_in WHERE id = $1`, a.SignIn), at.when)
	}
	b.Clock.Set(time.Date(2026, 11, 23, 11, 0, 0, 0, tokyo))
	b.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
		found, err := people.Audit(ctx, tx)
		require.NoError(t, err)
		require.Len(t, found, 1, "of the last day alone")
		require.Equal(t, tenants.Breach{TenantID: b.town, Kind: people.KindOffHours, Count: 1, Since: found[0].Since, Setting: true}, found[0])
		return nil
	})
}

func TestAPolicyIsCheckedAndKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(p people.Policy) func(ctx context.Context, tx *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.SetPolicy(ctx, tx, b.town, p)
			return err
		}
	}
	fault := b.Fault(tenants.KindInvalid, b.admin, set(people.Policy{IdleMinutes: 0, WholeHours: 25, HoursFrom: -1, HoursUntil: -1}))
	require.Len(t, fault.Fields, 4)
	b.Fault(tenants.KindForbidden, b.auditor, set(people.DefaultPolicy))
	b.Fault(tenants.KindForbidden, b.clerk, set(people.DefaultPolicy))
	b.Fault(tenants.KindNotFound, b.stranger, set(people.DefaultPolicy))
	want := people.Policy{IdleMinutes: 5, WholeHours: 8, SecondFactor: true, HoursFrom: 480, HoursUntil: 1440}
	b.Do(b.admin, set(want))
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		got, err := people.PolicyOf(ctx, tx, b.town)
		require.Equal(t, want, got)
		return err
	})
}
