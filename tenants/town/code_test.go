package town_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/town"
)

func TestCheckCodeKnowsTheCodesInUse(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"北海道": "010006", "蘭越町": "013943", "むかわ町": "015865", "札幌市": "011002", "東京都": "130001", "横浜市": "141003", "沖縄県": "470007",
	} {
		require.NoError(t, town.CheckCode(code), name)
	}
	for _, wrong := range []string{"", "01394", "0139430", "013944", "０１３９４３", "01394a", "-13943", "01394\x00"} {
		require.Error(t, town.CheckCode(wrong), "%q", wrong)
	}
}

func TestCheckCodeFindsEveryWrongDigitAndEverySwap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9]{5}`).Draw(t, "code")
		var good []string
		for d := '0'; d <= '9'; d++ {
			if town.CheckCode(code+string(d)) == nil {
				good = append(good, code+string(d))
			}
		}
		require.Len(t, good, 1, "exactly one check digit fits")
		at := rapid.IntRange(0, 4).Draw(t, "place")
		typo := []byte(good[0])
		typo[at] = '0' + (typo[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if town.CheckCode(string(typo)) == nil {
			// Two remainders (0 and 10) share the digits 1 and 0 with 10 and 1: a single wrong digit slips through only there.
			require.Contains(t, "01", string(typo[5]))
		}
	})
}
