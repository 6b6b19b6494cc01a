package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/watch"
)

// Watch is how Tanamori itself is doing.
type Watch struct {
	Now       time.Time      `json:"now" doc:"The server's clock."`
	Jobs      []Round        `json:"jobs" nullable:"false" doc:"When each job last looked."`
	Audit     Audit          `json:"audit" doc:"What Tanamori finds late or lost in its own work."`
	Incidents IncidentTotals `json:"incidents" doc:"Of the towns in reach."`
	Outbox    OutboxTotals   `json:"outbox" doc:"Of the towns in reach."`
}

// Round is one job's newest run.
type Round struct {
	Job       string     `json:"job"`
	StartedAt time.Time  `json:"started_at"`
	OkAt      *time.Time `json:"ok_at" doc:"When it last ran to its end."`
	Failing   bool       `json:"failing"`
	LastError *string    `json:"last_error" doc:"For those who may read the operation log."`
	Did       int        `json:"did" doc:"How much there was to do."`
}

// Audit is what the audit finds, every minute: for the towns in reach.
type Audit struct {
	OkAt     *time.Time `json:"ok_at" doc:"When it last ran to its end. What it finds is no failure of its own."`
	Fine     bool       `json:"fine" doc:"Nothing is late that should not be."`
	Breaches []Breach   `json:"breaches" nullable:"false" doc:"What stands for longer than a minute, the oldest first."`
	Mended   int        `json:"mended" doc:"What it put right by itself within a day."`
	Outward  *Outward   `json:"heartbeat" doc:"The sign of life to an address outside; null where none was sent, and for whoever may not see the outbox."`
}

// Breach is one kind of what should have happened and has not.
type Breach struct {
	Kind    string    `json:"kind" example:"duty.unjudged"`
	Reason  *Reason   `json:"reason"`
	Setting bool      `json:"setting" doc:"For people to set right (nobody to call), and no malfunction."`
	Count   int       `json:"count"`
	Towns   int       `json:"towns" doc:"How many towns it concerns."`
	Since   time.Time `json:"since"`
}

// Outward is how the sign of life stands.
type Outward struct {
	OkAt         *time.Time `json:"ok_at" doc:"The last that arrived."`
	FailingSince *time.Time `json:"failing_since" doc:"The first of those that have not arrived since."`
	Reason       *Reason    `json:"reason" doc:"Why."`
}

func auditOf(s watch.State, rounds []duty.Round, tx *tenants.Tx) Audit {
	out := Audit{Fine: s.Fine(), Mended: s.Mended, Breaches: each(s.Breaches, func(b watch.Standing) Breach {
		return Breach{Kind: b.Kind, Reason: reasonOf(watch.Reason(b.Kind, b.Count, b.Since, tx.Now, time.UTC, false)), Setting: b.Setting, Count: b.Count,
			Towns: b.Towns, Since: b.Since.UTC()}
	})}
	for _, r := range rounds {
		if r.Job == "audit" {
			out.OkAt = utc(r.OkAt)
			out.Fine = out.Fine && !r.Stale(tx.Now)
		}
	}
	if o := s.Outward; o.SentAt != nil && tx.Actor.May(tenants.ReadOutbox) {
		out.Outward = &Outward{OkAt: utc(o.OkAt), FailingSince: utc(o.FailingSince)}
		if o.Reason.Code != "" {
			out.Outward.Reason = reasonOf(o.Reason)
		}
	}
	return out
}

// IncidentTotals is how many incidents are not over.
type IncidentTotals struct {
	Open         int `json:"open" doc:"Nobody has answered."`
	Acknowledged int `json:"acknowledged"`
}

// OutboxTotals is how sending stands.
type OutboxTotals struct {
	Queued int        `json:"queued" doc:"Waiting or on their way."`
	Failed int        `json:"failed" doc:"Refused for good within seven days."`
	Oldest *time.Time `json:"oldest" doc:"When the longest waiting one was queued."`
}

func getWatch(ctx context.Context, tx *tenants.Tx, _ *nothing) (Watch, error) {
	incidents, err := incident.OpenCount(ctx, tx)
	if err != nil {
		return Watch{}, err
	}
	notices, err := notice.Counts(ctx, tx)
	if err != nil {
		return Watch{}, err
	}
	rounds, err := duty.Rounds(ctx, tx)
	if err != nil {
		return Watch{}, err
	}
	state, err := watch.Read(ctx, tx)
	return Watch{Now: tx.Now.UTC(), Incidents: IncidentTotals(incidents), Outbox: OutboxTotals{notices.Queued, notices.Failed, utc(notices.Oldest)},
		Audit: auditOf(state, rounds, tx), Jobs: each(rounds, func(r duty.Round) Round {
			out := Round{Job: r.Job, StartedAt: r.StartedAt.UTC(), OkAt: utc(r.OkAt), Failing: r.LastError != "", Did: r.Did}
			if tx.Actor.May(tenants.ReadLog) {
				out.LastError = some(r.LastError)
			}
			return out
		})}, err
}
