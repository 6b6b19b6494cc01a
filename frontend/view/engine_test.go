package view

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func asset(name string) string { return "/assets/" + name }

const sound = `{{define "layout"}}<p>{{template "main" .}}</p>{{end}}`

func small(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{"layout.html": {Data: []byte(sound)}}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

func TestEngineRefusesAtStart(t *testing.T) {
	t.Parallel()
	fine := `{{define "title"}}t{{end}}{{define "main"}}m{{end}}`
	for name, c := range map[string]struct {
		files map[string]string
		specs []spec
		says  string
	}{
		"file of no view":     {map[string]string{"a.html": fine, "b.html": fine}, []spec{page[int]("a", "").spec}, `"b.html" belongs to no declared view`},
		"view without a file": {map[string]string{"a.html": fine}, []spec{page[int]("a", "").spec, page[int]("b", "").spec}, `parse view "b"`},
		"part without a file": {map[string]string{"a.html": fine}, []spec{page[int]("a", "", parts("x")).spec}, `part_x.html`},
		"part never called":   {map[string]string{"a.html": fine, "part_x.html": `{{define "x"}}{{end}}`}, []spec{page[int]("a", "", parts("x")).spec}, `declares part "x" and never calls it`},
		"call without a part": {map[string]string{"a.html": `{{define "title"}}{{end}}{{define "main"}}{{if .B}}{{range .B}}{{with .}}{{template "x"}}{{end}}{{end}}{{end}}{{end}}`}, []spec{page[int]("a", "").spec}, `calls template "x"`},
		"no main":             {map[string]string{"a.html": `{{define "title"}}{{end}}`}, []spec{page[int]("a", "").spec}, `"main"`},
		"no piece":            {map[string]string{"a.html": fine}, []spec{page[int]("a", "", pieces("live")).spec}, `defines no template "live"`},
		"twice":               {map[string]string{"a.html": fine}, []spec{page[int]("a", "").spec, page[int]("a", "").spec}, `declared twice`},
		"unparsable":          {map[string]string{"a.html": `{{define "title"}}{{if}}`}, []spec{page[int]("a", "").spec}, `parse view "a"`},
		"unheard-of function": {map[string]string{"a.html": `{{define "title"}}{{shout .}}{{end}}`}, []spec{page[int]("a", "").spec}, `shout`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newEngine(small(c.files), c.specs, Options{Zone: time.UTC, Asset: asset})
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err := New(Options{Asset: asset})
	require.ErrorContains(t, err, "no zone")
	_, err = New(Options{Zone: time.UTC, Asset: func(string) string { return "" }})
	require.ErrorContains(t, err, "app.js")
}

func TestNeverHalfAPage(t *testing.T) {
	t.Parallel()
	v := page[struct{ X []int }]("a", "", pieces("live"))
	files := small(map[string]string{"a.html": `{{define "title"}}t{{end}}{{define "main"}}begun {{template "live" .}}{{end}}{{define "live"}}{{index .B.X 3}}{{end}}`})
	e, err := newEngine(files, []spec{v.spec}, Options{Zone: time.UTC, Asset: asset})
	require.NoError(t, err)

	w := httptest.NewRecorder()
	bad := v.With(Frame{}, struct{ X []int }{})
	require.Error(t, e.Write(w, 200, bad))
	require.Empty(t, w.Body.String())
	require.Empty(t, w.Header().Get("Content-Type"))
	require.Error(t, e.Render(&bytes.Buffer{}, bad))

	good := v.With(Frame{Lang: EN}, struct{ X []int }{[]int{1, 2, 3, 4}})
	w = httptest.NewRecorder()
	require.NoError(t, e.Write(w, 201, good))
	require.Equal(t, 201, w.Code)
	require.Equal(t, "<p>begun 4</p>", w.Body.String())
	require.Equal(t, "en", w.Header().Get("Content-Language"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))

	w = httptest.NewRecorder()
	require.NoError(t, e.WritePiece(w, 200, good, "live"))
	require.Equal(t, "4", w.Body.String())
	text, err := e.Piece(good, "live")
	require.NoError(t, err)
	require.Equal(t, "4", text)
	require.ErrorContains(t, e.WritePiece(w, 200, good, "main"), "declares no piece")
	_, err = e.Piece(good, "main")
	require.ErrorContains(t, err, "declares no piece")

	stranger := page[int]("b", "").With(Frame{}, 1)
	require.ErrorContains(t, e.Render(&bytes.Buffer{}, stranger), "not declared")
}

func TestPiecesOfThePages(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	live, err := e.Piece(samples(JA)["board"], BoardLive)
	require.NoError(t, err)
	require.Contains(t, live, `id="board"`)
	require.Contains(t, live, `hx-get="/board/live"`)
	require.NotContains(t, live, "<html")
	live, err = e.Piece(samples(JA)["incident"], IncidentLive)
	require.NoError(t, err)
	require.Contains(t, live, `id="incident"`)
	require.NotContains(t, live, `id="ack"`, "a swap must not take away what is being typed")
	require.Contains(t, e.Names(), "board")
}

func TestFrameZoneAndMenu(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	p := samples(JA)["board"]
	p.Frame.Zone = time.FixedZone("UTC-test", 0)
	var buf bytes.Buffer
	require.NoError(t, e.Render(&buf, p))
	require.Contains(t, buf.String(), "11月20日（金）22:30", "07:30 in Tokyo is 22:30 the day before in UTC")
	require.Contains(t, buf.String(), `<a href="/" aria-current="page">朝の確認</a>`)
	require.Equal(t, "/settings", p.Frame.NavURL(SectionSettings))
	require.Empty(t, p.Frame.NavURL("other"))
}

func TestFlashesAndDemo(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	p := samples(JA)["settings"]
	p.Frame.Flash = []Flash{{FlashOK, "保存しました。"}, {FlashBad, "保存できませんでした。"}}
	var buf bytes.Buffer
	require.NoError(t, e.Render(&buf, p))
	require.Contains(t, buf.String(), `<div class="banner banner-ok" role="status">`)
	require.Contains(t, buf.String(), `<div class="banner banner-bad" role="alert">`)
	require.Contains(t, buf.String(), "ここにある団体と人は架空です")
	p.Frame.Demo = ""
	buf.Reset()
	require.NoError(t, e.Render(&buf, p))
	require.NotContains(t, buf.String(), `class="demo"`)
}
