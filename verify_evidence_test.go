package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	sumdb "golang.org/x/mod/sumdb/note"

	"tanamori/tenants/evidence"
)

// proofs writes a file of evidence of two rows, and gives it, its newest checkpoint and its key.
func proofs(t *testing.T) (file, signed, key string) {
	t.Helper()
	const origin = "tanamori/0123456789ab/015865"
	signer, key, err := sumdb.GenerateKey(rand.Reader, origin)
	require.NoError(t, err)
	var hashes [2][]byte
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	rows := make([]evidence.Row, 2)
	for i := range rows {
		row := fmt.Appendf(nil, `{"actor":"見本 一郎","at":"2026-11-21T00:00:00.000000Z","id":%d}`, 7+i)
		hashes[i], err = evidence.Leaf{ID: int64(7 + i), Row: row, Series: "operation_log", Town: "015865"}.Hash()
		require.NoError(t, err)
		require.NoError(t, tree.Append(hashes[i], nil))
		rows[i] = evidence.Row{Leaf: uint64(i), Series: "operation_log", ID: int64(7 + i), Row: row, Hash: hashes[i]}
	}
	rows[0].Proof, rows[1].Proof = [][]byte{hashes[1]}, [][]byte{hashes[0]}
	root, err := tree.GetRootHash(nil)
	require.NoError(t, err)
	signed, err = evidence.Sign(evidence.Checkpoint{Origin: origin, Size: 2, Root: root, At: time.Date(2026, 11, 21, 0, 1, 0, 0, time.UTC)}, signer)
	require.NoError(t, err)
	var b bytes.Buffer
	w, err := evidence.NewWriter(&b, evidence.Head{Origin: origin, Town: "015865", End: 2, Series: []evidence.Series{{Series: "operation_log", Recorded: "at"}}, Keys: []string{key}})
	require.NoError(t, err)
	require.NoError(t, w.Checkpoint(signed, nil))
	for _, r := range rows {
		require.NoError(t, w.Row(r))
	}
	require.NoError(t, w.End())
	return b.String(), signed, key
}

func TestVerifyTellsOfEvidence(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	file, signed, key := proofs(t)
	save := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	verify := func(v verifyCmd) (int, string) {
		var out, errs bytes.Buffer
		code := v.run(strings.NewReader(file), &out, &errs)
		return code, out.String() + errs.String()
	}
	good := save(file)
	code, out := verify(verifyCmd{Files: []string{good}})
	require.Zero(t, code, out)
	require.Contains(t, out, "holds. tanamori/0123456789ab/015865: 2 rows")
	require.Contains(t, out, "leaves 0 to 1 of 2, signed from the beginning to 2026-11-21T00:01:00Z")
	require.Contains(t, out, key)
	code, out = verify(verifyCmd{Files: []string{"-"}, Keys: []string{key}})
	require.Zero(t, code, out)
	require.NotContains(t, out, "Only within this file")

	mail := "むかわ町 御中\r\n\r\n" + strings.ReplaceAll("　"+signed, "\n", "\r\n　") + "\r\n保管してください。\r\n"
	code, out = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{save(mail)}})
	require.Zero(t, code, out)
	require.Contains(t, out, "agrees with this file")

	// As a mail program saves it: in parts, in a form of its own.
	lines := base64.StdEncoding.EncodeToString([]byte("むかわ町\r\n\r\n" + signed + "\r\n鍵：" + key + "\r\n"))
	eml := "Content-Type: multipart/alternative; boundary=x\r\nMIME-Version: 1.0\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>tanamori/0</p>\r\n" +
		"--x\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines + "\r\n--x--\r\n"
	code, out = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{save(eml)}})
	require.Zero(t, code, out)
	require.Contains(t, out, "agrees with this file")

	_, other, _ := proofs(t)
	for _, two := range []string{mail + "\r\n" + other, "鍵\n" + key + "\n" + other + signed} { // one of them does not fit: it is not passed over
		code, out = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{save(two)}})
		require.Equal(t, 1, code, out)
		require.Contains(t, out, "not signed by this log's keys")
	}
	code, out = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{save(key + "\n" + signed + "\n" + mail)}})
	require.Zero(t, code, out)
	require.Equal(t, 2, strings.Count(out, "agrees with this file"))
	code, out = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{save(other)}})
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "not signed by this log's keys")

	code, out = verify(verifyCmd{Files: []string{save(strings.Replace(file, "一郎", "二郎", 1)), good}})
	require.Equal(t, 1, code)
	require.Contains(t, out, "One thing is wrong.")
	require.Contains(t, out, "operation_log 7 (leaf 0): its content is not what was recorded")
	require.Contains(t, out, "holds.", "the other one")
	code, out = verify(verifyCmd{Files: []string{save(file[:len(file)-20])}})
	require.Equal(t, 1, code)
	require.Contains(t, out, "cut off")
	code, _ = verify(verifyCmd{Files: []string{good}, Checkpoints: []string{filepath.Join(t.TempDir(), "nothing")}})
	require.Equal(t, 2, code)

	t.Setenv("LC_ALL", "ja_JP.UTF-8")
	_, out = verify(verifyCmd{Files: []string{save(strings.Replace(file, "一郎", "二郎", 1))}})
	require.Contains(t, out, "操作履歴 7（0番）：内容が、記録されたときと違います。")
	code, out = verify(verifyCmd{Files: []string{good}})
	require.Zero(t, code)
	require.Contains(t, out, "○ 確かです。")
}
