package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/jobs"
	"tanamori/jobs/demo"
	"tanamori/tenants/tenantstest"
)

// cannot skips where something is missing on a developer's machine, and fails in CI, where nothing may be.
func cannot(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// shown is the demonstration behind a real browser.
type shown struct {
	*tenantstest.Bench
	t    *testing.T
	base string
	pass map[string]string
	box  *demo.Mailbox
	tab  context.Context
	axe  string
	node *console
}

func show(t *testing.T) *shown {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil || os.Getenv("TANAMORI_TEST_BROWSER") == "skip" {
		cannot(t, "no browser: make test installs one or says what to install")
	}
	axe, err := os.ReadFile("frontend/node_modules/axe-core/axe.min.js")
	if err != nil {
		cannot(t, "axe-core is not installed: make assets installs it")
	}
	s := &shown{Bench: tenantstest.New(t), t: t, axe: string(axe), pass: map[string]string{}}
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	now := time.Date(2026, time.November, 21, 7, 31, 0, 0, zone)
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	_, err = demo.Load(t.Context(), demo.Options{Handle: s.Handle, Keys: tenantstest.Ring, Dir: dir, Nights: 4, Now: now, Log: log, Out: t.Output(), BaseURL: "http://127.0.0.1"})
	require.NoError(t, err)
	signins, err := os.ReadFile(filepath.Join(dir, "signins.txt"))
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(signins)), "\n") {
		f := strings.Fields(line)
		s.pass[f[0]] = f[1]
	}
	s.Clock.Set(now)
	s.box, err = demo.OpenMailbox(filepath.Join(dir, "mail"), log)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	s.base = "http://localhost:" + port // by this name a browser offers passkeys over plain http
	var stops stack
	s.node, err = wire(s.Handle, tenantstest.Ring, s.Clock.Now, gate.Config{BaseURL: s.base}, &jobs.Post{Zone: zone}, 0, s.box, log, &stops)
	require.NoError(t, err)
	server.Config.Handler = s.node.doors
	server.Start()
	stops.run("wake-ups", s.node.bell.Run)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, stops.unwind(log))
		require.NoError(t, s.box.Close())
	})

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-gpu", true),
		chromedp.WindowSize(1280, 1000))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	s.tab, stop = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop)
	return s
}

func (s *shown) do(actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	require.NoError(s.t, chromedp.Do(s.tab, actions...))
}

func (s *shown) eval(script string) string {
	s.t.Helper()
	v, err := chromedp.Run(s.tab, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	require.NoError(s.t, err, script)
	return v
}

func (s *shown) text() string { s.t.Helper(); return s.eval(`document.body.innerText`) }

func (s *shown) signIn(login string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.base+"/signin"), chromedp.WaitVisible(`input[name=login]`), chromedp.SendKeys(`input[name=login]`, login),
		chromedp.SendKeys(`input[name=password]`, s.pass[login]), chromedp.Click(`main button[type=submit]`), chromedp.WaitVisible(`#board`))
}

func (s *shown) signOut() {
	s.t.Helper()
	s.do(chromedp.Click(`form[action="/signout"] button`), chromedp.WaitVisible(`input[name=login]`))
}

// findings are what axe has to say about the page, with every fold opened; and whether anything sticks out to the side
// on a desk and on a tablet.
func (s *shown) findings(path string) []string {
	s.t.Helper()
	s.do(chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(s.base+path), chromedp.WaitReady(`body`))
	_ = s.eval(s.axe + `; ""`)
	list := s.eval(`document.querySelectorAll("details").forEach(d => d.open = true);
		axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")).join("\n"))`)
	var out []string
	if list != "" {
		out = strings.Split(list, "\n")
	}
	for _, width := range []int64{1280, 820} {
		s.do(chromedp.EmulateViewport(width, 1000))
		if wide := s.eval(`String(document.documentElement.scrollWidth - document.documentElement.clientWidth)`); wide != "0" {
			who := s.eval(`[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth).slice(0, 3).map(e => e.tagName + "." + e.className).join(" ")`)
			out = append(out, fmt.Sprintf("%s px stick out at %d px: %s", wide, width, who))
		}
	}
	return out
}

