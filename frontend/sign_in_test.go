package frontend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// code is what the authenticator app shows now.
func (c *console) code(key string) string {
	code, err := totp.GenerateCode(key, c.Clock.Now())
	require.NoError(c.t, err)
	return code
}

// TestSigningInWithAnApp sets an authenticator app up, signs in with it, and with a recovery code where the phone is lost.
func TestSigningInWithAnApp(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as("operator")
	page := b.post("/settings/factors/totp", nil)
	require.Equal(t, http.StatusOK, page.status, excerpt(page.body))
	key := text(first(parse(t, page.body), "code", "", ""))
	require.Len(t, key, 32)
	wrong := b.post("/settings/factors/totp/confirmation", url.Values{"code": {"abc"}})
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.body, key, "the same picture stays")
	page = b.post("/settings/factors/totp/confirmation", url.Values{"code": {c.code(key)}})
	require.Equal(t, http.StatusOK, page.status, excerpt(page.body))
	recovery := text(first(parse(t, page.body), "code", "", ""))
	require.Regexp(t, `^([a-z0-9]{4}-){6}[a-z0-9]{4}$`, recovery)
	require.NotContains(t, b.get("/settings/factors").body, recovery, "shown this once")

	c.Clock.Advance(time.Minute)
	signIn := url.Values{"login": {"operator"}, "password": {c.passwords["operator"]}, "next": {"/incidents"}}
	other := c.stranger()
	asked := other.post("/signin", signIn)
	require.Equal(t, http.StatusOK, asked.status)
	require.Contains(t, asked.body, `action="/signin/second"`)
	require.Equal(t, "/signin", path(other.get("/board").location), "the password alone opens nothing")
	bad := other.post("/signin/second", url.Values{"code": {"000000"}, "next": {"/incidents"}})
	require.Equal(t, http.StatusUnprocessableEntity, bad.status)
	good := other.post("/signin/second", url.Values{"code": {c.code(key)}, "next": {"/incidents"}})
	require.Equal(t, "/incidents", good.location, excerpt(good.body))
	require.Equal(t, http.StatusOK, other.get("/board").status)

	lost := c.stranger()
	lost.post("/signin", signIn)
	c.Clock.Advance(time.Minute)
	require.Equal(t, "/", lost.post("/signin/second", url.Values{"code": {strings.ToUpper(recovery)}}).location)
	again := c.stranger()
	again.post("/signin", signIn)
	require.Equal(t, http.StatusUnprocessableEntity, again.post("/signin/second", url.Values{"code": {recovery}}).status)
	c.Clock.Advance(5 * time.Minute)
	late := again.post("/signin/second", url.Values{"code": {c.code(key)}})
	require.Equal(t, http.StatusUnprocessableEntity, late.status)
	require.Contains(t, late.body, "もう一度はじめから")
}

func path(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return location
	}
	return u.Path
}

