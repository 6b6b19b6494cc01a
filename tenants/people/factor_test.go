package people_test

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

func (b bundle) code(secret []byte) string {
	code, err := totp.GenerateCode(people.TOTPText(secret), b.Clock.Now())
	if err != nil {
		panic(err)
	}
	return code
}

func (b bundle) check(p people.Person, code string) (way people.Way, err error) {
	err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		way, err = people.CheckCode(ctx, tx, p.TenantID, p.ID, code)
		return err
	})
	return way, err
}

// withApp is a person of the town with an authenticator app and recovery codes.
func (b bundle) withApp(t *testing.T) (p people.Person, who tenants.Actor, secret []byte, codes []string) {
	t.Helper()
	in := clerkNamed("mukawa")
	in.Keep = true
	p, password := b.add(b.town, in)
	a, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	who, err = b.resume(a, people.Visit{})
	require.NoError(t, err)
	secret = people.NewTOTP()
	fault := b.Fault(tenants.KindInvalid, who, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.AddTOTP(ctx, tx, secret, "000000x")
		return err
	})
	require.Equal(t, "code", fault.Fields[0].Field)
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		codes, err = people.AddTOTP(ctx, tx, secret, b.code(secret))
		return err
	})
	require.Len(t, codes, 10)
	b.Clock.Advance(time.Minute)
	return p, who, secret, codes
}

func TestACodeOfTheAppWorksOnceAndARecoveryCodeToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, who, secret, codes := b.withApp(t)
	code := b.code(secret)
	way, err := b.check(p, " "+code[:3]+" "+code[3:])
	require.NoError(t, err)
	require.Equal(t, people.ByTOTP, way)
	way, err = b.check(p, code)
	require.NoError(t, err)
	require.Empty(t, way, "the same code a second time")
	b.Clock.Advance(90 * time.Second)
	way, err = b.check(p, code)
	require.NoError(t, err)
	require.Empty(t, way, "and one that is over")
	way, err = b.check(p, "  "+codes[3]+" ")
	require.NoError(t, err)
	require.Equal(t, people.ByRecovery, way)
	way, err = b.check(p, codes[3])
	require.NoError(t, err)
	require.Empty(t, way)

	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		f, err := people.OwnFactors(ctx, tx)
		require.NoError(t, err)
		require.True(t, f.Any())
		require.Equal(t, 9, f.CodesLeft)
		fresh, err := people.NewCodes(ctx, tx)
		require.NoError(t, err)
		require.Len(t, fresh, 10)
		return nil
	})
	way, err = b.check(p, codes[0])
	require.NoError(t, err)
	require.Empty(t, way, "the former ones are void")
	require.Error(t, b.Try(who, func(_ context.Context, tx *tenants.Tx) error { return tx.DB.Exec(`SELECT secret FROM totp`).Error }),
		"no page can read the secret")
}

// The app's secret stands in no table that can be read without the key. One that a former version kept in clear works on,
// and moves; one that was lost with its key still asks for the second step.
func TestSecretsOfAppsAreLocked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, who, secret, codes := b.withApp(t)
	good := func() bool {
		b.Clock.Advance(time.Minute)
		way, err := b.check(p, b.code(secret))
		require.NoError(t, err)
		return way == people.ByTOTP
	}
	readable := func() int64 {
		return tenantstest.Value[int64](b.Bench, `SELECT (SELECT count(*) FROM totp WHERE secret IS NOT NULL) + (SELECT count(*) FROM vault WHERE position($1::bytea IN value) > 0)`, secret)
	}
	require.Zero(t, readable())
	require.True(t, good())

	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		offered, kept, err := people.OfferTOTP(ctx, tx)
		require.NoError(t, err)
		require.NotContains(t, string(kept), string(offered), "a session keeps it locked")
		require.Equal(t, offered, people.OfferedTOTP(ctx, tx, kept))
		require.Nil(t, people.OfferedTOTP(ctx, tx, offered))
		tx.Actor.PersonID++
		require.Nil(t, people.OfferedTOTP(ctx, tx, kept), "nor is it another person's")
		return nil
	})

	b.SQL(`UPDATE totp SET secret = $1`, secret)
	b.SQL(`DELETE FROM vault`)
	require.True(t, good())
	var did int
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		did, err = people.Enclose(ctx, tx, 10)
		return err
	})
	require.Equal(t, 1, did)
	require.Zero(t, readable())
	require.True(t, good())

	b.SQL(`DELETE FROM vault`)
	require.False(t, good())
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error {
		f, err := people.FactorsOf(ctx, tx, p.TenantID, p.ID)
		require.True(t, f.Any())
		return err
	})
	way, err := b.check(p, codes[0])
	require.NoError(t, err)
	require.Equal(t, people.ByRecovery, way)
}

