package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
)

const keysURL = "/keys"

func keyCopyURL(id int64) string    { return fmt.Sprintf("%s/copies/%d", keysURL, id) }
func keyItemURL(id int64) string    { return fmt.Sprintf("%s/items/%d", keysURL, id) }
func keyLoanURL(id int64) string    { return fmt.Sprintf("%s/loans/%d", keysURL, id) }
func keyCabinetURL(id int64) string { return fmt.Sprintf("%s/cabinets/%d", keysURL, id) }

// keyActs are what may be written down of a copy, by the last part of their address.
var keyActs = []struct {
	path, event            string
	act                    tenants.Act
	ja, en, leadJa, leadEn string
	doneJa, doneEn         string
	fill, danger           bool
}{
	{"loan", key.Lent, tenants.LendKey, "借りる・貸し出す", "Borrow or lend", "借りる本人のほかの人が承認すると、鍵を渡せます。", "It is handed out once other persons than the borrower have agreed.",
		"申請しました。", "It is asked for.", true, false},
	{"return", key.Returned, tenants.LendKey, "返却する", "Return", "鍵を保管庫の元の番号に戻したら記録してください。", "Once the key hangs in its slot again.", "返却を記録しました。", "Its return is on record.", true, false},
	{"handover", key.HandedOver, tenants.LendKey, "引き継ぐ", "Hand over", "いま借りている人から、返却せずに別の人へ渡します。承認は新しい貸出と同じ人数が要ります。", "From whoever has it to somebody else; as many must agree as to any loan.",
		"引継を申請しました。", "The handover is asked for.", false, false},
	{"extension", key.Extended, tenants.AuthoriseKey, "返却予定を延ばす", "Extend", "借りている本人のほかの人が延ばします。", "By somebody else than the borrower.", "返却予定を延ばしました。", "It is due later now.", false, false},
	{"finding", key.Found, tenants.LendKey, "発見を記録する", "Record a find", "見つかった鍵を保管庫の元の番号に戻したら記録してください。紛失の障害が終わります。", "Once it hangs in its slot again; the incident is over then.", "発見を記録しました。", "The find is on record.", true, false},
	{"inspection", key.Inspected, tenants.LendKey, "点検を記録する", "Record a look", "曲がりや摩耗、ラベルのはがれがないかを見た結果です。", "Whether it is bent or worn, whether its label holds.", "点検を記録しました。", "The look is on record.", false, false},
	{"place", key.Moved, tenants.WriteKey, "保管場所を変える", "Move", "", "", "保管場所を変えました。", "It belongs elsewhere now.", false, false},
	{"loss", key.WasLost, tenants.LendKey, "紛失を記録する", "Record a loss", "すぐに障害として知らせ、この鍵で開くすべてのラックなどのシリンダー交換を求めます。", "It is an incident at once, and everything that it opens needs a new cylinder.",
		"紛失を記録し、障害として知らせました。", "The loss is on record, and an incident.", false, true},
	{"retirement", key.WasRetired, tenants.WriteKey, "廃止する", "Retire", "もう使わない鍵です。経過は残ります。", "It is no longer used; its ledger stays.", "廃止を記録しました。", "It is retired.", false, true},
}

