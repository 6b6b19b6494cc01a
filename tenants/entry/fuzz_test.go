package entry_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// FuzzText: what is kept can be shown and stored, is no longer than allowed and is kept as it is when it is sent again;
// what is not kept is said at its field, in both languages.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", " 見本 一郎\u3000", "a\r\nb\tc", "\x00", "\xff", "神\uFA19", "\u202Eabc", "\U00020BB7野家", "葛\U000E0100城", strings.Repeat("長", 300), "a\r", "\ufeff"} {
		f.Add(s, uint8(100), true)
		f.Add(s, uint8(3), false)
	}
	f.Fuzz(func(t *testing.T, typed string, longest uint8, lines bool) {
		read := entry.OptionalLine
		if lines {
			read = entry.Text
		}
		var v tenants.Invalid
		kept := read(&v, "field", typed, int(longest))
		if len(v.Fields) > 0 {
			require.Len(t, v.Fields, 1)
			require.Empty(t, kept)
			require.NotEmpty(t, v.Fields[0].Message("ja"))
			require.NotEmpty(t, v.Fields[0].Message("en"))
			return
		}
		require.True(t, utf8.ValidString(kept))
		require.LessOrEqual(t, utf8.RuneCountInString(kept), int(longest))
		require.NotContains(t, kept, "\x00")
		require.False(t, !lines && strings.ContainsAny(kept, "\r\n\t"), "a line is one line")
		require.Equal(t, kept, read(&v, "field", kept, int(longest)))
		require.Equal(t, kept, read(&v, "field", "\n "+kept+" \n", int(longest)), "space around it is no part of it")
		require.Empty(t, v.Fields)
	})
}
