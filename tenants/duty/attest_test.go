package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// state is what duty_state says of a duty: verdict, reason and the night.
func (w *tower) state(d duty.Duty) (verdict, reason, night string) {
	w.t.Helper()
	row := w.SQL(`SELECT coalesce(verdict, '') AS v, reason_code AS r, night::text AS n FROM duty_state WHERE duty_id = $1`, d.ID)
	require.Len(w.t, row, 1)
	return row[0]["v"].(string), row[0]["r"].(string), row[0]["n"].(string)
}

func TestANightThatGoesWell(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:00")
	require.Equal(t, 1, w.judge(), "when it begins the judge looks for the first time")
	v, r, n := w.state(d)
	require.Equal(t, []string{"", "duty.waiting", "2026-11-21"}, []string{v, r, n})
	require.Equal(t, jst("11-22 04:00"), *w.at(d, "11-22 02:00").LookAt)
	require.Zero(t, w.judge())

	w.to("11-22 02:03")
	require.True(t, w.say(d, duty.Started, "").Found)
	_, r, _ = w.state(d)
	require.Equal(t, "duty.running", r, "pages see it at once")
	require.Equal(t, 1, w.judge())
	require.Equal(t, jst("11-22 03:33"), *w.at(d, "11-22 02:00").LookAt)

	w.to("11-22 02:44")
	w.say(d, duty.Arrived, "")
	w.judge()
	_, r, _ = w.state(d)
	require.Equal(t, "duty.examining", r)
	require.Equal(t, jst("11-22 04:44"), *w.at(d, "11-22 02:00").LookAt)

	w.to("11-22 02:45")
	w.say(d, duty.Good, "duty.met")
	require.Equal(t, 1, w.judge())
	o := w.at(d, "11-22 02:00")
	require.Equal(t, duty.Met, o.Judged())
	require.Equal(t, jst("11-22 02:45"), *o.JudgedAt)
	require.Nil(t, o.LookAt)
	v, r, _ = w.state(d)
	require.Equal(t, []string{"met", "duty.met"}, []string{v, r})
	require.Zero(t, w.incidents(`true`))
	w.to("11-23 00:00")
	require.Zero(t, w.judge())
}

func TestLateIsWhatArrivedAfterTheDeadline(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 03:30")
	w.say(d, duty.Arrived, "")
	w.to("11-22 05:00")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	require.Equal(t, duty.Met, w.at(d, "11-22 02:00").Judged(), "on the dot is in time, however long the examination took")

	w.Clock.Set(jst("11-23 03:30").Add(time.Microsecond))
	w.say(d, duty.Arrived, "")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	o := w.at(d, "11-23 02:00")
	require.Equal(t, duty.Late, o.Judged())
	requireReason(t, "03:30の期限に遅れて03:30に届きました", o.Reason())
	require.Zero(t, w.incidents(`true`), "late is shown, nobody is woken")
}

func TestSilenceIsMissedAndRecoversLater(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.Clock.Set(jst("11-22 04:00").Add(-time.Microsecond))
	w.judge()
	require.Equal(t, duty.Pending, w.at(d, "11-22 02:00").Judged())
	w.to("11-22 04:00")
	w.judge()
	o := w.at(d, "11-22 02:00")
	require.Equal(t, duty.Missed, o.Judged())
	requireReason(t, "03:30までの約束でしたが届いていません", o.Reason())
	require.Equal(t, []map[string]any{{"cause": duty.Cause(d.ID), "about": "duty", "about_id": d.ID, "subject": "戸籍正 夜間バックアップ", "night": "2026-11-21",
		"severity": "critical", "reason_code": "duty.missed", "state": "open", "tenant_id": w.town}},
		w.SQL(`SELECT tenant_id, cause, about, about_id, subject, night::text, severity, reason_code, state FROM incident`))

	w.to("11-22 06:00")
	require.True(t, w.say(d, duty.Started, "").Found)
	w.say(d, duty.Arrived, "")
	require.Equal(t, 1, w.incidents(`state = 'open'`), "that something came is not that it is good")
	got := w.say(d, duty.Good, "duty.met").Occurrence
	require.Equal(t, jst("11-22 06:00"), *got.RecoveredAt)
	o = w.at(d, "11-22 02:00")
	require.Equal(t, duty.Missed, o.Judged(), "the verdict stays")
	require.Equal(t, "duty.met", *o.RecoveredCode)
	require.Equal(t, 1, w.incidents(`state = 'resolved' AND resolution = '06:00に正常なものが届きました。'`))
	w.to("11-22 07:00")
	w.say(d, duty.Good, "duty.met")
	require.Equal(t, jst("11-22 06:00"), *w.at(d, "11-22 02:00").RecoveredAt, "the first recovery counts")
}

