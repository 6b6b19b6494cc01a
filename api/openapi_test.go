package api_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants/backup"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const committed = "../docs/openapi.json"

// The document is made from the code and stands in the tree, so that a change of the API is seen in review:
// go test ./api -run TestOpenAPI -update
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.send(call{Method: http.MethodGet, Path: api.Prefix + "/openapi.json"})
	require.Equal(t, http.StatusOK, got.Code, "without a token")
	require.Equal(t, "application/openapi+json", got.Header().Get("Content-Type"))
	doc := strings.Replace(got.Body.String(), `"version": "test"`, `"version": "1"`, 1)
	if *update {
		require.NoError(t, os.WriteFile(committed, []byte(doc), 0o644))
	}
	want, err := os.ReadFile(committed)
	require.NoError(t, err)
	require.Equal(t, string(want), doc, "docs/openapi.json is not what the code makes: go test ./api -run TestOpenAPI -update")

	var d struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Security    []map[string][]string
			Responses   map[string]struct {
				Content map[string]any
			}
		}
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(doc), &d))
	require.Equal(t, "3.1.0", d.OpenAPI)
	said := 0
	for _, o := range api.Operations() {
		described, ok := d.Paths[o.Path][strings.ToLower(o.Method)]
		require.True(t, ok, "%s %s", o.Method, o.Path)
		require.Equal(t, o.ID, described.OperationID)
		require.Equal(t, []map[string][]string{{"token": {}}, {"session": {}}}, described.Security, o.ID)
		require.Contains(t, described.Summary, " / ")
		require.Contains(t, described.Responses["401"].Content, "application/problem+json")
		said++
	}
	require.Equal(t, said, strings.Count(doc, `"operationId"`), "no operation beside the table")
	nice, snake := regexp.MustCompile(`^[A-Z][A-Za-z]+$`), regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for name, s := range d.Components.Schemas {
		require.Regexp(t, nice, name)
		for property := range s.Properties {
			require.Regexp(t, snake, property, name)
			require.NotEqual(t, "$schema", property)
		}
	}
	cell := d.Components.Schemas["Cell"].Properties
	require.Contains(t, cell["verdict"]["enum"], nil, "an enumeration that can be null says so")
	require.Equal(t, []any{map[string]any{"$ref": "#/components/schemas/Reason"}, map[string]any{"type": "null"}}, cell["reason"]["oneOf"])
	require.NotContains(t, doc, "tnm_y", "no data")
}

// The values a request may leave out are those of a new plan's form.
func TestPlanDefaultsAreTheForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.as("host_admin", http.MethodPost, "/towns/"+itoa(w.home.Town)+"/plans", object{"server_id": w.home.Server, "store_id": w.home.Store, "pattern": "a.dump", "name": "別"})
	require.Equal(t, http.StatusCreated, made.Code, made.Body.String())
	got, want := made.json(), backup.Defaults("Asia/Tokyo")
	for field, v := range map[string]any{"cron": want.Cron, "zone": want.Zone, "policy": string(want.Policy), "early_minutes": want.EarlyMinutes,
		"window_minutes": want.WindowMinutes, "grace_minutes": want.GraceMinutes, "longest_minutes": want.LongestMinutes, "reports": want.Reports,
		"manifest": want.Manifest, "required_level": want.RequiredLevel, "deviation_k": want.DeviationK, "settle_minutes": want.SettleMinutes,
		"severity": want.Severity, "ladder_id": w.home.Ladder} {
		require.EqualValues(t, v, got[field], field)
	}
	w.as("host_admin", http.MethodPost, "/towns/"+itoa(w.home.Town)+"/plans/"+itoa(int64(got["id"].(float64)))+"/retirement", nil)
	zero := w.as("host_admin", http.MethodPost, "/towns/"+itoa(w.home.Town)+"/plans", object{"server_id": w.home.Server, "store_id": w.home.Store,
		"pattern": "a.dump", "early_minutes": 0, "grace_minutes": 0, "required_level": 0, "reports": false, "name": "別"})
	require.Equal(t, http.StatusCreated, zero.Code, zero.Body.String())
	for field, v := range map[string]any{"early_minutes": 0, "grace_minutes": 0, "required_level": 0, "reports": false} {
		require.EqualValues(t, v, zero.json()[field], "%s: nought is a value, not an omission", field)
	}
}

// Whoever knows a check-in address can check in: it is shown to those who may read it, in every answer about plans.
func TestPingAddressesAreShownToThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, post := range posts {
		list := w.as(post, http.MethodGet, "/towns/"+itoa(w.home.Town)+"/plans", nil).json()["items"].([]any)[0].(map[string]any)
		one := w.as(post, http.MethodGet, "/towns/"+itoa(w.home.Town)+"/plans/"+itoa(w.home.Plan), nil).json()
		town := w.as(post, http.MethodGet, "/towns/"+itoa(w.home.Town), nil).json()
		if may(post, "plan.ping_url.read") {
			require.Regexp(t, `^http://tanamori\.example/ping/[0-9a-f-]{36}$`, one["ping_url"])
			require.Equal(t, one["ping_url"], list["ping_url"])
			require.NotNil(t, town["ping_key"])
		} else {
			require.Nil(t, one["ping_url"], post)
			require.Nil(t, list["ping_url"], post)
			require.Nil(t, town["ping_key"], post)
		}
	}
	before := w.as("host_admin", http.MethodGet, "/towns/"+itoa(w.home.Town)+"/plans/"+itoa(w.home.Plan), nil).json()["ping_url"]
	after := w.as("host_admin", http.MethodPost, "/towns/"+itoa(w.home.Town)+"/plans/"+itoa(w.home.Plan)+"/ping-addresses", nil).json()["ping_url"]
	require.NotEqual(t, before, after)
}
