package view

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// drawings are all figures with the sample data, by golden file.
func drawings(l Lang) map[string]string {
	return map[string]string{
		"nights": string(NightsSVG(l, sampleNights(l), date(11, 21))),
		"trend":  string(TrendSVG(l, sampleTrend())),
		"levels": string(LevelsSVG(l, sampleLadder(l))),
		"spark":  string(SparkSVG(l, sampleDurations())),
		"rack":   string(RackSVG(l, sampleDrawing(l, l.Tr("前面", "front")))),
		"plan":   string(PlanSVG(l, sampleFloor(l))),
	}
}

func TestDrawingsAreAsBefore(t *testing.T) {
	t.Parallel()
	for _, l := range []Lang{JA, EN} {
		for name, got := range drawings(l) {
			path := filepath.Join("testdata", name+"."+string(l)+".svg")
			got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "%s changed; run the test with -update and look at it", path)
		}
	}
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, svg)
	}
}

func TestDrawingsTakeAnything(t *testing.T) {
	t.Parallel()
	for _, svg := range drawings(JA) {
		wellFormed(t, svg)
		require.NotContains(t, svg, "style=")
		require.NotContains(t, svg, "NaN")
	}
	require.Empty(t, NightsSVG(JA, nil, date(11, 21)))
	require.Empty(t, TrendSVG(JA, Trend{}))
	require.Empty(t, SparkSVG(JA, []time.Duration{time.Minute}))
	require.Empty(t, SparkSVG(JA, []time.Duration{-1, -1, -1}))

	one := TrendSVG(JA, Trend{Points: []TrendPoint{{Night: date(11, 20), Bytes: 0, Mark: Met}}})
	wellFormed(t, string(one))
	require.NotContains(t, string(one), "NaN")
	never := TrendSVG(EN, Trend{Points: []TrendPoint{{Night: date(11, 19), Bytes: -1, Mark: Missed}, {Night: date(11, 20), Bytes: -1, Mark: Missed}}})
	wellFormed(t, string(never))
	require.Contains(t, string(never), "Missing")
	flat := SparkSVG(JA, []time.Duration{0, 0, 0})
	wellFormed(t, string(flat))
	require.NotContains(t, string(flat), "NaN")
}

func TestDrawingsEscape(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>`
	svg := string(NightsSVG(JA, []Night{{Date: date(11, 20), Verdict: evil, Detail: evil, URL: "javascript:alert(1)"}}, date(11, 21)))
	wellFormed(t, svg)
	require.NotContains(t, svg, "<script>")
	require.NotContains(t, svg, "javascript:")
	svg = string(TrendSVG(JA, Trend{Points: []TrendPoint{{Night: date(11, 20), Bytes: 1, Mark: Suspect, Detail: evil}}}))
	wellFormed(t, svg)
	require.NotContains(t, svg, "<script>")
	for u, want := range map[string]string{"/x?a=1": "/x?a=1", "//evil.example": "#", `/\evil.example`: "#", "https://evil.example": "#", "": "#", "/": "/"} {
		require.Equal(t, want, safeURL(u))
	}
}

// TestNeverByColourAlone: every verdict has its own sign and its own word in the calendar.
func TestNeverByColourAlone(t *testing.T) {
	t.Parallel()
	for _, code := range []string{Met, Late, Failed, Missed, Excused, Unknown, Pending, Suspect} {
		svg := string(NightsSVG(JA, []Night{{Date: date(11, 20), Verdict: code}}, date(11, 21)))
		require.Contains(t, svg, ">"+markOf(code).icon+"<")
		require.Contains(t, svg, JA.VerdictWord(code))
	}
}

func TestLadderSaysEachStep(t *testing.T) {
	t.Parallel()
	svg := string(LevelsSVG(JA, sampleLadder(JA)))
	require.Contains(t, svg, "通読：不合格。")
	require.Contains(t, svg, "構造：未実施。")
	require.Contains(t, svg, "求める深さは構造です。")
	require.Equal(t, 1, strings.Count(svg, "▼ 求める深さ"))
}
