package rules

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func runs(sizes ...int64) []Sample {
	out := make([]Sample, len(sizes))
	for i, s := range sizes {
		out[i] = Sample{Bytes: s, Duration: 10 * time.Minute}
	}
	return out
}

func codes(fs []Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, f.Code)
	}
	return out
}

const mb, gb = int64(1e6), int64(1e9)

func TestJudge(t *testing.T) {
	t.Parallel()
	steady := runs(4000*mb, 4010*mb, 3990*mb, 4005*mb, 4000*mb)
	lively := runs(3000*mb, 5000*mb, 4000*mb, 3500*mb, 4500*mb)
	same := runs(gb, gb, gb, gb)
	const min10 = 10 * time.Minute

	cases := []struct {
		name    string
		history []Sample
		now     Sample
		cfg     Config
		want    []string
		worst   Severity
	}{
		{"usual", steady, Sample{Bytes: 4008 * mb, Duration: min10}, Config{}, nil, OK},
		{"below half is critical", steady, Sample{Bytes: 1800 * mb, Duration: min10}, Config{}, []string{"rules.shrunk"}, Critical},
		{"exactly half is not below half", same, Sample{Bytes: gb / 2, Duration: min10}, Config{}, []string{"rules.smaller"}, Warning},
		{"above five times is a warning", steady, Sample{Bytes: 21 * gb, Duration: min10}, Config{}, []string{"rules.grown"}, Warning},
		{"z-score with small spread", steady, Sample{Bytes: 3000 * mb, Duration: min10}, Config{}, []string{"rules.smaller"}, Warning},
		{"the same change in a lively series is fine", lively, Sample{Bytes: 3000 * mb, Duration: min10}, Config{}, nil, OK},
		{"larger", steady, Sample{Bytes: 5000 * mb, Duration: min10}, Config{}, []string{"rules.larger"}, Warning},
		{"MAD zero: a byte more is nothing", same, Sample{Bytes: gb + 1, Duration: min10}, Config{}, nil, OK},
		{"MAD zero: eleven percent stands out", same, Sample{Bytes: gb + gb*11/100, Duration: min10}, Config{}, []string{"rules.larger"}, Warning},
		{"MAD zero: own minimum change", same, Sample{Bytes: gb + gb*11/100, Duration: min10}, Config{MinChange: 0.2}, nil, OK},
		{"no history", nil, Sample{Bytes: gb, Duration: min10}, Config{}, []string{"rules.provisional"}, OK},
		{"two runs: no z", runs(gb, gb), Sample{Bytes: gb * 7 / 10, Duration: min10}, Config{}, []string{"rules.provisional"}, OK},
		{"two runs: half still counts", runs(gb, gb), Sample{Bytes: gb * 4 / 10, Duration: min10}, Config{}, []string{"rules.shrunk", "rules.provisional"}, Critical},
		{"zero bytes", steady, Sample{Duration: min10}, Config{}, []string{"rules.zero"}, Critical},
		{"zero bytes without history", nil, Sample{}, Config{}, []string{"rules.zero", "rules.provisional"}, Critical},
		{"plan's minimum", steady, Sample{Bytes: 4000 * mb, Duration: min10}, Config{MinBytes: 5 * gb}, []string{"rules.below_min"}, Critical},
		{"plan's maximum", steady, Sample{Bytes: 4000 * mb, Duration: min10}, Config{MaxBytes: 3 * gb}, []string{"rules.above_max"}, Warning},
		{"too fast", steady, Sample{Bytes: 4000 * mb, Duration: 100 * time.Second}, Config{}, []string{"rules.too_fast"}, Warning},
		{"too slow", steady, Sample{Bytes: 4000 * mb, Duration: 40 * time.Minute}, Config{}, []string{"rules.too_slow"}, Warning},
		{"unknown duration", steady, Sample{Bytes: 4000 * mb}, Config{}, nil, OK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Judge(c.history, c.now, c.cfg)
			require.ElementsMatch(t, c.want, codes(got))
			require.Equal(t, c.worst, Worst(got))
		})
	}
}

func TestShortJobsAreNeverTooFast(t *testing.T) {
	t.Parallel()
	var history []Sample
	for range 5 {
		history = append(history, Sample{Bytes: gb, Duration: 8 * time.Second})
	}
	require.Empty(t, Judge(history, Sample{Bytes: gb, Duration: time.Second}, Config{}))
}

