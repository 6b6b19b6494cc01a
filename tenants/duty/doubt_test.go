package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

// A leap of more than a week puts the date in doubt for thirty days, for the job before anybody has written it down too.
func TestADateThatLeaptIsInDoubt(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := duty.Pulse{Node: uuid.New()}
	doubt := func(who tenants.Actor) (until time.Time) {
		w.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			until, err = duty.DoubtUntil(ctx, tx)
			return err
		})
		return until
	}
	require.Zero(t, doubt(w.job), "a first start is no leap")
	w.pulse(node)
	w.Clock.Advance(6 * 24 * time.Hour)
	require.Zero(t, doubt(w.job), "a long weekend")
	w.pulse(node)

	w.Clock.Advance(4 * 366 * 24 * time.Hour)
	back := w.Clock.Now()
	until := back.Add(30 * 24 * time.Hour)
	require.WithinDuration(t, until, doubt(w.job), 0)
	w.pulse(node)
	host := w.Person(w.Town("むかわ町", "015865"), tenants.Town)
	for at := back; at.Before(until); at = at.Add(24 * time.Hour) {
		w.Clock.Set(at)
		w.SQL(`UPDATE heartbeat SET seen_at = $1`, at)
		require.WithinDuration(t, until, doubt(w.job), 0)
		require.WithinDuration(t, until, doubt(host), 0)
	}
	w.Clock.Set(until)
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, until)
	require.Zero(t, doubt(w.job))
}
