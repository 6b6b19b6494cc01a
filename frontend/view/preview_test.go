package view

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func newTestEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := New(Options{Zone: tokyo, Asset: func(name string) string { return "/assets/" + name }})
	require.NoError(t, err)
	return e
}

// TestPreview writes every sample page to a directory, to be looked at in a browser.
func TestPreview(t *testing.T) {
	dir := os.Getenv("TANAMORI_PREVIEW_DIR")
	if dir == "" {
		t.Skip("set TANAMORI_PREVIEW_DIR to write the sample pages there")
	}
	e := newTestEngine(t)
	for _, l := range []Lang{JA, EN} {
		for name, p := range samples(l) {
			var buf bytes.Buffer
			require.NoError(t, e.Render(&buf, p), name)
			require.NoError(t, os.WriteFile(filepath.Join(dir, string(l)+"-"+name+".html"), buf.Bytes(), 0o644))
		}
	}
	t.Log(strings.Join(slices.Sorted(maps.Keys(samples(JA))), " "))
}