func TestStale(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	history := runs(gb, gb, gb)
	history[1].SHA256, history[2].SHA256 = b, a

	got := Judge(history, Sample{Bytes: gb, SHA256: strings.ToUpper(a)}, Config{})
	require.Equal(t, []string{"rules.stale"}, codes(got))
	require.Equal(t, Critical, got[0].Severity)
	require.Empty(t, Judge(history, Sample{Bytes: gb, SHA256: a}, Config{SameAllowed: true}))
	require.Empty(t, Judge(history, Sample{Bytes: gb, SHA256: b}, Config{}), "only the previous good run counts")
	require.Empty(t, Judge(runs(gb, gb, gb), Sample{Bytes: gb}, Config{}), "no hash is not the same hash")
}

func TestOnlyTheLastTenCount(t *testing.T) {
	t.Parallel()
	history := append(runs(gb, gb, gb, gb, gb, gb, gb, gb, gb, gb, gb, gb),
		runs(9*gb, 9*gb, 9*gb, 9*gb, 9*gb, 9*gb, 9*gb, 9*gb, 9*gb, 9*gb)...)
	require.Empty(t, Judge(history, Sample{Bytes: 9 * gb, Duration: 10 * time.Minute}, Config{}))
}

func TestTheSentenceOfTheIssue(t *testing.T) {
	t.Parallel()
	history := runs(4*gb, 4*gb, 4*gb)
	got := Judge(history, Sample{Bytes: 1800 * mb}, Config{})
	require.Equal(t, "rules.shrunk", got[0].Code)
	require.True(t, strings.HasPrefix(fill(Sentences[got[0].Code][0], got[0].Params), "昨夜の4.0 GBに対し1.8 GB（45 %）"))

	night := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	history[2].Night = night
	require.Equal(t, "rules.shrunk", Judge(history, Sample{Bytes: 1800 * mb, Night: night.AddDate(0, 0, 1)}, Config{})[0].Code)
	require.Equal(t, "rules.shrunk_before", Judge(history, Sample{Bytes: 1800 * mb, Night: night.AddDate(0, 0, 3)}, Config{})[0].Code)
}

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

func fill(s string, params map[string]string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		if v, ok := params[p[1:len(p)-1]]; ok {
			return v
		}
		return p
	})
}

// Whatever the numbers, Judge does not panic, every code has both sentences and
// every placeholder is filled.
func TestEveryFindingCanBeSaid(t *testing.T) {
	t.Parallel()
	sample := rapid.Custom(func(t *rapid.T) Sample {
		return Sample{
			Bytes:    rapid.Int64().Draw(t, "bytes"),
			Duration: time.Duration(rapid.Int64Range(-1, int64(48*time.Hour)).Draw(t, "duration")),
			SHA256:   rapid.SampledFrom([]string{"", "aa", "AA", "bb"}).Draw(t, "sha"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		history := rapid.SliceOfN(sample, 0, 14).Draw(t, "history")
		now := sample.Draw(t, "now")
		cfg := Config{MinBytes: rapid.Int64Range(0, gb).Draw(t, "min"), MaxBytes: rapid.Int64Range(0, gb).Draw(t, "max")}
		for _, f := range Judge(history, now, cfg) {
			both, ok := Sentences[f.Code]
			require.True(t, ok, f.Code)
			for _, s := range both {
				require.NotContains(t, fill(s, f.Params), "{", f.Code)
			}
		}
	})
}

// A backup at less than half of the median is critical whatever else is true.
func TestBelowHalfIsAlwaysCritical(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(1000, 1e15), 1, 12).Draw(t, "sizes")
		history := runs(sizes...)
		recent := sizes
		if len(recent) > 10 {
			recent = recent[len(recent)-10:]
		}
		values := make([]float64, len(recent))
		for i, s := range recent {
			values[i] = float64(s)
		}
		median, _ := medianMAD(values)
		now := int64(median * rapid.Float64Range(0, 0.499).Draw(t, "share"))
		require.Equal(t, Critical, Worst(Judge(history, Sample{Bytes: now}, Config{})))
	})
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 34_240: "34.2 kB", 412_000_000: "412 MB",
		1_800_000_000: "1.8 GB", 4_000_000_000: "4.0 GB", 99_960_000: "100 MB", 999_960: "1.0 MB",
		12_400_000_000: "12.4 GB", -5_000: "-5.0 kB", 9_223_372_036_854_775_807: "9.2 EB", -9_223_372_036_854_775_808: "-9.2 EB",
	} {
		require.Equal(t, want, FormatBytes(n))
	}
	require.Equal(t, "0:08", FormatDuration(8*time.Second))
	require.Equal(t, "59:59", FormatDuration(time.Hour-time.Second))
	require.Equal(t, "1:20:05", FormatDuration(time.Hour+20*time.Minute+5*time.Second))
	require.Equal(t, "0.4", percent(4, 1000))
	require.Equal(t, "-", percent(4, 0))
}
