package custody_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/custody"
	"tanamori/tenants/tenantstest"
)

func monthly() custody.Input {
	in := startup
	in.RotateMonths = 1
	return in
}

// A change that nobody made opens one incident in the morning after; the change, late, ends it.
func TestAChangeThatIsMissedIsAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(monthly())
	require.Equal(t, calendar.MustDate(2026, 12, 19), c.DueOn) // a Saturday
	b.to(time.Date(2026, 12, 21, 22, 0, 0, 0, b.zone))
	require.Equal(t, []string{"2026-12-21 23:00 pending"}, b.verdicts(), "the deadline moves to the next open day")
	require.Zero(t, b.open())
	b.to(time.Date(2026, 12, 22, 8, 29, 0, 0, b.zone))
	require.Zero(t, b.open(), "nobody is woken at midnight")
	b.to(time.Date(2026, 12, 22, 8, 31, 0, 0, b.zone))
	require.Equal(t, []string{"2026-12-21 23:00 missed"}, b.verdicts())
	require.EqualValues(t, 1, b.open())
	require.Equal(t, "戸籍サーバ（正） 起動用パスワードの変更", tenantstest.Value[string](b.Bench, `SELECT subject FROM incident`))
	require.Equal(t, b.host, tenantstest.Value[int64](b.Bench, `SELECT tenant_id FROM incident`), "the host's own; no town hears of it")

	b.Clock.Advance(time.Hour)
	b.record(c, custody.EventInput{Kind: custody.Changed, By: b.facility.PersonID, Witness: b.admin.PersonID, Envelope: "K-002", Place: "金庫"})
	b.jobs()
	require.Equal(t, "2026-12-21 23:00 missed recovered", b.verdicts()[0])
	require.Zero(t, b.open())
}

func TestAChangeInTimeMeetsIt(t *testing.T) {
	t.Parallel()
	for name, day := range map[string]int{"on the last day": 21, "weeks before": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := b.add(monthly())
			b.to(time.Date(2026, 12, day, 15, 0, 0, 0, b.zone))
			due := calendar.MustDate(2027, 1, day).AddDays(-1)
			after := b.record(c, custody.EventInput{Kind: custody.Changed, By: b.facility.PersonID, Witness: b.admin.PersonID, Envelope: "K-002", Place: "金庫"})
			require.Equal(t, due, after.DueOn)
			b.to(time.Date(2026, 12, 25, 12, 0, 0, 0, b.zone))
			require.Zero(t, b.open())
			require.EqualValues(t, 0, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM occurrence WHERE verdict NOT IN ('met')`))
			if name == "on the last day" {
				require.Contains(t, b.verdicts(), "2026-12-21 23:00 met")
			}
			require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM credential_event WHERE kind = 'changed' AND taken_at IS NULL`))
			b.to(time.Date(2027, 2, 1, 12, 0, 0, 0, b.zone))
			require.EqualValues(t, 1, b.open(), "and the next month asks again")
		})
	}
}

func TestChangedTermsMoveTheDeadline(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(startup)
	in := monthly()
	in.Name = "戸籍サーバ（正） 起動"
	var after custody.Credential
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		after, err = custody.Change(ctx, tx, c.ID, in)
		return err
	})
	require.Equal(t, calendar.MustDate(2026, 12, 19), after.DueOn)
	b.jobs()
	require.Equal(t, []string{"2026-12-21 23:00 pending"}, b.verdicts())
	require.Equal(t, "戸籍サーバ（正） 起動", tenantstest.Value[string](b.Bench, `SELECT subject FROM duty`))
}
