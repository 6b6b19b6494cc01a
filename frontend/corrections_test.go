package frontend_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

var (
	inputs    = regexp.MustCompile(`<input [^>]*name="([a-z_]+)"[^>]*? value="([^"]*)"`)
	typeFirst = regexp.MustCompile(`<input[^>]* type="(?:text|datetime-local)" id="f-[a-z_]+" name="([a-z_]+)" value="([^"]*)"`)
	texts     = regexp.MustCompile(`(?s)<textarea [^>]*name="([a-z_]+)"[^>]*>([^<]*)</textarea>`)
	chosen    = regexp.MustCompile(`<input type="radio" name="([a-z_]+)" value="([^"]*)" checked`)
	selects   = regexp.MustCompile(`(?s)<select [^>]*name="([a-z_]+)".*?<option value="([^"]*)" selected`)
)

// shown is what the form of a correction is filled with.
func shown(t *testing.T, b *browser, path string) url.Values {
	t.Helper()
	got := b.get(path)
	require.Equal(t, http.StatusOK, got.status, excerpt(got.body))
	v := url.Values{}
	for _, from := range []*regexp.Regexp{typeFirst, texts, chosen, selects} {
		for _, m := range from.FindAllStringSubmatch(got.body, -1) {
			v.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	for _, m := range inputs.FindAllStringSubmatch(got.body, -1) {
		if len(m[1]) > 4 && m[1][:4] == "was_" || m[1] == "next" {
			v.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	return v
}

// fix corrects a record by its form, as a person does: what is not to be corrected is left as it is.
func fix(t *testing.T, b *browser, path string, changes ...string) answer {
	t.Helper()
	v := shown(t, b, path)
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	u, err := url.Parse(path)
	require.NoError(t, err)
	return b.post(u.Path, v)
}

func struck(was string) string {
	return `<del class="struck"><span class="vh">訂正前 </span>` + was + `</del>`
}

// The note of an incident: both values stand wherever it is shown, and two who correct at once are told.
func TestANoteIsCorrectedBesideWhatItSaid(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	clerk, operator, auditor := c.as("mukawa"), c.as("operator"), c.as("auditor")
	incident := fmt.Sprintf("/towns/%d/incidents/%d", c.mukawa.town, c.mukawa.incident)
	record := fmt.Sprintf("/towns/%d/corrections/incident_event/%d", c.mukawa.town, c.mukawa.note)
	require.Contains(t, clerk.get(incident).body, record, "whoever may is offered it")
	require.NotContains(t, auditor.get(incident).body, record)
	require.Equal(t, http.StatusForbidden, auditor.post(record, form("text", "x", "reason", "x")(c)).status)
	require.NotContains(t, auditor.get(record).body, `name="reason"`, "who may read sees the record without a form")

	late := shown(t, operator, record)
	got := fix(t, clerk, record+"?next="+url.QueryEscape(incident), "text", "回線は復旧", "reason", "聞き違い")
	require.Equal(t, incident, got.location, excerpt(got.body))
	for who, b := range map[string]*browser{"the auditor": auditor, "the town": clerk} {
		page := b.get(incident).body
		require.Contains(t, page, struck("回線を確認中")+" 回線は復旧", who)
		require.Contains(t, page, "聞き違い", who)
		require.Contains(t, page, "見本 mukawa", who)
	}
	late.Set("text", "回線は不通")
	late.Set("reason", "書き誤り")
	refused := operator.post(record, late)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "見本 mukawaが先に訂正しました。いまは「回線は復旧」です。")
	require.Contains(t, refused.body, "回線は不通", "what was typed stays")
	require.Equal(t, http.StatusSeeOther, fix(t, operator, record, "text", "回線は不通", "reason", "書き誤り").status, "seen anew, it can be corrected")
	for field, changes := range map[string][]string{"いまの記録と同じです": {"reason", "x"}, "入力してください": {"text", "x"}} {
		got := fix(t, clerk, record, changes...)
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		require.Contains(t, got.body, field)
	}
	list := auditor.get("/corrections?from=2026-11-21&to=2026-11-21").body
	for _, text := range []string{"回線を確認中", "回線は復旧", "回線は不通", "聞き違い", "むかわ町", "経過の書き足し", record} {
		require.Contains(t, list, text)
	}
	require.NotContains(t, auditor.get("/corrections?to=2026-11-20").body, "聞き違い")
	require.Contains(t, auditor.get("/corrections?from=x").body, "日付として読めません")
	require.NotContains(t, c.as("mihon").get(fmt.Sprintf("/corrections?ledger=log_review&town=%d", c.mukawa.town)).body, "聞き違い")
	csv := c.as("admin").get("/log/export?format=csv&act=correction.write").body
	require.Contains(t, csv, "回線を確認中")
	require.Contains(t, csv, "回線は復旧")
	require.Contains(t, csv, "訂正")
}

// A confirmation: the verdict stays, the board and the book say that it was corrected.
func TestAConfirmationIsCorrectedAndTheVerdictStays(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator, clerk := c.as("operator"), c.as("mukawa")
	require.Equal(t, http.StatusSeeOther, operator.post("/confirmations", form("town", fmt.Sprint(c.mukawa.town), "occurrence", fmt.Sprint(c.mukawa.occurrence), "note", "業者へ電話", "next", "/board")(c)).status)
	id := tenantstest.Value[int64](c.Bench, `SELECT id FROM confirmation WHERE tenant_id = $1`, c.mukawa.town)
	record := fmt.Sprintf("/towns/%d/corrections/confirmation/%d", c.mukawa.town, id)
	plan := fmt.Sprintf("/towns/%d/plans/%d", c.mukawa.town, c.mukawa.plan)
	require.Contains(t, operator.get(plan).body, record)
	require.Equal(t, http.StatusForbidden, clerk.post(record, form("note", "x", "reason", "x")(c)).status, "who could not confirm corrects none")
	before := tenantstest.Value[string](c.Bench, `SELECT CAST(to_jsonb(o) AS text) FROM occurrence o WHERE id = $1`, c.mukawa.occurrence)
	require.Equal(t, http.StatusSeeOther, fix(t, operator, record, "note", "業者へ電子メール", "reason", "書き誤り").status)
	require.NotContains(t, operator.get("/board").body, "訂正あり：", "the note alone changes no result")
	require.Equal(t, http.StatusSeeOther, fix(t, operator, record, "result", "wrong", "reason", "別の手段で取得できていた").status)
	require.Equal(t, before, tenantstest.Value[string](c.Bench, `SELECT CAST(to_jsonb(o) AS text) FROM occurrence o WHERE id = $1`, c.mukawa.occurrence), "a verdict is final")
	for _, path := range []string{"/board", "/board?night=2026-11-20", plan} {
		require.Contains(t, operator.get(path).body, "訂正あり：判定と実際が違う", path)
	}
	book := clerk.get(fmt.Sprintf("/towns/%d/book?month=2026-11", c.mukawa.town)).body
	for _, text := range []string{struck("業者へ電話"), "業者へ電子メール", struck("判定のとおり"), "判定と実際が違う", "別の手段で取得できていた", "見本 operator"} {
		require.Contains(t, book, text, "the print has both values")
	}
	require.Equal(t, http.StatusSeeOther, fix(t, operator, record, "result", "as_judged", "reason", "訂正の誤り").status)
	board := operator.get("/board").body
	require.Contains(t, board, "訂正あり")
	require.NotContains(t, board, "訂正あり：")
	c.SQL(`DELETE FROM duty_state WHERE tenant_id = $1`, c.mukawa.town) // as of a night that is no longer the newest
	require.Contains(t, operator.get("/board?night=2026-11-20").body, "訂正あり")
}

// Where the ledger asks for another person, the correction waits for them, at the pages as at the API.
func TestAnotherPersonAgreesToTheCorrectionOfACustodyLine(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, operator, auditor, mukawa := c.as("admin"), c.as("operator"), c.as("auditor"), c.as("mukawa")
	page := fmt.Sprintf("/settings/custody/%d", c.host.credential)
	line := tenantstest.Value[int64](c.Bench, `SELECT min(id) FROM credential_event WHERE credential_id = $1`, c.host.credential)
	record := fmt.Sprintf("/towns/%d/corrections/credential_event/%d", c.host.town, line)
	require.Contains(t, admin.get(page).body, record)
	require.NotContains(t, operator.get(page).body, record)
	require.Contains(t, admin.get(record).body, "ほかの人が照合すると、訂正されます")
	require.Equal(t, http.StatusNotFound, mukawa.get(record).status)

	got := fix(t, admin, record, "envelope", "K-010", "reason", "番号の書き誤り")
	require.Equal(t, "/proposals", got.location, excerpt(got.body))
	require.NotContains(t, auditor.get(page).body, "K-010", "nothing stands yet")
	waits := tenantstest.Value[int64](c.Bench, `SELECT id FROM proposal`)
	confirm := fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.host.town, waits)
	require.Equal(t, http.StatusUnprocessableEntity, admin.post(confirm, nil).status, "one's own word is not enough")
	require.Equal(t, http.StatusNotFound, mukawa.post(confirm, nil).status)
	seen := operator.get("/proposals").body
	require.Contains(t, seen, confirm)
	require.Contains(t, seen, "K-010")
	require.Contains(t, seen, "番号の書き誤り")
	require.Equal(t, http.StatusSeeOther, operator.post(confirm, nil).status)
	for who, b := range map[string]*browser{"the administrator": admin, "the auditor": auditor} {
		body := b.get(page).body
		require.Contains(t, body, struck("K-001")+" K-010", who)
		require.Contains(t, body, "照合：操作者 見本 operator", who)
	}
	require.Equal(t, "K-010", tenantstest.Value[string](c.Bench, `SELECT envelope FROM credential WHERE id = $1`, c.host.credential), "what follows from the line follows")

	// Refused with a reason, it is as if it had not been; and one whose ground has moved cannot be confirmed.
	fix(t, admin, record, "envelope", "K-011", "reason", "番号の書き誤り")
	fix(t, admin, record, "envelope", "K-012", "reason", "番号の書き誤り")
	first := tenantstest.Value[int64](c.Bench, `SELECT min(id) FROM proposal WHERE state = 'waiting'`)
	require.Equal(t, http.StatusSeeOther, operator.post(fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.host.town, first), nil).status)
	late := operator.post(fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.host.town, first+1), nil)
	require.Equal(t, http.StatusUnprocessableEntity, late.status)
	require.Contains(t, late.body, "そのままでは行えません")
	require.Equal(t, http.StatusSeeOther, operator.post(fmt.Sprintf("/towns/%d/proposals/%d/refusal", c.host.town, first+1), form("reason", "番号が違います")(c)).status)
	require.NotContains(t, admin.get(page).body, "K-012")
}

