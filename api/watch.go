package api

import (
	"context"
	"encoding/json"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

// Watch is how Tanamori itself is doing.
type Watch struct {
	Now       time.Time      `json:"now" doc:"The server's clock."`
	Jobs      []Round        `json:"jobs" nullable:"false" doc:"When each job last looked."`
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
	return Watch{Now: tx.Now.UTC(), Incidents: IncidentTotals(incidents), Outbox: OutboxTotals{notices.Queued, notices.Failed, utc(notices.Oldest)},
		Jobs: each(rounds, func(r duty.Round) Round {
			out := Round{Job: r.Job, StartedAt: r.StartedAt.UTC(), OkAt: utc(r.OkAt), Failing: r.LastError != "", Did: r.Did}
			if tx.Actor.May(tenants.ReadLog) {
				out.LastError = some(r.LastError)
			}
			return out
		})}, err
}

// LogLine is one line of the operation log (操作履歴).
type LogLine struct {
	TownID    int64           `json:"town_id"`
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	Actor     string          `json:"actor"`
	Posts     string          `json:"posts"`
	Act       string          `json:"act"`
	Object    string          `json:"object"`
	ObjectID  *int64          `json:"object_id"`
	Before    json.RawMessage `json:"before" doc:"What it was; null where there was nothing."`
	After     json.RawMessage `json:"after" doc:"What it became; null where nothing is left."`
	RequestID string          `json:"request_id"`
	Remote    string          `json:"remote"`
}

func logLineOf(l tenants.LogLine) LogLine {
	out := LogLine{TownID: l.TenantID, ID: l.ID, At: l.At.UTC(), Actor: l.Actor, Posts: l.Post, Act: l.Act, Object: l.Object,
		Before: json.RawMessage("null"), After: json.RawMessage("null"), RequestID: l.RequestID, Remote: l.Remote}
	if l.ObjectID != 0 {
		out.ObjectID = &l.ObjectID
	}
	if l.Before != nil {
		out.Before = json.RawMessage(*l.Before)
	}
	if l.After != nil {
		out.After = json.RawMessage(*l.After)
	}
	return out
}

func listLog(_ context.Context, tx *tenants.Tx, in *struct {
	Page
	Town int64 `query:"town_id" minimum:"0" doc:"One town's only."`
}) (List[LogLine], error) {
	before, err := in.before()
	if err != nil {
		return List[LogLine]{}, err
	}
	lines, err := tenants.OperationLog(tx, in.Town, before, in.Limit+1)
	return paged(lines, in.Limit, func(l tenants.LogLine) int64 { return l.ID }, logLineOf), err
}
