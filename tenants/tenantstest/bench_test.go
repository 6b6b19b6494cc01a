package tenantstest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

func TestBenchesAreSeparateAndClocksStandStill(t *testing.T) {
	t.Parallel()
	one, two := tenantstest.New(t), tenantstest.New(t)
	host := one.Host("蘭越町", "013943")
	require.EqualValues(t, 1, tenantstest.Value[int64](one, `SELECT count(*) FROM tenant`))
	require.EqualValues(t, 0, tenantstest.Value[int64](two, `SELECT count(*) FROM tenant`))

	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	require.Equal(t, "2026-11-21 07:30", one.Clock.Now().In(tokyo).Format("2006-01-02 15:04"))
	one.Clock.Advance(90 * time.Minute)
	one.Do(one.Person(host, tenants.HostAdmin), func(_ context.Context, tx *tenants.Tx) error {
		require.Equal(t, "2026-11-21 09:00", tx.Now.In(tokyo).Format("2006-01-02 15:04"))
		return nil
	})
	require.Equal(t, tenantstest.Start, two.Clock.Now())
}

func TestPersonSeesWhatThePostSees(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.Consortium()
	foreign := b.Host("見本町", "010006")
	seen := func(a tenants.Actor) (ids []int64) {
		b.Do(a, func(_ context.Context, tx *tenants.Tx) error {
			return tx.DB.Raw(`SELECT id FROM tenant ORDER BY id`).Scan(&ids).Error
		})
		return ids
	}
	require.Equal(t, []int64{host, town}, seen(b.Person(host, tenants.HostAdmin)))
	require.Equal(t, []int64{town}, seen(b.Person(town, tenants.Town)))
	require.Equal(t, []int64{foreign}, seen(b.Person(foreign, tenants.Operator)))
}

func TestStatementsAreCounted(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Person(b.Town("むかわ町", "015865"), tenants.Town)
	n := b.QueryCount(func() {
		b.Do(town, func(_ context.Context, tx *tenants.Tx) error {
			var names []string
			require.NoError(t, tx.DB.Raw(`SELECT name FROM server WHERE tenant_id = ?`, town.TenantID).Scan(&names).Error)
			return tx.DB.Table("contact").Where("tenant_id = ?", town.TenantID).Pluck("name", &names).Error
		})
	})
	require.Equal(t, 2, n)
}

func TestDoKeepsNothingOfAFaultedAct(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	fault := b.Fault(tenants.KindConflict, b.Person(host, tenants.HostAdmin), func(_ context.Context, tx *tenants.Tx) error {
		require.NoError(t, tx.DB.Exec(`INSERT INTO local_day (tenant_id, day, open, name) VALUES (?, '2026-12-28', false, '閉庁日')`, host).Error)
		return tenants.Conflict("先に変わりました。", "Somebody was first.")
	})
	require.Equal(t, "先に変わりました。", fault.Message("ja"))
	require.Empty(t, b.SQL(`SELECT * FROM local_day`))
}
