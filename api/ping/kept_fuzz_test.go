package ping_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin"
	"tanamori/tenants/checkin/body"
)

// FuzzCheckIn sends anything to the door before a real database. It is never the server's fault; what is answered OK is in
// the database byte for byte, what is refused is not.
func FuzzCheckIn(f *testing.F) {
	g := open(f, checkin.IntakeConfig{})
	methods := []string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete}
	for i, ending := range []string{"", "/start", "/success", "/fail", "/log", "/0", "/255", "/256", "/x", "/", "//", "/%00", "/%ff", "/start/", "/a b", "/%2e%2e", "/start/x"} {
		f.Add(uint8(i), uint8(i), ending, "rid=0b8f7f0e-6a7c-4d0a-9f43-3a1f5d1c2b3a", "curl/8", "text/plain", []byte("bytes=12\n"))
		f.Add(uint8(0), uint8(i+1), ending, "", "\xff\xfe見本", "a/b; c=\"", []byte("\x00\xff"))
	}
	f.Add(uint8(0), uint8(0), "", "create=1", strings.Repeat("a", 9000), "application/json", []byte(strings.Repeat("x", body.Limit)))
	f.Add(uint8(0), uint8(0), "", "rid=x", "", "", []byte(strings.Repeat("x", body.Limit+1)))
	f.Fuzz(func(t *testing.T, method, name uint8, ending, query, agent, kind string, sent []byte) {
		address := []string{g.uuid, g.key + "/kosekisei", "00000000-0000-4000-8000-000000000000", g.key + "/nobody", ""}[int(name)%5]
		target, err := url.ParseRequestURI("/ping/" + address + ending)
		if err != nil || strings.ContainsAny(ending, "?") {
			return // net/http answers these by itself
		}
		r := httptest.NewRequestWithContext(t.Context(), methods[int(method)%len(methods)], "/", strings.NewReader(string(sent)))
		target.RawQuery = query
		r.URL = target
		r.Header["User-Agent"], r.Header["Content-Type"] = []string{agent}, []string{kind}
		before := g.kept(t)
		rec := httptest.NewRecorder()
		g.echo.ServeHTTP(rec, r)
		require.Contains(t, []int{200, 400, 404, 405, 413}, rec.Code, "%s %s: %s", r.Method, target, rec.Body)
		after := g.kept(t)
		if rec.Code != http.StatusOK {
			require.Equal(t, before, after, "what was refused left nothing behind")
			return
		}
		require.Equal(t, before+1, after)
		var stored []byte
		var storedAgent, storedKind string
		require.NoError(t, g.Owner.QueryRow(t.Context(), `SELECT body, agent, content_type FROM checkin ORDER BY id DESC LIMIT 1`).Scan(&stored, &storedAgent, &storedKind))
		require.Equal(t, string(sent), string(stored))
		require.True(t, utf8.ValidString(storedAgent) && utf8.ValidString(storedKind))
		require.LessOrEqual(t, len(storedAgent)+len(storedKind), 4096)
	})
}

func (g *gatehouse) kept(t *testing.T) (n int64) {
	t.Helper()
	require.NoError(t, g.Owner.QueryRow(t.Context(), `SELECT count(*) FROM checkin`).Scan(&n))
	return n
}
