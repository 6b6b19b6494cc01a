package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// logged are the lines of an act: whose, where, about what.
func (w *world) logged(act string) (lines []string) {
	for _, l := range w.SQL(`SELECT tenant_id, actor_id, object, coalesce(object_id, 0) AS object_id, post FROM operation_log WHERE act = $1 ORDER BY id`, act) {
		lines = append(lines, fmt.Sprintf("%d %d %s %d %s", l["tenant_id"], l["actor_id"], l["object"], l["object_id"], l["post"]))
	}
	return lines
}

// What somebody of the host reads of a town stands in that town's log, once an hour; a list over all towns in the host's own.
func TestWhatTheHostReadsOfATownIsALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.people[tenants.Operator]
	line := func(town int64, object string, id int64) string {
		return fmt.Sprintf("%d %d %s %d operator", town, who.PersonID, object, id)
	}
	plan := fmt.Sprintf("/towns/%d/plans/%d", w.home.Town, w.home.Plan)
	for range 3 {
		w.as(tenants.Operator, http.MethodGet, plan, nil)
	}
	w.as(tenants.Operator, http.MethodGet, fmt.Sprintf("/incidents?town_id=%d", w.home.Town), nil)
	w.as(tenants.Operator, http.MethodGet, fmt.Sprintf("/towns/%d/plans/%d", w.host.Town, w.host.Plan), nil) // their own organisation's
	w.as(tenants.Town, http.MethodGet, plan, nil)                                                            // the town's own people
	require.Equal(t, []string{line(w.home.Town, "plan", w.home.Plan), line(w.home.Town, "incident", 0)}, w.logged("town.look"))
	w.Clock.Advance(time.Hour)
	w.as(tenants.Operator, http.MethodGet, plan, nil)
	require.Len(t, w.logged("town.look"), 3)

	for range 2 {
		w.as(tenants.Operator, http.MethodGet, "/board", nil)
	}
	w.as(tenants.Operator, http.MethodGet, "/me", nil)
	w.as(tenants.Operator, http.MethodGet, "/watch", nil)
	w.as(tenants.Town, http.MethodGet, "/board", nil)
	require.Equal(t, []string{line(w.host.Town, "board", 0)}, w.logged("board.read"))

	// A file that is taken out has its line already.
	before := len(w.logged("town.look"))
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, http.MethodGet, fmt.Sprintf("/towns/%d/volumes/checkin/1/records", w.home.Town), nil).Code)
	require.Len(t, w.logged("volume.export"), 1)
	require.Len(t, w.logged("town.look"), before)
	w.as(tenants.Operator, http.MethodGet, fmt.Sprintf("/towns/%d/volumes", w.home.Town), nil)
	require.Len(t, w.logged("town.look"), before+1, "the list of such files has not")

	// A node that has just started knows nothing of what stands.
	w.open()
	require.Equal(t, http.StatusOK, w.as(tenants.Operator, http.MethodGet, plan, nil).Code)
	require.Equal(t, int64(2), tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE act = 'town.look' AND object = 'plan'`))
}

// What is refused is a line in the log of whoever asked, after the refused transaction is gone.
func TestARefusalIsALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk, operator := w.people[tenants.Town], w.people[tenants.Operator]
	for range 3 {
		w.as(tenants.Town, http.MethodGet, fmt.Sprintf("/towns/%d/plans/%d", w.foreign.Town, w.foreign.Plan), nil).problem(http.StatusNotFound)
		w.as(tenants.Operator, http.MethodPut, fmt.Sprintf("/towns/%d/plans/%d", w.home.Town, w.home.Plan), w.home.PlanBody).problem(http.StatusForbidden)
	}
	require.Equal(t, []string{fmt.Sprintf("%d %d plan %d town", w.home.Town, clerk.PersonID, w.foreign.Plan),
		fmt.Sprintf("%d %d plan %d operator", w.host.Town, operator.PersonID, w.home.Plan)}, w.logged("access.refused"))
	require.Equal(t, []map[string]any{{"act": "plan.write", "method": "PUT", "route": api.Prefix + "/towns/:town_id/plans/:id", "status": "403"}},
		w.SQL(`SELECT after ->> 'act' AS act, after ->> 'method' AS method, after ->> 'route' AS route, after ->> 'status' AS status FROM operation_log
			WHERE act = 'access.refused' AND actor_id = $1`, operator.PersonID))
	// What is no address, what is wrong, and who is nobody: these are no refusals of a person.
	w.as(tenants.Town, http.MethodGet, "/no/such/thing", nil).problem(http.StatusNotFound)
	w.send(call{Method: http.MethodGet, Path: api.Prefix + "/board"}).problem(http.StatusUnauthorized)
	w.as(tenants.HostAdmin, http.MethodPost, fmt.Sprintf("/towns/%d/servers", w.home.Town), object{"name": ""}).problem(http.StatusUnprocessableEntity)
	require.Len(t, w.logged("access.refused"), 2)
}
