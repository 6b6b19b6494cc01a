package frontend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// typed begins whatever is typed as markup. No page has an element of that name of its own.
const typed = "<x-typed"

// FuzzForm sends every form something else in one field, or anything at all, over a real database that keeps what the
// inputs before have done. No answer is the server's fault, tells of its inside, or gives what was typed back as markup.
func FuzzForm(f *testing.F) {
	c := newConsole(f)
	var routes []string
	good := map[string]url.Values{}
	for name, r := range rules {
		if strings.HasPrefix(name, "POST ") && !r.last {
			routes = append(routes, name)
			good[name] = url.Values{}
			if r.form != nil {
				good[name] = r.form(c)
			}
		}
	}
	slices.Sort(routes)
	require.LessOrEqual(f, len(routes), 256, "a form is chosen by one byte")
	people := []string{"admin", "operator", "mukawa"}
	session := map[string]*http.Cookie{}
	for _, login := range people {
		session[login] = c.cookie(login)
	}
	link := c.link(c.mukawa)
	for i := range routes {
		f.Add(uint8(i), uint8(0), uint8(0), "", "", "")
		for at, v := range []string{typed + ">", typed + ` a="'`, "\x00", "\xff", "令和8年13月1日", "-1", "99999999999999999999", strings.Repeat("長", 300), "2026-11-21T25:00", "0 2 * * *"} {
			f.Add(uint8(i), uint8(at%len(people)), uint8(at), v, "to="+v, "")
		}
		f.Add(uint8(i), uint8(0), uint8(0), "", "%zz", "a=%zz&b;c&name="+typed+">")
	}
	f.Fuzz(func(t *testing.T, route, who, field uint8, value, query, raw string) {
		name := routes[int(route)%len(routes)]
		_, path, _ := strings.Cut(name, " ")
		if path == "/a/:token" {
			path = "/a/" + link
		} else {
			_, path = c.path(name, rules[name], c.mukawa.town, c.mukawa)
		}
		if raw == "" {
			raw = changed(good[name], field, value).Encode()
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://console.example"+path, strings.NewReader(raw))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(session[people[int(who)%len(people)]])
		rec := httptest.NewRecorder()
		c.echo.ServeHTTP(rec, r)
		page := rec.Body.String()
		require.Less(t, rec.Code, 500, "%s: %s", name, excerpt(page))
		require.NotContains(t, page, typed, "%s gives back markup that was typed", name)
		sent := strings.ToLower(value + query + raw)
		page = random.ReplaceAllString(page, "")
		for _, cause := range []string{"sqlstate", "pgx", "gorm", "goroutine", ".go:", "strconv", "violates", "tanamori_", "nil pointer"} {
			require.False(t, strings.Contains(strings.ToLower(page), cause) && !strings.Contains(sent, cause), "%s tells of %q", name, cause)
		}
		if to := rec.Header().Get("Location"); to != "" {
			require.True(t, strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.HasPrefix(to, `/\`), "%s leads away, to %s", name, to)
		}
	})
}

// random is what a page shows of a secret just made, whose letters spell any short word in time.
var random = regexp.MustCompile(`(?s)<code>.*?</code>|data:image/png;base64,[^"]*|id="(issued|made-token)" value="[^"]*"`)

// changed is a right form with something else in one field.
func changed(good url.Values, field uint8, value string) url.Values {
	v := url.Values{}
	var names []string
	for k, values := range good {
		v[k] = slices.Clone(values)
		names = append(names, k)
	}
	slices.Sort(names)
	if len(names) > 0 {
		v.Set(names[int(field)%len(names)], value)
	}
	return v
}

// cookie is the session of somebody who has signed in.
func (c *console) cookie(login string) *http.Cookie {
	c.t.Helper()
	b := c.as(login)
	at, err := url.Parse(c.at)
	require.NoError(c.t, err)
	cookies := b.client.Jar.Cookies(at)
	require.NotEmpty(c.t, cookies)
	return cookies[0]
}
