package people

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/vault"
)

// Attempt is somebody at the door with a login: counted, and not yet known to be right.
type Attempt struct {
	login        string
	secret       []byte
	known        bool // the person has signed in from this address before
	hash         string
	Town, Person int64 // 0 where nobody has the login; tells nothing until Check has
	disabled     bool
	remote       string
}

// Begin counts a try with this login before anything else is done. Who has tried too often is told how long to wait. It
// runs in the gate's transaction, which must be committed before Check: the count stands whatever becomes of the try. It
// asks the same questions for a login that is not there.
func Begin(ctx context.Context, tx *tenants.Tx, login string) (Attempt, error) {
	a := Attempt{login: plainLogin(login), hash: nobody, remote: tx.Actor.Remote}
	secrets, err := vault.Secrets(ctx, tx)
	if err != nil {
		return a, err
	}
	var found struct {
		TenantID, ID int64
		PasswordHash string
		Disabled     bool
		Known        bool
	}
	err = tx.DB.Raw(`SELECT coalesce(p.tenant_id, 0) AS tenant_id, coalesce(p.id, 0) AS id, coalesce(p.password_hash, '') AS password_hash,
			p.disabled_at IS NOT NULL OR coalesce(p.machine, false) AS disabled, EXISTS (SELECT 1 FROM sign_in s WHERE s.tenant_id = p.tenant_id AND s.person_id = p.id
				AND s.remote = @remote AND s.began_at > CAST(@since AS timestamptz)) AS known
		FROM (SELECT) nobody LEFT JOIN person p ON p.login = @login`,
		map[string]any{"login": a.login, "remote": a.remote, "since": tx.Now.Add(-familiar)}).Take(&found).Error
	if err != nil {
		return a, fmt.Errorf("sign in: %w", err)
	}
	a.secret, a.known, a.Town, a.Person, a.disabled = secrets[0], found.Known, found.TenantID, found.ID, found.Disabled
	if a.Person != 0 && !a.disabled {
		a.hash = found.PasswordHash
	}
	wait, err := reserve(tx, a.secret, a.login, a.remote, a.Town, a.known)
	if err == nil && wait > 0 {
		err = tooSoon(wait)
	}
	return a, err
}

// BeginOwn is Begin for somebody who is signed in and proves once more who they are.
func BeginOwn(ctx context.Context, tx *tenants.Tx, who tenants.Actor) (Attempt, error) {
	var login string
	err := tx.DB.Raw(`SELECT login FROM person WHERE tenant_id = ? AND id = ?`, who.TenantID, who.PersonID).Take(&login).Error
	if err != nil {
		return Attempt{}, fmt.Errorf("confirm: %w", err)
	}
	return Begin(ctx, tx, login)
}

// Check tells whether the password is right. It takes as long for a login that is not there, and holds no transaction.
func (a Attempt) Check(ctx context.Context, password string) (bool, error) {
	same, err := matches(ctx, password, a.hash)
	if err != nil {
		return false, fmt.Errorf("sign in: %w", err)
	}
	return same && a.Person != 0, nil
}

// Good forgets the wrong tries before this right one. It runs in the gate's transaction.
func (a Attempt) Good(_ context.Context, tx *tenants.Tx) error {
	return good(tx, a.secret, a.login, a.remote, a.known)
}

// Refused writes down that a try was wrong, where somebody has the login. It runs in the gate's transaction, to be
// committed; the answer is WrongLogin, whatever was wrong.
func (a Attempt) Refused(_ context.Context, tx *tenants.Tx, why string) error {
	if a.Person == 0 { // writes as much, so that the time tells nothing
		_, _, ofAddress := waitKeys(a.secret, a.login, a.remote)
		if err := tx.DB.Exec(`UPDATE sign_in_wait SET last_at = ? WHERE key = ?`, tx.Now, ofAddress).Error; err != nil {
			return fmt.Errorf("note a wrong try: %w", err)
		}
		return nil
	}
	return tx.Record(tenants.Line{Town: a.Town, Act: tenants.SignIn, Object: "person", ObjectID: a.Person, After: map[string]string{"refused": why}})
}

// WrongLogin is the one answer to a try that was wrong.
func WrongLogin() error {
	return tenants.Unauthenticated("利用者IDかパスワードが違います。", "The login or the password is wrong.")
}

// plainLogin is a login as it is kept, whatever the keyboard was set to.
func plainLogin(typed string) string {
	if len(typed) > 4*64 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", ""), ""))))
}

// Load is who a person is at this moment: their posts of today, each by the calendar of the organisation in which it is
// held, and the towns these let them see. A post at the host lets them see the whole consortium, its former towns too, or
// those of its scope; a post of town staff that town. Who is disabled, holds no post today or belongs to a town that left
// is not let in. It runs in the gate's transaction, at every request, in one query.
func Load(_ context.Context, tx *tenants.Tx, tenantID, personID int64) (tenants.Actor, error) {
	var p loaded
	err := tx.DB.Raw(loadSQL, map[string]any{"now": tx.Now, "town": tenantID, "person": personID}).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return tenants.Actor{}, signInAgain()
	}
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("load person %d: %w", personID, err)
	}
	if p.Disabled {
		return tenants.Actor{}, signInAgain()
	}
	a := tenants.Actor{Consortium: p.ConsortiumID, TenantID: tenantID, PersonID: personID, Name: p.Name, Machine: p.Machine, Lang: p.Lang,
		RequestID: tx.Actor.RequestID, Remote: tx.Actor.Remote}
	if err := p.give(&a); err != nil {
		return tenants.Actor{}, fmt.Errorf("load person %d: %w", personID, err)
	}
	if len(a.Posts) == 0 || p.HasLeft {
		return tenants.Actor{}, tenants.Unauthenticated("現在の職が登録されていません。受託町の戸籍データ等管理者へお問い合わせください。",
			"No post of yours is on record for today. Please ask the host town's koseki data manager.")
	}
	return tenants.Person(a), nil
}

func signInAgain() error {
	return tenants.Unauthenticated("もう一度サインインしてください。", "Please sign in again.")
}

// FindLogin is whose login it is, for whoever else has proved who they are (single sign-on). It runs in the gate's
// transaction.
func FindLogin(_ context.Context, tx *tenants.Tx, login string) (town, person int64, err error) {
	var found []struct{ TenantID, ID int64 }
	err = tx.DB.Raw(`SELECT tenant_id, id FROM person WHERE login = ? AND disabled_at IS NULL AND NOT machine`, plainLogin(login)).Scan(&found).Error
	if err != nil {
		return 0, 0, fmt.Errorf("find a login: %w", err)
	}
	if len(found) == 0 {
		return 0, 0, unknownHere()
	}
	return found[0].TenantID, found[0].ID, nil
}
