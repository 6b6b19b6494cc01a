package retention_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
)

// TestMain plays fewer lives than rapid would by itself: each is years of months, bound one after the other.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestNothingUnboundNeededOrTooYoungIsEverRemoved plays random ages, binding, incidents and rules against a model that
// knows nothing of the database: whenever a row is gone, it had to be allowed; in the end, all that was allowed is gone.
func TestNothingUnboundNeededOrTooYoungIsEverRemoved(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.SQL(`DELETE FROM record_kind WHERE kind <> 'checkin'`) // one kind is enough to think about
	h.bind()
	h.SQL(`UPDATE shelf SET bind_at = '9999-01-01Z'`)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		h.Clock.Set(on(2019, time.April, 20, 9))
		h.town = h.Town(fmt.Sprintf("見本%d町", n), fmt.Sprintf("%06d", n))
		h.source = tenantstest.Value[int64](h.Bench, `INSERT INTO source (tenant_id, uuid, slug, kind, about_id, created_at)
			VALUES ($1, gen_random_uuid(), 'koseki', 'backup', 1, $2) RETURNING id`, h.town, h.Clock.Now())
		rows, open := map[int64]time.Time{}, map[int64]time.Time{}
		years, from, before := 1, calendar.Date{}, 1
		inForce := func(on calendar.Date) int {
			if !from.IsZero() && !on.Before(from) {
				return years
			}
			return before
		}
		check := func() {
			now := h.Clock.Now()
			today := calendar.DateOf(now, tokyo)
			left := map[int64]bool{}
			for _, row := range h.SQL(`SELECT id FROM checkin WHERE tenant_id = $1`, h.town) {
				left[row["id"].(int64)] = true
			}
			bound := tenantstest.Value[int64](h.Bench, `SELECT coalesce(max(last_id), 0) FROM volume WHERE tenant_id = $1`, h.town)
			for id, at := range rows {
				if left[id] {
					continue
				}
				day := calendar.DateOf(at, tokyo)
				require.LessOrEqual(r, id, bound, "what goes is bound")
				require.True(r, retention.Over(calendar.FiscalYear(day), inForce(today), today), "%s was kept long enough by %s", day, today)
				for _, opened := range open {
					require.Greater(r, opened.Sub(at), 45*24*time.Hour, "no incident of those weeks is open")
				}
				delete(rows, id)
			}
		}
		for range rapid.IntRange(3, 7).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"record", "record", "open", "resolve", "rule", "later", "later"}).Draw(r, "step") {
			case "record":
				at := h.Clock.Now().Add(-time.Duration(rapid.IntRange(0, 40).Draw(r, "days ago")) * 24 * time.Hour)
				rows[h.checkin(at)] = at
			case "open":
				at := h.Clock.Now()
				open[h.incident(at)] = at
			case "resolve":
				for id := range open {
					h.resolve(id, h.Clock.Now())
					delete(open, id)
				}
			case "rule": // as the act writes one
				now := calendar.DateOf(h.Clock.Now(), tokyo)
				before, years, from = inForce(now), rapid.IntRange(1, 2).Draw(r, "years"), now
				if years < before {
					from = now.AddDays(retention.NoticeDays)
				}
				h.SQL(`INSERT INTO retention_rule (tenant_id, series, years, from_on, at, by_text, reason) VALUES ($1, 'checkin', $2, $3, $4, '', '')`, h.town, years, from.UTCMidnight(), h.Clock.Now())
				h.SQL(`UPDATE shelf SET expire_at = least(expire_at, $2) WHERE tenant_id = $1 AND expire_at IS NOT NULL`, h.town, from.At(0, 0, tokyo))
			case "later":
				h.Clock.Advance(time.Duration(rapid.IntRange(1, 400).Draw(r, "days")) * 24 * time.Hour)
			}
			h.bind()
			h.expire()
			check()
		}
		for id := range open {
			h.resolve(id, h.Clock.Now())
			delete(open, id)
		}
		h.Clock.Advance(4 * 366 * 24 * time.Hour)
		h.bind()
		h.expire()
		check()
		require.Empty(r, rows, "what may go goes")
		h.SQL(`UPDATE shelf SET bind_at = '9999-01-01Z', expire_at = NULL WHERE tenant_id = $1`, h.town) // the next town has the jobs to itself
	})
}
