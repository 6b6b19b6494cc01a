package people

import (
	"context"
	"fmt"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("person_login", "login", "この利用者IDはすでに使われています。", "This login is in use already.")
	_ = tenants.Constraint("person_login_shape", "login", loginJa, loginEn)
)

// Input is what is entered about a person to be added.
type Input struct {
	Login string // over the whole installation
	Name  string
	Lang  string      // empty: "ja"
	Posts []PostInput // at least one
	Keep  bool        // the issued password may stay, as in a demonstration; else they choose their own at the first sign-in
}

// Add takes a person in and issues their first password, which is not kept and cannot be shown again.
func Add(ctx context.Context, tx *tenants.Tx, town int64, in Input) (Person, string, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, "", err
	}
	var v tenants.Invalid
	ready, err := checkPerson(&v, tx, town, in)
	if err != nil {
		return Person{}, "", err
	}
	if err := v.Err(); err != nil {
		return Person{}, "", err
	}
	return add(ctx, tx, town, ready)
}

// newcomer is a person about to be taken in.
type newcomer struct {
	Input
	machine bool
	posts   []heldPost
}

func checkPerson(v *tenants.Invalid, tx *tenants.Tx, town int64, in Input) (newcomer, error) {
	in.Login = checkLogin(v, in.Login)
	in.Name = entry.Line(v, "name", in.Name, 60)
	in.Lang = checkLang(v, in.Lang)
	if len(in.Posts) == 0 {
		v.Add("posts", "職を1つ以上登録してください。", "A person holds at least one post.")
	}
	ready := newcomer{Input: in}
	for _, p := range in.Posts {
		post, err := checkPost(v, tx, town, p)
		if err != nil {
			return ready, err
		}
		ready.posts = append(ready.posts, post)
	}
	return ready, nil
}

// add writes a newcomer. The password is what lets them in; a machine's is thrown away.
func add(ctx context.Context, tx *tenants.Tx, town int64, in newcomer) (Person, string, error) {
	password := issue()
	hash, err := hashOf(ctx, password)
	if err != nil {
		return Person{}, "", err
	}
	var id int64
	err = tx.DB.Raw(`INSERT INTO person (tenant_id, login, name, lang, machine, password_hash, issued, created_at)
		VALUES (@town, @login, @name, @lang, @machine, @hash, @issued, @now) RETURNING id`,
		map[string]any{"machine": in.machine, "town": town, "login": in.Login, "name": in.Name, "lang": in.Lang, "hash": hash, "issued": !in.Keep, "now": tx.Now}).Scan(&id).Error
	if err != nil {
		return Person{}, "", fmt.Errorf("add person to town %d: %w", town, err)
	}
	if err := insertPosts(tx, town, id, in.posts); err != nil {
		return Person{}, "", err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return Person{}, "", err
	}
	if !in.machine {
		if err := proceed(tx, p, IssuedPassword, "登録"); err != nil {
			return Person{}, "", err
		}
	}
	return p, password, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "person", ObjectID: id, After: p})
}

func checkLang(v *tenants.Invalid, lang string) string {
	switch lang {
	case "":
		return "ja"
	case "ja", "en":
		return lang
	}
	v.Add("lang", "言語は日本語か英語です。", "The language is ja or en.")
	return ""
}

// ChangeInput is what of a person may change. The login stays: records name it.
type ChangeInput struct {
	Name string
	Lang string
}

// Change writes a person's name and language anew. Records of the past keep the name as it was.
func Change(_ context.Context, tx *tenants.Tx, town, id int64, in ChangeInput) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	var v tenants.Invalid
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Lang = checkLang(&v, in.Lang)
	if err := v.Err(); err != nil {
		return Person{}, err
	}
	return update(tx, town, id, `name = @name, lang = @lang`, map[string]any{"name": in.Name, "lang": in.Lang}, recordHome)
}

// Disable shuts a person out, from their next request on; their tokens are void with them. Nobody disables themselves:
// somebody must be left to undo it.
func Disable(_ context.Context, tx *tenants.Tx, town, id int64) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	if id == tx.Actor.PersonID {
		return Person{}, tenants.Conflict("自分自身を無効にすることはできません。", "You cannot disable yourself.")
	}
	p, err := take(tx, town, id)
	if err != nil {
		return Person{}, err
	}
	posts, err := lasting(tx, p)
	if err != nil {
		return Person{}, err
	}
	for _, o := range posts { // it takes what EndPost takes
		if err := tx.Permit(tenants.WritePeople, o.At); err != nil {
			return Person{}, err
		}
	}
	if err := end(tx, town, id, "revoked", `id <> ?`, 0); err != nil {
		return Person{}, err
	}
	return update(tx, town, id, `disabled_at = coalesce(disabled_at, @now)`, map[string]any{"now": tx.Now}, recordEverywhere)
}

// Enable lets a disabled person in again, with the password and the tokens they had. reason: why.
func Enable(_ context.Context, tx *tenants.Tx, town, id int64, reason string) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return Person{}, err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return Person{}, err
	}
	if err := givingAll(tx, p); err != nil {
		return Person{}, err
	}
	if p, err = update(tx, town, id, `disabled_at = NULL`, map[string]any{}, recordEverywhere); err != nil || p.Machine {
		return p, err
	}
	return p, proceed(tx, p, LetInAgain, reason)
}

