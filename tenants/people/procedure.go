package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
	"tanamori/tenants/vault"
)

// What is done about a password that the administrator gave (個別パスワード, RK 第8条第1項): issued, a second factor taken off,
// somebody let in again, or access restored by the management password.
const (
	IssuedPassword = "issued"
	FactorsOff     = "factors"
	LetInAgain     = "enabled"
	Restored       = "restored"
)

// How the second person took part.
const (
	Present   = "present"   // proved who they are at the same screen
	Confirmed = "confirmed" // from a session of their own (照合)
	Alone     = "alone"     // nobody was asked for
	Unsealed  = "opened"    // opened the envelope of the management password with whoever asked
)

var _ = tenants.Sentences(map[string][2]string{
	"password.kind.issued":   {"個別パスワードの付与", "password issued"},
	"password.kind.factors":  {"二要素認証を外す", "second factors taken off"},
	"password.kind.enabled":  {"停止を解く", "let in again"},
	"password.kind.restored": {"管理パスワードによる復旧", "access restored by the management password"},

	"password.how.present":   {"同じ画面で立会い", "at the same screen"},
	"password.how.confirmed": {"本人の画面で照合", "confirmed from their own session"},
	"password.how.alone":     {"一人で", "alone"},
	"password.how.opened":    {"二人で開封", "opened the envelope together"},

	"retention.series.password":     {"個別パスワードの付与等の記録", "Procedures of passwords"},
	"retention.basis.password":      {"住基ネット規程第17条第2項に合わせ、操作履歴と同じく7年以上", "As the operation history, seven years at least"},
	"retention.kind.password_event": {"個別パスワードの付与等", "procedures of passwords"},
	"retention.series.sign_in":      {"使用の記録", "Record of use"},
	"retention.basis.sign_in":       {"住基ネット規程第17条第2項に合わせ、操作履歴と同じく7年以上", "As the operation history, seven years at least"},
	"retention.kind.sign_in":        {"使用の記録", "uses of the console"},
})

// ProcedureWords is what people call a kind ("kind", IssuedPassword …) or a manner ("how", Present …).
func ProcedureWords(of, code, lang string) string {
	return tenants.Reason{Code: "password." + of + "." + code}.In(lang)
}

// Procedure is one line of the record of what was done about passwords, by two persons where the town asks for two.
type Procedure struct {
	TenantID, ID int64
	At           time.Time
	Kind         string
	PersonID     int64
	Person       string // whose password
	Reason       string
	ByText       string
	How          string
	SecondText   string
}

// Procedures gives what was done about passwords in the towns that the actor may, before the given id (0 for the newest), of at
// most limit rows, the newest first.
func Procedures(_ context.Context, tx *tenants.Tx, town, before int64, limit int) ([]Procedure, error) {
	towns, err := tx.Reach(tenants.ReadPeople)
	if town != 0 {
		towns, err = []int64{town}, tx.Permit(tenants.ReadPeople, town)
	}
	if err != nil {
		return nil, err
	}
	var found []Procedure
	err = tx.DB.Raw(tenants.Newest(`SELECT p.tenant_id, p.id, p.at, p.kind, p.person_id, p.person, p.reason, p.by_text, p.how, p.second_text FROM password_event p WHERE true`, "p", len(towns)),
		map[string]any{"towns": &towns, "before": before, "limit": limit}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list procedures of passwords: %w", err)
	}
	return found, nil
}

// reasonOf is why something is done about a password, as it was typed.
func reasonOf(typed string) (string, error) {
	var v tenants.Invalid
	reason := entry.Line(&v, "reason", typed, 200)
	return reason, v.Err()
}

