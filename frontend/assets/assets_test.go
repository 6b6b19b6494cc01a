package assets

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func built() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json":   {Data: []byte(`{"app.js":"app-1A.js","app.css":"app-2B.css"}`)},
		"app-1A.js":       {Data: []byte(strings.Repeat("console.log(1);", 200))},
		"app-2B.css":      {Data: []byte(strings.Repeat("body{margin:0}", 200))},
		"files/jp.woff2":  {Data: []byte("wOF2")},
		"app-1A.js.wrong": {Data: []byte("?")},
	}
}

func get(t *testing.T, a *Assets, method, target, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestPathAndHandler(t *testing.T) {
	t.Parallel()
	a, err := From(built())
	require.NoError(t, err)
	require.Equal(t, "/assets/app-1A.js", a.Path("app.js"))
	require.Empty(t, a.Path("other.js"))

	res := get(t, a, http.MethodGet, a.Path("app.js"), "")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/javascript; charset=utf-8", res.Header.Get("Content-Type"))
	require.Contains(t, res.Header.Get("Cache-Control"), "immutable")
	require.Empty(t, res.Header.Get("Content-Encoding"))

	res = get(t, a, http.MethodGet, a.Path("app.css"), "br, gzip")
	require.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
	zr, err := gzip.NewReader(res.Body)
	require.NoError(t, err)
	plain, err := io.ReadAll(zr)
	require.NoError(t, err)
	require.Equal(t, built()["app-2B.css"].Data, plain)

	require.Empty(t, get(t, a, http.MethodGet, a.Path("app.css"), "gzip;q=0").Header.Get("Content-Encoding"))
	require.Equal(t, "font/woff2", get(t, a, http.MethodHead, "/assets/files/jp.woff2", "gzip").Header.Get("Content-Type"))
	require.Equal(t, http.StatusOK, get(t, a, http.MethodGet, "/app-1A.js", "").StatusCode, "below http.StripPrefix")
	require.Equal(t, http.StatusNotFound, get(t, a, http.MethodGet, "/assets/none.js", "").StatusCode)
	require.Equal(t, http.StatusNotFound, get(t, a, http.MethodGet, "/assets/manifest.json", "").StatusCode)
	require.Equal(t, http.StatusMethodNotAllowed, get(t, a, http.MethodPost, a.Path("app.js"), "").StatusCode)
}

func TestFromRefusesHalfABuild(t *testing.T) {
	t.Parallel()
	_, err := From(fstest.MapFS{"dist.txt": {Data: []byte("x")}})
	require.ErrorIs(t, err, ErrNotBuilt)

	half := built()
	delete(half, "app-2B.css")
	_, err = From(half)
	require.ErrorContains(t, err, "app-2B.css")

	nocss := built()
	nocss["manifest.json"] = &fstest.MapFile{Data: []byte(`{"app.js":"app-1A.js"}`)}
	_, err = From(nocss)
	require.ErrorIs(t, err, ErrNotBuilt)

	broken := built()
	broken["manifest.json"] = &fstest.MapFile{Data: []byte(`{`)}
	_, err = From(broken)
	require.ErrorContains(t, err, "parse asset manifest")
}
