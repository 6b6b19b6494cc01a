package people

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"tanamori/tenants"
)

const (
	shortestPassword = 10
	longestPassword  = 128 // characters
)

// letters are those that nobody takes for another one when reading a password from paper.
const letters = "abcdefghjkmnpqrstuvwxyz23456789"

// issue makes a password to hand over: four groups of four, 79 random bits.
func issue() string {
	var b strings.Builder
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // the reader never fails, see its documentation
		}
		b.WriteByte(letters[n.Int64()])
	}
	return b.String()
}

// checkPassword tells under the field what is wrong with a password that a person chose.
func checkPassword(v *tenants.Invalid, field, password, login string) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		v.Add(field, "パスワードに使えない文字が含まれています。", "The password holds characters that cannot be used.")
	case n < shortestPassword:
		v.Add(field, fmt.Sprintf("パスワードは%d文字以上にしてください。", shortestPassword), fmt.Sprintf("A password has at least %d characters.", shortestPassword))
	case n > longestPassword:
		v.Add(field, fmt.Sprintf("パスワードは%d文字以内にしてください。", longestPassword), fmt.Sprintf("A password has at most %d characters.", longestPassword))
	case len(login) >= 4 && strings.Contains(strings.ToLower(password), login):
		v.Add(field, "パスワードにログイン名を含めないでください。", "A password must not hold the login.")
	case distinct(password) < 5:
		v.Add(field, "同じ文字のくり返しが多すぎます。", "The password repeats too few characters.")
	}
}

func distinct(text string) int {
	seen := map[rune]struct{}{}
	for _, r := range text {
		seen[r] = struct{}{}
	}
	return len(seen)
}
