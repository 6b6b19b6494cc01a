package town

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
)

// CheckCode tells what is wrong with a local government code (全国地方公共団体コード): six digits, the last of which checks
// the others by weights 6, 5, 4, 3, 2 and modulus 11.
func CheckCode(code string) error {
	var v tenants.Invalid
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		v.Add("code", "団体コードは6桁の数字で入力してください。", "A local government code has six digits.")
		return v.Err()
	}
	sum := 0
	for i, weight := range []int{6, 5, 4, 3, 2} {
		sum += weight * int(code[i]-'0')
	}
	if want := (11 - sum%11) % 10; int(code[5]-'0') != want {
		v.Add("code", "団体コードの検査数字（6桁目）が合いません。入力を確かめてください。",
			"The check digit (the sixth) does not fit. Please check the code.")
	}
	return v.Err()
}

// plainCode is the code with full-width digits and spaces made plain.
func plainCode(typed string) string {
	if len(typed) > 64 {
		return typed
	}
	return strings.TrimSpace(norm.NFKC.String(typed))
}
