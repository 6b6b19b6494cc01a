package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

func TestSignInGivesTheActorAndLeavesALine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, password := b.add(b.town, clerkNamed("mukawa"))
	for _, login := range []string{"mukawa", " ＭＵＫＡＷＡ "} {
		a, err := b.signIn(login, password)
		require.NoError(t, err)
		require.NotZero(t, a.SignIn)
		a.SignIn = 0
		require.Equal(t, tenants.Person(tenants.Actor{Consortium: b.clerk.Consortium, TenantID: b.town, PersonID: p.ID, Name: "見本 梅子",
			Title: "町民生活課 主任", Posts: []tenants.Post{tenants.Town}, Towns: []int64{b.town}, Lang: "ja",
			RequestID: "request-1", Remote: "192.0.2.7"}), a)
	}
	line := b.SQL(`SELECT tenant_id, actor_id, actor, post, object_id, remote FROM operation_log WHERE act = 'person.sign_in' ORDER BY id LIMIT 1`)
	require.Equal(t, []map[string]any{{"tenant_id": b.town, "actor_id": p.ID, "actor": "町民生活課 主任 見本 梅子", "post": "town",
		"object_id": p.ID, "remote": "192.0.2.7"}}, line)
}

func TestEveryRefusalSaysTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, password := b.add(b.town, clerkNamed("mukawa"))
	disabled, disabledPassword := b.add(b.town, clerkNamed("oketo"))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, disabled.ID)
		return err
	})
	words := map[string]bool{}
	for _, try := range [][2]string{
		{"mukawa", password + "x"}, {"mukawa", ""}, {"nobody", password}, {"", ""}, {"oketo", disabledPassword}, {"' OR 1=1 --", "x"},
		{b.clerkLogin(), ""}, {strings.Repeat("x", 1000), strings.Repeat("y", 100000)}, {"mukawa\x00", "\x00"}, {"\xff", "\xff"},
	} {
		a, err := b.signIn(try[0], try[1])
		words[requireUnauthenticated(t, err).Message("ja")] = true
		require.Zero(t, a.PersonID)
	}
	require.Len(t, words, 1)
	for _, line := range b.SQL(`SELECT tenant_id, actor_id, object_id, after ->> 'refused' AS refused FROM operation_log WHERE act = 'person.sign_in'`) {
		require.Equal(t, "password", line["refused"], "what was refused stands as refused, where somebody has the login")
		require.Nil(t, line["actor_id"], "nobody knows who it was")
	}
	b.SQL(`DELETE FROM sign_in_wait`)

	known := b.QueryCount(func() { _, _ = b.signIn("mukawa", "wrong") })
	require.Equal(t, known, b.QueryCount(func() { _, _ = b.signIn("nobody", "wrong") }), "the same questions for a login that is not there")
	_, err := b.signIn("mukawa", password)
	require.NoError(t, err)
	require.NotZero(t, p.ID)
}

// clerkLogin is the login of a person whose password nobody knows.
func (b bundle) clerkLogin() string {
	return b.SQL(`SELECT login FROM person WHERE id = $1`, b.clerk.PersonID)[0]["login"].(string)
}

