package tlog_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
)

// anything draws a JSON value as text, spaced and escaped at will.
func anything(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	space := rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(t, "space")
	word := func() string {
		s := strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")
		b, _ := json.Marshal(s) // with < as \u003c, and U+2028 as an escape
		return string(b)
	}
	switch kind {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "word")
	case 1, 2:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
	case 3, 4:
		return word()
	}
	var parts []string
	seen := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "n") {
		v := space + anything(t, depth-1) + space
		if kind == 5 {
			parts = append(parts, v)
			continue
		}
		var name string
		text := word()
		if json.Unmarshal([]byte(text), &name) == nil && !seen[name] {
			seen[name] = true
			parts = append(parts, space+text+space+":"+v)
		}
	}
	if kind == 5 {
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// TestTheCanonicalFormIsThatOfTheValue: what PostgreSQL makes of a JSON value in its own way (other order, other spaces, other
// escapes, numbers as numeric) has the form that the value has, and that form is a value that says the same.
func TestTheCanonicalFormIsThatOfTheValue(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := anything(rt, 3)
		form, err := evidence.Canonical([]byte(text))
		require.NoError(rt, err, text)
		again, err := evidence.Canonical(form)
		require.NoError(rt, err)
		require.Equal(rt, string(form), string(again), "it is its own form")
		var stored string
		require.NoError(rt, b.Owner.QueryRow(t.Context(), `SELECT CAST(CAST($1::text AS jsonb) AS text)`, text).Scan(&stored))
		kept, err := evidence.Canonical([]byte(stored))
		require.NoError(rt, err)
		require.Equal(rt, string(form), string(kept), "as it comes out of a jsonb column: %s", stored)
		var same bool
		require.NoError(rt, b.Owner.QueryRow(t.Context(), `SELECT CAST($1::text AS jsonb) = CAST($2::text AS jsonb)`, text, string(form)).Scan(&same))
		require.True(rt, same, "it says the same")
	})
}

// TestARowHasOneFormWhateverTheSession: the leaf of a row does not depend on how the session that reads it writes values.
func TestARowHasOneFormWhateverTheSession(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	name := tenantstest.Value[string](h.Bench, `SELECT current_database()::text`)
	micro := tenantstest.Start.Add(123456 * time.Microsecond)
	h.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, before, request_id, remote) VALUES ($1, $2, '見本 𠮷', '', 'x', 'x', '{"n": 1.50, "b": 12345678901234567890.10, "a": "\u2028<"}', '', '')`, h.town, micro)
	h.nights(1)
	first := h.whole()
	require.Contains(t, string(first), `"at":"2026-11-20T22:30:00.123456Z"`)
	for _, set := range []string{`TimeZone = 'Asia/Tokyo'`, `DateStyle = 'SQL, DMY'`, `bytea_output = 'escape'`, `IntervalStyle = 'iso_8601'`, `extra_float_digits = 0`} {
		h.SQL(`ALTER DATABASE ` + name + ` SET ` + set)
	}
	h.Handle.Pool.Reset()
	require.Empty(t, h.inspect())
	second := h.export(h.audit, day{}, calendar.MustDate(2026, time.November, 21))
	r := h.verify(second, evidence.Trust{})
	require.True(t, r.Holds(), said(r))
}

func TestWhatHasNoCanonicalForm(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "{", "1 2", `{"a":1,"a":2}`, "\xff", `"\xff"`, "1e999999999", "-1e-999999999", "01", "[1,]", strings.Repeat("[", 300), `{"a"}`, "nul"} {
		_, err := evidence.Canonical([]byte(bad))
		require.Error(t, err, bad)
	}
	for in, want := range map[string]string{"-0": "0", "-0.00": "0.00", "1e2": "100", "1.50e1": "15.0", "15e-1": "1.5", "1.50": "1.50", "-12e-4": "-0.0012", "0e5": "0", `"\u00e9\/\u001f\u007f"`: "\"é/\\u001f\x7f\"", `{"b":1,"a":[ ]}`: `{"a":[],"b":1}`} {
		out, err := evidence.Canonical([]byte(in))
		require.NoError(t, err, in)
		require.Equal(t, want, string(out), in)
	}
}
