package api

import (
	"context"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/town"
)

// Consortium is a host and its towns under one agreement.
type Consortium struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Demo bool   `json:"demo" doc:"Loaded for demonstration: its people and machines do not exist."`
}

func getConsortium(ctx context.Context, tx *tenants.Tx, _ *nothing) (Consortium, error) {
	c, err := town.Consortium(ctx, tx)
	return Consortium(c), err
}

// Town is one municipality.
type Town struct {
	ID       int64          `json:"id"`
	Code     string         `json:"code" doc:"Local government code (全国地方公共団体コード), six digits." example:"015865"`
	Kind     string         `json:"kind" enum:"host,member" doc:"host: the town that runs the servers (受託町); member: one it runs them for (関係町村)."`
	Name     string         `json:"name" example:"むかわ町"`
	Kana     string         `json:"kana" example:"むかわちょう"`
	Zone     string         `json:"zone" doc:"IANA time zone." example:"Asia/Tokyo"`
	JoinedOn calendar.Date  `json:"joined_on" format:"date"`
	LeftOn   *calendar.Date `json:"left_on" format:"date" doc:"The first day on which it is no longer served."`
	PingKey  *string        `json:"ping_key" doc:"For check-ins by slug: /ping/{ping_key}/{slug}. Null for those who may not read check-in addresses."`
}

// TownInput is what is entered about a town.
type TownInput struct {
	Code     string         `json:"code" maxLength:"64" doc:"Six digits, the last of which checks the others." example:"015865"`
	Name     string         `json:"name" maxLength:"1000" example:"むかわ町"`
	Kana     string         `json:"kana" maxLength:"1000" example:"むかわちょう"`
	Zone     string         `json:"zone,omitempty" maxLength:"100" doc:"IANA time zone; empty: Asia/Tokyo."`
	JoinedOn calendar.Date  `json:"joined_on" format:"date"`
	LeftOn   *calendar.Date `json:"left_on,omitempty" format:"date" doc:"Nothing while it is served."`
}

func townOf(t town.Town) Town {
	return Town{ID: t.ID, Code: t.Code, Kind: t.Kind, Name: t.Name, Kana: t.Kana, Zone: t.Zone, JoinedOn: t.JoinedOn, LeftOn: t.LeftOn, PingKey: some(t.PingKey)}
}

func townID(t town.Town) int64 { return t.ID }

func listTowns(ctx context.Context, tx *tenants.Tx, in *Page) (List[Town], error) {
	towns, err := town.List(ctx, tx)
	if err != nil {
		return List[Town]{}, err
	}
	return pagedWhole(towns, *in, townID, townOf)
}

func getTown(ctx context.Context, tx *tenants.Tx, in *InTown) (Town, error) {
	t, err := town.Get(ctx, tx, in.Town)
	return townOf(t), err
}

func addTown(ctx context.Context, tx *tenants.Tx, in *struct{ Body TownInput }) (Town, error) {
	t, err := town.Add(ctx, tx, town.Input(in.Body))
	return townOf(t), err
}

func changeTown(ctx context.Context, tx *tenants.Tx, in *townWith[TownInput]) (Town, error) {
	t, err := town.Change(ctx, tx, in.Town, town.Input(in.Body))
	return townOf(t), err
}

func rotatePingKey(ctx context.Context, tx *tenants.Tx, in *InTown) (Town, error) {
	t, err := town.RotatePingKey(ctx, tx, in.Town)
	return townOf(t), err
}

// Ladder says how soon after an incident opens each contact is told.
type Ladder struct {
	TownID        int64  `json:"town_id"`
	ID            int64  `json:"id"`
	Name          string `json:"name" example:"標準"`
	Delays        []int  `json:"delays" nullable:"false" doc:"Minutes after the opening, one a contact, ascending."`
	RepeatMinutes int    `json:"repeat_minutes" doc:"How often the last contact is told again until somebody answers."`
}

// LadderInput is what is entered about a ladder.
type LadderInput struct {
	Name          string `json:"name" maxLength:"1000"`
	Delays        []int  `json:"delays" nullable:"false" maxItems:"100" doc:"Minutes, ascending: 1 to 20 of them, at most a week each."`
	RepeatMinutes int    `json:"repeat_minutes" doc:"5 to 1440."`
}

func ladderOf(l town.Ladder) Ladder {
	return Ladder{TownID: l.TenantID, ID: l.ID, Name: l.Name, Delays: l.Delays, RepeatMinutes: l.RepeatMinutes}
}

func listLadders(ctx context.Context, tx *tenants.Tx, in *InTown) (List[Ladder], error) {
	ladders, err := town.Ladders(ctx, tx, in.Town)
	return whole(ladders, ladderOf), err
}

func changeLadder(ctx context.Context, tx *tenants.Tx, in *ofWith[LadderInput]) (Ladder, error) {
	l, err := town.ChangeLadder(ctx, tx, in.Town, in.ID, town.LadderInput(in.Body))
	return ladderOf(l), err
}
