package frontend_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// Whoever reads in the log that something was done is led to its page only where they may open it: the host's own town
// staff read that the log was reviewed, and review nothing.
func TestTheLogLeadsWhereItsReaderMayGo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, password, err := people.Add(ctx, tx, c.host.town, people.Input{Login: "rankoshi", Name: "見本 太郎", Keep: true, Posts: []people.PostInput{{Kind: tenants.Town, Title: "住民福祉課長", FromOn: calendar.MustDate(2026, 4, 1)}}})
		c.passwords["rankoshi"] = password
		return err
	})
	auditor := c.as("auditor")
	review := url.Values{"from_on": {"令和8年11月20日"}, "to_on": {"令和8年11月20日"}, "found": {"none"}}
	require.Equal(t, http.StatusSeeOther, auditor.post("/log/reviews", review).status)
	const line, leads = "操作履歴の確認</td>", `<td><a href="/log/reviews">`
	require.Contains(t, auditor.get("/log?object=log_review").body, leads)
	body := c.as("rankoshi").get("/log?object=log_review").body
	require.Contains(t, body, line)
	require.NotContains(t, body, leads)
}
