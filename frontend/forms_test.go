package frontend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"tanamori/tenants/tenantstest"
)

// english knows a sentence by its small words; what stands in it as an example may be Japanese.
var english = regexp.MustCompile(`(?i)\b(enter|choose|the|is|a|please|must|no|at|be|to|from|who|write|and)\b`)

// kept is what somebody typed, which a refused form must still hold.
const kept = "見本の値"

// TestARefusedFormKeepsWhatWasTyped sends each form something wrong and looks for what was typed and for the words at the
// field, in both languages.
func TestARefusedFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	m := c.mukawa
	base := fmt.Sprintf("/settings/towns/%d", m.town)
	of := fmt.Sprintf("/towns/%d", m.town)
	for _, f := range []struct {
		path, field, typed string // the field that is wrong, what is typed elsewhere
		values             url.Values
		ja, en             string
	}{
		{"/settings/towns", "code", kept, form("name", kept, "kana", "みほん", "code", "01586", "joined_on", "R8.4.1")(c), "", ""},
		{"/settings/towns", "joined_on", "令和8年13月1日", form("name", kept, "code", "015865", "joined_on", "令和8年13月1日")(c), "", ""},
		{base, "left_on", kept, form("name", kept, "kana", "x", "code", "015865", "joined_on", "R8.4.1", "left_on", "きのう")(c), "", ""},
		{base + "/servers", "name", kept, form("name", "", "role", kept)(c), "入力してください", "enter"},
		{base + "/servers", "position", kept, form("name", kept, "role", "x", "position", "いちばん")(c), "数字", "number"},
		{base + fmt.Sprintf("/servers/%d", m.server), "name", kept, form("name", "", "role", kept)(c), "入力してください", "enter"},
		{base + "/contacts", "mail", kept, form("post", kept, "name", "見本 一郎", "mail", "juumin")(c), "", ""},
		{base + fmt.Sprintf("/contacts/%d", m.contact), "mail", kept, form("post", kept, "name", "見本 一郎", "mail", "@")(c), "", ""},
		{base + fmt.Sprintf("/ladders/%d", m.ladder), "delays", kept, form("name", kept, "delays", "すぐ", "repeat_minutes", "30")(c), "分を数字で", "minutes"},
		{base + "/stores", "root", kept, form("name", kept, "root", "koseki")(c), "「/」で始まる", "beginning with"},
		{base + fmt.Sprintf("/stores/%d", m.store), "root", kept, form("name", kept, "root", "/")(c), "「/」で始まる", "beginning with"},
		{base + "/plans", "cron", kept, with(planForm(kept)(c), "cron", "まいにち"), "", ""},
		{base + "/plans", "window_minutes", kept, with(planForm(kept)(c), "window_minutes", "たくさん"), "数字", "number"},
		{base + "/plans", "server_id", kept, with(planForm(kept)(c), "server_id", fmt.Sprint(c.foreign.server)), "この団体のサーバ", "server of this town"},
		{base + fmt.Sprintf("/plans/%d", m.plan), "pattern", kept, with(planForm(kept)(c), "pattern", "../{YYYY}"), "", ""},
		{base + "/days", "day", kept, form("day", "2026-11-31", "name", kept, "open", "closed")(c), "", ""},
		{"/settings/people", "login", kept, form("town", fmt.Sprint(m.town), "login", "だれか", "name", kept, "lang", "ja", "kind", "town", "title", "主事", "from_on", "R8.4.1")(c), "半角", "lower-case"},
		{"/settings/people", "login", kept, form("town", fmt.Sprint(m.town), "login", "admin", "name", kept, "lang", "ja", "kind", "town", "title", "主事", "from_on", "R8.4.1")(c), "すでに", "already"},
		{fmt.Sprintf("/settings/people/%d/%d", m.town, c.people["mihon"]), "name", "", form("name", "", "lang", "ja")(c), "入力してください", "enter"},
		{fmt.Sprintf("/settings/people/%d/%d/posts", m.town, c.people["mihon"]), "from_on", kept, form("kind", "town", "title", kept, "from_on", "")(c), "就任日", "first day"},
		{fmt.Sprintf("/settings/people/%d/%d/posts", m.town, c.people["mihon"]), "kind", kept, form("kind", "operator", "title", kept, "from_on", "R8.4.1")(c), "受託町の職", "host"},
		{fmt.Sprintf("/settings/people/%d/posts/%d/end", m.town, m.post), "until_on", "R7.4.31", form("until_on", "R7.4.31")(c), "", ""},
		{fmt.Sprintf("/settings/people/%d/%d/tokens", m.town, m.machine), "days", kept, form("name", kept, "days", "ずっと")(c), "数字", "number"},
		{"/settings/people/machines", "town", kept, form("name", kept, "kind", "town", "from_on", "R8.4.1")(c), "所属", "organisation"},
		{"/settings/people/import", "file", "a,b\n\"", form("town", fmt.Sprint(m.town), "text", "a,b\n\"")(c), "引用符", "quotes"},
		{"/settings/people/reminder", "days", "たくさん", form("days", "たくさん")(c), "数字", "number"},
		{"/settings/offices", "name", "", form("town", fmt.Sprint(m.town), "name", "町民生活課長")(c), "すでに", "already"},
		{fmt.Sprintf("/settings/offices/%d/%d/handovers", m.town, m.office), "from_on", kept, form("to", fmt.Sprint(c.people["mihon"]), "from_on", "", "document", kept)(c), "引き継ぐ日", "first day"},
		{fmt.Sprintf("/settings/offices/%d/%d/posts", m.town, m.office), "kind", kept, form("kind", "", "title", kept)(c), "職の種類", "kind of post"},
		{"/settings/tokens", "days", kept, form("name", kept, "days", "ずっと")(c), "数字", "number"},
		{"/settings/password", "again", "", form("old", "x", "new", "a long new sentence", "again", "another sentence")(c), "違っています", "differs"},
		{of + fmt.Sprintf("/incidents/%d/acknowledgements", m.incident), "until", kept, form("promise", kept, "until", "2026-11-20T00:00")(c), "7日以内", "seven days"},
		{of + fmt.Sprintf("/incidents/%d/calls", m.incident), "at", kept, form("rung", fmt.Sprint(m.rung), "at", "2027-01-01T00:00", "result", "answered", "promise", kept, "until", "2026-11-21T12:00")(c), "電話した時刻", "call must"},
		{of + fmt.Sprintf("/incidents/%d/calls", m.incident), "result", kept, form("rung", "0", "at", "2026-11-21T07:00", "promise", kept)(c), "結果を選んで", "Choose what"},
		{of + fmt.Sprintf("/incidents/%d/notes", m.incident), "text", "", form("text", " ")(c), "内容を入力", "Write something"},
		{of + fmt.Sprintf("/plans/%d/excuse", m.plan), "night", kept, form("night", "2026-01-01", "reason", kept)(c), "予定はありません", "Nothing is planned"},
		{"/a/" + c.link(m), "until", kept, form("promise", kept, "until", "2030-01-01T00:00")(c), "7日以内", "seven days"},
	} {
		for lang, words := range map[string]string{"ja": f.ja, "en": f.en} {
			b := c.as("admin")
			require.Equal(t, http.StatusSeeOther, b.get("/lang?to="+lang).status)
			got := b.post(f.path, f.values)
			require.Equal(t, http.StatusUnprocessableEntity, got.status, "%s %s: %s", f.path, f.field, excerpt(got.body))
			page := parse(t, got.body)
			require.Equal(t, lang, attribute(first(page, "html", "", ""), "lang"))
			if f.typed != "" {
				require.Contains(t, values(page), f.typed, "%s keeps what was typed", f.path)
			}
			said := messages(page)
			require.NotEmpty(t, said, "%s says what is wrong", f.path)
			require.Contains(t, strings.ToLower(strings.Join(said, "\n")), strings.ToLower(words), f.path)
			require.NotNil(t, wrong(page, f.field), "%s marks the field %s", f.path, f.field)
			for _, s := range said {
				require.Equal(t, lang == "en", english.MatchString(s), "%s: %s", f.path, s)
			}
		}
	}
}