// update sets columns of a person, whose assignment is one of the constants above, and records what it changed.
func update(tx *tenants.Tx, town, id int64, set string, args map[string]any, record func(*tenants.Tx, Person, tenants.Line) error) (Person, error) {
	var found int64
	if err := tx.DB.Raw(`SELECT id FROM person WHERE tenant_id = ? AND id = ? FOR UPDATE`, town, id).Scan(&found).Error; err != nil {
		return Person{}, fmt.Errorf("lock person %d: %w", id, err)
	}
	before, err := take(tx, town, id)
	if err != nil {
		return Person{}, err
	}
	args["town"], args["id"] = town, id
	if err := tx.DB.Exec(`UPDATE person SET `+set+` WHERE tenant_id = @town AND id = @id`, args).Error; err != nil {
		return Person{}, fmt.Errorf("change person %d: %w", id, err)
	}
	after, err := take(tx, town, id)
	if err != nil {
		return Person{}, err
	}
	return after, record(tx, after, tenants.Line{Town: town, Act: tenants.WritePeople, Object: "person", ObjectID: id, Before: before, After: after})
}

// SetPassword issues a new password for somebody who lost theirs. It is not kept and cannot be shown again. reason: why.
func SetPassword(ctx context.Context, tx *tenants.Tx, town, id int64, reason string) (string, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return "", err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return "", err
	}
	password, err := setPassword(ctx, tx, town, id, true)
	if err != nil {
		return "", err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return "", err
	}
	return password, proceed(tx, p, IssuedPassword, reason)
}

// GivePassword is SetPassword for a demonstration, whose printed passwords stay as they are.
func GivePassword(ctx context.Context, tx *tenants.Tx, town, id int64) (string, error) {
	return setPassword(ctx, tx, town, id, false)
}

func setPassword(ctx context.Context, tx *tenants.Tx, town, id int64, issued bool) (string, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return "", err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return "", err
	}
	if p.Machine {
		return "", tenants.Conflict("機械にはパスワードがありません。トークンを発行してください。", "A machine has no password; make a token for it.")
	}
	if err := givingAll(tx, p); err != nil {
		return "", err
	}
	password := issue()
	if err := keep(ctx, tx, town, id, password, issued); err != nil {
		return "", err
	}
	return password, recordEverywhere(tx, p, tenants.Line{Town: town, Act: tenants.WritePeople, Object: "password", ObjectID: id})
}

// ChangeOwnPassword sets the actor's own password to one they chose; former is the one they have.
func ChangeOwnPassword(ctx context.Context, tx *tenants.Tx, former, chosen string) error {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return err
	}
	if tx.Actor.NoFactor {
		return tenants.First(tenants.OwesBoth)
	}
	var own struct{ Login, Name, PasswordHash string }
	err := tx.DB.Raw(`SELECT login, name, password_hash FROM person WHERE tenant_id = ? AND id = ?`, tx.Actor.TenantID, tx.Actor.PersonID).Take(&own).Error
	if err != nil {
		return fmt.Errorf("change the password of person %d: %w", tx.Actor.PersonID, err)
	}
	var v tenants.Invalid
	checkPassword(&v, "new", chosen, own.Login, own.Name)
	if len(v.Fields) == 0 && chosen == former {
		v.Add("new", "今と違うパスワードにしてください。", "Choose a password other than the present one.")
	}
	same, err := matches(ctx, former, own.PasswordHash)
	if err != nil {
		return err
	}
	if !same {
		v.Add("old", "今のパスワードが違います。", "The present password is wrong.")
	}
	if err := v.Err(); err != nil {
		return err
	}
	if err := keep(ctx, tx, tx.Actor.TenantID, tx.Actor.PersonID, chosen, false); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.OwnAccount, Object: "password", ObjectID: tx.Actor.PersonID})
}

// ChangeOwnLang sets the language in which the actor reads the console.
func ChangeOwnLang(_ context.Context, tx *tenants.Tx, lang string) error {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return err
	}
	var v tenants.Invalid
	lang = checkLang(&v, strings.TrimSpace(lang))
	if err := v.Err(); err != nil {
		return err
	}
	err := tx.DB.Exec(`UPDATE person SET lang = ? WHERE tenant_id = ? AND id = ?`, lang, tx.Actor.TenantID, tx.Actor.PersonID).Error
	if err != nil {
		return fmt.Errorf("change the language of person %d: %w", tx.Actor.PersonID, err)
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.OwnAccount, Object: "lang", ObjectID: tx.Actor.PersonID, After: lang})
}

// keep sets a password, which ends every session of the person but the one that set it.
func keep(ctx context.Context, tx *tenants.Tx, town, id int64, password string, issued bool) error {
	hash, err := hashOf(ctx, password)
	if err != nil {
		return err
	}
	if err := tx.DB.Exec(`UPDATE person SET password_hash = ?, issued = ? WHERE tenant_id = ? AND id = ?`, hash, issued, town, id).Error; err != nil {
		return fmt.Errorf("set the password of person %d: %w", id, err)
	}
	return end(tx, town, id, "password", `id <> ?`, tx.Actor.SignIn)
}
