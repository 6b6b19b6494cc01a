package body_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/japanese"

	"tanamori/tenants/checkin/body"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	cp932 := func(s string) string {
		b, err := japanese.ShiftJIS.NewEncoder().String(s)
		require.NoError(t, err)
		return b
	}
	const jp = "戸籍副本のバックアップが完了しました。ｴﾗｰなし"

	for name, c := range map[string]struct {
		in   string
		n    int
		want string
	}{
		"whole":                  {"done\n", 100, "done"},
		"the end, not the start": {"one two three", 5, "three"},
		"never half a character": {"戸籍副本", 7, "副本"},
		"nothing fits":           {"戸", 2, ""},
		"no room":                {"x", 0, ""},
		"negative room":          {"x", -5, ""},
		"broken UTF-8":           {"a\xffb\xc3", 50, "a\uFFFDb\uFFFD"},
		"controls":               {"a\x00b\x07c\x7fd\u0085e\tf", 50, "abcde\tf"},
		"colours":                {"\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain", 50, "red plain"},
		"an escape cut off":      {"text\x1b[", 50, "text"},
		"an escape within text":  {"\x1b[31\nnext", 50, "next"},
		"line ends":              {"a\r\nb\rc\u2028d", 50, "a\nb\nc\nd"},
		"turned text":            {"abc\u202Etxt.exe\u2066", 50, "abctxt.exe"},
		"variation selector":     {"辻\U000E0100 葛󠄀", 50, "辻\U000E0100 葛󠄀"},
		"Windows in Japanese":    {cp932(jp), 200, jp},
		"its end":                {cp932(jp + jp + jp), 9, "ｰなし"[len("ｰ")-3:]},
		"UTF-8 cut in front":     {jp[1:], 200, "\uFFFD" + jp[3:]},
		"UTF-8 cut at the end":   {jp[:len(jp)-1], 200, jp[:len(jp)-3] + "\uFFFD"},
		"PowerShell":             {string(utf16le("完了\r\nOK")), 50, "完了\nOK"},
		"reason and log":         {`{"bytes":1,"reason":"ファイルがありません","log":"a\nb\n"}`, 100, "ファイルがありません\na\nb"},
		"the log only":           {`{"bytes":1,"log":"a\u001b[31mb"}`, 100, "ab"},
		"reason before log":      {`{"reason":"why","log":"` + strings.Repeat("x", 50) + `"}`, 10, "why\nxxxxxx"},
		"reason fills it":        {`{"reason":"` + strings.Repeat("y", 50) + `","log":"z"}`, 10, strings.Repeat("y", 10)},
		"an object without":      {`{"bytes":1}`, 100, `{"bytes":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, body.Excerpt([]byte(c.in), c.n))
		})
	}
}
