package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/custody"
)

// Credential is a password in custody (起動用パスワード, 管理パスワード), without the password, which is kept nowhere.
type Credential struct {
	ID           int64         `json:"id"`
	Kind         string        `json:"kind" enum:"startup,management,other"`
	Name         string        `json:"name"`
	AppliesTo    string        `json:"applies_to" doc:"What it opens, and where." example:"ラックA-01 U20の起動画面"`
	RotateMonths int           `json:"rotate_months" doc:"It must be changed within so many months (運用上)."`
	OpenDays     int           `json:"open_days" doc:"And within so many days of an opening (運用上)."`
	Envelope     string        `json:"envelope" doc:"Number of the sealed envelope." example:"K-001"`
	Place        string        `json:"place" doc:"Where the envelope lies."`
	Opened       bool          `json:"opened" doc:"Its seal is broken."`
	SetAt        time.Time     `json:"set_at"`
	SetBy        string        `json:"set_by"`
	DueOn        calendar.Date `json:"due_on" format:"date" doc:"By when it must be changed; the next open day where that one is closed."`
	RetiredAt    *time.Time    `json:"retired_at"`
}

func credentialOf(c custody.Credential) Credential {
	return Credential{ID: c.ID, Kind: c.Kind, Name: c.Name, AppliesTo: c.AppliesTo, RotateMonths: c.RotateMonths, OpenDays: c.OpenDays, Envelope: c.Envelope, Place: c.Place,
		Opened: c.Opened, SetAt: c.SetAt.UTC(), SetBy: c.SetBy, DueOn: c.DueOn, RetiredAt: utc(c.RetiredAt)}
}

// CredentialEvent is one line of the ledger, as its corrections have it.
type CredentialEvent struct {
	ID         int64     `json:"id"`
	Kind       string    `json:"kind" enum:"set,opened,resealed,changed,retired"`
	OccurredAt time.Time `json:"occurred_at"`
	RecordedAt time.Time `json:"recorded_at"`
	ByID       int64     `json:"by_id"`
	By         string    `json:"by"`
	WitnessID  int64     `json:"witness_id" doc:"Another person."`
	Witness    string    `json:"witness"`
	RecordedBy string    `json:"recorded_by"`
	Envelope   string    `json:"envelope"`
	Place      string    `json:"place"`
	Reason     string    `json:"reason"`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"Of this line, the oldest first; the line stands as they have it."`
}

// CredentialWithEvents is one with its whole ledger.
type CredentialWithEvents struct {
	Credential
	Events []CredentialEvent `json:"events" nullable:"false" doc:"The oldest first."`
}

func credentialEventOf(e custody.Event) CredentialEvent {
	return CredentialEvent{ID: e.ID, Kind: e.Kind, OccurredAt: e.OccurredAt.UTC(), RecordedAt: e.RecordedAt.UTC(), ByID: e.ByID, By: e.ByText, WitnessID: e.WitnessID,
		Witness: e.WitnessText, RecordedBy: e.RecordedBy, Envelope: e.Envelope, Place: e.Place, Reason: e.Reason, Corrections: correctionsOf(e.Corrections)}
}

// CredentialTerms is what is entered about a password in custody. The password itself is never entered.
type CredentialTerms struct {
	Kind         string `json:"kind,omitempty" enum:"startup,management,other" doc:"Nothing leaves it as it is."`
	Name         string `json:"name" maxLength:"1000"`
	AppliesTo    string `json:"applies_to" maxLength:"1000"`
	RotateMonths int    `json:"rotate_months,omitempty" minimum:"1" maximum:"12" default:"12"`
	OpenDays     int    `json:"open_days,omitempty" minimum:"1" maximum:"90" default:"7"`
}

// CustodyEvent is what is entered about something that happened: by two persons, of whom the caller is one.
type CustodyEvent struct {
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"Nothing is now."`
	By         int64      `json:"by_id,omitempty" minimum:"0" doc:"Who did it; nothing is the caller."`
	Witness    int64      `json:"witness_id" minimum:"1" doc:"Another person who works for the host."`
	Envelope   string     `json:"envelope,omitempty" maxLength:"1000" doc:"Where it is sealed."`
	Place      string     `json:"place,omitempty" maxLength:"1000" doc:"Where it is sealed."`
	Reason     string     `json:"reason,omitempty" maxLength:"1000" doc:"Of an opening and of the end."`
}

func (e CustodyEvent) room(kind string) custody.EventInput {
	in := custody.EventInput{Kind: kind, By: e.By, Witness: e.Witness, Envelope: e.Envelope, Place: e.Place, Reason: e.Reason}
	if e.OccurredAt != nil {
		in.OccurredAt = *e.OccurredAt
	}
	return in
}

// CredentialInput takes one into custody.
type CredentialInput struct {
	CredentialTerms
	CustodyEvent
}

// InCustody names one in the path.
type InCustody struct {
	ID int64 `path:"id" minimum:"1" doc:"Its id."`
}

func listCustody(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Credential], error) {
	all, err := custody.List(ctx, tx)
	return whole(all, credentialOf), err
}

func getCustody(ctx context.Context, tx *tenants.Tx, in *InCustody) (CredentialWithEvents, error) {
	c, events, err := custody.Get(ctx, tx, in.ID)
	return CredentialWithEvents{credentialOf(c), each(events, credentialEventOf)}, err
}

func addCustody(ctx context.Context, tx *tenants.Tx, in *struct{ Body CredentialInput }) (Credential, error) {
	c, err := custody.Add(ctx, tx, custody.Input(in.Body.CredentialTerms), in.Body.room(custody.Set))
	return credentialOf(c), err
}

func changeCustody(ctx context.Context, tx *tenants.Tx, in *struct {
	InCustody
	Body CredentialTerms
}) (Credential, error) {
	c, err := custody.Change(ctx, tx, in.ID, custody.Input(in.Body))
	return credentialOf(c), err
}

type custodyWith[B any] struct {
	InCustody
	Body B
}

func recordCustody(kind string) act[custodyWith[CustodyEvent], Credential] {
	return func(ctx context.Context, tx *tenants.Tx, in *custodyWith[CustodyEvent]) (Credential, error) {
		c, err := custody.Record(ctx, tx, in.ID, in.Body.room(kind))
		return credentialOf(c), err
	}
}
