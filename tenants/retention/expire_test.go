package retention_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
)

func TestYearsAreFiscalYears(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		made  calendar.Date
		years int
		ends  string
	}{
		{calendar.MustDate(2026, 3, 31), 1, "2027-04-01"}, // 令和7年度: kept through 令和8年度
		{calendar.MustDate(2026, 4, 1), 1, "2028-04-01"},
		{calendar.MustDate(2024, 2, 29), 1, "2025-04-01"}, // a leap day
		{calendar.MustDate(2024, 2, 29), 5, "2029-04-01"},
		{calendar.MustDate(2019, 4, 30), 7, "2027-04-01"}, // the last day of 平成, fiscal 令和元年度
		{calendar.MustDate(2019, 5, 1), 7, "2027-04-01"},
		{calendar.MustDate(2019, 3, 31), 7, "2026-04-01"}, // 平成30年度
		{calendar.MustDate(2026, 12, 31), 7, "2034-04-01"},
	} {
		year := calendar.FiscalYear(c.made)
		ends := retention.EndsOn(year, c.years)
		require.Equal(t, c.ends, ends.String(), "%s for %d", c.made, c.years)
		require.False(t, retention.Over(year, c.years, ends.AddDays(-1)))
		require.True(t, retention.Over(year, c.years, ends))
		require.GreaterOrEqual(t, c.made.DaysUntil(ends), c.years*365)
	}
	b := tenantstest.New(t)
	for day := calendar.MustDate(1988, 12, 1); day.Before(calendar.MustDate(2029, 4, 2)); day = day.AddDays(17) {
		require.EqualValues(t, calendar.FiscalYear(day), tenantstest.Value[int32](b, `SELECT tanamori_fiscal_year($1)`, day.UTCMidnight()))
	}
}

func TestWhatIsKeptLongEnoughGoesAndLeavesItsTrace(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	for day := range 9 {
		h.checkin(on(2019, time.April, 20+day, 12))
	}
	h.checkin(on(2020, time.April, 1, 0)) // the next fiscal year
	h.Clock.Set(on(2021, time.March, 31, 23))
	h.bind()
	h.expire()
	require.EqualValues(t, 10, h.count("checkin"), "令和元年度 and one year after it: through 31 March 2021")

	h.Clock.Set(on(2021, time.April, 1, 0))
	require.Positive(t, h.expire())
	require.EqualValues(t, 1, h.count("checkin"))
	require.EqualValues(t, 9, tenantstest.Value[int64](h.Bench, `SELECT sum(row_count) FROM expiry WHERE kind = 'checkin' AND years = 1`))
	v := h.volumes("checkin")
	first := v[len(v)-1]
	require.True(t, first.Gone())
	require.EqualValues(t, 9, first.RowCount, "the volume says what it held")
	require.Equal(t, h.Clock.Now(), first.RemovedAt.UTC())
	h.Fault(tenants.KindGone, h.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := retention.TakeOut(ctx, tx, h.town, "checkin", 1)
		return err
	})
	require.Zero(t, h.expire(), "and that is all")
	h.Clock.Set(on(2022, time.April, 1, 0))
	h.bind()
	h.expire()
	require.Zero(t, h.count("checkin"))
}

