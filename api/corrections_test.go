package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
)

// correcting is a correction of the note of むかわ町.
func (w *world) correcting(field, was, becomes string) object {
	return object{"ledger": "incident_event", "row_id": w.home.Note, "reason": "書き誤り", "changes": []object{{"field": field, "was": was, "becomes": becomes}}}
}

// What was wrong is said at the field, also that somebody else was first; and both values stand wherever the record is given.
func TestARecordIsCorrectedByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := fmt.Sprintf("/towns/%d/corrections", w.home.Town)
	p := w.as(tenants.Operator, "POST", to, w.correcting("text", "回線を確認中", "x")).problem(http.StatusConflict)
	require.Equal(t, "text", p.Errors[0].Field)
	require.Contains(t, p.Errors[0].Message, corrected, "what it says now, and by whom")
	for field, change := range map[string][2]string{"colour": {"", "red"}, "text": {corrected, corrected}} {
		p = w.as(tenants.Operator, "POST", to, w.correcting(field, change[0], change[1])).problem(http.StatusUnprocessableEntity)
		require.Equal(t, field, p.Errors[0].Field)
	}
	ledger := w.correcting("text", corrected, "x")
	ledger["ledger"] = "person"
	require.Equal(t, "ledger", w.as(tenants.Operator, "POST", to, ledger).problem(http.StatusUnprocessableEntity).Errors[0].Field)
	w.as(tenants.Facility, "POST", to, w.correcting("text", corrected, "x")).problem(http.StatusForbidden)
	other := w.correcting("text", corrected, "x")
	other["row_id"] = w.host.Note
	w.as(tenants.Operator, "POST", to, other).problem(http.StatusNotFound)

	made := w.as(tenants.Town, "POST", to, w.correcting("text", corrected, "回線は正常")).json()
	require.EqualValues(t, 2, made["n"])
	view := w.as(tenants.Auditor, "GET", fmt.Sprintf("/towns/%d/incidents/%d", w.home.Town, w.home.Incident), nil).json()
	for _, e := range view["events"].([]any) {
		if e := e.(map[string]any); e["kind"] == "noted" {
			require.Equal(t, "回線は正常", e["detail"].(map[string]any)["text"])
			require.Len(t, e["corrections"], 2)
		}
	}
	record := w.as(tenants.Auditor, "GET", fmt.Sprintf("/towns/%d/records/incident_event/%d", w.home.Town, w.home.Note), nil).json()
	require.Equal(t, map[string]any{"field": "text", "label": "内容", "written": "回線を確認中", "now": "回線は正常", "now_text": "回線は正常"}, record["fields"].([]any)[0])
	require.Len(t, w.as(tenants.Town, "GET", "/corrections?ledger=incident_event&row_id="+itoa(w.home.Note), nil).json()["items"], 2)
	require.Empty(t, w.as(tenants.Town, "GET", "/corrections?to=2026-01-01", nil).json()["items"])
	total := w.as(tenants.Town, "GET", "/correction-counts", nil).json()["items"].([]any)[0].(map[string]any)
	require.EqualValues(t, 2, total["corrections"])
	require.EqualValues(t, 1, total["records"])
	page := w.as(tenants.Town, "GET", "/corrections?limit=1", nil).json()
	require.Len(t, page["items"], 1)
	require.Len(t, w.as(tenants.Town, "GET", "/corrections?limit=1&cursor="+page["next"].(string), nil).json()["items"], 1)

	// A ledger of passwords asks for another person: it waits for them, and their word makes it.
	line := tenantstest.Value[int64](w.Bench, `SELECT min(id) FROM credential_event WHERE credential_id = $1`, w.home.Credential)
	held := w.as(tenants.HostAdmin, "POST", fmt.Sprintf("/towns/%d/corrections", w.host.Town), object{"ledger": "credential_event", "row_id": line, "reason": "番号の書き誤り",
		"changes": []object{{"field": "envelope", "was": "K-001", "becomes": "K-010"}}})
	require.Equal(t, http.StatusAccepted, held.Code, held.Body)
	confirm := fmt.Sprintf("/towns/%d/proposals/%d/confirmation", w.host.Town, held.problem(http.StatusAccepted).Proposal)
	w.as(tenants.HostAdmin, "POST", confirm, nil).problem(http.StatusConflict)
	w.as(tenants.Auditor, "POST", confirm, nil) // may read the ledger, and so agree
	credential := w.as(tenants.Operator, "GET", fmt.Sprintf("/custody/%d", w.home.Credential), nil).json()
	require.Equal(t, "K-010", credential["envelope"])
	fix := credential["events"].([]any)[0].(map[string]any)["corrections"].([]any)[0].(map[string]any)
	require.Equal(t, "K-001", fix["changes"].([]any)[0].(map[string]any)["was"])
	require.EqualValues(t, w.people[tenants.Auditor].PersonID, fix["approver_id"])
	require.NotEqual(t, fix["by"], fix["approver"])
}

// What one could not read is not given by way of its corrections; the file of evidence has both rows, and holds.
func TestCorrectionsAreEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gather()
	file := w.as(tenants.Town, "GET", fmt.Sprintf("/towns/%d/evidence/records", w.home.Town), nil).Body.Bytes()
	r, err := evidence.Check(bytes.NewReader(file), evidence.Trust{})
	require.NoError(t, err)
	require.True(t, r.Holds(), "%v", r.Findings)
	require.Contains(t, string(file), "回線を確認中", "the record")
	require.Contains(t, string(file), `"becomes":{"text":"`+corrected+`"}`, "and what it should have said")
	withheld := w.as(tenants.Facility, "GET", fmt.Sprintf("/towns/%d/evidence/records", w.home.Town), nil).Body.String()
	require.NotContains(t, withheld, corrected+`"}`, "as a whole they are for who may read the operation log, in which the same values stand")
	for _, l := range correction.Ledgers() {
		require.NotEmpty(t, tenantstest.Value[string](w.Bench, `SELECT series FROM record_kind WHERE kind = $1`, l.Table), "%s is a ledger that is kept by a rule", l.Table)
		require.True(t, tenantstest.Value[bool](w.Bench, `SELECT EXISTS (SELECT FROM tlog_series WHERE kind = $1)`, l.Table), "%s is gathered: its records stay as they were written", l.Table)
		require.True(t, tenantstest.Value[bool](w.Bench, `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgname = 'append_only')`, l.Table), "%s is append-only", l.Table)
		for _, f := range l.Fields {
			require.NotEmpty(t, f.Ja+f.En, "%s.%s", l.Table, f.Name)
			require.NotContains(t, []string{"reason", "next", "ledger", "row_id", "changes"}, f.Name, "%s.%s: the form's own", l.Table, f.Name)
		}
	}
}
