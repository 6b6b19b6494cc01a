package api

import (
	"context"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// Me is who asks.
type Me struct {
	ConsortiumID int64    `json:"consortium_id"`
	TownID       int64    `json:"town_id" doc:"The organisation the person belongs to."`
	PersonID     int64    `json:"person_id"`
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	Lang         string   `json:"lang" enum:"ja,en"`
	Posts        []string `json:"posts" nullable:"false" doc:"What they hold today: host_admin, operator, facility, auditor, town."`
	TownIDs      []int64  `json:"town_ids" nullable:"false" doc:"The towns in their reach."`
	May          []string `json:"may" nullable:"false" doc:"The acts that their posts allow, in the words of the operation log."`
}

func getMe(_ context.Context, tx *tenants.Tx, _ *nothing) (Me, error) {
	a := tx.Actor
	me := Me{ConsortiumID: a.Consortium, TownID: a.TenantID, PersonID: a.PersonID, Name: a.Name, Title: a.Title, Lang: a.Lang,
		Posts: each(a.Posts, func(p tenants.Post) string { return string(p) }), TownIDs: ids(a.Seen()), May: []string{}}
	for _, r := range routes() {
		if r.Act != "" && a.May(r.Act) && !slices.Contains(me.May, string(r.Act)) {
			me.May = append(me.May, string(r.Act))
		}
	}
	if a.May(tenants.ReadPingURL) { // no route of its own
		me.May = append(me.May, string(tenants.ReadPingURL))
	}
	slices.Sort(me.May)
	return me, nil
}

// PasswordInput changes the caller's own password.
type PasswordInput struct {
	Old string `json:"old" maxLength:"1000" doc:"The one they have."`
	New string `json:"new" maxLength:"1000" doc:"At least 12 characters, and not easy to guess."`
}

func changePassword(ctx context.Context, tx *tenants.Tx, in *struct{ Body PasswordInput }) error {
	return people.ChangeOwnPassword(ctx, tx, in.Body.Old, in.Body.New)
}

// keepSession lets the session go on that has just changed its own password; all others end with the former one.
func keepSession(d *door, c echo.Context) error {
	return d.gate.Renew(c)
}

// LangInput is the language in which the caller reads the console.
type LangInput struct {
	Lang string `json:"lang" enum:"ja,en"`
}

func changeLang(ctx context.Context, tx *tenants.Tx, in *struct{ Body LangInput }) error {
	return people.ChangeOwnLang(ctx, tx, in.Body.Lang)
}

// Token is a bearer token without its secret.
type Token struct {
	ID           int64      `json:"id"`
	Name         string     `json:"name" doc:"What it is for."`
	Prefix       string     `json:"prefix" doc:"Its first characters, to recognise it by." example:"tnm_a1b2"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	LastUsedAt   *time.Time `json:"last_used_at" doc:"To the minute."`
	LastUsedFrom *string    `json:"last_used_from"`
	RevokedAt    *time.Time `json:"revoked_at"`
	Acts         []string   `json:"acts" nullable:"false" doc:"The acts it opens; empty: all that its owner may."`
	TownIDs      []int64    `json:"town_ids" nullable:"false" doc:"The towns it opens; empty: all that its owner sees."`
}

// NewToken is a token at the moment it is made.
type NewToken struct {
	Token
	Secret string `json:"secret" doc:"The bearer token itself. It is shown here and never again."`
}

// TokenInput is what is entered about a token.
type TokenInput struct {
	Name    string    `json:"name" maxLength:"1000" doc:"What it is for."`
	Expires time.Time `json:"expires" doc:"When it ends, within three years."`
	Acts    []string  `json:"acts,omitempty" nullable:"false" maxItems:"100" doc:"The acts it opens, as in may of GET /me; nothing: all that its owner may. It never opens more than its owner may at the time."`
	TownIDs []int64   `json:"town_ids,omitempty" nullable:"false" maxItems:"5000" doc:"The towns it opens; nothing: all that its owner sees."`
}

func (in TokenInput) room() people.TokenInput {
	return people.TokenInput{Name: in.Name, Expires: in.Expires, Scope: scopeFrom(in.Acts, in.TownIDs)}
}

func tokenOf(t people.Token) Token {
	return Token{ID: t.ID, Name: t.Name, Prefix: t.Prefix, CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(), LastUsedAt: utc(t.LastUsedAt),
		LastUsedFrom: some(t.LastUsedFrom), RevokedAt: utc(t.RevokedAt), Acts: words(t.Scope.Acts), TownIDs: ids(t.Scope.Towns)}
}

func listTokens(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Token], error) {
	tokens, err := people.OwnTokens(ctx, tx)
	return whole(tokens, tokenOf), err
}

func createToken(ctx context.Context, tx *tenants.Tx, in *struct{ Body TokenInput }) (NewToken, error) {
	t, plain, err := people.CreateToken(ctx, tx, in.Body.room())
	return NewToken{tokenOf(t), plain}, err
}

func revokeToken(ctx context.Context, tx *tenants.Tx, in *struct {
	ID int64 `path:"id" minimum:"1" doc:"The token's id."`
}) error {
	return people.RevokeToken(ctx, tx, in.ID)
}
