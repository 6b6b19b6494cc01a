package body_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin/body"
)

// FuzzParse: whatever is sent says something sane, says the same however the text is encoded, and what was understood can
// be said again in the plain fields.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add("", b)
		f.Add(form, append([]byte("log="), b...))
	}
	f.Add(form, []byte("bytes=5&sha256="+hash))
	f.Add("application/json", []byte(`{"bytes":5,"log":"processed 1 files, 1 B in 0:01"}`))
	f.Add("application/json", []byte(`{"bytes":"1,234","files":12,"duration":41.5,"modified":"2026-11-21T02:10:00+09:00","generation":"月曜","exit_status":"0"}`))
	f.Fuzz(func(t *testing.T, contentType string, b []byte) {
		requireSane(t, contentType, b)
		got := body.Parse(contentType, b)
		requireSameInUTF16(t, contentType, b, got)
		requireSaidAgain(t, got)
		long := append(bytes.Repeat([]byte("x"), body.Limit), b...)
		if tail := long[len(long)-body.Limit:]; len(b) > 0 {
			require.Equal(t, body.Parse(contentType, tail), body.Parse(contentType, long), "of a long body the end counts")
		}
	})
}

// requireSameInUTF16: PowerShell's encoding of the same text says the same.
func requireSameInUTF16(t *testing.T, contentType string, b []byte, got body.Numbers) {
	t.Helper()
	marked := bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF})
	if !utf8.Valid(b) || marked || 2*len(b)+2 > body.Limit {
		return
	}
	for _, big := range []int{0, 1} {
		wide := [][]byte{{0xFF, 0xFE}, {0xFE, 0xFF}}[big]
		for _, unit := range utf16.Encode([]rune(string(b))) {
			wide = append(wide, byte(unit>>(8*big)), byte(unit>>(8*(1-big))))
		}
		require.Equal(t, got, body.Parse(contentType, wide))
	}
}

// requireSaidAgain: numbers written out as the fields that are documented are read as the same numbers.
func requireSaidAgain(t *testing.T, got body.Numbers) {
	t.Helper()
	fields := map[string]any{}
	want := body.Numbers{Bytes: got.Bytes, Files: got.Files, SHA256: got.SHA256, Generation: got.Generation, ExitHint: got.ExitHint, Modified: got.Modified}
	if got.Bytes != nil {
		fields["bytes"] = *got.Bytes
	}
	if got.Files != nil {
		fields["files"] = *got.Files
	}
	if got.SHA256 != "" {
		fields["sha256"] = got.SHA256
	}
	if got.Generation != "" {
		fields["generation"] = got.Generation
	}
	if got.ExitHint != nil {
		fields["exit_status"] = *got.ExitHint
	}
	if got.Modified != nil {
		fields["modified"] = got.Modified.Format(time.RFC3339Nano)
	}
	if len(fields) > 0 {
		want.Tool = body.ToolJSON
	}
	object, err := json.Marshal(fields)
	require.NoError(t, err)
	require.Equal(t, want, body.Parse("application/json", object), "%s", object)
}
