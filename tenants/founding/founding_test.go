package founding_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/founding"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

func found(t *testing.T, b *tenantstest.Bench, name, code string) founding.Founded {
	t.Helper()
	f, err := founding.Found(t.Context(), b.Handle.OwnerConnString, founding.Input{Consortium: name + " 戸籍データセンター", TownName: name,
		TownKana: "みほんちょう", TownCode: code, Zone: "Asia/Tokyo", Since: b.Clock.Now().Add(-time.Hour)}, b.Clock.Now())
	require.NoError(t, err)
	return f
}

func TestAFoundedConsortiumCanBeWorkedWith(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	empty, err := founding.Empty(t.Context(), b.Handle.OwnerConnString)
	require.NoError(t, err)
	require.True(t, empty)

	f := found(t, b, "蘭越町", "013943")
	empty, err = founding.Empty(t.Context(), b.Handle.OwnerConnString)
	require.NoError(t, err)
	require.False(t, empty)

	var password string
	b.Do(f.Founder("初期設定"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, password, err = people.Add(ctx, tx, f.TenantID, people.Input{Login: "admin", Name: "見本 花子",
			Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "住民福祉課長", FromOn: calendar.MustDate(2026, time.April, 1)}}})
		return err
	})
	admin, err := b.SignIn("127.0.0.1", "admin", password)
	require.NoError(t, err)
	b.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.DefaultLadder(ctx, tx, f.TenantID)
		require.NoError(t, err, "a host has people to call from the first day")
		_, err = town.Add(ctx, tx, town.Input{Code: "015865", Name: "むかわ町", Kana: "むかわちょう", JoinedOn: calendar.MustDate(2026, time.April, 1)})
		return err
	})
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM operation_log WHERE actor LIKE '初期設定%' AND act = 'person.write'`))
}

func TestTwoConsortiaDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	one, two := found(t, b, "蘭越町", "013943"), found(t, b, "白糠町", "016683")
	for _, f := range []founding.Founded{one, two} {
		b.Do(f.Founder("初期設定"), func(ctx context.Context, tx *tenants.Tx) error {
			towns, err := town.List(ctx, tx)
			require.Len(t, towns, 1)
			require.Equal(t, f.TenantID, towns[0].ID)
			return err
		})
	}
	b.Fault(tenants.KindNotFound, one.Founder("初期設定"), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.Get(ctx, tx, two.TenantID)
		return err
	})
}
