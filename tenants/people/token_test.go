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
		t, plain, err = people.CreateToken(ctx, tx, "夜間バックアップ", tx.Now.Add(lasting))
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
			_, _, err := people.CreateToken(ctx, tx, "x", tx.Now.Add(lasting))
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