func TestLoadFindsPostsAndTownsInOneQuery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	many, _ := b.add(b.host, people.Input{Login: "kacho", Name: "見本 竹子", Lang: "en", Posts: []people.PostInput{
		{Kind: tenants.Town, Title: "住民福祉課 主任", FromOn: since}, {Kind: tenants.Operator, Title: "操作者", FromOn: since},
		{Kind: tenants.HostAdmin, Title: "住民福祉課長", FromOn: since}, {Kind: tenants.Operator, Title: "操作者（兼務）", FromOn: since},
		{Kind: tenants.Auditor, Title: "監査担当", FromOn: today.AddDays(1)},
	}})
	left := b.Town("脱退町", "013951")
	b.SQL(`UPDATE tenant SET consortium_id = $1, left_on = '2025-03-31' WHERE id = $2`, b.admin.Consortium, left)
	var a tenants.Actor
	require.Equal(t, 1, b.QueryCount(func() {
		var err error
		a, err = b.load(many)
		require.NoError(t, err)
	}))
	require.Equal(t, tenants.Person(tenants.Actor{Consortium: b.admin.Consortium, TenantID: b.host, PersonID: many.ID, Name: "見本 竹子",
		Title: "住民福祉課長", Posts: []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Town}, Lang: "en",
		Towns: []int64{b.host, left, b.town}, Grants: []tenants.Grant{{Post: tenants.HostAdmin}, {Post: tenants.Operator}, {Post: tenants.Operator},
			{Post: tenants.Town, Scope: tenants.Scope{Towns: []int64{b.host}}}}, RequestID: "request-1", Remote: "192.0.2.7"}), a)

	hostsTown, _ := b.add(b.host, clerkNamed("rankoshi"))
	a, err := b.load(hostsTown)
	require.NoError(t, err)
	require.Equal(t, []int64{b.host}, a.Towns, "a post of the town alone sees the host's own rows only")
	require.False(t, a.IsHost())
}

func TestAccessEndsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	until := calendar.MustDate(2026, 11, 22)
	in := clerkNamed("mukawa")
	in.Posts[0].FromOn, in.Posts[0].UntilOn = calendar.MustDate(2026, 11, 21), &until
	p, password := b.add(b.town, in)
	tokyo := time.FixedZone("JST", 9*60*60)
	for _, at := range []struct {
		when string
		open bool
	}{
		{"2026-11-20 23:59:59", false}, {"2026-11-21 00:00:00", true}, {"2026-11-22 23:59:59", true}, {"2026-11-23 00:00:00", false},
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", at.when, tokyo)
		require.NoError(t, err)
		b.Clock.Set(when)
		_, err = b.load(p)
		_, signIn := b.signIn("mukawa", password)
		if at.open {
			require.NoError(t, err, at.when)
			require.NoError(t, signIn, at.when)
			continue
		}
		require.Contains(t, requireUnauthenticated(t, err).Ja, "職が登録されていません", at.when)
		requireUnauthenticated(t, signIn)
	}

	b.Clock.Set(time.Date(2026, 11, 22, 9, 0, 0, 0, tokyo))
	disable := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, p.ID)
		return err
	}
	enable := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Enable(ctx, tx, b.town, p.ID, "復職")
		return err
	}
	b.Do(b.admin, disable)
	_, err := b.load(p)
	requireUnauthenticated(t, err)
	b.Do(b.admin, enable)
	_, err = b.load(p)
	require.NoError(t, err)
	b.SQL(`UPDATE tenant SET left_on = '2026-11-22' WHERE id = $1`, b.town)
	_, err = b.load(p)
	requireUnauthenticated(t, err)
	b.SQL(`UPDATE tenant SET left_on = '2026-11-23' WHERE id = $1`, b.town)
	_, err = b.load(p)
	require.NoError(t, err, "the day before it leaves")
	_, err = b.load(people.Person{TenantID: b.host, ID: p.ID})
	requireUnauthenticated(t, err)
}

func TestAHostPostInAMemberTownIsWorthNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	b.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) VALUES ($1, $2, 'host_admin', '偽', '2020-01-01')`, b.town, p.ID)
	a, err := b.load(p)
	require.NoError(t, err)
	require.Equal(t, []tenants.Post{tenants.Town}, a.Posts)
	require.Equal(t, []int64{b.town}, a.Towns)
}

func TestTheGateReachesOnlyWhatItNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, table := range []string{"server", "contact", "incident", "operation_log"} {
		require.Error(t, b.Try(gate, func(_ context.Context, tx *tenants.Tx) error {
			return tx.DB.Exec(fmt.Sprintf(`SELECT 1 FROM %s`, table)).Error
		}), table)
	}
	require.Error(t, b.Try(gate, func(_ context.Context, tx *tenants.Tx) error {
		return tx.DB.Exec(`UPDATE person SET password_hash = ''`).Error
	}))
}
