package gate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

func TestSessionsThatAreOverGo(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	b.SQL(`INSERT INTO sessions (token, data, expiry) VALUES ('over', '', $1), ('goes on', '', $2)`, now.Add(-time.Second), now.Add(time.Second))
	require.NoError(t, forgetSessions(t.Context(), b.Handle.Pool, now), "the program's own login may")
	require.Equal(t, "goes on", tenantstest.Value[string](b, `SELECT string_agg(token, ',') FROM sessions`))
}
