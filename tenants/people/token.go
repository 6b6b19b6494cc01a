package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

const (
	tokenPrefix  = "tnm_" // by which a token is known in a log or a leaked file
	tokenLength  = len(tokenPrefix) + 43
	shownLength  = len(tokenPrefix) + 4
	longestYears = 3
	usedEvery    = time.Minute // how often the last use is written down at most
)

// Token is a bearer token without its secret, of which only the SHA-256 is kept.
type Token struct {
	TenantID     int64
	ID           int64
	PersonID     int64
	Name         string // what it is for
	Prefix       string // the first characters, to recognise it by
	CreatedAt    time.Time
	ExpiresAt    time.Time
	LastUsedAt   *time.Time // to the minute
	LastUsedFrom string
	RevokedAt    *time.Time
	Scope        tenants.Scope `gorm:"-"` // what of its owner's acts and towns it opens; empty: all
}

type tokenRow struct {
	Token
	Acts, Towns string
}

func (r tokenRow) token() (Token, error) {
	var err error
	r.Token.Scope, err = scopeOf(r.Acts, r.Towns)
	return r.Token, err
}

// TokenInput is what is entered about a token.
type TokenInput struct {
	Name    string
	Expires time.Time
	Scope   tenants.Scope // never more than its owner may, whatever it says; empty: all of that
}

// Valid tells whether the token opens anything at that time.
func (t Token) Valid(at time.Time) bool { return t.RevokedAt == nil && at.Before(t.ExpiresAt) }

const tokenColumns = `tenant_id, id, person_id, name, prefix, created_at, expires_at, last_used_at, coalesce(last_used_from, '') AS last_used_from, revoked_at,
	array_to_string(acts, ',') AS acts, array_to_string(towns, ',') AS towns`

// CreateToken makes a token by which a program acts as the actor until it expires, at most three years ahead. The plain
// token is given here and never again. One that is made by a token opens no more than that one does. Whoever makes one on a screen
// has shown shortly before who they are: it outlasts the session by years, and is asked for nothing more.
func CreateToken(_ context.Context, tx *tenants.Tx, in TokenInput) (Token, string, error) {
	if err := tx.Permit(tenants.OwnTokens, tx.Actor.TenantID); err != nil {
		return Token{}, "", err
	}
	if err := tx.Sure(); err != nil {
		return Token{}, "", err
	}
	if tx.Actor.Machine {
		return Token{}, "", tenants.Forbidden(tenants.OwnTokens) // whoever looks after it does
	}
	var v tenants.Invalid
	in.Scope = within(checkScope(&v, tx, in.Scope, tx.Actor.Acts()), tx.Actor.Limit)
	return createToken(tx, v, tenants.OwnTokens, tx.Actor.TenantID, tx.Actor.PersonID, in)
}