func TestLargeVolumesGoInBatches(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, method, remote, agent, content_type, body, taken_at)
		SELECT $1, $2, CAST($3 AS timestamptz), 'success', 'GET', '', '', '', '', $3 FROM generate_series(1, 120)`, h.town, h.source, on(2019, time.April, 25, 12))
	h.Clock.Set(on(2021, time.April, 1, 0))
	h.bind()
	h.expire()
	require.Zero(t, h.count("checkin"))
	lines := h.SQL(`SELECT row_count, last_id - first_id + 1 AS span FROM expiry WHERE kind = 'checkin' ORDER BY id`)
	require.Greater(t, len(lines), 2)
	for _, l := range lines {
		require.Equal(t, l["span"], l["row_count"])
		require.LessOrEqual(t, l["row_count"], int64(50))
	}
}

func TestNothingThatIsStillNeededGoes(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.checkin(on(2019, time.April, 25, 12))
	open := h.incident(on(2019, time.April, 26, 12))
	h.Clock.Set(on(2021, time.April, 1, 0))
	h.bind()
	h.expire()
	require.EqualValues(t, 1, h.count("checkin"), "an incident of those weeks is open")
	h.resolve(open, h.Clock.Now())
	h.expire()
	require.EqualValues(t, 1, h.count("checkin"), "it is looked at once a day")
	h.SQL(`ALTER TABLE checkin DISABLE TRIGGER append_only`)
	h.SQL(`UPDATE checkin SET taken_at = NULL`)
	h.SQL(`ALTER TABLE checkin ENABLE TRIGGER append_only`)
	h.Clock.Advance(24 * time.Hour)
	h.expire()
	require.EqualValues(t, 1, h.count("checkin"), "no ledger has taken it in")
	h.SQL(`UPDATE checkin SET taken_at = $1`, h.Clock.Now())
	h.Clock.Advance(24 * time.Hour)
	h.expire()
	require.Zero(t, h.count("checkin"))
}

// A night with all that hangs on it goes child by child, and its incident with its rungs.
func TestAWholeNightGoes(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	night := on(2019, time.April, 25, 2)
	one := func(sql string, args ...any) int64 {
		return tenantstest.Value[int64](h.Bench, sql+` RETURNING id`, args...)
	}
	d := one(`INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes, grace_minutes, longest_minutes, severity, ladder_id, active_from, planned_until)
		VALUES ($1, 'backup', 1, '戸籍正', 'x', '0 2 * * *', 'Asia/Tokyo', 'every_day', 0, 60, 0, 60, 'critical', $2, $3, $3)`, h.town, h.Ladder(h.town), night)
	o := one(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, verdict, reason_code, reason_params, judged_at)
		VALUES ($1, $2, $3, '2019-04-24', $3, $3, $4, $4, 'met', 'x', '{}', $4)`, h.town, d, night, night.Add(time.Hour))
	h.SQL(`INSERT INTO confirmation (tenant_id, occurrence_id, at, person_id, person, post, verdict) VALUES ($1, $2, $3, 1, '見本 一郎', '', 'met')`, h.town, o, night.Add(5*time.Hour))
	h.SQL(`INSERT INTO excuse (tenant_id, occurrence_id, at, person_id, person, reason) VALUES ($1, $2, $3, 1, '見本 一郎', 'x')`, h.town, o, night)
	store := one(`INSERT INTO store (tenant_id, name, kind, root, created_at) VALUES ($1, 'NAS', 'dir', '/srv', $2)`, h.town, night)
	p := one(`INSERT INTO plan (tenant_id, server_id, name, store_id, pattern, reports, manifest, required_level, created_at) VALUES ($1, $2, 'x', $3, 'x', true, 'none', 1, $4)`,
		h.town, h.Server(h.town, "戸籍正"), store, night)
	r := one(`INSERT INTO run (tenant_id, plan_id, occurrence_id, night, reported, recorded_at) VALUES ($1, $2, $3, '2019-04-24', 'ok', $4)`, h.town, p, o, night)
	h.SQL(`INSERT INTO verification (tenant_id, run_id, examination, level, outcome, reason_code, reason_params, at, took_ms) VALUES ($1, $2, 1, 1, 'passed', 'x', '{}', $3, 1)`, h.town, r, night)
	i := h.incident(night)
	n := one(`INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html, message_id, state, queued_at, sent_at)
		VALUES ($1, 'a', 'opened', 'incident', 1, 'mail', '', '', '', '', '', '', 'm', 'sent', $2, $2)`, h.town, night)
	h.SQL(`INSERT INTO attempt (tenant_id, notice_id, n, started_at, ended_at, outcome) VALUES ($1, $2, 1, $3, $3, 'sent')`, h.town, n, night)
	g := one(`INSERT INTO rung (tenant_id, incident_id, position, post, name, mail, phone, hours, after_minutes, due_at, state, fired_at, notice_id)
		VALUES ($1, $2, 1, '', '', '', '', '', 0, $3, 'fired', $3, $4)`, h.town, i, night, n)
	h.SQL(`INSERT INTO acknowledgement (tenant_id, incident_id, rung_id, occurred_at, recorded_at, via, by_text, recorded_by, promise, until) VALUES ($1, $2, $3, $4, $4, 'link', '', '', '', $4)`, h.town, i, g, night)
	h.SQL(`INSERT INTO incident_event (tenant_id, incident_id, at, kind, by_text, detail) VALUES ($1, $2, $3, 'opened', '', '{}')`, h.town, i, night)
	h.resolve(i, night.Add(6*time.Hour))

	messages := []string{"notice", "attempt", "incident", "rung", "acknowledgement", "incident_event"}
	backups := []string{"occurrence", "confirmation", "excuse", "run", "verification"}
	settled := func(year int) {
		h.Clock.Set(on(year, time.April, 1, 0))
		h.bind()
		for range 4 { // a parent waits a day for its children
			h.expire()
			h.Clock.Advance(24 * time.Hour)
		}
	}
	settled(2024)
	for _, table := range append(messages, backups...) {
		require.EqualValues(t, 1, h.count(table), "five years are not over: %s", table)
	}
	settled(2025)
	for _, table := range messages {
		require.Zero(t, h.count(table), table)
	}
	for _, table := range backups {
		require.EqualValues(t, 1, h.count(table), "seven years are not over: %s", table)
	}
	settled(2027)
	for _, table := range backups {
		require.Zero(t, h.count(table), table)
	}
}

