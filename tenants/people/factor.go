package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
	"tanamori/tenants/vault"
)

// Factors are a person's second factors.
type Factors struct {
	TOTPAt    *time.Time // since when an authenticator app is set up
	Passkeys  []Passkey
	CodesLeft int // recovery codes that were not used
}

// Any tells whether there is a second factor to ask for.
func (f Factors) Any() bool { return f.TOTPAt != nil || len(f.Passkeys) > 0 }

const (
	totpPeriod = 30 // seconds; what every authenticator app takes
	totpSecret = 20 // bytes, as RFC 4226 recommends
	codes      = 10
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewTOTP makes the secret of an authenticator app, which is kept once the person has shown a code of it.
func NewTOTP() []byte {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret) // never fails, see its documentation
	return secret
}

// TOTPText is the secret as it is typed into an app.
func TOTPText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// step is the time step whose code this is, one before and one after now included (RFC 6238 §5.2); 0 where it is none
// after last, so that no code works twice.
func step(secret []byte, code string, now time.Time, last int64) int64 {
	code = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(code))
	at, found := now.Unix()/totpPeriod, int64(0)
	for _, s := range []int64{at - 1, at, at + 1} {
		want, err := hotp.GenerateCodeCustom(TOTPText(secret), uint64(s), totpOptions)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			found = s
		}
	}
	return found
}

// AddTOTP keeps the secret of the actor's authenticator app, in place of a former one, after a code of it. Where the actor
// has no recovery codes left they get new ones, which are given here and never again.
func AddTOTP(ctx context.Context, tx *tenants.Tx, secret []byte, code string) ([]string, error) {
	if err := ownFactors(tx); err != nil {
		return nil, err
	}
	at := step(secret, code, tx.Now, 0)
	if len(secret) != totpSecret || at == 0 {
		var v tenants.Invalid
		v.Add("code", "確認コードが違います。認証アプリに表示中の6桁を入力してください。", "The code is wrong. Enter the six digits that the app shows now.")
		return nil, v.Err()
	}
	a := tx.Actor
	if err := tx.DB.Exec(`DELETE FROM totp WHERE tenant_id = ? AND person_id = ?`, a.TenantID, a.PersonID).Error; err != nil {
		return nil, fmt.Errorf("replace an authenticator app: %w", err)
	}
	err := tx.DB.Exec(`INSERT INTO totp (tenant_id, person_id, last_step, added_at) VALUES (?, ?, ?, ?)`, a.TenantID, a.PersonID, at, tx.Now).Error
	if err != nil {
		return nil, fmt.Errorf("add an authenticator app: %w", err)
	}
	if err := vault.Put(ctx, tx, a.TenantID, vault.App, a.PersonID, secret); err != nil {
		return nil, err
	}
	if err := tx.Record(tenants.Line{Town: a.TenantID, Act: tenants.OwnAccount, Object: "totp", ObjectID: a.PersonID}); err != nil {
		return nil, err
	}
	if err := shown(tx); err != nil {
		return nil, err
	}
	if err := alone(tx); err != nil {
		return nil, err
	}
	return firstCodes(ctx, tx)
}

// ownFactors is the first line of acts on the actor's own second factors and password: who has a second factor shows it once
// more, together with the first (ASVS V7.5.1).
func ownFactors(tx *tenants.Tx) error {
	if err := own(tx); err != nil {
		return err
	}
	if tx.Actor.NoFactor {
		return tenants.First(tenants.OwesBoth)
	}
	return nil
}

// OwnSure asks for the same before a page of them is shown, so that nothing is typed in vain.
func OwnSure(_ context.Context, tx *tenants.Tx) error { return ownFactors(tx) }

// own is the first line of what concerns the actor's own account and is sensitive.
func own(tx *tenants.Tx) error {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return err
	}
	return tx.Sure()
}

// shown keeps that the actor has just shown a second factor: the one that they set up.
func shown(tx *tenants.Tx) error {
	err := tx.DB.Exec(`UPDATE sign_in SET factor_at = ? WHERE tenant_id = ? AND person_id = ? AND id = ?`, tx.Now, tx.Actor.TenantID, tx.Actor.PersonID, tx.Actor.SignIn).Error
	if err != nil {
		return fmt.Errorf("note a second factor: %w", err)
	}
	return nil
}

// alone ends the actor's other sessions, as a new password does: whoever opened them knew less than is asked now, or what is
// void now.
func alone(tx *tenants.Tx) error {
	return end(tx, tx.Actor.TenantID, tx.Actor.PersonID, "revoked", `id <> ?`, tx.Actor.SignIn)
}

