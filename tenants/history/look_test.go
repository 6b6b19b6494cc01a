package history_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/history"
	"tanamori/tenants/tenantstest"
)

func (h house) looked(who tenants.Actor, s history.Sight) {
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ReadPlan); err != nil {
			return err
		}
		return history.Look(ctx, tx, s)
	})
}

func (h house) refuse(who tenants.Actor, r history.Refusal) {
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) error { return history.Refuse(ctx, tx, r) })
}

func TestALookIsOneLineAnHour(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.Clock.Set(on(11, 20, 10, 59))
	both := h.operator
	both.Posts = []tenants.Post{tenants.Facility, tenants.Operator}
	plan := history.Sight{Town: h.town, Object: "plan", ObjectID: 7}
	for range 3 {
		h.looked(both, plan)
	}
	h.looked(both, history.Sight{Town: h.town, Object: "plan", ObjectID: 8})
	h.looked(both, history.Sight{Town: h.town, Object: "plan"})
	h.looked(h.auditor, plan)
	count := func() int64 {
		return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE act = 'town.look' AND tenant_id = $1`, h.town)
	}
	require.EqualValues(t, 4, count(), "each person and thing once")
	h.Clock.Set(on(11, 20, 11, 0))
	h.looked(both, plan)
	require.EqualValues(t, 5, count(), "and once in the next hour")
	lines, err := h.search(h.clerk, history.Search{Who: "見本 二郎", Act: "town.look", Object: "plan", ObjectID: 7})
	require.NoError(t, err)
	require.Len(t, lines, 2, "the town reads who looked")
	require.Equal(t, "facility", lines[0].Post, "in the post by which they may")
	require.Empty(t, lines[0].Remote)
}

func TestALookAtTheBoardIsOneLineANight(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, at := range []time.Time{on(11, 20, 12, 0), on(11, 20, 23, 0), on(11, 21, 0, 10), on(11, 21, 11, 59), on(11, 21, 12, 0)} {
		h.Clock.Set(at)
		h.looked(h.operator, history.Sight{Object: "board"})
	}
	require.Equal(t, []map[string]any{{"tenant_id": h.host, "n": int64(2)}},
		h.SQL(`SELECT tenant_id, count(*) AS n FROM operation_log WHERE act = 'board.read' GROUP BY 1`), "the night turns at noon; the line is the host's")
}

func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	h := setup(t)
	lines := func(where string) int64 {
		return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE act = 'access.refused' AND `+where)
	}
	same := history.Refusal{Object: "plan", ObjectID: 7, Act: tenants.WritePlan, Method: "POST", Route: "/towns/:town/plans/:id", Path: "/towns/1/plans/7", Status: 403}
	for range 20 {
		h.refuse(h.clerk, same)
	}
	require.EqualValues(t, 1, lines(`true`), "equal ones within a minute are one line")
	require.Equal(t, []map[string]any{{"tenant_id": h.town, "post": "town", "object": "plan", "object_id": int64(7), "actor_id": h.clerk.PersonID, "remote": "192.0.2.1",
		"after": `{"act": "plan.write", "path": "/towns/1/plans/7", "route": "/towns/:town/plans/:id", "method": "POST", "status": 403}`}},
		h.SQL(`SELECT tenant_id, post, object, object_id, actor_id, remote, after::text FROM operation_log WHERE act = 'access.refused'`))
	h.Clock.Advance(61 * time.Second)
	h.refuse(h.clerk, same)
	require.EqualValues(t, 2, lines(`true`), "a minute later it is told again")

	// Whoever tries address after address, many at once.
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 20 {
				h.refuse(h.operator, history.Refusal{Object: "town", ObjectID: int64(n*1000 + i + 1), Method: "GET", Route: "/towns/:town", Path: fmt.Sprint("/towns/", n*1000+i), Status: 404})
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 60, lines(`object = 'town'`))
	require.EqualValues(t, 1, lines(`object = 'refusals' AND after = '{"more_than": 60}'`), "and one that says that there were more")
	require.EqualValues(t, 2, lines(`actor_id = `+fmt.Sprint(h.clerk.PersonID)), "of this person alone")
	h.Clock.Advance(time.Hour)
	h.refuse(h.operator, same)
	require.EqualValues(t, 62, lines(fmt.Sprint(`actor_id = `, h.operator.PersonID)), "the next hour is a new one")
}
