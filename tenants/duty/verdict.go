// Package duty is what must happen, how often and by when; the occurrences made of it ahead of time; and the verdict on
// each. Ledgers feed it by Expect and Attest and are never known by it.
package duty

import (
	"time"

	"tanamori/tenants"
)

// Verdict is the judgement on one occurrence. It is final; what comes later is kept beside it.
type Verdict string

// The verdicts. Pending is no verdict yet.
const (
	Pending Verdict = ""
	Met     Verdict = "met"     // good, and in time
	Late    Verdict = "late"    // good, after the deadline but within the grace
	Failed  Verdict = "failed"  // it came and is bad, or it began and never ended
	Missed  Verdict = "missed"  // nothing came
	Excused Verdict = "excused" // a person said beforehand that it need not be
	Unknown Verdict = "unknown" // Tanamori could not see
)

// NeedsSomebody tells whether a verdict opens an incident.
func (v Verdict) NeedsSomebody() bool { return v == Failed || v == Missed || v == Unknown }

// Fine tells whether a verdict asks for nothing but a look.
func (v Verdict) Fine() bool { return v == Met || v == Late || v == Excused }

var _ = tenants.Sentences(map[string][2]string{
	"duty.waiting":    {"{due}までに届く予定です", "Expected by {due}"},
	"duty.running":    {"{started}に始まりました", "Started at {started}"},
	"duty.examining":  {"届いたものを確かめています", "Being examined"},
	"duty.late":       {"{due}の期限に遅れて{at}に届きました", "Arrived at {at}, after the deadline of {due}"},
	"duty.unfinished": {"{started}に始まったまま終わっていません", "Started at {started} and never finished"},
	"duty.missed":     {"{due}までの約束でしたが届いていません", "Nothing arrived by {due}"},
	"duty.outage":     {"棚守が{from}から{to}まで止まっていたため分かりません", "Not known: Tanamori was down from {from} to {to}"},
	"duty.leap": {"棚守の時計が{from}から{to}へ飛んだ（時刻の変更か機械の休止）ため分かりません",
		"Not known: Tanamori's clock leapt from {from} to {to} (it was set, or the machine slept)"},
	"duty.unsettled": {"届きましたが{by}までに確かめ終わりませんでした", "Arrived, but could not be examined by {by}"},
	"duty.excused":   {"免除：{reason}", "Excused: {reason}"},
	"duty.met":       {"予定どおりです", "As planned"},
	"duty.resolved":  {"{at}に正常なものが届きました", "A good one arrived at {at}"},
	"duty.retired":   {"計画が廃止されました", "Its plan was retired"},
})

var _ = tenants.Shorts(map[string][2]string{
	"duty.waiting":    {"{due}まで", "due {due}"},
	"duty.running":    {"{started}から実行中", "running since {started}"},
	"duty.examining":  {"確認中", "being examined"},
	"duty.late":       {"{at}に届きました", "arrived {at}"},
	"duty.unfinished": {"{started}開始のまま終わっていません", "started {started}, not finished"},
	"duty.missed":     {"届いていません", "nothing arrived"},
	"duty.outage":     {"棚守の停止中", "Tanamori was down"},
	"duty.leap":       {"棚守の時計が飛びました", "Tanamori's clock leapt"},
	"duty.unsettled":  {"確かめ終わりませんでした", "not examined in time"},
	"duty.excused":    {"免除", "excused"},
	"duty.met":        {"予定どおり", "as planned"},
})

// HoldAfterOutage is how long after an outage of Tanamori a verdict of silence is held, so that clients which retry are
// heard first.
const HoldAfterOutage = 5 * time.Minute

// Span is a stretch of time, From included and To not. Leapt tells that it never passed: the clock was put forward.
type Span struct {
	From, To time.Time
	Leapt    bool
}

// Facts are all a verdict depends on, besides the moment of judging.
type Facts struct {
	OpensAt, ScheduledAt, DueAt, JudgeAt time.Time

	StartedAt *time.Time // it was said to have begun
	FinishBy  *time.Time // … and must have ended by then
	ArrivedAt *time.Time // it was said to be done, or was found
	SettleBy  *time.Time // … and must have been examined by then

	Outcome       string // "", "good" or "bad"
	OutcomeAt     *time.Time
	OutcomeReason tenants.Reason

	Excuse    string         // a person's reason; empty where nobody excused it
	Unseen    tenants.Reason // why nobody could look whether it is there; no code where somebody could
	UsualFrom time.Time      // by its own past it arrives no earlier than this; zero where that is not known
	Outages   []Span         // of Tanamori itself, in the order in which they happened
	Zone      *time.Location
}

// Decision is a verdict with its reason, or Pending with the next moment at which to look.
type Decision struct {
	Verdict  Verdict
	Reason   tenants.Reason
	NextLook time.Time
}