// TestPasswordsAreNotSentBack holds the forms with secrets to it.
func TestPasswordsAreNotSentBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	const secret = "correct horse battery staple"
	got := c.stranger().post("/signin", url.Values{"login": {"admin"}, "password": {secret}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.NotContains(t, got.body, secret)
	require.Contains(t, got.body, `value="admin"`)
	got = c.as("admin").post("/settings/password", url.Values{"old": {secret}, "new": {secret}, "again": {secret}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.NotContains(t, got.body, secret)
}

// TestAnOwnPasswordEndsOtherSessions changes one's password: this session goes on, the others end, the new one signs in.
func TestAnOwnPasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	here, elsewhere := c.as("mukawa"), c.as("mukawa")
	const chosen = "yama no ue no sora"
	got := here.post("/settings/password", url.Values{"old": {c.passwords["mukawa"]}, "new": {chosen}, "again": {chosen}})
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	require.Equal(t, http.StatusOK, here.get("/board").status)
	require.Equal(t, http.StatusSeeOther, elsewhere.get("/board").status)
	c.passwords["mukawa"] = chosen
	require.Equal(t, http.StatusOK, c.as("mukawa").get("/board").status)
}

// TestASecretIsShownOnce makes a token and a person: the page that answers shows the secret, no later one does.
func TestASecretIsShownOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	got := admin.post("/settings/tokens", form("name", "集計", "days", "30")(c))
	token := attribute(first(parse(t, got.body), "input", "id", "made-token"), "value")
	require.True(t, strings.HasPrefix(token, "tnm_"))
	require.NotContains(t, admin.get("/settings/tokens").body, token)
	got = admin.post("/settings/people", form("town", fmt.Sprint(c.mukawa.town), "login", "goro", "name", "見本 五郎", "lang", "ja", "kind", "town", "title", "主事", "from_on", "R8.4.1")(c))
	password := attribute(first(parse(t, got.body), "input", "id", "issued"), "value")
	require.NotEmpty(t, password)
	require.NotContains(t, admin.get("/settings/people").body, password)
	c.passwords["goro"] = password
	goro := c.as("goro")
	require.Equal(t, "/settings/password", goro.get("/board").location, "an issued password is for the first sign-in alone")
	const chosen = "yama no ue no sora"
	got = goro.post("/settings/password", url.Values{"old": {password}, "new": {chosen}, "again": {chosen}})
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	require.Contains(t, goro.get("/board").body, "むかわ町")
}

// TestThePreviewShowsTheNightsThatAreTyped asks a plan's form for its nights without saving anything.
func TestThePreviewShowsTheNightsThatAreTyped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	path := fmt.Sprintf("/settings/towns/%d/plans", c.mukawa.town)
	got := admin.post(path, with(with(planForm(kept)(c), "preview", "1"), "policy", "open_days"))
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, values(parse(t, got.body)), kept)
	require.Contains(t, got.body, "11月23日（月）") // the night before an open day
	require.Contains(t, got.body, "11月24日（火）01:30")
	require.NotContains(t, admin.get(path).body, kept)
}

