package body_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/checkin/body"
)

// fields that a generator draws, and the numbers they must come back as.
func drawFields(t *rapid.T) (map[string]any, body.Numbers) {
	var want body.Numbers
	fields := map[string]any{}
	if rapid.Bool().Draw(t, "bytes") {
		want.Bytes = n64(rapid.Int64Min(0).Draw(t, "bytes value"))
		fields["bytes"] = *want.Bytes
	}
	if rapid.Bool().Draw(t, "files") {
		want.Files = n64(rapid.Int64Min(0).Draw(t, "files value"))
		fields["files"] = *want.Files
	}
	if rapid.Bool().Draw(t, "sha256") {
		want.SHA256 = rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "hash")
		fields["sha256"] = want.SHA256
	}
	if rapid.Bool().Draw(t, "generation") {
		want.Generation = rapid.StringMatching(`[A-Za-z0-9世代月火水木金_.:-]{1,60}`).Draw(t, "name")
		fields["generation"] = want.Generation
	}
	if rapid.Bool().Draw(t, "duration") {
		ms := rapid.Int64Range(0, 1e9).Draw(t, "ms")
		want.Duration = ptr(time.Duration(ms) * time.Millisecond)
		fields["duration"] = want.Duration.Seconds()
	}
	if rapid.Bool().Draw(t, "exit") {
		want.ExitHint = ptr(rapid.IntRange(0, 255).Draw(t, "status"))
		fields["exit_status"] = *want.ExitHint
	}
	return fields, want
}

func TestPropertyNamedFieldsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fields, want := drawFields(t)
		values := url.Values{}
		for k, v := range fields {
			values.Set(k, fmt.Sprint(v))
		}
		object, err := json.Marshal(fields)
		require.NoError(t, err)
		if len(fields) > 0 {
			want.Tool = body.ToolJSON
		}
		require.Equal(t, want, body.Parse("application/json", object))
		if len(fields) > 0 {
			want.Tool = body.ToolForm
		}
		require.Equal(t, want, body.Parse(form, []byte(values.Encode())))
	})
}

func TestPropertyResticTextIsReadToItsPrecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.Int64Range(0, 1e12).Draw(t, "files")
		bytes := rapid.Int64Range(0, 1<<50).Draw(t, "bytes")
		sec := rapid.Int64Range(0, 200*3600).Draw(t, "seconds")
		id := rapid.StringMatching(`[0-9a-f]{8}`).Draw(t, "id")
		took := fmt.Sprintf("%d:%02d", sec/60, sec%60)
		if sec >= 3600 {
			took = fmt.Sprintf("%d:%02d:%02d", sec/3600, sec/60%60, sec%60)
		}
		printed, step := binaryUnits(bytes)
		junk := rapid.SampledFrom([]string{"", "x\n", "{\n", "[0:41] 5 files\n", "snapshot of the day\n"}).Draw(t, "junk")
		got := body.Parse("", fmt.Appendf(nil, "%s\nprocessed %d files, %s in %s\nsnapshot %s saved\n%s", junk, files, printed, took, id, junk))

		require.Equal(t, body.ToolRestic, got.Tool)
		require.Equal(t, n64(files), got.Files)
		require.Equal(t, ptr(time.Duration(sec)*time.Second), got.Duration)
		require.Equal(t, id, got.Generation)
		require.Equal(t, step > 1, got.Rounded)
		require.InDelta(t, bytes, *got.Bytes, step/1000/2+1)
	})
}

func binaryUnits(v int64) (string, float64) {
	for i, u := range []string{"TiB", "GiB", "MiB", "KiB"} {
		step := math.Pow(1024, float64(4-i))
		if float64(v) >= step {
			return fmt.Sprintf("%.3f %s", float64(v)/step, u), step
		}
	}
	return fmt.Sprintf("%d B", v), 1
}

func TestPropertyParseOfAnythingIsSane(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(
		rapid.StringN(0, 30, 60),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 30), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{
			"Archive name: ", "Archive fingerprint: " + hash, "Number of files: ", "This archive: ", "5.00 MB ", "12", "\n",
			"Original size: ", "Deduplicated size: ", "Duration: ", "3.00 seconds", "processed 12 files, 1.0 MiB in 0:03",
			"snapshot 1a2b3c4d saved", "terminating with error status, rc 2", "{", "}", "[", "]", `"log":`, `"bytes":7`, ",",
			`{"message_type":"summary","total_bytes_processed":1}`, `{"type":"log_message","message":"This archive: 1 B 1 B 1 B"}`,
			"bytes=5", "&", "log=", "\xFF\xFE", "\x1b[", "\r",
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(strings.Join(rapid.SliceOfN(piece, 0, 25).Draw(t, "pieces"), ""))
		requireSane(t, rapid.SampledFrom([]string{"", form, "application/json"}).Draw(t, "type"), b)
	})
}

func requireSane(t require.TestingT, contentType string, b []byte) {
	got := body.Parse(contentType, b)
	require.Equal(t, got, body.Parse(contentType, b), "the same body says the same")
	for _, v := range []*int64{got.Bytes, got.Files, got.Added} {
		require.True(t, v == nil || *v >= 0)
	}
	require.Contains(t, []string{"", "json", "form", "restic", "borg", "borgmatic"}, got.Tool)
	require.True(t, got.Duration == nil || *got.Duration >= 0)
	require.True(t, got.ExitHint == nil || *got.ExitHint >= 0 && *got.ExitHint <= 255)
	require.True(t, got.SHA256 == "" || len(got.SHA256) == 64 && strings.Trim(got.SHA256, "0123456789abcdef") == "")
	require.True(t, utf8.ValidString(got.Generation))
	require.LessOrEqual(t, utf8.RuneCountInString(got.Generation), 200)
	require.False(t, strings.ContainsFunc(got.Generation, unicode.IsControl))

	whole := body.Tail(b, 4*len(b)+4)
	for _, n := range []int{0, 1, 2, 3, 17, 4096} {
		tail, excerpt := body.Tail(b, n), body.Excerpt(b, n)
		require.True(t, strings.HasSuffix(whole, tail))
		for _, s := range []string{tail, excerpt} {
			require.LessOrEqual(t, len(s), n)
			require.True(t, utf8.ValidString(s))
			require.False(t, strings.ContainsFunc(s, func(r rune) bool {
				return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
			}), "%q", s)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	restic, err := os.ReadFile("testdata/restic.txt")
	require.NoError(b, err)
	for name, in := range map[string][]byte{
		"empty":  nil,
		"json":   []byte(`{"bytes":4302312345,"files":3,"sha256":"` + hash + `","generation":"a","duration":41.5}`),
		"restic": restic,
		"10kB":   append([]byte(strings.Repeat("U srv/koseki/2026/11/22/some-file.dat\n", 260)), restic...),
		"100kB":  append([]byte(strings.Repeat("U srv/koseki/2026/11/22/some-file.dat\n", 2600)), restic...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				body.Parse("", in)
			}
		})
	}
}
