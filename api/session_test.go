package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
)

// signIn gives the cookie of a browser in which the person has signed in, as the page door does it.
func (w *world) signIn(login, password string) string {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/test/sign-in", nil)
	rec := httptest.NewRecorder()
	c := w.server.NewContext(r, rec)
	require.NoError(w.t, w.gate.Session(func(c echo.Context) error {
		_, err := w.gate.SignIn(c, login, password)
		require.NoError(w.t, err)
		return c.NoContent(http.StatusNoContent)
	})(c))
	cookie, _, _ := strings.Cut(rec.Header().Get("Set-Cookie"), ";")
	require.NotEmpty(w.t, cookie)
	return cookie
}

// A signed-in browser may call the API; a page of another site may not do so in its name.
func TestABrowsersSessionIsAsGoodAsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPassword(w.people[tenants.Operator], "correct horse battery")
	var login string
	for _, row := range w.SQL(`SELECT login FROM person WHERE id = $1`, w.people[tenants.Operator].PersonID) {
		login = row["login"].(string)
	}
	here, there := w.signIn(login, "correct horse battery"), w.signIn(login, "correct horse battery")
	with := func(method, path, cookie string, body any, more ...string) reply {
		header := map[string]string{"Cookie": cookie}
		for i := 0; i+1 < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		return w.send(call{Method: method, Path: api.Prefix + path, Body: body, Header: header})
	}
	me := with("GET", "/me", here, nil)
	require.Equal(t, http.StatusOK, me.Code)
	require.Equal(t, []any{"operator"}, me.json()["posts"])
	note := "/towns/" + itoa(w.home.Town) + "/incidents/" + itoa(w.home.Incident) + "/notes"
	require.Equal(t, http.StatusCreated, with("POST", note, here, object{"text": "a"}, "Sec-Fetch-Site", "same-origin").Code)
	with("POST", note, here, object{"text": "a"}, "Sec-Fetch-Site", "cross-site").problem(http.StatusForbidden)
	with("GET", "/me", "tanamori=nonsense", nil).problem(http.StatusUnauthorized)

	with("PUT", "/me/password", here, object{"old": "wrong", "new": "another horse battery"}).problem(http.StatusUnprocessableEntity)
	changed := with("PUT", "/me/password", here, object{"old": "correct horse battery", "new": "another horse battery"})
	require.Equal(t, http.StatusNoContent, changed.Code, changed.Body.String())
	here, _, _ = strings.Cut(changed.Header().Get("Set-Cookie"), ";")
	require.Equal(t, http.StatusOK, with("GET", "/me", here, nil).Code, "who changed it stays in, under a new token")
	with("GET", "/me", there, nil).problem(http.StatusUnauthorized)
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, "GET", "/me", nil).Code, "tokens are not passwords")
}

// A person who was shut out, or whose post has ended, is out at their next request.
func TestAccessEndsAtTheNextRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.people[tenants.Auditor]
	require.Equal(t, http.StatusOK, w.as(tenants.Auditor, "GET", "/me", nil).Code)
	path := "/towns/" + itoa(who.TenantID) + "/people/" + itoa(who.PersonID) + "/disablement"
	require.Equal(t, http.StatusCreated, w.as(tenants.HostAdmin, "POST", path, nil).Code)
	w.as(tenants.Auditor, "GET", "/me", nil).problem(http.StatusUnauthorized)
	require.Equal(t, http.StatusNoContent, w.as(tenants.HostAdmin, "DELETE", path+"?reason=x", nil).Code)
	require.Equal(t, http.StatusOK, w.as(tenants.Auditor, "GET", "/me", nil).Code)
	w.SQL(`UPDATE post SET until_on = '2026-11-20' WHERE person_id = $1`, who.PersonID)
	w.as(tenants.Auditor, "GET", "/me", nil).problem(http.StatusUnauthorized)
}

// What somebody may do, as /me tells it, is what the table says.
func TestMeTellsWhatOneMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, post := range posts {
		told := map[string]bool{}
		for _, act := range w.as(post, "GET", "/me", nil).json()["may"].([]any) {
			told[act.(string)] = true
		}
		for _, o := range api.Operations() {
			if o.Act != "" {
				require.Equal(t, may(post, o.Act), told[string(o.Act)], "%s as %s", o.ID, post)
			}
		}
	}
}

// Answers of one act say what the next request reads.
func TestAStoryOfOneIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	of := "/towns/" + itoa(w.home.Town) + "/incidents/" + itoa(w.home.Incident)
	ack := w.as(tenants.Town, "POST", of+"/acknowledgements", object{"promise": "業者へ連絡しました"})
	require.Equal(t, http.StatusCreated, ack.Code, ack.Body.String())
	require.Equal(t, "api", ack.json()["via"])
	w.as(tenants.Operator, "POST", of+"/notes", object{"text": "業者が到着した"})
	seen := w.as(tenants.Auditor, "GET", of, nil).json()
	require.Equal(t, "acknowledged", seen["state"])
	require.Equal(t, ack.json()["until"], seen["ack_until"])
	require.Equal(t, []any{ack.json()}, seen["acknowledgements"])
	var kinds []any
	for _, e := range seen["events"].([]any) {
		kinds = append(kinds, e.(map[string]any)["kind"])
	}
	require.Equal(t, []any{"opened", "told", "noted", "acknowledged", "noted"}, kinds, "a note was there already")
	w.as(tenants.Town, "POST", of+"/calls", object{"by": "見本 三郎"}).problem(http.StatusForbidden)
	w.as(tenants.Operator, "POST", of+"/calls", object{"by": ""}).problem(http.StatusUnprocessableEntity)

	board := w.as(tenants.Operator, "GET", "/board", nil).json()
	require.Equal(t, w.home.Night, board["night"])
	require.Equal(t, map[string]any{"missed": 2.0}, board["counts"])
	refs := []object{{"town_id": w.home.Town, "occurrence_id": w.home.Judged}, {"town_id": w.host.Town, "occurrence_id": w.host.Judged}}
	require.EqualValues(t, 2, w.as(tenants.Operator, "POST", "/confirmations", object{"occurrences": refs}).json()["count"])
	require.EqualValues(t, 0, w.as(tenants.Operator, "POST", "/confirmations", object{"occurrences": refs}).json()["count"], "once")
	occurrence := w.as(tenants.Town, "GET", "/towns/"+itoa(w.home.Town)+"/occurrences/"+itoa(w.home.Judged), nil).json()
	require.Equal(t, w.people[tenants.Operator].Text(), occurrence["confirmed_by"])
	require.Equal(t, "missed", occurrence["verdict"], "looked at, not changed")
	log := w.as(tenants.Auditor, "GET", "/operation-log?town_id="+itoa(w.home.Town)+"&limit=3", nil).json()["items"].([]any)
	require.Equal(t, "duty.confirm", log[0].(map[string]any)["act"])
}
