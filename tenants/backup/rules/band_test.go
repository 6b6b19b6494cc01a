package rules

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What lies within the band draws no remark on its size, what lies outside of it does: the band is the rule.
func TestBandIsTheRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(1_000_000, 9_000_000_000), 3, 12).Draw(t, "sizes")
		history := make([]Sample, len(sizes))
		for i, s := range sizes {
			history[i] = Sample{Bytes: s}
		}
		median, low, high, ok := Band(history, Config{})
		require.True(t, ok)
		require.LessOrEqual(t, low, median)
		require.LessOrEqual(t, median, high)
		now := rapid.Int64Range(median/2+1, median*5-1).Draw(t, "now") // half and five times have rules of their own
		stands := false
		for _, f := range Judge(history, Sample{Bytes: now}, Config{}) {
			stands = stands || f.Code == "rules.smaller_before" || f.Code == "rules.larger_before" || f.Code == "rules.smaller" || f.Code == "rules.larger"
		}
		if now > low+1 && now < high-1 {
			require.False(t, stands, "%d within %d–%d", now, low, high)
		}
		if now < low-1 || now > high+1 {
			require.True(t, stands, "%d outside of %d–%d", now, low, high)
		}
	})
}

func TestNoBandFromTooFewRuns(t *testing.T) {
	t.Parallel()
	_, _, _, ok := Band([]Sample{{Bytes: 1}, {Bytes: 2}}, Config{})
	require.False(t, ok)
}
