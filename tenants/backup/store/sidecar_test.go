package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	sumA = strings.Repeat("0a", 32)
	sumB = strings.Repeat("b1", 32)
)

func TestParseSidecar(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want string
	}{
		"sha256sum":           {sumA + "  koseki.tar\n", sumA},
		"sha256sum binary":    {sumA + " *koseki.tar\n", sumA},
		"with a directory":    {sumA + "  /srv/out/koseki.tar\n", sumA},
		"windows directory":   {sumA + `  D:\out\koseki.tar` + "\r\n", sumA},
		"escaped":             {`\` + sumA + `  dir\\x/koseki.tar` + "\n", sumA},
		"BSD":                 {"SHA256 (koseki.tar) = " + sumA + "\n", sumA},
		"BSD with brackets":   {"SHA256 (a (1)/koseki.tar) = " + sumA, sumA},
		"openssl":             {"SHA256(koseki.tar)= " + sumA + "\n", sumA},
		"bare":                {sumA, sumA},
		"bare upper BOM CRLF": {"\ufeff" + strings.ToUpper(sumA) + "\r\n", sumA},
		"several files":       {sumB + "  other.tar\n" + sumA + "  koseki.tar\n", sumA},
		"comment":             {"# by cron\n\n" + sumA + "  koseki.tar\n", sumA},
		"same twice":          {sumA + "\n" + sumA + "  koseki.tar\n", sumA},
	} {
		got, err := ParseSidecar([]byte(c.data), "koseki.tar")
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"empty":         {"", errSidecarForm},
		"short":         {sumA[:63] + "  koseki.tar", errSidecarForm},
		"not hex":       {strings.Repeat("zz", 32), errSidecarForm},
		"SHA-1":         {strings.Repeat("0a", 20) + "  koseki.tar", errSidecarForm},
		"other file":    {sumA + "  other.tar\n", errSidecarOther},
		"two checksums": {sumA + "  koseki.tar\n" + sumB + "  koseki.tar\n", errSidecarTwice},
		"huge":          {strings.Repeat("x", MaxSidecar+1), errSidecarLong},
		"BSD broken":    {"SHA256 (koseki.tar = " + sumA, errSidecarForm},
	} {
		_, err := ParseSidecar([]byte(c.data), "koseki.tar")
		require.ErrorIs(t, err, c.want, name)
	}
}

func TestSidecar(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.put(t, "a/koseki.tar", "x")
	_, found, err := Sidecar(t.Context(), s, "a/koseki.tar")
	require.NoError(t, err)
	require.False(t, found)

	s.put(t, "a/koseki.tar.sha256", sumA+"  koseki.tar\n")
	sum, found, err := Sidecar(t.Context(), s, "a/koseki.tar")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, sumA, sum)

	s.put(t, "a/koseki.tar.sha256", "failed\n")
	_, _, err = Sidecar(t.Context(), s, "a/koseki.tar")
	require.ErrorIs(t, err, ErrSidecar)

	s.put(t, "a/koseki.tar.sha256", strings.Repeat(sumA+"\n", 10_000))
	_, _, err = Sidecar(t.Context(), s, "a/koseki.tar")
	require.ErrorIs(t, err, ErrSidecar, "a huge sidecar is not read whole")
}
