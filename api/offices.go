package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// Office is an office (役職) of a town, and what goes with it.
type Office struct {
	TownID  int64        `json:"town_id"`
	ID      int64        `json:"id"`
	Name    string       `json:"name" example:"住民福祉課長"`
	Holders []Holder     `json:"holders" nullable:"false" doc:"Who held, holds and will hold it, the newest first."`
	Ahead   bool         `json:"ahead" doc:"Its newest hand-over has its day still to come, and can be taken back."`
	Back    []Withdrawn  `json:"taken_back" nullable:"false" doc:"Hand-overs that were taken back before their day, the newest first."`
	Posts   []OfficePost `json:"posts" nullable:"false" doc:"The posts that whoever holds it holds too (充て職)."`
}

// Holder is somebody's time in an office.
type Holder struct {
	PersonID   int64          `json:"person_id"`
	Person     string         `json:"person"`
	FromOn     calendar.Date  `json:"from_on" format:"date"`
	UntilOn    *calendar.Date `json:"until_on" format:"date"`
	Document   string         `json:"document"`
	DocumentOn *calendar.Date `json:"document_on" format:"date"`
}

// Withdrawn is a hand-over that was taken back before its day.
type Withdrawn struct {
	PersonID int64         `json:"person_id"`
	Person   string        `json:"person"`
	FromOn   calendar.Date `json:"from_on" format:"date" doc:"The day that did not come."`
	At       time.Time     `json:"at"`
	By       string        `json:"by"`
}

// OfficePost is a post that goes with an office.
type OfficePost struct {
	ID      int64    `json:"id"`
	At      int64    `json:"at" doc:"The town in which it is held."`
	Kind    string   `json:"kind" enum:"host_admin,operator,facility,auditor,town"`
	Title   string   `json:"title"`
	Manner  string   `json:"manner" enum:"appointment,designation"`
	Acts    []string `json:"acts" nullable:"false"`
	TownIDs []int64  `json:"town_ids" nullable:"false"`
}

func officeOf(on calendar.Date) func(people.Office) Office {
	return func(o people.Office) Office { return officeAs(o, on) }
}

func officeAs(o people.Office, on calendar.Date) Office {
	return Office{TownID: o.TenantID, ID: o.ID, Name: o.Name, Ahead: o.Ahead(on), Back: each(o.Withdrawn, func(h people.Holder) Withdrawn {
		return Withdrawn{h.PersonID, h.Person, h.FromOn, h.WithdrawnAt.UTC(), h.WithdrawnBy}
	}), Holders: each(o.Holders, func(h people.Holder) Holder {
		return Holder{h.PersonID, h.Person, h.FromOn, h.UntilOn, h.Document, h.DocumentOn}
	}), Posts: each(o.Posts, func(p people.OfficePost) OfficePost {
		return OfficePost{p.ID, p.At, string(p.Kind), p.Title, string(p.Manner), words(p.Scope.Acts), ids(p.Scope.Towns)}
	})}
}

func listOffices(ctx context.Context, tx *tenants.Tx, in *InTown) (List[Office], error) {
	found, err := people.Offices(ctx, tx, in.Town)
	return whole(found, officeOf(today(tx))), err
}

func getOffice(ctx context.Context, tx *tenants.Tx, in *Of) (Office, error) {
	o, err := people.GetOffice(ctx, tx, in.Town, in.ID)
	return officeAs(o, today(tx)), err
}

// OfficeInput is what is entered about an office.
type OfficeInput struct {
	Name string `json:"name" maxLength:"1000"`
}

func addOffice(ctx context.Context, tx *tenants.Tx, in *townWith[OfficeInput]) (Office, error) {
	o, err := people.AddOffice(ctx, tx, in.Town, in.Body.Name)
	return officeAs(o, today(tx)), err
}

// OfficePostInput is what is entered about a post that is to go with an office.
type OfficePostInput struct {
	Kind    string   `json:"kind" enum:"host_admin,operator,facility,auditor,town"`
	Title   string   `json:"title,omitempty" maxLength:"1000" doc:"Nothing: the office's name."`
	At      int64    `json:"at,omitempty" doc:"The town in which it is held; nothing: the office's own."`
	Manner  string   `json:"manner,omitempty" enum:"appointment,designation" default:"appointment"`
	Acts    []string `json:"acts,omitempty" nullable:"false" maxItems:"100"`
	TownIDs []int64  `json:"town_ids,omitempty" nullable:"false" maxItems:"5000"`
}

func addOfficePost(ctx context.Context, tx *tenants.Tx, in *ofWith[OfficePostInput]) (Office, error) {
	o, err := people.AddOfficePost(ctx, tx, in.Town, in.ID, people.OfficePostInput{Kind: tenants.Post(in.Body.Kind), Title: in.Body.Title, At: in.Body.At,
		Manner: people.Manner(in.Body.Manner), Scope: scopeFrom(in.Body.Acts, in.Body.TownIDs)})
	return officeAs(o, today(tx)), err
}

func dropOfficePost(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Meant
	Post int64 `path:"post_id" minimum:"1" doc:"The id among the office's posts."`
}) (Office, error) {
	o, err := people.DropOfficePost(ctx, tx, in.Town, in.ID, in.Post)
	return officeAs(o, today(tx)), err
}

// HandOverInput is what is entered when an office changes hands.
type HandOverInput struct {
	PersonID   int64          `json:"person_id,omitempty" doc:"A person of the same town; nothing: it stands empty."`
	FromOn     calendar.Date  `json:"from_on" format:"date" doc:"The successor's first day. The former holder's posts end the day before."`
	Document   string         `json:"document,omitempty" maxLength:"1000"`
	DocumentOn *calendar.Date `json:"document_on,omitempty" format:"date"`
}

func handOver(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Meant
	Body HandOverInput
}) (Office, error) {
	o, err := people.HandOver(ctx, tx, in.Town, in.ID, people.HandOverInput{To: in.Body.PersonID, FromOn: in.Body.FromOn, Document: in.Body.Document,
		DocumentOn: in.Body.DocumentOn})
	return officeAs(o, today(tx)), err
}

func takeBack(ctx context.Context, tx *tenants.Tx, in *Of) (Office, error) {
	o, err := people.TakeBack(ctx, tx, in.Town, in.ID)
	return officeAs(o, today(tx)), err
}

func today(tx *tenants.Tx) calendar.Date { return calendar.DateOf(tx.Now, tokyo) }

// MachineInput is what is entered about a machine.
type MachineInput struct {
	Name string    `json:"name" maxLength:"1000" example:"監視サーバ"`
	Post PostInput `json:"post" doc:"What it may do, where and until when."`
}

func addMachine(ctx context.Context, tx *tenants.Tx, in *townWith[MachineInput]) (Person, error) {
	p, err := people.AddMachine(ctx, tx, in.Town, people.MachineInput{Name: in.Body.Name, Post: in.Body.Post.room()})
	return personOf(p), err
}

func createMachineToken(ctx context.Context, tx *tenants.Tx, in *ofWith[TokenInput]) (NewToken, error) {
	t, plain, err := people.CreateMachineToken(ctx, tx, in.Town, in.ID, in.Body.room())
	return NewToken{tokenOf(t), plain}, err
}