// The register of posts: the post itself follows, so that later entries are written from what is right.
func TestTheRegisterIsCorrected(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, clerk := c.as("admin"), c.as("mukawa")
	entry := tenantstest.Value[int64](c.Bench, `SELECT max(id) FROM appointment WHERE tenant_id = $1`, c.mukawa.town)
	record := fmt.Sprintf("/towns/%d/corrections/appointment/%d", c.mukawa.town, entry)
	register := fmt.Sprintf("/towns/%d/register", c.mukawa.town)
	require.Contains(t, admin.get(register).body, record)
	require.NotContains(t, clerk.get(register).body, record, "a town reads its register")
	got := fix(t, admin, record, "document", "蘭住第147号", "document_on", "令和8年4月1日", "reason", "文書番号の写し誤り")
	require.Equal(t, record, got.location, excerpt(got.body))
	body := clerk.get(register).body
	require.Contains(t, body, struck("（空欄）")+" 蘭住第147号")
	require.Contains(t, body, "文書番号の写し誤り")
	require.Equal(t, "蘭住第147号 2026-04-01", tenantstest.Value[string](c.Bench, `SELECT p.document || ' ' || p.document_on FROM post p JOIN appointment a ON a.post_id = p.id WHERE a.id = $1`, entry))
	require.EqualValues(t, 1, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM operation_log WHERE act = 'person.write' AND object = 'post' AND after ->> 'document' = '蘭住第147号'`))
	require.Equal(t, http.StatusUnprocessableEntity, fix(t, admin, record, "document_on", "きのう", "reason", "x").status)

	// A second person is asked where the town asks for one for changes of people: the correction is one.
	require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/settings/towns/%d/second-person", c.mukawa.town), url.Values{"acts": {"person.write"}}).status)
	require.Equal(t, "/proposals", fix(t, admin, record, "document", "蘭住第148号", "reason", "x").location)
	require.NotContains(t, clerk.get(register).body, "蘭住第148号")
}

// A review: what it found is corrected before another person, and what it covers is not.
func TestAReviewIsCorrectedBeforeAnotherPerson(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, auditor := c.as("admin"), c.as("auditor")
	c.SQL(`INSERT INTO log_review (tenant_id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures)
		VALUES ($1, $2, '2026-11-20', '2026-11-20', $3, '見本', 'auditor', 1, 0, false, '', '')`, c.host.town, c.Clock.Now(), c.people["auditor"])
	review := tenantstest.Value[int64](c.Bench, `SELECT id FROM log_review`)
	record := fmt.Sprintf("/towns/%d/corrections/log_review/%d", c.host.town, review)
	require.Equal(t, http.StatusUnprocessableEntity, fix(t, auditor, record, "found", "true", "reason", "見落とし").status, "what was found is to be said")
	require.Equal(t, "/proposals", fix(t, auditor, record, "found", "true", "findings", "深夜の操作", "measures", "本人に確かめた", "reason", "見落とし").location)
	waits := tenantstest.Value[int64](c.Bench, `SELECT id FROM proposal`)
	require.Equal(t, http.StatusNotFound, c.as("operator").post(fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.host.town, waits), nil).status)
	require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/towns/%d/proposals/%d/confirmation", c.host.town, waits), nil).status)
	body := auditor.get("/log/reviews").body
	require.Contains(t, body, struck("異常なし"))
	require.Contains(t, body, "深夜の操作")
	require.Contains(t, body, "照合：")
	require.NotContains(t, c.as("operator").get("/corrections").body, "深夜の操作", "who may not read reviews reads no correction of one")
}
