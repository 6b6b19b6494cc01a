package entry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

func TestLineKeepsWhatIsTyped(t *testing.T) {
	t.Parallel()
	for typed, kept := range map[string]string{
		"　戸籍正 ":    "戸籍正",
		"𠮷野町":      "𠮷野町",
		"葛󠄀城市":     "葛󠄀城市",   // a variation selector stays
		"\uFA19":   "\uFA19", // a compatibility ideograph stays, where NFC would change it
		"サーバー":     "サーバー",
		"ｻｰﾊﾞ １号":  "ｻｰﾊﾞ １号",
		"👨‍👩‍👧 窓口": "👨‍👩‍👧 窓口",
	} {
		var v tenants.Invalid
		require.Equal(t, kept, entry.Line(&v, "name", typed, 20))
		require.NoError(t, v.Err())
	}
}

func TestWhatCannotBeKeptIsAFaultOfItsField(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"nothing": "", "only spaces": " 　\n ", "too long": strings.Repeat("町", 21), "NUL": "a\x00b", "two lines": "a\nb",
		"broken UTF-8": "\xff\xfe", "turned direction": "a\u202Eb", "line separator": "a\u2028b", "replacement character": "a\uFFFDb",
	} {
		var v tenants.Invalid
		require.Empty(t, entry.Line(&v, "name", text, 20), what)
		require.Len(t, v.Fields, 1, what)
		require.Equal(t, "name", v.Fields[0].Field, what)
		require.NotEmpty(t, v.Fields[0].Message("ja"), what)
		require.NotEmpty(t, v.Fields[0].Message("en"), what)
	}
}

func TestTextTakesLinesAndMayBeEmpty(t *testing.T) {
	t.Parallel()
	var v tenants.Invalid
	require.Equal(t, "一行目\n\t二行目", entry.Text(&v, "note", "一行目\r\n\t二行目\r\n", 20))
	require.Empty(t, entry.Text(&v, "note", "", 20))
	require.Empty(t, entry.OptionalLine(&v, "place", "", 20))
	require.NoError(t, v.Err())
	require.Empty(t, entry.Text(&v, "note", "a\x07b", 20))
	require.Error(t, v.Err())
}
