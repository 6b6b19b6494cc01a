package tlog_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// hall is a host and a town whose machine checks in.
type hall struct {
	*tenantstest.Bench
	t                   testing.TB
	host, town          int64
	source, duty        int64
	admin, clerk, audit tenants.Actor
}

type day = calendar.Date

func newHall(t testing.TB) *hall {
	t.Helper()
	b := tenantstest.New(t)
	h := &hall{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	h.source = tenantstest.Value[int64](b, `INSERT INTO source (tenant_id, uuid, slug, kind, about_id, created_at)
		VALUES ($1, gen_random_uuid(), 'koseki', 'backup', 1, $2) RETURNING id`, h.town, b.Clock.Now())
	h.duty = tenantstest.Value[int64](b, `INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes, grace_minutes, longest_minutes, severity, ladder_id, active_from, planned_until)
		VALUES ($1, 'backup', 1, '戸籍正', 'x', '0 2 * * *', 'Asia/Tokyo', 'every_day', 0, 60, 0, 60, 'critical', $2, $3, $3) RETURNING id`, h.town, h.Ladder(h.town), b.Clock.Now())
	h.admin, h.audit, h.clerk = b.Person(h.host, tenants.HostAdmin), b.Person(h.host, tenants.Auditor), b.Person(h.town, tenants.Town)
	return h
}

// log writes n lines of the operation log of the town, as acts do.
func (h *hall) log(n int) {
	h.t.Helper()
	for range n {
		h.Do(h.admin, func(_ context.Context, tx *tenants.Tx) error {
			return tx.Record(tenants.Line{Town: h.town, Act: tenants.WriteServer, Object: "server", ObjectID: 7,
				Before: map[string]any{"name": "旧𠮷\u2028", "n": 1.5}, After: map[string]any{"name": "<新>", "n": 100}})
		})
	}
}

// night writes what one night leaves: check-ins taken in, a verdict, an incident with its course, a message and its try.
func (h *hall) night() {
	h.t.Helper()
	now := h.Clock.Now()
	for range 2 {
		h.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body)
			VALUES ($1, $2, $3, 'success', 'POST', '192.0.2.1', 'curl/8', 'application/json', '\x7b7d00ff')`, h.town, h.source, now)
	}
	h.SQL(`UPDATE checkin SET taken_at = $1 WHERE taken_at IS NULL`, now)
	o := tenantstest.Value[int64](h.Bench, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		VALUES ($1, $2, $3, '2026-11-20', $3, $3, $4, $4, $3) RETURNING id`, h.town, h.duty, now, now.Add(time.Hour))
	h.SQL(`UPDATE occurrence SET verdict = 'met', reason_code = 'x', reason_params = '{"n": "1"}', judged_at = $2, look_at = NULL WHERE id = $1`, o, now)
	h.SQL(`INSERT INTO confirmation (tenant_id, occurrence_id, at, person_id, person, post, verdict) VALUES ($1, $2, $3, 1, '見本 一郎', '', 'met')`, h.town, o, now)
	i := tenantstest.Value[int64](h.Bench, `INSERT INTO incident (tenant_id, cause, about, about_id, subject, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
		VALUES ($1, gen_random_uuid()::text, 'duty', 1, '戸籍正', 'warning', 'duty.missed', '{}', 'open', $2, 30) RETURNING id`, h.town, now)
	h.SQL(`INSERT INTO incident_event (tenant_id, incident_id, at, kind, by_text, detail) VALUES ($1, $2, $3, 'opened', '', '{"rung": 3}')`, h.town, i, now)
	n := tenantstest.Value[int64](h.Bench, `INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html, message_id, state, queued_at, next_at)
		VALUES ($1, gen_random_uuid()::text, 'opened', 'incident', $2, 'mail', '', '見本 二郎', 'a@example.jp', '件名', '本文', '', 'm', 'queued', $3, $3) RETURNING id`, h.town, i, now)
	a := tenantstest.Value[int64](h.Bench, `INSERT INTO attempt (tenant_id, notice_id, n, started_at) VALUES ($1, $2, 1, $3) RETURNING id`, h.town, n, now)
	h.SQL(`UPDATE attempt SET ended_at = $2, outcome = 'sent' WHERE id = $1`, a, now)
	h.log(1)
}