// Judge decides on one occurrence at the moment now. It is pure: the same facts and moment give the same decision, and
// for fixed facts a decision once reached does not change as time goes on.
func Judge(f Facts, now time.Time) Decision {
	switch {
	case f.Excuse != "":
		return verdict(Excused, "duty.excused", tenants.Params{"reason": f.Excuse})
	case f.Outcome == "good":
		return judgeGood(f)
	case f.Outcome == "bad":
		return Decision{Verdict: Failed, Reason: f.OutcomeReason}
	case f.ArrivedAt != nil:
		by := f.settleBy()
		if !now.Before(by) {
			return verdict(Unknown, "duty.unsettled", tenants.Params{"by": clock(by, f)})
		}
		return wait(by, "duty.examining", nil)
	case f.StartedAt != nil && f.FinishBy != nil:
		if !now.Before(*f.FinishBy) {
			return judgeSilence(f, now, *f.StartedAt, *f.FinishBy,
				verdict(Failed, "duty.unfinished", tenants.Params{"started": clock(*f.StartedAt, f)}))
		}
		return wait(*f.FinishBy, "duty.running", tenants.Params{"started": clock(*f.StartedAt, f)})
	case now.Before(f.JudgeAt):
		return wait(f.JudgeAt, "duty.waiting", tenants.Params{"due": clock(f.DueAt, f)})
	}
	silent := verdict(Missed, "duty.missed", tenants.Params{"due": clock(f.DueAt, f)})
	if f.Unseen.Code != "" {
		silent = Decision{Verdict: Unknown, Reason: f.Unseen}
	}
	return judgeSilence(f, now, f.expectedFrom(), f.JudgeAt, silent)
}

// expectedFrom is from when on something could have arrived that an outage then hid. Where the nights before tell that it
// comes later than it may, an outage early in a long window hid nothing: hours were left in which it could be heard.
func (f Facts) expectedFrom() time.Time {
	if f.UsualFrom.After(f.OpensAt) {
		return f.UsualFrom
	}
	return f.OpensAt
}

// blinding is the last outage that touched the stretch in which something could have been heard, nil where none did. It
// began within the stretch, so one outage after another cannot put a verdict off for ever.
func blinding(outages []Span, from, deadline time.Time) *Span {
	var blind *Span
	for i, o := range outages {
		if o.From.Before(deadline) && o.To.After(from) && (blind == nil || o.To.After(blind.To)) {
			blind = &outages[i]
		}
	}
	return blind
}

// settleBy is when what arrived must have been examined. While Tanamori was down nobody examined anything, so the time it
// was down is added. Only an outage that began before the time was over counts: however often Tanamori stops, the time
// is at most doubled, but for the last of those outages itself.
func (f Facts) settleBy() time.Time {
	by := f.JudgeAt
	if f.SettleBy != nil {
		by = *f.SettleBy
	}
	if least := f.ArrivedAt.Add(HoldAfterOutage); by.Before(least) {
		by = least
	}
	end := by
	for _, o := range f.Outages {
		if from := later(o.From, *f.ArrivedAt); from.Before(by) && o.To.After(from) {
			end = end.Add(o.To.Sub(from))
		}
	}
	return end
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func judgeGood(f Facts) Decision {
	arrived := f.ArrivedAt
	if arrived == nil {
		arrived = f.OutcomeAt
	}
	if arrived != nil && arrived.After(f.DueAt) {
		return verdict(Late, "duty.late", tenants.Params{"due": clock(f.DueAt, f), "at": clock(*arrived, f)})
	}
	if f.OutcomeReason.Code == "" {
		return verdict(Met, "duty.met", nil)
	}
	return Decision{Verdict: Met, Reason: f.OutcomeReason}
}

// judgeSilence is for what was not heard from a moment to the deadline: where Tanamori itself was down in between, nobody
// knows, and for a while after it came back the senders get the chance to try again. The wait ends HoldAfterOutage after
// the last outage that began before the deadline; outages after it hold nothing.
func judgeSilence(f Facts, now, from, deadline time.Time, silent Decision) Decision {
	blind := blinding(f.Outages, from, deadline)
	if blind == nil {
		return silent
	}
	if held := blind.To.Add(HoldAfterOutage); now.Before(held) {
		return wait(held, "duty.waiting", tenants.Params{"due": clock(f.DueAt, f)})
	}
	code := "duty.outage"
	if blind.Leapt {
		code = "duty.leap"
	}
	return verdict(Unknown, code, tenants.Params{"from": clock(blind.From, f), "to": clock(blind.To, f)})
}

// expected is why something is pending that nobody has looked at yet.
func expected(scheduled, due time.Time, zone *time.Location) tenants.Reason {
	return tenants.Reason{Code: "duty.waiting", Params: tenants.Params{"due": clock(due, Facts{ScheduledAt: scheduled, Zone: zone})}}
}

func verdict(v Verdict, code string, p tenants.Params) Decision {
	return Decision{Verdict: v, Reason: tenants.Reason{Code: code, Params: p}}
}

func wait(until time.Time, code string, p tenants.Params) Decision {
	return Decision{Reason: tenants.Reason{Code: code, Params: p}, NextLook: until}
}

// clock is a time of day as sentences show it, with the date where it is not the scheduled day.
func clock(t time.Time, f Facts) string {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	local, day := t.In(zone), f.ScheduledAt.In(zone)
	if local.YearDay() == day.YearDay() && local.Year() == day.Year() {
		return local.Format("15:04")
	}
	return local.Format("1/2 15:04")
}
