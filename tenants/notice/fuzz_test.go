package notice_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/notice"
)

// FuzzParseToken: nothing but the very token that this installation made is one. What is accepted is spelt in one way, and
// nobody else's secret accepts it.
func FuzzParseToken(f *testing.F) {
	secret, another := []byte("0123456789abcdef0123456789abcdef"), []byte("another secret of thirty-two byt")
	for _, s := range []string{"", ".", "aaaa.aaaa", strings.Repeat("a", 300), notice.Token(secret, 1, "rung:1"), notice.Token(secret, 1<<62, "call:"),
		notice.Token(another, 7, "rung:12"), strings.ToUpper(notice.Token(secret, 1, "rung:1")), notice.Token(secret, -1, "")} {
		f.Add(s, int64(1), "rung:1")
	}
	f.Fuzz(func(t *testing.T, token string, town int64, linkFor string) {
		if gotTown, gotFor, ok := notice.ParseToken(secret, token); ok {
			require.Equal(t, token, notice.Token(secret, gotTown, gotFor), "one link, one spelling")
			_, _, ok = notice.ParseToken(another, token)
			require.False(t, ok)
		}
		made := notice.Token(secret, town, linkFor)
		gotTown, gotFor, ok := notice.ParseToken(secret, made)
		if len(made) > 256 {
			require.False(t, ok)
			return
		}
		require.True(t, ok)
		require.Equal(t, town, gotTown)
		require.Equal(t, linkFor, gotFor)
		_, _, ok = notice.ParseToken(another, made)
		require.False(t, ok)
	})
}
