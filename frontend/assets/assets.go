// Package assets serves what the browser loads: script, styles and fonts, built from src/ into dist/ and embedded into the binary.
//
// File names in dist/ carry a hash of their content, so an answer may be cached for ever; manifest.json maps the plain
// names ("app.js") to them.
package assets

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Prefix is the path under which the doors mount Handler.
const Prefix = "/assets/"

// The pattern also matches dist.txt, so that the package compiles before the front end was built: Load then says what is missing.
//
//go:embed dist*
var embedded embed.FS

// ErrNotBuilt means that the binary was compiled before the front end was built.
var ErrNotBuilt = errors.New("frontend/assets/dist is missing: build the front end first (make build does it)")

// Assets is the opened set of built files.
type Assets struct {
	manifest map[string]string
	files    map[string]file
}

type file struct {
	body []byte
	gzip []byte // empty where compressing gains nothing
	kind string
}

// Load opens the embedded files. It returns ErrNotBuilt if there are none.
func Load() (*Assets, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, fmt.Errorf("open embedded assets: %w", err)
	}
	return From(dist)
}

// From opens a directory that holds manifest.json and the files it names.
func From(dist fs.FS) (*Assets, error) {
	raw, err := fs.ReadFile(dist, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("read asset manifest: %w", err)
	}
	a := &Assets{manifest: map[string]string{}, files: map[string]file{}}
	if err := json.Unmarshal(raw, &a.manifest); err != nil {
		return nil, fmt.Errorf("parse asset manifest: %w", err)
	}
	err = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "manifest.json" {
			return err
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		a.files[name] = prepare(name, body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	for plain, hashed := range a.manifest {
		if _, ok := a.files[hashed]; !ok {
			return nil, fmt.Errorf("asset manifest names %q for %q, which is not in dist", hashed, plain)
		}
	}
	for _, need := range []string{"app.js", "app.css"} {
		if _, ok := a.manifest[need]; !ok {
			return nil, fmt.Errorf("asset manifest has no %q: %w", need, ErrNotBuilt)
		}
	}
	return a, nil
}

// Path returns the address of a plain name ("app.js"), "" if the manifest does not know it.
func (a *Assets) Path(name string) string {
	hashed, ok := a.manifest[name]
	if !ok {
		return ""
	}
	return Prefix + hashed
}

// Handler answers GET and HEAD below Prefix.
func (a *Assets) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := a.files[strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, Prefix), "/")] // also below http.StripPrefix
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		body := f.body
		if len(f.gzip) > 0 {
			h.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r.Header.Get("Accept-Encoding")) {
				h.Set("Content-Encoding", "gzip")
				body = f.gzip
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // a browser that went away is no fault of ours
		}
	})
}

// Names are fixed here because the types of the host system (mime.TypeByExtension) differ between machines.
var kinds = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml; charset=utf-8",
	".png":   "image/png",
	".ico":   "image/x-icon",
	".woff2": "font/woff2",
	".map":   "application/json",
	".txt":   "text/plain; charset=utf-8",
}

func prepare(name string, body []byte) file {
	f := file{body: body, kind: kinds[path.Ext(name)]}
	if f.kind == "" {
		f.kind = "application/octet-stream"
	}
	switch path.Ext(name) {
	case ".js", ".css", ".svg", ".map", ".txt":
	default:
		return f
	}
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(body); err == nil && zw.Close() == nil && buf.Len() < len(body) {
		f.gzip = buf.Bytes()
	}
	return f
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
