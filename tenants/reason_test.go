package tenants_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

var _ = tenants.Sentences(map[string][2]string{
	"test.plain":  {"予定どおりです", "As planned"},
	"test.filled": {"{level}まで（{bytes}）", "up to {level} ({bytes})"},
	"test.word":   {"構造", "structure"},
	"test.nested": {"{level}の{x}", "{x} of {level}"},
})

var _ = tenants.Shorts(map[string][2]string{"test.filled": {"{level}", "{level}!"}})

func TestAReasonInBothLanguages(t *testing.T) {
	t.Parallel()
	r := tenants.Reason{Code: "test.filled", Params: tenants.Params{"level": "@test.word", "bytes": "412 MB"}}
	require.Equal(t, "構造まで（412 MB）", r.In("ja"))
	require.Equal(t, "up to structure (412 MB)", r.In("en"))
	require.Equal(t, "構造まで（412 MB）", r.In("fr"), "whoever reads neither reads Japanese")
	require.Equal(t, "構造", r.Short("ja"))
	require.Equal(t, "structure!", r.Short("en"))
	require.Equal(t, "予定どおりです", tenants.Reason{Code: "test.plain"}.Short("ja"), "without a short form its sentence")
	require.Equal(t, "test.unheard_of", tenants.Reason{Code: "test.unheard_of"}.In("ja"), "never nothing")
	require.Empty(t, tenants.Reason{}.In("ja"))

	// A value that a machine or a person wrote is a value, whatever it looks like.
	r.Params = tenants.Params{"level": "@nobody.knows", "bytes": "{level}"}
	require.Equal(t, "@nobody.knowsまで（{level}）", r.In("ja"))
	r = tenants.Reason{Code: "test.filled", Params: tenants.Params{"level": "5"}}
	require.Equal(t, "5まで（{bytes}）", r.In("ja"), "what is missing is seen")
	r = tenants.Reason{Code: "test.nested", Params: tenants.Params{"level": "@test.filled", "x": "@test.nested"}}
	require.Equal(t, "{level}まで（{bytes}）の{level}の{x}", r.In("ja"), "nesting goes one step and ends")
}

func TestParamsAreKeptAsJSON(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	b.SQL(`CREATE TABLE kept (n integer, p jsonb)`)
	b.SQL(`GRANT SELECT, INSERT ON kept TO tanamori_job`)
	b.Do(tenants.Job("x"), func(_ context.Context, tx *tenants.Tx) error {
		for n, p := range []tenants.Params{nil, {}, {"name": "「戸籍」\"\\\n𠮷", "at": "02:41"}} {
			require.NoError(t, tx.DB.Exec(`INSERT INTO kept VALUES (@n, @p)`, map[string]any{"n": n, "p": p}).Error)
		}
		require.NoError(t, tx.DB.Exec(`INSERT INTO kept VALUES (3, NULL), (4, 'null')`).Error)
		var back []struct{ P tenants.Params }
		require.NoError(t, tx.DB.Raw(`SELECT p FROM kept ORDER BY n`).Scan(&back).Error)
		require.Equal(t, tenants.Params{}, back[0].P, "no parameters are none, not NULL")
		require.Equal(t, tenants.Params{}, back[1].P)
		require.Equal(t, tenants.Params{"name": "「戸籍」\"\\\n𠮷", "at": "02:41"}, back[2].P)
		require.Nil(t, back[3].P)
		require.Nil(t, back[4].P)
		return nil
	})
	var p tenants.Params
	require.Error(t, p.Scan(7))
	require.Error(t, p.Scan("[]"))
	require.NoError(t, p.Scan([]byte(`{"a":"b"}`)))
	require.Equal(t, tenants.Params{"a": "b"}, p)
}

// parts are strings in the rooms that look like a reason's code and are none, each with what it is.
var parts = map[string]string{
	"backup.said":    "_matches and _differs are put behind it",
	"backup.sidecar": "_matches and _differs are put behind it",
}

var (
	codeShape   = regexp.MustCompile(`^(backup|duty|incident|store|rules|verify|level|schedule)\.[a-z0-9_-]+$`)
	placeholder = regexp.MustCompile(`\{[a-z_0-9]+\}`)
)

func TestEveryReasonHasItsSentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	acts := constants(t, "permit.go", "Act")
	seen := 0
	check := func(file, code string) {
		require.True(t, tenants.Known(code), "%s uses %s, which has no sentence", file, code)
		ja, en := tenants.Reason{Code: code}.In("ja"), tenants.Reason{Code: code}.In("en")
		require.NotEmpty(t, ja, code)
		require.NotEmpty(t, en, code)
		require.Regexp(t, `[ぁ-んァ-ヶ一-龠]`, ja, code)
		require.NotRegexp(t, `[ぁ-んァ-ヶ一-龠]`, en, code)
		require.NotContains(t, ja, "サーバー", "%s: サーバ is written without 長音", code)
		have := func(s string) []string {
			found := placeholder.FindAllString(s, -1)
			slices.Sort(found)
			return slices.Compact(found)
		}
		for _, p := range have(en) {
			require.Contains(t, have(ja), p, "%s: what the English says the Japanese says too", code)
		}
		seen++
	}
	for _, l := range literals(t, codeShape.MatchString) {
		if slices.Contains(acts, l.text) || strings.HasPrefix(l.text, "schedule.") || strings.HasSuffix(l.text, "_") {
			continue // acts of the operation log; a schedule's faults bring their own words; codes put together
		}
		if _, none := parts[l.text]; none {
			continue
		}
		check(l.file, l.text)
	}
	for _, code := range []string{"backup.said_matches", "backup.said_differs", "backup.sidecar_matches", "backup.sidecar_differs",
		"rules.shrunk_before", "rules.grown_before", "rules.smaller_before", "rules.larger_before", "rules.stale_before",
		"level.-1", "level.0", "level.5"} {
		check("put together", code)
	}
	require.Greater(t, seen, 100)
}
