package demo

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/custody"
)

// seal lets the administrator and the facility manager put two passwords into envelopes, and open one.
func (l *loader) seal(ctx context.Context) error {
	facility, operator, admin := l.people["facility"], l.people["operator"], l.people["admin"]
	err := l.as(ctx, "admin", func(ctx context.Context, tx *tenants.Tx) error {
		startup, err := custody.Add(ctx, tx, custody.Input{Kind: custody.Startup, Name: "戸籍サーバ（正）", AppliesTo: "ラックA-01 U20の起動画面", RotateMonths: custody.UsualMonths, OpenDays: 90},
			custody.EventInput{OccurredAt: l.now.AddDate(0, 0, -150), By: facility, Witness: admin, Envelope: "K-001", Place: "本庁舎 耐火金庫 2段目"})
		if err != nil {
			return err
		}
		_, err = custody.Add(ctx, tx, custody.Input{Kind: custody.Management, Name: "個別パスワードの管理", AppliesTo: "戸籍システムの利用者登録", RotateMonths: custody.UsualMonths, OpenDays: custody.UsualDays},
			custody.EventInput{OccurredAt: l.now.AddDate(0, 0, -120), Witness: operator, Envelope: "K-002", Place: "本庁舎 耐火金庫 2段目"})
		if err != nil {
			return err
		}
		_, err = custody.Record(ctx, tx, startup.ID, custody.EventInput{Kind: custody.Opened, OccurredAt: l.now.AddDate(0, 0, -1), By: facility, Witness: admin, Reason: "法定停電点検のあとの起動のため"})
		if err != nil {
			return err
		}
		_, err = custody.Record(ctx, tx, startup.ID, custody.EventInput{Kind: custody.Resealed, OccurredAt: l.now.AddDate(0, 0, -1), By: facility, Witness: admin, Envelope: "K-003", Place: "本庁舎 耐火金庫 2段目"})
		return err
	})
	if err != nil {
		return fmt.Errorf("take passwords into custody: %w", err)
	}
	return nil
}
