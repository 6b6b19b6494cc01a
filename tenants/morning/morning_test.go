package morning_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/morning"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// hall is a host and a town with one duty, whose nights a test judges as it likes.
type hall struct {
	*tenantstest.Bench
	t            *testing.T
	host, town   int64
	duty         int64
	admin, clerk tenants.Actor
}

var tokyo = time.FixedZone("JST", 9*60*60)

// at is a moment of November 2026; the 20th is a Friday, the 23rd a holiday.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, tokyo)
}

func newHall(t *testing.T) *hall {
	t.Helper()
	b := tenantstest.New(t)
	b.Clock.Set(at(19, 12, 0))
	h := &hall{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	h.duty = h.expect(h.town, "戸籍正")
	h.admin, h.clerk = b.Person(h.host, tenants.HostAdmin), b.Person(h.town, tenants.Town)
	return h
}

func (h *hall) expect(town int64, subject string) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `INSERT INTO duty (tenant_id, kind, about_id, subject, work, cron, zone, policy, early_minutes, window_minutes, grace_minutes, longest_minutes, severity, ladder_id, active_from, planned_until)
		VALUES ($1, 'backup', (SELECT count(*) + 1 FROM duty), $4, '', '0 2 * * *', 'Asia/Tokyo', 'every_day', 0, 60, 0, 60, 'critical', $2, $3, $3) RETURNING id`,
		town, h.Ladder(town), h.Clock.Now(), subject)
}

