package jobs

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// A job that waits for its clock is not called standing still meanwhile: the board, the audit and /readyz would say so of
// every quiet house.
func TestNoJobIsStaleBeforeItLooksAgain(t *testing.T) {
	t.Parallel()
	for _, j := range schedule {
		look, err := cron.ParseStandard(j.Look)
		require.NoError(t, err, j.Name)
		first := look.Next(tenantstest.Start)
		between := look.Next(first).Sub(first)
		require.GreaterOrEqual(t, duty.Fresh(j.Name), between+between/2, "%s looks every %v", j.Name, between)
		require.LessOrEqual(t, duty.Fresh(j.Name), max(4*between, 3*time.Minute, map[string]time.Duration{"verify": 2 * time.Hour}[j.Name]), j.Name)
	}
}
