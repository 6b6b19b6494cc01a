package tenants_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

// hands are the clocks around a node: the database's, the machine's own, and the one that only ever runs on.
type hands struct {
	database, wall time.Time
	ran            time.Duration
	slow           time.Duration // how long the database takes to answer
	away           error
}

func (h *hands) pass(d time.Duration) {
	h.database, h.wall, h.ran = h.database.Add(d), h.wall.Add(d), h.ran+d
}

func (h *hands) clock() *tenants.Clock {
	return tenants.NewClock(tenants.ClockConfig{
		Ask: func(context.Context) (time.Time, error) {
			h.pass(h.slow / 2)
			at := h.database
			h.pass(h.slow / 2)
			return at, h.away
		},
		Wall: func() time.Time { return h.wall }, Elapsed: func() time.Duration { return h.ran },
	})
}

func TestTheDatabasesClockIsEverybodys(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	h := &hands{database: noon, wall: noon.Add(3 * time.Hour), slow: 200 * time.Millisecond}
	c := h.clock()
	require.Equal(t, h.wall, c.Now(), "before anybody asked, its own")
	step, err := c.Compare(t.Context())
	require.NoError(t, err)
	require.Equal(t, -3*time.Hour, step.By())
	require.Equal(t, h.database, c.Now(), "the way there and back is taken off")
	require.Equal(t, 3*time.Hour, c.Off())

	h.pass(20 * time.Second)
	require.Equal(t, h.database, c.Now())
	h.wall = h.wall.Add(-9 * time.Hour) // somebody sets the machine's clock: nobody notices
	require.Equal(t, h.database, c.Now())
	require.Equal(t, -6*time.Hour, c.Off())
	step, err = c.Compare(t.Context())
	require.NoError(t, err)
	require.Zero(t, step.By())

	h.database = h.database.Add(400 * time.Millisecond) // within what counts as the same
	step, err = c.Compare(t.Context())
	require.NoError(t, err)
	require.Zero(t, step.By())
	require.Equal(t, h.database.Add(-400*time.Millisecond), c.Now())

	before := c.Now()
	h.database = h.database.Add(-2 * time.Hour) // the database's own clock is set
	step, err = c.Compare(t.Context())
	require.NoError(t, err)
	require.Equal(t, -2*time.Hour+400*time.Millisecond, step.By())
	require.Equal(t, before.Add(h.slow), step.From)
	require.Equal(t, h.database, c.Now())

	h.away, h.database = errors.New("away"), h.database.Add(time.Hour)
	before = c.Now()
	_, err = c.Compare(t.Context())
	require.ErrorContains(t, err, "away")
	require.Equal(t, before.Add(h.slow), c.Now(), "an answer that did not come moves nothing")
}

func TestNodesWithDifferentClocksAgree(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	a := &hands{database: noon, wall: noon.Add(-5 * time.Hour)}
	b := &hands{database: noon, wall: noon.AddDate(70, 0, 0), slow: time.Second}
	one, other := a.clock(), b.clock()
	for range 50 {
		_, err := one.Compare(t.Context())
		require.NoError(t, err)
		_, err = other.Compare(t.Context())
		require.NoError(t, err)
		a.pass(b.database.Sub(a.database)) // b's answer took a second
		require.Less(t, one.Now().Sub(other.Now()).Abs(), tenants.SameTime)
	}
}

func TestAWordOfTheMachinesOwnClockOnlyWhereItMatters(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	h := &hands{database: noon, wall: noon}
	c := h.clock()
	_, err := c.Compare(t.Context())
	require.NoError(t, err)
	h.wall = h.wall.Add(499 * time.Millisecond)
	require.Zero(t, c.Off())
	h.wall = h.wall.Add(2 * time.Millisecond)
	require.Equal(t, 501*time.Millisecond, c.Off())
	real := tenants.NewClock(tenants.ClockConfig{Ask: func(context.Context) (time.Time, error) { return time.Now(), nil }})
	step, err := real.Compare(t.Context())
	require.NoError(t, err)
	require.Zero(t, step.By())
	require.WithinDuration(t, time.Now(), real.Now(), time.Second)
}
