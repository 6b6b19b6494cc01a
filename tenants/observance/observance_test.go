package observance_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
	"tanamori/tenants/tenantstest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

type bundle struct {
	*tenantstest.Bench
	t                                         *testing.T
	host, town                                int64
	admin, operator, auditor, clerk, stranger tenants.Actor
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t), t: t}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.operator, b.auditor = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Operator), b.Person(b.host, tenants.Auditor)
	b.clerk = b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	return b
}

var (
	today    = calendar.MustDate(2026, 11, 21) // where the bench's clock stands, in Asia/Tokyo
	tomorrow = calendar.MustDate(2026, 11, 22)
)

func rules(body string, from calendar.Date) observance.Input {
	return observance.Input{Title: "戸籍データ等利用者の遵守事項", Body: body, FromOn: from}
}

func (b bundle) publish(in observance.Input) (d observance.Document) {
	b.t.Helper()
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		d, err = observance.Publish(ctx, tx, in)
		return err
	})
	return d
}

func (b bundle) open(who tenants.Actor) (names []string) {
	b.t.Helper()
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		found, err := observance.Open(ctx, tx)
		for _, d := range found {
			require.Equal(b.t, observance.Hash(d.Title, d.Body), d.SHA256)
			names = append(names, d.Name())
		}
		return err
	})
	return names
}

func (b bundle) accept(who tenants.Actor, d observance.Document) (done observance.Acceptance) {
	b.t.Helper()
	b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		done, err = observance.Accept(ctx, tx, d.Document, d.Version, d.SHA256)
		return err
	})
	return done
}

func TestNothingIsAskedWhereNoDocumentExists(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, who := range []tenants.Actor{b.admin, b.auditor, b.clerk, b.stranger, tenants.Gate("r", ""), tenants.Link(b.town, "見本", "r", "")} {
		require.Empty(t, b.open(who))
	}
}

