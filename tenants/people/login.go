package people

import (
	"fmt"
	"regexp"
	"unicode"

	"tanamori/tenants"
)

const (
	loginJa = "利用者IDは2文字以上64文字以内の半角英小文字・数字・「.」「_」「-」で入力してください（先頭は英数字）。"
	loginEn = "A login has 2 to 64 lower-case letters, digits, dots, underscores and hyphens, and begins with a letter or digit."
)

var loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

// scripts are those whose letters look like Latin ones.
var scripts = []struct {
	table *unicode.RangeTable
	name  string
}{{unicode.Cyrillic, "キリル文字"}, {unicode.Greek, "ギリシャ文字"}, {unicode.Armenian, "アルメニア文字"}, {unicode.Cherokee, "チェロキー文字"}}

// checkLogin is a login as it is kept. Capitals and full-width characters are folded, as at the sign-in. A letter of another
// script that looks like a Latin one is refused by its name: two logins that read alike must not be two people.
func checkLogin(v *tenants.Invalid, typed string) string {
	login := plainLogin(typed)
	if loginShape.MatchString(login) {
		return login
	}
	for _, r := range login {
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				v.Add("login", fmt.Sprintf("「%c」（U+%04X、%s）は、英字に似た別の文字です。半角の英字で入力し直してください。", r, r, s.name),
					fmt.Sprintf("%q (U+%04X) looks like a Latin letter and is none; type it again.", r, r))
				return login
			}
		}
		if r > unicode.MaxASCII && unicode.IsLetter(r) {
			v.Add("login", fmt.Sprintf("「%c」（U+%04X）は利用者IDに使えません。%s", r, r, loginJa), fmt.Sprintf("%q (U+%04X) cannot stand in a login. %s", r, r, loginEn))
			return login
		}
	}
	v.Add("login", loginJa, loginEn)
	return login
}
