package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/api/gate"
	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

const secretish = "s3cret-7b1f"

// Every answer below /api that is not a success is a problem, whoever made it: the rooms, huma, echo, a panic.
func TestEverythingThatFailsIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := api.Prefix + "/towns/" + itoa(w.home.Town) + "/servers"
	w.server.GET("/api/v1/panics", func(echo.Context) error { panic(secretish) })
	w.server.GET("/api/v1/fails", func(echo.Context) error { return errors.New("dial tcp: " + secretish) })
	w.server.Group("", gate.AnswersBy(func(c echo.Context, _ *tenants.Fault, status int) { _ = c.HTML(status, "<!doctype html>") })) // as the pages do
	admin := w.tokens[tenants.HostAdmin]
	for name, c := range map[string]struct {
		call
		status int
		field  string
	}{
		"no such route":         {call{Method: "GET", Path: "/api/v1/nothing", Token: admin}, 404, ""},
		"outside of v1":         {call{Method: "GET", Path: "/api/v2/towns", Token: admin}, 404, ""},
		"no such method":        {call{Method: "PATCH", Path: api.Prefix + "/towns", Token: admin}, 405, ""},
		"a panic":               {call{Method: "GET", Path: "/api/v1/panics", Token: admin}, 500, ""},
		"an unknown error":      {call{Method: "GET", Path: "/api/v1/fails", Token: admin}, 500, ""},
		"nobody":                {call{Method: "GET", Path: servers}, 401, ""},
		"nobody, and nonsense":  {call{Method: "POST", Path: servers, Body: []byte(`{"`)}, 401, ""},
		"a token of nobody":     {call{Method: "GET", Path: servers, Token: "tnm_" + strings.Repeat("a", 43)}, 401, ""},
		"no such town":          {call{Method: "GET", Path: api.Prefix + "/towns/999999999/servers", Token: admin}, 404, ""},
		"a town that is no id":  {call{Method: "GET", Path: api.Prefix + "/towns/" + secretish + "/servers", Token: admin}, 422, "town_id"},
		"a huge id":             {call{Method: "GET", Path: api.Prefix + "/towns/99999999999999999999/servers", Token: admin}, 422, "town_id"},
		"broken JSON":           {call{Method: "POST", Path: servers, Token: admin, Body: []byte(`{"name":"` + secretish)}, 400, "body"},
		"no body":               {call{Method: "POST", Path: servers, Token: admin}, 400, ""},
		"another content type":  {call{Method: "POST", Path: servers, Token: admin, Body: []byte("a=b"), Header: map[string]string{"Content-Type": "text/plain"}}, 415, ""},
		"a wrong type":          {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": 7, "role": "戸籍"}}, 422, "name"},
		"a missing field":       {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": "附票"}}, 422, "role"},
		"a field too many":      {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": "附票", "role": "附票", "tenant_id": secretish}}, 422, "tenant_id"},
		"a parameter too many":  {call{Method: "GET", Path: servers + "?tenant_id=" + secretish, Token: admin}, 422, "tenant_id"},
		"a bad cursor":          {call{Method: "GET", Path: api.Prefix + "/incidents?cursor=" + secretish, Token: admin}, 422, "cursor"},
		"a bad date":            {call{Method: "GET", Path: api.Prefix + "/board?night=" + secretish, Token: admin}, 422, "night"},
		"a day that is none":    {call{Method: "GET", Path: api.Prefix + "/board?night=2026-02-30", Token: admin}, 422, "night"},
		"an empty name":         {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": " ", "role": "戸籍"}}, 422, "name"},
		"a name that is taken":  {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": "戸籍正", "role": "戸籍"}}, 422, "name"},
		"a name with a control": {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": "a\u0007", "role": "戸籍"}}, 422, "name"},
		"broken UTF-8":          {call{Method: "POST", Path: servers, Token: admin, Body: []byte("{\"name\":\"a\xff\",\"role\":\"r\"}")}, 400, "body"},
		"U+0000":                {call{Method: "POST", Path: servers, Token: admin, Body: object{"name": "a\x00b", "role": "r"}}, 400, "body"},
		"U+0000 in the query":   {call{Method: "GET", Path: api.Prefix + "/servers?q=a%00", Token: admin}, 400, ""},
		"U+0000 in the path":    {call{Method: "GET", Path: api.Prefix + "/towns/%00", Token: admin}, 400, ""},
		"broken UTF-8, asked":   {call{Method: "GET", Path: api.Prefix + "/servers?q=%ff", Token: admin}, 400, ""},
		"too large":             {call{Method: "POST", Path: servers, Token: admin, Body: []byte(`{"name":"` + strings.Repeat("あ", 400_000) + `"}`)}, 413, ""},
		"another site's form": {call{Method: "POST", Path: servers, Body: object{"name": "x", "role": "y"},
			Header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}}, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.send(c.call)
			got.t = t
			p := got.problem(c.status)
			require.NotContains(t, got.Body.String(), secretish, "what was sent, and what went wrong inside, is not told")
			require.NotContains(t, got.Body.String(), "sql")
			if c.field != "" {
				require.NotEmpty(t, p.Errors)
				require.Equal(t, c.field, p.Errors[0].Field)
				require.NotEmpty(t, p.Errors[0].Message)
			}
			require.Equal(t, "ja", got.Header().Get("Content-Language"))
			if c.status == http.StatusUnauthorized {
				require.Contains(t, got.Header().Get("WWW-Authenticate"), "Bearer")
			}
		})
	}
	got := w.send(call{Method: "HEAD", Path: "/api/v1/nothing"})
	require.Equal(t, http.StatusNotFound, got.Code)
	require.Empty(t, got.Body.String())
}

// A body whose length nobody announced is cut off where it is too long.
func TestAnUnannouncedBodyIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, key := range []string{"", "k"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, api.Prefix+"/towns/"+itoa(w.home.Town)+"/servers",
			struct{ *strings.Reader }{strings.NewReader(`{"name":"` + strings.Repeat("x", 1_500_000) + `","role":"r"}`)})
		r.ContentLength = -1
		r.Header.Set("Authorization", "Bearer "+w.tokens[tenants.HostAdmin])
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		reply{rec, t}.problem(http.StatusRequestEntityTooLarge)
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for accept, lang := range map[string]string{"": "ja", "en": "en", "en-GB,en;q=0.9": "en", "ja,en;q=0.5": "ja", "fr": "ja", "fr, en;q=0.3": "en", "*": "ja", ";;;": "ja"} {
		got := w.send(call{Method: "POST", Path: api.Prefix + "/towns/" + itoa(w.home.Town) + "/servers", Token: w.tokens[tenants.HostAdmin],
			Body: object{"name": "", "role": "r"}, Header: map[string]string{"Accept-Language": accept}})
		p := got.problem(http.StatusUnprocessableEntity)
		require.Equal(t, lang, got.Header().Get("Content-Language"), accept)
		want := "入力してください。"
		if lang == "en" {
			want = "Please enter this."
		}
		require.Equal(t, want, p.Errors[0].Message, accept)
	}
}

// While the database is away every answer is a 503 that says when to come back.
func TestADatabaseThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Nobody but a superuser is let in any more, and who is in is thrown out.
	name := tenantstest.Value[string](w.Bench, `SELECT current_database()::text`)
	w.SQL(`ALTER DATABASE ` + name + ` CONNECTION LIMIT 0`)
	w.SQL(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'tanamori_app'`)
	for _, c := range []call{
		{Method: "GET", Path: api.Prefix + "/towns", Token: w.tokens[tenants.HostAdmin]},
		{Method: "GET", Path: api.Prefix + "/towns", Header: map[string]string{"Cookie": "tanamori=abc"}},
	} {
		got := w.send(c)
		got.problem(http.StatusServiceUnavailable)
		require.Equal(t, "5", got.Header().Get("Retry-After"))
	}
	ready := w.send(call{Method: "GET", Path: "/readyz"})
	require.Equal(t, http.StatusServiceUnavailable, ready.Code)
	require.Equal(t, "away", ready.json()["database"])
	require.Equal(t, http.StatusOK, w.send(call{Method: "GET", Path: "/healthz"}).Code, "the process itself is well")
	metrics := w.send(call{Method: "GET", Path: "/metrics"})
	require.Equal(t, http.StatusOK, metrics.Code)
	require.Contains(t, metrics.Body.String(), "tanamori_database_up 0")
}

func TestHumasWordsAreTranslated(t *testing.T) {
	t.Parallel()
	text, missing := api.WordsFor("expected required property name to be present", "ja")
	require.Equal(t, "必ず指定してください。", text)
	require.Equal(t, "name", missing)
	text, _ = api.WordsFor("expected number <= 200", "en")
	require.Equal(t, "It must be at most 200.", text)
	for _, leak := range []string{"expected string to be RFC 4122 uuid: invalid UUID " + secretish, "json: cannot unmarshal " + secretish, "invalid character"} {
		for _, lang := range []string{"ja", "en"} {
			text, _ = api.WordsFor(leak, lang)
			require.NotContains(t, text, secretish)
			require.NotEmpty(t, text)
		}
	}
}
