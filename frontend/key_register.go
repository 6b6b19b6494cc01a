package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/town"
)

// keyItem is one kind of key with its copies.
func (d *door) keyItem(c echo.Context) error { return d.keyItemShow(c, http.StatusOK, view.Form{}) }

func (d *door) keyItemShow(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeyItemPage{BackURL: keysURL, Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		i, copies, err := key.GetItem(ctx, tx, which)
		if err != nil {
			return err
		}
		all, err := key.Items(ctx, tx)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		if err != nil {
			return err
		}
		page.Name, page.Kind, page.Opens, page.Note = i.Name, key.Words("kind", i.Kind, string(lang)), keyOpens(lang, i.Opens), i.Note
		page.Authorisers, page.Generation, page.RetiredAt = i.Authorisers, i.Generation, near(i.RetiredAt)
		page.Due = fmt.Sprintf(d.say(lang, "%sまで", "by %s"), clockOf(i.DueClock))
		if i.DueMinutes != nil {
			page.Due = fmt.Sprintf(d.say(lang, "貸出から%s時間", "%s hours after it went out"), hoursOf(*i.DueMinutes))
		}
		var never []string
		for _, x := range all {
			if slices.Contains(i.Excludes, x.ID) {
				never = append(never, x.Name)
			}
		}
		page.Excludes = strings.Join(never, d.say(lang, "、", ", "))
		left := 0
		for _, one := range copies {
			if one.State != key.Retired {
				left++
			}
			page.Copies = append(page.Copies, d.keyCopyRow(lang, one, labels))
		}
		if !who.May(tenants.WriteKey) || i.RetiredAt != nil {
			return nil
		}
		page.EditURL = keyItemURL(which) + "/terms"
		page.Acts = []view.Act{{Label: d.say(lang, "本数を加える", "Add a copy"), URL: keyItemURL(which) + "/copies"}}
		if left > 0 {
			page.Acts = append(page.Acts, view.Act{Label: d.say(lang, "シリンダー交換を記録する", "Record a new cylinder"), URL: keyItemURL(which) + "/cylinder"})
		} else {
			page.RetireURL = keyItemURL(which) + "/retirement"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.KeyItem.With(f, page) })
}

