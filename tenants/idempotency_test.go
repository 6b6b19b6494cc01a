package tenants_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// once does an act under a key: it opens a local day, answers 201, and may fail after that.
func once(b *tenantstest.Bench, actor tenants.Actor, key, content, day string, failure error) (*tenants.Remembered, error) {
	var before *tenants.Remembered
	err := b.Try(actor, func(_ context.Context, tx *tenants.Tx) (err error) {
		if before, err = tx.Once(key, []byte(content)); err != nil || before != nil {
			return err
		}
		if err := tx.DB.Exec(`INSERT INTO local_day (tenant_id, day, open, name) VALUES (?, ?, false, '閉庁日')`, actor.TenantID, day).Error; err != nil {
			return err
		}
		if err := tx.Remember(key, tenants.Remembered{Status: 201, Body: []byte(`{"day":"` + day + `"}`)}); err != nil {
			return err
		}
		return failure
	})
	return before, err
}

func TestAKeyDoesAnActOnce(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin, other := b.Person(host, tenants.HostAdmin), b.Person(host, tenants.HostAdmin)
	days := func() int64 { return tenantstest.Value[int64](b, `SELECT count(*) FROM local_day`) }

	_, err := once(b, admin, "k1", "a", "2026-12-01", errors.New("broken"))
	require.Error(t, err)
	require.Zero(t, days(), "what failed is not remembered")
	before, err := once(b, admin, "k1", "a", "2026-12-01", nil)
	require.NoError(t, err)
	require.Nil(t, before)
	before, err = once(b, admin, "k1", "a", "2026-12-02", nil)
	require.NoError(t, err)
	require.Equal(t, &tenants.Remembered{Status: 201, Body: []byte(`{"day":"2026-12-01"}`)}, before)
	require.EqualValues(t, 1, days())
	_, err = once(b, admin, "k1", "b", "2026-12-02", nil)
	require.Equal(t, tenants.KindInvalid, tenants.AsFault(err).Kind)
	before, err = once(b, other, "k1", "b", "2026-12-03", nil)
	require.NoError(t, err)
	require.Nil(t, before, "a key is its person's own")
	for _, key := range []string{"", strings.Repeat("k", 256)} {
		_, err = once(b, admin, key, "a", "2026-12-04", nil)
		require.Equal(t, tenants.KindInvalid, tenants.AsFault(err).Kind)
	}
}

func TestTwinsOfARequestDoItOnce(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin := b.Person(host, tenants.HostAdmin)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = once(b, admin, "k", "a", "2026-12-01", nil)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind, "%v", err)
		}
	}
	before, err := once(b, admin, "k", "a", "2026-12-01", nil)
	require.NoError(t, err)
	require.NotNil(t, before)
	b.Clock.Advance(time.Hour)
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM local_day`))
}
