package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// Person is somebody with a login.
type Person struct {
	TownID     int64      `json:"town_id"`
	ID         int64      `json:"id"`
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	Lang       string     `json:"lang" enum:"ja,en"`
	CreatedAt  time.Time  `json:"created_at"`
	DisabledAt *time.Time `json:"disabled_at"`
	Machine    bool       `json:"machine" doc:"Acts by tokens and signs in nowhere."`
	Posts      []Post     `json:"posts" nullable:"false" doc:"The posts (職) they hold, held or will hold."`
}

// Post is a post that a person holds for some time.
type Post struct {
	ID      int64          `json:"id"`
	Kind    string         `json:"kind" enum:"host_admin,operator,facility,auditor,town"`
	Title   string         `json:"title" example:"住民福祉課長"`
	FromOn  calendar.Date  `json:"from_on" format:"date"`
	UntilOn *calendar.Date `json:"until_on" format:"date" doc:"The last day; null where no end is known."`

	At          int64          `json:"at" doc:"The town in which it is held."`
	ExOfficio   bool           `json:"ex_officio" doc:"It goes with an office (充て職)."`
	Manner      string         `json:"manner" enum:"appointment,designation"`
	AppointedBy string         `json:"appointed_by"`
	Document    string         `json:"document" doc:"Its number (文書番号)."`
	DocumentOn  *calendar.Date `json:"document_on" format:"date"`
	Acts        []string       `json:"acts" nullable:"false" doc:"Its scope (事務の範囲): the acts; empty: all that the post allows."`
	TownIDs     []int64        `json:"town_ids" nullable:"false" doc:"… and the towns; empty: all that the post reaches."`
}

func personOf(p people.Person) Person {
	return Person{TownID: p.TenantID, ID: p.ID, Login: p.Login, Name: p.Name, Lang: p.Lang, CreatedAt: p.CreatedAt.UTC(), DisabledAt: utc(p.DisabledAt), Machine: p.Machine,
		Posts: each(p.Posts, func(h people.HeldPost) Post {
			return Post{ID: h.ID, Kind: string(h.Kind), Title: h.Title, FromOn: h.FromOn, UntilOn: h.UntilOn, At: h.At, ExOfficio: h.OfficePostID != 0,
				Manner: string(h.Manner), AppointedBy: h.AppointedBy, Document: h.Document, DocumentOn: h.DocumentOn, Acts: words(h.Scope.Acts), TownIDs: ids(h.Scope.Towns)}
		})}
}

func personID(p people.Person) int64 { return p.ID }

func listPeople(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town int64 `query:"town_id" minimum:"0" doc:"One town's only."`
}) (List[Person], error) {
	var towns []int64
	if in.Town != 0 {
		towns = []int64{in.Town}
	}
	found, err := people.List(ctx, tx, towns...)
	if err != nil {
		return List[Person]{}, err
	}
	return pagedWhole(found, in.Page, personID, personOf)
}

func getPerson(ctx context.Context, tx *tenants.Tx, in *Of) (Person, error) {
	p, err := people.Get(ctx, tx, in.Town, in.ID)
	return personOf(p), err
}

// NewPerson is a person at the moment they are taken in.
type NewPerson struct {
	Person
	Password string `json:"password" doc:"To hand over. It is shown here and never again."`
}

// PersonInput is what is entered about a person to be added.
type PersonInput struct {
	Login string      `json:"login" maxLength:"1000" doc:"Over the whole installation; it cannot be changed."`
	Name  string      `json:"name" maxLength:"1000" example:"見本 一郎"`
	Lang  string      `json:"lang,omitempty" enum:"ja,en" default:"ja"`
	Posts []PostInput `json:"posts" nullable:"false" maxItems:"20" doc:"At least one."`
}

