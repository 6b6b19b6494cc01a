package reliability_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
)

// verify runs the program's own check, without any database.
func verify(t testing.TB, args ...string) (code int, said string) {
	t.Helper()
	n := spawn(t, []string{"LC_ALL=C"}, append([]string{"verify"}, args...)...)
	<-n.ended
	return n.state.ExitCode(), n.said.String()
}

// trusted checks a town's evidence against a checkpoint of what was lost, which proves nothing by itself, and the key that the
// town was sent.
func (h hallOf) trusted(town int64, kept string) (code int, said string) {
	t := h.w.t
	t.Helper()
	file := h.evidence(town)
	code, said = verify(t, file, "--checkpoint", kept)
	require.Equal(t, 1, code, said)
	require.Contains(t, said, "NOT PROVED", "any file could say that what does not agree with it was lost")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	head, _, _ := bytes.Cut(text, []byte("\n"))
	var first evidence.Head
	require.NoError(t, json.Unmarshal(head, &first))
	return verify(t, file, "--checkpoint", kept, "--key", first.Keys[0])
}
