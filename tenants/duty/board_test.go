package duty_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

func nov(day int) *calendar.Date {
	d := calendar.MustDate(2026, 11, day)
	return &d
}

func TestTheBoardShowsTheNewestNight(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	empty := w.board(w.admin, nil)
	require.Equal(t, calendar.MustDate(2026, 11, 20), empty.Night, "where nothing has come due, the night that it is")
	require.Empty(t, empty.Cells)

	second := w.expect(w.nightly(w.town, 2))
	first := w.expect(w.nightly(w.town, 1))
	own := w.expect(w.nightly(w.host, 3))
	w.plan()
	w.to("11-22 01:00")
	w.say(second, duty.Started, "") // early: its state is already of tonight, the others' is not
	b := w.board(w.admin, nov(21))
	require.Len(t, b.Cells, 3)
	require.Equal(t, []int64{own.ID, first.ID, second.ID}, []int64{b.Cells[0].DutyID, b.Cells[1].DutyID, b.Cells[2].DutyID}, "by town, then by position")
	requireReason(t, "03:30までに届く予定です", b.Cells[0].Reason)
	requireReason(t, "01:00に始まりました", b.Cells[2].Reason)

	w.to("11-22 03:00")
	w.judge()
	w.say(first, duty.Good, "duty.met")
	w.judge()
	w.to("11-22 04:00")
	w.judge()
	b = w.board(w.admin, nil)
	require.Equal(t, calendar.MustDate(2026, 11, 21), b.Night)
	require.Equal(t, []duty.Verdict{duty.Missed, duty.Met, duty.Failed}, []duty.Verdict{b.Cells[0].Verdict, b.Cells[1].Verdict, b.Cells[2].Verdict})
	c := b.Cells[1]
	require.Equal(t, duty.Cell{TenantID: w.town, DutyID: first.ID, Kind: "backup", AboutID: 1, Subject: "戸籍正", OccurrenceID: w.at(first, "11-22 02:00").ID,
		Verdict: duty.Met, Reason: tenants.Reason{Code: "duty.met", Params: tenants.Params{}}, ScheduledAt: ptr(jst("11-22 02:00")), DueAt: ptr(jst("11-22 03:30")),
		JudgedAt: ptr(jst("11-22 03:00"))}, c)
	require.True(t, c.Confirmable())

	require.Len(t, w.board(w.staff, nil).Cells, 2, "a town sees its own")
	require.Empty(t, w.board(w.far, nov(21)).Cells)

	// The next evening: the board stays with the night that has been, until another one comes due.
	w.to("11-22 20:00")
	require.Equal(t, calendar.MustDate(2026, 11, 21), w.board(w.admin, nil).Night)
	w.to("11-23 01:00")
	w.say(first, duty.Started, "")
	b = w.board(w.admin, nil)
	require.Equal(t, calendar.MustDate(2026, 11, 21), b.Night)
	require.Equal(t, duty.Met, b.Cells[1].Verdict, "what begins early does not hide the night before")
	w.to("11-23 02:00")
	w.judge()
	b = w.board(w.admin, nil)
	require.Equal(t, calendar.MustDate(2026, 11, 22), b.Night)
	require.Equal(t, duty.Pending, b.Cells[1].Verdict)
	require.False(t, b.Cells[1].Confirmable())
	b = w.board(w.admin, nov(21))
	require.Equal(t, duty.Met, b.Cells[1].Verdict, "an older night is read from its occurrences")
	requireReason(t, "予定どおりです", b.Cells[1].Reason)

	b = w.board(w.admin, nov(1))
	require.Len(t, b.Cells, 3)
	require.Zero(t, b.Cells[0].OccurrenceID, "nothing was expected that night")
	var other duty.Board
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		other, err = duty.ReadBoard(ctx, tx, nil, "replica")
		return err
	})
	require.Empty(t, other.Cells)
}

func TestARetiredDutyIsShownInTheNightsItHad(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 04:00")
	w.judge()
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error { return duty.Retire(ctx, tx, w.town, d.ID) })
	require.Len(t, w.board(w.admin, nov(21)).Cells, 1)
	require.Empty(t, w.board(w.admin, nov(22)).Cells)
}

