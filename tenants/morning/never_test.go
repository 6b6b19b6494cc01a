package morning_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/morning"
	"tanamori/tenants/tenantstest"
)

func (h *hall) letters() string {
	h.t.Helper()
	return tenantstest.Value[string](h.Bench, `SELECT coalesce(string_agg(body_text, E'\n' ORDER BY id), '') FROM notice WHERE kind = 'morning'`)
}

// Readers that are taken out and named again on the same day, for a later time, make nothing untold: the letter of that day was
// written before.
func TestWhoIsNamedAgainHearsOfWhatCameBetween(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	h.night(h.town, h.duty, 20, "met", at(20, 2, 41))
	require.Len(t, h.look(at(20, 7, 30)), 1)
	h.night(h.town, h.duty, 19, "missed", at(20, 7, 45))
	h.Clock.Set(at(20, 8, 0))
	h.set(h.town, morning.Setting{Minute: morning.DefaultMinute})
	again := half("hanako")
	again.Minute = 10 * 60
	h.set(h.town, again)
	require.Len(t, h.look(at(20, 10, 0)), 1, "one letter a day")
	require.Len(t, h.look(at(24, 10, 0)), 2)
	require.Contains(t, h.newest(), "未着")
	require.Len(t, h.look(at(25, 10, 0)), 3)
	require.NotContains(t, h.newest(), "未着", "told once")
}

// A clock that leaps a day, and is put back after a report: the letter of the true next morning stands already, and what it
// does not say is told by the one after.
func TestAClockThatLeaptHidesNoNight(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]string{"the same readers": "", "one more": "jiro"} {
		h := newHall(t)
		s := half("hanako")
		s.EveryDay = true
		h.set(h.town, s)
		h.night(h.town, h.duty, 20, "met", at(20, 2, 41))
		h.look(at(25, 7, 30))
		h.look(at(26, 9, 0))
		h.look(at(25, 9, 30))
		if add != "" { // who was named since gets a letter of that day, and nobody else misses what it says
			h.Clock.Set(at(26, 2, 0))
			s = half("hanako", add)
			s.EveryDay = true
			h.set(h.town, s)
		}
		h.night(h.town, h.duty, 26, "missed", at(26, 3, 0))
		h.look(at(26, 7, 30))
		h.look(at(27, 7, 30))
		require.Contains(t, h.letters(), "未着", name)
		require.Contains(t, tenantstest.Value[string](h.Bench, `SELECT string_agg(body_text, '') FROM notice WHERE to_address = 'hanako@example.jp'`), "未着", name)
		before := h.letters()
		h.look(at(28, 7, 30))
		require.NotContains(t, h.letters()[len(before):], "未着", name+": told once")
	}
}

// What is changed of a report leaves what was decided about the day as it is: only who had no readers begins anew.
func TestASettingDecidesNoDayAnew(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	h.night(h.town, h.duty, 20, "met", at(20, 2, 41))
	h.Clock.Set(at(20, 8, 0)) // the time has passed, and no node looked yet
	s := half("hanako", "jiro")
	h.set(h.town, s)
	require.Len(t, h.look(at(20, 8, 1)), 2, "the day is not decided about by a change")
	was := h.SQL(`SELECT day, told_at FROM morning WHERE tenant_id = $1`, h.town)
	s.Minute = 12 * 60
	h.set(h.town, s)
	require.Equal(t, was, h.SQL(`SELECT day, told_at FROM morning WHERE tenant_id = $1`, h.town))
}

// A clock that leaps within a day is put back with no new day to look at: the next report tells of what was judged meanwhile.
func TestAClockThatLeaptWithinADayHidesNothing(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	h.look(at(24, 7, 30))
	h.look(at(25, 20, 0)) // it is six in the morning
	h.Clock.Set(at(25, 6, 0))
	h.Fault(tenants.KindForbidden, h.admin, morning.Rewind)
	h.Do(tenants.Job("beat"), morning.Rewind)
	h.Do(tenants.Job("beat"), morning.Rewind)
	h.night(h.town, h.duty, 25, "missed", at(25, 6, 30))
	h.look(at(25, 7, 30))
	h.look(at(26, 7, 30))
	require.Contains(t, h.newest(), "未着")
}
