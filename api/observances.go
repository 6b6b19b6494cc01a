package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
)

// Observance is one version of a document that everybody must accept before work (遵守事項).
type Observance struct {
	Document   int           `json:"document" doc:"The document's number, the same in every town."`
	Version    int           `json:"version"`
	Title      string        `json:"title" example:"戸籍データ等利用者の遵守事項"`
	Body       string        `json:"body" doc:"Its text; empty in a version that withdraws the document."`
	SHA256     string        `json:"sha256" doc:"Of title, a line feed and body. Send it back to accept."`
	FromOn     calendar.Date `json:"from_on" format:"date" doc:"From when it is in force."`
	State      string        `json:"state" enum:"coming,in_force,past,withdrawn"`
	RecordedAt time.Time     `json:"recorded_at"`
	By         string        `json:"by"`
	AcceptedAt *time.Time    `json:"accepted_at" doc:"When the caller accepted it."`
}

func observanceOf(d observance.Document) Observance {
	return Observance{Document: d.Document, Version: d.Version, Title: d.Title, Body: d.Body, SHA256: d.SHA256, FromOn: d.FromOn, State: string(d.State()),
		RecordedAt: d.RecordedAt.UTC(), By: d.ByText, AcceptedAt: utc(d.AcceptedAt)}
}

func listOpenObservances(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Observance], error) {
	open, err := observance.Open(ctx, tx)
	return whole(open, observanceOf), err
}

func listObservances(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Observance], error) {
	all, err := observance.List(ctx, tx)
	return whole(all, observanceOf), err
}

// ObservanceInput is a version to be published.
type ObservanceInput struct {
	Document int           `json:"document,omitempty" minimum:"0" maximum:"2147483647" doc:"Of which document it is the next version; nothing begins a new one."`
	Title    string        `json:"title" maxLength:"1000"`
	Body     string        `json:"body" maxLength:"30000" doc:"At most 20,000 characters."`
	FromOn   calendar.Date `json:"from_on" format:"date" doc:"Today or later."`
}

func publishObservance(ctx context.Context, tx *tenants.Tx, in *struct{ Body ObservanceInput }) (Observance, error) {
	d, err := observance.Publish(ctx, tx, observance.Input(in.Body))
	return observanceOf(d), err
}

// OfVersion names a version in the path.
type OfVersion struct {
	Document int `path:"document" minimum:"1" maximum:"2147483647" doc:"The document's number."`
	Version  int `path:"version" minimum:"1" maximum:"2147483647"`
}

func getObservance(ctx context.Context, tx *tenants.Tx, in *OfVersion) (Observance, error) {
	d, err := observance.Get(ctx, tx, in.Document, in.Version)
	return observanceOf(d), err
}

// AcceptanceInput says which text was read.
type AcceptanceInput struct {
	SHA256 string `json:"sha256" maxLength:"64" pattern:"^[0-9a-f]{64}$" doc:"As the version shows it."`
}

// Acceptance is the caller's acceptance of a version.
type Acceptance struct {
	Document int       `json:"document"`
	Version  int       `json:"version"`
	SHA256   string    `json:"sha256"`
	At       time.Time `json:"at"`
}

func acceptObservance(ctx context.Context, tx *tenants.Tx, in *struct {
	OfVersion
	Body AcceptanceInput
}) (Acceptance, error) {
	a, err := observance.Accept(ctx, tx, in.Document, in.Version, in.Body.SHA256)
	a.At = a.At.UTC()
	return Acceptance(a), err
}

// ObservancePerson is where one person stands with a version.
type ObservancePerson struct {
	TownID     int64      `json:"town_id"`
	PersonID   int64      `json:"person_id"`
	Name       string     `json:"name"`
	Titles     string     `json:"titles" doc:"Of the posts that they hold today."`
	Active     bool       `json:"active" doc:"Works today; who does not is not waited for."`
	AcceptedAt *time.Time `json:"accepted_at" doc:"null: not yet."`
}

func listObservancePeople(ctx context.Context, tx *tenants.Tx, in *struct {
	OfVersion
	Page
	Town int64 `query:"town_id" minimum:"0" doc:"One town's only."`
	Open bool  `query:"open" doc:"Only those who have not."`
}) (List[ObservancePerson], error) {
	var towns []int64
	if in.Town != 0 {
		towns = []int64{in.Town}
	}
	found, err := observance.People(ctx, tx, in.Document, in.Version, in.Open, towns...)
	if err != nil {
		return List[ObservancePerson]{}, err
	}
	return pagedWhole(found, in.Page, func(s observance.Standing) int64 { return s.PersonID }, func(s observance.Standing) ObservancePerson {
		return ObservancePerson{TownID: s.TenantID, PersonID: s.PersonID, Name: s.Name, Titles: s.Titles, Active: s.Active, AcceptedAt: utc(s.AcceptedAt)}
	})
}

// WithdrawalInput ends a document.
type WithdrawalInput struct {
	FromOn calendar.Date `json:"from_on" format:"date" doc:"From when nobody is asked for it; today or later."`
}

func withdrawObservance(ctx context.Context, tx *tenants.Tx, in *struct {
	Document int `path:"document" minimum:"1" maximum:"2147483647" doc:"The document's number."`
	Body     WithdrawalInput
}) (Observance, error) {
	d, err := observance.Withdraw(ctx, tx, in.Document, in.Body.FromOn)
	return observanceOf(d), err
}
