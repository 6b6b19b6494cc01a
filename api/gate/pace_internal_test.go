package gate

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAPaceIsKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
	p := paces{Pace: Pace{PerSecond: 2, Burst: 5}}
	for range 5 {
		require.Zero(t, p.take("a", now))
	}
	require.Equal(t, 500*time.Millisecond, p.take("a", now))
	require.Zero(t, p.take("b", now), "each has their own")
	require.Zero(t, p.take("a", now.Add(500*time.Millisecond)), "after the wait that was told")
	require.Positive(t, p.take("a", now.Add(-time.Hour)))
	require.Zero(t, p.take("a", now.Add(-time.Hour+time.Second)), "a clock that is put back holds nobody up")
	off := paces{}
	for range 10_000 {
		require.Zero(t, off.take("a", now))
	}
}

// Nobody makes more than the bound, nobody below it is refused, and memory is bounded.
func TestAPaceBoundsAndLetsPass(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
		begun := now
		p := paces{Pace: Pace{PerSecond: 3, Burst: 10}}
		passed := 0
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, 500), 1, 200).Draw(t, "gaps") {
			now = now.Add(time.Duration(ms) * time.Millisecond)
			if p.take("a", now) == 0 {
				passed++
			}
			require.LessOrEqual(t, float64(passed), 10+3*now.Sub(begun).Seconds()+1e-6)
			require.Zero(t, p.take("slow", begun.Add(now.Sub(begun).Truncate(time.Second))) > 400*time.Millisecond)
		}
	})
	now := time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
	p := paces{Pace: Pace{PerSecond: 20, Burst: 1200}}
	for i := range maxPaced + 500 {
		require.Zero(t, p.take(strconv.Itoa(i), now))
	}
	require.LessOrEqual(t, len(p.seen), maxPaced)
	require.Zero(t, p.take("next", now.Add(time.Minute)))
	require.Len(t, p.seen, 1, "whoever may make all again is forgotten")
}