func TestAnOlderNightDoesNotOverwriteTheNewerState(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:10")
	w.say(d, duty.Arrived, "")
	older := w.at(d, "11-22 02:00").ID
	w.SQL(`UPDATE occurrence SET settle_by = $1 WHERE id = $2`, jst("11-23 10:00"), older)
	w.judge()
	w.to("11-23 02:10")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	v, _, n := w.state(d)
	require.Equal(t, []string{"met", "2026-11-22"}, []string{v, n})
	w.to("11-23 03:00")
	w.attest(duty.Attestation{Town: w.town, DutyID: d.ID, OccurrenceID: older, Kind: duty.Bad, At: w.Clock.Now(), Reason: tenants.Reason{Code: "duty.unsettled"}})
	w.judge()
	require.Equal(t, duty.Failed, w.at(d, "11-22 02:00").Judged())
	v, _, n = w.state(d)
	require.Equal(t, []string{"met", "2026-11-22"}, []string{v, n})
	require.Equal(t, 1, w.incidents(`state = 'open'`), "it is told all the same")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d, other := w.planned(), w.expect(w.nightly(w.town, 2))
	w.plan()
	w.to("11-22 02:10")
	w.say(d, duty.Good, "duty.met")
	w.say(other, duty.Good, "duty.met")
	w.judge()
	w.to("11-23 04:00")
	w.judge()
	w.say(d, duty.Good, "duty.met")
	w.to("11-24 02:30")
	read := func(actor tenants.Actor, dutyID int64, from, to int) (marks []duty.NightMark) {
		w.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			marks, err = duty.History(ctx, tx, w.town, dutyID, *nov(from), *nov(to))
			return err
		})
		return marks
	}
	marks := read(w.staff, d.ID, 1, 30)
	require.Equal(t, []duty.NightMark{
		{DutyID: d.ID, OccurrenceID: w.at(d, "11-22 02:00").ID, Night: *nov(21), ScheduledAt: jst("11-22 02:00"), Verdict: duty.Met,
			Reason: tenants.Reason{Code: "duty.met"}},
		{DutyID: d.ID, OccurrenceID: w.at(d, "11-23 02:00").ID, Night: *nov(22), ScheduledAt: jst("11-23 02:00"), Verdict: duty.Missed,
			Reason: tenants.Reason{Code: "duty.missed", Params: tenants.Params{"due": "03:30"}}, RecoveredAt: ptr(jst("11-23 04:00"))},
		{DutyID: d.ID, OccurrenceID: w.at(d, "11-24 02:00").ID, Night: *nov(23), ScheduledAt: jst("11-24 02:00"),
			Reason: tenants.Reason{Code: "duty.waiting", Params: tenants.Params{"due": "03:30"}}},
	}, marks, "only what has begun")
	require.Len(t, read(w.admin, 0, 21, 22), 4, "both ends included, all duties")
	w.Do(w.staff, func(ctx context.Context, tx *tenants.Tx) error {
		outline, err := duty.Outline(ctx, tx, w.town, *nov(1), *nov(30))
		require.NoError(t, err)
		all, newest, shown := read(w.staff, 0, 1, 30), map[int64]duty.NightMark{}, map[string]bool{}
		for _, m := range all {
			newest[m.DutyID] = m
		}
		wanted := all[:0:0]
		for _, m := range all { // one of each verdict a night, all that was not met, and the newest of each duty
			kind := m.Night.String() + string(m.Verdict)
			if !shown[kind] || m.Verdict != duty.Met && m.Verdict != duty.Pending || newest[m.DutyID].OccurrenceID == m.OccurrenceID {
				wanted = append(wanted, m)
			}
			shown[kind] = true
		}
		require.Less(t, len(wanted), len(all))
		require.Equal(t, wanted, outline)
		return nil
	})
	require.Len(t, read(w.admin, other.ID, 22, 22), 1)
	w.Fault(tenants.KindNotFound, w.far, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := duty.History(ctx, tx, w.town, 0, *nov(1), *nov(30))
		return err
	})
	w.Fault(tenants.KindNotFound, w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := duty.GetOccurrence(ctx, tx, w.host, w.at(d, "11-22 02:00").ID)
		return err
	})
}

func TestConfirming(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	a, b := w.expect(w.nightly(w.town, 1)), w.expect(w.nightly(w.town, 2))
	c := w.expect(w.nightly(w.host, 3))
	pending := w.nightly(w.town, 4)
	pending.Cron = "30 3 * * *"
	p := w.expect(pending)
	w.plan()
	w.to("11-22 02:10")
	w.say(a, duty.Good, "duty.met")
	w.say(c, duty.Good, "duty.met")
	w.judge()
	w.to("11-22 04:00")
	w.judge()
	ref := func(d duty.Duty, at string) duty.Ref { return duty.Ref{Town: d.TenantID, OccurrenceID: w.at(d, at).ID} }
	confirm := func(actor tenants.Actor, note string, refs ...duty.Ref) (n int) {
		w.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = duty.Confirm(ctx, tx, refs, note)
			return err
		})
		return n
	}
	require.Equal(t, 1, confirm(w.operator, " 電話で確認 ", ref(b, "11-22 02:00"), ref(p, "11-22 03:30"), duty.Ref{Town: w.town, OccurrenceID: 1 << 40}),
		"only what has a verdict")
	require.Zero(t, confirm(w.admin, "", ref(b, "11-22 02:00")), "the first one stays")
	require.Equal(t, []map[string]any{{"person": w.operator.Text(), "post": w.operator.Title, "verdict": "missed", "note": "電話で確認", "person_id": w.operator.PersonID}},
		w.SQL(`SELECT person, post, verdict, note, person_id FROM confirmation`))
	cell := w.board(w.staff, nov(21)).Cells[1]
	require.Equal(t, b.ID, cell.DutyID)
	require.Equal(t, w.operator.Text(), cell.ConfirmedBy)
	require.Equal(t, jst("11-22 04:00"), *cell.ConfirmedAt)
	require.False(t, cell.Confirmable())
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE act = 'duty.confirm' AND object_id = $1`, w.at(b, "11-22 02:00").ID))

	fine := func(actor tenants.Actor) (n int) {
		w.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = duty.ConfirmFine(ctx, tx, *nov(21))
			return err
		})
		return n
	}
	require.Equal(t, 2, fine(w.admin), "the host's own and the town's; what is missed asks for a look of its own")
	require.Zero(t, fine(w.admin))
	require.EqualValues(t, 3, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE act = 'duty.confirm'`), "a line for each town")

	try := func(refs []duty.Ref, note string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.Confirm(ctx, tx, refs, note)
			return err
		}
	}
	own := []duty.Ref{ref(a, "11-22 02:00")}
	w.Fault(tenants.KindNotFound, w.far, try(own, ""))
	w.Fault(tenants.KindNotFound, w.admin, try([]duty.Ref{{Town: w.stranger, OccurrenceID: 1}}, ""))
	w.Fault(tenants.KindForbidden, w.staff, try(own, ""))
	require.Equal(t, "note", w.Fault(tenants.KindInvalid, w.admin, try(own, strings.Repeat("あ", 501))).Fields[0].Field)
	w.Fault(tenants.KindForbidden, w.staff, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := duty.ConfirmFine(ctx, tx, *nov(21))
		return err
	})
	require.Zero(t, fine(w.far), "nothing of another consortium")
}

