package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/town"
)

func (d *door) keyCabinetRow(c key.Cabinet, keys int, labels map[int64]string) view.KeyCabinetRow {
	row := view.KeyCabinetRow{Name: c.Name, Area: c.Area, Place: c.Place, Keys: keys, Slots: c.Slots, StockedAt: near(c.StockedAt), StockedBy: c.StockedBy, DueOn: c.StockDueOn,
		Overdue: c.RetiredAt == nil && c.StockDueOn.Before(d.today()), URL: keyCabinetURL(c.ID)}
	if code := labels[c.ID]; code != "" {
		row.Label = label.Shown(code)
	}
	return row
}

func (d *door) keyCabinets(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.KeyCabinetsPage{BackURL: keysURL}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := key.Cabinets(ctx, tx)
		if err != nil {
			return err
		}
		copies, err := key.Copies(ctx, tx)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.KindCabinet)
		keys := map[int64]int{}
		for _, one := range copies {
			keys[one.CabinetID]++
		}
		for _, x := range all {
			page.Rows = append(page.Rows, d.keyCabinetRow(x, keys[x.ID], labels))
		}
		return err
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteKey) {
		page.NewURL = keysURL + "/cabinets/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.KeyCabinets.With(f, page) })
}

func (d *door) keyCabinet(c echo.Context) error {
	return d.keyCabinetShow(c, http.StatusOK, view.Form{})
}

func (d *door) keyCabinetShow(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeyCabinetPage{BackURL: keysURL + "/cabinets", Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		x, copies, counts, err := key.GetCabinet(ctx, tx, which)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.KindCabinet)
		if err != nil {
			return err
		}
		of, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		page.KeyCabinetRow, page.Note, page.RetiredAt = d.keyCabinetRow(x, len(copies), labels), x.Note, near(x.RetiredAt)
		for _, one := range copies {
			row := d.keyCopyRow(lang, one, of)
			row.Place = strconv.Itoa(one.Slot)
			page.Copies = append(page.Copies, row)
		}
		for _, n := range counts {
			page.Counts = append(page.Counts, keyCountRow(n))
		}
		if x.RetiredAt != nil {
			return err
		}
		if who.May(tenants.LendKey) {
			page.CountURL = keyCabinetURL(which) + "/inventory"
		}
		if who.May(tenants.WriteKey) {
			page.EditURL = keyCabinetURL(which) + "/terms"
			if len(copies) == 0 {
				page.RetireURL = keyCabinetURL(which) + "/retirement"
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.KeyCabinet.With(f, page) })
}

func keyCountRow(n key.Inventory) view.KeyCountRow {
	return view.KeyCountRow{At: n.OccurredAt, By: n.ByText, Note: n.Note, Expected: n.Expected, Found: n.Found, Differences: n.Differences, URL: fmt.Sprintf("%s/inventories/%d", keysURL, n.ID)}
}

