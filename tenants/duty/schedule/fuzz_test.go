package schedule_test

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
)

// FuzzSchedule: an expression in a zone is refused with words at its field, or it is a schedule whose firings are the same
// wherever one starts to look, meet without loss at any cut, and in a zone that never changes its clock are robfig/cron's.
func FuzzSchedule(f *testing.F) {
	for i, expr := range []string{"0 2 * * *", "30 23 * * 1-5", "*/15 * * * *", "0 3 29 2 *", "0 3 31 2,4 *", "@daily", "@every 5m", "CRON_TZ=UTC 0 0 * * *", "０ ２ ＊ ＊ ＊",
		"", "* * * *", "60 * * * *", "7,52 1-3 1,15 jan-jun sun", "0 0 1 1 0", "*-5 * * * *", "@reboot", "0 2 * * 7", "0 2 ? * ?", "1-59/90 * * * *", "5-2 * * * *"} {
		f.Add(expr, zones[i%len(zones)], int64(1795269900), uint16(i*97))
		f.Add(expr, "Asia/Tokyo", int64(1772953200), uint16(500)) // a spring night in New York
	}
	f.Add("0 2 * * *", "Local", int64(0), uint16(1))
	f.Add("0 2 * * *", "../../etc/passwd", int64(0), uint16(1))
	f.Add("0 2 * * *", "Africa/Casablanca", int64(-62135596800), uint16(1))
	f.Fuzz(func(t *testing.T, expr, zone string, at int64, hours uint16) {
		s, err := schedule.Parse(expr, zone)
		if err != nil {
			var wrong schedule.Errors
			require.ErrorAs(t, err, &wrong)
			for _, field := range wrong {
				require.Contains(t, []string{schedule.FieldCron, schedule.FieldZone}, field.Field)
				require.NotEmpty(t, field.Code)
				require.NotEmpty(t, field.Ja)
				require.NotEmpty(t, field.En)
				require.Less(t, len(field.Ja), 1000, "what was typed is quoted clipped")
			}
			return
		}
		same, err := schedule.Parse(s.Expr(), zone)
		require.NoError(t, err)
		ja, en := s.Describe()
		sameJa, sameEn := same.Describe()
		require.Equal(t, []string{s.Expr(), ja, en}, []string{same.Expr(), sameJa, sameEn}, "what is kept is what was typed")
		require.NotEmpty(t, ja)
		require.NotEmpty(t, en)

		from := time.Unix(at%(1<<33), 0) // 1697 to 2242
		to := from.Add(time.Duration(hours%2000) * time.Hour)
		fires := s.Between(from, to)
		require.LessOrEqual(t, len(fires), schedule.MaxPeriods)
		for i, fire := range fires {
			require.False(t, fire.Before(from) || !fire.Before(to))
			require.True(t, i == 0 || fires[i-1].Before(fire))
		}
		middle := from.Add(to.Sub(from) / 3)
		require.Equal(t, fires, append(s.Between(from, middle), s.Between(middle, to)...))
		next := s.Next(from.Add(-1))
		require.False(t, next.IsZero(), "what is accepted comes some day")
		if len(fires) > 0 {
			require.Equal(t, fires[0], next)
			require.Equal(t, fires[len(fires)-1], s.Before(to))
		} else {
			require.False(t, next.Before(to))
		}
		requireAsCron(t, s, from, fires)

		for _, policy := range []schedule.Policy{schedule.EveryDay, schedule.OpenDays, schedule.RollForward} {
			planned, err := schedule.Plan(s, policy, calendar.New(nil), from, to)
			require.NoError(t, err)
			require.Len(t, planned, len(fires), "each firing is one period, skipped or not")
			for i, p := range planned {
				require.Equal(t, fires[i], p.Period)
				require.False(t, p.Scheduled.Before(p.Period))
				require.Equal(t, p.Skipped, p.Reason != "")
			}
		}
	})
}

// requireAsCron compares with robfig/cron where both walk the same clock.
func requireAsCron(t *testing.T, s schedule.Schedule, from time.Time, fires []time.Time) {
	t.Helper()
	if s.Location().String() != "UTC" {
		return
	}
	theirs, err := cron.ParseStandard("CRON_TZ=UTC " + s.Expr())
	require.NoError(t, err)
	at := from.Add(-1)
	for _, fire := range fires[:min(len(fires), 100)] {
		at = theirs.Next(at)
		require.Equal(t, at.UTC(), fire)
	}
}
