package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// hands lets a story tell time that passes from a clock that is set.
type hands struct {
	*story
	ran time.Duration
}

func newHands(t *testing.T) *hands {
	t.Helper()
	h := &hands{story: newStory(t)}
	clock := tenants.NewClock(tenants.ClockConfig{
		Ask:     func(context.Context) (time.Time, error) { return h.Clock.Now(), nil },
		Wall:    h.Clock.Now,
		Elapsed: func() time.Duration { return h.ran },
	})
	h.node.tower.KeepTime(clock)
	h.plans()
	h.work()
	return h
}

func (h *hands) work() {
	h.t.Helper()
	require.NoError(h.t, h.node.tower.Beat(h.t.Context()))
	require.NoError(h.t, h.node.tower.RunAll(h.t.Context()))
}

// alive lets time pass until a moment while the node beats; down while it does not; set only moves the clock.
func (h *hands) alive(day, hour, minute int) {
	h.t.Helper()
	h.ran += h.at(day, hour, minute).Sub(h.Clock.Now())
	h.Clock.Set(h.at(day, hour, minute))
	h.SQL(`UPDATE heartbeat SET seen_at = $1`, h.Clock.Now())
	h.work()
}

func (h *hands) down(day, hour, minute int) {
	h.t.Helper()
	h.ran += h.at(day, hour, minute).Sub(h.Clock.Now())
	h.Clock.Set(h.at(day, hour, minute))
	h.work()
}

func (h *hands) set(day, hour, minute int) {
	h.t.Helper()
	h.Clock.Set(h.at(day, hour, minute))
	h.work()
}

// Tanamori is down over the night. It does not call the night missed: it says from when to when it heard nothing, tells
// somebody, and takes what the machine sends in the morning as the night's recovery.
func TestAnOutageOfTanamoriIsNotAMissedNight(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.alive(21, 1, 30)
	h.down(21, 6, 0)
	require.Empty(t, h.cell("2026-11-20")["verdict"], "machines that try again are heard first")
	h.alive(21, 6, 5)
	c := h.cell("2026-11-20")
	require.Equal(t, "unknown", c["verdict"])
	require.Equal(t, "棚守が01:30から06:00まで止まっていたため分かりません", c["reason"].(map[string]any)["text_ja"], "%v", c)
	require.Len(t, h.mails(), 1)
	require.Contains(t, h.mails()[0].Text, "01:30から06:00まで")
	h.backup("朝になって送り直した控え")
	h.alive(21, 6, 7)
	require.NotEmpty(t, h.cell("2026-11-20")["recovered_at"])
	require.Equal(t, "resolved", tenantstest.Value[string](h.Bench, `SELECT state FROM incident`))
	require.Contains(t, h.mails()[0].Subject, "復旧")

	// Down for a moment in the night that follows, and the backup comes: nobody hears anything of it.
	before := len(h.mails())
	h.alive(22, 2, 0)
	h.down(22, 2, 10)
	h.ran += 31 * time.Minute
	h.Clock.Set(h.at(22, 2, 41))
	h.SQL(`UPDATE heartbeat SET seen_at = $1`, h.Clock.Now())
	h.backup("いつもどおりの控え")
	h.alive(22, 5, 0)
	require.Equal(t, "met", h.cell("2026-11-21")["verdict"])
	require.Len(t, h.mails(), before)
}

// The clock is put forward over the night by mistake and back again. The board says what happened, the people who were
// told go on being told in time, and the night's copy is heard.
func TestAClockThatLeapsAndIsPutBack(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.alive(21, 1, 0)
	h.set(21, 7, 0)
	h.alive(21, 7, 5)
	c := h.cell("2026-11-20")
	require.Equal(t, "unknown", c["verdict"])
	require.Equal(t, "棚守の時計が01:00から07:00へ飛んだ（時刻の変更か機械の休止）ため分かりません", c["reason"].(map[string]any)["text_ja"])
	require.Len(t, h.mails(), 1)

	h.set(21, 1, 6) // put right
	h.alive(21, 1, 22)
	require.Len(t, h.mails(), 2, "the next person is told a quarter of an hour later, not six hours")
	status, text := h.ask("GET", "/readyz", "", "", nil)
	require.Equal(t, http.StatusOK, status, text)
	h.ran += 79 * time.Minute
	h.Clock.Set(h.at(21, 2, 41))
	h.SQL(`UPDATE heartbeat SET seen_at = $1`, h.Clock.Now())
	h.backup("時計が直された夜の控え")
	h.alive(21, 2, 42)
	require.NotEmpty(t, h.cell("2026-11-20")["recovered_at"])
	told := len(h.mails())
	h.alive(21, 9, 0)
	require.Len(t, h.mails(), told, "nothing is told twice")
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM occurrence WHERE verdict IS NOT NULL`))
}
