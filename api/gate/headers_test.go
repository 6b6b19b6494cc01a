package gate_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
)

// Every answer bears its headers: a page's, a refusal's, one that no door gave, and a machine's.
func TestEveryAnswerBearsItsHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "https://tanamori.example")
	b := &browser{house: h}
	for path, page := range map[string]bool{"/in/who": true, "/in/flash": true, "/in/panic": true, "/nowhere": true, "/ping/nowhere": false} {
		got := b.do("GET", path, "").Header()
		require.Equal(t, "nosniff", got.Get("X-Content-Type-Options"), path)
		require.Equal(t, "max-age=31536000; includeSubDomains", got.Get("Strict-Transport-Security"), path)
		for _, must := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			require.Contains(t, got.Get("Content-Security-Policy"), must, path)
		}
		require.NotContains(t, got.Get("Content-Security-Policy"), "unsafe", path)
		require.Contains(t, got.Get("Content-Type"), "charset=", path)
		require.Equal(t, page, got.Get("Cross-Origin-Resource-Policy") == "same-origin", path)
		require.Equal(t, page, got.Get("Referrer-Policy") == "same-origin", path)
	}
	got := b.do("GET", "/in/who", "").Header()
	require.Equal(t, "no-store", got.Get("Cache-Control"), "refused all the same")
	require.Contains(t, got.Get("Permissions-Policy"), "camera=()")
	require.Equal(t, "same-origin", got.Get("Cross-Origin-Opener-Policy"))
	require.Empty(t, got.Get("Access-Control-Allow-Origin"))
	require.Empty(t, (&browser{house: newHouse(t, "")}).do("GET", "/in/who", "").Header().Get("Strict-Transport-Security"), "only where there is https")
	require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, b.do(http.MethodTrace, "/in/who", "").Code, "nobody sees their own headers again")
}

// What a page of another site loads by itself is refused; what a person opens from there is not.
func TestOtherSitesEmbedNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "https://tanamori.example")
	get := func(mode, dest string) int {
		b := &browser{house: h, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}}
		return b.do("GET", "/in/flash", "").Code
	}
	require.Equal(t, http.StatusForbidden, get("no-cors", "image"))
	require.Equal(t, http.StatusForbidden, get("cors", "empty"))
	require.Equal(t, http.StatusForbidden, get("navigate", "iframe"))
	require.Equal(t, http.StatusOK, get("navigate", "document"), "a mail's link, the way back from single sign-on")
	require.Contains(t, h.log.String(), "level=WARN msg=refused")
}

// A browser sends Basic credentials by itself, as for a proxy in front: they do not stand for a token.
func TestAnyOtherAuthorizationIsNoToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "https://tanamori.example")
	b := &browser{house: h, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}
	for credentials, status := range map[string]int{"Basic YWRtaW46YWRtaW4=": http.StatusForbidden, "Bearer tnm_x": http.StatusOK, "": http.StatusForbidden} {
		b.header["Authorization"] = credentials
		require.Equal(t, status, b.do("POST", "/in/flash", "").Code, credentials)
	}
}

// Whoever reads the log by lines and fields reads what the program wrote, not what somebody sent.
func TestALineOfTheLogIsOneLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/in/who", nil)
	r.RemoteAddr = "198.51.100.1\nlevel=ERROR msg=forged:1"
	h.e.ServeHTTP(httptest.NewRecorder(), r)
	require.NotContains(t, h.log.String(), "\nlevel=ERROR")
	require.Contains(t, h.log.String(), `\nlevel=ERROR`)
}

// Who asks is the peer; the word of a proxy is taken where it was named, and of nobody else.
func TestTheAddressIsThePeersUnlessAProxyIsNamed(t *testing.T) {
	t.Parallel()
	_, proxy, err := net.ParseCIDR("10.0.0.5/32")
	require.NoError(t, err)
	for named, want := range map[bool]map[string]string{
		false: {"10.0.0.5:1": "10.0.0.5", "10.0.0.6:1": "10.0.0.6"},
		true:  {"10.0.0.5:1": "198.51.100.9", "10.0.0.6:1": "10.0.0.6"},
	} {
		c := gate.Config{Log: slog.New(slog.DiscardHandler)}
		if named {
			c.Proxies = []*net.IPNet{proxy}
		}
		g, err := gate.New(c)
		require.NoError(t, err)
		t.Cleanup(g.Close)
		e := gate.Server(g)
		e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, c.RealIP()) })
		for peer, who := range want {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = peer
			r.Header.Set("X-Forwarded-For", "203.0.113.1, 198.51.100.9") // the first is what the client itself sent
			r.Header.Set("X-Real-IP", "203.0.113.2")
			rec := httptest.NewRecorder()
			e.ServeHTTP(rec, r)
			require.Equal(t, who, rec.Body.String(), "%v %s", named, peer)
		}
	}
}
