package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/proposal"
)

// Proposal is a change that waits for a second person (照合), or waited.
type Proposal struct {
	TownID    int64          `json:"town_id"`
	ID        int64          `json:"id"`
	State     string         `json:"state" enum:"waiting,confirmed,refused,withdrawn"`
	By        string         `json:"by" doc:"Who asked for it, as on that day."`
	At        time.Time      `json:"at"`
	DecidedBy *string        `json:"decided_by"`
	DecidedAt *time.Time     `json:"decided_at"`
	Reason    *string        `json:"reason" doc:"Why it was sent back."`
	Lines     []ProposalLine `json:"lines" nullable:"false" doc:"What it leaves in the operation log."`
	May       bool           `json:"may_confirm" doc:"Whether the caller could confirm it."`
}

// ProposalLine is one line of what changes.
type ProposalLine struct {
	TownID   int64           `json:"town_id"`
	Act      string          `json:"act"`
	Object   string          `json:"object"`
	ObjectID int64           `json:"object_id"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
}

func proposalOf(a tenants.Actor) func(proposal.Proposal) Proposal {
	return func(p proposal.Proposal) Proposal {
		return Proposal{TownID: p.TenantID, ID: p.ID, State: string(p.State), By: p.ByText, At: p.At.UTC(), DecidedBy: some(p.DecidedText), DecidedAt: utc(p.DecidedAt),
			Reason: some(p.Reason), May: p.May(a), Lines: each(p.Lines, func(l proposal.Line) ProposalLine {
				return ProposalLine{TownID: l.Town, Act: string(l.Act), Object: l.Object, ObjectID: l.ObjectID, Before: orNull(l.Before), After: orNull(l.After)}
			})}
	}
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

func listProposals(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town    int64 `query:"town_id" minimum:"0" doc:"One town's only."`
	Waiting bool  `query:"waiting" doc:"Only those that wait."`
}) (List[Proposal], error) {
	before, err := in.before()
	if err != nil {
		return List[Proposal]{}, err
	}
	found, err := proposal.List(ctx, tx, in.Town, before, in.Waiting, in.Limit+1)
	return paged(found, in.Limit, func(p proposal.Proposal) int64 { return p.ID }, proposalOf(tx.Actor)), err
}

// Refusal is why a proposal is sent back.
type Refusal struct {
	Reason string `json:"reason" maxLength:"1000" doc:"Not needed to take one's own back."`
}

func refuseProposal(ctx context.Context, tx *tenants.Tx, in *ofWith[Refusal]) error {
	return proposal.Refuse(ctx, tx, in.Town, in.ID, in.Body.Reason)
}

// SecondPerson is for which acts a town asks for a second person.
type SecondPerson struct {
	Acts []string `json:"acts" nullable:"false" maxItems:"20" doc:"town.write, contact.write, plan.write, person.write, server.write, calendar.write."`
}

func secondPersonOf(acts []tenants.Act) SecondPerson {
	return SecondPerson{each(acts, func(a tenants.Act) string { return string(a) })}
}

func getSecondPerson(ctx context.Context, tx *tenants.Tx, in *InTown) (SecondPerson, error) {
	acts, err := proposal.Setting(ctx, tx, in.Town)
	return secondPersonOf(acts), err
}

func setSecondPerson(ctx context.Context, tx *tenants.Tx, in *townWith[SecondPerson]) (SecondPerson, error) {
	acts, err := proposal.Set(ctx, tx, in.Town, each(in.Body.Acts, func(a string) tenants.Act { return tenants.Act(a) }))
	return secondPersonOf(acts), err
}

// Carried is a proposal that was carried out.
type Carried struct {
	Status int             `json:"status" doc:"What the request that waited was answered."`
	Body   json.RawMessage `json:"body" doc:"Its answer, where that was JSON; null for a page's form. A secret in it is shown here and never again."`
}

// confirming is the one operation that is no act of its own: it carries out another one, in that one's transaction.
func confirming(path, id string, permit tenants.Act, ja, en string) route {
	return route{Method: http.MethodPost, Status: http.StatusOK, Path: path, ID: id, Act: permit, Ja: ja, En: en, mount: func(d *door, api huma.API, r route) {
		huma.Register(api, r.operation(), func(ctx context.Context, in *Of) (*answer[Carried], error) {
			c, ok := ctx.Value(echoKey{}).(echo.Context)
			if !ok {
				return nil, fmt.Errorf("%s: not entered by the door", r.ID)
			}
			// Who has not accepted the rules in force confirms nothing either.
			if err := d.act(c, r, func(context.Context, *tenants.Tx) error { return nil }); err != nil {
				return nil, d.problem(c, err)
			}
			got, err := d.gate.ConfirmProposal(c, in.Town, in.ID)
			if err != nil {
				return nil, d.problem(c, err)
			}
			out := Carried{Status: got.Status, Body: json.RawMessage("null")}
			if strings.HasPrefix(got.ContentType, "application/json") && json.Valid(got.Body) {
				out.Body = got.Body
			}
			said, err := r.say(out)
			if err != nil {
				return nil, d.problem(c, err)
			}
			c.Response().Header().Set("Cache-Control", "no-store")
			return &answer[Carried]{Status: said.Status, Body: body[Carried]{said.Body}}, nil
		})
	}}
}