func TestEverybodyAcceptsTheVersionInForce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.publish(rules("パスワードを他人に知らせないこと。\r\n記録を持ち出さないこと。", today))
	require.Equal(t, "1-1", first.Name())
	require.Equal(t, "パスワードを他人に知らせないこと。\n記録を持ち出さないこと。", first.Body)
	require.Equal(t, observance.InForce, first.State())
	for _, who := range []tenants.Actor{b.admin, b.operator, b.clerk} {
		require.Equal(t, []string{"1-1"}, b.open(who))
	}
	require.Empty(t, b.open(b.stranger), "another consortium's people have nothing to do with it")
	b.Fault(tenants.KindNotFound, b.stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Accept(ctx, tx, 1, 1, first.SHA256)
		return err
	})

	done := b.accept(b.clerk, first)
	require.Equal(t, first.SHA256, done.SHA256)
	require.Empty(t, b.open(b.clerk))
	require.Equal(t, []string{"1-1"}, b.open(b.operator), "one accepts for oneself only")
	require.Equal(t, []map[string]any{{"town": b.town, "person": b.clerk.PersonID, "by": b.clerk.Text(), "sha": first.SHA256}},
		b.SQL(`SELECT a.tenant_id AS town, a.person_id AS person, a.by_text AS by, a.sha256 AS sha FROM observance_acceptance a`))
	require.Equal(t, []map[string]any{{"act": "observance.accept", "town": b.town, "actor": b.clerk.Text(), "sha": first.SHA256}},
		b.SQL(`SELECT act, tenant_id AS town, actor, after->>'sha256' AS sha FROM operation_log WHERE act = 'observance.accept'`))

	b.Clock.Advance(60_000_000_000)
	require.Equal(t, done.At, b.accept(b.clerk, first).At, "a second time changes nothing")
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE act = 'observance.accept'`))
}

// However little of the work a post's scope leaves somebody, the rules bind them; a machine accepts nothing.
func TestNobodysScopeExcusesThemFromTheRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.publish(rules("記録を持ち出さないこと。", today))
	few := b.operator
	few.Grants = []tenants.Grant{{Post: tenants.Operator, Scope: tenants.Scope{Acts: []tenants.Act{tenants.ReadBoard}, Towns: []int64{b.town}}}}
	few = tenants.Person(few)
	require.Equal(t, []string{"1-1"}, b.open(few))
	b.accept(few, first)
	require.Empty(t, b.open(few))
	machine := b.clerk
	machine.Machine = true
	require.Empty(t, b.open(machine))
}

func TestANewVersionIsAskedForFromItsDayOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.publish(rules("初版", today))
	b.accept(b.clerk, first)
	b.accept(b.admin, first)
	in := rules("改正版", tomorrow)
	in.Document = first.Document
	second := b.publish(in)
	require.Equal(t, "1-2", second.Name())
	require.Equal(t, observance.Coming, second.State())
	require.Empty(t, b.open(b.clerk), "not yet in force")
	b.accept(b.admin, second) // ahead of its day

	b.Clock.Advance(24 * 3600e9)
	require.Equal(t, []string{"1-2"}, b.open(b.clerk))
	require.Empty(t, b.open(b.admin))
	require.Equal(t, []string{"1-2"}, b.open(b.operator), "who never accepted the first is asked for the newest alone")
	b.Fault(tenants.KindConflict, b.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Accept(ctx, tx, 1, 1, first.SHA256)
		return err
	})
	b.Fault(tenants.KindConflict, b.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Accept(ctx, tx, 1, 2, first.SHA256) // read the old text
		return err
	})
	require.Equal(t, []string{"1-2"}, b.open(b.operator))
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := observance.List(ctx, tx)
		require.Len(t, all, 2)
		require.Equal(t, observance.InForce, all[0].State())
		require.Nil(t, all[0].AcceptedAt)
		require.Equal(t, observance.Past, all[1].State())
		require.NotNil(t, all[1].AcceptedAt)
		return err
	})
}

func TestAWithdrawnDocumentAsksForNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.publish(rules("初版", today))
	other := b.publish(rules("別の定め", today))
	require.Equal(t, []string{"1-1", "2-1"}, b.open(b.clerk))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		gone, err := observance.Withdraw(ctx, tx, first.Document, today)
		require.Equal(t, observance.Withdrawn, gone.State())
		return err
	})
	require.Equal(t, []string{other.Name()}, b.open(b.clerk))
	b.Fault(tenants.KindConflict, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Withdraw(ctx, tx, first.Document, today)
		return err
	})
	b.Fault(tenants.KindConflict, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Accept(ctx, tx, 1, 2, observance.Hash(first.Title, ""))
		return err
	})
	in := rules("復活", today)
	in.Document = first.Document
	require.Equal(t, "1-3", b.publish(in).Name())
	require.Equal(t, []string{"1-3", "2-1"}, b.open(b.clerk))
}

func TestOnlyTheHostWritesAndEverythingIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	publish := func(in observance.Input) func(ctx context.Context, tx *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := observance.Publish(ctx, tx, in)
			return err
		}
	}
	for _, who := range []tenants.Actor{b.operator, b.auditor, b.clerk} {
		b.Fault(tenants.KindForbidden, who, publish(rules("本文", today)))
		b.Fault(tenants.KindForbidden, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := observance.Withdraw(ctx, tx, 1, today)
			return err
		})
	}
	for field, in := range map[string]observance.Input{
		"title":   {Body: "本文", FromOn: today},
		"body":    {Title: "題", FromOn: today},
		"from_on": {Title: "題", Body: "本文", FromOn: today.AddDays(-1)},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, publish(in))
		require.Len(t, fault.Fields, 1, field)
		require.Equal(t, field, fault.Fields[0].Field)
	}
	require.Equal(t, "body", b.Fault(tenants.KindInvalid, b.admin, publish(rules(strings.Repeat("あ", 20_001), today))).Fields[0].Field)
	require.Equal(t, "from_on", b.Fault(tenants.KindInvalid, b.admin, publish(rules("本文", calendar.Date{}))).Fields[0].Field)
	b.Fault(tenants.KindNotFound, b.admin, publish(observance.Input{Document: 7, Title: "題", Body: "本文", FromOn: today}))
	b.publish(rules("本文", today))
	same := rules("本文", today)
	same.Document = 1
	require.Equal(t, "body", b.Fault(tenants.KindInvalid, b.admin, publish(same)).Fields[0].Field)
	require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM observance`), "what was refused left nothing")
}

