package api_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/people"
)

// limited is a token of the administrator's that opens some acts and some towns.
func (w *world) limited(scope tenants.Scope) string {
	w.t.Helper()
	var plain string
	w.Do(w.people[tenants.HostAdmin], func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, plain, err = people.CreateToken(ctx, tx, people.TokenInput{Name: "一部", Expires: tx.Now.AddDate(0, 1, 0), Scope: scope})
		return err
	})
	return plain
}

// TestAScopedTokenOpensNothingElse walks every operation with a token of the person who may do everything, which opens every
// act but that of the operation; then with one that opens every act of another town alone.
func TestAScopedTokenOpensNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.people[tenants.HostAdmin].Acts()
	without := map[tenants.Act]string{}
	for _, act := range all {
		without[act] = w.limited(tenants.Scope{Acts: slices.DeleteFunc(slices.Clone(all), func(a tenants.Act) bool { return a == act })})
	}
	elsewhere := w.limited(tenants.Scope{Towns: []int64{w.host.Town}})
	before := w.fingerprint()
	tried := 0
	for _, o := range api.Operations() {
		s := samples[o.ID]
		if o.Act != "" {
			got := w.send(call{Method: o.Method, Path: api.Prefix + s.path(w.home), Body: s.request(w.home), Token: without[o.Act]})
			want := http.StatusForbidden
			if o.ID == "find-label" { // it finds things of several kinds; what one may not read is not there
				want = http.StatusNotFound
			}
			require.Equal(t, want, got.Code, "%s by a token without %s: %s", o.ID, o.Act, got.Body)
		}
		if s.namesTown(o) && o.ID != "revoke-token" { // a token's own list is not of a town
			got := w.send(call{Method: o.Method, Path: api.Prefix + s.path(w.home), Body: s.request(w.home), Token: elsewhere})
			require.Equal(t, http.StatusNotFound, got.Code, "%s by a token of another town: %s", o.ID, got.Body)
			tried++
		} else if o.Method == http.MethodGet {
			got := w.send(call{Method: o.Method, Path: api.Prefix + s.path(w.home), Token: elsewhere})
			require.Equal(t, http.StatusOK, got.Code, "%s: %s", o.ID, got.Body)
			require.NotContains(t, got.Body.String(), `"town_id":`+itoa(w.home.Town), o.ID)
		}
	}
	require.Greater(t, tried, 50)
	for _, whole := range []string{"add-town", "set-retention", "set-post-reminder"} {
		o := api.Operations()[slices.IndexFunc(api.Operations(), func(o api.Operation) bool { return o.ID == whole })]
		got := w.send(call{Method: o.Method, Path: api.Prefix + samples[whole].path(w.home), Body: samples[whole].request(w.home), Token: elsewhere})
		require.Equal(t, http.StatusForbidden, got.Code, "%s concerns every town: %s", whole, got.Body)
	}
	require.Equal(t, kept(before), kept(w.fingerprint()), "what was refused left nothing behind")

	me := w.send(call{Method: http.MethodGet, Path: api.Prefix + "/me", Token: elsewhere}).json()
	require.Equal(t, []any{float64(w.host.Town)}, me["town_ids"])
	me = w.send(call{Method: http.MethodGet, Path: api.Prefix + "/me", Token: without[tenants.WritePlan]}).json()
	require.NotContains(t, me["may"], "plan.write")
	require.Contains(t, me["may"], "plan.read")

	o := w.send(call{Method: http.MethodPost, Path: api.Prefix + "/board/2026-11-19/confirmations", Token: elsewhere, Body: samples["confirm-fine"].request(w.home)})
	require.Equal(t, http.StatusCreated, o.Code)
	require.Empty(t, w.SQL(`SELECT FROM confirmation WHERE tenant_id = $1`, w.home.Town), "all of a night is all of the token's towns")
}

// TestAPostsScopeHoldsAtEveryOperation does the same with a person whose post is limited.
func TestAPostsScopeHoldsAtEveryOperation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.people[tenants.HostAdmin]
	w.SQL(`UPDATE post SET towns = $1 WHERE person_id = $2`, []int64{w.host.Town}, admin.PersonID)
	before := w.fingerprint()
	for _, o := range api.Operations() {
		s := samples[o.ID]
		if !s.namesTown(o) || o.ID == "revoke-token" {
			continue
		}
		got := w.as(tenants.HostAdmin, o.Method, s.path(w.home), s.request(w.home))
		require.Equal(t, http.StatusNotFound, got.Code, "%s outside the scope of the post: %s", o.ID, got.Body)
		if o.Method == http.MethodGet && o.ID != "export-volume" { // which leaves a line
			got := w.as(tenants.HostAdmin, o.Method, s.path(w.host), nil)
			require.Equal(t, http.StatusOK, got.Code, "%s within: %s", o.ID, got.Body)
		}
	}
	require.Equal(t, kept(before), kept(w.fingerprint()))
	w.SQL(`UPDATE post SET towns = '{}', acts = $1 WHERE person_id = $2`, []string{"board.read"}, admin.PersonID)
	for _, o := range api.Operations() {
		if o.Act == "" || o.Act == tenants.ReadBoard || slices.Contains([]tenants.Act{tenants.OwnAccount, tenants.OwnTokens, tenants.ReadTown, tenants.AcceptObservance}, o.Act) {
			continue
		}
		got := w.as(tenants.HostAdmin, o.Method, samples[o.ID].path(w.home), samples[o.ID].request(w.home))
		require.Equal(t, http.StatusForbidden, got.Code, "%s is not among the acts: %s", o.ID, got.Body)
	}
	require.Equal(t, kept(before), kept(w.fingerprint()))
	require.Equal(t, http.StatusOK, w.as(tenants.HostAdmin, http.MethodGet, samples["get-board"].path(w.home), nil).Code)
}

// kept leaves out what a refusal leaves on purpose: its line in the operation log, the name in it, and that it is due for the log of evidence.
func kept(rows map[string]int64) map[string]int64 {
	rows = maps.Clone(rows)
	delete(rows, "operation_log")
	delete(rows, "log_actor")
	delete(rows, "tlog_due")
	return rows
}
