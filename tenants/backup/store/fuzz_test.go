package store

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzPattern: whatever is accepted stays below the root for any date and is no longer than the pattern itself; what is
// not is refused with words.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"a", "{YYYY}/{night:YYYY-MM-DD}*", "../a", "{night:..}", "a/./b", "{", "C:x", "a\\b", "?*",
		"rankoshi/koseki-{YYYY}{MM}{DD}.tar.gz", "{night:YY.MM_DD}/戸籍?.zst", "{hh}{mm}/*/x*", strings.Repeat("a", maxPattern+1)} {
		f.Add(s, int64(0))
		f.Add(s, int64(1795269900))
	}
	f.Fuzz(func(t *testing.T, s string, at int64) {
		p, err := ParsePattern(s)
		if err != nil {
			var refused *PatternError
			require.ErrorAs(t, err, &refused)
			require.Contains(t, Sentences, refused.Code)
			require.True(t, p.IsZero())
			return
		}
		require.Equal(t, s, p.String())
		when := time.Unix(at%(1<<37), 0).UTC() // to the year 6325
		got := p.Expand(when, when)
		require.True(t, fs.ValidPath(got), "%q expands to %q", s, got)
		require.NoError(t, checkName("find", got))
		require.LessOrEqual(t, len(got), maxPattern)
		require.Equal(t, strings.Count(s, "/"), strings.Count(got, "/"), "a date adds no folder")
		require.Equal(t, got, p.Expand(when, when))
	})
}

// FuzzMatches: the matcher agrees with the same pattern as a regular expression.
func FuzzMatches(f *testing.F) {
	for _, s := range [][2]string{{"*", "a"}, {"a*c", "abbc"}, {"a?c", "a戸c"}, {"*.tar.gz", "x.tar.gz.part"}, {".*", ".x"}, {"**a", "bca"}, {"?", ""}, {"a[b]", "ab"},
		{strings.Repeat("*a", 40) + "b", strings.Repeat("a", 250)}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(name) || len(pattern) > maxPattern || len(name) > 255 {
			return // no pattern that is accepted, no name that a directory can hold
		}
		expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`^(?s:` + expr + `)$`).MatchString(name)
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
			want = false
		}
		require.Equal(t, want, matches(pattern, name), "%q %q", pattern, name)
	})
}

// FuzzParseSidecar: what is found is a checksum, stands in the file, is found whatever the line ends, and is found again
// where the source's tool writes it anew.
func FuzzParseSidecar(f *testing.F) {
	for _, s := range []string{sumA + "  koseki.tar\n", sumA + " *koseki.tar\r\n", "SHA256 (koseki.tar) = " + sumA, "SHA256(koseki.tar)= " + sumA + "\n",
		`\` + sumA + `  dir\\x/koseki.tar` + "\n", "\ufeff" + strings.ToUpper(sumA), sumA + `  D:\out\koseki.tar` + "\r\n", "# by cron\n\n" + sumA + "  koseki.tar\n",
		sumB + "  other.tar\n" + sumA + "  koseki.tar\n", sumA + "\n" + sumB + "\n", "SHA256 (a (1)/koseki.tar) = " + sumA} {
		f.Add([]byte(s), "koseki.tar")
	}
	f.Add([]byte(`\`+sumA+` *a\\b`), "b")
	f.Fuzz(func(t *testing.T, data []byte, base string) {
		sum, err := ParseSidecar(data, base)
		if err != nil {
			require.Empty(t, sum)
			return
		}
		require.True(t, isSHA256(sum))
		require.Equal(t, strings.ToLower(sum), sum)
		require.Contains(t, strings.ToLower(string(data)), sum)
		if lines := strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n", "\r\n"); len(lines) <= MaxSidecar {
			again, err := ParseSidecar([]byte(lines), base)
			require.NoError(t, err)
			require.Equal(t, sum, again)
		}
		if path.Base(base) != base || strings.ContainsAny(base, "\\\r\n") || strings.TrimSpace(base) != base || len(base) > 255 {
			return // no name that sha256sum writes as it is
		}
		for _, line := range []string{sum + "  " + base + "\n", sum + " *" + base + "\r\n", "SHA256 (" + base + ") = " + sum + "\n"} {
			again, err := ParseSidecar([]byte(line), base)
			require.NoError(t, err, "%q", line)
			require.Equal(t, sum, again)
		}
	})
}
