package view

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tanamori/frontend/assets"
)

// cannot skips where something is missing on a developer's machine, and fails in CI, where nothing may be.
func cannot(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// browser starts one headless browser for the test, which stops with it.
func browser(t *testing.T) context.Context {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "headless-shell"} {
		if _, err := exec.LookPath(name); err == nil {
			found = true
		}
	}
	if !found || os.Getenv("TANAMORI_TEST_BROWSER") == "skip" {
		cannot(t, "no browser: make test installs one or says what to install")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-gpu", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, late := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(late)
	return ctx
}

// site serves the sample pages as the page door does: same content policy, same assets.
type site struct {
	*httptest.Server
	events chan string  // "" breaks the connection
	lives  atomic.Int32 // how often the live part was fetched
	posts  atomic.Int32
}

func newSite(t *testing.T) *site {
	t.Helper()
	built, err := assets.Load()
	if errors.Is(err, assets.ErrNotBuilt) {
		cannot(t, err.Error())
	}
	require.NoError(t, err)
	e, err := New(Options{Zone: tokyo, Asset: built.Path})
	require.NoError(t, err)
	s := &site{events: make(chan string)}
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, built.Handler())
	mux.HandleFunc("GET /page/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", ContentSecurityPolicy)
		if err := e.Write(w, http.StatusOK, samples(ParseLang(r.PathValue("lang")))[r.PathValue("name")]); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /board/live", func(w http.ResponseWriter, _ *http.Request) {
		body := sampleBoard(JA)
		body.Now = body.Now.Add(time.Duration(s.lives.Add(1)) * time.Minute)
		if err := e.WritePiece(w, http.StatusOK, Board.With(sampleFrame(JA), body), BoardLive); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: alive\ndata: 1\n\n")
		w.(http.Flusher).Flush()
		for {
			select {
			case name := <-s.events:
				if name == "" {
					return
				}
				fmt.Fprintf(w, "event: %s\ndata: 1\n\n", name)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("POST /nights/confirmation", func(w http.ResponseWriter, r *http.Request) {
		s.posts.Add(1)
		http.Redirect(w, r, "/page/ja/board", http.StatusSeeOther)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func eval[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	require.NoError(t, err, script)
	return v
}

const runAxe = `document.querySelectorAll("details").forEach(d => d.open = true);
axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")))`

const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

// TestPagesInABrowser holds every page against axe, and against widths from a desktop (1280) over a tablet (820) to 200 %
// zoom (640): nothing may stick out. The content policy must refuse nothing.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		cannot(t, "axe-core is not installed: make assets installs it")
	}
	ctx, s := browser(t), newSite(t)
	for _, l := range []Lang{JA, EN} {
		for _, name := range slices.Sorted(maps.Keys(samples(l))) {
			page := string(l) + "/" + name
			require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/page/"+page)), page)
			eval[bool](ctx, t, `addEventListener("securitypolicyviolation", e => window.refused = e.violatedDirective), true`)
			eval[bool](ctx, t, `document.fonts.ready.then(() => true)`)
			require.Equal(t, "object", eval[string](ctx, t, `typeof window.htmx`), "the script of %s did not run", page)
			if l == JA { // the other language differs in words and widths only
				eval[bool](ctx, t, string(axe)+"\n;true")
				require.Empty(t, eval[[]string](ctx, t, runAxe), page)
			}
			for _, width := range []int64{1280, 820, 640} {
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
				require.LessOrEqual(t, eval[int](ctx, t, overflow), 0, "%s sticks out at %d px", page, width)
			}
			require.Empty(t, eval[string](ctx, t, `window.refused || ""`), page)
		}
	}
	eval[bool](ctx, t, string(axe)+"\n;document.body.innerHTML = '<input>';true")
	require.NotEmpty(t, eval[[]string](ctx, t, runAxe), "axe finds nothing even where something is wrong")
}

// TestBoardStaysAlive follows the live board: an event fetches the part again without taking focus or an open date
// choice away; a question comes before confirming; a lost connection is said in words.
func TestBoardStaysAlive(t *testing.T) {
	t.Parallel()
	ctx, s := browser(t), newSite(t)
	until := func(script string) {
		t.Helper()
		require.Eventually(t, func() bool { return eval[bool](ctx, t, script) }, 20*time.Second, 50*time.Millisecond, script)
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(s.URL+"/page/ja/board"), chromedp.Click("#night-pick summary"), chromedp.Focus("#show-needs")))
	until(`document.querySelector("#f-night-era").textContent === "令和8年11月20日（金）"`)

	s.events <- "board"
	until(`document.querySelector("#board h1").textContent.includes("07:31")`)
	require.EqualValues(t, 1, s.lives.Load())
	require.Equal(t, 1, eval[int](ctx, t, `document.querySelectorAll("#board").length`))
	require.Equal(t, "show-needs", eval[string](ctx, t, `document.activeElement.id`))
	require.True(t, eval[bool](ctx, t, `document.querySelector("#night-pick").open`))
	require.False(t, eval[bool](ctx, t, `document.querySelector("[data-live]").classList.contains("is-stale")`))

	require.NoError(t, chromedp.Do(ctx, chromedp.Click("#night-pick summary"), chromedp.Click("#confirm-all"), chromedp.WaitVisible("dialog")))
	require.Contains(t, eval[string](ctx, t, `document.querySelector("dialog p").textContent`), "17件")
	require.NoError(t, chromedp.Do(ctx, chromedp.Click("dialog .btn-quiet")))
	until(`!document.querySelector("dialog")`)
	require.Zero(t, s.posts.Load(), "refused, so nothing may be sent")
	require.NoError(t, chromedp.Do(ctx, chromedp.Click("#confirm-all"), chromedp.WaitVisible("dialog"), chromedp.Click("dialog .btn-fill")))
	require.Eventually(t, func() bool { return s.posts.Load() == 1 }, 20*time.Second, 50*time.Millisecond)
	until(`!document.querySelector("dialog") && !!window.htmx`)

	before := s.lives.Load()
	s.events <- ""
	until(`document.querySelector("[data-live]").classList.contains("is-stale")`)
	require.Contains(t, eval[string](ctx, t, `document.querySelector(".stale").innerText`), "更新が止まっています")
	until(`!document.querySelector("[data-live]").classList.contains("is-stale")`)
	require.Eventually(t, func() bool { return s.lives.Load() > before }, 20*time.Second, 50*time.Millisecond, "what was missed is fetched once the line is back")
}
