package frontend_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/tenantstest"
)

// rule is what a route asks of whoever comes.
type rule struct {
	act    tenants.Act                 // "": anybody who is signed in
	public bool                        // nobody signs in for it
	id     func(p place) int64         // what :id stands for
	form   func(c *console) url.Values // a right form, for a POST
	status int                         // of a right request; 0: 200 for a GET, 303 for a POST
	town   bool                        // a town's own people are led elsewhere (303)
	host   bool                        // for whoever acts for the host only; others get 404
	last   bool                        // done at the end: it takes away what others need
	stream bool                        // never ends by itself
}

func form(pairs ...string) func(*console) url.Values {
	return func(*console) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
}

var (
	aServer   = func(p place) int64 { return p.server }
	aContact  = func(p place) int64 { return p.contact }
	aLadder   = func(p place) int64 { return p.ladder }
	aStore    = func(p place) int64 { return p.store }
	aPlan     = func(p place) int64 { return p.plan }
	aRun      = func(p place) int64 { return p.run }
	anOutcome = func(p place) int64 { return p.incident }
)

func planForm(name string) func(c *console) url.Values {
	return func(c *console) url.Values {
		return form("server_id", fmt.Sprint(c.mukawa.server), "name", name, "cron", "30 1 * * *", "zone", "Asia/Tokyo", "policy", "every_day", "early_minutes", "60",
			"window_minutes", "９０", "grace_minutes", "30", "longest_minutes", "60", "store_id", fmt.Sprint(c.mukawa.store), "pattern", "koseki-{YYYY}{MM}{DD}.txt",
			"manifest", "any", "required_level", "4", "deviation_k", "3.5", "settle_minutes", "60", "severity", "warning", "ladder_id", fmt.Sprint(c.mukawa.ladder), "reports", "on")(c)
	}
}

