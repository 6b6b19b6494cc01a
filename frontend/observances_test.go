package frontend_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
)

// Rules that come into force lead everybody to their text from every page, but for those that must open before.
func TestNoPageOpensBeforeTheRulesAreAccepted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	mukawa, admin := c.as("mukawa"), c.as("admin")
	published := admin.post("/settings/observances", form("title", "記録の取扱い", "body", "記録を持ち出さないこと。\r\n<b>控えを残さないこと。</b>", "from_on", "令和8年11月21日")(c))
	require.Equal(t, "/settings/observances/2/1", published.location, excerpt(published.body))

	first := map[string]bool{"/signin": true, "/signout": true, "/lang": true, "/a/:token": true, "/settings/password": true, "/observances": true, "/observances/:document/:version/acceptance": true,
		"/confirm": true, "/session": true} // and how one signs in
	for _, name := range c.routes() {
		method, path := c.path(name, rules[name], c.mukawa.town, c.mukawa)
		if _, route, _ := strings.Cut(name, " "); first[route] || strings.HasPrefix(route, "/signin/") || strings.HasPrefix(route, "/settings/factors") && !strings.HasSuffix(route, "/removal") {
			continue
		}
		var values url.Values
		if r := rules[name]; r.form != nil {
			values = r.form(c)
		}
		want := "/observances"
		if method == http.MethodGet {
			want += "?" + url.Values{"next": {path}}.Encode()
		}
		got := mukawa.do(method, path, values)
		require.Equal(t, http.StatusSeeOther, got.status, name)
		require.Equal(t, want, got.location, name)
	}
	require.Equal(t, http.StatusOK, mukawa.get("/settings/password").status)
	require.Equal(t, http.StatusSeeOther, mukawa.get("/lang?to=ja&next=/observances").status)
	require.Equal(t, http.StatusOK, mukawa.get("/a/"+c.link(c.mukawa)).status)
	live := c.as("mukawa")
	live.header.Set("HX-Request", "true")
	got := live.get("/board/live")
	require.Equal(t, http.StatusForbidden, got.status)
	require.Equal(t, "/observances", got.header.Get("HX-Redirect"))

	page := mukawa.get("/observances?next=%2Fincidents")
	require.Contains(t, page.body, "記録を持ち出さないこと。")
	require.Contains(t, page.body, "&lt;b&gt;控えを残さないこと。")
	require.NotContains(t, page.body, `href="/board"`, "nothing of the menu would open")
	sha := observance.Hash("記録の取扱い", "記録を持ち出さないこと。\n<b>控えを残さないこと。</b>")
	require.Contains(t, page.body, sha)
	got = mukawa.post("/observances/2/1/acceptance", url.Values{"sha256": {strings.Repeat("0", 64)}, "next": {"/incidents"}})
	require.Equal(t, "/observances?next=%2Fincidents", got.location, "another text was read: asked again")
	require.Contains(t, mukawa.get(got.location).body, "もう一度読んでください")
	got = mukawa.post("/observances/2/1/acceptance", url.Values{"sha256": {sha}, "next": {"/incidents"}})
	require.Equal(t, "/incidents", got.location)
	require.Equal(t, http.StatusOK, mukawa.get("/incidents").status)
	require.Equal(t, http.StatusSeeOther, c.as("operator").get("/board").status, "one accepts for oneself alone")

	require.Equal(t, http.StatusSeeOther, admin.get("/settings/observances/2/1").status, "the author too")
	require.Equal(t, http.StatusSeeOther, admin.post("/observances/2/1/acceptance", url.Values{"sha256": {sha}, "next": {"//evil.example"}}).status)
	missing := admin.get("/settings/observances/2/1").body
	require.Contains(t, missing, "見本 operator")
	require.Contains(t, missing, "見本 mihon")
	require.NotContains(t, missing, "見本 mukawa")
	require.Contains(t, admin.get("/settings/observances/2/1?who=all").body, "見本 mukawa")
	require.NotContains(t, mukawa.get("/settings/observances/2/1").body, "見本 operator", "a town sees its own people")
}

func TestTwoDocumentsAreAcceptedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var docs []observance.Document
	for _, title := range []string{"甲", "乙"} {
		c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
			d, err := observance.Publish(ctx, tx, observance.Input{Title: title, Body: "本文", FromOn: calendar.MustDate(2026, 11, 21)})
			docs = append(docs, d)
			return err
		})
	}
	b := c.as("facility")
	accept := func(d observance.Document) string {
		return b.post("/observances/"+strings.Replace(d.Name(), "-", "/", 1)+"/acceptance", url.Values{"sha256": {d.SHA256}, "next": {"/towns"}}).location
	}
	require.Equal(t, "/observances?next=%2Ftowns", accept(docs[0]))
	require.NotContains(t, b.get("/observances").body, docs[0].SHA256)
	require.Equal(t, "/towns", accept(docs[1]))
	require.Contains(t, b.get("/observances").body, "すべて同意しています")
}
