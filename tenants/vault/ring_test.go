package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/tenantstest"
	"tanamori/tenants/vault"
)

// What is locked opens at its own place under its own key, whole, and nowhere else.
func TestASecretOpensAtItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ring, err := vault.Parse(strings.Repeat("01", 32) + "," + strings.Repeat("02", 32))
		require.NoError(t, err)
		one, two := ring.IDs()[0], ring.IDs()[1]
		plain := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "plain")
		place := rapid.StringMatching(`[a-z]{1,5}/[0-9]{1,3}/[0-9]{1,3}`).Draw(t, "place")
		locked, err := ring.Lock(one, place, plain)
		require.NoError(t, err)
		require.False(t, len(plain) > 8 && bytes.Contains(locked, plain))
		opened, err := ring.Unlock(one, place, locked)
		require.NoError(t, err)
		require.Equal(t, plain, opened)
		again, err := ring.Lock(one, place, plain)
		require.NoError(t, err)
		require.NotEqual(t, locked, again, "the same secret twice does not look the same")

		_, err = ring.Unlock(one, place+"1", locked)
		require.ErrorContains(t, err, "belongs elsewhere")
		_, err = ring.Unlock(two, place, locked)
		require.Error(t, err)
		at := rapid.IntRange(0, len(locked)-1).Draw(t, "at")
		locked[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		_, err = ring.Unlock(one, place, locked)
		require.Error(t, err)
	})
}

func TestKeysAreReadAndMade(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("ab", 32), strings.Repeat("CD", 32)
	r, err := vault.Parse("# a remark, 0\n" + a + "\n\n  " + b + " , " + a + "\n")
	require.NoError(t, err)
	require.Len(t, r.IDs(), 2)
	require.Regexp(t, `^[0-9a-f]{16}$`, r.Newest())
	_, err = r.Make()
	require.ErrorContains(t, err, "TANAMORI_SECRET_KEY")
	for _, bad := range []string{a[:63], a + "00", "zz" + a[2:], "鍵"} {
		_, err := vault.Parse(a + "," + bad)
		require.ErrorContains(t, err, "key 2 is not 64 hexadecimal digits")
		require.NotContains(t, err.Error(), bad)
	}

	file := filepath.Join(t.TempDir(), "below", "secret.key")
	r, err = vault.Load(file)
	require.NoError(t, err)
	require.Empty(t, r.Newest())
	first, err := r.Make()
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	second, err := r.Make()
	require.NoError(t, err)
	require.Equal(t, []string{first, second}, r.IDs())
	same, err := vault.Load(file)
	require.NoError(t, err)
	require.Equal(t, r.IDs(), same.IDs())
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left behind")

	require.NoError(t, os.Chmod(file, 0o604))
	_, err = vault.Load(file)
	require.ErrorContains(t, err, "chmod 600")
	require.NoError(t, os.Chmod(file, 0o640))
	require.NoError(t, os.WriteFile(file, []byte("# nothing\n"), 0o600))
	_, err = vault.Load(file)
	require.ErrorContains(t, err, "holds no key")
}

// What opening a value costs: it is done for each checkpoint that is signed and each link that is opened.
func BenchmarkUnlock(b *testing.B) {
	ring := tenantstest.Ring
	locked, err := ring.Lock(ring.Newest(), "vault/1/tlog_key/1", make([]byte, 150))
	require.NoError(b, err)
	for b.Loop() {
		if _, err := ring.Unlock(ring.Newest(), "vault/1/tlog_key/1", locked); err != nil {
			b.Fatal(err)
		}
	}
}

// Processes that make keys at once lose none of each other's.
func TestKeysMadeAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret.key")
	const processes, each = 6, 8
	var all sync.WaitGroup
	for range processes {
		ring, err := vault.Load(file)
		require.NoError(t, err)
		all.Go(func() {
			for range each {
				if _, err := ring.Make(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ring, err := vault.Load(file)
	require.NoError(t, err)
	require.Len(t, ring.IDs(), processes*each)
}