func TestExcusing(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	excuse := func(town, id int64, reason string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error { return duty.ExcuseOne(ctx, tx, town, id, reason) }
	}
	o := w.at(d, "11-25 02:00")
	w.Fault(tenants.KindForbidden, w.operator, excuse(w.town, o.ID, "機器更新"))
	w.Fault(tenants.KindNotFound, w.far, excuse(w.town, o.ID, "機器更新"))
	w.Fault(tenants.KindNotFound, w.admin, excuse(w.host, o.ID, "機器更新"))
	require.Equal(t, "reason", w.Fault(tenants.KindInvalid, w.admin, excuse(w.town, o.ID, "　")).Fields[0].Field)
	w.Do(w.admin, excuse(w.town, o.ID, "機器更新"))
	require.Equal(t, "reason", w.Fault(tenants.KindInvalid, w.admin, excuse(w.town, o.ID, "機器更新")).Fields[0].Field, "once")
	require.Equal(t, 1, w.judge())
	o = w.at(d, "11-25 02:00")
	require.Equal(t, duty.Excused, o.Judged())
	requireReason(t, "免除：機器更新", o.Reason())
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE act = 'duty.excuse'`))

	// Excused ahead, it is not the newest night before it has come; then it is, though nothing else came of it.
	require.Empty(t, w.SQL(`SELECT * FROM duty_state`))
	require.Equal(t, *nov(20), w.board(w.admin, nil).Night)
	now := w.Clock.Now()
	w.to("11-25 02:00")
	b := w.board(w.admin, nil)
	require.Equal(t, *nov(24), b.Night)
	require.Equal(t, duty.Excused, b.Cells[0].Verdict)
	w.Clock.Set(now)

	in := w.nightly(w.town, 1)
	in.DutyID, in.Cron = d.ID, "0 3 * * *"
	w.expect(in)
	require.Equal(t, o, w.at(d, "11-25 02:00"), "what was excused stays when the plan changes")

	w.to("11-22 04:00")
	w.plan()
	w.judge()
	w.to("11-23 05:00")
	w.judge()
	w.Fault(tenants.KindConflict, w.admin, excuse(w.town, w.at(d, "11-23 03:00").ID, "あとから"))
	w.to("11-25 02:10")
	w.say(d, duty.Bad, "duty.unsettled")
	require.Equal(t, 1, w.incidents(`state = 'open'`), "that of the 22nd; what is excused opens none")
}

func TestTheNumberOfQueriesDoesNotGrow(t *testing.T) {
	t.Parallel()
	counts := func(more int) []int {
		w := newTower(t)
		w.expect(w.nightly(w.town, 1))
		for i := range more {
			w.expect(w.nightly(w.town, int64(i+2)))
			w.expect(w.nightly(w.host, int64(i+40)))
		}
		n := []int{w.QueryCount(func() { w.plan() })}
		w.to("11-22 04:00")
		return append(n,
			w.QueryCount(func() { require.Equal(t, 1+2*more, w.judge()) }),
			w.QueryCount(func() { w.board(w.admin, nil) }),
			w.QueryCount(func() { w.board(w.admin, nov(20)) }),
			w.QueryCount(func() {
				w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
					_, err := duty.History(ctx, tx, w.town, 0, *nov(1), *nov(30))
					return err
				})
			}),
		)
	}
	one := counts(0)
	require.Equal(t, []int{2, 1, 2}, one[2:], "the history asks once more, for what was corrected")
	require.Equal(t, one, counts(15), "planning, judging with an incident each, and reading")
}
