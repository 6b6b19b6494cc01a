package contact_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/contact"
	"tanamori/tenants/tenantstest"
)

type act = func(ctx context.Context, tx *tenants.Tx) error

type bundle struct {
	*tenantstest.Bench
	host, town                       int64
	admin, operator, clerk, stranger tenants.Actor
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t)}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.operator, b.clerk = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Operator), b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	return b
}

var chief = contact.Input{Post: "住民福祉課長", Name: "見本 一郎", Mail: "ichiro@mihon.lg.jp", Phone: "0145-42-0000（内線 12）", Hours: "平日 8:30–17:15"}

func (b bundle) add(actor tenants.Actor, in contact.Input) (c contact.Contact) {
	b.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		c, err = contact.Add(ctx, tx, b.town, in)
		return err
	})
	return c
}

func (b bundle) order(t *testing.T) (ids []int64) {
	t.Helper()
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := contact.List(ctx, tx, b.town)
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		return err
	})
	return ids
}

func TestAContactsLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.add(b.clerk, chief)
	require.Equal(t, contact.Contact{TenantID: b.town, ID: first.ID, Position: 1, Post: "住民福祉課長", Name: "見本 一郎",
		Mail: "ichiro@mihon.lg.jp", Phone: "0145-42-0000(内線 12)", Hours: "平日 8:30–17:15"}, first)
	second := b.add(b.admin, contact.Input{Post: "係長", Name: "見本 花子", Phone: "０９０−００００−００００"})
	require.Equal(t, []int64{first.ID, second.ID}, b.order(t))

	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		changed, err := contact.Change(ctx, tx, b.town, first.ID, contact.Input{Post: "総務課長", Name: "見本 一郎", Mail: "ｓｏｍｕ@mihon.lg.jp"})
		require.NoError(t, err)
		require.Equal(t, contact.Contact{TenantID: b.town, ID: first.ID, Position: 1, Post: "総務課長", Name: "見本 一郎", Mail: "somu@mihon.lg.jp"}, changed)
		_, err = contact.Retire(ctx, tx, b.town, first.ID)
		return err
	})
	require.Equal(t, []int64{second.ID}, b.order(t))
	b.Do(b.operator, func(ctx context.Context, tx *tenants.Tx) error {
		gone, err := contact.Get(ctx, tx, b.town, first.ID)
		require.Equal(t, tx.Now, *gone.RetiredAt)
		return err
	})
	b.Fault(tenants.KindConflict, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Retire(ctx, tx, b.town, first.ID)
		return err
	})
	b.Fault(tenants.KindConflict, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Change(ctx, tx, b.town, first.ID, chief)
		return err
	})
	require.Equal(t, []map[string]any{
		{"actor": b.clerk.Text(), "before": nil, "after": "住民福祉課長"},
		{"actor": b.clerk.Text(), "before": "住民福祉課長", "after": "総務課長"},
		{"actor": b.clerk.Text(), "before": "総務課長", "after": "総務課長"},
	}, b.SQL(`SELECT actor, before->>'Post' AS before, after->>'Post' AS after FROM operation_log WHERE object_id = $1 ORDER BY id`, first.ID))
}

func TestMailAndPhoneAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	try := func(in contact.Input) error {
		return b.Try(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := contact.Add(ctx, tx, b.town, in)
			return err
		})
	}
	for _, mail := range []string{"a@b", "koseki.tanto+1@town.mukawa.lg.jp", strings.Repeat("a", 64) + "@mihon.example"} {
		require.NoError(t, try(contact.Input{Post: "係長", Name: "見本", Mail: mail}), mail)
	}
	for _, mail := range []string{"a", "a@", "@b", "a@b@c", "見本@mihon.example", "a b@mihon.example", "見本 <a@mihon.example>", "<a@mihon.example>",
		"a@mihon.example, b@mihon.example", `"a b"@mihon.example`, "a@mihon.example.", "a@mihon.example\r\nBcc: x@y", "a@[192.0.2.1]",
		strings.Repeat("a", 65) + "@mihon.example", "a@見本.jp", strings.Repeat("a", 250) + "@b.jp"} {
		fault := tenants.AsFault(try(contact.Input{Post: "係長", Name: "見本", Mail: mail}))
		require.NotNil(t, fault, mail)
		require.Len(t, fault.Fields, 1, mail)
		require.Equal(t, "mail", fault.Fields[0].Field, mail)
	}
	for _, phone := range []string{"110", "+81 136 57 5111", "0136(57)5111", "内線 123"} {
		require.NoError(t, try(contact.Input{Post: "係長", Name: "見本", Phone: phone}), phone)
	}
	for _, phone := range []string{"なし", "12", "-"} {
		require.Equal(t, "phone", tenants.AsFault(try(contact.Input{Post: "係長", Name: "見本", Phone: phone})).Fields[0].Field)
	}
	require.Equal(t, "メールアドレスか電話番号を入力してください。", tenants.AsFault(try(contact.Input{Post: "係長", Name: "見本"})).Fields[0].Ja)
	require.Len(t, tenants.AsFault(try(contact.Input{})).Fields, 3)
}