func with(v url.Values, key, value string) url.Values {
	v.Set(key, value)
	return v
}

func parse(t testing.TB, body string) *html.Node {
	t.Helper()
	page, err := html.Parse(strings.NewReader(body))
	require.NoError(t, err)
	return page
}

func attribute(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// first finds an element by its name and one attribute ("" for any).
func first(page *html.Node, element, name, value string) *html.Node {
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == element && (name == "" || attribute(n, name) == value) {
			return n
		}
	}
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// values are all that a page's fields hold.
func values(page *html.Node) []string {
	var out []string
	for n := range page.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "input":
			out = append(out, attribute(n, "value"))
		case n.Data == "textarea":
			out = append(out, text(n))
		}
	}
	return out
}

// messages are what a page says of its fields.
func messages(page *html.Node) []string {
	var out []string
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "class") == "err" {
			out = append(out, text(n))
		}
	}
	return out
}

// wrong is the message at a field, however its ids begin.
func wrong(page *html.Node, field string) *html.Node {
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "class") == "err" && strings.HasSuffix(attribute(n, "id"), field+"-err") {
			return n
		}
	}
	return nil
}

// slow is a connection that tells how long it would wait for the rest of a form.
type slow struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (s *slow) SetReadDeadline(t time.Time) error { s.until = t; return nil }

// TestAFormIsItsBody: what an address adds changes no field of it; it is bounded, and it has to arrive.
func TestAFormIsItsBody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	session := c.cookie("operator")
	send := func(address, body string) *slow {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://console.example"+address, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(session)
		w := &slow{ResponseRecorder: httptest.NewRecorder()}
		c.echo.ServeHTTP(w, r)
		return w
	}
	got := send("/settings/tokens?name=address&days=0", "days=30&name=body")
	require.Equal(t, http.StatusOK, got.Code, "what stands in both is the body's")
	require.Equal(t, "body", tenantstest.Value[string](c.Bench, `SELECT name FROM api_token ORDER BY id DESC LIMIT 1`))
	require.False(t, got.until.IsZero(), "it does not wait for ever")
	require.Equal(t, http.StatusRequestEntityTooLarge, send("/settings/tokens", "days=30&name="+strings.Repeat("x", 2<<20)).Code)
}
