package frontend

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/town"
)

// keyForm shows a form about keys, with the menu's way to it.
func (d *door) keyForm(c echo.Context, status int, page view.KeyFormPage, fields ...view.Field) error {
	lang := d.lang(c)
	for _, f := range fields {
		page.Fields = append(page.Fields, view.FieldOf(page.Form, f))
	}
	page.Crumbs = append([]view.Link{{Text: d.say(lang, "設定", "Settings"), URL: "/settings"}, {Text: d.say(lang, "鍵の管理簿", "Keys"), URL: keysURL}}, page.Crumbs...)
	return d.show(c, status, func(f view.Frame) view.Page { return view.KeyForm.With(f, page) })
}

// keyRead is what a form about a copy is filled with.
type keyRead struct {
	copy     key.Copy
	item     key.Item
	people   []view.Option
	cabinets []view.Option
	zone     *time.Location
	now      time.Time
}

// keyActOf reads the copy and the act that an address names, and whether the actor may do it.
func (d *door) keyActOf(c echo.Context) (r keyRead, n int, err error) {
	which, err := id(c, "id")
	if err != nil {
		return r, 0, err
	}
	for n = range keyActs {
		if keyActs[n].path == c.Param("act") {
			break
		}
	}
	if keyActs[n].path != c.Param("act") {
		return r, 0, tenants.NotFound()
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(keyActs[n].act, tx.Actor.TenantID); err != nil {
			return err
		}
		if r.copy, _, err = key.Get(ctx, tx, which); err != nil {
			return err
		}
		if r.item, _, err = key.GetItem(ctx, tx, r.copy.ItemID); err != nil {
			return err
		}
		people, err := key.People(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range people {
			r.people = append(r.people, view.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Text})
		}
		if r.cabinets, err = cabinetOptions(ctx, tx); err != nil {
			return err
		}
		own, err := town.Get(ctx, tx, tx.Actor.TenantID)
		r.zone, r.now = own.Location(), tx.Now
		return err
	})
	return r, n, err
}

func cabinetOptions(ctx context.Context, tx *tenants.Tx) (out []view.Option, err error) {
	all, err := key.Cabinets(ctx, tx)
	for _, x := range all {
		out = append(out, view.Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Name})
	}
	return out, err
}

func (d *door) keyAct(c echo.Context) error { return d.keyActForm(c, http.StatusOK, view.Form{}) }

func (d *door) keyActForm(c echo.Context, status int, form view.Form) error {
	r, n, err := d.keyActOf(c)
	if err != nil {
		return err
	}
	a, lang := keyActs[n], d.lang(c)
	if form.Action == "" {
		form = filled(keyCopyURL(r.copy.ID)+"/"+a.path, "occurred_at", r.now.In(r.zone).Format(minutes), "cabinet_id", strconv.FormatInt(r.copy.CabinetID, 10), "slot", strconv.Itoa(r.copy.Slot),
			"due_at", r.usualDue().Format(minutes), "due", "at")
		if r.item.DueMinutes != nil && a.event != key.Extended {
			form.Values.Set("due", "after")
			form.Values.Set("due_hours", hoursOf(*r.item.DueMinutes))
		}
		if who, ok := d.who(c); ok && a.event == key.Lent {
			form.Values.Set("borrower_id", strconv.FormatInt(who.PersonID, 10))
		}
	}
	page := view.KeyFormPage{Title: d.say(lang, a.ja, a.en), Name: r.copy.Name(), Lead: d.say(lang, a.leadJa, a.leadEn), Button: d.say(lang, "記録する", "Record"), Danger: a.danger,
		Crumbs: []view.Link{{Text: r.copy.Name(), URL: keyCopyURL(r.copy.ID)}}, BackURL: keyCopyURL(r.copy.ID), Form: form}
	if r.copy.State == key.Out && (a.event == key.HandedOver || a.event == key.Returned || a.event == key.Extended) {
		page.Lead = d.say(lang, "いま借りている人：", "With: ") + r.copy.Holder + d.say(lang, "。", ". ") + page.Lead
	}
	return d.keyForm(c, status, page, d.keyFields(c, lang, a.event, r)...)
}

