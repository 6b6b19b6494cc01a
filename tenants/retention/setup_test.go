package retention_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/volume"
)

// hall is a host and a town with one machine that checks in, since the spring of 2019.
type hall struct {
	*tenantstest.Bench
	t          testing.TB
	host, town int64
	source     int64
	admin      tenants.Actor
	clerk      tenants.Actor
}

var tokyo = time.FixedZone("JST", 9*60*60)

func on(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour, 0, 0, 0, tokyo).UTC()
}

func newHall(t testing.TB) *hall {
	t.Helper()
	b := tenantstest.New(t)
	b.Clock.Set(on(2019, time.April, 20, 9))
	h := &hall{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	h.source = tenantstest.Value[int64](b, `INSERT INTO source (tenant_id, uuid, slug, kind, about_id, created_at)
		VALUES ($1, gen_random_uuid(), 'koseki', 'backup', 1, $2) RETURNING id`, h.town, b.Clock.Now())
	h.admin, h.clerk = b.Person(h.host, tenants.HostAdmin), b.Person(h.town, tenants.Town)
	return h
}

// checkin writes one as the door does, at a time, and gives its id.
func (h *hall) checkin(at time.Time) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body, taken_at)
		VALUES ($1, $2, $3, 'success', 'POST', '192.0.2.1', 'curl/8', 'application/json', '\x7b7d', $3) RETURNING id`, h.town, h.source, at)
}

func (h *hall) incident(at time.Time) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `INSERT INTO incident (tenant_id, cause, about, about_id, subject, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
		VALUES ($1, gen_random_uuid()::text, 'duty', 1, '戸籍正', 'warning', 'duty.missed', '{}', 'open', $2, 30) RETURNING id`, h.town, at)
}

func (h *hall) resolve(id int64, at time.Time) {
	h.t.Helper()
	h.SQL(`UPDATE incident SET state = 'resolved', resolved_at = $2 WHERE id = $1`, id, at)
}

func (h *hall) run(job func(context.Context, *tenants.Tx, int) (int, error), limit int) (total int) {
	h.t.Helper()
	for {
		did := 0
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = job(ctx, tx, limit)
			return err
		})
		total += did
		if did < limit {
			return total
		}
	}
}

func (h *hall) bind() int   { return h.run(retention.Bind, 20) }
func (h *hall) expire() int { return h.run(retention.Expire, 50) }

func (h *hall) volumes(kind string) []retention.Volume {
	h.t.Helper()
	var out []retention.Volume
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		out, err = retention.Volumes(ctx, tx, h.town, retention.Filter{Kind: kind, Limit: 500})
		return err
	})
	return out
}

// export is a volume's file, as the doors send it.
func (h *hall) export(who tenants.Actor, kind string, number int) []byte {
	h.t.Helper()
	var v retention.Volume
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = retention.TakeOut(ctx, tx, h.town, kind, number)
		return err
	})
	var b bytes.Buffer
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) error { return retention.Write(ctx, tx, v, &b) })
	return b.Bytes()
}

func (h *hall) checks(file []byte) volume.Colophon {
	h.t.Helper()
	c, err := volume.Check(bytes.NewReader(file))
	require.NoError(h.t, err)
	return c
}

func (h *hall) count(table string) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM `+table+` WHERE tenant_id = $1`, h.town)
}
