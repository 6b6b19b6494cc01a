package frontend_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// guest takes in somebody of a town with one post, by which they sign in.
func (c *console) guest(login string, home int64, post people.PostInput) *browser {
	c.t.Helper()
	post.FromOn = calendar.MustDate(2026, 4, 1)
	c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
		p, password, err := people.Add(ctx, tx, home, people.Input{Login: login, Name: "見本 " + login, Keep: true, Posts: []people.PostInput{post}})
		c.passwords[login], c.people[login] = password, p.ID
		return err
	})
	return c.as(login)
}

// A post's scope is what its holder's pages show: the menu leads to pages that open, with the parts that may be seen, and
// what lies outside is not there.
func TestPagesKeepToTheScopeOfAPost(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	mukawa, host := c.mukawa.town, c.host.town
	auditor := c.guest("kansa", mukawa, people.PostInput{Kind: tenants.Auditor, Title: "共同監査", At: host, Scope: tenants.Scope{Towns: []int64{mukawa}}})
	few := c.guest("few", host, people.PostInput{Kind: tenants.Operator, Title: "当番", Scope: tenants.Scope{Acts: []tenants.Act{tenants.ReadBoard, tenants.Confirm}}})
	elsewhere := c.guest("elsewhere", host, people.PostInput{Kind: tenants.Town, Title: "併任書記", At: mukawa})
	for _, try := range []struct {
		who    *browser
		name   string
		path   string
		status int
		says   string
		hides  string
	}{
		{auditor, "auditor", "/board", 200, "むかわ町", "/towns/" + fmt.Sprint(host) + "\""},
		{auditor, "auditor", "/towns", 200, "むかわ町", "/towns/" + fmt.Sprint(host) + "\""},
		{auditor, "auditor", "/log", 200, "むかわ町", "/towns/" + fmt.Sprint(host) + "\""},
		{auditor, "auditor", fmt.Sprintf("/towns/%d", host), 404, "", ""},
		{auditor, "auditor", "/settings/people", 200, "見本 mihon", "見本 operator"},
		{few, "an operator of some acts", "/board", 200, "むかわ町", "/incidents/"},
		{few, "an operator of some acts", "/towns", 200, "むかわ町", ""},
		{few, "an operator of some acts", fmt.Sprintf("/towns/%d", mukawa), 200, "むかわ町", "戸籍正"},
		{few, "an operator of some acts", "/incidents", 403, "", ""},
		{few, "an operator of some acts", "/outbox", 403, "", ""},
		{few, "an operator of some acts", "/settings", 200, "パスワード", "利用者"},
		{elsewhere, "who holds a post elsewhere", "/board", 200, "戸籍正", "/towns/" + fmt.Sprint(host) + "/"},
		{elsewhere, "who holds a post elsewhere", fmt.Sprintf("/towns/%d", mukawa), 200, "戸籍正", ""},
		{elsewhere, "who holds a post elsewhere", fmt.Sprintf("/settings/towns/%d/contacts", mukawa), 200, "住民係長", ""},
		{elsewhere, "who holds a post elsewhere", fmt.Sprintf("/settings/towns/%d/contacts", host), 404, "", ""},
		{elsewhere, "who holds a post elsewhere", "/settings/tokens", 200, "トークン", ""},
		{elsewhere, "who holds a post elsewhere", "/settings", 200, "任命簿", ""},
	} {
		got := try.who.get(try.path)
		require.Equal(t, try.status, got.status, "%s as %s: %s", try.path, try.name, excerpt(got.body))
		if try.says != "" {
			require.Contains(t, got.body, try.says, "%s as %s", try.path, try.name)
		}
		if try.hides != "" {
			require.NotContains(t, got.body, try.hides, "%s as %s", try.path, try.name)
		}
	}
	// What the board offers can be done.
	require.Equal(t, http.StatusSeeOther, few.post("/confirmations", form("town", fmt.Sprint(mukawa), "occurrence", fmt.Sprint(c.mukawa.occurrence))(c)).status)
	require.Equal(t, http.StatusForbidden, auditor.post("/confirmations", form("town", fmt.Sprint(mukawa), "occurrence", fmt.Sprint(c.mukawa.occurrence))(c)).status)
}
