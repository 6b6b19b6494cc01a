package tlog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
)

// Who takes a row away and makes its leaf look like that of one more row that was removed by rule, finds the removals counted.
func TestARowDoesNotPassAsRemovedByRule(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Clock.Set(time.Date(2019, time.April, 20, 0, 0, 0, 0, time.UTC))
	h.SQL(`UPDATE tenant SET created_at = $1`, h.Clock.Now())
	h.nights(1)
	free := tenantstest.Value[int64](h.Bench, `SELECT nextval(pg_get_serial_sequence('checkin', 'id'))`) // as that of another town
	h.nights(1)
	h.SQL(`UPDATE incident SET state = 'resolved', resolved_at = $1`, h.Clock.Now())
	h.SQL(`UPDATE notice SET state = 'sent', sent_at = $1, next_at = NULL`, h.Clock.Now())
	h.Clock.Set(time.Date(2021, time.April, 2, 0, 0, 0, 0, time.UTC))
	h.run(retention.Bind, 20)
	h.run(retention.Expire, 50)
	h.gather()
	require.Empty(t, h.inspect())
	require.EqualValues(t, 4, h.verify(h.whole(), evidence.Trust{}).Removed)

	line := h.SQL(`SELECT leaf_index, row_id FROM tlog_leaf WHERE tenant_id = $1 AND kind = 'operation_log' ORDER BY leaf_index LIMIT 1`, h.town)[0]
	h.behind(`DELETE FROM operation_log WHERE tenant_id = $1 AND id = $2`, h.town, line["row_id"])
	h.behind(`UPDATE tlog_leaf SET kind = 'checkin', row_id = $3 WHERE tenant_id = $1 AND leaf_index = $2`, h.town, line["leaf_index"], free)
	found := h.inspect()
	require.Len(t, found, 1)
	require.Equal(t, []string{"removal", "expiry"}, []string{found[0].What, found[0].Kind})
	require.Contains(t, said(h.verify(h.whole(), evidence.Trust{})), "5 rows are said to have gone with this removal of 4")
	h.behind(`UPDATE tlog_leaf SET kind = 'operation_log', row_id = $3 WHERE tenant_id = $1 AND leaf_index = $2`, h.town, line["leaf_index"], line["row_id"])
	found = h.inspect()
	require.Len(t, found, 1)
	require.Equal(t, "missing", found[0].What)
}
