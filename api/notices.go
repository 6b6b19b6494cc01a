package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// Notice is a message and every try to deliver it.
type Notice struct {
	TownID    int64      `json:"town_id"`
	ID        int64      `json:"id"`
	Kind      string     `json:"kind" enum:"opened,repeated,reopened,resolved,reminded,checkpoint,morning"`
	About     string     `json:"about" doc:"The noun of what it tells of." example:"incident"`
	AboutID   int64      `json:"about_id" doc:"The worst of them, where one message lists several."`
	Also      []int64    `json:"also_about_ids" nullable:"false" doc:"What it lists besides, in the order of the message; empty for a message about one thing."`
	ToPost    string     `json:"to_post"`
	ToName    string     `json:"to_name"`
	ToAddress string     `json:"to_address"`
	Subject   string     `json:"subject"`
	MessageID string     `json:"message_id" doc:"Of the mail, the same on every try."`
	State     string     `json:"state" enum:"queued,sending,sent,failed,withdrawn" doc:"withdrawn: what it tells of was over before it left, so it is not sent."`
	QueuedAt  time.Time  `json:"queued_at"`
	NextAt    *time.Time `json:"next_at" doc:"When it is tried next; null once it has come to an end."`
	Tries     int        `json:"tries"`
	SentAt    *time.Time `json:"sent_at"`
	Repeated  bool       `json:"repeated" doc:"An earlier try may have reached the person."`
	LastError string     `json:"last_error"`

	WithdrawnAt *time.Time `json:"withdrawn_at"`
	Attempts    []Attempt  `json:"attempts" nullable:"false"`
}

// Attempt is one try to deliver a notice.
type Attempt struct {
	N         int        `json:"n"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Outcome   *string    `json:"outcome" enum:"sent,refused,away,error,unknown" doc:"Null while it goes on; away: the mail server took nothing from anybody; unknown: it may have arrived."`
	Detail    string     `json:"detail" doc:"What the server said."`
}

func attemptOf(a notice.Attempt) Attempt {
	return Attempt{N: a.N, StartedAt: a.StartedAt.UTC(), EndedAt: utc(a.EndedAt), Outcome: some(a.Outcome), Detail: a.Detail}
}

func noticeOf(n notice.Notice) Notice {
	return Notice{TownID: n.TenantID, ID: n.ID, Kind: n.Kind, About: n.About, AboutID: n.AboutID, Also: append([]int64{}, n.Also...), ToPost: n.ToPost, ToName: n.ToName,
		ToAddress: n.ToAddress, Subject: n.Subject, MessageID: n.MessageID, State: n.State, QueuedAt: n.QueuedAt.UTC(), NextAt: utc(n.NextAt),
		Tries: n.Tries, SentAt: utc(n.SentAt), Repeated: n.Repeated, LastError: n.LastError, WithdrawnAt: utc(n.WithdrawnAt), Attempts: each(n.Attempts, attemptOf)}
}

func listNotices(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town    int64  `query:"town_id" minimum:"0" doc:"One town's only."`
	State   string `query:"state" enum:"queued,sending,sent,failed,withdrawn,unsent" doc:"unsent: queued, sending and failed."`
	About   string `query:"about" maxLength:"40" doc:"With about_id: messages that tell of that, alone or among others." example:"incident"`
	AboutID int64  `query:"about_id" minimum:"0"`
}) (List[Notice], error) {
	before, err := in.before()
	if err != nil {
		return List[Notice]{}, err
	}
	notices, err := notice.List(ctx, tx, notice.Filter{Town: in.Town, State: in.State, About: in.About, AboutID: in.AboutID, Before: before, Limit: in.Limit + 1})
	return paged(notices, in.Limit, func(n notice.Notice) int64 { return n.ID }, noticeOf), err
}
