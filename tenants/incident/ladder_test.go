package incident

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

func TestTheLadderGoesOnWithItsLastStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ladder steps
		want   []int
	}{
		{steps{[]int{0, 15, 30}, 30}, []int{0, 15, 30, 45, 60}},
		{steps{[]int{0}, 30}, []int{0, 30, 60}},
		{steps{[]int{5, 5, 5}, 20}, []int{5, 5, 5, 25}},
		{steps{[]int{10, 3, 40}, 20}, []int{10, 10, 40, 77}},
	} {
		var got []int
		for n := range c.want {
			got = append(got, c.ladder.after(n))
		}
		require.Equal(t, c.want, got, "%v", c.ladder)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := steps{rapid.SliceOfN(rapid.IntRange(0, 500), 1, 20).Draw(t, "delays"), rapid.IntRange(5, 1440).Draw(t, "repeat")}
		last := -1
		for n := range 30 {
			require.GreaterOrEqual(t, s.after(n), last, "nobody is told before somebody who comes first")
			last = s.after(n)
		}
		require.Greater(t, s.after(29), s.after(20), "beyond the ladder everybody has a time of their own")
	})
}

func TestTheHostsPeopleFollowWhereNobodyCanBeReached(t *testing.T) {
	t.Parallel()
	id := int64(3)
	reachable, silent := person{contact: &id, name: "見本 一郎", mail: "a@example.jp"}, person{contact: &id, name: "見本 花子", phone: "0136"}
	host := []person{{contact: &id, name: "見本 二郎", mail: "h@example.jp"}}
	require.Equal(t, []person{silent, reachable}, climb([]person{silent, reachable}, host))
	require.Equal(t, []person{silent, {name: "見本 二郎", mail: "h@example.jp"}}, climb([]person{silent}, host))
	require.Equal(t, []person{{name: "見本 二郎", mail: "h@example.jp"}}, climb(nil, host))
	require.Empty(t, climb(nil, nil))
	require.NotNil(t, host[0].contact, "the host's own list is left as it was")
}

func TestAHeldLadderGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	at := func(m int) time.Time { return now.Add(time.Duration(m) * time.Minute) }
	held := []Rung{{Mail: "b", DueAt: at(-400)}, {Mail: "c", DueAt: at(-385)}, {Mail: "a", DueAt: at(-370)}}
	require.Equal(t, []time.Time{at(0), at(15), at(60)}, resume(now, held, map[string]bool{"a": true}, time.Hour))
	require.Equal(t, []time.Time{at(0), at(15), at(30)}, resume(now, held, map[string]bool{"a": true}, 20*time.Minute))
	require.Equal(t, []time.Time{at(20)}, resume(now, held[2:], map[string]bool{"a": true}, 20*time.Minute))
	require.Empty(t, resume(now, nil, nil, time.Hour))
}

func TestAnAnswerHoldsForTwoOfficeHours(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	days := calendar.New(map[calendar.Date]calendar.Override{calendar.MustDate(2026, 11, 28): {Open: true, Name: "休日開庁"}})
	for from, until := range map[string]string{
		"2026-11-20 03:12": "2026-11-20 10:30", // Friday night: the first two hours of the day
		"2026-11-20 08:30": "2026-11-20 10:30",
		"2026-11-20 10:00": "2026-11-20 12:00",
		"2026-11-20 15:15": "2026-11-20 17:15",
		"2026-11-20 16:45": "2026-11-24 10:00", // half an hour before the long weekend (11/23 is a holiday), the rest after it
		"2026-11-20 17:15": "2026-11-24 10:30",
		"2026-11-21 02:00": "2026-11-24 10:30",
		"2026-11-27 23:00": "2026-11-28 10:30", // a Saturday on which this town is open
		"2026-12-28 18:00": "2027-01-04 10:30", // over the year's end, within seven days
		"2026-12-26 09:00": "2026-12-28 10:30",
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", from, tokyo)
		require.NoError(t, err)
		require.Equal(t, until, DefaultUntil(now, days, tokyo).In(tokyo).Format("2006-01-02 15:04"), "from %s", from)
	}
	closed := map[calendar.Date]calendar.Override{}
	for d, n := calendar.MustDate(2026, 11, 20), 0; n < 30; d, n = d.AddDays(1), n+1 {
		closed[d] = calendar.Override{Name: "閉庁日"}
	}
	rapid.Check(t, func(t *rapid.T) {
		cal := rapid.SampledFrom([]calendar.Calendar{days, calendar.New(closed)}).Draw(t, "calendar")
		now := time.Date(2026, 11, 20, 0, rapid.IntRange(0, 60*24*60).Draw(t, "minute"), 0, 0, tokyo)
		until := DefaultUntil(now, cal, tokyo)
		require.True(t, until.After(now))
		require.LessOrEqual(t, until.Sub(now), MaxAcknowledged)
	})
}