func TestABadOneOpensAnIncidentAtOnce(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:30")
	w.say(d, duty.Arrived, "")
	w.say(d, duty.Bad, "duty.unfinished")
	w.judge()
	require.Equal(t, duty.Failed, w.at(d, "11-22 02:00").Judged())
	require.Equal(t, 1, w.incidents(`state = 'open' AND reason_code = 'duty.unfinished'`))

	// The next night is bad too: still one incident, of the newer night.
	w.to("11-23 04:00")
	w.judge()
	require.Equal(t, 1, w.incidents(`state = 'open' AND reason_code = 'duty.missed' AND night = '2026-11-22'`))
	// A good copy of the older night does not end what the newer one is about.
	older := duty.Attestation{Town: w.town, DutyID: d.ID, OccurrenceID: w.at(d, "11-22 02:00").ID, Kind: duty.Good, At: w.Clock.Now(),
		Reason: tenants.Reason{Code: "duty.met"}}
	w.attest(older)
	require.NotNil(t, w.at(d, "11-22 02:00").RecoveredAt)
	require.Equal(t, 1, w.incidents(`state = 'open'`))
	w.to("11-24 02:30")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	require.Equal(t, 1, w.incidents(`state = 'resolved'`))
}

func TestARelapseOpensAnIncidentAndKeepsTheVerdict(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:30")
	w.say(d, duty.Good, "duty.met")
	w.judge()
	w.to("11-22 10:00")
	w.say(d, duty.Bad, "duty.unsettled")
	require.Equal(t, duty.Met, w.at(d, "11-22 02:00").Judged())
	require.Equal(t, 1, w.incidents(`state = 'open' AND reason_code = 'duty.unsettled'`))
	w.say(d, duty.Good, "duty.met")
	require.Equal(t, 1, w.incidents(`state = 'resolved'`), "found good again")
	require.Nil(t, w.at(d, "11-22 02:00").RecoveredAt, "there was nothing to recover from")
}

func TestEvidenceGoesToTheNewestThatHasOpened(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	require.False(t, w.say(d, duty.Arrived, "").Found, "nothing has opened yet")
	w.Clock.Set(jst("11-22 00:00").Add(-time.Microsecond))
	require.False(t, w.say(d, duty.Arrived, "").Found)
	w.to("11-22 00:00")
	require.Equal(t, w.at(d, "11-22 02:00").ID, w.say(d, duty.Arrived, "").Occurrence.ID)
	w.to("11-22 23:59")
	require.Equal(t, w.at(d, "11-22 02:00").ID, w.say(d, duty.Good, "").Occurrence.ID)

	now := w.Clock.Now()
	for _, wrong := range []duty.Attestation{
		{Town: w.town, DutyID: d.ID, OccurrenceID: 1 << 40, Kind: duty.Good, At: now},
		{Town: w.host, DutyID: d.ID, Kind: duty.Good, At: now},
		{Town: w.host, DutyID: d.ID, OccurrenceID: w.at(d, "11-22 02:00").ID, Kind: duty.Good, At: now},
		{Town: w.town, DutyID: d.ID + 1, OccurrenceID: w.at(d, "11-22 02:00").ID, Kind: duty.Good, At: now},
	} {
		out := w.attest(wrong, duty.Attestation{Town: w.town, DutyID: d.ID, Kind: duty.Started, At: now})
		require.False(t, out[0].Found, "%+v", wrong)
		require.True(t, out[1].Found, "and the others are taken")
	}
	require.Empty(t, w.attest())
}