// Whoever changes how they sign in is the only one who is still in.
func TestEverySecondFactorThatComesOrGoesEndsOtherSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("mukawa")
	in.Keep = true
	_, password := b.add(b.town, in)
	here, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	secret, key := people.NewTOTP(), int64(0)
	for what, change := range []func(context.Context, *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error {
			codes, err := people.AddTOTP(ctx, tx, secret, b.code(secret))
			require.Regexp(t, `^([a-hjkmnp-z2-9]{4}-){6}[a-hjkmnp-z2-9]{4}$`, codes[0])
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			return people.AddPasskey(ctx, tx, "鍵", []byte("handle"), []byte(`{}`))
		},
		people.DropTOTP,
		func(ctx context.Context, tx *tenants.Tx) error { return people.DropPasskey(ctx, tx, key) },
	} {
		there, err := b.signIn("mukawa", password)
		require.NoError(t, err)
		who, err := b.resume(here, people.Visit{})
		require.NoError(t, err)
		b.Do(who, change)
		key = tenantstest.Value[int64](b.Bench, `SELECT coalesce(max(id), 0) FROM passkey`)
		_, err = b.resume(there, people.Visit{})
		requireUnauthenticated(t, err)
		_, err = b.resume(here, people.Visit{})
		require.NoError(t, err, what)
	}
	kept := tenantstest.Value[[]byte](b.Bench, `SELECT hash FROM recovery_code LIMIT 1`)
	require.Len(t, kept, 16+32, "a salt and what Argon2id makes of a code with it")
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(DISTINCT substr(hash, 1, 16)) FROM recovery_code`))
}

func TestGuessingCodesIsSlowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _, secret, _ := b.withApp(t)
	for range 30 {
		_, err := b.check(p, "123456")
		if err != nil {
			require.Equal(t, tenants.KindTooMany, tenants.AsFault(err).Kind)
			b.Clock.Advance(time.Minute)
			way, err := b.check(p, b.code(secret))
			require.NoError(t, err)
			require.Equal(t, people.ByTOTP, way)
			return
		}
	}
	t.Fatal("thirty wrong codes in a row were taken without a pause")
}

func TestPolicyAsksForASecondFactor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("oketo")
	in.Keep = true
	_, password := b.add(b.town, in)
	b.policy(b.town, people.Policy{IdleMinutes: 10, WholeHours: 12, SecondFactor: true, HoursFrom: 420, HoursUntil: 1200})
	a, err := b.signIn("oketo", password)
	require.NoError(t, err)
	who, err := b.resume(a, people.Visit{})
	require.NoError(t, err)
	require.Equal(t, tenants.OwesFactor, who.Owes)
	b.Fault(tenants.KindForbidden, who, func(_ context.Context, tx *tenants.Tx) error { return tx.Permit(tenants.ReadBoard, b.town) })
	secret := people.NewTOTP()
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.AddTOTP(ctx, tx, secret, b.code(secret))
		return err
	})
	who, err = b.resume(a, people.Visit{})
	require.NoError(t, err)
	require.Empty(t, who.Owes)
}

func TestLostFactorsAreReset(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, who, _, _ := b.withApp(t)
	reset := func(ctx context.Context, tx *tenants.Tx) error {
		return people.ResetFactors(ctx, tx, b.town, p.ID, "端末の紛失")
	}
	b.Fault(tenants.KindForbidden, b.operator, reset)
	b.Fault(tenants.KindNotFound, b.stranger, reset)
	b.Do(b.admin, reset)
	_, err := b.resume(who, people.Visit{})
	requireUnauthenticated(t, err)
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) error {
		f, err := people.FactorsOf(ctx, tx, p.TenantID, p.ID)
		require.False(t, f.Any())
		require.Zero(t, f.CodesLeft)
		return err
	})
}

func TestPasswordsThatAreEasyToGuessAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, former := b.add(b.town, clerkNamed("mukawa"))
	a, err := b.signIn("mukawa", former)
	require.NoError(t, err)
	for _, bad := range []string{"password1234", "passwordpassword", "qwertyuiop123", "12345678901234", "aaaaaaaaaaaaaa", "mukawa-mukawa-1", "Passw0rd!2026", "short-one",
		"tanamori2026", "ichigo\x00ichigo", "１２３４５６７８９０１２"} {
		fault := b.Fault(tenants.KindInvalid, a, func(ctx context.Context, tx *tenants.Tx) error { return people.ChangeOwnPassword(ctx, tx, former, bad) })
		require.Equal(t, "new", fault.Fields[0].Field, bad)
	}
	for _, good := range []string{"correct horse battery", "雪解けの尻別川を歩いて渡る", "zB9#qLw2!xTr", "yukidoke no shiribetsu"} {
		b.Do(a, func(ctx context.Context, tx *tenants.Tx) error {
			err := people.ChangeOwnPassword(ctx, tx, former, good)
			former = good
			return err
		})
	}
}