// PostInput is what is entered about a post.
type PostInput struct {
	Kind    string         `json:"kind" enum:"host_admin,operator,facility,auditor,town"`
	Title   string         `json:"title" maxLength:"1000"`
	FromOn  calendar.Date  `json:"from_on" format:"date"`
	UntilOn *calendar.Date `json:"until_on,omitempty" format:"date" doc:"The last day; nothing: the end of the fiscal year in which it begins."`
	NoEnd   bool           `json:"no_end,omitempty" doc:"No end is known, and that is meant so."`

	At          int64          `json:"at,omitempty" doc:"The town in which it is held; nothing: the person's own. A person of one town may hold posts in others."`
	Manner      string         `json:"manner,omitempty" enum:"appointment,designation" default:"appointment"`
	AppointedBy string         `json:"appointed_by,omitempty" maxLength:"1000" doc:"Who appointed, as the document says; nothing: the caller."`
	Document    string         `json:"document,omitempty" maxLength:"1000" doc:"Its number (文書番号)."`
	DocumentOn  *calendar.Date `json:"document_on,omitempty" format:"date"`
	Acts        []string       `json:"acts,omitempty" nullable:"false" maxItems:"100" doc:"The acts; nothing: all that the post allows."`
	TownIDs     []int64        `json:"town_ids,omitempty" nullable:"false" maxItems:"5000" doc:"The towns, of a post at the host; nothing: all."`
}

func (in PostInput) room() people.PostInput {
	return people.PostInput{Kind: tenants.Post(in.Kind), Title: in.Title, FromOn: in.FromOn, UntilOn: in.UntilOn, NoEnd: in.NoEnd, At: in.At,
		Manner: people.Manner(in.Manner), By: in.AppointedBy, Document: in.Document, DocumentOn: in.DocumentOn, Scope: scopeFrom(in.Acts, in.TownIDs)}
}

func addPerson(ctx context.Context, tx *tenants.Tx, in *townWith[PersonInput]) (NewPerson, error) {
	p, password, err := people.Add(ctx, tx, in.Town, people.Input{Login: in.Body.Login, Name: in.Body.Name, Lang: in.Body.Lang,
		Posts: each(in.Body.Posts, PostInput.room)})
	return NewPerson{personOf(p), password}, err
}

// PersonChange is what of a person may change.
type PersonChange struct {
	Name string `json:"name" maxLength:"1000"`
	Lang string `json:"lang,omitempty" enum:"ja,en" default:"ja"`
}

func changePerson(ctx context.Context, tx *tenants.Tx, in *ofWith[PersonChange]) (Person, error) {
	p, err := people.Change(ctx, tx, in.Town, in.ID, people.ChangeInput(in.Body))
	return personOf(p), err
}

// Meant is how the caller says that they mean what leaves too few to confirm something, having been told so.
type Meant struct {
	Anyway bool `query:"anyway" doc:"Do it although too few are left who may confirm something (409, owed: anyway)."`
}

func disablePerson(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Meant
}) (Person, error) {
	p, err := people.Disable(ctx, tx, in.Town, in.ID)
	return personOf(p), err
}

func enablePerson(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Reason string `query:"reason" maxLength:"1000" doc:"Why; it stands in the record of procedures."`
}) error {
	_, err := people.Enable(ctx, tx, in.Town, in.ID, in.Reason)
	return err
}

func addPost(ctx context.Context, tx *tenants.Tx, in *ofWith[PostInput]) (Person, error) {
	p, err := people.AddPost(ctx, tx, in.Town, in.ID, in.Body.room())
	return personOf(p), err
}

// PostEnd is the last day of a post.
type PostEnd struct {
	UntilOn calendar.Date `json:"until_on" format:"date" doc:"The last day."`
}

func endPost(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Meant
	Body PostEnd
}) (Person, error) {
	p, err := people.EndPost(ctx, tx, in.Town, in.ID, in.Body.UntilOn)
	return personOf(p), err
}

// Password is one that was issued.
type Password struct {
	Password string `json:"password" doc:"To hand over. It is shown here and never again."`
}

// Why is the reason of something done about a password.
type Why struct {
	Reason string `json:"reason" maxLength:"1000" doc:"Why; it stands in the record of procedures." example:"本人が忘れたため"`
}

func issuePassword(ctx context.Context, tx *tenants.Tx, in *ofWith[Why]) (Password, error) {
	password, err := people.SetPassword(ctx, tx, in.Town, in.ID, in.Body.Reason)
	return Password{password}, err
}

func listTokensOf(ctx context.Context, tx *tenants.Tx, in *Of) (List[Token], error) {
	if _, err := people.Get(ctx, tx, in.Town, in.ID); err != nil {
		return List[Token]{}, err
	}
	tokens, err := people.TokensOf(ctx, tx, in.Town, in.ID)
	return whole(tokens, tokenOf), err
}

func revokeTokenOf(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Token int64 `path:"token_id" minimum:"1" doc:"The token's id."`
}) error {
	return people.RevokeTokenOf(ctx, tx, in.Town, in.ID, in.Token)
}
