package custody

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/entry"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
)

// The management password of the console itself (管理パスワード, RK 第8条第1項第2号): made by Tanamori before two persons, shown
// once, written on paper and sealed. Where no administrator can come in any more, two persons open the envelope, and with it
// one administrator gets a new password (Unseal). It is spent then.

var _ = tenants.Sentences(map[string][2]string{
	"custody.unsealed": {"管理パスワードが使われ、{person}に新しいパスワードが渡されました（{by}、立会い {witness}、理由：{reason}）",
		"The management password was used: {person} was given a new password (by {by}, witness {witness}: {reason})"},
	"custody.sealed": {"管理パスワードが設定し直され、封入されました", "The management password was set anew and sealed"},
})

// What the credential of the console's own management password says of itself.
const (
	managementName    = "棚守の管理パスワード"
	managementApplies = "管理者が誰もログインできないときの復旧（tanamori unseal）"
	// unsealed is what somebody who gets an administrator's post by it holds it as, where no title is given.
	longestTitle = 60
)

// ManagementState is how the management password of the console stands; zero where none was ever set.
type ManagementState struct {
	CredentialID int64
	SetAt        time.Time
	SpentAt      *time.Time
	SpentBy      string
	VoidAt       *time.Time // its envelope was retired or changed in the ledger
}

// ManagementNow gives it.
func ManagementNow(_ context.Context, tx *tenants.Tx) (ManagementState, error) {
	if err := tx.Permit(tenants.ReadCustody, tx.Actor.TenantID); err != nil {
		return ManagementState{}, err
	}
	var found []ManagementState
	err := tx.DB.Raw(`SELECT credential_id, set_at, spent_at, spent_by, void_at FROM management_password WHERE tenant_id = ?`, tx.Actor.TenantID).Scan(&found).Error
	if err != nil {
		return ManagementState{}, fmt.Errorf("read how the management password stands: %w", err)
	}
	if len(found) == 0 {
		return ManagementState{}, nil
	}
	return found[0], nil
}

// SetManagement makes the management password anew, gives it this once, and takes its envelope into custody. The actor does it
// before a second person who has proved at the same screen who they are and who works for the host.
func SetManagement(ctx context.Context, tx *tenants.Tx, envelope, place string) (string, Credential, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return "", Credential{}, err
	}
	if err := tx.Permit(tenants.WritePeople, tx.Actor.TenantID); err != nil { // it opens everything
		return "", Credential{}, err
	}
	if !tx.Actor.Beside {
		var v tenants.Invalid
		v.Add("second_login", "管理パスワードは二人で設定します。立ち会う人の本人確認をしてください。", "Two persons set it: the second proves here who they are.")
		return "", Credential{}, v.Err()
	}
	state, err := ManagementNow(ctx, tx)
	if err != nil {
		return "", Credential{}, err
	}
	in := EventInput{Witness: tx.Actor.SecondID, Envelope: envelope, Place: place}
	var c Credential
	if state.CredentialID != 0 {
		if c, _, err = take(tx, state.CredentialID, "FOR UPDATE"); err != nil {
			return "", Credential{}, err
		}
	}
	if c.ID == 0 || c.RetiredAt != nil {
		c, err = Add(ctx, tx, Input{Kind: Management, Name: managementName, AppliesTo: managementApplies, RotateMonths: UsualMonths, OpenDays: UsualDays}, in)
	} else {
		in.Kind = Changed
		c, err = Record(ctx, tx, c.ID, in)
	}
	if err != nil {
		return "", Credential{}, witnessed(err)
	}
	password, hash, err := people.NewSecret(ctx)
	if err != nil {
		return "", Credential{}, err
	}
	args := map[string]any{"town": c.TenantID, "credential": c.ID, "hash": hash, "now": tx.Now}
	// Not by ON CONFLICT, which would have to read the hash.
	res := tx.DB.Exec(`UPDATE management_password SET credential_id = @credential, hash = @hash, set_at = @now, spent_at = NULL, spent_by = '', void_at = NULL WHERE tenant_id = @town`, args)
	if res.Error == nil && res.RowsAffected == 0 {
		res = tx.DB.Exec(`INSERT INTO management_password (tenant_id, credential_id, hash, set_at) VALUES (@town, @credential, @hash, @now)`, args)
	}
	if res.Error != nil {
		return "", Credential{}, fmt.Errorf("set the management password: %w", res.Error)
	}
	if err := tx.Wake(tenants.WakeCustody, c.TenantID); err != nil {
		return "", Credential{}, err
	}
	return password, c, written(tx, c.ID, nil, map[string]string{"management": "set"})
}