// usualDue is by when the copy is usually back: at the item's time of day, today or, where that has passed, tomorrow.
func (r keyRead) usualDue() time.Time {
	now := r.now.In(r.zone)
	due := time.Date(now.Year(), now.Month(), now.Day(), r.item.DueClock/60, r.item.DueClock%60, 0, 0, r.zone)
	if r.copy.DueAt != nil && r.copy.DueAt.After(now) {
		return r.copy.DueAt.In(r.zone).Add(time.Hour)
	}
	if !due.After(now) {
		return due.AddDate(0, 0, 1)
	}
	return due
}

func hoursOf(minutes int) string {
	return strconv.FormatFloat(float64(minutes)/60, 'f', -1, 64)
}

// keyFields are those of one act.
func (d *door) keyFields(c echo.Context, lang view.Lang, event string, r keyRead) []view.Field {
	say := func(ja, en string) string { return d.say(lang, ja, en) }
	when := view.Field{Name: "occurred_at", Label: say("日時", "When"), Kind: "datetime-local", Required: true, Era: true}
	why := view.Field{Name: "reason", Label: say("理由・結果", "Why, what was found"), Size: "l", Required: true}
	after := say("貸出から○時間", "so many hours after it went out")
	if event == key.Extended {
		after = say("いまから○時間", "so many hours from now")
	}
	dues := []view.Field{
		{Name: "due", Label: say("返却予定の決め方", "Due back"), Kind: "chips", Required: true, Options: []view.Option{{Value: "at", Label: say("時刻まで", "by a time")}, {Value: "after", Label: after}}},
		{Name: "due_at", Label: say("返却予定の時刻", "By"), Kind: "datetime-local", Era: true},
		{Name: "due_hours", Label: say("返却予定までの時間", "Hours"), Size: "s", Inputmode: "decimal", After: say("時間", "hours"), Help: say("例：2、0.5。15分から7日まで", "2, 0.5; from 15 minutes to 7 days.")},
	}
	switch event {
	case key.Lent, key.HandedOver:
		fields := []view.Field{
			{Name: "borrower_id", Label: say("借りる人", "Borrower"), Kind: "select", Required: true, Options: r.people, Help: say("来訪者に渡すときは、立ち会って鍵の責任を負う人", "Where a visitor gets it: who escorts them and answers for it.")},
			{Name: "purpose", Label: say("使用目的", "Purpose"), Size: "l", Required: true},
			{Name: "work", Label: say("作業", "Work"), Size: "l", Help: say("作業票の番号など", "The number of the work order.")},
		}
		fields = append(fields, dues...)
		fields = append(fields, view.Field{Name: "visitor_company", Label: say("来訪者の会社", "Visitor's company"), Size: "l"}, view.Field{Name: "visitor", Label: say("来訪者の氏名", "Visitor"), Size: "m"})
		if who, ok := d.who(c); ok && who.May(tenants.AuthoriseKey) {
			fields = append(fields, view.Field{Name: "approve", Label: say("ほかの人に貸すので、自分が承認する", "It is for somebody else, and I agree to it"), Kind: "check"},
				view.Field{Name: "hand_out", Label: say("承認がそろったら、いま渡したと記録する", "Where that is enough, it is handed out now"), Kind: "check"})
		}
		return fields
	case key.Extended:
		return append(dues, why)
	case key.Moved:
		return []view.Field{{Name: "cabinet_id", Label: say("保管庫", "Cabinet"), Kind: "select", Required: true, Options: r.cabinets}, {Name: "slot", Label: say("番号", "Slot"), Size: "s", Inputmode: "numeric", After: say("番", ""), Required: true}}
	case key.Returned:
		why.Required, why.Label, why.Help = false, say("備考", "Note"), say("さかのぼって記録するときは理由", "Why, where it happened long ago.")
	}
	return []view.Field{when, why}
}

