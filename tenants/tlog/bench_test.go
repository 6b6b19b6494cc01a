package tlog_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// What it costs to gather 10,000 rows of one town, to look through them again, to write them to a file and to check that.
func BenchmarkTenThousandRows(b *testing.B) {
	const rows = 10_000
	for b.Loop() {
		b.StopTimer()
		h := newHall(b)
		write := func() time.Duration {
			began := time.Now()
			h.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, before, after, request_id, remote)
				SELECT $1, $2, '見本 一郎', 'host_admin', 'server.write', 'server', '{"name": "旧"}', '{"name": "新"}', 'r', '192.0.2.1' FROM generate_series(1, 10000)`, h.town, h.Clock.Now())
			return time.Since(began)
		}
		h.SQL(`ALTER TABLE operation_log DISABLE TRIGGER due`)
		bare := write()
		h.SQL(`ALTER TABLE operation_log ENABLE TRIGGER due`)
		with := write()
		b.StartTimer()
		began := time.Now()
		h.run(tlog.Gather, 1000)
		gather := time.Since(began)
		b.StopTimer()
		require.EqualValues(b, rows, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE kind = 'operation_log'`))
		began = time.Now()
		h.Do(tenants.Job("inspect"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Inspect(ctx, tx, 100_000); return err })
		inspect := time.Since(began)
		began = time.Now()
		file := h.whole()
		export := time.Since(began)
		began = time.Now()
		h.verifies(file)
		check := time.Since(began)
		b.StartTimer()
		for what, took := range map[string]time.Duration{"gather": gather, "inspect": inspect, "export": export, "verify": check, "due": with - bare} {
			b.ReportMetric(float64(took.Milliseconds()), what+"-ms")
		}
		b.ReportMetric(float64(len(file))/rows, "bytes/row")
		b.ReportMetric(float64(tenantstest.Value[int64](h.Bench, `SELECT pg_total_relation_size('tlog_leaf') + pg_total_relation_size('tlog_tile')`))/rows, "kept-bytes/row")
	}
}