// void makes the management password worthless whose envelope this is: the ledger says that another one is in force, or none.
func void(tx *tenants.Tx, c Credential) error {
	err := tx.DB.Exec(`UPDATE management_password SET void_at = ? WHERE tenant_id = ? AND credential_id = ? AND spent_at IS NULL AND void_at IS NULL`, tx.Now, c.TenantID, c.ID).Error
	if err != nil {
		return fmt.Errorf("void the management password: %w", err)
	}
	return nil
}

// witnessed says at the field of the form what is wrong with the witness.
func witnessed(err error) error {
	var f *tenants.Fault
	if errors.As(err, &f) {
		for i := range f.Fields {
			if f.Fields[i].Field == "witness_id" || f.Fields[i].Field == "by_id" {
				f.Fields[i] = tenants.FieldFault{Field: "second_login", Ja: "立ち会う人は、受託町で働く別の人にしてください。", En: "The second person is another one who works for the host."}
			}
		}
	}
	return err
}

// UnsealInput is what is said when the envelope has been opened.
type UnsealInput struct {
	Password string
	Login    string // of whoever is to come in again
	Title    string // of the administrator's post that they are given where they hold none; needed then
	By       string // logins of the two who opened it
	Witness  string
	Reason   string
}

// Unsealing is what Check has found: the two persons at the open envelope, for whom it is, and which one it was.
type Unsealing struct {
	Actor      tenants.Actor
	Person     int64 // 0: the password is wrong
	credential int64
	setAt      time.Time
}

// Check finds out who the two are and whether the password is right and in force. It runs in the gate's transaction; a wrong one
// is written down, so the transaction is to be committed whatever Check says.
func Check(ctx context.Context, tx *tenants.Tx, in UnsealInput) (Unsealing, error) {
	var who [3]struct {
		TenantID, ID int64
		Name         string
	}
	for n, login := range []string{in.Login, in.By, in.Witness} {
		err := tx.DB.Raw(`SELECT p.tenant_id, p.id, p.name FROM person p JOIN tenant t ON t.id = p.tenant_id AND t.kind = 'host'
			WHERE p.login = ? AND NOT p.machine AND (p.disabled_at IS NULL OR ?)`, login, n == 0).Take(&who[n]).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return Unsealing{}, tenants.Conflict("受託町の利用者に「"+login+"」はいません。", "Nobody of the host town's has the login "+login+".")
		}
		if err != nil {
			return Unsealing{}, fmt.Errorf("unseal: %w", err)
		}
	}
	person, by, witness := who[0], who[1], who[2]
	for n, opener := range who[1:] {
		_, err := people.Load(ctx, tx, opener.TenantID, opener.ID)
		switch login := []string{in.By, in.Witness}[n]; {
		case err == nil:
		case tenants.AsFault(err).Kind == tenants.KindUnauthenticated:
			return Unsealing{}, tenants.Conflict("「"+login+"」には今日の職がありません。", login+" holds no post today.")
		default:
			return Unsealing{}, fmt.Errorf("unseal: %w", err)
		}
	}
	if by.ID == witness.ID || by.TenantID != witness.TenantID || by.TenantID != person.TenantID {
		return Unsealing{}, tenants.Conflict(twoJa+"三人とも同じ受託町の人です。", twoEn+" All belong to one host town.")
	}
	var row struct {
		Hash         string
		CredentialID int64
		SetAt        time.Time
		SpentAt      *time.Time
		Void         bool
		Consortium   int64
	}
	err := tx.DB.Raw(`SELECT m.hash, m.credential_id, m.set_at, m.spent_at, m.void_at IS NOT NULL OR c.retired_at IS NOT NULL AS void, t.consortium_id AS consortium
		FROM tenant t LEFT JOIN management_password m ON m.tenant_id = t.id LEFT JOIN credential c ON c.tenant_id = m.tenant_id AND c.id = m.credential_id WHERE t.id = ?`,
		by.TenantID).Take(&row).Error
	if err != nil {
		return Unsealing{}, fmt.Errorf("unseal: %w", err)
	}
	if row.Hash == "" {
		return Unsealing{}, tenants.Conflict("管理パスワードは設定されていません。", "No management password is set.")
	}
	if row.SpentAt != nil {
		return Unsealing{}, tenants.Conflict("この管理パスワードは使用済みです。", "This management password has been used.")
	}
	if row.Void {
		return Unsealing{}, voided()
	}
	right, err := people.Secret(ctx, in.Password, row.Hash)
	if err != nil {
		return Unsealing{}, err
	}
	if !right {
		line := tenants.Line{Town: by.TenantID, Act: tenants.WriteCustody, Object: "credential", ObjectID: row.CredentialID,
			After: map[string]string{"refused": "password", "by": by.Name, "witness": witness.Name}}
		return Unsealing{}, tx.Record(line)
	}
	var towns []int64
	if err := tx.DB.Raw(`SELECT id FROM tenant WHERE consortium_id = ? ORDER BY id`, row.Consortium).Scan(&towns).Error; err != nil {
		return Unsealing{}, fmt.Errorf("unseal: %w", err)
	}
	actor := tenants.Person(tenants.Actor{Consortium: row.Consortium, TenantID: by.TenantID, PersonID: by.ID, Name: by.Name, Title: "管理パスワード", Lang: "ja",
		Posts: []tenants.Post{tenants.HostAdmin}, Towns: towns, Second: witness.Name, SecondID: witness.ID, RequestID: tx.Actor.RequestID, Remote: tx.Actor.Remote})
	return Unsealing{Actor: actor, Person: person.ID, credential: row.CredentialID, setAt: row.SetAt}, nil
}

