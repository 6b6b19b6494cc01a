package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/volume"
)

var posts = []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor, tenants.Town}

func (s sample) request(p place) any {
	if s.body == nil {
		return nil
	}
	return s.body(p)
}

func (s sample) namesTown(o api.Operation) bool {
	return s.elsewhere || strings.Contains(o.Path, "{town_id}")
}

func may(post tenants.Post, act tenants.Act) bool {
	return act == "" || tenants.Actor{Posts: []tenants.Post{post}}.May(act)
}

func TestEveryOperationHasASample(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, o := range api.Operations() {
		require.Contains(t, samples, o.ID, "%s %s: give it a good request in samples_test.go", o.Method, o.Path)
		require.False(t, seen[o.ID], "two operations are called %s", o.ID)
		seen[o.ID] = true
	}
	for id := range samples {
		require.True(t, seen[id], "%s is no operation", id)
	}
}

// Nobody reaches a thing of a town that is not theirs, whatever their post: it is not there. A post that does not allow
// the act is told so. Both are refused before anything changes, so that one world serves for all of them.
func TestEveryOperationKeepsToItsTownsAndPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint()
	for _, o := range api.Operations() {
		s := samples[o.ID]
		w.send(call{Method: o.Method, Path: api.Prefix + s.path(w.home), Body: s.request(w.home)}).problem(http.StatusUnauthorized)
		for _, post := range posts {
			if s.namesTown(o) {
				got := w.as(post, o.Method, s.path(w.foreign), s.request(w.foreign))
				require.Equal(t, http.StatusNotFound, got.Code, "%s of another consortium's town as %s: %s", o.ID, post, got.Body)
				got.problem(http.StatusNotFound)
			}
			if post == tenants.Town && s.namesTown(o) {
				got := w.as(post, o.Method, s.path(w.host), s.request(w.host))
				require.Equal(t, http.StatusNotFound, got.Code, "%s of the host's as %s: %s", o.ID, post, got.Body)
			}
			if !may(post, o.Act) {
				got := w.as(post, o.Method, s.path(w.home), s.request(w.home))
				require.Equal(t, http.StatusForbidden, got.Code, "%s as %s: %s", o.ID, post, got.Body)
				got.problem(http.StatusForbidden)
			}
		}
	}
	after := w.fingerprint()
	require.Greater(t, after["operation_log"], before["operation_log"], "but for the lines that say so")
	require.Equal(t, after["operation_log"]-before["operation_log"], tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE act = 'access.refused'`))
	for _, table := range []string{"operation_log", "log_actor", "tlog_due"} {
		delete(before, table)
		delete(after, table)
	}
	require.Equal(t, before, after, "what was refused left nothing behind")
}

// fingerprint is how many rows every table holds.
func (w *world) fingerprint() map[string]int64 {
	rows := map[string]int64{}
	for _, r := range w.SQL(`SELECT c.relname::text AS name, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1]::text::bigint AS n
		FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`) {
		rows[r["name"].(string)] = r["n"].(int64)
	}
	return rows
}

// Whoever may, can: every post that the act allows, for each operation, in a world of its own where it changes anything.
func TestEveryOperationDoesItsWork(t *testing.T) {
	t.Parallel()
	reading := newWorld(t)
	for _, o := range api.Operations() {
		for _, post := range posts {
			if !may(post, o.Act) {
				continue
			}
			if o.Method == http.MethodGet {
				reading.works(o, post)
				continue
			}
			t.Run(o.ID+" as "+string(post), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.works(o, post)
			})
		}
	}
}

func (w *world) works(o api.Operation, post tenants.Post) {
	w.t.Helper()
	s := samples[o.ID]
	home := w.home
	switch o.ID {
	case "revoke-token":
		home.Token = w.ownToken(post)
	case "withdraw-key-loan":
		home.Asked = w.ownRequest(post)
	case "end-session":
		home.SignIn = w.signedIn(w.people[post].TenantID, w.people[post].PersonID)
	case "set-management-password":
		w.together()
	case "take-back-hand-over":
		require.Equal(w.t, http.StatusCreated, w.as(post, http.MethodPost, samples["hand-over"].path(home), samples["hand-over"].request(home)).Code)
	case "change-password":
		w.setPassword(w.people[post], "wrong horse")
	}
	if (o.ID == "confirm-proposal" || o.ID == "refuse-proposal") && !may(post, tenants.WriteContact) { // what waits is a contact's change
		require.Equal(w.t, http.StatusForbidden, w.as(post, o.Method, s.path(home), s.request(home)).Code)
		return
	}
	if o.ID == "correct-record" && post == tenants.Auditor { // corrects reviews alone, which wait for another person
		review := tenantstest.Value[int64](w.Bench, `SELECT id FROM log_review`)
		got := w.as(post, o.Method, s.path(w.host), object{"ledger": "log_review", "row_id": review, "reason": "見落とし", "changes": []object{
			{"field": "found", "was": "false", "becomes": "true"}, {"field": "findings", "was": "", "becomes": "深夜の操作"}, {"field": "measures", "was": "", "becomes": "本人に確かめた"}}})
		require.Equal(w.t, http.StatusAccepted, got.Code, got.Body)
		return
	}
	if o.ID == "correct-record" && post == tenants.Facility { // corrects the ledgers of the server room
		got := w.as(post, o.Method, s.path(w.host), object{"ledger": "room_entry", "row_id": w.host.Inside, "reason": "書き誤り", "changes": []object{
			{"field": "purpose", "was": "巡回点検", "becomes": "定期点検"}}})
		require.Equal(w.t, http.StatusCreated, got.Code, got.Body)
		return
	}
	got := w.as(post, o.Method, s.path(home), s.request(home))
	require.Equal(w.t, o.Status, got.Code, "%s as %s: %s", o.ID, post, got.Body)
	require.NotEmpty(w.t, got.Header().Get("X-Request-Id"))
	require.Equal(w.t, "no-store", got.Header().Get("Cache-Control"))
	if o.Status == http.StatusNoContent {
		require.Empty(w.t, got.Body.String())
		return
	}
	if o.ID == "export-operation-log" {
		require.Equal(w.t, "text/csv; charset=utf-8", got.Header().Get("Content-Type"))
		require.Contains(w.t, got.Body.String(), "plan.write")
		return
	}
	if o.ID == "export-key-loans" {
		require.Equal(w.t, "text/csv; charset=utf-8", got.Header().Get("Content-Type"))
		require.Contains(w.t, got.Body.String(), "定期保守")
		return
	}
	if o.ID == "export-room-entries" {
		require.Equal(w.t, "text/csv; charset=utf-8", got.Header().Get("Content-Type"))
		require.Greater(w.t, strings.Count(got.Body.String(), "\r\n"), 2)
		return
	}
	if o.ID == "export-volume" {
		require.Equal(w.t, "application/x-ndjson", got.Header().Get("Content-Type"))
		_, err := volume.Check(got.Body)
		require.NoError(w.t, err)
		return
	}
	if o.ID == "export-evidence" {
		require.Equal(w.t, "application/x-ndjson", got.Header().Get("Content-Type"))
		r, err := evidence.Check(got.Body, evidence.Trust{})
		require.NoError(w.t, err)
		require.True(w.t, r.Holds())
		require.Positive(w.t, r.Rows)
		return
	}
	require.Equal(w.t, "application/json", got.Header().Get("Content-Type"))
	body := got.json()
	require.NotContains(w.t, body, "$schema")
	if items, ok := body["items"].([]any); ok && o.ID != "list-open-observances" { // else nothing could be done here
		require.NotEmpty(w.t, items, "%s as %s: the world has one of everything", o.ID, post)
		for _, item := range items {
			if id, ok := item.(map[string]any)["town_id"].(float64); ok && s.namesTown(o) {
				require.Equal(w.t, home.Town, int64(id), o.ID)
			}
		}
	}
}
