package backup_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

func TestAServerTakesItsPlansWithIt(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	home := b.Town("むかわ町", "015865")
	srv := b.Server(home, "戸籍正")
	admin := b.Person(host, tenants.HostAdmin)
	b.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		store, err := backup.AddStore(ctx, tx, home, backup.StoreInput{Name: "専用領域", Root: t.TempDir()})
		if err != nil {
			return err
		}
		in := backup.Defaults("Asia/Tokyo")
		in.ServerID, in.StoreID, in.Pattern = srv, store.ID, "koseki-{YYYY}{MM}{DD}.tar.gz"
		if in.LadderID, err = town.DefaultLadder(ctx, tx, home); err != nil {
			return err
		}
		_, err = backup.AddPlan(ctx, tx, home, in)
		return err
	})
	b.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.RetireServer(ctx, tx, home, srv)
		return err
	})
	for _, table := range []string{"server", "plan", "duty", "source"} {
		require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM `+table+` WHERE retired_at IS NOT NULL`), table)
	}
	b.Fault(tenants.KindForbidden, b.Person(host, tenants.Operator), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.RetireServer(ctx, tx, home, srv)
		return err
	})
}
