package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/volume"
)

// bound writes a volume's file that follows another, and gives its path and colophon.
func bound(t *testing.T, number int, previous string, after int64) (string, volume.Colophon) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, volume.WriteHead(&b))
	rows := volume.NewRows(&b)
	require.NoError(t, rows.Add(fmt.Appendf(nil, `{"id":%d,"actor":"見本 一郎"}`, after+1)))
	c := volume.Colophon{Town: "015865", Kind: "operation_log", Number: number, Month: "2026-09", Columns: []string{"id", "actor"}, AfterID: after, LastID: after + 1,
		Rows: 1, SHA256: rows.SHA256(), Previous: previous, BoundAt: time.Date(2026, 10, 11, 0, 0, 0, 0, time.UTC)}
	c.Digest = c.Sum()
	require.NoError(t, volume.WriteColophon(&b, c))
	path := filepath.Join(t.TempDir(), "volume.jsonl")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path, c
}

func TestVerifyTellsWhatHolds(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	verify := func(v verifyCmd) (int, string, string) {
		var out, errs bytes.Buffer
		code := v.run(strings.NewReader(""), &out, &errs)
		return code, out.String(), errs.String()
	}
	first, c := bound(t, 1, volume.First, 0)
	second, d := bound(t, 2, c.Digest, c.LastID)
	stranger, _ := bound(t, 2, volume.First, c.LastID)

	code, out, _ := verify(verifyCmd{Files: []string{first}, Digest: strings.ToUpper(c.Digest)})
	require.Zero(t, code, out)
	require.Contains(t, out, "holds. Town 015865, operation log, volume 1 (2026-09), 1 records; it is the first of its kind.")
	require.Contains(t, out, c.Digest)

	code, out, _ = verify(verifyCmd{Files: []string{first}, Digest: d.Digest})
	require.Equal(t, 1, code)
	require.Contains(t, out, "not the one given")

	code, out, _ = verify(verifyCmd{Files: []string{first, stranger}})
	require.Equal(t, 1, code)
	require.Contains(t, out, "does not follow")

	code, out, _ = verify(verifyCmd{Files: []string{second}})
	require.Zero(t, code)
	require.Contains(t, out, "its link to the volume before was not checked")

	whole, err := os.ReadFile(first)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(first, bytes.Replace(whole, []byte("一郎"), []byte("二郎"), 1), 0o600))
	code, out, _ = verify(verifyCmd{Files: []string{first, second}})
	require.Equal(t, 1, code, "one that does not hold is enough")
	require.Contains(t, out, "DOES NOT HOLD. The records are not what they were")
	require.Contains(t, out, "volume 2")

	code, _, errs := verify(verifyCmd{Files: []string{filepath.Join(t.TempDir(), "nothing")}})
	require.Equal(t, 2, code)
	require.Contains(t, errs, "no such file")
	require.Equal(t, 2, run(t.Context(), []string{"verify"}), "without a file")

	t.Setenv("LC_ALL", "ja_JP.UTF-8")
	code, out, _ = verify(verifyCmd{Files: []string{second}})
	require.Zero(t, code)
	require.Contains(t, out, "○ 確かです。団体 015865 操作履歴 第2号（令和8年9月分）")
}