// keyCount is one count with its lines.
func (d *door) keyCount(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeyCountPage{ListURL: keysURL, Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		n, err := key.GetInventory(ctx, tx, which)
		if err != nil {
			return err
		}
		page.KeyCountRow, page.Cabinet = keyCountRow(n), view.Link{Text: n.Cabinet, URL: keyCabinetURL(n.CabinetID)}
		for _, l := range n.Lines {
			row := view.KeyCountLine{Copy: view.Link{Text: l.CopyName, URL: keyCopyURL(l.CopyID)}, Serial: l.Serial, Slot: l.Slot, Seen: key.Words("seen", l.Seen, string(lang)), Detail: l.Detail, Differs: l.Differs()}
			if l.Seen == key.Missing && l.State == key.In && who.May(tenants.LendKey) {
				row.LoseURL = keyCopyURL(l.CopyID) + "/loss"
			}
			page.Lines = append(page.Lines, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.KeyCount.With(f, page) })
}

func (d *door) keyCabinetNew(c echo.Context) error {
	return d.keyCabinetForm(c, http.StatusOK, 0, view.Form{})
}

func (d *door) keyCabinetEdit(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	return d.keyCabinetForm(c, http.StatusOK, which, view.Form{})
}

func (d *door) keyCabinetForm(c echo.Context, status int, which int64, form view.Form) error {
	lang := d.lang(c)
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	page := view.KeyFormPage{Title: say("保管庫を登録する", "Add a cabinet"), Button: say("登録する", "Add"), BackURL: keysURL + "/cabinets", Form: form, Crumbs: []view.Link{{Text: say("保管庫", "Cabinets"), URL: keysURL + "/cabinets"}}}
	var areas []view.Option
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		all, err := rack.Areas(ctx, tx)
		if err != nil {
			return err
		}
		for _, a := range all {
			areas = append(areas, view.Option{Value: strconv.FormatInt(a.ID, 10), Label: a.Name})
		}
		if which == 0 {
			return nil
		}
		x, _, _, err := key.GetCabinet(ctx, tx, which)
		page.Title, page.Name, page.Button, page.BackURL = say("登録を変更する", "Change a cabinet"), x.Name, say("変更する", "Change"), keyCabinetURL(which)
		if form.Action == "" {
			page.Form = filled(keyCabinetURL(which)+"/terms", "area_id", strconv.FormatInt(x.AreaID, 10), "name", x.Name, "place", x.Place, "slots", strconv.Itoa(x.Slots), "stock_months", strconv.Itoa(x.StockMonths), "note", x.Note)
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = filled(keysURL+"/cabinets", "slots", "20", "stock_months", strconv.Itoa(key.UsualStockMonths))
	}
	return d.keyForm(c, status, page,
		view.Field{Name: "name", Label: say("名称", "Name"), Size: "l", Required: true},
		view.Field{Name: "area_id", Label: say("管理区域", "Area"), Kind: "select", Required: true, Options: areas},
		view.Field{Name: "place", Label: say("場所", "Where"), Size: "l", Help: say("例：入口左の壁", "On the wall left of the door.")},
		view.Field{Name: "slots", Label: say("かけられる数", "Slots"), Size: "s", Inputmode: "numeric", Required: true, Help: say("1番からの通し番号です。", "Numbered from 1.")},
		view.Field{Name: "stock_months", Label: say("棚卸の周期", "Counted every"), Size: "s", Inputmode: "numeric", After: say("か月", "months"), Required: true, Help: say("運用上の定めです。1〜12か月", "The host's own rule; 1 to 12 months.")},
		view.Field{Name: "note", Label: say("備考", "Note"), Kind: "textarea", Rows: 3})
}

// keyCabinetSave adds a cabinet (which 0) or writes one anew.
func (d *door) keyCabinetSave(c echo.Context, which int64) error {
	var made key.Cabinet
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		in := key.CabinetInput{Name: c.FormValue("name"), Place: c.FormValue("place"), Note: c.FormValue("note"), Slots: whole(&v, c, "slots"), StockMonths: whole(&v, c, "stock_months")}
		in.AreaID, _ = number(c.FormValue("area_id")) // the room says what is wrong with none
		if err := v.Err(); err != nil {
			return err
		}
		if which == 0 {
			made, err = key.AddCabinet(ctx, tx, in)
		} else {
			made, err = key.ChangeCabinet(ctx, tx, which, in)
		}
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyCabinetForm(c, status, which, form) })
	}
	return d.done(c, keyCabinetURL(made.ID), "記録しました。", "It is on record.")
}

func (d *door) keyCabinetAdd(c echo.Context) error { return d.keyCabinetSave(c, 0) }

func (d *door) keyCabinetChange(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	return d.keyCabinetSave(c, which)
}

func (d *door) keyCabinetRetire(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireCabinet(ctx, tx, which) })
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyCabinetShow(c, status, form) })
	}
	return d.done(c, keysURL+"/cabinets", "廃止しました。", "It is retired.")
}

func (d *door) keyStock(c echo.Context) error { return d.keyStockForm(c, http.StatusOK, view.Form{}) }

