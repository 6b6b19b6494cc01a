package tlog_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
)

// The check of a file and the audit know by themselves where each ledger's time stands. A ledger that a migration adds is a line
// in tenants/evidence/series.go.
func TestWhereEachLedgersTimeStandsIsKnown(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var there []string
	missing := ""
	for _, s := range h.SQL(`SELECT kind, recorded FROM tlog_series ORDER BY kind`) {
		there = append(there, s["kind"].(string))
		if column, _ := evidence.Recorded(s["kind"].(string)); column != s["recorded"] {
			missing += fmt.Sprintf("\t%q: %q,\n", s["kind"], s["recorded"])
		}
	}
	require.Empty(t, missing, "add to tenants/evidence/series.go")
	require.Equal(t, there, evidence.Known(), "and take out what is no ledger any more")
}

// Who owns the database can strike out where a ledger's time stands, for a back-dated row to pass.
func TestAChangedCatalogueOfLedgersIsFound(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(1)
	require.Empty(t, h.inspect())
	for _, sql := range []string{
		`UPDATE tlog_series SET recorded = '' WHERE kind = 'operation_log'`, `UPDATE tlog_series SET recorded = 'request_id' WHERE kind = 'operation_log'`,
		`DELETE FROM tlog_series WHERE kind = 'operation_log'`,
	} {
		var before map[string]any
		for _, r := range h.SQL(`SELECT kind, settled, recorded, act FROM tlog_series WHERE kind = 'operation_log'`) {
			before = r
		}
		h.behind(sql)
		found := h.inspect()
		require.NotEmpty(t, found, sql)
		require.Equal(t, []string{"series", "operation_log"}, []string{found[0].What, found[0].Kind}, sql)
		require.Positive(t, h.breaches())
		h.behind(`DELETE FROM tlog_series WHERE kind = 'operation_log'`)
		h.behind(`INSERT INTO tlog_series (kind, settled, recorded, act) VALUES ($1, $2, $3, $4)`, before["kind"], before["settled"], before["recorded"], before["act"])
		require.Empty(t, h.inspect(), sql)
	}
	h.behind(`UPDATE tlog_series SET recorded = '' WHERE kind = 'operation_log'`)
	require.Contains(t, said(h.verify(h.whole(), evidence.Trust{})), `the time stands in ""`)
}
