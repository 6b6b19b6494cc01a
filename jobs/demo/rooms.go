package demo

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
)

// serverRoom is the server room of the register.
func (l *loader) serverRoom(ctx context.Context) (id int64, err error) {
	err = l.as(ctx, "facility", func(ctx context.Context, tx *tenants.Tx) error {
		areas, err := rack.Areas(ctx, tx)
		if err != nil {
			return err
		}
		for _, a := range areas {
			if a.Kind == "server_room" {
				id = a.ID
				return nil
			}
		}
		return tenants.NotFound()
	})
	return id, err
}

// visitRoom plays the ledger of the server room: who may enter, a round of the operator's, a vendor's visit from application to
// badge, and an application that waits.
func (l *loader) visitRoom(ctx context.Context) error {
	area, err := l.serverRoom(ctx)
	if err != nil {
		return fmt.Errorf("play the server room: %w", err)
	}
	var visit room.Visit
	var badge room.Badge
	steps := []struct {
		after time.Duration
		login string
		do    func(ctx context.Context, tx *tenants.Tx) error
	}{
		{0, "admin", func(ctx context.Context, tx *tenants.Tx) error {
			for _, login := range []string{"operator", "facility"} {
				if _, err := room.Grant(ctx, tx, room.PermitInput{AreaID: area, PersonID: l.people[login], Document: "蘭住第12号"}); err != nil {
					return err
				}
			}
			return nil
		}},
		{0, "facility", func(ctx context.Context, tx *tenants.Tx) (err error) {
			if _, err = room.Grant(ctx, tx, room.PermitInput{AreaID: area, PersonID: l.people["admin"], Document: "蘭住第12号"}); err != nil {
				return err
			}
			if badge, err = room.AddBadge(ctx, tx, "業者1", "首から下げるもの"); err != nil {
				return err
			}
			if _, err = room.AddBadge(ctx, tx, "業者2", "首から下げるもの"); err != nil {
				return err
			}
			visit, err = room.Apply(ctx, tx, room.VisitInput{Company: "見本情報サービス", Names: "見本 太郎\n見本 次郎", FromAt: tx.Now.Add(time.Hour), UntilAt: tx.Now.Add(3 * time.Hour),
				Reason: "保守契約による定期点検のため", Work: "戸籍サーバの定期点検とディスク1本の交換", Areas: []int64{area}, EscortID: l.people["operator"], CarryIn: "交換用ディスク1本、点検用端末1台"})
			return err
		}},
		{10 * time.Minute, "admin", func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Decide(ctx, tx, visit.ID, true, "")
			return err
		}},
		{55 * time.Minute, "operator", func(ctx context.Context, tx *tenants.Tx) error {
			if _, err := room.Enter(ctx, tx, room.EnterInput{AreaID: area, Who: fmt.Sprintf("person:%d", l.people["operator"]), Purpose: "保守作業の立会い"}); err != nil {
				return err
			}
			_, err := room.Enter(ctx, tx, room.EnterInput{AreaID: area, Who: fmt.Sprintf("visitor:%d", visit.Visitors[0].ID), EscortID: l.people["operator"], BadgeID: badge.ID, Carried: "交換用ディスク1本、点検用端末1台"})
			return err
		}},
		{70 * time.Minute, "operator", func(ctx context.Context, tx *tenants.Tx) error {
			inside, err := room.InsideNow(ctx, tx, area)
			if err != nil {
				return err
			}
			for n := len(inside) - 1; n >= 0; n-- { // the visitor first
				in := room.LeaveInput{BadgeBack: true, Carried: "故障ディスク1本、点検用端末1台"}
				if inside[n].PersonID != nil {
					r, err := room.Get(ctx, tx, area)
					if err != nil {
						return err
					}
					in = room.LeaveInput{Done: r.Checklist}
				}
				if _, err := room.Leave(ctx, tx, inside[n].ID, in); err != nil {
					return err
				}
			}
			return nil
		}},
		{30 * time.Minute, "facility", func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Apply(ctx, tx, room.VisitInput{Company: "見本電気保安", Names: "見本 三郎", FromAt: l.Now.Add(2 * time.Hour), UntilAt: l.Now.Add(5 * time.Hour), Reason: "空調設備の点検のため",
				Work: "空調設備の点検", Areas: []int64{area}, EscortID: l.people["facility"], CarryIn: "工具一式"})
			return err
		}},
	}
	for _, s := range steps {
		l.at(l.now.Add(s.after))
		if err := l.as(ctx, s.login, s.do); err != nil {
			return fmt.Errorf("play the server room: %w", err)
		}
	}
	return nil
}
