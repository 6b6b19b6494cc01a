package backup

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/checkin/body"
	"tanamori/tenants/duty"
)

// take turns one check-in into a run, or into the end of one.
func (b *batch) take(c checkin.Checkin) {
	k := planKey{c.TenantID, c.AboutID}
	p, ok := b.plans[k]
	if !ok || c.Kind == checkin.Log {
		return // a log line is evidence and nothing else
	}
	if c.Kind == checkin.Start {
		b.start(k, p, c)
		return
	}
	b.end(k, p, c)
}

func (b *batch) start(k planKey, p planAtHand, c checkin.Checkin) {
	if c.RID != nil && b.find(k, c.RID) != nil || b.repeats(k, c) {
		return // the client tried again: the run is known
	}
	at := c.At
	r := b.open(k, Run{StartedAt: &at, Reported: "running", RID: c.RID})
	finish := at.Add(time.Duration(p.LongestMinutes) * time.Minute)
	b.say(r, duty.Attestation{Kind: duty.Started, At: at, FinishBy: &finish}, p)
}

func (b *batch) end(k planKey, p planAtHand, c checkin.Checkin) {
	r := b.pair(k, c)
	if r == nil {
		if b.repeats(k, c) {
			return
		}
		r = b.open(k, Run{RID: c.RID})
	} else if r.Reported == "ok" || r.Reported == "fail" {
		return // this run id has ended already: the client tried again
	}
	at := c.At
	r.FinishedAt, r.ExitStatus = &at, c.ExitStatus
	n := body.Parse(c.ContentType, c.Body)
	r.hear(n)
	if n.DryRun && c.Kind == checkin.Success {
		// The tool only pretended: there is no copy.
		b.fail(r, c, p, tenants.Reason{Code: "backup.dry_run", Params: tenants.Params{"tool": n.Tool}})
		return
	}
	if r.StartedAt != nil && !at.Before(*r.StartedAt) {
		ms := at.Sub(*r.StartedAt).Milliseconds()
		r.DurationMs = &ms
	} else if n.Duration != nil && *n.Duration >= 0 {
		ms := n.Duration.Milliseconds()
		r.DurationMs = &ms
	}
	b.touch(r)
	if c.Kind == checkin.Success {
		r.Reported, r.VerifyAt = "ok", &b.now
		settle := at.Add(time.Duration(p.SettleMinutes) * time.Minute)
		b.say(r, duty.Attestation{Kind: duty.Arrived, At: at, SettleBy: &settle}, p)
		return
	}
	reason := tenants.Reason{Code: "backup.reported_fail", Params: tenants.Params{}}
	if c.ExitStatus != nil {
		reason = tenants.Reason{Code: "backup.reported_exit", Params: tenants.Params{"status": fmt.Sprint(*c.ExitStatus)}}
	}
	b.fail(r, c, p, reason)
}

func (b *batch) fail(r *Run, c checkin.Checkin, p planAtHand, reason tenants.Reason) {
	b.touch(r)
	bad := "bad"
	r.Reported, r.Outcome, r.ReasonCode, r.ReasonParams = "fail", &bad, reason.Code, reason.Params
	b.say(r, duty.Attestation{Kind: duty.Bad, At: c.At, Reason: reason}, p)
}

// pair finds the run that a check-in ends: by run id where it has one, else the newest started one without.
func (b *batch) pair(k planKey, c checkin.Checkin) *Run {
	if c.RID != nil {
		return b.find(k, c.RID)
	}
	runs := b.runs[k]
	for i := len(runs) - 1; i >= 0; i-- {
		if r := runs[i]; r.Reported == "running" && r.RID == nil && c.At.Sub(*r.StartedAt) < pairWithin {
			return r
		}
	}
	return nil
}

// repeats tells whether a check-in without a run id says once more what the newest run of its plan has just said.
func (b *batch) repeats(k planKey, c checkin.Checkin) bool {
	runs := b.runs[k]
	if c.RID != nil || len(runs) == 0 {
		return false
	}
	r := runs[len(runs)-1]
	said, at := map[string]checkin.Kind{"running": checkin.Start, "ok": checkin.Success, "fail": checkin.Fail}[r.Reported], r.FinishedAt
	if said == checkin.Start {
		at = r.StartedAt
	}
	if r.RID != nil || said != c.Kind || at == nil || c.At.Sub(*at).Abs() > retryWithin {
		return false
	}
	for _, opens := range b.opened[k] {
		if opens.After(*at) && !opens.After(c.At) {
			return false
		}
	}
	return true
}

func (b *batch) find(k planKey, rid *uuid.UUID) *Run {
	for _, r := range b.runs[k] {
		if r.RID != nil && *r.RID == *rid {
			return r
		}
	}
	return nil
}

func (b *batch) open(k planKey, r Run) *Run {
	r.TenantID, r.PlanID, r.RecordedAt, r.ReasonParams = k.town, k.plan, b.now, tenants.Params{}
	b.runs[k] = append(b.runs[k], &r)
	b.fresh[&r] = true
	b.touch(&r)
	return &r
}

func (b *batch) touch(r *Run) {
	for _, have := range b.used {
		if have == r {
			return
		}
	}
	b.used = append(b.used, r)
}

func (b *batch) say(r *Run, a duty.Attestation, p planAtHand) {
	a.Town, a.DutyID = p.TenantID, p.DutyID
	if r.OccurrenceID != nil {
		a.OccurrenceID = *r.OccurrenceID
	} else if r.StartedAt != nil {
		a.Began = *r.StartedAt
	}
	b.attest, b.from = append(b.attest, a), append(b.from, r)
}

// hear keeps the numbers a check-in carried.
func (r *Run) hear(n body.Numbers) {
	r.SaidBytes, r.SaidFiles, r.SaidGeneration, r.Tool = n.Bytes, n.Files, n.Generation, n.Tool
	if n.SHA256 != "" {
		sum := n.SHA256
		r.SaidSHA256 = &sum
	}
}
