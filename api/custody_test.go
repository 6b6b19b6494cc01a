package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
)

// The host's passwords are nobody else's: another host's are not there, and a town's people may not even list them.
func TestCustodyIsTheHostsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint()
	tried := 0
	for _, o := range api.Operations() {
		s := samples[o.ID]
		if o.Act != tenants.ReadCustody && o.Act != tenants.WriteCustody {
			continue
		}
		tried++
		w.as(tenants.Town, o.Method, s.path(w.home), s.request(w.home)).problem(http.StatusForbidden)
		if o.ID == "list-custody" {
			for _, item := range w.as(tenants.Auditor, "GET", "/custody", nil).json()["items"].([]any) {
				require.NotContains(t, []int64{w.foreign.Credential, w.foreign.Unsealed}, int64(item.(map[string]any)["id"].(float64)))
			}
		} else if o.ID != "add-custody" && !strings.HasSuffix(o.ID, "management-password") { // which name nothing
			got := w.as(tenants.HostAdmin, o.Method, s.path(w.foreign), s.request(w.home))
			require.Equal(t, http.StatusNotFound, got.Code, "%s: %s", o.ID, got.Body)
		}
	}
	require.Equal(t, 10, tried)
	require.Equal(t, kept(before), kept(w.fingerprint()), "what was refused left nothing behind")
	errs := w.as(tenants.HostAdmin, "POST", "/custody/"+itoa(w.home.Credential)+"/openings", object{"witness_id": w.foreign.Witness, "reason": "x"}).problem(http.StatusUnprocessableEntity)
	require.Equal(t, "witness_id", errs.Errors[0].Field)
}