// DropTOTP takes the actor's authenticator app off.
func DropTOTP(_ context.Context, tx *tenants.Tx) error {
	if err := ownFactors(tx); err != nil {
		return err
	}
	a := tx.Actor
	if err := tx.DB.Exec(`DELETE FROM totp WHERE tenant_id = ? AND person_id = ?`, a.TenantID, a.PersonID).Error; err != nil {
		return fmt.Errorf("drop an authenticator app: %w", err)
	}
	if err := vault.Drop(tx, a.TenantID, vault.App, a.PersonID); err != nil {
		return err
	}
	if err := alone(tx); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: a.TenantID, Act: tenants.OwnAccount, Object: "totp", ObjectID: a.PersonID, Before: "set"})
}

// firstCodes makes recovery codes for who has none left.
func firstCodes(ctx context.Context, tx *tenants.Tx) ([]string, error) {
	var left int64
	err := tx.DB.Raw(`SELECT count(*) FROM recovery_code WHERE tenant_id = ? AND person_id = ? AND used_at IS NULL`, tx.Actor.TenantID, tx.Actor.PersonID).Scan(&left).Error
	if err != nil {
		return nil, fmt.Errorf("count recovery codes: %w", err)
	}
	if left > 0 {
		return nil, nil
	}
	return makeCodes(ctx, tx)
}

// NewCodes makes the actor's recovery codes anew; the former ones are void. They are given here and never again.
func NewCodes(ctx context.Context, tx *tenants.Tx) ([]string, error) {
	if err := ownFactors(tx); err != nil {
		return nil, err
	}
	return makeCodes(ctx, tx)
}

func makeCodes(ctx context.Context, tx *tenants.Tx) ([]string, error) {
	a := tx.Actor
	if err := tx.DB.Exec(`DELETE FROM recovery_code WHERE tenant_id = ? AND person_id = ?`, a.TenantID, a.PersonID).Error; err != nil {
		return nil, fmt.Errorf("void recovery codes: %w", err)
	}
	salt := make([]byte, codeSalt)
	_, _ = rand.Read(salt) // never fails, see its documentation
	plain, hashes := make([]string, codes), make([][]byte, codes)
	for i := range plain {
		plain[i] = issue()
		hash, err := codeHash(ctx, salt, folded(plain[i]))
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	err := tx.DB.Exec(`INSERT INTO recovery_code (tenant_id, person_id, hash, made_at) SELECT @town, @person, h, @now FROM unnest(CAST(@hashes AS bytea[])) h`,
		map[string]any{"town": a.TenantID, "person": a.PersonID, "now": tx.Now, "hashes": &hashes}).Error
	if err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return plain, tx.Record(tenants.Line{Town: a.TenantID, Act: tenants.OwnAccount, Object: "recovery_codes", ObjectID: a.PersonID})
}

// codeSalt is the length of the salt that a person's codes share, so that a try costs one hash and not ten. It stands before
// each hash.
const codeSalt = 16

// codeHash is what is kept of a code: one has less to guess than a token, so it costs what a password costs by the least
// parameters of OWASP's Password Storage Cheat Sheet.
func codeHash(ctx context.Context, salt []byte, code string) (hash []byte, err error) {
	err = turn(ctx, func() error {
		hash = append(slices.Clone(salt), argon2.IDKey([]byte(code), salt, 2, 19*1024, 1, 32)...)
		return nil
	})
	return hash, err
}

// folded is a code as it was made, however it was typed.
func folded(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters, r) {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(typed)))
}

// FactorsOf are the second factors of a person who has given the right password. It runs in the gate's transaction.
func FactorsOf(_ context.Context, tx *tenants.Tx, town, person int64) (Factors, error) {
	return factors(tx, town, person)
}

// OwnFactors are the actor's second factors.
func OwnFactors(_ context.Context, tx *tenants.Tx) (Factors, error) {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return Factors{}, err
	}
	return factors(tx, tx.Actor.TenantID, tx.Actor.PersonID)
}

func factors(tx *tenants.Tx, town, person int64) (Factors, error) {
	var f Factors
	var row struct {
		TotpAt *time.Time
		Left   int
	}
	err := tx.DB.Raw(`SELECT (SELECT t.added_at FROM totp t WHERE t.tenant_id = @town AND t.person_id = @person) AS totp_at,
		(SELECT count(*) FROM recovery_code c WHERE c.tenant_id = @town AND c.person_id = @person AND c.used_at IS NULL) AS left`,
		map[string]any{"town": town, "person": person}).Take(&row).Error
	if err != nil {
		return f, fmt.Errorf("read the second factors of person %d: %w", person, err)
	}
	f.TOTPAt, f.CodesLeft = row.TotpAt, row.Left
	f.Passkeys, err = passkeys(tx, town, person)
	return f, err
}