// keyDue reads by when a key is back: a moment, or so many hours from now.
func keyDue(v *tenants.Invalid, c echo.Context, zone *time.Location) (at *time.Time, after *int) {
	if c.FormValue("due") != "after" {
		if t := moment(v, c, "due_at", zone); !t.IsZero() {
			at = &t
		} else if len(v.Fields) == 0 {
			v.Add("due_at", "返却予定の時刻を入力してください。", "Enter by when it is back.")
		}
		return at, nil
	}
	hours, err := strconv.ParseFloat(strings.NewReplacer("．", ".", "。", ".").Replace(digits(c.FormValue("due_hours"))), 64)
	if err != nil || hours <= 0 || hours > 24*7 {
		v.Add("due_hours", "15分から7日までの時間を数字で入力してください。", "Enter hours, from a quarter to seven days.")
		return nil, nil
	}
	n := int(hours * 60)
	if n < 15 {
		v.Add("due_hours", "15分から7日までの時間を数字で入力してください。", "Enter hours, from a quarter to seven days.")
	}
	return nil, &n
}

// digits are those of a text in half width.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, strings.TrimSpace(s))
}

func (d *door) keyActDone(c echo.Context) error {
	r, n, err := d.keyActOf(c)
	if err != nil {
		return err
	}
	a := keyActs[n]
	to, ja, en := keyCopyURL(r.copy.ID), a.doneJa, a.doneEn
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if a.event == key.Lent || a.event == key.HandedOver {
			l, err := askedFor(ctx, tx, c, r, a.event)
			if to = keyLoanURL(l.ID); l.State == key.Out {
				ja, en = "貸出を記録しました。", "It is handed out."
			}
			return err
		}
		return keyHappened(ctx, tx, c, r, a.event)
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.keyActForm(c, status, form) })
	}
	return d.done(c, to, ja, en)
}

func askedFor(ctx context.Context, tx *tenants.Tx, c echo.Context, r keyRead, event string) (key.Loan, error) {
	var v tenants.Invalid
	in := key.AskInput{Visitor: c.FormValue("visitor"), VisitorCompany: c.FormValue("visitor_company"), Purpose: c.FormValue("purpose"), Work: c.FormValue("work"),
		Handover: event == key.HandedOver, Approve: c.FormValue("approve") == "on", HandOut: c.FormValue("hand_out") == "on"}
	in.DueAt, in.DueMinutes = keyDue(&v, c, r.zone)
	who, ok := number(c.FormValue("borrower_id"))
	if in.Borrower = who; !ok || who <= 0 {
		v.Add("borrower_id", "借りる人を選んでください。", "Choose who borrows it.")
	}
	if err := v.Err(); err != nil {
		return key.Loan{}, err
	}
	return key.Ask(ctx, tx, r.copy.ID, in)
}

// keyHappened writes down one of the acts but a loan.
func keyHappened(ctx context.Context, tx *tenants.Tx, c echo.Context, r keyRead, event string) error {
	var v tenants.Invalid
	in := key.Happened{OccurredAt: moment(&v, c, "occurred_at", r.zone), Reason: c.FormValue("reason")}
	if in.OccurredAt.IsZero() && len(v.Fields) == 0 && !slices.Contains([]string{key.Extended, key.Moved}, event) {
		v.Add("occurred_at", "日時を入力してください。", "Enter when.")
	}
	id := r.copy.ID
	var err error
	switch event {
	case key.Extended:
		e := key.ExtendInput{Reason: in.Reason}
		if e.DueAt, e.DueMinutes = keyDue(&v, c, r.zone); v.Err() == nil {
			_, err = key.Extend(ctx, tx, id, e)
		}
	case key.Moved:
		slot := whole(&v, c, "slot")
		cabinet, _ := number(c.FormValue("cabinet_id")) // the room says what is wrong with none
		if v.Err() == nil {
			_, err = key.Place(ctx, tx, id, cabinet, slot)
		}
	case key.WasRetired:
		if v.Err() == nil {
			err = key.Retire(ctx, tx, id, in)
		}
	default:
		do := map[string]func(context.Context, *tenants.Tx, int64, key.Happened) (key.Event, error){key.Returned: key.Return, key.Inspected: key.Inspect, key.WasLost: key.Lose, key.Found: key.Find}[event]
		if v.Err() == nil {
			_, err = do(ctx, tx, id, in)
		}
	}
	if said := v.Err(); said != nil {
		return said
	}
	return err
}

// keyLabel makes a copy's label void and gives it another.
func (d *door) keyLabel(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { _, err := key.Relabel(ctx, tx, which); return err })
	if err != nil {
		return err
	}
	return d.done(c, keyCopyURL(which), "新しいラベル番号にしました。ラベルを貼り替えてください。", "It has a new label; put it on.")
}
