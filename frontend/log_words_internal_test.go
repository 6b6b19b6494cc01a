package frontend

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/frontend/view"
)

// What a room writes into the log is read by a clerk: every noun that it names there has a word.
func TestEveryObjectOfTheLogHasItsWord(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`tenants\.Line\{[^\n]*Object: "(\w+)"`)
	seen := 0
	require.NoError(t, fs.WalkDir(os.DirFS("../tenants"), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile("../tenants/" + path)
		require.NoError(t, err)
		for _, n := range named.FindAllSubmatch(text, -1) {
			seen++
			require.Contains(t, objectWords, string(n[1]), path)
		}
		return nil
	}))
	require.Greater(t, seen, 30)
}

// Every act that a post may allow has a name, where a scope of work is chosen and where the log says what was lacking.
func TestEveryActHasItsWords(t *testing.T) {
	t.Parallel()
	for _, act := range dutiesOfPosts(everyPost...) {
		require.Contains(t, dutyWords, act)
		require.NotContains(t, needWord(view.JA, string(act)), ".")
	}
}

func TestALineOfTheLogIsSaidInWords(t *testing.T) {
	t.Parallel()
	d := &door{Config: Config{Zone: time.UTC}}
	say := func(before, after string) []string {
		var out []string
		for _, c := range d.changes(view.JA, orNil(before), orNil(after)) {
			out = append(out, c.Name+"："+c.Before+"→"+c.After)
		}
		return out
	}
	require.Equal(t, []string{"連絡先の変更：→連絡先", "電話：→0145-00-0004", "順：→4"},
		say("", `[{"act": "contact.write", "town": 2, "object": "contact", "object_id": 28, "after": {"ID": 28, "Mail": "", "Phone": "0145-00-0004", "Position": 4, "TenantID": 2, "RetiredAt": null}}]`),
		"what waits for a second person is said act by act")
	require.Equal(t, []string{"内容：→連絡先の変更"}, say("null", `["contact.write"]`))
	require.Equal(t, []string{"就いた人：見本 花子→見本 太郎"},
		say(`{"name": "住民福祉課長", "holder": {"person": "見本 花子", "person_id": 1}}`, `{"name": "住民福祉課長", "holder": {"person": "見本 太郎", "person_id": 5}}`))
	require.Equal(t, []string{"題名：→電算室の遵守事項", "版：→1"}, say("", `{"title": "電算室の遵守事項", "version": 1}`), "what is no post has no 職名")
	require.Equal(t, "監査委員事務局 見本\u00a0桜", unbroken("監査委員事務局 見本 桜"))
	require.Equal(t, []string{"業務時間の始まり：7:00→7:30"}, say(`{"HoursFrom": 420}`, `{"HoursFrom": 450}`))
	require.Equal(t, []string{"任命・指定：→指定"}, say("", `{"At": 1, "Manner": "designation"}`), "the number of an organisation tells nobody anything")
}
