package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// However evidence, judgement, excuses and the clock follow one another over some nights: what is judged stays judged,
// the state table shows the newest night as it is, and an incident is open exactly while somebody is needed.
func TestAnyCourseOfNights(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	about := int64(0)
	begin := w.Clock.Now()
	rapid.Check(t, func(r *rapid.T) {
		about++
		w.Clock.Set(begin)
		d := w.expect(w.nightly(w.town, about))
		w.plan()
		w.to("11-22 00:00")
		bad := map[int64]bool{}  // occurrences found bad again after they had been good
		came := map[int64]bool{} // excused occurrences of which a good copy came all the same
		verdicts := map[int64]string{}
		for range rapid.IntRange(3, 15).Draw(r, "steps") {
			w.Clock.Advance(time.Duration(rapid.IntRange(0, 300).Draw(r, "minutes")) * time.Minute)
			switch kind := rapid.SampledFrom([]string{"started", "arrived", "good", "bad", "judge", "judge", "judge", "old good", "excuse"}).Draw(r, "step"); kind {
			case "judge":
				w.judge()
			case "excuse":
				rows := w.SQL(`SELECT id FROM occurrence WHERE duty_id = $1 AND verdict IS NULL AND scheduled_at > $2 ORDER BY scheduled_at LIMIT 1`, d.ID, w.Clock.Now())
				err := w.Try(w.admin, func(ctx context.Context, tx *tenants.Tx) error {
					return duty.ExcuseOne(ctx, tx, w.town, rows[0]["id"].(int64), "機器更新")
				})
				if err != nil {
					require.Equal(r, tenants.KindInvalid, tenants.AsFault(err).Kind, "%v", err) // excused already
				}
			case "old good":
				rows := w.SQL(`SELECT id, verdict FROM occurrence WHERE duty_id = $1 AND verdict IS NOT NULL ORDER BY scheduled_at LIMIT 1`, d.ID)
				if len(rows) > 0 {
					id := rows[0]["id"].(int64)
					w.attest(duty.Attestation{Town: w.town, DutyID: d.ID, OccurrenceID: id, Kind: duty.Good, At: w.Clock.Now(), Reason: tenants.Reason{Code: "duty.met"}})
					delete(bad, id)
					came[id] = came[id] || rows[0]["verdict"] == string(duty.Excused)
				}
			default:
				got := w.say(d, duty.Evidence(kind), "duty.met")
				require.True(r, got.Found)
				switch v := got.Occurrence.Judged(); {
				case kind == "bad" && (v == duty.Met || v == duty.Late):
					bad[got.Occurrence.ID] = true
				case kind == "good":
					delete(bad, got.Occurrence.ID)
					came[got.Occurrence.ID] = came[got.Occurrence.ID] || v == duty.Excused
				}
			}
			w.agrees(r, d, bad, came, verdicts)
		}
	})
}

func (w *tower) agrees(r *rapid.T, d duty.Duty, relapsed, came map[int64]bool, before map[int64]string) {
	rows := w.SQL(`SELECT id, verdict, recovered_at IS NOT NULL AS recovered FROM occurrence WHERE duty_id = $1 AND verdict IS NOT NULL ORDER BY scheduled_at`, d.ID)
	untold, anything := false, len(relapsed) > 0
	for _, row := range rows {
		id, v := row["id"].(int64), row["verdict"].(string)
		if was, ok := before[id]; ok {
			require.Equal(r, was, v, "a verdict is final")
		}
		before[id] = v
		recovered, _ := row["recovered"].(bool)
		needs := duty.Verdict(v).NeedsSomebody() && !recovered
		switch {
		case needs:
			untold, anything = true, true
		case v == "met" || v == "late" || recovered || came[id]:
			untold = false // a good copy after it
		}
	}
	open := tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved' AND cause = $1`, duty.Cause(d.ID))
	require.LessOrEqual(r, open, int64(1))
	if untold {
		require.EqualValues(r, 1, open, "somebody is needed and nobody is told")
	}
	if !anything {
		require.Zero(r, open, "nobody is needed and somebody is told")
	}
	for _, s := range w.SQL(`SELECT s.verdict IS NOT DISTINCT FROM o.verdict AS same, s.recovered_at IS NOT DISTINCT FROM o.recovered_at AS again,
			s.scheduled_at >= (SELECT max(scheduled_at) FROM occurrence WHERE duty_id = $1 AND judged_at IS NOT NULL AND verdict <> 'excused') AS newest
		FROM duty_state s JOIN occurrence o ON o.tenant_id = s.tenant_id AND o.id = s.occurrence_id WHERE s.duty_id = $1`, d.ID) {
		require.Equal(r, true, s["same"], "the state shows the verdict")
		require.Equal(r, true, s["again"], "… and the recovery")
		require.NotEqual(r, false, s["newest"], "… of the newest night")
	}
}
