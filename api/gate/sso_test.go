package gate_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"tanamori/api/gate"
	"tanamori/tenants/tenantstest"
)

// users are those of the provider; one of them has a login here.
type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User { return u[id] }
func (u users) GetUserByUsername(name string) *storage.User {
	for _, x := range u {
		if x.Username == name {
			return x
		}
	}
	return nil
}
func (u users) ExampleClientID() string { return "service" }

// local listens where both a browser and a provider may use plain http.
func local(t *testing.T, h http.Handler) (at string) {
	t.Helper()
	ln, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	s := &httptest.Server{Listener: ln, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Second}}
	s.Start()
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	require.NoError(t, err)
	return "http://localhost:" + port
}

var request = regexp.MustCompile(`name="id" value="([^"]+)"`)

// A real provider (certified OpenID Connect server of its own project) signs somebody in, by the code flow with PKCE.
func TestSingleSignOn(t *testing.T) { //nolint:paralleltest // the provider's clients are a table of its package
	h := newHouse(t, "")
	h.Clock.Set(time.Now())
	known := users{
		"1": {ID: "1", Username: "MUKAWA", Password: "at the provider"},
		"2": {ID: "2", Username: "yoso", Password: "at the provider"},
	}
	var provider http.Handler
	issuer := local(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	e := echo.New()
	console := local(t, e)
	storage.RegisterClients(storage.WebClient("tanamori", "a secret", console+"/signin/sso/done"))
	provider = exampleop.SetupServer(issuer, storage.NewStorage(known), nil, false)

	g, err := gate.New(gate.Config{Ground: h.Ground, Pool: h.Handle.Pool, Log: slog.New(slog.DiscardHandler), BaseURL: console,
		SSO: gate.SSO{Issuer: issuer, ClientID: "tanamori", Secret: "a secret"}})
	require.NoError(t, err)
	t.Cleanup(g.Close)
	require.Equal(t, "シングルサインオン", g.SSOName())
	in := e.Group("", g.Outside, g.Session)
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		fault, status := g.Answer(c, err)
		_ = c.String(status, fault.Ja)
	}
	in.GET("/signin/sso", func(c echo.Context) error {
		to, err := g.SSOStart(c, "/who", c.QueryParam("confirm") != "")
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, to)
	})
	in.GET("/signin/sso/done", func(c echo.Context) error {
		next, err := g.SSODone(c)
		if errors.Is(err, gate.ErrSecond) {
			return c.String(http.StatusOK, "second")
		}
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, next)
	})
	in.GET("/who", func(c echo.Context) error {
		who, err := g.Who(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, who.Name)
	})

	visit := func(t *testing.T, client *http.Client, address string) (status int, body string, at *url.URL) {
		t.Helper()
		resp, err := client.Get(address)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode, read(t, resp), resp.Request.URL
	}
	signIn := func(t *testing.T, client *http.Client, start, name string) (int, string) {
		t.Helper()
		status, page, _ := visit(t, client, console+start)
		require.Equal(t, http.StatusOK, status, page)
		id := request.FindStringSubmatch(page)
		require.NotNil(t, id, page)
		resp, err := client.PostForm(issuer+"/login/username", url.Values{"username": {name}, "password": {"at the provider"}, "id": {id[1]}})
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode, read(t, resp)
	}
	fresh := func() *http.Client {
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		return &http.Client{Jar: jar}
	}

	client := fresh()
	status, body := signIn(t, client, "/signin/sso", "MUKAWA")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, h.person.Name, body)
	require.Equal(t, "sso", tenantstest.Value[string](h.Bench, `SELECT way FROM sign_in`))
	require.Equal(t, issuer+" 1", tenantstest.Value[string](h.Bench, `SELECT issuer || ' ' || subject FROM person_subject`), "known by what never changes hands")
	status, body = signIn(t, client, "/signin/sso?confirm=1", "MUKAWA")
	require.Equal(t, http.StatusOK, status, body)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE object = 'confirmation'`))
	status, _ = signIn(t, client, "/signin/sso?confirm=1", "yoso")
	require.Equal(t, http.StatusUnauthorized, status, "another person cannot confirm for this one")

	status, body = signIn(t, fresh(), "/signin/sso", "yoso")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, body, "登録されていません", "who has no login here is told so")

	// Another account of the provider's that has come by the name is not that person; the old one is, whatever it is called now.
	known["1"].Username, known["2"].Username = "yoso", "MUKAWA"
	status, body = signIn(t, fresh(), "/signin/sso", "MUKAWA")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, body, "別のアカウント")
	status, body = signIn(t, fresh(), "/signin/sso", "yoso")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, h.person.Name, body)
	known["1"].Username, known["2"].Username = "MUKAWA", "yoso"

	// It counts as one factor: who has a second one here is asked for it.
	h.SQL(`INSERT INTO totp (tenant_id, person_id, secret, last_step, added_at) VALUES ($1, $2, decode(repeat('00', 20), 'hex'), 0, $3)`, h.person.TenantID, h.person.ID, h.Clock.Now())
	status, body = signIn(t, fresh(), "/signin/sso", "MUKAWA")
	require.Equal(t, "second", body, status)

	// An answer that this browser did not ask for is refused: the state is bound to the session.
	status, _, _ = visit(t, fresh(), console+"/signin/sso/done?state=x&code=y")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _, _ = visit(t, fresh(), console+"/signin/sso/done")
	require.Equal(t, http.StatusUnauthorized, status)
}

// A provider that is away is a 503 that says what else can be done.
func TestAProviderThatIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	g, err := gate.New(gate.Config{Ground: h.Ground, Pool: h.Handle.Pool, Log: slog.New(slog.DiscardHandler), BaseURL: "http://console.example",
		SSO: gate.SSO{Issuer: "http://127.0.0.1:1", ClientID: "tanamori", Name: "庁内認証"}})
	require.NoError(t, err)
	defer g.Close()
	require.Equal(t, "庁内認証", g.SSOName())
	e := gate.Server(g)
	e.GET("/sso", func(c echo.Context) error {
		_, err := g.SSOStart(c, "/", false)
		return err
	}, g.Outside, g.Session)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sso", nil))
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Contains(t, rec.Body.String(), "パスワードでログイン")
}

// A provider that sends us on to somebody else is not followed there.
func TestAProviderLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	led := false
	elsewhere := local(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led = true }))
	issuer := local(t, http.RedirectHandler(elsewhere, http.StatusFound))
	g, err := gate.New(gate.Config{Ground: h.Ground, Pool: h.Handle.Pool, Log: slog.New(slog.DiscardHandler), BaseURL: "http://console.example",
		SSO: gate.SSO{Issuer: issuer, ClientID: "tanamori"}})
	require.NoError(t, err)
	defer g.Close()
	e := gate.Server(g)
	e.GET("/sso", func(c echo.Context) error {
		_, err := g.SSOStart(c, "/", false)
		return err
	}, g.Outside, g.Session)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sso", nil))
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.False(t, led)
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

// What is asked of the provider decides how much its word is worth: the local one says amr pwd and no acr.
func TestTheProviderSaysWhatItAsked(t *testing.T) { //nolint:paralleltest // the provider's clients are a table of its package
	h := newHouse(t, "")
	h.Clock.Set(time.Now())
	known := users{"1": {ID: "1", Username: "MUKAWA", Password: "at the provider"}}
	var provider http.Handler
	issuer := local(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	var door http.Handler
	console := local(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))
	storage.RegisterClients(storage.WebClient("strong", "a secret", console+"/signin/sso/done"))
	provider = exampleop.SetupServer(issuer, storage.NewStorage(known), nil, false)
	try := func(acr, amr []string) (status int, body, asked string) {
		g, err := gate.New(gate.Config{Ground: h.Ground, Pool: h.Handle.Pool, Log: slog.New(slog.DiscardHandler), BaseURL: console,
			SSO: gate.SSO{Issuer: issuer, ClientID: "strong", Secret: "a secret", ACR: acr, AMR: amr}})
		require.NoError(t, err)
		defer g.Close()
		e := echo.New()
		door = e
		e.HTTPErrorHandler = func(err error, c echo.Context) {
			fault, status := g.Answer(c, err)
			_ = c.String(status, fault.Ja)
		}
		in := e.Group("", g.Outside, g.Session)
		in.GET("/signin/sso", func(c echo.Context) error {
			to, err := g.SSOStart(c, "/", false)
			asked = to
			if err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, to)
		})
		in.GET("/signin/sso/done", func(c echo.Context) error {
			if _, err := g.SSODone(c); err != nil {
				return err
			}
			return c.String(http.StatusOK, "in")
		})
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		client := &http.Client{Jar: jar}
		resp, err := client.Get(console + "/signin/sso")
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		id := request.FindStringSubmatch(read(t, resp))
		require.NotNil(t, id)
		done, err := client.PostForm(issuer+"/login/username", url.Values{"username": {"MUKAWA"}, "password": {"at the provider"}, "id": {id[1]}})
		require.NoError(t, err)
		defer func() { _ = done.Body.Close() }()
		return done.StatusCode, read(t, done), asked
	}
	way := func() string {
		return tenantstest.Value[string](h.Bench, `SELECT coalesce((SELECT way FROM sign_in ORDER BY id DESC LIMIT 1), '')`)
	}
	for _, weak := range [][2][]string{{nil, {"mfa", "hwk"}}, {{"phr"}, nil}, {{"phr"}, {"pwd"}}} {
		status, body, asked := try(weak[0], weak[1])
		require.Equal(t, http.StatusUnauthorized, status, body)
		require.Contains(t, body, "求められている本人確認")
		require.Equal(t, len(weak[0]) > 0, strings.Contains(asked, "acr_values=phr"))
		require.Empty(t, way())
	}
	status, body, _ := try(nil, []string{"hwk", "pwd"})
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, "sso_strong", way())
}
