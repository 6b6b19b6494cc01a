package duty_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

var tokyo = time.FixedZone("JST", 9*3600)

func at(hhmm string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-21 "+hhmm, tokyo)
	if err != nil {
		panic(err)
	}
	return t
}

func ptr(t time.Time) *time.Time { return &t }

// night is a backup due to begin at 02:00, to be there by 03:30, and judged missed at 04:00.
func night() duty.Facts {
	return duty.Facts{OpensAt: at("01:00"), ScheduledAt: at("02:00"), DueAt: at("03:30"), JudgeAt: at("04:00"), Zone: tokyo}
}

func TestJudgeTable(t *testing.T) {
	t.Parallel()
	good := tenants.Reason{Code: "test.good"}
	bad := tenants.Reason{Code: "test.bad"}
	for name, c := range map[string]struct {
		facts   func(*duty.Facts)
		now     string
		verdict duty.Verdict
		code    string
		next    string
	}{
		"before the deadline nothing is due": {func(*duty.Facts) {}, "02:30", duty.Pending, "duty.waiting", "04:00"},
		"within the grace nothing is judged": {func(*duty.Facts) {}, "03:59", duty.Pending, "duty.waiting", "04:00"},
		"silence at the end of grace":        {func(*duty.Facts) {}, "04:00", duty.Missed, "duty.missed", ""},
		"good in time is met at once": {func(f *duty.Facts) {
			f.ArrivedAt, f.Outcome, f.OutcomeAt, f.OutcomeReason = ptr(at("02:41")), "good", ptr(at("02:43")), good
		}, "02:43", duty.Met, "test.good", ""},
		"arrival counts, not the examination": {func(f *duty.Facts) {
			f.ArrivedAt, f.Outcome, f.OutcomeAt, f.OutcomeReason = ptr(at("03:29")), "good", ptr(at("03:50")), good
		}, "03:50", duty.Met, "test.good", ""},
		"good after the deadline is late": {func(f *duty.Facts) {
			f.ArrivedAt, f.Outcome, f.OutcomeAt, f.OutcomeReason = ptr(at("03:31")), "good", ptr(at("03:32")), good
		}, "03:32", duty.Late, "duty.late", ""},
		"bad is failed at once":            {func(f *duty.Facts) { f.Outcome, f.OutcomeAt, f.OutcomeReason = "bad", ptr(at("02:10")), bad }, "02:10", duty.Failed, "test.bad", ""},
		"running waits for its end":        {func(f *duty.Facts) { f.StartedAt, f.FinishBy = ptr(at("03:20")), ptr(at("04:50")) }, "04:10", duty.Pending, "duty.running", "04:50"},
		"started and never finished":       {func(f *duty.Facts) { f.StartedAt, f.FinishBy = ptr(at("02:00")), ptr(at("03:30")) }, "03:30", duty.Failed, "duty.unfinished", ""},
		"arrived and being examined":       {func(f *duty.Facts) { f.ArrivedAt, f.SettleBy = ptr(at("03:20")), ptr(at("05:20")) }, "04:10", duty.Pending, "duty.examining", "05:20"},
		"arrived but never examined":       {func(f *duty.Facts) { f.ArrivedAt, f.SettleBy = ptr(at("03:20")), ptr(at("05:20")) }, "05:20", duty.Unknown, "duty.unsettled", ""},
		"excused beats everything":         {func(f *duty.Facts) { f.Excuse, f.Outcome = "機器更新", "bad" }, "02:00", duty.Excused, "duty.excused", ""},
		"own outage held for retries":      {func(f *duty.Facts) { f.Outages = []duty.Span{{From: at("01:30"), To: at("03:58")}} }, "04:00", duty.Pending, "duty.waiting", "04:03"},
		"own outage makes silence unknown": {func(f *duty.Facts) { f.Outages = []duty.Span{{From: at("01:30"), To: at("03:58")}} }, "04:03", duty.Unknown, "duty.outage", ""},
		"an outage of another night":       {func(f *duty.Facts) { f.Outages = []duty.Span{{From: at("00:10"), To: at("00:50")}} }, "04:00", duty.Missed, "duty.missed", ""},
		"an outage does not excuse the bad": {func(f *duty.Facts) {
			f.Outages = []duty.Span{{From: at("01:30"), To: at("03:58")}}
			f.Outcome, f.OutcomeReason = "bad", bad
		}, "04:03", duty.Failed, "test.bad", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := night()
			c.facts(&f)
			d := duty.Judge(f, at(c.now))
			require.Equal(t, c.verdict, d.Verdict)
			require.Equal(t, c.code, d.Reason.Code)
			if c.next != "" {
				require.True(t, d.NextLook.Equal(at(c.next)), "next look %s", d.NextLook)
			}
		})
	}
}

