package demo

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
)

// rules is what everybody of the demonstration undertook to observe, after articles 7 and 8 of 戸籍に係る電子情報処理組織の事務の
// 管理及び執行に関する要領 (蘭越町).
const rules = `戸籍データの保全及び保護に留意し、個人情報の保護に万全の注意を払うこと。
個別パスワードを他人に知らせ、又は使用させないこと。
業務の目的以外に戸籍データを利用し、又は提供しないこと。
職を離れたあとも、業務上知り得た秘密を漏らさないこと。`

// observe lets the administrator write the rules and everybody accept them, each as themselves.
func (l *loader) observe(ctx context.Context) error {
	var made observance.Document
	err := l.do(ctx, func(ctx context.Context, tx *tenants.Tx) (err error) {
		made, err = observance.Publish(ctx, tx, observance.Input{Title: "戸籍データ等利用者の遵守事項", Body: rules, FromOn: calendar.DateOf(l.now, l.zone)})
		return err
	})
	if err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	for login := range l.people {
		err := l.as(ctx, login, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := observance.Accept(ctx, tx, made.Document, made.Version, made.SHA256)
			return err
		})
		if err != nil {
			return fmt.Errorf("accept the rules: %w", err)
		}
	}
	return nil
}