func TestTheOrderIsChangedByStepsAndAsAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var c []int64
	for _, name := range []string{"見本 一郎", "見本 花子", "見本 二郎", "見本 桜子"} {
		c = append(c, b.Contact(b.town, "係長", name, "a@mihon.example"))
	}
	move := func(id int64, by int) {
		b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			list, err := contact.Move(ctx, tx, b.town, id, by)
			for i, one := range list {
				require.Equal(t, i+1, one.Position)
			}
			return err
		})
	}
	move(c[2], -1)
	require.Equal(t, []int64{c[0], c[2], c[1], c[3]}, b.order(t))
	move(c[0], 2)
	require.Equal(t, []int64{c[2], c[1], c[0], c[3]}, b.order(t))
	move(c[1], math.MaxInt)
	require.Equal(t, []int64{c[2], c[0], c[3], c[1]}, b.order(t))
	move(c[1], math.MinInt)
	require.Equal(t, []int64{c[1], c[2], c[0], c[3]}, b.order(t))
	lines := b.SQL(`SELECT 1 FROM operation_log`)
	move(c[1], -1)
	require.Len(t, b.SQL(`SELECT 1 FROM operation_log`), len(lines), "nothing changed, nothing recorded")

	arrange := func(ids ...int64) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := contact.Arrange(ctx, tx, b.town, ids)
			return err
		}
	}
	b.Do(b.admin, arrange(c[3], c[2], c[1], c[0]))
	require.Equal(t, []int64{c[3], c[2], c[1], c[0]}, b.order(t))
	for _, ids := range [][]int64{{c[0], c[1], c[2]}, {c[0], c[1], c[2], c[2]}, {c[0], c[1], c[2], 1}, {c[0], c[1], c[2], c[3], c[3]}, nil} {
		b.Fault(tenants.KindConflict, b.clerk, arrange(ids...))
	}
	require.Equal(t, []int64{c[3], c[2], c[1], c[0]}, b.order(t))
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Move(ctx, tx, b.town, 1, 1)
		return err
	})
	n := b.QueryCount(func() { b.Do(b.clerk, arrange(c...)) })
	require.Equal(t, 4, n, "however many contacts: lock, order, wake, record")
}

func TestConcurrentMovesKeepEveryContact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var c []int64
	for range 4 {
		c = append(c, b.Contact(b.town, "係長", "見本 一郎", "a@mihon.example"))
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			errs[i] = b.Try(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Move(ctx, tx, b.town, c[i], 1-2*(i%2))
				return err
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.ElementsMatch(t, c, b.order(t))
	require.EqualValues(t, 4, tenantstest.Value[int64](b.Bench, `SELECT count(DISTINCT position) FROM contact WHERE tenant_id = $1`, b.town))
}

func TestWhoMayWriteAndWhoMayKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	own := b.Contact(b.town, "係長", "見本 花子", "a@mihon.example")
	hosts := b.Contact(b.host, "係長", "見本 一郎", "b@mihon.example")
	acts := func(town, id int64) map[string]act {
		return map[string]act{
			"add": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Add(ctx, tx, town, chief)
				return err
			},
			"change": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Change(ctx, tx, town, id, chief)
				return err
			},
			"retire": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Retire(ctx, tx, town, id)
				return err
			},
			"move": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Move(ctx, tx, town, id, 1)
				return err
			},
			"arrange": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := contact.Arrange(ctx, tx, town, []int64{id})
				return err
			},
		}
	}
	for _, a := range acts(b.town, own) {
		b.Fault(tenants.KindForbidden, b.operator, a)
		b.Fault(tenants.KindNotFound, b.stranger, a)
	}
	for _, a := range acts(b.host, hosts) {
		b.Fault(tenants.KindNotFound, b.clerk, a)
	}
	wrongTown := acts(b.town, hosts)
	for _, name := range []string{"change", "retire", "move"} {
		b.Fault(tenants.KindNotFound, b.admin, wrongTown[name])
	}
	b.Fault(tenants.KindConflict, b.admin, wrongTown["arrange"])
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Get(ctx, tx, b.town, hosts)
		return err
	})
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.List(ctx, tx, b.host)
		return err
	})
	require.Equal(t, 1, b.QueryCount(func() {
		b.Do(tenants.Job("judge"), func(ctx context.Context, tx *tenants.Tx) error {
			list, err := contact.List(ctx, tx, b.host, b.town)
			require.Len(t, list, 2)
			return err
		})
	}))
	require.Empty(t, b.SQL(`SELECT 1 FROM operation_log`))
}