func drawFacts(t *rapid.T) (duty.Facts, time.Time) {
	minute := func(label string, lo, hi int) time.Time {
		return at("00:00").Add(time.Duration(rapid.IntRange(lo, hi).Draw(t, label)) * time.Minute)
	}
	f := duty.Facts{OpensAt: minute("opens", 0, 120), Zone: tokyo}
	f.ScheduledAt = f.OpensAt.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "early")) * time.Minute)
	f.DueAt = f.ScheduledAt.Add(time.Duration(rapid.IntRange(1, 240).Draw(t, "window")) * time.Minute)
	f.JudgeAt = f.DueAt.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "grace")) * time.Minute)
	if rapid.Bool().Draw(t, "started") {
		s := minute("started at", 0, 700)
		f.StartedAt, f.FinishBy = &s, ptr(s.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "longest"))*time.Minute))
	}
	if rapid.Bool().Draw(t, "arrived") {
		a := minute("arrived at", 0, 700)
		f.ArrivedAt, f.SettleBy = &a, ptr(a.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "settle"))*time.Minute))
	}
	if f.ArrivedAt != nil && rapid.Bool().Draw(t, "settled") {
		f.Outcome = rapid.SampledFrom([]string{"good", "bad"}).Draw(t, "outcome")
		f.OutcomeAt, f.OutcomeReason = f.ArrivedAt, tenants.Reason{Code: "test.outcome"}
	}
	for range rapid.IntRange(0, 2).Draw(t, "outages") {
		from := minute("outage", 0, 700)
		f.Outages = append(f.Outages, duty.Span{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "long")) * time.Minute)})
	}
	return f, minute("now", 0, 1500)
}

// However the night went, following NextLook reaches a verdict in a few looks and by a bounded time; it never looks
// twice at the same moment, and a verdict once reached stays whenever one looks again.
func TestJudgeAlwaysEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts(t)
		d := duty.Judge(f, now)
		for looks := 0; d.Verdict == duty.Pending; looks++ {
			require.Less(t, looks, 6, "no verdict after six looks")
			require.True(t, d.NextLook.After(now), "next look %s is not after %s", d.NextLook, now)
			now = d.NextLook
			d = duty.Judge(f, now)
		}
		require.NotEmpty(t, d.Reason.Code)
		later := duty.Judge(f, now.Add(time.Duration(rapid.IntRange(0, 100000).Draw(t, "later"))*time.Minute))
		require.Equal(t, d.Verdict, later.Verdict)
		require.Equal(t, d.Reason, later.Reason)
	})
}

// Nothing is called met or late without something good, and nothing missed that arrived or began.
func TestJudgeNeverInvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts(t)
		switch d := duty.Judge(f, now); d.Verdict {
		case duty.Met, duty.Late:
			require.Equal(t, "good", f.Outcome)
		case duty.Missed:
			require.Nil(t, f.ArrivedAt)
			require.Nil(t, f.StartedAt)
			require.False(t, now.Before(f.JudgeAt))
		case duty.Failed:
			require.True(t, f.Outcome == "bad" || f.StartedAt != nil)
		}
	})
}
