package people

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
)

const (
	shortestPassword = 12
	longestPassword  = 128 // characters
)

// letters are those that nobody takes for another one when reading a password from paper.
const letters = "abcdefghjkmnpqrstuvwxyz23456789"

// issuedLetters is how many an issued secret has: 28 of 31 letters are 138 random bits (ASVS V11.5.1 asks for 128), in seven
// groups of four. It is typed once or, of recovery codes and the management password, hardly ever.
const issuedLetters = 28

// issue makes a secret to hand over.
func issue() string {
	b := make([]byte, issuedLetters)
	for i := range b {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // the reader never fails, see its documentation
		}
		b[i] = letters[n.Int64()]
	}
	return grouped(string(b))
}

// grouped is a secret as it is shown: in groups of four.
func grouped(secret string) string {
	var b strings.Builder
	for i := range len(secret) {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(secret[i])
	}
	return b.String()
}

// guessable is the least number of guesses a chosen password must stand, by the estimate of zxcvbn, which knows the common
// passwords, names, dates, keyboard rows and repetitions.
const guessable = 1e8

// checkPassword tells under the field what is wrong with a password that a person chose: its length first (NIST SP 800-63B
// §3.1.1.2), then whether it would be among the first to be guessed. own is what is known of the person.
func checkPassword(v *tenants.Invalid, field, password, login string, own ...string) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		v.Add(field, "パスワードに使えない文字が含まれています。", "The password holds characters that cannot be used.")
	case n < shortestPassword:
		v.Add(field, fmt.Sprintf("パスワードは%d文字以上にしてください。", shortestPassword), fmt.Sprintf("A password has at least %d characters.", shortestPassword))
	case n > longestPassword:
		v.Add(field, fmt.Sprintf("パスワードは%d文字以内にしてください。", longestPassword), fmt.Sprintf("A password has at most %d characters.", longestPassword))
	case len(login) >= 4 && strings.Contains(strings.ToLower(password), login):
		v.Add(field, "パスワードに利用者IDを含めないでください。", "A password must not hold the login.")
	case guesses(password, append(own, login)) < guessable:
		v.Add(field, "よく使われる言葉や並びが多く、推測されやすいパスワードです。関係のない単語をいくつか並べるなどしてください。",
			"This password is easy to guess: common words or patterns. Try several unrelated words.")
	}
}

// guesses is how many guesses a password would stand. A long one is looked at in part: the estimate takes longer the longer
// it is, and what stands by its beginning stands.
func guesses(password string, own []string) float64 {
	if r := []rune(password); len(r) > 40 {
		password = string(r[:40])
	}
	return zxcvbn.PasswordStrength(norm.NFKC.String(password), append(own, "tanamori", "棚守")).Guesses
}