func near(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (d *door) keyCopyRow(lang view.Lang, c key.Copy, labels map[int64]string) view.KeyCopyRow {
	row := view.KeyCopyRow{Name: c.Name(), Serial: c.Serial, Place: fmt.Sprintf(d.say(lang, "%s %d番", "%s, %d"), c.Cabinet, c.Slot), State: c.State, Holder: c.Holder, Since: near(c.Since), DueAt: near(c.DueAt),
		URL: keyCopyURL(c.ID)}
	if code := labels[c.ID]; code != "" {
		row.Label = label.Shown(code)
	}
	if c.Overdue(d.gate.Ground().Now()) {
		row.State = "late"
	}
	return row
}

// keyCopyActs are what the actor may do to a copy now; the short ones are what a list offers.
func (d *door) keyCopyActs(lang view.Lang, who tenants.Actor, c key.Copy, short bool) (acts []view.Act) {
	for _, a := range keyActs {
		if c.May(a.event) && who.May(a.act) && (!short || a.fill) {
			acts = append(acts, view.Act{Label: d.say(lang, a.ja, a.en), URL: keyCopyURL(c.ID) + "/" + a.path, Fill: a.fill})
		}
	}
	return acts
}

func keyOpens(lang view.Lang, opens []key.Opens) string {
	var names []string
	for _, o := range opens {
		names = append(names, o.Title())
	}
	return strings.Join(names, lang.Tr("、", ", "))
}

func (d *door) keyLoanRow(lang view.Lang, l key.Loan) view.KeyLoanRow {
	row := view.KeyLoanRow{Name: l.CopyName, Serial: l.Serial, State: key.Words("loan", l.State, string(lang)), Borrower: l.Borrower, Purpose: l.Purpose, Work: l.Work, AskedAt: l.AskedAt, Out: near(l.OutAt),
		DueAt: near(l.DueAt), Back: near(l.BackAt), OutBy: l.OutBy, BackBy: l.BackBy, ApprovedBy: l.ApprovedBy, Approved: len(l.Approvals), Needed: l.Authorisers, URL: keyLoanURL(l.ID)}
	row.WentOut, row.CameBack = d.amended(lang, tenants.Actor{}, l.TenantID, "key_event", 0, l.WentOut, ""), d.amended(lang, tenants.Actor{}, l.TenantID, "key_event", 0, l.CameBack, "")
	if l.Visitor != "" {
		row.Visitor = strings.TrimSpace(l.VisitorCompany + " " + l.Visitor)
	}
	if l.DueAt == nil && l.DueMinutes != nil {
		row.After = fmt.Sprintf(d.say(lang, "貸出から%s", "%s after it went out"), lang.Duration(time.Duration(*l.DueMinutes)*time.Minute))
	}
	for to, n := range map[*string]*int{&row.OutLeft: l.OutLeft, &row.BackLeft: l.BackLeft} {
		if n != nil {
			*to = fmt.Sprint(*n)
		}
	}
	row.Late = l.State == key.Out && l.DueAt != nil && l.DueAt.Before(d.gate.Ground().Now())
	return row
}

// keys is where every key is now.
func (d *door) keys(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeysPage{BookURL: keysURL + "/book", CabinetsURL: keysURL + "/cabinets", Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		items, err := key.Items(ctx, tx)
		if err != nil {
			return err
		}
		copies, err := key.Copies(ctx, tx)
		if err != nil {
			return err
		}
		asks, err := key.Asks(ctx, tx)
		if err != nil {
			return err
		}
		cabinets, err := key.Cabinets(ctx, tx)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		if err != nil {
			return err
		}
		page.Cabinets = len(cabinets) > 0
		for _, l := range asks {
			if !l.Stale(tx.Now) {
				page.Asks = append(page.Asks, d.keyLoanRow(lang, l))
			}
		}
		at := map[int64]int{}
		for n, i := range items {
			at[i.ID] = n
			page.Items = append(page.Items, view.KeyItemRow{Name: i.Name, Opens: keyOpens(lang, i.Opens), URL: keyItemURL(i.ID)})
		}
		for _, one := range copies {
			row := d.keyCopyRow(lang, one, labels)
			row.Acts = d.keyCopyActs(lang, who, one, true)
			switch row.State {
			case "late":
				page.Overdue++
				page.Out++
			case key.Out:
				page.Out++
			case key.Lost:
				page.Lost++
			}
			page.Items[at[one.ItemID]].Copies = append(page.Items[at[one.ItemID]].Copies, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteKey) {
		page.SettingURL = keysURL + "/setting"
		page.NewCabinetURL = keysURL + "/cabinets/new"
		if page.Cabinets {
			page.NewURL = keysURL + "/items/new"
		}
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Keys.With(f, page) })
}

// keyCopy is one copy with its ledger.
func (d *door) keyCopy(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeyPage{BackURL: keysURL, Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		one, events, err := key.Get(ctx, tx, which)
		if err != nil {
			return err
		}
		item, _, err := key.GetItem(ctx, tx, one.ItemID)
		if err != nil {
			return err
		}
		cabinets, err := key.Cabinets(ctx, tx)
		if err != nil {
			return err
		}
		asks, err := key.Asks(ctx, tx)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		if err != nil {
			return err
		}
		page.KeyCopyRow, page.Opens, page.RetiredAt = d.keyCopyRow(lang, one, labels), keyOpens(lang, item.Opens), near(one.RetiredAt)
		page.Item = view.Link{Text: item.Name, URL: keyItemURL(item.ID)}
		page.Acts = d.keyCopyActs(lang, who, one, false)
		for _, l := range asks {
			if l.CopyID == which && !l.Stale(tx.Now) {
				page.Ask = view.Link{Text: d.say(lang, "申請を見る", "See the request"), URL: keyLoanURL(l.ID)}
			}
		}
		if who.May(tenants.WriteKey) && one.State != key.Retired {
			page.LabelURL = keyCopyURL(which) + "/label"
		}
		named := map[int64]string{}
		for _, x := range cabinets {
			named[x.ID] = x.Name
		}
		for _, e := range events {
			page.Events = append(page.Events, d.keyEventRow(lang, who, e, named))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Key.With(f, page) })
}

func (d *door) keyEventRow(lang view.Lang, who tenants.Actor, e key.Event, cabinets map[int64]string) view.KeyEventRow {
	row := view.KeyEventRow{Event: key.Words("event", e.Kind, string(lang)), At: e.OccurredAt, By: e.ByText, From: e.FromText, To: e.ToText, ApprovedBy: e.ApprovedBy, DueAt: near(e.DueAt), Left: e.LeftIn,
		Amended: d.amended(lang, who, who.TenantID, "key_event", e.ID, e.Corrections, keyCopyURL(e.CopyID))}
	if e.Kind == key.Added || e.Kind == key.Moved { // where it belongs follows from them, and from the next 移動
		row.Amended.URL = ""
	}
	if e.RecordedAt.Sub(e.OccurredAt) > backdated {
		row.Recorded = e.RecordedAt
	}
	if e.Visitor != "" {
		row.To = strings.TrimSpace(e.VisitorCompany+" "+e.Visitor) + d.say(lang, "（立会 ", " (escorted by ") + e.ToText + d.say(lang, "）", ")")
	}
	var what []string
	for _, text := range []string{e.Purpose, e.Work, e.Reason} {
		if text != "" {
			what = append(what, text)
		}
	}
	row.What = strings.Join(what, d.say(lang, "　", ", "))
	if e.Kind == key.Added || e.Kind == key.Moved {
		row.Place = strings.TrimSpace(fmt.Sprintf(d.say(lang, "%s %d番", "%s, %d"), cabinets[e.CabinetID], e.Slot))
	}
	return row
}
