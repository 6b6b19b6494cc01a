package frontend_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// A password's life at the pages, and that nobody but the host's people sees any of it.
func TestAPasswordInCustody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, auditor, mukawa := c.as("admin"), c.as("auditor"), c.as("mukawa")
	base := fmt.Sprintf("/settings/custody/%d", c.host.credential)
	form := func(pairs ...string) map[string][]string {
		v := sealedForm(c)
		for n := 0; n < len(pairs); n += 2 {
			v.Set(pairs[n], pairs[n+1])
		}
		return v
	}
	require.Contains(t, admin.get("/settings/custody/new").body, "パスワードそのものは、どの欄にも入力しないでください")
	refused := admin.post(base+"/opening", form("witness_id", fmt.Sprint(c.people["admin"])))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "行った人と立会者は別の人にしてください")
	require.Contains(t, refused.body, "停電後の起動のため", "what was typed stays")
	require.Equal(t, base, admin.post(base+"/opening", form()).location)
	page := auditor.get(base).body
	require.Contains(t, page, "停電後の起動のため")
	require.Contains(t, page, "令和8年11月30日", "a week after the opening is a Saturday: the Monday after it")
	require.NotContains(t, page, base+"/change", "the auditor reads")
	require.Contains(t, admin.get(base).body, base+"/change")
	require.NotContains(t, admin.get(base).body, `href="`+base+`/opening"`, "it is open already")
	for _, path := range []string{"/settings/custody", base, base + "/terms", base + "/opening"} {
		require.Equal(t, http.StatusForbidden, mukawa.get(path).status, path)
	}
	require.NotContains(t, mukawa.get("/settings").body, "/settings/custody")
	foreign := fmt.Sprintf("/settings/custody/%d", c.foreign.credential)
	for _, path := range []string{foreign, foreign + "/terms", foreign + "/opening", base + "/nothing"} {
		require.Equal(t, http.StatusNotFound, admin.get(path).status, path)
	}
	require.Equal(t, http.StatusNotFound, admin.post(foreign+"/opening", form()).status)

	// Nobody changed it: on that night it stands on the board, and an incident is open.
	require.NotContains(t, admin.get("/board").body, "パスワードの変更")
	c.plan()
	c.Clock.Set(time.Date(2026, 12, 1, 8, 31, 0, 0, c.zone)) // the 28th is a Saturday
	c.SQL(`INSERT INTO heartbeat (node, started_at, seen_at) VALUES (gen_random_uuid(), $1, $1)`, c.Clock.Now())
	c.judge()
	admin, mukawa = c.as("admin"), c.as("mukawa") // nobody is in after so long
	board := admin.get("/board?night=2026-11-30").body
	require.Contains(t, board, "パスワードの変更")
	require.Contains(t, board, `href="`+base+`"`)
	require.NotContains(t, mukawa.get("/board?night=2026-11-30").body, "パスワードの変更")
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM incident WHERE subject LIKE '%起動用パスワードの変更' AND tenant_id = $1`, c.host.town))
	require.Contains(t, admin.get("/settings/custody").body, "（過ぎています）")
}
