package gate_test

import (
	"database/sql/driver"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"tanamori/api/gate"
	"tanamori/tenants"
)

// A Postgres that has died of a full disk says nothing any more. Whoever knows the disk says it, and only of a database
// that is away.
func TestADatabaseThatDiedOfAFullDiskIsSaidToHave(t *testing.T) {
	t.Parallel()
	full := true
	g, err := gate.New(gate.Config{Log: slog.New(slog.DiscardHandler), DiskFull: func() bool { return full }})
	require.NoError(t, err)
	defer g.Close()
	answer := func(err error) (*tenants.Fault, int, string) {
		c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder())
		fault, status := g.Answer(c, err)
		return fault, status, c.Response().Header().Get("Retry-After")
	}
	fault, status, again := answer(driver.ErrBadConn)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, fault.Ja, "ディスクがいっぱい")
	require.Contains(t, fault.En, "disk is full")
	require.NotEmpty(t, again)
	require.ErrorIs(t, fault, driver.ErrBadConn)

	fault, status, _ = answer(tenants.NotFound())
	require.Equal(t, http.StatusNotFound, status)
	require.NotContains(t, fault.Ja, "ディスク")

	full = false
	fault, _, _ = answer(driver.ErrBadConn)
	require.NotContains(t, fault.Ja, "ディスク")
}
