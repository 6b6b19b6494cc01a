package store

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	scheduled = time.Date(2026, 11, 22, 1, 5, 0, 0, time.UTC)
	night     = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
)

func TestPatternExpands(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"koseki.tar.gz":                          "koseki.tar.gz",
		"rankoshi/koseki-{YYYY}{MM}{DD}.tar.gz":  "rankoshi/koseki-20261122.tar.gz",
		"{YY}/{hh}{mm}.zip":                      "26/0105.zip",
		"koseki-{night:YYYYMMDD}.dump":           "koseki-20261121.dump",
		"koseki-{night:YYYY-MM-DD}*.dump":        "koseki-2026-11-21*.dump",
		"{night:YY.MM_DD}/戸籍?.zst":               "26.11_21/戸籍?.zst",
		"{YYYY}/{night:MM}/koseki_{hh}*.tar.zst": "2026/11/koseki_01*.tar.zst",
	} {
		p, err := ParsePattern(in)
		require.NoError(t, err, in)
		require.Equal(t, in, p.String())
		require.Equal(t, want, p.Expand(scheduled, night))
	}
	require.True(t, Pattern{}.IsZero())
}

func TestPatternRefused(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                          "store.pattern_empty",
		"/etc/passwd":               "store.pattern_absolute",
		"C:/backup.zip":             "store.pattern_absolute",
		"../other/koseki.tar":       "store.pattern_parent",
		"a/../../b":                 "store.pattern_parent",
		"a/{night:..}/b":            "store.pattern_parent",
		"{night:.}{night:.}/b":      "store.pattern_parent",
		`a\..\b`:                    "store.pattern_backslash",
		"a//b":                      "store.pattern_element",
		"a/./b":                     "store.pattern_element",
		"a/":                        "store.pattern_element",
		"a\x00b":                    "store.pattern_control",
		"a\nb":                      "store.pattern_control",
		"a\xffb":                    "store.pattern_control",
		"{YYYY":                     "store.pattern_brace",
		"YYYY}":                     "store.pattern_brace",
		"{Y{YYYY}}":                 "store.pattern_brace",
		"{yyyy}":                    "store.pattern_unknown",
		"{night}":                   "store.pattern_unknown",
		"{night:}":                  "store.pattern_unknown",
		"{night:YYYY/MM}":           "store.pattern_unknown",
		"{night:hh}":                "store.pattern_unknown",
		"*/*/*":                     "store.pattern_wild",
		strings.Repeat("a", 1025):   "store.pattern_long",
		"{../../etc}":               "store.pattern_parent",
		"{night:YYYY}/{..}/a":       "store.pattern_unknown",
		"{YYYY}/../{MM}/koseki.tar": "store.pattern_parent",
	} {
		_, err := ParsePattern(in)
		var refused *PatternError
		require.ErrorAs(t, err, &refused, in)
		require.Equal(t, want, refused.Code, in)
		require.Contains(t, Sentences, refused.Code)
		require.NotEmpty(t, refused.Error())
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	yes := [][2]string{{"*", "a"}, {"a*c", "abbc"}, {"a?c", "a戸c"}, {"*.tar.gz", "x.tar.gz"}, {"a[b]", "a[b]"}, {".*", ".x"}, {"**a", "bca"}, {"a*", "a"}}
	no := [][2]string{{"*", ".hidden"}, {"?", ""}, {"a?c", "ac"}, {"*.tar.gz", "x.tar.gz.part"}, {"a[b]", "ab"}, {"A", "a"}}
	for _, c := range yes {
		require.True(t, matches(c[0], c[1]), c)
	}
	for _, c := range no {
		require.False(t, matches(c[0], c[1]), c)
	}
	require.False(t, matches(strings.Repeat("*a", 400)+"b", strings.Repeat("a", 250)))
}
