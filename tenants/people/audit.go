package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// What the audit reports of signing in: somebody guesses, and the console was used outside the hours of an organisation.
const (
	KindGuessing = "people.guessing"
	KindOffHours = "people.off_hours"
)

var _ = tenants.Sentences(map[string][2]string{
	KindGuessing: {"ログインの失敗が{n}回続いています（{since}から）。パスワードを試している者がいるおそれがあります{more}",
		"Signing in failed {n} times in a row since {since}; somebody may be guessing passwords{more}"},
	KindOffHours: {"業務時間外の使用が{n}件あります（{since}から）。「使用の記録」で確かめてください{more}",
		"The console was used outside working hours {n} times since {since}; see the record of use{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindGuessing: {"続くログイン失敗{n}回", "{n} failed sign-ins"},
	KindOffHours: {"時間外の使用{n}件", "{n} uses after hours"},
})

// Audit tells of guessing (川崎 第7条第2項, 不正アクセスの試み) and of use outside working hours (同第1項後段) in the last day.
// Tries from one address at logins that nobody has concern the installation, and so every host. Jobs only.
func Audit(_ context.Context, tx *tenants.Tx) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var found []tenants.Breach
	err := tx.DB.Raw(`SELECT coalesce(town, 0) AS tenant_id, CAST(@guessing AS text) AS kind, max(fails) AS count, min(since) AS since, false AS setting
		FROM sign_in_wait WHERE fails >= @most AND last_at > CAST(@lately AS timestamptz) GROUP BY coalesce(town, 0)
		UNION ALL
		SELECT tenant_id, @off, count(*), min(began_at), true FROM sign_in
		WHERE off_hours AND began_at > CAST(@day AS timestamptz) AND began_at <= CAST(@now AS timestamptz) GROUP BY tenant_id
		UNION ALL
		SELECT tenant_id, @subject, count(*), min(refused_at), true FROM person_subject
		WHERE refused_at > CAST(@day AS timestamptz) AND refused_at <= CAST(@now AS timestamptz) GROUP BY tenant_id`,
		map[string]any{"subject": KindSubject, "guessing": KindGuessing, "most": guessing, "lately": tx.Now.Add(-forgiven), "off": KindOffHours,
			"day": tx.Now.Add(-24 * time.Hour), "now": tx.Now}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("audit sign-ins: %w", err)
	}
	return found, nil
}