func voided() error {
	return tenants.Conflict("この管理パスワードは、そのあと変更または廃止されたため使えません。", "This management password has been changed or retired since.")
}

// Wrong is the answer where Check found no opener and nothing else the matter.
func Wrong() error {
	return tenants.Conflict("管理パスワードが違います。", "The management password is wrong.")
}

// Unseal uses the management password up that Check has looked at, and no later one: the actor is whom Check gave. The person gets a new password, which is given here and
// never again, and an administrator's post where they hold none; what no two persons can confirm any more waits for nobody. The
// opening stands in the ledger, and the job tells everybody (TakeIn).
func Unseal(ctx context.Context, tx *tenants.Tx, u Unsealing, in UnsealInput) (string, []proposal.Short, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return "", nil, err
	}
	var v tenants.Invalid
	reason := entry.Line(&v, "reason", in.Reason, 200)
	title := entry.OptionalLine(&v, "title", in.Title, longestTitle)
	if err := v.Err(); err != nil {
		return "", nil, err
	}
	c, _, err := take(tx, u.credential, "FOR UPDATE") // as whoever changes or retires it does
	if err != nil {
		return "", nil, err
	}
	res := tx.DB.Exec(`UPDATE management_password SET spent_at = @now, spent_by = @by WHERE tenant_id = @town AND credential_id = @credential AND set_at = @set
			AND spent_at IS NULL AND void_at IS NULL`,
		map[string]any{"now": tx.Now, "by": tx.Actor.Text(), "town": tx.Actor.TenantID, "credential": u.credential, "set": u.setAt})
	if res.Error != nil {
		return "", nil, fmt.Errorf("unseal: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return "", nil, tenants.Conflict("この管理パスワードは、使用されたか、作り直されました。", "This management password has been used, or made anew.")
	}
	password, err := people.Restore(ctx, tx, tx.Actor.TenantID, u.Person, title, reason)
	if err != nil {
		return "", nil, err
	}
	lifted, err := proposal.Lift(ctx, tx)
	if err != nil {
		return "", nil, err
	}
	if c.May(Opened) { // whoever comes in by it afterwards may also have written the opening down already
		if _, err := Record(ctx, tx, c.ID, EventInput{Kind: Opened, Witness: tx.Actor.SecondID, Reason: reason}); err != nil {
			return "", nil, err
		}
	}
	if err := tx.Wake(tenants.WakeCustody, c.TenantID); err != nil {
		return "", nil, err
	}
	return password, lifted, written(tx, c.ID, nil, map[string]any{"management": "used", "person_id": u.Person, "reason": reason})
}
