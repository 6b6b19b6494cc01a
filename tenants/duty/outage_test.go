package duty_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

// However often Tanamori stops and starts, for however long, a verdict comes: five minutes after the last outage that
// began before the deadline, and for what arrived after at most twice its time for settling besides that outage.
func TestOutagesCannotHoldAVerdictForEver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, _ := drawFacts(t)
		f.Outages, f.Outcome, f.OutcomeAt = nil, "", nil
		// Three minutes down, a few seconds up, for days.
		down := time.Duration(rapid.IntRange(121, 3600).Draw(t, "down")) * time.Second
		up := time.Duration(rapid.IntRange(1, 90).Draw(t, "up")) * time.Second
		for from := at("00:00"); from.Before(at("00:00").AddDate(0, 0, 4)); from = from.Add(down + up) {
			f.Outages = append(f.Outages, duty.Span{From: from, To: from.Add(down)})
		}
		bound := f.JudgeAt.Add(down + duty.HoldAfterOutage)
		switch {
		case f.ArrivedAt != nil:
			full := max(f.SettleBy.Sub(*f.ArrivedAt), duty.HoldAfterOutage)
			bound = f.ArrivedAt.Add(2*full + down)
		case f.StartedAt != nil:
			bound = f.FinishBy.Add(down + duty.HoldAfterOutage)
		}
		require.NotEqual(t, duty.Pending, duty.Judge(f, bound).Verdict, "still pending at %s", bound)
	})
}

// What an outage hid is unknown; what it cannot have hidden is missed. A backup that has come after 02:30 every night did
// not come at 01:05 tonight, and could have been heard until 04:00.
func TestAnOutageBeforeAnythingIsExpectedHidesNothing(t *testing.T) {
	t.Parallel()
	early, late := duty.Span{From: at("01:00"), To: at("01:10")}, duty.Span{From: at("02:20"), To: at("02:31")}
	for name, c := range map[string]struct {
		usual   string
		outages []duty.Span
		want    duty.Verdict
	}{
		"nothing is known of its past":        {"", []duty.Span{early}, duty.Unknown},
		"before it ever came":                 {"02:00", []duty.Span{early}, duty.Missed},
		"when it usually comes":               {"02:00", []duty.Span{late}, duty.Unknown},
		"both":                                {"02:00", []duty.Span{early, late}, duty.Unknown},
		"its past is earlier than it may be":  {"00:10", []duty.Span{{From: at("00:20"), To: at("00:40")}}, duty.Missed},
		"later than ever, but it may be late": {"02:00", []duty.Span{{From: at("03:50"), To: at("03:55")}}, duty.Unknown},
	} {
		f := night()
		f.Outages = c.outages
		if c.usual != "" {
			f.UsualFrom = at(c.usual)
		}
		require.Equal(t, c.want, duty.Judge(f, at("04:05")).Verdict, name)
	}
}

func TestASilentNightIsJudgedByItsOwnPast(t *testing.T) {
	t.Parallel()
	w := newTower(t)
	node := uuid.New()
	in := w.nightly(w.town, 1)
	in.EarlyMinutes, in.WindowMinutes = 120, 600
	punctual := w.expect(in)
	in.AboutID = 2
	young := w.expect(in)
	w.plan()
	for day := 22; day < 28; day++ {
		w.to(fmt.Sprintf("11-%d 05:%02d", day, day))
		if w.say(punctual, duty.Arrived, ""); day > 25 {
			w.say(young, duty.Arrived, "")
			w.say(young, duty.Good, "duty.met")
		}
		w.say(punctual, duty.Good, "duty.met")
		w.judge()
	}
	w.to("11-28 02:30")
	w.pulse(duty.Pulse{Node: node})
	w.to("11-28 02:40")
	w.pulse(duty.Pulse{Node: node}) // down for ten minutes, nine hours before the deadline
	w.to("11-28 12:30")
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, w.Clock.Now())
	w.judge()
	require.Equal(t, duty.Missed, w.at(punctual, "11-28 02:00").Judged(), "it has never come before five")
	require.Equal(t, duty.Unknown, w.at(young, "11-28 02:00").Judged(), "two nights say little")

	w.to("11-29 05:10")
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, w.Clock.Now())
	w.to("11-29 05:20")
	w.pulse(duty.Pulse{Node: node}) // when it usually comes
	w.to("11-29 12:30")
	w.SQL(`UPDATE heartbeat SET seen_at = $1`, w.Clock.Now())
	w.judge()
	o := w.at(punctual, "11-29 02:00")
	require.Equal(t, duty.Unknown, o.Judged())
	requireReason(t, "棚守が05:10から05:20まで止まっていたため分かりません", o.Reason())
}

// What nobody could look for is not missed.
func TestWhatNobodyCouldLookForIsUnknown(t *testing.T) {
	t.Parallel()
	f := night()
	f.Unseen = tenants.Reason{Code: "duty.waiting"}
	require.Equal(t, duty.Unknown, duty.Judge(f, at("04:00")).Verdict)

	w := newTower(t)
	d := w.planned()
	w.to("11-22 03:30")
	w.say(d, duty.Unseen, "duty.waiting")
	w.judge()
	require.Equal(t, jst("11-22 04:00"), *w.at(d, "11-22 02:00").LookAt)
	w.to("11-22 04:00")
	w.judge()
	require.Equal(t, duty.Unknown, w.at(d, "11-22 02:00").Judged())
	w.to("11-23 03:30")
	w.say(d, duty.Unseen, "duty.waiting")
	w.say(d, duty.Absent, "")
	w.to("11-23 04:00")
	w.judge()
	require.Equal(t, duty.Missed, w.at(d, "11-23 02:00").Judged(), "somebody looked after all")
}
