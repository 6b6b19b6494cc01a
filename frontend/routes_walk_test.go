package frontend_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

func (c *console) routes() []string {
	var out []string
	for _, r := range c.echo.Routes() {
		if r.Method != "echo_route_not_found" && r.Path != "/assets/*" {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	sort.Strings(out)
	return out
}

func TestNoRouteIsForgotten(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var known []string
	for name := range rules {
		known = append(known, name)
	}
	sort.Strings(known)
	require.Equal(t, known, c.routes(), "every route has its rule, and every rule its route")
}

// path fills a route's parameters in: a town, and one thing of a place.
func (c *console) path(route string, r rule, of int64, p place) (method, path string) {
	method, path, _ = strings.Cut(route, " ")
	which := int64(0)
	switch {
	case r.id != nil:
		which = r.id(p)
	case strings.Contains(path, "/people/"):
		which = c.people["mihon"]
	}
	if strings.HasPrefix(path, "/settings/") {
		path = strings.NewReplacer(":token", fmt.Sprint(p.token), ":post", fmt.Sprint(p.officePost)).Replace(path)
	}
	if strings.HasPrefix(path, "/keys/") {
		path = strings.Replace(path, ":act", map[bool]string{true: "copies", false: "inspection"}[strings.HasPrefix(path, "/keys/items/")], 1)
	}
	return method, strings.NewReplacer(":town", fmt.Sprint(of), ":id", fmt.Sprint(which), ":token", c.link(p), ":day", "2026-12-01", ":series", "log", ":kind", "checkin", ":number", "1", ":document", "1", ":version", "1", ":act", "opening", ":ledger", "incident_event", ":procedure", "password", ":rack", fmt.Sprint(p.rack), ":code", p.label).Replace(path)
}

// expected is the status that somebody with this post gets on a right request for their own town's things.
func (r rule) expected(method string, post tenants.Post) int {
	host := post != tenants.Town
	switch {
	case r.host && !host:
		return http.StatusNotFound
	case r.town && !host:
		return http.StatusSeeOther
	case r.act != "" && !tenants.Person(tenants.Actor{Posts: []tenants.Post{post}}).May(r.act):
		return http.StatusForbidden
	case r.status != 0:
		return r.status
	case method == http.MethodPost:
		return http.StatusSeeOther
	}
	return http.StatusOK
}

// TestEveryRouteForEveryPost sends a right request to each route as each post, those that take something away at the
// end, and the host's administrator last of all.
func TestEveryRouteForEveryPost(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	browsers := map[string]*browser{}
	for _, l := range logins[:5] {
		browsers[l.login] = c.as(l.login)
	}
	names := c.routes()
	sort.SliceStable(names, func(i, j int) bool { return !rules[names[i]].last && rules[names[j]].last })
	// What only one may do once is done by the last in this order; everybody before is refused.
	order := []int{2, 3, 4, 1, 0}
	for _, name := range names {
		r := rules[name]
		if r.stream {
			continue
		}
		for _, n := range order {
			l := logins[n]
			method, path := c.path(name, r, c.mukawa.town, c.mukawa)
			want := r.expected(method, l.post)
			if r.last && want == http.StatusSeeOther && n != 0 { // once is enough
				continue
			}
			var got answer
			if method == http.MethodPost {
				var values url.Values
				if r.form != nil {
					values = r.form(c)
				}
				got = browsers[l.login].post(path, values)
				c.plan() // the jobs are never far behind
				c.examine()
			} else {
				got = browsers[l.login].get(path)
			}
			require.Equal(t, want, got.status, "%s as %s: %s", name, l.login, excerpt(got.body))
			if got.status == http.StatusOK && !r.script && !strings.HasSuffix(path, "/live") && !r.file {
				require.Contains(t, got.body, "</html>", name)
				require.Equal(t, "no-store", got.header.Get("Cache-Control"), name)
			}
		}
	}
}

// excerpt is the part of a page that says what went wrong.
func excerpt(body string) string {
	if i := strings.Index(body, `id="main"`); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 1200)]
}

// TestForeignThingsAreNotFound asks, at every route with a town, for a town of another consortium, for a town that is
// not one's own, and for another town's things under one's own town.
func TestForeignThingsAreNotFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, mukawa := c.as("admin"), c.as("mukawa")
	for _, name := range c.routes() {
		r := rules[name]
		if !strings.Contains(name, ":town") {
			continue
		}
		try := func(b *browser, who string, of int64, p place) {
			t.Helper()
			method, path := c.path(name, r, of, p)
			var got answer
			if method == http.MethodPost {
				var values url.Values
				if r.form != nil {
					values = r.form(c)
				}
				got = b.post(path, values)
			} else {
				got = b.get(path)
			}
			require.Equal(t, http.StatusNotFound, got.status, "%s %s as %s: %s", method, path, who, excerpt(got.body))
			require.NotContains(t, got.body, "別海町")
		}
		try(admin, "admin", c.foreign.town, c.foreign)
		if !strings.Contains(name, "/people/") { // who may not at all is told so
			try(mukawa, "mukawa", c.foreign.town, c.foreign)
			try(mukawa, "mukawa", c.host.town, c.host)
		}
		if r.id != nil {
			try(admin, "admin", c.mukawa.town, c.foreign)
		}
	}
	got := admin.post("/confirmations", form("town", fmt.Sprint(c.foreign.town), "occurrence", fmt.Sprint(c.foreign.occurrence))(c))
	require.Equal(t, http.StatusNotFound, got.status)
	require.Equal(t, http.StatusNotFound, admin.get("/incidents?town="+fmt.Sprint(c.foreign.town)).status)
	require.Equal(t, http.StatusNotFound, mukawa.get("/incidents?town="+fmt.Sprint(c.host.town)).status)
	require.NotContains(t, mukawa.get("/board").body, "蘭越町</a>")
}

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	nobody := c.stranger()
	for _, name := range c.routes() {
		r := rules[name]
		method, path := c.path(name, r, c.mukawa.town, c.mukawa)
		if r.public {
			continue
		}
		got := nobody.do(method, path, nil)
		if name == "GET /" {
			require.Equal(t, "/board", got.location)
			continue
		}
		if r.script {
			require.Equal(t, http.StatusUnauthorized, got.status, name)
			continue
		}
		require.Equal(t, http.StatusSeeOther, got.status, name)
		next, err := url.Parse(got.location)
		require.NoError(t, err)
		require.Equal(t, "/signin", next.Path, name)
		if method == http.MethodGet {
			require.Equal(t, path, next.Query().Get("next"), name)
		}
	}
	require.Equal(t, http.StatusNotFound, nobody.get("/no/such/page").status)
	require.Equal(t, http.StatusNotFound, nobody.get("/a/no-such-link").status)
}

func TestSignInLeadsBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for next, want := range map[string]string{"/incidents?state=all": "/incidents?state=all", "//evil.example/": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/"} {
		got := c.stranger().post("/signin", url.Values{"login": {"admin"}, "password": {c.passwords["admin"]}, "next": {next}})
		require.Equal(t, want, got.location, next)
	}
	require.Equal(t, calendar.MustDate(2026, 11, 20), calendar.NightOf(c.Clock.Now().Add(-8*3600e9), c.zone)) // the bench stands in the morning after the missed night
}

// join makes one table of the routes of many files.
func join(tables ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