// TestTheDatabaseLetsNothingElseThrough tries every way around the rule, as the job and as the owner.
func TestTheDatabaseLetsNothingElseThrough(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	inside := h.checkin(on(2019, time.April, 25, 12))
	after := h.checkin(on(2019, time.May, 25, 12))
	h.Clock.Set(on(2019, time.May, 12, 0))
	h.bind()
	v := h.volumes("checkin")[0]
	over, before := on(2021, time.April, 1, 0), on(2021, time.March, 31, 23)
	type try struct {
		role        string
		at          time.Time
		first, last int64
		years       int
		named       bool // the line in the transaction's setting
		id          int64
	}
	lawful := try{"tanamori_job", over, inside, inside, 1, true, inside}
	attempt := func(c try) error {
		tx, err := h.Owner.Begin(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }()
		_, err = tx.Exec(t.Context(), `SELECT set_config('role', $1, true)`, c.role)
		require.NoError(t, err)
		var line int64
		err = tx.QueryRow(t.Context(), `INSERT INTO expiry (tenant_id, volume_id, kind, years, first_id, last_id, row_count, at) VALUES ($1, $2, 'checkin', $3, $4, $5, 1, $6) RETURNING id`,
			h.town, v.ID, c.years, c.first, c.last, c.at).Scan(&line)
		if err != nil {
			return err
		}
		if c.named {
			_, err = tx.Exec(t.Context(), `SELECT set_config('tanamori.expiry', $1, true)`, fmt.Sprint(line))
			require.NoError(t, err)
		}
		tag, err := tx.Exec(t.Context(), `DELETE FROM checkin WHERE tenant_id = $1 AND id = $2`, h.town, c.id)
		if err == nil && tag.RowsAffected() != 1 {
			err = errors.New("nothing there")
		}
		return err
	}
	require.NoError(t, attempt(lawful), "the way the job goes")
	for what, change := range map[string]func(*try){
		"the owner":               func(c *try) { c.role = "postgres" },
		"a day too early":         func(c *try) { c.at = before },
		"by another rule":         func(c *try) { c.years = 0 },
		"beyond the volume":       func(c *try) { c.last = after; c.id = after },
		"a row that is not named": func(c *try) { c.id = after },
		"without naming the line": func(c *try) { c.named = false },
	} {
		c := lawful
		change(&c)
		err := attempt(c)
		var pg *pgconn.PgError
		require.ErrorAs(t, err, &pg, what)
		require.Contains(t, []string{"23001"}, pg.Code, what)
	}
	open := h.incident(on(2019, time.June, 1, 0))
	require.Error(t, attempt(lawful), "an incident of those weeks is open")
	h.resolve(open, over)
	require.NoError(t, attempt(lawful))

	// A line of an earlier transaction lets nothing through.
	h.Clock.Set(over)
	h.bind()
	h.expire()
	line := tenantstest.Value[int64](h.Bench, `SELECT max(id) FROM expiry WHERE kind = 'checkin'`)
	h.SQL(`INSERT INTO checkin (tenant_id, id, source_id, at, kind, method, remote, agent, content_type, body) OVERRIDING SYSTEM VALUE
		SELECT tenant_id, first_id, $1, at, 'log', '', '', '', '', '' FROM expiry WHERE id = $2`, h.source, line)
	tx, err := h.Owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT set_config('role', 'tanamori_job', true), set_config('tanamori.expiry', $1, true)`, fmt.Sprint(line))
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `DELETE FROM checkin WHERE tenant_id = $1`, h.town)
	require.ErrorContains(t, err, "append-only")
	require.NoError(t, tx.Rollback(t.Context()))
	for _, table := range []string{"volume", "expiry", "retention_rule"} {
		h.SQL(`INSERT INTO retention_rule (tenant_id, series, years, from_on, at, by_text, reason) VALUES ($1, 'log', 8, '2030-04-01', $2, '', '')`, h.town, over)
		_, err := h.TrySQL(`DELETE FROM ` + table)
		require.ErrorContains(t, err, "append-only", table)
	}
	_, err = h.TrySQL(`INSERT INTO retention_rule (tenant_id, series, years, from_on, at, by_text, reason) VALUES ($1, 'log', 6, '2026-04-01', $2, '', '')`, h.town, over)
	require.ErrorContains(t, err, "retention_log_years")
}