// CreateTokenFor makes a token for a login from the command line, in the gate's transaction, and gives it plain.
func CreateTokenFor(_ context.Context, tx *tenants.Tx, login, name string, expires time.Time) (string, error) {
	var found []struct {
		TenantID, ID int64
		Disabled     bool
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, disabled_at IS NOT NULL AS disabled FROM person WHERE login = ?`, plainLogin(login)).Scan(&found).Error
	if err != nil {
		return "", fmt.Errorf("create token: %w", err)
	}
	var v tenants.Invalid
	switch {
	case len(found) == 0:
		v.Add("login", "この利用者IDの人はいません。", "Nobody has this login.")
	case found[0].Disabled:
		v.Add("login", "この人は無効になっています。", "This person is disabled.")
	}
	if err := v.Err(); err != nil {
		return "", err
	}
	_, plain, err := createToken(tx, v, tenants.OwnTokens, found[0].TenantID, found[0].ID, TokenInput{Name: name, Expires: expires})
	return plain, err
}

func createToken(tx *tenants.Tx, v tenants.Invalid, act tenants.Act, tenantID, personID int64, in TokenInput) (Token, string, error) {
	name, expires := entry.Line(&v, "name", in.Name, 60), in.Expires
	if !expires.After(tx.Now) || expires.After(tx.Now.AddDate(longestYears, 0, 0)) {
		v.Add("expires", fmt.Sprintf("有効期限は、いまより後で%d年以内にしてください。", longestYears),
			fmt.Sprintf("A token expires within %d years from now.", longestYears))
	}
	if err := v.Err(); err != nil {
		return Token{}, "", err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails, see its documentation
	plain := tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
	hash := sha256.Sum256([]byte(plain))
	var made tokenRow
	err := tx.DB.Raw(`INSERT INTO api_token (tenant_id, person_id, name, prefix, hash, created_at, expires_at, acts, towns)
		VALUES (@town, @person, @name, @prefix, @hash, @now, @expires, string_to_array(@acts, ','), string_to_array(@towns, ',')::bigint[]) RETURNING `+tokenColumns,
		map[string]any{"acts": joined(in.Scope.Acts), "towns": tenants.IDs(in.Scope.Towns), "town": tenantID, "person": personID, "name": name, "prefix": plain[:shownLength], "hash": hash[:],
			"now": tx.Now, "expires": expires}).Scan(&made).Error
	if err != nil {
		return Token{}, "", fmt.Errorf("create token: %w", err)
	}
	t, err := made.token()
	if err != nil {
		return Token{}, "", err
	}
	return t, plain, tx.Record(tenants.Line{Town: tenantID, Act: act, Object: "api_token", ObjectID: t.ID, After: t})
}

// FindToken is whom a bearer token belongs to and what they may do now, as Load finds it. It runs in the gate's
// transaction and writes the token's last use and where it came from, at most once a minute.
func FindToken(ctx context.Context, tx *tenants.Tx, plain string) (tenants.Actor, error) {
	if len(plain) != tokenLength || !strings.HasPrefix(plain, tokenPrefix) {
		return tenants.Actor{}, unknownToken()
	}
	hash := sha256.Sum256([]byte(plain))
	var found []tokenRow
	if err := tx.DB.Raw(`SELECT `+tokenColumns+` FROM api_token WHERE hash = ?`, hash[:]).Scan(&found).Error; err != nil {
		return tenants.Actor{}, fmt.Errorf("find token: %w", err)
	}
	if len(found) == 0 || found[0].RevokedAt != nil {
		return tenants.Actor{}, unknownToken()
	}
	t, err := found[0].token()
	if err != nil {
		return tenants.Actor{}, err
	}
	if !t.Valid(tx.Now) {
		return tenants.Actor{}, tenants.Unauthenticated("このトークンは有効期限が切れています。", "This token has expired.")
	}
	actor, err := Load(ctx, tx, t.TenantID, t.PersonID)
	if err != nil {
		return tenants.Actor{}, err
	}
	actor.Limit = t.Scope
	if t.LastUsedAt == nil || tx.Now.Sub(*t.LastUsedAt) >= usedEvery {
		err := tx.DB.Exec(`UPDATE api_token SET last_used_at = @now, last_used_from = @from WHERE tenant_id = @town AND id = @id`,
			map[string]any{"now": tx.Now, "from": tx.Actor.Remote, "town": t.TenantID, "id": t.ID}).Error
		if err != nil {
			return tenants.Actor{}, fmt.Errorf("note the use of token %d: %w", t.ID, err)
		}
	}
	return actor, nil
}

func unknownToken() error {
	return tenants.Unauthenticated("このトークンは使えません。", "This token is not valid.")
}

// OwnTokens gives the actor's tokens, the newest first, those revoked or expired too.
func OwnTokens(_ context.Context, tx *tenants.Tx) ([]Token, error) {
	if err := tx.Permit(tenants.OwnTokens, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	return tokens(tx, tx.Actor.TenantID, tx.Actor.PersonID)
}

// TokensOf gives another person's tokens to whoever looks after the people.
func TokensOf(_ context.Context, tx *tenants.Tx, town, person int64) ([]Token, error) {
	if err := tx.Permit(tenants.ReadPeople, town); err != nil {
		return nil, err
	}
	return tokens(tx, town, person)
}

func tokens(tx *tenants.Tx, town, person int64) ([]Token, error) {
	var rows []tokenRow
	err := tx.DB.Raw(`SELECT `+tokenColumns+` FROM api_token WHERE tenant_id = ? AND person_id = ? ORDER BY id DESC`, town, person).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list tokens of person %d: %w", person, err)
	}
	found := make([]Token, len(rows))
	for i, r := range rows {
		if found[i], err = r.token(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// RevokeToken voids one of the actor's own tokens at once.
func RevokeToken(_ context.Context, tx *tenants.Tx, id int64) error {
	if err := tx.Permit(tenants.OwnTokens, tx.Actor.TenantID); err != nil {
		return err
	}
	return revoke(tx, tenants.OwnTokens, tx.Actor.TenantID, tx.Actor.PersonID, id)
}

// RevokeTokenOf voids another person's token at once.
func RevokeTokenOf(_ context.Context, tx *tenants.Tx, town, person, id int64) error {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return err
	}
	return revoke(tx, tenants.WritePeople, town, person, id)
}

// revoke leaves a token that is revoked already as it is: what was asked for is so.
func revoke(tx *tenants.Tx, act tenants.Act, town, person, id int64) error {
	var t tokenRow
	err := tx.DB.Raw(`SELECT `+tokenColumns+` FROM api_token WHERE tenant_id = ? AND person_id = ? AND id = ? FOR UPDATE`, town, person, id).Take(&t).Error
	if err != nil {
		return fmt.Errorf("revoke token %d: %w", id, err)
	}
	if t.RevokedAt != nil {
		return nil
	}
	if err := tx.DB.Exec(`UPDATE api_token SET revoked_at = ? WHERE tenant_id = ? AND id = ?`, tx.Now, town, id).Error; err != nil {
		return fmt.Errorf("revoke token %d: %w", id, err)
	}
	return tx.Record(tenants.Line{Town: town, Act: act, Object: "api_token", ObjectID: id, Before: t.Token})
}