func TestWhoHasNotIsAList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.publish(rules("本文", today))
	b.accept(b.clerk, d)
	b.accept(b.operator, d)
	second := b.Person(b.town, tenants.Town)
	retired := b.Person(b.town, tenants.Town)
	b.SQL(`UPDATE person SET disabled_at = $2 WHERE id = $1`, retired.PersonID, b.Clock.Now())
	ended := b.Person(b.town, tenants.Town)
	b.accept(ended, d)
	b.SQL(`UPDATE post SET until_on = '2026-11-20' WHERE person_id = $1`, ended.PersonID)

	list := func(who tenants.Actor, open bool, towns ...int64) (ids []int64) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
			found, err := observance.People(ctx, tx, d.Document, d.Version, open, towns...)
			for _, p := range found {
				require.False(t, open && p.AcceptedAt != nil)
				ids = append(ids, p.PersonID)
			}
			return err
		})
		return ids
	}
	require.Equal(t, []int64{b.admin.PersonID, b.auditor.PersonID, second.PersonID}, list(b.auditor, true))
	require.Equal(t, []int64{second.PersonID}, list(b.admin, true, b.town))
	require.Equal(t, []int64{second.PersonID}, list(b.clerk, true), "a town sees its own people")
	require.Equal(t, []int64{second.PersonID, b.clerk.PersonID, ended.PersonID}, list(b.clerk, false), "who accepted stays in the list, who is disabled is not waited for")
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.People(ctx, tx, d.Document, d.Version, true, b.host)
		return err
	})
	counts := func(who tenants.Actor) (all []observance.Count) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			all, err = observance.Counts(ctx, tx)
			return err
		})
		return all
	}
	require.Equal(t, []observance.Count{{Document: 1, Version: 1, People: 5, Accepted: 2}}, counts(b.admin))
	require.Equal(t, []observance.Count{{Document: 1, Version: 1, People: 2, Accepted: 1}}, counts(b.clerk))
}

func TestATownThatJoinsLaterIsAskedToo(t *testing.T) {
	t.Parallel()
	b := bundle{Bench: tenantstest.New(t), t: t}
	b.host = b.Host("蘭越町", "013943")
	b.admin = b.Person(b.host, tenants.HostAdmin)
	first := b.publish(rules("初版", today))
	in := rules("改正版", today)
	in.Document = first.Document
	b.publish(in)
	in.Body, in.FromOn = "来月の版", today.AddDays(30)
	b.publish(in)
	b.town = b.Town("むかわ町", "015865")
	b.clerk = b.Person(b.town, tenants.Town)
	require.Empty(t, b.open(b.clerk))
	handOn := func() (n int) {
		b.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = observance.HandOn(ctx, tx, 100)
			return err
		})
		return n
	}
	require.Equal(t, 2, handOn(), "the version in force and the coming one; nobody of the town needs the first")
	require.Zero(t, handOn())
	require.Equal(t, []string{"1-2"}, b.open(b.clerk))
	b.Fault(tenants.KindForbidden, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.HandOn(ctx, tx, 100)
		return err
	})
}

func TestTwoAtOnceAcceptOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.publish(rules("本文", today))
	var all sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		all.Go(func() {
			errs[n] = b.Try(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := observance.Accept(ctx, tx, d.Document, d.Version, d.SHA256)
				return err
			})
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM observance_acceptance`))
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE act = 'observance.accept'`))
}
