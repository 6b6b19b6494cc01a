package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

// KindSubject is what the audit reports of single sign-on: another account of the provider has come under a name that is known
// here by another one.
const KindSubject = "people.subject"

var _ = tenants.Sentences(map[string][2]string{
	KindSubject: {"シングルサインオンで、登録済みの人と同じ名前の別のアカウントが{n}件拒まれました（{since}から）。同じ人なら、二要素認証を外すと結び直せます{more}",
		"Single sign-on has refused {n} other accounts under names that are known here since {since}; taking a person's second factors off lets them be known anew{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindSubject: {"別アカウントの拒否{n}件", "{n} other accounts refused"},
})

// Subject is who somebody is at a provider of single sign-on.
type Subject struct {
	Issuer  string
	Subject string // what never changes hands there (sub)
	Login   string // by what name they are found the first time
}

// Known is whose the subject is, for whoever has proved at the provider who they are. The first time the login says so, and the
// subject is kept: from then on it alone counts, and another subject under the same login is refused. It runs in the gate's
// transaction, to be committed whatever it says.
func Known(ctx context.Context, tx *tenants.Tx, s Subject) (town, person int64, refused bool, err error) {
	if town, person, err = kept(tx, s); err != nil || person != 0 {
		return town, person, false, err
	}
	if town, person, err = FindLogin(ctx, tx, s.Login); err != nil {
		return 0, 0, false, err
	}
	res := tx.DB.Exec(`INSERT INTO person_subject (tenant_id, person_id, issuer, subject, bound_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		town, person, s.Issuer, s.Subject, tx.Now)
	if res.Error != nil {
		return 0, 0, false, fmt.Errorf("keep a subject: %w", res.Error)
	}
	line := tenants.Line{Town: town, Act: tenants.SignIn, Object: "person", ObjectID: person}
	if res.RowsAffected == 1 {
		line.After = map[string]string{"known_by": s.Issuer}
		return town, person, false, tx.Record(line)
	}
	res = tx.DB.Exec(`UPDATE person_subject SET refused_at = ? WHERE tenant_id = ? AND person_id = ? AND issuer = ? AND subject <> ?`, tx.Now, town, person, s.Issuer, s.Subject)
	if res.Error != nil {
		return 0, 0, false, fmt.Errorf("note another subject: %w", res.Error)
	}
	if res.RowsAffected == 0 { // this very one has just been kept by a twin, who may have come under another name: it alone counts
		if town, person, err = kept(tx, s); err == nil && person == 0 {
			err = signInAgain() // and is gone again
		}
		return town, person, false, err
	}
	line.After = map[string]string{"refused": "subject"}
	return 0, 0, true, tx.Record(line)
}

// kept is whose the subject is already; 0 where it is nobody's.
func kept(tx *tenants.Tx, s Subject) (town, person int64, err error) {
	var found []struct {
		TenantID, PersonID int64
		Out                bool
	}
	err = tx.DB.Raw(`SELECT x.tenant_id, x.person_id, p.disabled_at IS NOT NULL OR p.machine AS out FROM person_subject x
		JOIN person p ON p.tenant_id = x.tenant_id AND p.id = x.person_id WHERE x.issuer = ? AND x.subject = ?`, s.Issuer, s.Subject).Scan(&found).Error
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("find a subject: %w", err)
	case len(found) == 0:
		return 0, 0, nil
	case found[0].Out:
		return 0, 0, unknownHere()
	}
	return found[0].TenantID, found[0].PersonID, nil
}

// AnotherSubject is the answer to whoever comes under the name of somebody else.
func AnotherSubject() error {
	return tenants.Unauthenticated("この名前は、シングルサインオンの別のアカウントとして登録されています。受託町の戸籍データ等管理者へお問い合わせください。",
		"This name is known here as another account of single sign-on. Please ask the host town's koseki data manager.")
}

func unknownHere() error {
	return tenants.Unauthenticated("この利用者は棚守に登録されていません。受託町の戸籍データ等管理者へお問い合わせください。",
		"This person is not registered with Tanamori. Please ask the host town's koseki data manager.")
}
