package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
)

// Who has not accepted what is in force may look who they are, read it, accept it, and nothing else, whatever the operation.
func TestRulesComeBeforeWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPassword(w.people[tenants.Operator], "wrong horse")
	w.Do(w.people[tenants.HostAdmin], func(ctx context.Context, tx *tenants.Tx) error {
		_, err := observance.Publish(ctx, tx, observance.Input{Title: "記録の取扱い", Body: "記録を持ち出さないこと。", FromOn: calendar.MustDate(2026, 11, 21)})
		return err
	})
	before := w.fingerprint()
	first := map[string]bool{"get-me": true, "change-password": true, "change-language": true, "list-open-observances": true, "get-observance": true, "accept-observance": true}
	for _, o := range api.Operations() {
		s := samples[o.ID]
		if first[o.ID] {
			continue
		}
		for _, post := range posts {
			p := w.as(post, o.Method, s.path(w.home), s.request(w.home)).problem(http.StatusForbidden)
			require.Contains(t, p.Detail, "記録の取扱い", "%s as %s", o.ID, post)
		}
	}
	after := w.fingerprint()
	require.Equal(t, kept(before), kept(after), "what was refused left nothing behind")

	open := w.as(tenants.Operator, "GET", "/me/observances", nil).json()["items"].([]any)
	require.Len(t, open, 1)
	doc := open[0].(map[string]any)
	require.Equal(t, "in_force", doc["state"])
	require.Equal(t, "記録を持ち出さないこと。", doc["body"])
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, "GET", "/me", nil).Code)
	require.Equal(t, http.StatusNoContent, w.as(tenants.Operator, "PUT", "/me/language", object{"lang": "ja"}).Code)
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, "GET", "/observances/2/versions/1", nil).Code)
	w.as(tenants.Operator, "POST", "/observances/2/versions/1/acceptance", object{"sha256": strings.Repeat("0", 64)}).problem(http.StatusConflict)
	w.as(tenants.Operator, "GET", "/board", nil).problem(http.StatusForbidden)
	done := w.as(tenants.Operator, "POST", "/observances/2/versions/1/acceptance", object{"sha256": doc["sha256"]})
	require.Equal(t, http.StatusCreated, done.Code, done.Body.String())
	require.Equal(t, doc["sha256"], done.json()["sha256"])
	require.Empty(t, w.as(tenants.Operator, "GET", "/me/observances", nil).json()["items"])
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, "GET", "/board", nil).Code)
	w.as(tenants.Facility, "GET", "/board", nil).problem(http.StatusForbidden)
}
