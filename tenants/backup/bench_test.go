package backup_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// BenchmarkGatherCheckins is what the log of evidence adds to taking 10,000 check-ins of 100 plans in. Answering one adds
// nothing: its line is written when it is taken in.
func BenchmarkGatherCheckins(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	v := newVault(b, nil)
	for n := range 99 {
		v.server = v.Server(v.town, fmt.Sprintf("戸籍%d", n))
		v.add(nil)
	}
	require.Zero(b, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM pg_trigger WHERE tgrelid = 'checkin'::regclass AND tgname = 'due' AND tgtype & 4 > 0`), "no line at the answer")
	at := jst("11-22 02:00")
	tenantstest.WithAndWithoutGathering(v.Bench, "gather_takein_10000", 10, func() time.Duration {
		at = at.Add(time.Minute)
		v.Clock.Set(at)
		v.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, rid, method, remote, agent, content_type, body)
			SELECT s.tenant_id, s.id, CAST($1 AS timestamptz), k, md5(CAST($1 AS timestamptz)::text || s.id::text || n::text)::uuid, 'POST', '192.0.2.7', 'curl', '', '' FROM source s, generate_series(1, 50) n, unnest(ARRAY['start', 'success']) k ORDER BY n, s.id, k DESC`, at)
		began, took := time.Now(), 0
		for n := 500; n == 500; took += n {
			n = v.takeIn()
		}
		require.Equal(b, 10000, took)
		return time.Since(began)
	})
}