// The morning of the administrator: sign in, see the six mishaps, confirm what is fine, look at one, record a call; the
// board of another window follows by itself. Then a section chief answers through the mail's link.
func TestAMorningInABrowser(t *testing.T) {
	s := show(t)
	s.signIn("admin")
	board := s.text()
	for _, word := range []string{"令和8年11月20日（金）の夜", "要対応", "むかわ町", "途中で切れています", "届いていません", "前夜と同じ内容です", "内容が一覧と一致しません", "終わっていません"} {
		require.Contains(t, board, word)
	}
	require.Equal(t, "6", s.eval(`document.querySelector(".strip .bad b").innerText`))

	s.do(chromedp.Click(`#confirm-all`), chromedp.WaitVisible(`dialog[open]`), chromedp.Click(`dialog[open] button.btn-fill`),
		chromedp.WaitVisible(`#confirm-all[disabled]`))
	require.EqualValues(t, 14, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM confirmation WHERE at = (SELECT max(at) FROM confirmation)`))

	// Somebody else's act reaches the open page without a reload.
	s.do(chromedp.Navigate(s.base+"/board?needs=1"), chromedp.WaitVisible(`#board`))
	s.Clock.Advance(time.Minute)
	for tries := 0; !strings.Contains(s.text(), "07:32 現在"); tries++ {
		require.Less(t, tries, 100, "the board of an open page follows by itself")
		s.SQL(`SELECT pg_notify('tanamori', 'page:0')`) // again and again: the page may still be connecting
		s.do(chromedp.Sleep(200 * time.Millisecond))
	}
	s.signOut()

	mails, err := s.box.List(200)
	require.NoError(t, err)
	link := ""
	for _, m := range mails {
		if strings.Contains(m.To, "saroma") {
			link = regexp.MustCompile(`/a/[A-Za-z0-9_.-]+`).FindString(m.Text)
		}
	}
	require.NotEmpty(t, link)
	s.do(chromedp.Navigate(s.base+link), chromedp.WaitVisible(`main form`))
	require.Contains(t, s.text(), "佐呂間町")
	require.Equal(t, "open", s.saroma())
	s.do(chromedp.SendKeys(`textarea[name=promise]`, "登庁して確かめます"), chromedp.Click(`main form button[type=submit]`), chromedp.Sleep(500*time.Millisecond))
	require.Equal(t, "acknowledged", s.saroma())

	s.signIn("saroma")
	own := s.text()
	require.Contains(t, own, "佐呂間町")
	for _, other := range []string{"むかわ町", "寿都町", "ニセコ町"} {
		require.NotContains(t, own, other, "a town sees only itself")
	}
	s.signOut()
}

func (s *shown) saroma() string {
	return tenantstest.Value[string](s.Bench, `SELECT i.state FROM incident i JOIN tenant t ON t.id = i.tenant_id WHERE t.name = '佐呂間町' AND i.state <> 'resolved'`)
}

// Every page there is, filled with real data, on a desk and on a tablet: axe finds nothing and nothing sticks out.
func TestEveryPageIsSoundOnDeskAndTablet(t *testing.T) {
	s := show(t)
	town := tenantstest.Value[int64](s.Bench, `SELECT id FROM tenant WHERE name = 'むかわ町'`)
	plan := tenantstest.Value[int64](s.Bench, `SELECT min(id) FROM plan WHERE tenant_id = $1`, town)
	trouble := tenantstest.Value[int64](s.Bench, `SELECT max(id) FROM incident WHERE tenant_id = $1`, town)
	one := func(table string) int64 {
		return tenantstest.Value[int64](s.Bench, `SELECT min(id) FROM `+table+` WHERE tenant_id = $1`, town)
	}
	set := fmt.Sprintf("/settings/towns/%d", town)
	paths := []string{"/board", "/board?needs=1", "/board?night=2026-11-18", "/incidents", fmt.Sprintf("/towns/%d/incidents/%d", town, trouble), "/towns",
		fmt.Sprintf("/towns/%d", town), fmt.Sprintf("/towns/%d/book", town), fmt.Sprintf("/towns/%d/plans/%d", town, plan),
		fmt.Sprintf("/towns/%d/plans/%d/excuse", town, plan), "/outbox", "/log", "/demo/mailbox", "/settings", "/settings/towns", "/settings/towns/new",
		set, set + "/days", set + "/servers", set + "/servers/new", fmt.Sprintf("%s/servers/%d", set, one("server")), set + "/contacts", set + "/contacts/new",
		fmt.Sprintf("%s/contacts/%d", set, one("contact")), fmt.Sprintf("%s/ladders/%d", set, one("ladder")), set + "/stores", set + "/stores/new",
		fmt.Sprintf("%s/stores/%d", set, one("store")), set + "/plans", set + "/plans/new", fmt.Sprintf("%s/plans/%d", set, plan), "/settings/people",
		"/settings/people/new", "/settings/password", "/settings/tokens", "/settings/factors", "/settings/sessions", "/settings/uses",
		"/settings/sign-in", "/nothing/here"}
	s.signIn("admin")
	wrong := map[string][]string{}
	for _, path := range paths {
		if found := s.findings(path); len(found) > 0 {
			wrong[path] = found
		}
	}
	require.Empty(t, wrong)
}
