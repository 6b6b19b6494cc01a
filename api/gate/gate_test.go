package gate_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// house is a server with one person who can sign in, and a few routes that show what the gate lets through.
type house struct {
	*tenantstest.Bench
	t        *testing.T
	e        *echo.Echo
	gate     *gate.Gate
	log      *lines
	town     int64
	person   people.Person
	password string
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t *testing.T, base string, change ...func(*gate.Config)) *house {
	t.Helper()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	h := &house{Bench: b, t: t, log: &lines{}, town: b.Town("むかわ町", "015865")}
	from, err := calendar.Parse("2026-04-01")
	require.NoError(t, err)
	b.Do(b.Person(host, tenants.HostAdmin), func(ctx context.Context, tx *tenants.Tx) (err error) {
		h.person, h.password, err = people.Add(ctx, tx, h.town, people.Input{Login: "mukawa", Name: "見本 一郎", Keep: true,
			Posts: []people.PostInput{{Kind: tenants.Town, Title: "主事", FromOn: from}}})
		return err
	})
	config := gate.Config{Ground: b.Ground, Pool: b.Handle.Pool, BaseURL: base, Log: slog.New(slog.NewTextHandler(h.log, nil))}
	for _, c := range change {
		c(&config)
	}
	h.gate, err = gate.New(config)
	require.NoError(t, err)
	t.Cleanup(h.gate.Close)
	h.e = gate.Server(h.gate)
	g := h.e.Group("/in", h.gate.Outside, h.gate.Session)
	g.POST("/sign-in", func(c echo.Context) error {
		_, err := h.gate.SignIn(c, c.FormValue("login"), c.FormValue("password"))
		return err
	})
	g.POST("/sign-out", func(c echo.Context) error { return h.gate.SignOut(c) })
	g.GET("/who", func(c echo.Context) error {
		who, err := h.gate.Who(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, who.Text()+" "+who.RequestID)
	})
	g.POST("/password", func(c echo.Context) error {
		err := h.gate.Do(c, func(ctx context.Context, tx *tenants.Tx) error {
			return people.ChangeOwnPassword(ctx, tx, h.password, "correct horse battery")
		})
		if err != nil {
			return err
		}
		return h.gate.Renew(c)
	})
	g.POST("/confirm", func(c echo.Context) error { return h.gate.Confirm(c, c.FormValue("password"), c.FormValue("code")) })
	g.POST("/flash", func(c echo.Context) error {
		h.gate.Flash(c, "done", "保存しました")
		h.gate.SetLang(c, "en")
		return nil
	})
	g.GET("/flash", func(c echo.Context) error {
		kind, text, ok := h.gate.TakeFlash(c)
		if !ok {
			return c.String(http.StatusOK, "none "+h.gate.Lang(c, "ja"))
		}
		return c.String(http.StatusOK, kind+" "+text+" "+h.gate.Lang(c, "ja"))
	})
	g.GET("/panic", func(echo.Context) error { panic("ouch") })
	return h
}

// browser keeps its cookie.
type browser struct {
	*house
	cookie *http.Cookie
	header map[string]string
}

func (b *browser) do(method, path, form string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	rec := httptest.NewRecorder()
	b.e.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return rec
}

func (b *browser) signIn(password string) int {
	b.t.Helper()
	return b.do("POST", "/in/sign-in", "login=mukawa&password="+password).Code
}

func TestASessionBeginsAndEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "https://tanamori.example")
	b := &browser{house: h}
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/in/who", "").Code)
	require.Equal(t, http.StatusUnauthorized, b.signIn("wrong"))
	require.Nil(t, b.cookie, "a failed sign-in leaves no session")
	require.Equal(t, http.StatusOK, b.signIn(h.password))
	require.True(t, b.cookie.HttpOnly && b.cookie.Secure)
	require.Equal(t, http.SameSiteLaxMode, b.cookie.SameSite)
	got := b.do("GET", "/in/who", "")
	require.Equal(t, http.StatusOK, got.Code)
	require.Equal(t, "主事 見本 一郎 "+got.Header().Get("X-Request-Id"), got.Body.String())
	require.Contains(t, got.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "__Host-tanamori", b.cookie.Name)
	require.True(t, b.cookie.Path == "/" && b.cookie.Domain == "", "what browsers ask of that name")

	before := b.cookie
	require.Equal(t, http.StatusOK, b.signIn(h.password))
	require.NotEqual(t, before.Value, b.cookie.Value, "signing in again begins a new session")
	stolen := &browser{house: h, cookie: before}
	require.Equal(t, http.StatusUnauthorized, stolen.do("GET", "/in/who", "").Code, "the former one is worth nothing")

	held := b.cookie
	out := b.do("POST", "/in/sign-out", "")
	require.Equal(t, http.StatusOK, out.Code)
	require.Equal(t, `"cache", "storage"`, out.Header().Get("Clear-Site-Data"))
	require.Nil(t, b.cookie)
	require.Equal(t, http.StatusUnauthorized, (&browser{house: h, cookie: held}).do("GET", "/in/who", "").Code)
}