// CheckCode tells how a second step was passed: by a code of the authenticator app, or by a recovery code, either of which
// works once; empty where it is neither. It counts the try like one with a password. It runs in the gate's transaction,
// to be committed either way.
func CheckCode(ctx context.Context, tx *tenants.Tx, town, person int64, code string) (Way, error) {
	secrets, err := vault.Secrets(ctx, tx)
	if err != nil {
		return "", err
	}
	name, key := fmt.Sprintf("second step of %d", person), secrets[0]
	wait, err := reserve(tx, key, name, "", town, true)
	if err != nil {
		return "", err
	}
	if wait > 0 {
		return "", tooSoon(wait)
	}
	used, err := useApp(ctx, tx, town, person, code)
	if err != nil {
		return "", err
	}
	if used {
		return ByTOTP, good(tx, key, name, "", true)
	}
	if used, err = useCode(ctx, tx, town, person, folded(code)); err != nil {
		return "", err
	}
	if used {
		return ByRecovery, good(tx, key, name, "", true)
	}
	return "", tx.Record(tenants.Line{Town: town, Act: tenants.SignIn, Object: "person", ObjectID: person, After: map[string]string{"refused": "code"}})
}

// useApp uses a code of the authenticator app up, where it is one. An app whose secret was lost with its key gives none: the
// second step is still asked for.
func useApp(ctx context.Context, tx *tenants.Tx, town, person int64, code string) (bool, error) {
	var rows []struct {
		Secret   []byte
		LastStep int64
	}
	err := tx.DB.Raw(`SELECT secret, last_step FROM totp WHERE tenant_id = ? AND person_id = ?`, town, person).Scan(&rows).Error
	if err != nil {
		return false, fmt.Errorf("check a code of person %d: %w", person, err)
	}
	if len(rows) == 0 {
		return false, nil
	}
	secret := rows[0].Secret // in clear where a node of the version before the vault kept it
	if secret == nil {
		if secret, err = vault.Get(ctx, tx, town, vault.App, person); err != nil || secret == nil {
			return false, err
		}
	}
	at := step(secret, code, tx.Now, rows[0].LastStep)
	if at == 0 {
		return false, nil
	}
	res := tx.DB.Exec(`UPDATE totp SET last_step = @at WHERE tenant_id = @town AND person_id = @person AND last_step < @at`,
		map[string]any{"at": at, "town": town, "person": person})
	if res.Error != nil {
		return false, fmt.Errorf("use a code of person %d: %w", person, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// shortestCode is how long recovery codes were before they had 128 bits; who still has such ones may use them.
const shortestCode = 12

// useCode uses a recovery code up, where it is one of the person's.
func useCode(ctx context.Context, tx *tenants.Tx, town, person int64, code string) (bool, error) {
	var kept [][]byte
	err := tx.DB.Raw(`SELECT hash FROM recovery_code WHERE tenant_id = ? AND person_id = ? AND used_at IS NULL LIMIT 1`, town, person).Scan(&kept).Error
	if err != nil {
		return false, fmt.Errorf("read a recovery code of person %d: %w", person, err)
	}
	if len(kept) == 0 || len(kept[0]) <= codeSalt || len(code) < shortestCode || len(code) > issuedLetters {
		return false, nil
	}
	hash, err := codeHash(ctx, kept[0][:codeSalt], code)
	if err != nil {
		return false, err
	}
	res := tx.DB.Exec(`UPDATE recovery_code SET used_at = ? WHERE tenant_id = ? AND person_id = ? AND hash = ? AND used_at IS NULL`, tx.Now, town, person, hash)
	if res.Error != nil {
		return false, fmt.Errorf("use a recovery code of person %d: %w", person, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// OwnLogin is the name under which the actor signs in.
func OwnLogin(_ context.Context, tx *tenants.Tx) (string, error) {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return "", err
	}
	var login string
	err := tx.DB.Raw(`SELECT login FROM person WHERE tenant_id = ? AND id = ?`, tx.Actor.TenantID, tx.Actor.PersonID).Take(&login).Error
	if err != nil {
		return "", fmt.Errorf("read the login of person %d: %w", tx.Actor.PersonID, err)
	}
	return login, nil
}