// rules holds every route of the page door. A route that is missing here fails TestNoRouteIsForgotten.
var rules = map[string]rule{
	"GET /":         {status: 303},
	"GET /signin":   {public: true, status: 303}, // who is signed in already is led on
	"POST /signin":  {public: true, status: 422, form: form("login", "nobody", "password", "wrong wrong wrong")},
	"POST /signout": {public: true, last: true},
	"GET /lang":     {public: true, status: 303},

	"GET /board":      {act: tenants.ReadBoard},
	"GET /board/live": {act: tenants.ReadBoard},
	"GET /events":     {stream: true},
	"POST /confirmations": {act: tenants.Confirm, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "occurrence", fmt.Sprint(c.mukawa.occurrence))(c)
	}},
	"POST /confirmations/fine": {act: tenants.Confirm, form: form("night", "2026-11-19")},

	"GET /incidents":                                   {act: tenants.ReadIncident},
	"GET /towns/:town/incidents/:id":                   {act: tenants.ReadIncident, id: anOutcome},
	"GET /towns/:town/incidents/:id/live":              {act: tenants.ReadIncident, id: anOutcome},
	"POST /towns/:town/incidents/:id/acknowledgements": {act: tenants.Acknowledge, id: anOutcome, form: form("quick", "vendor", "until", "2026-11-21T10:30")},
	"POST /towns/:town/incidents/:id/calls": {act: tenants.RecordCall, id: anOutcome, form: func(c *console) url.Values {
		return form("rung", fmt.Sprint(c.mukawa.rung), "at", "2026-11-21T07:20", "result", "answered", "promise", "10時までに見る", "until", "2026-11-21T11:00")(c)
	}},
	"POST /towns/:town/incidents/:id/notes": {act: tenants.NoteIncident, id: anOutcome, form: form("text", "回線を確認中")},
	"GET /a/:token":                         {public: true},
	"POST /a/:token":                        {public: true, status: 200, form: form("promise", "見ます")},

	"GET /towns":                              {act: tenants.ReadTown, town: true},
	"GET /towns/:town":                        {act: tenants.ReadTown},
	"GET /towns/:town/book":                   {act: tenants.ReadDuty},
	"GET /towns/:town/plans/:id":              {act: tenants.ReadPlan, id: aPlan},
	"POST /towns/:town/runs/:id/verification": {act: tenants.Reverify, id: aRun},
	"POST /towns/:town/plans/:id/uuid":        {act: tenants.WritePlan, id: aPlan},
	"GET /towns/:town/plans/:id/excuse":       {act: tenants.Excuse, id: aPlan},
	"POST /towns/:town/plans/:id/excuse":      {act: tenants.Excuse, id: aPlan, form: form("night", "2026-11-25", "reason", "停電点検のため")},

	"GET /outbox":       {act: tenants.ReadOutbox},
	"GET /log":          {act: tenants.ReadLog},
	"GET /demo/mailbox": {host: true},

	"GET /settings":                                      {},
	"GET /settings/towns":                                {act: tenants.ReadTown, town: true},
	"GET /settings/towns/new":                            {act: tenants.WriteTown},
	"POST /settings/towns":                               {act: tenants.WriteTown, form: form("name", "愛別町", "kana", "あいべつちょう", "code", "014575", "zone", "Asia/Tokyo", "joined_on", "令和8年4月1日")},
	"GET /settings/towns/:town":                          {act: tenants.WriteTown},
	"POST /settings/towns/:town":                         {act: tenants.WriteTown, form: form("name", "むかわ町", "kana", "むかわちょう", "code", "015865", "zone", "Asia/Tokyo", "joined_on", "R2.4.1")},
	"GET /settings/towns/:town/days":                     {act: tenants.ReadCalendar},
	"POST /settings/towns/:town/days":                    {act: tenants.WriteCalendar, form: form("day", "令和8年12月1日", "name", "開町記念日", "open", "closed")},
	"POST /settings/towns/:town/days/:day/removal":       {act: tenants.WriteCalendar, last: true},
	"GET /settings/towns/:town/servers":                  {act: tenants.ReadServer},
	"GET /settings/towns/:town/servers/new":              {act: tenants.WriteServer},
	"POST /settings/towns/:town/servers":                 {act: tenants.WriteServer, form: form("name", "附票", "role", "附票")},
	"GET /settings/towns/:town/servers/:id":              {act: tenants.WriteServer, id: aServer},
	"POST /settings/towns/:town/servers/:id":             {act: tenants.WriteServer, id: aServer, form: form("name", "戸籍正", "role", "戸籍", "position", "１")},
	"POST /settings/towns/:town/servers/:id/retirement":  {act: tenants.WriteServer, id: aServer, last: true},
	"GET /settings/towns/:town/contacts":                 {act: tenants.ReadContact},
	"GET /settings/towns/:town/contacts/new":             {act: tenants.WriteContact},
	"POST /settings/towns/:town/contacts":                {act: tenants.WriteContact, form: form("post", "宿直", "name", "見本 三郎", "mail", "shukuchoku@town.example", "phone", "0136-57-0003")},
	"POST /settings/towns/:town/contacts/order":          {act: tenants.WriteContact, form: func(c *console) url.Values { return form("contact", fmt.Sprint(c.mukawa.contact), "move", "down")(c) }},
	"GET /settings/towns/:town/contacts/:id":             {act: tenants.WriteContact, id: aContact},
	"POST /settings/towns/:town/contacts/:id":            {act: tenants.WriteContact, id: aContact, form: form("post", "住民係長", "name", "見本 次郎", "mail", "kakari@town.example")},
	"POST /settings/towns/:town/contacts/:id/retirement": {act: tenants.WriteContact, id: aContact, last: true},
	"GET /settings/towns/:town/ladders/:id":              {act: tenants.WriteTown, id: aLadder},
	"POST /settings/towns/:town/ladders/:id":             {act: tenants.WriteTown, id: aLadder, form: form("name", "標準", "delays", "0、20分 → 40", "repeat_minutes", "30")},
	"GET /settings/towns/:town/stores":                   {act: tenants.ReadPlan},
	"GET /settings/towns/:town/stores/new":               {act: tenants.WritePlan},
	"POST /settings/towns/:town/stores":                  {act: tenants.WritePlan, form: form("name", "予備", "kind", "dir", "root", "/srv/yobi")},
	"GET /settings/towns/:town/stores/:id":               {act: tenants.WritePlan, id: aStore},
	"POST /settings/towns/:town/stores/:id": {act: tenants.WritePlan, id: aStore, form: func(c *console) url.Values {
		return form("name", "NAS", "kind", "dir", "root", tenantstest.Value[string](c.Bench, `SELECT root FROM store WHERE id = $1`, c.mukawa.store))(c)
	}},
	"POST /settings/towns/:town/stores/:id/retirement": {act: tenants.WritePlan, id: aStore, status: 422}, // a plan looks into it
	"GET /settings/towns/:town/plans":                  {act: tenants.ReadPlan},
	"GET /settings/towns/:town/plans/new":              {act: tenants.WritePlan},
	"POST /settings/towns/:town/plans":                 {act: tenants.WritePlan, form: planForm("昼の控え")},
	"GET /settings/towns/:town/plans/:id":              {act: tenants.WritePlan, id: aPlan},
	"POST /settings/towns/:town/plans/:id":             {act: tenants.WritePlan, id: aPlan, form: planForm("夜間全件")},
	"POST /settings/towns/:town/plans/:id/retirement":  {act: tenants.WritePlan, id: aPlan, last: true},
	"GET /settings/people":                             {act: tenants.ReadPeople},
	"GET /settings/people/new":                         {act: tenants.WritePeople},
	"POST /settings/people": {act: tenants.WritePeople, status: 200, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "login", "mihon-goro", "name", "見本 五郎", "lang", "ja", "kind", "town", "title", "主事", "from_on", "令和8年4月1日")(c)
	}},
	"POST /settings/people/:town/:id/password":  {act: tenants.WritePeople, status: 200, last: true},
	"POST /settings/people/:town/:id/disabling": {act: tenants.WritePeople, last: true},
	"GET /settings/password":                    {},
	"POST /settings/password":                   {status: 422, form: form("old", "not it at all", "new", "a long new sentence", "again", "a long new sentence")},
	"GET /settings/tokens":                      {act: tenants.OwnTokens},
	"POST /settings/tokens":                     {act: tenants.OwnTokens, status: 200, form: form("name", "集計", "days", "30")},
	"POST /settings/tokens/:id/revocation":      {act: tenants.OwnTokens, status: 404, id: func(place) int64 { return 999999 }}, // nobody else's token can be revoked
}

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
	return method, strings.NewReplacer(":town", fmt.Sprint(of), ":id", fmt.Sprint(which), ":token", c.link(p), ":day", "2026-12-01").Replace(path)
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
			if got.status == http.StatusOK && !strings.HasSuffix(path, "/live") {
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