// night is one of the duty's occurrences, due at three; where verdict is empty nobody has judged it.
func (h *hall) night(town, of int64, day int, verdict string, judged time.Time) int64 {
	h.t.Helper()
	return tenantstest.Value[int64](h.Bench, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at, arrived_at, verdict, reason_code, reason_params, judged_at)
		VALUES ($1, $2, $3, CAST(CAST($3 AS timestamptz) AT TIME ZONE 'Asia/Tokyo' - interval '12 hours' AS date), $3, $3, $4, $4, CASE WHEN $5 = '' THEN CAST($4 AS timestamptz) END, CASE WHEN $5 = 'met' THEN CAST($6 AS timestamptz) END, NULLIF($5, ''),
			CASE WHEN $5 <> '' THEN 'duty.' || $5 END, CASE WHEN $5 <> '' THEN CAST('{"due": "03:00"}' AS jsonb) END, CASE WHEN $5 <> '' THEN CAST($6 AS timestamptz) END) RETURNING id`,
		town, of, at(day, 2, 0), at(day, 3, 0), verdict, judged)
}

func (h *hall) set(town int64, s morning.Setting) {
	h.t.Helper()
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := morning.Set(ctx, tx, town, s); return err })
}

func half(readers ...string) morning.Setting {
	s := morning.Setting{Minute: morning.DefaultMinute}
	for _, r := range readers {
		s.Readers = append(s.Readers, morning.Reader{Name: "見本 " + r, Mail: r + "@example.jp"})
	}
	return s
}

// look lets three nodes look at once, and gives the subjects of all reports so far, the oldest first.
func (h *hall) look(now time.Time) (subjects []string) {
	h.t.Helper()
	h.Clock.Set(now)
	var nodes sync.WaitGroup
	for range 3 {
		nodes.Go(func() {
			err := h.Try(tenants.Job("morning"), func(ctx context.Context, tx *tenants.Tx) error { _, err := morning.Tell(ctx, tx, 10); return err })
			if err != nil {
				h.t.Error(err)
			}
		})
	}
	nodes.Wait()
	for _, r := range h.SQL(`SELECT to_address, subject FROM notice WHERE kind = 'morning' ORDER BY id`) {
		subjects = append(subjects, strings.TrimSuffix(r["to_address"].(string), "@example.jp")+" "+strings.TrimPrefix(r["subject"].(string), "【棚守】むかわ町："))
	}
	return subjects
}

func (h *hall) newest() string {
	h.t.Helper()
	return tenantstest.Value[string](h.Bench, `SELECT body_text FROM notice WHERE kind = 'morning' ORDER BY id DESC LIMIT 1`)
}

func TestEachMorningIsToldOnceOnOpenDays(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako", "jiro"))
	h.night(h.town, h.duty, 20, "met", at(20, 2, 41))
	require.Empty(t, h.look(at(20, 7, 29)))
	fine := []string{"hanako 11月20日の朝　すべて正常", "jiro 11月20日の朝　すべて正常"}
	require.Equal(t, fine, h.look(at(20, 7, 30)))
	require.Contains(t, h.newest(), "正常　戸籍正\n　　02:41")
	require.Equal(t, fine, h.look(at(20, 12, 0)), "once")

	h.night(h.town, h.duty, 21, "met", at(21, 2, 41))
	missed := h.night(h.town, h.duty, 22, "missed", at(22, 3, 0))
	h.SQL(`UPDATE occurrence SET recovered_at = $2, recovered_code = 'duty.met', recovered_params = '{}' WHERE id = $1`, missed, at(22, 9, 0))
	waits := h.night(h.town, h.duty, 24, "", time.Time{})
	for day := range 3 {
		require.Equal(t, fine, h.look(at(21+day, 8, 0)), "a weekend and a holiday")
	}
	told := h.look(at(24, 7, 31))
	require.Equal(t, "hanako 11月24日の朝　確認中 1件", told[2])
	require.Contains(t, h.newest(), "確認中　戸籍正")
	require.Contains(t, h.newest(), "3回のうち1回正常", "the nights of the closed days are told together")
	h.SQL(`UPDATE occurrence SET verdict = 'late', reason_code = 'duty.late', reason_params = '{"due": "03:00", "at": "08:00"}', judged_at = $2, look_at = NULL WHERE id = $1`, waits, at(24, 8, 0))
	h.night(h.town, h.duty, 25, "met", at(25, 2, 41))
	require.Equal(t, "hanako 11月25日の朝　遅れ 1件", h.look(at(25, 7, 30))[4], "what waited is told when it is judged")
	require.Contains(t, h.newest(), "11月23日の夜の分")
	require.Equal(t, "hanako 11月26日の朝　変わりありません", h.look(at(26, 7, 30))[6])
}

// A restart or an outage delays a report, and what it could not tell is told by the next one.
func TestAnOutageLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	require.Len(t, h.look(at(20, 7, 30)), 1)
	for day := 24; day < 27; day++ {
		h.night(h.town, h.duty, day, "met", at(day, 2, 41))
	}
	require.Len(t, h.look(at(26, 19, 50)), 2, "the day is not over")
	require.Contains(t, h.newest(), "3回とも正常")
	// A clock that leapt years ahead and was put back: its day is none that has been.
	h.look(at(26, 20, 0).AddDate(3, 0, 0))
	before := len(h.look(at(26, 21, 0)))
	h.night(h.town, h.duty, 27, "met", at(27, 2, 41))
	require.Len(t, h.look(at(27, 7, 30)), before+1)
	require.Contains(t, h.newest(), "正常　戸籍正")
}

func TestATownThatAsksForEveryDay(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	s := half("hanako")
	s.EveryDay, s.Minute = true, 6*60
	h.set(h.town, s)
	require.Len(t, h.look(at(20, 6, 0)), 1, "an open day on which nothing was due")
	require.Len(t, h.look(at(21, 6, 0)), 1, "a closed day of which there is nothing to say")
	h.night(h.town, h.duty, 22, "met", at(22, 2, 41))
	require.Equal(t, "hanako 11月22日の朝　すべて正常", h.look(at(22, 6, 0))[1])
	h.SQL(`INSERT INTO incident (tenant_id, cause, about, about_id, subject, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
		VALUES ($1, 'x', 'duty', 1, '戸籍正', 'critical', 'duty.missed', '{"due": "03:00"}', 'open', $2, 30)`, h.town, at(22, 9, 0))
	require.Equal(t, "hanako 11月23日の朝　要対応 1件", h.look(at(23, 6, 0))[2], "a closed day of which there is something to say")
	require.Contains(t, h.newest(), "連絡先がありません")
	h.set(h.town, morning.Setting{Minute: 6 * 60})
	require.Len(t, h.look(at(24, 6, 0)), 3, "nobody is named")
	h.set(h.town, half("jiro"))
	require.Len(t, h.look(at(24, 7, 30)), 4)
	h.SQL(`UPDATE tenant SET left_on = '2026-11-25' WHERE id = $1`, h.town)
	require.Len(t, h.look(at(25, 7, 30)), 4, "who has left")
}

// The day's checkpoint goes with it: the newest there is, and the last one again where nothing is new.
func TestTheCheckpointGoesWithIt(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	require.Len(t, h.look(at(20, 7, 30)), 1)
	require.NotContains(t, h.newest(), "検証値", "the log has not begun")
	h.Do(tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 50); return err })
	note := tenantstest.Value[string](h.Bench, `SELECT c.note FROM tlog_checkpoint c WHERE c.tenant_id = $1 ORDER BY size DESC LIMIT 1`, h.town)
	key := tenantstest.Value[string](h.Bench, `SELECT verifier FROM tlog_key WHERE tenant_id = $1`, h.town)
	for _, day := range []int{24, 25} {
		h.look(at(day, 7, 30))
		require.Contains(t, h.newest(), note)
		require.Contains(t, h.newest(), key)
	}
}

func TestWhoMaySayWhoIsTold(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	set := func(s morning.Setting) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error { _, err := morning.Set(ctx, tx, h.town, s); return err }
	}
	h.Fault(tenants.KindForbidden, h.Person(h.host, tenants.Auditor), set(half("x")))
	h.Fault(tenants.KindNotFound, h.Person(h.Town("佐呂間町", "015521"), tenants.Town), set(half("x")))
	wrong := morning.Setting{Minute: 24 * 60, Readers: []morning.Reader{{"見本", "a@example.jp"}, {}, {"", "b@example.jp"}, {"見本", "見本 <c@example.jp>"}, {"見本", ""}, {"見本", "A@example.jp"}}}
	fault := h.Fault(tenants.KindInvalid, h.clerk, set(wrong))
	var fields []string
	for _, f := range fault.Fields {
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{"at", "readers.2.name", "readers.3.mail", "readers.4.mail", "readers.5.mail"}, fields)
	many := half()
	for i := range 11 {
		many.Readers = append(many.Readers, half(fmt.Sprint(i)).Readers...)
	}
	require.Equal(t, "readers", h.Fault(tenants.KindInvalid, h.clerk, set(many)).Fields[0].Field)
	h.Do(h.clerk, set(half("hanako", "jiro")))
	h.Do(h.clerk, set(half("jiro")))
	h.Do(h.Person(h.host, tenants.Auditor), func(ctx context.Context, tx *tenants.Tx) error {
		s, err := morning.Get(ctx, tx, h.town)
		require.Equal(t, half("jiro"), s)
		return err
	})
	require.Len(t, h.SQL(`SELECT 1 FROM operation_log WHERE act = 'morning.write' AND before->>'readers' LIKE '%hanako%' AND after->>'readers' = '見本 jiro <jiro@example.jp>'`), 1)
	for text, want := range map[string]int{"7:30": 450, "０７：３０": 450, " 23:59 ": 1439, "24:00": -1, "朝": -1, "": -1} {
		minute, ok := morning.ParseClock(text)
		if !ok {
			minute = -1
		}
		require.Equal(t, want, minute, text)
	}
}

// Each town goes by its own clock, and no statement is one town's.
func TestManyTownsAreToldInAFewStatements(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	asks := func(now time.Time) int {
		h.Clock.Set(now)
		return h.QueryCount(func() {
			h.Do(tenants.Job("morning"), func(ctx context.Context, tx *tenants.Tx) error { _, err := morning.Tell(ctx, tx, 50); return err })
		})
	}
	h.night(h.town, h.duty, 20, "met", at(20, 2, 41))
	one := asks(at(20, 7, 30))
	var towns []int64
	for i := range 20 {
		towns = append(towns, h.Town("見本町", fmt.Sprintf("9%05d", i)))
	}
	h.admin = h.Person(h.host, tenants.HostAdmin)
	for _, town := range towns {
		h.set(town, half("a", "b"))
		h.night(town, h.expect(town, "戸籍正"), 25, "met", at(25, 2, 41))
	}
	h.SQL(`UPDATE tenant SET zone = 'Pacific/Kiritimati' WHERE code = '900000'`) // five hours ahead: its morning has been
	h.look(at(25, 2, 31))
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(DISTINCT tenant_id) FROM notice WHERE to_address = 'a@example.jp'`))
	require.Equal(t, one, asks(at(25, 7, 30)))
	require.EqualValues(t, 42, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM notice WHERE kind = 'morning'`))
}

// What was excused ahead is told when its night has come.
func TestWhatWasExcusedAheadIsToldInItsTurn(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.set(h.town, half("hanako"))
	h.night(h.town, h.duty, 25, string(duty.Excused), at(19, 15, 0))
	require.Equal(t, "hanako 11月20日の朝　変わりありません", h.look(at(20, 7, 30))[0])
	require.Equal(t, "hanako 11月24日の朝　変わりありません", h.look(at(24, 7, 30))[1])
	require.Equal(t, "hanako 11月25日の朝　すべて正常", h.look(at(25, 7, 30))[2])
	require.Contains(t, h.newest(), "対象なし　戸籍正")
	require.Equal(t, "hanako 11月26日の朝　変わりありません", h.look(at(26, 7, 30))[3])
}
