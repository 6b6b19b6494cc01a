package ping_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api/report"
	"tanamori/tenants/checkin"
)

// The product's own client against the product's own door.
func TestReportChecksInHere(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	file := filepath.Join(t.TempDir(), "koseki.tar")
	require.NoError(t, os.WriteFile(file, []byte("content"), 0o600))
	status := report.Run(t.Context(), report.Options{Files: []string{file}, PingURL: g.url + g.uuid, Start: true, Version: "test"})
	require.Equal(t, report.OK, status)
	status = report.Run(t.Context(), report.Options{Files: []string{file + ".missing"}, PingURL: g.url + g.key + "/kosekisei", Version: "test"})
	require.Equal(t, report.Failed, status)

	rows := g.rows()
	require.Len(t, rows, 3)
	require.Equal(t, []any{"start", "success", "fail"}, []any{rows[0]["kind"], rows[1]["kind"], rows[2]["kind"]})
	require.NotNil(t, rows[0]["rid"])
	require.Equal(t, rows[0]["rid"], rows[1]["rid"], "start and end are of one run")
	require.NotEqual(t, rows[1]["rid"], rows[2]["rid"])
	var said struct {
		Bytes  int64
		SHA256 string
	}
	require.NoError(t, json.Unmarshal([]byte(rows[1]["body"].(string)), &said))
	require.EqualValues(t, 7, said.Bytes)
	require.Equal(t, "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73", said.SHA256)

	require.NoError(t, g.intake.Stop(context.Background()))
	status = report.Run(t.Context(), report.Options{Files: []string{file}, PingURL: g.url + g.uuid, Version: "test"})
	require.Equal(t, report.Failed, status, "not delivered is not done")
}
