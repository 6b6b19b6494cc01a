package server_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/server"
	"tanamori/tenants/tenantstest"
)

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

func (b bundle) add(in server.Input) (s server.Server) {
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		s, err = server.Add(ctx, tx, b.town, in)
		return err
	})
	return s
}

var main = server.Input{Name: "戸籍正", Role: "戸籍", RackPlace: "ラック3 U12", Note: "保守：平日のみ"}

func TestAServersLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.add(main)
	require.Equal(t, server.Server{TenantID: b.town, ID: s.ID, Position: 1, Name: "戸籍正", Role: "戸籍", RackPlace: "ラック3 U12", Note: "保守：平日のみ"}, s)
	second := b.add(server.Input{Name: "戸籍副", Role: "戸籍"})
	first := b.add(server.Input{Name: "附票", Role: "附票", Position: 1})
	require.Equal(t, 2, second.Position)

	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		servers, err := server.List(ctx, tx, b.town)
		require.Equal(t, []server.Server{s, first, second}, servers)
		return err
	})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		changed, err := server.Change(ctx, tx, b.town, s.ID, server.Input{Name: "戸籍正（新）", Role: "戸籍"})
		require.Equal(t, server.Server{TenantID: b.town, ID: s.ID, Position: 1, Name: "戸籍正（新）", Role: "戸籍"}, changed)
		require.NoError(t, err)
		retired, err := server.Retire(ctx, tx, b.town, s.ID)
		require.Equal(t, tx.Now, *retired.RetiredAt)
		return err
	})
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		servers, err := server.List(ctx, tx, b.town)
		require.Equal(t, []server.Server{first, second}, servers)
		require.NoError(t, err)
		old, err := server.Get(ctx, tx, b.town, s.ID)
		require.NotNil(t, old.RetiredAt, "a retired server can still be read")
		return err
	})
	for _, act := range []func(ctx context.Context, tx *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := server.Retire(ctx, tx, b.town, s.ID)
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := server.Change(ctx, tx, b.town, s.ID, main)
			return err
		},
	} {
		b.Fault(tenants.KindConflict, b.admin, act)
	}
	require.Equal(t, "戸籍正（新）", b.add(server.Input{Name: "戸籍正（新）", Role: "戸籍"}).Name, "a retired server's name is free again")

	log := b.SQL(`SELECT object_id, before->>'Name' AS before, after->>'Name' AS after, after->>'RetiredAt' IS NOT NULL AS retired
		FROM operation_log WHERE tenant_id = $1 AND act = 'server.write' AND object_id = $2 ORDER BY id`, b.town, s.ID)
	require.Equal(t, []map[string]any{
		{"object_id": s.ID, "before": nil, "after": "戸籍正", "retired": false},
		{"object_id": s.ID, "before": "戸籍正", "after": "戸籍正（新）", "retired": false},
		{"object_id": s.ID, "before": "戸籍正（新）", "after": "戸籍正（新）", "retired": true},
	}, log)
}

func TestFaultsStandAtTheirFields(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.add(main)
	b.add(server.Input{Name: "戸籍副", Role: "戸籍"})
	for field, in := range map[string]server.Input{
		"name":       {Name: " ", Role: "戸籍"},
		"role":       {Name: "x", Role: strings.Repeat("あ", 41)},
		"rack_place": {Name: "x", Role: "戸籍", RackPlace: "a\nb"},
		"note":       {Name: "x", Role: "戸籍", Note: "\xff"},
		"position":   {Name: "x", Role: "戸籍", Position: -1},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := server.Add(ctx, tx, b.town, in)
			return err
		})
		require.Len(t, fault.Fields, 1)
		require.Equal(t, field, fault.Fields[0].Field)
	}
	fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := server.Change(ctx, tx, b.town, s.ID, server.Input{Name: "戸籍副", Role: "戸籍"})
		return err
	})
	require.Equal(t, "name", fault.Fields[0].Field)
}

func TestWhoMayWriteAndWhoMayKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.add(main)
	hosts := b.Server(b.host, "受託町の機器")
	acts := func(town, id int64) map[string]func(ctx context.Context, tx *tenants.Tx) error {
		return map[string]func(ctx context.Context, tx *tenants.Tx) error{
			"add": func(ctx context.Context, tx *tenants.Tx) error { _, err := server.Add(ctx, tx, town, main); return err },
			"change": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := server.Change(ctx, tx, town, id, main)
				return err
			},
			"retire": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := server.Retire(ctx, tx, town, id)
				return err
			},
		}
	}
	for name, act := range acts(b.town, s.ID) {
		b.Fault(tenants.KindForbidden, b.clerk, act)
		b.Fault(tenants.KindForbidden, b.operator, act)
		require.Equal(t, "Not found.", b.Fault(tenants.KindNotFound, b.stranger, act).En, name)
	}
	wrongTown := acts(b.host, s.ID)
	b.Fault(tenants.KindNotFound, b.admin, wrongTown["change"])
	b.Fault(tenants.KindNotFound, b.admin, wrongTown["retire"])
	for _, where := range [][2]int64{{b.host, hosts}, {b.town, hosts}, {b.town, 1}} {
		b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := server.Get(ctx, tx, where[0], where[1])
			return err
		})
	}
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := server.List(ctx, tx, b.town, b.host)
		return err
	})
	b.Do(tenants.Job("verify"), func(ctx context.Context, tx *tenants.Tx) error {
		servers, err := server.List(ctx, tx, b.town, b.host)
		require.Len(t, servers, 2)
		return err
	})
}

func TestTwoAddsOfOneNameAreOneServerAndOneFieldFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			errs[i] = b.Try(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := server.Add(ctx, tx, b.town, main)
				return err
			})
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
			continue
		}
		fault := tenants.AsFault(err)
		require.Equal(t, tenants.KindInvalid, fault.Kind)
		require.Equal(t, "この団体には同じ名前のサーバがあります。", fault.Fields[0].Message("ja"))
	}
	require.Equal(t, 1, good)
	require.Len(t, b.SQL(`SELECT 1 FROM operation_log`), 1, "an act that failed leaves no line")
}

func TestSearchFindsWhatPeopleWriteDifferently(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.add(server.Input{Name: "バックアップサーバー", Role: "100%_複製", RackPlace: "ラック３"})
	retired := b.add(server.Input{Name: "旧サーバ", Role: "戸籍"})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := server.Retire(ctx, tx, b.town, retired.ID)
		return err
	})
	b.Server(b.host, "受託町サーバ")
	search := func(actor tenants.Actor, text string) (names []string) {
		require.LessOrEqual(t, b.QueryCount(func() {
			b.Do(actor, func(ctx context.Context, tx *tenants.Tx) error {
				found, err := server.Search(ctx, tx, text, 10)
				for _, f := range found {
					names = append(names, f.Name)
				}
				return err
			})
		}), 1)
		return names
	}
	require.Equal(t, []string{s.Name, "旧サーバ"}, search(b.clerk, "ｻｰﾊﾞ"))
	require.Equal(t, []string{"受託町サーバ", s.Name, "旧サーバ"}, search(b.operator, "さーばー"))
	require.Equal(t, []string{s.Name}, search(b.clerk, "ラック3"))
	require.Equal(t, []string{s.Name}, search(b.clerk, "100%_"))
	require.Empty(t, search(b.clerk, "10%複"), "a % is itself, not anything")
	require.Empty(t, search(b.clerk, "  "))
	require.Empty(t, search(b.clerk, `\`))
}
