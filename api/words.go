package api

import (
	"strings"
)

// found is what a message of huma's validation becomes. Its parameter (%v) is kept where the schema made it; where it
// repeats what the client sent it is left out.
type found struct {
	begins string
	ends   string
	ja, en string // {x} stands for what is between begins and ends
}

// The texts of huma's validation package, those that schemas of ours can give.
var findings = []found{
	{"unexpected property", "", "この項目はありません。", "There is no such field."},
	{"unknown query parameter", "", "この指定はありません。", "There is no such parameter."},
	{"required ", " parameter is missing", "必ず指定してください。", "This is required."},
	{"expected required property ", " to be present", "必ず指定してください。", "This is required."},
	{"expected string to be RFC 3339 date-time", "", "日時を 2026-11-21T02:00:00Z のように指定してください。", "Give a time like 2026-11-21T02:00:00Z."},
	{"expected string to be RFC 3339 date", "", "日付を 2026-11-21 のように指定してください。", "Give a date like 2026-11-21."},
	{"expected boolean", "", "true か false を指定してください。", "Give true or false."},
	{"expected integer", "", "整数を指定してください。", "Give an integer."},
	{"invalid integer", "", "整数を指定してください。", "Give an integer."},
	{"expected number >= ", "", "{x}以上にしてください。", "It must be at least {x}."},
	{"expected number <= ", "", "{x}以下にしてください。", "It must be at most {x}."},
	{"expected number", "", "数を指定してください。", "Give a number."},
	{"expected string to match pattern ", "", "形式が正しくありません。", "It does not have the right form."},
	{"expected string", "", "文字列を指定してください。", "Give a string."},
	{"expected array length >= ", "", "{x}個以上指定してください。", "Give at least {x} of them."},
	{"expected array length <= ", "", "{x}個以内にしてください。", "Give at most {x} of them."},
	{"expected array items to be unique", "", "同じものがくり返されています。", "The same one is there twice."},
	{"expected array", "", "配列を指定してください。", "Give an array."},
	{"expected object", "", "オブジェクトを指定してください。", "Give an object."},
	{"expected length >= ", "", "{x}文字以上にしてください。", "It needs at least {x} characters."},
	{"expected length <= ", "", "{x}文字以内にしてください。", "It takes at most {x} characters."},
	{"expected value to be one of ", "", "{x} のどれかを指定してください。", "Give one of {x}."},
}

// wordsFor is a message of huma's in "ja" or "en", and the name of the property that it misses. A message that is not
// known is only called wrong: it may repeat what was sent.
func wordsFor(message, lang string) (text, missing string) {
	for _, f := range findings {
		between, ok := strings.CutPrefix(message, f.begins)
		if !ok || !strings.HasSuffix(between, f.ends) {
			continue
		}
		between = strings.TrimSuffix(between, f.ends)
		if f.begins == "expected required property " {
			missing = between
		}
		if text = f.ja; lang == "en" {
			text = f.en
		}
		return strings.ReplaceAll(text, "{x}", between), missing
	}
	if lang == "en" {
		return "The value cannot be read.", ""
	}
	return "値を読み取れません。", ""
}
