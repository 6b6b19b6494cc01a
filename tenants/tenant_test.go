package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

func TestSearchKeyFoldsWhatPeopleTypeDifferently(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"サーバ", "サーバー", "ｻｰﾊﾞ", "ｻｰﾊﾞｰ", "さーば", " サー バ "},
		{"サーバー室", "サーバ室", "さーば室"},
		{"ＡＢＣ１２３", "abc123", "Abc 123"},
		{"むかわ町", "ムカワ町"},
		{"葛󠄀城", "葛城"},
	} {
		for _, s := range same {
			require.Equal(t, tenants.SearchKey(same[0]), tenants.SearchKey(s), "%q and %q", same[0], s)
		}
	}
	require.NotEqual(t, tenants.SearchKey("ビル"), tenants.SearchKey("ビール"), "a 長音 inside a word distinguishes")
	require.Equal(t, "𠮷野", tenants.SearchKey("𠮷野"), "surrogate pairs stay whole")
}