func TestSeveralWordsInOneBatchCountInTheirOrder(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 02:30")
	at := w.Clock.Now()
	a := func(kind duty.Evidence, ago time.Duration, code string) duty.Attestation {
		finish := at.Add(time.Hour)
		return duty.Attestation{Town: w.town, DutyID: d.ID, Kind: kind, At: at.Add(-ago), FinishBy: &finish, SettleBy: &finish, Reason: tenants.Reason{Code: code}}
	}
	out := w.attest(a(duty.Started, 20*time.Minute, ""), a(duty.Arrived, 10*time.Minute, ""), a(duty.Started, 5*time.Minute, ""), a(duty.Good, 0, "duty.met"))
	require.Len(t, out, 4)
	o := w.at(d, "11-22 02:00")
	require.Equal(t, jst("11-22 02:10"), *o.StartedAt, "a start that is told after the end changes nothing")
	require.Equal(t, jst("11-22 02:20"), *o.ArrivedAt)
	require.Equal(t, "good", *o.Outcome)
	require.Equal(t, o, out[3].Occurrence, "what is given back is what is kept")
}

func TestAttestIsForJobs(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	for _, actor := range []tenants.Actor{w.admin, w.staff} {
		w.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.Attest(ctx, tx, nil)
			return err
		})
		w.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.JudgeDue(ctx, tx, 1)
			return err
		})
		w.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := duty.PlanAhead(ctx, tx, 1)
			return err
		})
	}
}

// What the database keeps whoever asks.
func TestAVerdictIsKept(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	d := w.planned()
	w.to("11-22 04:00")
	w.judge()
	judged := w.at(d, "11-22 02:00")
	for _, statement := range []string{
		`UPDATE occurrence SET verdict = 'met' WHERE id = $1`,
		`UPDATE occurrence SET verdict = NULL, judged_at = NULL, reason_code = NULL, look_at = judge_at WHERE id = $1`,
		`UPDATE occurrence SET reason_code = 'x' WHERE id = $1`,
		`UPDATE occurrence SET reason_params = '{}' WHERE id = $1`,
		`UPDATE occurrence SET judged_at = judge_at + interval '1 hour' WHERE id = $1`,
		`UPDATE occurrence SET arrived_at = scheduled_at WHERE id = $1`,
		`UPDATE occurrence SET due_at = judge_at WHERE id = $1`,
		`UPDATE occurrence SET night = night - 1 WHERE id = $1`,
		`DELETE FROM occurrence WHERE id = $1`,
	} {
		_, err := w.TrySQL(statement, judged.ID)
		require.ErrorContains(t, err, "has a verdict", statement)
	}
	w.SQL(`UPDATE occurrence SET recovered_at = judged_at, recovered_code = 'x' WHERE id = $1`, judged.ID)
	_, err := w.TrySQL(`UPDATE occurrence SET recovered_at = NULL WHERE id = $1`, judged.ID)
	require.ErrorContains(t, err, "has a verdict", "a recovery stays too")
	w.to("11-23 01:00")
	w.say(d, duty.Started, "")
	_, err = w.TrySQL(`DELETE FROM occurrence WHERE id = $1`, w.at(d, "11-23 02:00").ID)
	require.Error(t, err, "nor does evidence go")
	w.SQL(`DELETE FROM occurrence WHERE id = $1`, w.at(d, "11-24 02:00").ID)
	require.EqualValues(t, 34, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM occurrence`))
}
