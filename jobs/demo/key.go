package demo

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/people"
	"tanamori/tenants/rack"
)

// actor is one of the host's people.
func (l *loader) actor(ctx context.Context, login string) (who tenants.Actor, err error) {
	err = l.ground.Do(ctx, tenants.Gate("demo", ""), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.Load(ctx, tx, l.found.TenantID, l.people[login])
		return err
	})
	return who, err
}

// hang puts the keys of the racks into a cabinet.
func (l *loader) hang(ctx context.Context) error {
	facility, err := l.actor(ctx, "facility")
	if err != nil {
		return fmt.Errorf("hang the keys: %w", err)
	}
	err = l.ground.Do(ctx, facility, func(ctx context.Context, tx *tenants.Tx) error {
		racks, err := racksOf(ctx, tx)
		if err != nil {
			return err
		}
		return l.addKeys(ctx, tx, racks)
	})
	if err != nil {
		return fmt.Errorf("hang the keys: %w", err)
	}
	return nil
}

// lendKeys counts the cabinet on the newest morning and lends some keys: one is out until the evening, one came back at once, and one
// waits for somebody to agree.
func (l *loader) lendKeys(ctx context.Context) error {
	facility, err := l.actor(ctx, "facility")
	if err != nil {
		return fmt.Errorf("lend keys: %w", err)
	}
	operator, err := l.actor(ctx, "operator")
	if err != nil {
		return fmt.Errorf("lend keys: %w", err)
	}
	var copies []key.Copy
	err = l.ground.Do(ctx, facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if copies, err = key.Copies(ctx, tx); err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		if err != nil {
			return err
		}
		codes := ""
		for _, c := range copies {
			codes += labels[c.ID] + " "
		}
		if _, err := key.TakeStock(ctx, tx, copies[0].CabinetID, key.StockInput{Codes: codes}); err != nil {
			return err
		}
		return l.lend(ctx, tx, operator.PersonID, copies)
	})
	if err != nil {
		return fmt.Errorf("lend keys: %w", err)
	}
	err = l.ground.Do(ctx, operator, func(ctx context.Context, tx *tenants.Tx) error {
		minutes := 120
		_, err := key.Ask(ctx, tx, copies[4].ID, key.AskInput{Visitor: "見本 五郎", VisitorCompany: "見本保守", Purpose: "空調機の点検", Work: "作業票 令8-17", DueMinutes: &minutes})
		return err
	})
	if err != nil {
		return fmt.Errorf("lend keys: %w", err)
	}
	return nil
}

// racksOf are the racks of the server room, which is set up where there is none.
func racksOf(ctx context.Context, tx *tenants.Tx) ([]rack.Rack, error) {
	racks, err := rack.Racks(ctx, tx)
	if err != nil || len(racks) > 1 {
		return racks, err
	}
	b, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎"})
	if err != nil {
		return nil, err
	}
	a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: b.ID, Kind: "server_room", Name: "サーバ室", Floor: "2階", PlanRows: 2, PlanPlaces: 6})
	if err != nil {
		return nil, err
	}
	for n := 1; n <= 2; n++ {
		r, err := rack.Add(ctx, tx, rack.Input{AreaID: a.ID, Code: fmt.Sprintf("A-%02d", n), PlanRow: 1, PlanPlace: n, Units: 42, Lock: "前後扉 同一シリンダー", Fixing: "アンカーボルト4点", Dedicated: true,
			CheckMonths: rack.UsualCheckMonths})
		if err != nil {
			return nil, err
		}
		if _, err := rack.LookAt(ctx, tx, r.ID, rack.CheckInput{Fixed: true, Lockable: true, Dedicated: true}); err != nil {
			return nil, err
		}
		racks = append(racks, r)
	}
	return racks, nil
}

// addKeys registers a key for all racks but the last, one for that, which holds the media, and one for the room. Nobody holds the first
// two together.
func (l *loader) addKeys(ctx context.Context, tx *tenants.Tx, racks []rack.Rack) error {
	area := racks[0].AreaID
	cabinet, err := key.AddCabinet(ctx, tx, key.CabinetInput{AreaID: area, Name: "鍵保管庫", Place: "入口左の壁", Slots: 20, StockMonths: key.UsualStockMonths})
	if err != nil {
		return err
	}
	last := racks[len(racks)-1]
	var first []int64
	for _, r := range racks[:len(racks)-1] {
		first = append(first, r.ID)
	}
	items := []key.ItemInput{
		{Kind: key.Metal, Name: "サーバラックの鍵", Racks: first, Authorisers: 1, DueClock: 17 * 60},
		{Kind: key.Metal, Name: "媒体ラックの鍵", Racks: []int64{last.ID}, Authorisers: 2, DueClock: 17 * 60},
		{Kind: key.Card, Name: "サーバ室の入室カード", Areas: []int64{area}, Authorisers: 1, DueClock: 17 * 60},
	}
	slot, serverKey := 0, int64(0)
	for n, in := range items {
		if n == 1 {
			in.Excludes = []int64{serverKey}
		}
		item, err := key.AddItem(ctx, tx, in)
		if err != nil {
			return err
		}
		if n == 0 {
			serverKey = item.ID
		}
		for _, rank := range []string{key.Main, key.Spare} {
			slot++
			_, err := key.AddCopy(ctx, tx, item.ID, key.CopyInput{Serial: fmt.Sprintf("T-%04d", 100+slot), Rank: rank, Number: 1, CabinetID: cabinet.ID, Slot: slot,
				Happened: key.Happened{OccurredAt: l.now.AddDate(0, -2, 0), Reason: "紙の管理簿から移行"}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// lend hands out what the demonstration has out, and takes back what came back.
func (l *loader) lend(ctx context.Context, tx *tenants.Tx, to int64, copies []key.Copy) error {
	due := tx.Now.Add(8 * time.Hour)
	out := func(c key.Copy, purpose string) error {
		_, err := key.Ask(ctx, tx, c.ID, key.AskInput{Borrower: to, Purpose: purpose, Work: "作業票 令8-16", DueAt: &due, Approve: true, HandOut: true})
		return err
	}
	if err := out(copies[5], "入室カードの確認"); err != nil {
		return err
	}
	if _, err := key.Return(ctx, tx, copies[5].ID, key.Happened{}); err != nil {
		return err
	}
	return out(copies[0], "ハードディスクの交換")
}
