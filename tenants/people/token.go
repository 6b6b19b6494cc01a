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
}

// Valid tells whether the token opens anything at that time.
func (t Token) Valid(at time.Time) bool { return t.RevokedAt == nil && at.Before(t.ExpiresAt) }

const tokenColumns = `tenant_id, id, person_id, name, prefix, created_at, expires_at, last_used_at, coalesce(last_used_from, '') AS last_used_from, revoked_at`

// CreateToken makes a token by which a program acts as the actor until it expires, at most three years ahead. The plain
// token is given here and never again.
func CreateToken(_ context.Context, tx *tenants.Tx, name string, expires time.Time) (Token, string, error) {
	if err := tx.Permit(tenants.OwnTokens, tx.Actor.TenantID); err != nil {
		return Token{}, "", err
	}
	return createToken(tx, tx.Actor.TenantID, tx.Actor.PersonID, name, expires)
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
		v.Add("login", "このログイン名の人はいません。", "Nobody has this login.")
	case found[0].Disabled:
		v.Add("login", "この人は無効になっています。", "This person is disabled.")
	}
	if err := v.Err(); err != nil {
		return "", err
	}
	_, plain, err := createToken(tx, found[0].TenantID, found[0].ID, name, expires)
	return plain, err
}

func createToken(tx *tenants.Tx, tenantID, personID int64, name string, expires time.Time) (Token, string, error) {
	var v tenants.Invalid
	name = entry.Line(&v, "name", name, 60)
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
	var t Token
	err := tx.DB.Raw(`INSERT INTO api_token (tenant_id, person_id, name, prefix, hash, created_at, expires_at)
		VALUES (@town, @person, @name, @prefix, @hash, @now, @expires) RETURNING `+tokenColumns,
		map[string]any{"town": tenantID, "person": personID, "name": name, "prefix": plain[:shownLength], "hash": hash[:],
			"now": tx.Now, "expires": expires}).Scan(&t).Error
	if err != nil {
		return Token{}, "", fmt.Errorf("create token: %w", err)
	}
	return t, plain, tx.Record(tenants.Line{Town: tenantID, Act: tenants.OwnTokens, Object: "api_token", ObjectID: t.ID, After: t})
}

// FindToken is whom a bearer token belongs to and what they may do now, as Load finds it. It runs in the gate's
// transaction and writes the token's last use and where it came from, at most once a minute.
func FindToken(ctx context.Context, tx *tenants.Tx, plain string) (tenants.Actor, error) {
	if len(plain) != tokenLength || !strings.HasPrefix(plain, tokenPrefix) {
		return tenants.Actor{}, unknownToken()
	}
	hash := sha256.Sum256([]byte(plain))
	var found []Token
	if err := tx.DB.Raw(`SELECT `+tokenColumns+` FROM api_token WHERE hash = ?`, hash[:]).Scan(&found).Error; err != nil {
		return tenants.Actor{}, fmt.Errorf("find token: %w", err)
	}
	if len(found) == 0 || found[0].RevokedAt != nil {
		return tenants.Actor{}, unknownToken()
	}
	t := found[0]
	if !t.Valid(tx.Now) {
		return tenants.Actor{}, tenants.Unauthenticated("このトークンは有効期限が切れています。", "This token has expired.")
	}
	actor, err := Load(ctx, tx, t.TenantID, t.PersonID)
	if err != nil {
		return tenants.Actor{}, err
	}
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
	var found []Token
	err := tx.DB.Raw(`SELECT `+tokenColumns+` FROM api_token WHERE tenant_id = ? AND person_id = ? ORDER BY id DESC`, town, person).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list tokens of person %d: %w", person, err)
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
	var t Token
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
	return tx.Record(tenants.Line{Town: town, Act: act, Object: "api_token", ObjectID: id, Before: t})
}