// Whoever read the token before somebody proved once more who they are has nothing of that.
func TestConfirmingMakesANewToken(t *testing.T) {
	t.Parallel()
	b := &browser{house: newHouse(t, "")}
	require.Equal(t, http.StatusOK, b.signIn(b.password))
	before := b.cookie
	require.Equal(t, http.StatusUnprocessableEntity, b.do("POST", "/in/confirm", "password=wrong").Code)
	require.Equal(t, before.Value, b.cookie.Value)
	require.Equal(t, http.StatusOK, b.do("POST", "/in/confirm", "password="+b.password).Code)
	require.NotEqual(t, before.Value, b.cookie.Value)
	require.Equal(t, http.StatusOK, b.do("GET", "/in/who", "").Code)
	require.Equal(t, http.StatusUnauthorized, (&browser{house: b.house, cookie: before}).do("GET", "/in/who", "").Code)
}

func TestASessionEndsWithThePasswordItBeganWith(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	here, there := &browser{house: h}, &browser{house: h}
	require.Equal(t, http.StatusOK, here.signIn(h.password))
	require.Equal(t, http.StatusOK, there.signIn(h.password))
	require.Equal(t, http.StatusOK, here.do("POST", "/in/password", "").Code)
	require.Equal(t, http.StatusOK, here.do("GET", "/in/who", "").Code, "who changed it stays in")
	require.Equal(t, http.StatusUnauthorized, there.do("GET", "/in/who", "").Code, "everybody else is out")
	h.SQL(`UPDATE person SET disabled_at = $1 WHERE id = $2`, h.Clock.Now(), h.person.ID)
	require.Equal(t, http.StatusUnauthorized, here.do("GET", "/in/who", "").Code)
}

// Who asks too much is held off in words, by every browser of theirs; their token, others, and they themselves a moment later are not.
func TestWhoAsksTooMuchIsHeldOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "", func(c *gate.Config) { c.Pace = gate.Pace{PerSecond: 2, Burst: 6} })
	var token string
	h.Do(tenants.Gate("token", "test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		token, err = people.CreateTokenFor(ctx, tx, "mukawa", "test", tx.Now.Add(time.Hour))
		return err
	})
	desk, tablet := &browser{house: h}, &browser{house: h}
	require.Equal(t, http.StatusOK, desk.signIn(h.password))
	require.Equal(t, http.StatusOK, tablet.signIn(h.password))
	h.Clock.Advance(time.Minute)
	for range 3 {
		require.Equal(t, http.StatusOK, desk.do("GET", "/in/who", "").Code)
		require.Equal(t, http.StatusOK, tablet.do("GET", "/in/who", "").Code)
	}
	for _, b := range []*browser{desk, tablet} {
		got := b.do("GET", "/in/who", "")
		require.Equal(t, http.StatusTooManyRequests, got.Code)
		require.Equal(t, "1", got.Header().Get("Retry-After"))
		require.Contains(t, got.Body.String(), "1秒ほど待ってから")
	}
	machine := &browser{house: h, header: map[string]string{"Authorization": "Bearer " + token}}
	for range 6 {
		require.Equal(t, http.StatusOK, machine.do("GET", "/in/who", "").Code)
	}
	require.Equal(t, http.StatusTooManyRequests, machine.do("GET", "/in/who", "").Code)
	require.NotContains(t, h.log.String(), token)
	h.Clock.Advance(time.Second)
	require.Equal(t, http.StatusOK, desk.do("GET", "/in/who", "").Code)
	require.Equal(t, http.StatusOK, tablet.do("GET", "/in/who", "").Code)
	require.Equal(t, http.StatusTooManyRequests, desk.do("GET", "/in/who", "").Code)
}

func TestATokenIsAskedBeforeACookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	b := &browser{house: h}
	require.Equal(t, http.StatusOK, b.signIn(h.password))
	b.header = map[string]string{"Authorization": "Bearer tnm_nobody"}
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/in/who", "").Code)
	b.header = map[string]string{"Authorization": "Basic abc"}
	require.Equal(t, http.StatusOK, b.do("GET", "/in/who", "").Code, "another scheme is not ours to read")
}

func TestWritesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "https://tanamori.example")
	for site, status := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusOK, "none": http.StatusOK} {
		b := &browser{house: h, header: map[string]string{"Sec-Fetch-Site": site}}
		require.Equal(t, status, b.do("POST", "/in/flash", "").Code, site)
		require.Equal(t, http.StatusOK, b.do("GET", "/in/flash", "").Code, "reading is not acting: %s", site)
	}
	b := &browser{house: h, header: map[string]string{"Origin": "https://evil.example"}}
	require.Equal(t, http.StatusForbidden, b.do("POST", "/in/flash", "").Code)
	b = &browser{house: h, header: map[string]string{"Origin": "https://tanamori.example"}}
	require.Equal(t, http.StatusOK, b.do("POST", "/in/flash", "").Code)
}

func TestALineIsShownOnce(t *testing.T) {
	t.Parallel()
	b := &browser{house: newHouse(t, "")}
	require.Equal(t, "none ja", b.do("GET", "/in/flash", "").Body.String())
	b.do("POST", "/in/flash", "")
	require.Equal(t, "done 保存しました en", b.do("GET", "/in/flash", "").Body.String())
	require.Equal(t, "none en", b.do("GET", "/in/flash", "").Body.String())
}

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	b := &browser{house: h}
	got := b.do("GET", "/in/panic", "")
	require.Equal(t, http.StatusInternalServerError, got.Code)
	require.NotContains(t, got.Body.String(), "ouch")
	require.Contains(t, h.log.String(), "ouch")
	require.Contains(t, h.log.String(), got.Header().Get("X-Request-Id"))
}

// A store that cannot be read is a 503 as any other, and its error is for the log.
func TestASessionStoreThatIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.SQL(`ALTER TABLE sessions RENAME TO gone`)
	b := &browser{house: h, cookie: &http.Cookie{Name: "tanamori", Value: "abc"}}
	got := b.do("GET", "/in/who", "")
	require.Equal(t, http.StatusServiceUnavailable, got.Code)
	require.Equal(t, "5", got.Header().Get("Retry-After"))
	require.NotContains(t, got.Body.String(), "sessions")
	require.Contains(t, h.log.String(), "session store failed")
	require.Contains(t, h.log.String(), "status=503")
}

func TestSessionsAreKeptByTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	b := &browser{house: h}
	require.Equal(t, http.StatusOK, b.signIn(h.password))
	other, err := gate.New(gate.Config{Ground: h.Ground, Pool: h.Handle.Pool, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer other.Close()
	e := gate.Server(other)
	e.GET("/who", func(c echo.Context) error {
		_, err := other.Who(c)
		return err
	}, other.Outside, other.Session)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/who", nil)
	r.AddCookie(b.cookie)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, r)
	require.Equal(t, http.StatusOK, rec.Code, "another node knows the session")
	require.Less(t, time.Until(tenantstest.Value[time.Time](h.Bench, `SELECT expiry FROM sessions`)), 24*time.Hour+time.Minute)
	require.NotEqual(t, b.cookie.Value, tenantstest.Value[string](h.Bench, `SELECT token FROM sessions`), "who reads the table has no session by it")
}

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, status := range map[tenants.Kind]int{tenants.KindInvalid: 422, tenants.KindNotFound: 404, tenants.KindForbidden: 403,
		tenants.KindUnauthenticated: 401, tenants.KindConflict: 409, tenants.KindGone: 410, tenants.KindTooMany: 429, tenants.KindUnavailable: 503, tenants.KindInternal: 500, "": 500} {
		require.Equal(t, status, gate.Status(kind), kind)
	}
	g, err := gate.New(gate.Config{Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer g.Close()
	for he, status := range map[*echo.HTTPError]int{echo.ErrNotFound: 404, echo.ErrMethodNotAllowed: 405, echo.ErrStatusRequestEntityTooLarge: 413,
		echo.ErrUnsupportedMediaType: 415, echo.ErrBadRequest: 400, echo.ErrBadGateway: 500} {
		c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder())
		fault, got := g.Answer(c, errors.Join(he))
		require.Equal(t, status, got, he)
		require.NotEmpty(t, fault.Ja)
		require.NotEmpty(t, fault.En)
	}
	_, err = gate.New(gate.Config{BaseURL: "tanamori.example", Log: slog.New(slog.DiscardHandler)})
	require.Error(t, err, "an address without a scheme is no origin")
}
