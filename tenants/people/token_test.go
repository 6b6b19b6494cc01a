package people_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

func (b bundle) token(actor tenants.Actor, lasting time.Duration) (t people.Token, plain string) {
	b.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		t, plain, err = people.CreateToken(ctx, tx, people.TokenInput{Name: "夜間バックアップ", Expires: tx.Now.Add(lasting)})
		return err
	})
	return t, plain
}

func (b bundle) find(plain, remote string) (a tenants.Actor, err error) {
	err = b.Try(tenants.Gate("request-2", remote), func(ctx context.Context, tx *tenants.Tx) (err error) {
		a, err = people.FindToken(ctx, tx, plain)
		return err
	})
	return a, err
}

func TestATokenActsAsItsOwnerUntilItExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, plain := b.token(b.clerk, time.Hour)
	require.Regexp(t, `^tnm_[A-Za-z0-9_-]{43}$`, plain)
	require.Equal(t, plain[:8], token.Prefix)
	a, err := b.find(plain, "192.0.2.9")
	require.NoError(t, err)
	want := b.clerk
	want.RequestID, want.Remote = "request-2", "192.0.2.9"
	require.Equal(t, want, a)
	kept, err := json.Marshal(append(b.SQL(`SELECT encode(hash, 'escape') AS hash, name, prefix FROM api_token`), b.SQL(`SELECT after FROM operation_log`)...))
	require.NoError(t, err)
	require.NotContains(t, string(kept), plain[8:])

	b.Clock.Advance(time.Hour)
	_, err = b.find(plain, "192.0.2.9")
	require.Contains(t, requireUnauthenticated(t, err).Ja, "有効期限")
	_, other := b.token(b.clerk, time.Hour)
	words := map[string]bool{}
	for _, wrong := range []string{"", "tnm_", other[:46], other + "x", "tnm_" + strings.Repeat("A", 43), strings.ToUpper(other), "\x00" + other[1:], strings.Repeat("x", 1<<20)} {
		_, err := b.find(wrong, "")
		words[requireUnauthenticated(t, err).Ja] = true
	}
	require.Len(t, words, 1)
}

