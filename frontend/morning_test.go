package frontend_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/frontend/view"
	"tanamori/tenants/backup"
	"tanamori/tenants/duty"
)

// A letter calls a verdict and a depth of proof as the pages do.
func TestLettersSpeakAsThePagesDo(t *testing.T) {
	t.Parallel()
	for _, lang := range []view.Lang{view.JA, view.EN} {
		for verdict, code := range map[duty.Verdict]string{duty.Met: view.Met, duty.Late: view.Late, duty.Failed: view.Failed, duty.Missed: view.Missed,
			duty.Excused: view.Excused, duty.Unknown: view.Unknown, duty.Pending: view.Pending} {
			require.Equal(t, lang.VerdictWord(code), duty.Word(verdict, string(lang)))
		}
		for level := range 6 {
			require.Equal(t, lang.LevelName(level), backup.LevelWord(level, string(lang)))
		}
	}
	require.Empty(t, backup.LevelWord(-1, "ja"))
}

// What was typed is shown again with what is wrong at its field; what is right is kept and shown, and the page of evidence names
// who gets it.
func TestTheMorningReportIsSetOnItsPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	clerk := c.as("mukawa")
	page := fmt.Sprintf("/settings/towns/%d/morning", c.mukawa.town)
	got := clerk.post(page, url.Values{"at": {"７：１５"}, "days": {"every"}, "readers.0.name": {"町民生活課"}, "readers.0.mail": {"見本"}, "readers.3.name": {"総務課"}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	for _, want := range []string{`value="見本"`, `value="総務課"`, `href="#f-readers.0.mail"`, "メールアドレスの形になっていません。", `id="f-readers.5.name"`} {
		require.Contains(t, got.body, want)
	}
	require.Equal(t, http.StatusSeeOther, clerk.post(page, url.Values{"at": {"７：１５"}, "days": {"every"}, "readers.0.name": {"町民生活課"}, "readers.0.mail": {"kacho@town.example"}}).status)
	body := clerk.get(page).body
	for _, want := range []string{`value="07:15"`, `value="kacho@town.example"`, "朝の報告の設定を変更しました。"} {
		require.Contains(t, body, want)
	}
}
