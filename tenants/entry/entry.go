// Package entry checks what a person typed into a field before a room keeps it: whether it is there, how long it is and
// whether it can be shown. Texts are kept as typed: names are never normalised, for U+795E and U+FA19
// (both 神) are two spellings of it.
package entry

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tanamori/tenants"
)

// Line is a required text of one line, trimmed, of at most longest characters. What is wrong goes to v under field.
func Line(v *tenants.Invalid, field, text string, longest int) string {
	text = OptionalLine(v, field, text, longest)
	if text == "" && !hasFault(v, field) {
		v.Add(field, "入力してください。", "Please enter this.")
	}
	return text
}

// OptionalLine is a text of one line that may be empty.
func OptionalLine(v *tenants.Invalid, field, text string, longest int) string {
	return check(v, field, text, longest, false)
}

// Text is an optional text of any number of lines; line ends become \n.
func Text(v *tenants.Invalid, field, text string, longest int) string {
	return check(v, field, strings.ReplaceAll(text, "\r\n", "\n"), longest, true)
}

func check(v *tenants.Invalid, field, text string, longest int, lines bool) string {
	if !utf8.ValidString(text) {
		v.Add(field, "文字として読めないデータが含まれています。", "This is not valid text.")
		return ""
	}
	text = strings.TrimSpace(text)
	for _, r := range text {
		if hidden(r) && (!lines || r != '\n' && r != '\t') {
			v.Add(field, fmt.Sprintf("使えない文字（U+%04X）が含まれています。", r), fmt.Sprintf("The character U+%04X cannot be used here.", r))
			return ""
		}
	}
	if n := utf8.RuneCountInString(text); n > longest {
		v.Add(field, fmt.Sprintf("%d文字以内で入力してください（いま%d文字）。", longest, n),
			fmt.Sprintf("At most %d characters, please (there are %d).", longest, n))
		return ""
	}
	return text
}

// hidden are characters that no reader sees and that could make a text read otherwise than it is: controls, line
// separators, and those that turn the writing direction.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == utf8.RuneError ||
		r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

func hasFault(v *tenants.Invalid, field string) bool {
	for _, f := range v.Fields {
		if f.Field == field {
			return true
		}
	}
	return false
}