// whatOpens are the choices of what a key opens, and of the keys that it excludes.
func whatOpens(ctx context.Context, tx *tenants.Tx, self int64) (opens, excludes []view.Option, err error) {
	racks, err := rack.Racks(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	areas, err := rack.Areas(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	cabinets, err := key.Cabinets(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	items, err := key.Items(ctx, tx)
	add := func(kind string, id int64, name string) {
		opens = append(opens, view.Option{Value: fmt.Sprintf("%s:%d", kind, id), Label: name})
	}
	for _, x := range racks {
		add("rack", x.ID, "ラック "+x.Code)
	}
	for _, x := range areas {
		add("area", x.ID, x.Name)
	}
	for _, x := range cabinets {
		add("cabinet", x.ID, "保管庫 "+x.Name)
	}
	for _, x := range items {
		if x.ID != self {
			excludes = append(excludes, view.Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Name})
		}
	}
	return opens, excludes, err
}

func (d *door) keyItemNew(c echo.Context) error {
	return d.keyItemForm(c, http.StatusOK, 0, view.Form{})
}

func (d *door) keyItemEdit(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	return d.keyItemForm(c, http.StatusOK, which, view.Form{})
}

func (d *door) keyItemForm(c echo.Context, status int, which int64, form view.Form) error {
	lang := d.lang(c)
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	page := view.KeyFormPage{Title: say("鍵を登録する", "Add a key"), Button: say("登録する", "Add"), BackURL: keysURL, Form: form}
	var opens, excludes []view.Option
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		if opens, excludes, err = whatOpens(ctx, tx, which); err != nil || which == 0 {
			return err
		}
		i, _, err := key.GetItem(ctx, tx, which)
		if err != nil {
			return err
		}
		page.Title, page.Name, page.Button, page.BackURL = say("登録を変更する", "Change a key"), i.Name, say("変更する", "Change"), keyItemURL(which)
		page.Crumbs = []view.Link{{Text: i.Name, URL: keyItemURL(which)}}
		if form.Action == "" {
			page.Form = filled(keyItemURL(which)+"/terms", "kind", i.Kind, "name", i.Name, "authorisers", strconv.Itoa(i.Authorisers), "due_clock", clockOf(i.DueClock), "note", i.Note)
			if i.DueMinutes != nil {
				page.Form.Values.Set("due_hours", hoursOf(*i.DueMinutes))
			}
			for _, o := range i.Opens {
				page.Form.Values.Add("opens", openValue(o))
			}
			for _, x := range i.Excludes {
				page.Form.Values.Add("excludes", strconv.FormatInt(x, 10))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = filled(keysURL+"/items", "kind", key.Metal, "authorisers", "1", "due_clock", "17:00")
	}
	return d.keyForm(c, status, page,
		view.Field{Name: "kind", Label: say("種類", "Kind"), Kind: "chips", Required: true, Options: []view.Option{{Value: key.Metal, Label: key.Words("kind", key.Metal, string(lang))}, {Value: key.Card, Label: key.Words("kind", key.Card, string(lang))}}},
		view.Field{Name: "name", Label: say("名称", "Name"), Size: "l", Required: true, Help: say("例：サーバラックA列の鍵", "What it is called.")},
		view.Field{Name: "opens", Label: say("開けるもの", "Opens"), Kind: "checks", Required: true, Options: opens},
		view.Field{Name: "authorisers", Label: say("承認の人数", "Authorisers"), Kind: "chips", Required: true, Options: []view.Option{{Value: "1", Label: say("1人", "1")}, {Value: "2", Label: say("2人", "2")}, {Value: "3", Label: say("3人", "3")}},
			Help: say("借りる本人のほかに承認する人の数。運用上の定めです。", "How many agree, other than the borrower; the host's own rule.")},
		view.Field{Name: "due_clock", Label: say("返却の時刻", "Back by"), Size: "s", Required: true, Help: say("ふだんの返却予定。例：17:00", "When it is usually due, such as 17:00.")},
		view.Field{Name: "due_hours", Label: say("貸出からの時間", "Or after"), Size: "s", Inputmode: "decimal", After: say("時間", "hours"), Help: say("入れると、時刻ではなく貸出からの時間で決めます。", "Where it is filled in, this counts and not the time of day.")},
		view.Field{Name: "excludes", Label: say("同じ人に同時に貸さない鍵", "Never with"), Kind: "checks", Options: excludes},
		view.Field{Name: "note", Label: say("備考", "Note"), Kind: "textarea", Rows: 3})
}

func openValue(o key.Opens) string {
	switch {
	case o.RackID != nil:
		return fmt.Sprintf("rack:%d", *o.RackID)
	case o.AreaID != nil:
		return fmt.Sprintf("area:%d", *o.AreaID)
	}
	return fmt.Sprintf("cabinet:%d", *o.CabinetID)
}

// keyItemInput reads what a form says of a kind of key.
func keyItemInput(c echo.Context) (key.ItemInput, error) {
	var v tenants.Invalid
	values, err := c.FormParams()
	if err != nil {
		values = url.Values{}
	}
	in := key.ItemInput{Kind: c.FormValue("kind"), Name: c.FormValue("name"), Note: c.FormValue("note"), Authorisers: whole(&v, c, "authorisers"), DueClock: minutesOf(c.FormValue("due_clock"))}
	if strings.TrimSpace(c.FormValue("due_hours")) != "" {
		hours, err := strconv.ParseFloat(digits(c.FormValue("due_hours")), 64)
		if err != nil || hours <= 0 || hours > 24*7 {
			v.Add("due_hours", "15分から7日までの時間を数字で入力してください。", "Enter hours, from a quarter to seven days.")
		}
		n := int(hours * 60)
		in.DueMinutes = &n
	}
	for _, text := range values["opens"] {
		kind, of, _ := strings.Cut(text, ":")
		n, ok := number(of)
		to := map[string]*[]int64{"rack": &in.Racks, "area": &in.Areas, "cabinet": &in.Cabinets}[kind]
		if !ok || to == nil {
			v.Add("opens", "一覧から選んでください。", "Choose from the list.")
			continue
		}
		*to = append(*to, n)
	}
	for _, text := range values["excludes"] {
		n, _ := number(text) // the room says what is wrong with none
		in.Excludes = append(in.Excludes, n)
	}
	return in, v.Err()
}

func (d *door) keyItemAdd(c echo.Context) error {
	var made key.Item
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		in, err := keyItemInput(c)
		if err != nil {
			return err
		}
		made, err = key.AddItem(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyItemForm(c, status, 0, form) })
	}
	return d.done(c, keyItemURL(made.ID), "登録しました。続けて、一本ずつ鍵番号と保管場所を登録してください。", "It is on record; now add each copy.")
}

func (d *door) keyItemChange(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		in, err := keyItemInput(c)
		if err != nil {
			return err
		}
		_, err = key.ChangeItem(ctx, tx, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyItemForm(c, status, which, form) })
	}
	return d.done(c, keyItemURL(which), "変更しました。", "It was changed.")
}

func (d *door) keyItemRetire(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireItem(ctx, tx, which) })
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyItemShow(c, status, form) })
	}
	return d.done(c, keysURL, "廃止しました。", "It is retired.")
}