// TestSensitivePagesAskForThePasswordOnceMore: what was typed is not lost over it.
func TestSensitivePagesAskForThePasswordOnceMore(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	for range 4 {
		c.Clock.Advance(9 * time.Minute)
		require.Equal(t, http.StatusOK, admin.get("/board").status)
	}
	asked := admin.get("/settings/people/new")
	require.Equal(t, http.StatusForbidden, asked.status)
	require.Contains(t, asked.body, `name="confirm_password"`)
	typed := form("town", fmt.Sprint(c.mukawa.town), "login", "goro", "name", "見本 五郎", "lang", "ja", "kind", "town", "title", "主事", "from_on", "R8.4.1")(c)
	asked = admin.post("/settings/people", typed)
	require.Equal(t, http.StatusForbidden, asked.status)
	doc := parse(t, asked.body)
	for name := range typed {
		require.Equal(t, typed.Get(name), attribute(first(doc, "input", "name", name), "value"), name)
	}
	typed.Set("confirm_password", "not the password")
	wrong := admin.post("/settings/people", typed)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.body, "パスワードが違います")
	require.Contains(t, wrong.body, "見本 五郎")
	typed.Set("confirm_password", c.passwords["admin"])
	done := admin.post("/settings/people", typed)
	require.Equal(t, http.StatusOK, done.status, excerpt(done.body))
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM person WHERE login = 'goro'`))
	require.Equal(t, http.StatusOK, admin.get("/settings/people/new").status, "for a while after it nothing is asked")
	require.Equal(t, "/settings/people/new", admin.post("/confirm", url.Values{"next": {"/settings/people/new"}, "confirm_password": {c.passwords["admin"]}}).location)
}

// TestALiveBoardKeepsNoSessionAlive: the page asks by itself for hours, and is led to the sign-in all the same.
func TestALiveBoardKeepsNoSessionAlive(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as("operator")
	for range 9 {
		c.Clock.Advance(time.Minute)
		require.Equal(t, http.StatusOK, b.get("/board/live").status)
	}
	c.Clock.Advance(time.Minute)
	got := b.get("/board")
	require.Equal(t, "/signin", path(got.location))
	require.Contains(t, b.get(got.location).body, "10分間操作がなかった", "and is told why")
}

// TestSessionsAreEndedFromAnotherPlace: one's own, and anybody's by the host's administrator.
func TestSessionsAreEndedFromAnotherPlace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	stolen, own, admin := c.as("mukawa"), c.as("mukawa"), c.as("admin")
	page := own.get("/settings/sessions")
	require.Contains(t, page.body, "この画面")
	end := attribute(first(parse(t, page.body), "form", "data-ask-danger", "1"), "action")
	require.Equal(t, http.StatusSeeOther, own.post(end, nil).status)
	require.Equal(t, "/signin", path(stolen.get("/board").location))
	require.Equal(t, http.StatusOK, own.get("/board").status)

	id := tenantstest.Value[int64](c.Bench, `SELECT max(id) FROM sign_in WHERE person_id = $1 AND ended_at IS NULL`, c.people["mukawa"])
	require.Contains(t, admin.get("/settings/uses").body, "見本 mukawa")
	require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/settings/uses/%d/%d/end", c.mukawa.town, id), nil).status)
	require.Equal(t, "/signin", path(own.get("/board").location))
	require.Contains(t, admin.get("/settings/uses?off=1").body, "時間外", "the seventh hour of a Saturday")
}

// TestGuessingAtTheSignInPage: the page says how long to wait, with the header that programs read.
func TestGuessingAtTheSignInPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.stranger()
	for tries := 0; ; tries++ {
		require.Less(t, tries, 30, "never slowed")
		got := b.post("/signin", url.Values{"login": {"operator"}, "password": {"wrong horse battery"}})
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		if strings.Contains(got.body, "待ってから") {
			require.NotEmpty(t, got.header.Get("Retry-After"))
			break
		}
		require.Contains(t, got.body, "違います")
	}
	right := b.post("/signin", url.Values{"login": {"operator"}, "password": {c.passwords["operator"]}})
	require.Contains(t, right.body, "待ってから")
	c.Clock.Advance(time.Minute)
	require.Equal(t, http.StatusSeeOther, b.post("/signin", url.Values{"login": {"operator"}, "password": {c.passwords["operator"]}}).status)
}

// TestAnotherSiteSendsNobodyThroughSingleSignOn: whoever comes from there has to press for it here.
func TestAnotherSiteSendsNobodyThroughSingleSignOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ask := func(site string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://console.example/signin/sso?next=/log", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		rec := httptest.NewRecorder()
		c.echo.ServeHTTP(rec, r)
		return rec
	}
	for _, site := range []string{"cross-site", "same-site"} {
		got := ask(site)
		require.Equal(t, http.StatusSeeOther, got.Code)
		require.Equal(t, "/signin?next=%2Flog", got.Header().Get("Location"))
	}
	require.Equal(t, http.StatusNotFound, ask("same-origin").Code, "here there is none")
}

// TestPasswordFieldsHelpTheirManagers: masked, named for password managers, and nothing hinders pasting.
func TestPasswordFieldsHelpTheirManagers(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	signIn, own := parse(t, c.stranger().get("/signin").body), parse(t, c.as("operator").get("/settings/password").body)
	for name, of := range map[string]string{"password": "current-password", "old": "current-password", "new": "new-password", "again": "new-password"} {
		field := first(signIn, "input", "name", name)
		if field == nil {
			field = first(own, "input", "name", name)
		}
		require.NotNil(t, field, name)
		require.Equal(t, "password", attribute(field, "type"), name)
		require.Equal(t, of, attribute(field, "autocomplete"), name)
		require.Empty(t, attribute(field, "maxlength")+attribute(field, "onpaste")+attribute(field, "value"), name)
	}
}

// TestEveryPageHasAWayOut: whoever is signed in finds the button on each.
func TestEveryPageHasAWayOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	for _, at := range []string{"/board", "/incidents", "/towns", "/outbox", "/log", "/settings", "/settings/people", "/settings/uses", "/settings/sessions", "/settings/factors", "/nowhere"} {
		page := admin.get(at)
		require.NotNil(t, first(parse(t, page.body), "form", "action", "/signout"), at)
		require.Equal(t, "no-store", page.header.Get("Cache-Control"), at)
	}
}

// TestFactorsChangeByBothFactors: once somebody has a second factor, it is asked for together with the password before either is
// changed; the password alone is not enough, and nothing typed as a secret is carried along.
func TestFactorsChangeByBothFactors(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as("operator")
	key := text(first(parse(t, b.post("/settings/factors/totp", nil).body), "code", "", ""))
	require.Equal(t, http.StatusOK, b.post("/settings/factors/totp/confirmation", url.Values{"code": {c.code(key)}}).status)
	require.Equal(t, http.StatusOK, b.post("/settings/factors/codes", nil).status, "it was shown just now")
	c.Clock.Advance(9 * time.Minute)
	require.Equal(t, http.StatusOK, b.get("/settings/factors").status)
	c.Clock.Advance(9 * time.Minute)
	require.Equal(t, http.StatusOK, b.get("/settings/factors").status)
	c.Clock.Advance(9 * time.Minute)
	require.Equal(t, http.StatusOK, b.get("/settings/factors").status)
	c.Clock.Advance(9 * time.Minute)

	require.Equal(t, http.StatusSeeOther, b.post("/confirm", url.Values{"confirm_password": {c.passwords["operator"]}, "next": {"/settings/factors"}}).status)
	asked := b.post("/settings/factors/codes", url.Values{"second_password": {"typed"}})
	require.Equal(t, http.StatusForbidden, asked.status, "the password alone is not enough")
	require.Contains(t, asked.body, "confirm_code")
	require.NotContains(t, asked.body, "typed")
	require.Equal(t, http.StatusForbidden, b.get("/settings/password").status)
	for _, wrong := range []url.Values{
		{"confirm_password": {c.passwords["operator"]}, "confirm_both": {"1"}},
		{"confirm_password": {c.passwords["operator"]}, "confirm_both": {"1"}, "confirm_code": {"000000"}},
		{"confirm_password": {"wrong wrong wrong"}, "confirm_both": {"1"}, "confirm_code": {c.code(key)}},
	} {
		require.Equal(t, http.StatusUnprocessableEntity, b.post("/settings/factors/codes", wrong).status)
	}
	c.Clock.Advance(time.Minute) // after wrong tries it takes a while, and a code works once
	done := b.post("/settings/factors/codes", url.Values{"confirm_password": {c.passwords["operator"]}, "confirm_both": {"1"}, "confirm_code": {c.code(key)}})
	require.Equal(t, http.StatusOK, done.status, excerpt(done.body))
	require.Equal(t, http.StatusOK, b.get("/settings/password").status)
}
