package frontend_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// TestASecondPersonConfirmsAChange: where a town asks for it, a change waits, is shown as it would be, and is made by the
// word of another person; one's own word is not enough.
func TestASecondPersonConfirmsAChange(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, clerk, other := c.as("admin"), c.as("mukawa"), c.as("mihon")
	setting := fmt.Sprintf("/settings/towns/%d/second-person", c.mukawa.town)
	require.Equal(t, http.StatusSeeOther, admin.post(setting, url.Values{"acts": {"contact.write"}}).status)
	require.Contains(t, clerk.get(setting).body, "連絡先の変更")

	change := fmt.Sprintf("/settings/towns/%d/contacts/%d", c.mukawa.town, c.mukawa.contact)
	phone := func() string {
		return tenantstest.Value[string](c.Bench, `SELECT phone FROM contact WHERE id = $1`, c.mukawa.contact)
	}
	typed := form("post", "住民係長", "name", "見本 次郎", "mail", "kakari@town.example", "phone", "0145-42-9999")(c)
	bad := form("post", "", "name", "見本 次郎", "mail", "nonsense")(c)
	require.Equal(t, http.StatusUnprocessableEntity, clerk.post(change, bad).status, "what is wrong is said at once")
	require.Zero(t, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM proposal`))

	lines := tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM operation_log WHERE act = 'contact.write'`)
	for range 2 { // pressed twice, it waits once
		got := clerk.post(change, typed)
		require.Equal(t, "/proposals", got.location, excerpt(got.body))
	}
	require.Equal(t, "0136-57-0001", phone())
	require.Equal(t, lines, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM operation_log WHERE act = 'contact.write'`), "nothing of the trial is kept")
	id := tenantstest.Value[int64](c.Bench, `SELECT id FROM proposal`)
	confirm, refuse := fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.mukawa.town, id), fmt.Sprintf("/towns/%d/proposals/%d/refusal", c.mukawa.town, id)

	own := clerk.get("/proposals").body
	require.Contains(t, own, "0145-42-9999")
	require.NotContains(t, own, confirm, "nobody confirms their own change")
	require.Equal(t, http.StatusUnprocessableEntity, clerk.post(confirm, nil).status)
	require.Equal(t, http.StatusForbidden, c.as("operator").post(confirm, nil).status, "nor does a post that could not make it")
	require.Equal(t, "0136-57-0001", phone())

	seen := other.get("/proposals").body
	require.Contains(t, seen, confirm)
	require.Contains(t, seen, "0136-57-0001")
	require.Equal(t, http.StatusUnprocessableEntity, other.post(refuse, url.Values{"reason": {""}}).status, "sent back with a reason only")
	require.Equal(t, http.StatusSeeOther, other.post(confirm, nil).status)
	require.Equal(t, "0145-42-9999", phone())
	require.Equal(t, "関係町村職員 見本 mukawa（照合：関係町村職員 見本 mihon）",
		tenantstest.Value[string](c.Bench, `SELECT actor FROM operation_log WHERE act = 'contact.write' ORDER BY id DESC LIMIT 1`), "both stand in the line")
	require.Equal(t, http.StatusUnprocessableEntity, other.post(confirm, nil).status, "once")

	// Sent back, and taken back.
	typed.Set("phone", "0145-42-8888")
	clerk.post(change, typed)
	id = tenantstest.Value[int64](c.Bench, `SELECT max(id) FROM proposal`)
	require.Equal(t, http.StatusSeeOther, other.post(fmt.Sprintf("/towns/%d/proposals/%d/refusal", c.mukawa.town, id), url.Values{"reason": {"番号が違います"}}).status)
	require.Contains(t, clerk.get("/proposals?all=1").body, "番号が違います")
	clerk.post(change, typed)
	id = tenantstest.Value[int64](c.Bench, `SELECT max(id) FROM proposal`)
	require.Equal(t, http.StatusSeeOther, clerk.post(fmt.Sprintf("/towns/%d/proposals/%d/refusal", c.mukawa.town, id), nil).status)
	require.Equal(t, "withdrawn", tenantstest.Value[string](c.Bench, `SELECT state FROM proposal WHERE id = $1`, id))
	require.Equal(t, "0145-42-9999", phone())

	// To ask for it no longer is itself confirmed by a second person.
	last := admin.post(setting, url.Values{})
	require.Equal(t, "/proposals", last.location, excerpt(last.body))
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM second_person`))
	// Another town's eyes see nothing of it.
	require.NotContains(t, c.as("operator").get("/proposals?all=1").body, "見本町")
}

// TestAPasswordThatCameAlongIsNotKept: a sensitive change brings the password once more; what waits holds everything but it.
func TestAPasswordThatCameAlongIsNotKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/settings/towns/%d/second-person", c.mukawa.town), url.Values{"acts": {"person.write"}}).status)
	typed := form("town", fmt.Sprint(c.mukawa.town), "login", "goro", "name", "見本 五郎", "lang", "ja", "kind", "town", "title", "主事", "from_on", "R8.4.1")(c)
	typed.Set("confirm_password", c.passwords["admin"])
	got := admin.post("/settings/people", typed)
	require.Equal(t, "/proposals", got.location, excerpt(got.body))
	kept, err := url.ParseQuery(tenantstest.Value[string](c.Bench, `SELECT convert_from(body, 'UTF8') FROM proposal`))
	require.NoError(t, err)
	typed.Del("confirm_password")
	require.Equal(t, typed, kept)
}

// TestAStaleProposalIsNotForced: what was asked for may no longer be possible when it is confirmed; then nothing happens.
func TestAStaleProposalIsNotForced(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, clerk, other := c.as("admin"), c.as("mukawa"), c.as("mihon")
	require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/settings/towns/%d/second-person", c.mukawa.town), url.Values{"acts": {"contact.write"}}).status)
	require.Equal(t, "/proposals", clerk.post(fmt.Sprintf("/settings/towns/%d/contacts/%d", c.mukawa.town, c.mukawa.contact),
		form("post", "住民係長", "name", "見本 次郎", "mail", "kakari@town.example")(c)).location)
	confirm := fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.mukawa.town, tenantstest.Value[int64](c.Bench, `SELECT id FROM proposal`))
	c.SQL(`UPDATE person SET disabled_at = $1 WHERE login = 'mukawa'`, c.Clock.Now())
	got := other.post(confirm, nil)
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Equal(t, "waiting", tenantstest.Value[string](c.Bench, `SELECT state FROM proposal`))
	c.SQL(`UPDATE person SET disabled_at = NULL WHERE login = 'mukawa'`)
	c.SQL(`UPDATE tenant SET left_on = '2026-11-01' WHERE id = $1`, c.mukawa.town)
	require.NotEqual(t, http.StatusSeeOther, admin.post(confirm, nil).status, "the town has left, and its people with it")
	require.Equal(t, "waiting", tenantstest.Value[string](c.Bench, `SELECT state FROM proposal`))
}
