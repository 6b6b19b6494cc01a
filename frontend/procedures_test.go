package frontend_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// TestTwoPersonsIssueAPassword: with the second person at the same screen it is done at once and both are on record; without
// them it waits where the town asks for one. What they typed is kept nowhere.
func TestTwoPersonsIssueAPassword(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	form := fmt.Sprintf("/settings/people/%d/%d/procedures/password", c.mukawa.town, c.people["mihon"])
	require.Contains(t, admin.get(form).body, "一人で行った記録になります")
	require.Equal(t, http.StatusUnprocessableEntity, admin.post(form, url.Values{"reason": {""}}).status)
	last := func() string {
		return tenantstest.Value[string](c.Bench, `SELECT how || ' ' || second_text || ' ' || reason FROM password_event ORDER BY id DESC LIMIT 1`)
	}
	require.Equal(t, http.StatusOK, admin.post(form, url.Values{"reason": {"忘れたため"}}).status)
	require.Equal(t, "alone  忘れたため", last())

	typed := url.Values{"reason": {"端末の更新"}, "second_login": {"operator"}, "second_password": {"wrong wrong wrong"}}
	refused := admin.post(form, typed)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "端末の更新", "what was typed stays")
	require.NotContains(t, refused.body, "wrong wrong wrong", "but for the password")
	typed.Set("second_login", "admin")
	typed.Set("second_password", c.passwords["admin"])
	require.Contains(t, admin.post(form, typed).body, "あなたとは別の人")
	typed.Set("second_login", "operator")
	typed.Set("second_password", c.passwords["operator"])
	got := admin.post(form, typed)
	require.Equal(t, http.StatusOK, got.status, excerpt(got.body))
	require.Contains(t, last(), "present 操作者 見本 operator")
	book := admin.get("/settings/people/procedures").body
	require.Contains(t, book, "同じ画面で立会い")
	require.Contains(t, book, "端末の更新")
	require.Equal(t, http.StatusForbidden, c.as("operator").get("/settings/people/procedures").status)

	// Where the town asks for a second person, who stands by must be able to do it themselves.
	c.SQL(`INSERT INTO second_person (tenant_id, act) VALUES ($1, 'person.write')`, c.mukawa.town)
	require.Contains(t, admin.get(form).body, "この操作には照合が要ります")
	require.Contains(t, admin.post(form, typed).body, "この操作ができる職の人")
	require.Equal(t, "/proposals", admin.post(form, url.Values{"reason": {"異動"}}).location)
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM proposal`))
	c.SQL(`UPDATE post SET kind = 'host_admin' WHERE person_id = $1`, c.people["operator"])
	got = admin.post(form, typed)
	require.Equal(t, http.StatusOK, got.status, excerpt(got.body))
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM proposal`), "done at once, it waits for nobody")
	require.Zero(t, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM proposal WHERE convert_from(body, 'UTF8') LIKE '%second_password%'`))

	id := tenantstest.Value[int64](c.Bench, `SELECT id FROM proposal`)
	confirmed := c.as("operator").post(fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.mukawa.town, id), nil)
	require.Equal(t, http.StatusOK, confirmed.status, excerpt(confirmed.body))
	require.Contains(t, last(), "confirmed 操作者 見本 operator 異動")
}

// TestTheManagementPasswordIsShownOnce: two at one screen make it; the page that answers is the only one that ever shows it.
func TestTheManagementPasswordIsShownOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	require.Contains(t, admin.get("/settings/custody").body, "まだ設定していません")
	typed := url.Values{"envelope": {"K-010"}, "place": {"本庁舎 耐火金庫"}}
	alone := admin.post("/settings/custody/management", typed)
	require.Equal(t, http.StatusUnprocessableEntity, alone.status)
	require.Contains(t, alone.body, "管理パスワードは二人で設定します")
	typed.Set("second_login", "facility")
	typed.Set("second_password", c.passwords["facility"])
	made := admin.post("/settings/custody/management", typed)
	require.Equal(t, http.StatusOK, made.status, excerpt(made.body))
	shown := attribute(first(parse(t, made.body), "input", "id", "made"), "value")
	require.Regexp(t, `^([a-z2-9]{4}-){6}[a-z2-9]{4}$`, shown)
	list := admin.get("/settings/custody").body
	require.Contains(t, list, "封入しています")
	require.Contains(t, list, "K-010")
	for _, page := range []string{"/settings/custody", "/settings/custody/management", "/log"} {
		require.NotContains(t, admin.get(page).body, shown)
	}
}

// TestTheLastConfirmerIsToldOfFirst: the page says what would come of it and lets whoever means it go on.
func TestTheLastConfirmerIsToldOfFirst(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	setting := fmt.Sprintf("/settings/towns/%d/second-person", c.mukawa.town)
	c.SQL(`UPDATE post SET acts = '{board.read}' WHERE person_id = $1`, c.host.admin.PersonID)
	refused := admin.post(setting, url.Values{"acts": {"person.write"}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "利用者の変更 1人")
	c.SQL(`UPDATE post SET kind = 'host_admin' WHERE person_id = $1`, c.people["operator"])
	require.Equal(t, http.StatusSeeOther, admin.post(setting, url.Values{"acts": {"person.write"}}).status)
	disable := fmt.Sprintf("/settings/people/%d/%d/disabling", c.host.town, c.people["operator"])
	told := admin.post(disable, nil)
	require.Equal(t, http.StatusConflict, told.status)
	require.Contains(t, told.body, "照合できる人が足りなくなり")
	require.Contains(t, told.body, disable+"?anyway=1")
	require.Zero(t, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM person WHERE disabled_at IS NOT NULL AND id = $1`, c.people["operator"]))
	require.Equal(t, http.StatusSeeOther, admin.post(disable+"?anyway=1", nil).status)
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM person WHERE disabled_at IS NOT NULL AND id = $1`, c.people["operator"]))
}