// A token outlasts the session that makes it: a screen that was left open makes none. Whoever asks by a token has no screen.
func TestAScreenLeftOpenMakesNoToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func(ctx context.Context, tx *tenants.Tx) error {
		_, _, err := people.CreateToken(ctx, tx, people.TokenInput{Name: "x", Expires: tx.Now.AddDate(3, 0, 0)})
		return err
	}
	stale := b.clerk
	stale.Stale = true
	require.Equal(t, tenants.OwesConfirm, b.Fault(tenants.KindForbidden, stale, create).Owed)
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM api_token`))
	_, plain := b.token(b.clerk, time.Hour)
	by, err := b.find(plain, "")
	require.NoError(t, err)
	b.Do(by, create)
}

func TestTheLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, plain := b.token(b.clerk, 24*time.Hour)
	used := func() (at time.Time, from string) {
		b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			own, err := people.OwnTokens(ctx, tx)
			require.Len(t, own, 1)
			at, from = *own[0].LastUsedAt, own[0].LastUsedFrom
			return err
		})
		return at, from
	}
	first := b.Clock.Now()
	require.Equal(t, 3, b.QueryCount(func() { _, _ = b.find(plain, "192.0.2.1") }))
	b.Clock.Advance(59 * time.Second)
	require.Equal(t, 2, b.QueryCount(func() { _, _ = b.find(plain, "192.0.2.2") }), "nothing is written")
	at, from := used()
	require.Equal(t, first, at)
	require.Equal(t, "192.0.2.1", from)
	b.Clock.Advance(time.Second)
	_, err := b.find(plain, "192.0.2.3")
	require.NoError(t, err)
	at, from = used()
	require.Equal(t, first.Add(time.Minute), at)
	require.Equal(t, "192.0.2.3", from)
	require.NotZero(t, token.ID)
}

func TestATokenEndsWithItsOwnersAccess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	own, plain := b.token(b.clerk, time.Hour)
	_, second := b.token(b.clerk, time.Hour)
	revoke := func(id int64) act {
		return func(ctx context.Context, tx *tenants.Tx) error { return people.RevokeToken(ctx, tx, id) }
	}
	b.Fault(tenants.KindNotFound, b.operator, revoke(own.ID))
	b.Fault(tenants.KindNotFound, b.Person(b.town, tenants.Town), revoke(own.ID))
	b.Do(b.clerk, revoke(own.ID))
	_, err := b.find(plain, "")
	requireUnauthenticated(t, err)
	lines := tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log`)
	b.Do(b.clerk, revoke(own.ID))
	require.Equal(t, lines, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log`), "revoked already: nothing to do, nothing to record")

	_, err = b.find(second, "")
	require.NoError(t, err)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, b.clerk.PersonID)
		return err
	})
	_, err = b.find(second, "")
	requireUnauthenticated(t, err)
}

func TestTheManagerLooksAfterTokensOfOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, plain := b.token(b.clerk, time.Hour)
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		found, err := people.TokensOf(ctx, tx, b.town, b.clerk.PersonID)
		require.Len(t, found, 1)
		return err
	})
	of := func(person int64) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			return people.RevokeTokenOf(ctx, tx, b.town, person, token.ID)
		}
	}
	b.Fault(tenants.KindForbidden, b.auditor, of(b.clerk.PersonID))
	b.Fault(tenants.KindNotFound, b.stranger, of(b.clerk.PersonID))
	b.Fault(tenants.KindNotFound, b.admin, of(b.admin.PersonID))
	b.Fault(tenants.KindForbidden, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.TokensOf(ctx, tx, b.town, b.clerk.PersonID)
		return err
	})
	b.Do(b.admin, of(b.clerk.PersonID))
	_, err := b.find(plain, "")
	requireUnauthenticated(t, err)
}

func TestTokensAreCheckedAndMadeFromTheCommandLine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(b.town, clerkNamed("mukawa"))
	day := 24 * time.Hour
	for field, lasting := range map[string]time.Duration{"expires": 0, "expires ": -day, "expires  ": 4 * 366 * day} {
		fault := b.Fault(tenants.KindInvalid, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			_, _, err := people.CreateToken(ctx, tx, people.TokenInput{Name: "x", Expires: tx.Now.Add(lasting)})
			return err
		})
		require.Equal(t, strings.TrimSpace(field), fault.Fields[0].Field)
	}
	var plain string
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		plain, err = people.CreateTokenFor(ctx, tx, "Mukawa", "監視", tx.Now.Add(365*day))
		return err
	})
	a, err := b.find(plain, "")
	require.NoError(t, err)
	require.Equal(t, "見本 梅子", a.Name)
	require.Equal(t, []map[string]any{{"actor": "gate 棚守", "remote": "192.0.2.7"}},
		b.SQL(`SELECT actor, remote FROM operation_log WHERE object = 'api_token'`))
	fault := b.Fault(tenants.KindInvalid, gate, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.CreateTokenFor(ctx, tx, "nobody", "監視", tx.Now.Add(day))
		return err
	})
	require.Equal(t, "login", fault.Fields[0].Field)
}

func TestATokenOpensNoMoreThanItSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func(actor tenants.Actor, scope tenants.Scope) (t people.Token, plain string) {
		b.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			t, plain, err = people.CreateToken(ctx, tx, people.TokenInput{Name: "集計", Expires: tx.Now.Add(time.Hour), Scope: scope})
			return err
		})
		return t, plain
	}
	scope := tenants.Scope{Acts: []tenants.Act{tenants.ReadBoard, tenants.OwnTokens, tenants.ReadBoard}, Towns: []int64{b.host, b.town}}
	token, plain := create(b.admin, scope)
	require.Equal(t, []tenants.Act{tenants.ReadBoard, tenants.OwnTokens}, token.Scope.Acts, "each once, in order")
	a, err := b.find(plain, "192.0.2.9")
	require.NoError(t, err)
	require.Equal(t, token.Scope, a.Limit)
	require.True(t, a.May(tenants.ReadBoard, b.town))
	require.False(t, a.May(tenants.WritePlan))
	_, again := create(a, tenants.Scope{})
	a, err = b.find(again, "192.0.2.9")
	require.NoError(t, err)
	require.Equal(t, token.Scope, a.Limit, "a token made by a token opens no more")
	for field, scope := range map[string]tenants.Scope{"acts": {Acts: []tenants.Act{tenants.WritePlan}}, "towns": {Towns: []int64{b.stranger.TenantID}}} {
		for _, who := range []tenants.Actor{a, b.operator, b.clerk} {
			fault := b.Fault(tenants.KindInvalid, who, func(ctx context.Context, tx *tenants.Tx) error {
				_, _, err := people.CreateToken(ctx, tx, people.TokenInput{Name: "x", Expires: tx.Now.Add(time.Hour), Scope: scope})
				return err
			})
			require.Equal(t, field, fault.Fields[0].Field)
		}
	}

	// What the owner may no longer do, their token no longer opens.
	_, plain = create(b.operator, tenants.Scope{Acts: []tenants.Act{tenants.Confirm}})
	b.SQL(`UPDATE post SET kind = 'auditor' WHERE person_id = $1`, b.operator.PersonID)
	a, err = b.find(plain, "")
	require.NoError(t, err)
	require.Empty(t, a.Acts())
}

func TestAMachineActsByItsTokensAndSignsInNowhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var machine people.Person
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		machine, err = people.AddMachine(ctx, tx, b.host, people.MachineInput{Name: "監視サーバ", Post: people.PostInput{Kind: tenants.Auditor, FromOn: since,
			Scope: tenants.Scope{Acts: []tenants.Act{tenants.ReadBoard, tenants.ReadIncident}, Towns: []int64{b.town}}}})
		return err
	})
	require.True(t, machine.Machine)
	create := func(who tenants.Actor, town, id int64, scope tenants.Scope) (plain string, err error) {
		return plain, b.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			_, plain, err = people.CreateMachineToken(ctx, tx, town, id, people.TokenInput{Name: "監視", Expires: tx.Now.Add(time.Hour), Scope: scope})
			return err
		})
	}
	_, err := create(b.admin, b.host, b.admin.PersonID, tenants.Scope{})
	require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind, "a person makes their own")
	_, err = create(b.operator, b.host, machine.ID, tenants.Scope{})
	require.Equal(t, tenants.KindForbidden, tenants.AsFault(err).Kind)
	_, err = create(b.admin, b.host, machine.ID, tenants.Scope{Acts: []tenants.Act{tenants.WritePlan}})
	require.Equal(t, "acts", tenants.AsFault(err).Fields[0].Field)
	var plain string
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, plain, err = people.CreateMachineToken(ctx, tx, b.host, machine.ID, people.TokenInput{Name: "監視", Expires: tx.Now.Add(time.Hour)})
		return err
	})
	a, err := b.find(plain, "192.0.2.9")
	require.NoError(t, err)
	require.True(t, a.Machine)
	require.Equal(t, []int64{b.town}, a.Reach(tenants.ReadBoard))
	require.False(t, a.May(tenants.ReadLog))
	b.Fault(tenants.KindForbidden, a, func(ctx context.Context, tx *tenants.Tx) error {
		_, _, err := people.CreateToken(ctx, tx, people.TokenInput{Name: "x", Expires: tx.Now.Add(time.Minute)})
		return err
	})
	b.Fault(tenants.KindConflict, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.SetPassword(ctx, tx, b.host, machine.ID, "x")
		return err
	})
	_, err = b.signIn(machine.Login, "")
	requireUnauthenticated(t, err)
	b.Fault(tenants.KindUnauthenticated, gate, func(ctx context.Context, tx *tenants.Tx) error {
		_, _, err := people.FindLogin(ctx, tx, machine.Login)
		return err
	})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.host, machine.ID)
		return err
	})
	_, err = b.find(plain, "")
	requireUnauthenticated(t, err)
}