func (d *door) keyStockForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	page := view.KeyFormPage{Title: say("鍵の棚卸", "Count the keys"), Button: say("台帳と照らし合わせて記録する", "Compare and record"), BackURL: keyCabinetURL(which), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
			return err
		}
		x, copies, _, err := key.GetCabinet(ctx, tx, which)
		page.Name, page.Crumbs = x.Name, []view.Link{{Text: say("保管庫", "Cabinets"), URL: keysURL + "/cabinets"}, {Text: x.Name, URL: keyCabinetURL(which)}}
		in := 0
		for _, one := range copies {
			if one.State == key.In {
				in++
			}
		}
		page.Lead = fmt.Sprintf(say("台帳では、いま%d本がかかっているはずです。", "The ledger has %d hanging there now."), in)
		return err
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = filled(keyCabinetURL(which) + "/inventory")
	}
	fields := []view.Field{{Name: "codes", Label: say("読み取ったラベル番号", "Labels"), Kind: "textarea", Rows: 8, Inputmode: "numeric",
		Help: say("保管庫にある鍵のラベルを、1本ずつ読み取るか入力してください（1行に1つ）。同じものを2度読んでもかまいません。", "Scan or type the label of each key that hangs there, one a line. Twice does no harm.")}}
	if page.Form.Err("accept") != "" {
		fields = append(fields, view.Field{Name: "accept", Label: say("食い違いのまま記録する", "Write it down with these differences"), Kind: "check"})
	}
	return d.keyForm(c, status, page, append(fields, view.Field{Name: "note", Label: say("備考", "Note"), Size: "l"})...)
}

func (d *door) keyStockDone(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	var made key.Inventory
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		made, err = key.TakeStock(ctx, tx, which, key.StockInput{Codes: c.FormValue("codes"), Accept: c.FormValue("accept") == "on", Note: c.FormValue("note")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyStockForm(c, status, form) })
	}
	return d.done(c, keyCountRow(made).URL, "棚卸を記録しました。", "The count is on record.")
}

func (d *door) keySetting(c echo.Context) error {
	return d.keySettingForm(c, http.StatusOK, view.Form{})
}

func (d *door) keySettingForm(c echo.Context, status int, form view.Form) error {
	lang := d.lang(c)
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	page := view.KeyFormPage{Title: say("鍵の運用の定め", "What is decided about keys"), Button: say("定める", "Decide"), BackURL: keysURL, Form: form,
		Lead: say("法令に定めのない、この団体の運用です。すでに求めている返却や棚卸の連絡先は変わりません。", "The host's own rules. Who is told of what is asked for already stays.")}
	var ladders []view.Option
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		s, err := key.GetSetting(ctx, tx)
		if err != nil {
			return err
		}
		all, err := town.Ladders(ctx, tx, tx.Actor.TenantID)
		for _, l := range all {
			ladders = append(ladders, view.Option{Value: strconv.FormatInt(l.ID, 10), Label: l.Name})
		}
		if form.Action == "" {
			page.Form = filled(keysURL+"/setting", "ladder_id", strconv.FormatInt(s.LadderID, 10), "grace_minutes", strconv.Itoa(s.GraceMinutes), "backdate_hours", strconv.Itoa(s.BackdateHours), "cylinder_days", strconv.Itoa(s.CylinderDays))
		}
		return err
	})
	if err != nil {
		return err
	}
	fields := []view.Field{
		{Name: "grace_minutes", Label: say("返却遅れを知らせるまで", "Told after"), Size: "s", Inputmode: "numeric", After: say("分", "minutes"), Required: true, Help: say("返却予定からこの時間がたっても戻らないと、障害として知らせます。", "A key that is not back this long after it was due is an incident.")},
		{Name: "backdate_hours", Label: say("さかのぼって記録できる時間", "Without a reason"), Size: "s", Inputmode: "numeric", After: say("時間", "hours"), Required: true, Help: say("これより前のことを記録するには理由が要ります。", "What happened longer ago needs a reason.")},
		{Name: "cylinder_days", Label: say("紛失からシリンダー交換まで", "New cylinder within"), Size: "s", Inputmode: "numeric", After: say("日", "days"), Required: true},
	}
	if len(ladders) > 1 {
		fields = append(fields, view.Field{Name: "ladder_id", Label: say("知らせる順", "Who is told"), Kind: "select", Options: append([]view.Option{{Value: "0", Label: say("この団体の標準", "the default")}}, ladders...)})
	}
	return d.keyForm(c, status, page, fields...)
}

func (d *door) keySettingSet(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		in := key.Setting{GraceMinutes: whole(&v, c, "grace_minutes"), BackdateHours: whole(&v, c, "backdate_hours"), CylinderDays: whole(&v, c, "cylinder_days")}
		in.LadderID, _ = number(c.FormValue("ladder_id"))
		if err := v.Err(); err != nil {
			return err
		}
		return key.Set(ctx, tx, in)
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keySettingForm(c, status, form) })
	}
	return d.done(c, keysURL, "定めました。", "It is decided.")
}