// keyItemActs are the forms of one kind of key: another copy of it, a new cylinder.
func (d *door) keyItemAct(c echo.Context) error {
	return d.keyItemActForm(c, http.StatusOK, view.Form{})
}

func (d *door) keyItemActForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	lang, cylinder := d.lang(c), c.Param("act") == "cylinder"
	if !cylinder && c.Param("act") != "copies" {
		return tenants.NotFound()
	}
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	page := view.KeyFormPage{BackURL: keyItemURL(which), Form: form}
	var cabinets []view.Option
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		i, copies, err := key.GetItem(ctx, tx, which)
		if err != nil {
			return err
		}
		own, err := town.Get(ctx, tx, tx.Actor.TenantID)
		if err != nil {
			return err
		}
		page.Name, page.Crumbs = i.Name, []view.Link{{Text: i.Name, URL: keyItemURL(which)}}
		if form.Action == "" {
			page.Form = filled(keyItemURL(which)+"/"+c.Param("act"), "occurred_at", tx.Now.In(own.Location()).Format(minutes), "rank", key.Main, "number", strconv.Itoa(len(copies)+1))
		}
		cabinets, err = cabinetOptions(ctx, tx)
		if len(cabinets) == 1 && page.Form.Get("cabinet_id") == "" {
			page.Form.Values.Set("cabinet_id", cabinets[0].Value)
		}
		return err
	})
	if err != nil {
		return err
	}
	when := view.Field{Name: "occurred_at", Label: say("日時", "When"), Kind: "datetime-local", Required: true, Era: true}
	if cylinder {
		page.Title, page.Button, page.Danger = say("シリンダー交換を記録する", "Record a new cylinder"), say("記録する", "Record"), true
		page.Lead = say("開けるものすべてのシリンダーを交換したあとに記録します。いまの鍵はすべて廃止になり、紛失の障害と交換の依頼が終わります。", "After the cylinder of all that it opens was changed. Every copy is retired; what a loss asked for is over.")
		return d.keyForm(c, status, page, when, view.Field{Name: "by", Label: say("交換した人・業者", "Done by"), Size: "l", Required: true}, view.Field{Name: "reason", Label: say("理由", "Reason"), Size: "l", Required: true})
	}
	page.Title, page.Button = say("本数を加える", "Add a copy"), say("登録する", "Add")
	return d.keyForm(c, status, page,
		view.Field{Name: "serial", Label: say("鍵番号", "Serial"), Size: "m", Required: true, Help: say("鍵に刻印された番号", "What is stamped on it.")},
		view.Field{Name: "rank", Label: say("正・副", "Rank"), Kind: "chips", Required: true, Options: []view.Option{{Value: key.Main, Label: key.Words("rank", key.Main, string(lang))}, {Value: key.Spare, Label: key.Words("rank", key.Spare, string(lang))}}},
		view.Field{Name: "number", Label: say("何本目", "Number"), Size: "s", Inputmode: "numeric", Required: true},
		view.Field{Name: "cabinet_id", Label: say("保管庫", "Cabinet"), Kind: "select", Required: true, Options: cabinets},
		view.Field{Name: "slot", Label: say("番号", "Slot"), Size: "s", Inputmode: "numeric", After: say("番", ""), Required: true},
		when, view.Field{Name: "reason", Label: say("備考", "Note"), Size: "l", Help: say("さかのぼって登録するときは理由", "Why, where it is registered late.")})
}

func (d *door) keyItemActDone(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	act := c.Param("act")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteKey, tx.Actor.TenantID); err != nil {
			return err
		}
		own, err := town.Get(ctx, tx, tx.Actor.TenantID)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		at := key.Happened{OccurredAt: moment(&v, c, "occurred_at", own.Location()), Reason: c.FormValue("reason")}
		switch act {
		case "cylinder":
			if err := v.Err(); err != nil {
				return err
			}
			_, err = key.ChangeCylinder(ctx, tx, which, key.ChangeInput{Happened: at, By: c.FormValue("by")})
		case "copies":
			in := key.CopyInput{Serial: c.FormValue("serial"), Rank: c.FormValue("rank"), Number: whole(&v, c, "number"), Slot: whole(&v, c, "slot"), Happened: at}
			in.CabinetID, _ = number(c.FormValue("cabinet_id")) // the room says what is wrong with none
			if err := v.Err(); err != nil {
				return err
			}
			_, err = key.AddCopy(ctx, tx, which, in)
		default:
			err = tenants.NotFound()
		}
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyItemActForm(c, status, form) })
	}
	return d.done(c, keyItemURL(which), "記録しました。", "It is on record.")
}
