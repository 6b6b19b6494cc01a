package room_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

func TestOfManyTabletsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := func(n int, act func(ctx context.Context, tx *tenants.Tx) error) (won int, said []string) {
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range errs {
			wg.Go(func() { errs[i] = s.Try(s.operator, act) })
		}
		wg.Wait()
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			f := &tenants.Fault{}
			require.True(t, errors.As(err, &f) && (f.Kind == tenants.KindInvalid || f.Kind == tenants.KindConflict), "%v", err)
			text := f.Ja
			if len(f.Fields) > 0 {
				text = f.Fields[0].Ja
			}
			said = append(said, text)
		}
		return won, said
	}
	in := s.round()
	in.AreaID = s.area
	won, said := at(20, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Enter(ctx, tx, in); return err })
	require.Equal(t, 1, won)
	for _, text := range said {
		require.Contains(t, text, "記録："+s.operator.Text())
	}
	id := tenantstest.Value[int64](s.Bench, `SELECT entry_id FROM room_inside`)
	won, said = at(20, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Leave(ctx, tx, id, room.LeaveInput{})
		return err
	})
	require.Equal(t, 1, won)
	for _, text := range said {
		require.Contains(t, text, "退室しています（記録："+s.operator.Text())
	}
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM occurrence`), "the lock is asked for once")

	// The database keeps it too, whoever writes.
	s.enter(s.operator, in)
	_, err := s.TrySQL(`INSERT INTO room_inside (tenant_id, area_id, subject, entry_id) SELECT tenant_id, area_id, subject, $1 FROM room_inside`, id)
	require.Error(t, err)
}