// proceed writes the line of what was just done. In the transaction of the act: neither stands without the other.
func proceed(tx *tenants.Tx, p Person, kind, reason string) error {
	a, how := tx.Actor, Alone
	switch {
	case kind == Restored:
		how = Unsealed
	case a.SecondID != 0 && a.Beside:
		how = Present
	case a.SecondID != 0:
		how = Confirmed
	}
	second := a.Second
	a.Second = "" // it has a column of its own
	err := tx.DB.Exec(`INSERT INTO password_event (tenant_id, at, kind, person_id, person, reason, by_id, by_text, how, second_id, second_text)
		VALUES (@town, @now, @kind, @person, @name, @reason, @by, @text, @how, @second, @second_text)`,
		map[string]any{"town": p.TenantID, "now": tx.Now, "kind": kind, "person": p.ID, "name": p.Name, "reason": reason, "by": some(a.PersonID), "text": a.Text(),
			"how": how, "second": some(a.SecondID), "second_text": second}).Error
	if err != nil {
		return fmt.Errorf("write down what was done about the password of person %d: %w", p.ID, err)
	}
	return nil
}

// ResetFactors takes all second factors off a person who lost them, and ends their sessions. Others may use the password
// alone meanwhile, so it comes with a new one (SetPassword). Whoever they are at a provider of single sign-on is forgotten too:
// the next sign-in there says it anew. reason: why.
func ResetFactors(_ context.Context, tx *tenants.Tx, town, person int64, reason string) error {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	p, err := take(tx, town, person)
	if err != nil {
		return err
	}
	if err := givingAll(tx, p); err != nil {
		return err
	}
	if err := dropFactors(tx, town, person); err != nil {
		return err
	}
	if err := proceed(tx, p, FactorsOff, reason); err != nil {
		return err
	}
	return recordEverywhere(tx, p, tenants.Line{Town: town, Act: tenants.WritePeople, Object: "factors", ObjectID: person})
}

// dropFactors takes off whatever proves who a person is besides their password, and ends their sessions.
func dropFactors(tx *tenants.Tx, town, person int64) error {
	for _, table := range []string{"totp", "passkey", "recovery_code", "person_subject"} {
		if err := tx.DB.Exec(`DELETE FROM `+table+` WHERE tenant_id = ? AND person_id = ?`, town, person).Error; err != nil {
			return fmt.Errorf("reset the second factors of person %d: %w", person, err)
		}
	}
	if err := vault.Drop(tx, town, vault.App, person); err != nil {
		return err
	}
	return end(tx, town, person, "revoked", `id <> ?`, 0)
}

// Witness is who somebody is that has just proved it beside another person's session, by a password that nobody else knows. It
// runs in the gate's transaction.
func Witness(ctx context.Context, tx *tenants.Tx, town, person int64) (tenants.Actor, error) {
	actor, err := Load(ctx, tx, town, person)
	if err != nil {
		return tenants.Actor{}, err
	}
	var issued bool
	if err := tx.DB.Raw(`SELECT issued FROM person WHERE tenant_id = ? AND id = ?`, town, person).Scan(&issued).Error; err != nil {
		return tenants.Actor{}, fmt.Errorf("look at who stands by: %w", err)
	}
	policy, _, err := policyOf(tx, town)
	if err != nil {
		return tenants.Actor{}, err
	}
	f, err := factors(tx, town, person)
	if err != nil {
		return tenants.Actor{}, err
	}
	var v tenants.Invalid
	switch {
	case issued:
		v.Add("second_login", "渡されたパスワードのままの人は立ち会えません。先に一度ログインして、自分のパスワードを決めてもらってください。",
			"They still have the password they were given; let them sign in and choose their own first.")
	case policy.SecondFactor && !f.Any():
		v.Add("second_login", "二要素認証が決まりですが、この人はまだ設定していません。", "A second factor is asked for, and they have none yet.")
	}
	if err := v.Err(); err != nil {
		return tenants.Actor{}, err
	}
	return actor, asPerson(tx, actor, tenants.Line{Town: town, Act: tenants.SignIn, Object: "presence", ObjectID: person})
}
