package frontend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"tanamori/tenants"
)

// route is the name of the route that a request would take, as the table of rules spells it.
func (c *console) route(method, path string) string {
	ctx := c.echo.NewContext(httptest.NewRequest(method, path, nil), httptest.NewRecorder())
	c.echo.Router().Find(method, path, ctx)
	return method + " " + ctx.Path()
}

// TestPagesOfferOnlyWhatIsAllowed follows every link from page to page, as each post: each must open, and each form must
// lead to something that this post may do.
func TestPagesOfferOnlyWhatIsAllowed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	_, record := c.path("POST /towns/:town/corrections/:ledger/:id", rule{id: aNote}, c.mukawa.town, c.mukawa)
	require.Equal(t, http.StatusSeeOther, c.as("admin").post(record, correctedForm(c)).status, "what was corrected leads those there who correct nothing")
	for _, l := range logins[:5] {
		b := c.as(l.login)
		actor := tenants.Person(tenants.Actor{Posts: []tenants.Post{l.post}})
		seen, offered, queue := map[string]bool{"/board": true}, map[string]bool{}, []string{"/board"}
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			got := b.get(path)
			if got.status == http.StatusSeeOther { // the brand leads on
				got.body = `<a href="` + got.location + `"></a>`
			} else {
				require.Equal(t, http.StatusOK, got.status, "%s as %s: %s", path, l.login, excerpt(got.body))
			}
			for n := range parse(t, got.body).Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				to, ok := same(t, path, attribute(n, "href"))
				turning := attribute(n, "rel") != "" || strings.Contains(to, "night=") // pages of nights go back for years
				if ok && n.Data == "a" && !seen[to] && !turning && !strings.HasPrefix(to, "/lang") {
					seen[to] = true
					queue = append(queue, to)
				}
				if n.Data == "form" {
					require.True(t, sends(n), "%s shows %s fields that they cannot send", path, l.login)
				}
				if to, ok := same(t, path, attribute(n, "action")); ok && n.Data == "form" && strings.EqualFold(attribute(n, "method"), "post") {
					offered[to] = true
				} else if ok && n.Data == "form" {
					seen[to] = true // a form that asks leads somewhere as a link does
				}
			}
			require.Less(t, len(seen), 400, "the links do not end")
		}
		for to := range offered {
			path, _, _ := strings.Cut(to, "?")
			name := c.route(http.MethodPost, path)
			r, ok := rules[name]
			require.True(t, ok, "%s offers %s, which is no route", l.login, to)
			act := r.act
			if strings.Contains(name, "/corrections/") { // the rule is that of one ledger
				act = tenants.Correct
			}
			require.True(t, act == "" || actor.May(act), "%s is offered %s", l.login, name)
		}
		visited := map[string]bool{}
		for path := range seen {
			bare, _, _ := strings.Cut(path, "?")
			visited[c.route(http.MethodGet, bare)] = true
		}
		for name, r := range rules { // and whatever is allowed can be come by
			method, _, _ := strings.Cut(name, " ")
			reachable := method == http.MethodGet && !r.public && !r.stream && !r.script && !strings.HasSuffix(name, "/live") && (r.act == "" || actor.May(r.act)) &&
				(l.post != tenants.Town || !r.town && !r.host)
			if reachable {
				require.True(t, visited[name], "%s finds no way to %s", l.login, name)
			}
		}
	}
}

// same is the path of a link within the console.
func same(t *testing.T, page, href string) (string, bool) {
	t.Helper()
	if href == "" || strings.HasPrefix(href, "#") || strings.HasPrefix(href, "data:") {
		return "", false
	}
	base, err := url.Parse(page)
	require.NoError(t, err)
	to, err := base.Parse(href)
	require.NoError(t, err, href)
	require.Empty(t, to.Host, "a link leads out of the console: %s", href)
	if strings.HasPrefix(to.Path, "/assets/") {
		return "", false
	}
	to.Fragment = ""
	return to.String(), true
}

// sends tells whether a form can be sent: it has somewhere to go and a button.
func sends(form *html.Node) bool {
	for n := range form.Descendants() {
		if n.Type == html.ElementNode && n.Data == "button" && attribute(n, "type") != "button" {
			return attribute(form, "action") != ""
		}
	}
	return false
}
