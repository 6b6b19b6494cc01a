package town_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/town"
)

var (
	bridgeDay = town.LocalDay{Day: calendar.MustDate(2026, 12, 28), Name: "役場臨時閉庁"}
	openDay   = town.LocalDay{Day: calendar.MustDate(2026, 11, 28), Open: true, Name: "休日開庁日"}
)

func TestLocalDaysMakeTheTownsCalendar(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		require.NoError(t, town.SetLocalDay(ctx, tx, b.town, bridgeDay))
		require.NoError(t, town.SetLocalDay(ctx, tx, b.town, openDay))
		renamed := openDay
		renamed.Name = "住民票休日窓口"
		return town.SetLocalDay(ctx, tx, b.town, renamed)
	})
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		days, err := town.LocalDays(ctx, tx, b.town)
		require.Equal(t, []town.LocalDay{{Day: openDay.Day, Open: true, Name: "住民票休日窓口"}, bridgeDay}, days)
		return err
	})
	count := b.QueryCount(func() {
		b.Do(tenants.Job("plan"), func(ctx context.Context, tx *tenants.Tx) error {
			calendars, err := town.Calendars(ctx, tx, []int64{b.town, b.host})
			require.Len(t, calendars, 2, "a town without days of its own has a calendar too")
			require.False(t, calendars[b.town].IsOpen(bridgeDay.Day))
			require.True(t, calendars[b.host].IsOpen(bridgeDay.Day))
			require.True(t, calendars[b.town].IsOpen(openDay.Day))
			require.False(t, calendars[b.host].IsOpen(openDay.Day))
			return err
		})
	})
	require.Equal(t, 1, count)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return town.DropLocalDay(ctx, tx, b.town, bridgeDay.Day)
	})
	require.Len(t, b.SQL(`SELECT 1 FROM local_day`), 1)
	require.Len(t, b.SQL(`SELECT 1 FROM operation_log WHERE act = 'calendar.write' AND object = 'local_day'`), 4)
	require.Len(t, b.SQL(`SELECT 1 FROM operation_log WHERE before->>'Name' = '休日開庁日' AND after->>'Name' = '住民票休日窓口'`), 1)
}

func TestLocalDaysRefuseWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, day := range map[string]town.LocalDay{
		"an open day opened":    {Day: calendar.MustDate(2026, 11, 24), Open: true, Name: "x"},
		"a holiday closed":      {Day: calendar.MustDate(2026, 11, 23), Name: "x"},
		"a Saturday closed":     {Day: calendar.MustDate(2026, 11, 21), Name: "x"},
		"no day":                {Name: "x"},
		"a year-end day closed": {Day: calendar.MustDate(2026, 12, 29), Name: "x"},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			return town.SetLocalDay(ctx, tx, b.town, day)
		})
		require.Equal(t, "day", fault.Fields[0].Field, name)
	}
	b.Fault(tenants.KindNotFound, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return town.DropLocalDay(ctx, tx, b.town, bridgeDay.Day)
	})
	for kind, actor := range map[tenants.Kind]tenants.Actor{tenants.KindForbidden: b.clerk, tenants.KindNotFound: b.strangersManager} {
		b.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error { return town.SetLocalDay(ctx, tx, b.town, bridgeDay) })
		b.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error {
			return town.DropLocalDay(ctx, tx, b.town, bridgeDay.Day)
		})
	}
	b.Fault(tenants.KindNotFound, b.strangersManager, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.LocalDays(ctx, tx, b.town)
		return err
	})
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.Calendars(ctx, tx, []int64{b.town, b.host})
		return err
	})
}