// run does a job's rounds until there is nothing more to do.
func (h *hall) run(act func(context.Context, *tenants.Tx, int) (int, error), limit int) (total int) {
	h.t.Helper()
	for {
		did := 0
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = act(ctx, tx, limit)
			return err
		})
		total += did
		if did < limit {
			return total
		}
	}
}

func (h *hall) gather() int { h.t.Helper(); return h.run(tlog.Gather, 50) }

// nights are some, a minute apart, each gathered.
func (h *hall) nights(n int) {
	h.t.Helper()
	for range n {
		h.night()
		h.Clock.Advance(time.Minute)
		h.gather()
	}
}

// inspect looks through everything of every town once, and gives what the audit then tells of the town.
func (h *hall) inspect() []tlog.Finding {
	h.t.Helper()
	before := tenantstest.Value[int64](h.Bench, `SELECT coalesce(min(passes), 0) FROM tlog_inspection`)
	for range 200 {
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := tlog.Inspect(ctx, tx, 60)
			return err
		})
		if tenantstest.Value[int64](h.Bench, `SELECT coalesce(min(passes), 0) FROM tlog_inspection`) > before {
			return h.state().Findings
		}
	}
	require.Fail(h.t, "the inspection never comes to its end")
	return nil
}

func (h *hall) state() (l tlog.Log) {
	h.t.Helper()
	h.Do(h.audit, func(ctx context.Context, tx *tenants.Tx) (err error) {
		l, err = tlog.Get(ctx, tx, h.town)
		return err
	})
	return l
}

func (h *hall) breaches() (n int) {
	h.t.Helper()
	h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
		found, err := tlog.Audit(ctx, tx)
		for _, b := range found {
			n += b.Count
		}
		return err
	})
	return n
}

// export is a file of the town's evidence as the doors send it.
func (h *hall) export(who tenants.Actor, from, until calendar.Date) []byte {
	h.t.Helper()
	var e tlog.Export
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		e, err = tlog.TakeOut(ctx, tx, h.town, from, until)
		return err
	})
	var b bytes.Buffer
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) error { return tlog.Write(ctx, tx, e, &b) })
	return b.Bytes()
}

func (h *hall) whole() []byte { return h.export(h.audit, calendar.Date{}, calendar.Date{}) }

// verify checks a file, which has to be readable.
func (h *hall) verify(file []byte, trust evidence.Trust) *evidence.Report {
	h.t.Helper()
	r, err := evidence.Check(bytes.NewReader(file), trust)
	require.NoError(h.t, err)
	return r
}

func said(r *evidence.Report) string {
	text := ""
	for _, f := range r.Findings {
		text += fmt.Sprintf("%d %s %d: %s\n", f.Leaf, f.Series, f.ID, f.En)
	}
	return text
}

// behind does something as the owner of the database, past every trigger.
func (h *hall) behind(sql string, args ...any) int64 {
	h.t.Helper()
	tx, err := h.Owner.Begin(h.t.Context())
	require.NoError(h.t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(h.t.Context())) }()
	_, err = tx.Exec(h.t.Context(), `SET LOCAL session_replication_role = replica`)
	require.NoError(h.t, err)
	tag, err := tx.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err, sql)
	require.NoError(h.t, tx.Commit(h.t.Context()))
	return tag.RowsAffected()
}

// verifies checks a file that has to hold.
func (h *hall) verifies(file []byte) {
	h.t.Helper()
	r := h.verify(file, evidence.Trust{})
	require.True(h.t, r.Holds(), said(r))
}
