// Package tenants is the ground every room stands on: who asks, which towns they see, which transaction, what time,
// what they may do, and the line that says they did it.
package tenants

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// IDs joins ids with commas: how a list of towns is handed to SQL, where string_to_array(@towns, ',')::bigint[] reads it.
func IDs(ids []int64) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(s, ",")
}

// SearchKey folds a text so that what a person types finds what another person wrote: NFKC, lower case, hiragana for
// katakana, no spaces, no 長音 at the end of a run of kana (サーバ室 = サーバー室). The text itself is kept as typed beside it.
func SearchKey(texts ...string) string {
	keys := make([]string, 0, len(texts))
	for _, text := range texts {
		var word, out []rune
		flush := func() {
			for len(word) > 1 && word[len(word)-1] == 'ー' {
				word = word[:len(word)-1]
			}
			out = append(out, word...)
			word = word[:0]
		}
		for _, r := range strings.ToLower(norm.NFKC.String(text)) {
			switch {
			case unicode.IsSpace(r), unicode.Is(unicode.Variation_Selector, r):
				// no difference for a reader
			case r >= 'ァ' && r <= 'ヶ':
				word = append(word, r-('ァ'-'ぁ'))
			case r == 'ー' || (r >= 'ぁ' && r <= 'ゟ'):
				word = append(word, r)
			default:
				flush()
				out = append(out, r)
			}
		}
		flush()
		if len(out) > 0 {
			keys = append(keys, string(out))
		}
	}
	return strings.Join(keys, " ")
}
