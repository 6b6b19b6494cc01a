package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/contact"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

// settings is the table of contents of what this person may set.
func (d *door) settings(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	var page view.SettingsPage
	group := func(ja, en string) {
		page.Groups = append(page.Groups, view.SettingsGroup{Title: d.say(lang, ja, en)})
	}
	add := func(may bool, ja, en, textJa, textEn, to string) {
		if may {
			g := &page.Groups[len(page.Groups)-1]
			g.Cards = append(g.Cards, view.SettingsCard{Title: d.say(lang, ja, en), Text: d.say(lang, textJa, textEn), URL: to})
		}
	}
	group("見守りの設定", "What is watched")
	add(several(who), "団体", "Towns", "団体ごとのサーバ、バックアップの計画、連絡先、保管先、閉庁日。", "Servers, backup plans, contacts, stores and closed days of each town.", "/settings/towns")
	for _, s := range []struct {
		act                          tenants.Act
		what, ja, en, textJa, textEn string
	}{
		{tenants.ReadContact, "contacts", "緊急時連絡網", "Emergency contacts", "障害のとき、誰にどの順で知らせるか。", "Who is told of an incident, in which order."},
		{tenants.ReadMorning, "morning", "朝の報告", "Morning report", "毎朝、前の夜の結果を誰に知らせるか。", "Who is told each morning how the night went."},
		{tenants.ReadPlan, "plans", "バックアップの計画", "Backup plans", "いつ、どこに、どこまで確かめるか。", "When, where, and how far it is proved."},
		{tenants.ReadServer, "servers", "サーバ", "Servers", "データセンターに置くサーバ。", "The servers in the datacenter."},
		{tenants.ReadPlan, "stores", "保管先", "Stores", "バックアップのファイルが置かれる場所。", "Where the files of backups lie."},
		{tenants.ReadProposal, "second-person", "照合の設定", "Second person", "別の人の照合を待ってから行う操作。", "What waits for a second person."},
		{tenants.ReadCalendar, "days", "閉庁日", "Closed days", "この団体だけの閉庁日と開庁日。", "The town's own closed and open days."},
	} {
		add(!several(who) && who.May(s.act, ownTown(who)), s.ja, s.en, s.textJa, s.textEn, settingsURL(ownTown(who), s.what))
	}
	add(who.May(tenants.ReadProposal), "照合", "Second person", "もう一人が確かめるのを待っている変更。", "Changes that wait for another person.", "/proposals")
	group("定めと記録", "Rules and records")
	add(!several(who) && who.May(tenants.ReadRegister, ownTown(who)), "任命簿・取扱者指定簿", "Register of posts", "この団体の職に誰がいつまで就いているか。印刷できます。", "Who holds the posts of this town, and until when; it prints.", townURL(ownTown(who))+"/register")
	add(who.May(tenants.ReadCorrection), "訂正の一覧", "Corrections", "どの記録が、いつ、なぜ、どう訂正されたか。団体と期間で絞り込み、印刷できます。", "Which records were corrected, when, why and how; by town and period, to be printed.", correctionsURL)
	add(who.May(tenants.ReadRetention), "記録の保存期間", "Retention of records", "記録を何年保存し、次に何がいつ満了するか。月ごとの簿冊の出力。", "How long records are kept, what is over next, and the export of bound months.", retentionURL)
	add(who.May(tenants.ReadObservance), "遵守事項", "Rules to observe", "業務の前に全員が同意する定め。版ごとの本文と、まだ同意していない人。", "What everybody accepts before work: the text of each version, and who has not.", observancesURL)
	add(who.May(tenants.ReadCustody), "パスワードの保管簿", "Custody of passwords", "起動用パスワードと管理パスワードの封筒、保管場所、設定・開封・変更の経過。", "Envelopes and places of start-up and management passwords, and what happened to them.", custodyURL)
	add(who.May(tenants.ReadKey), "鍵の管理簿", "Keys", "ラックや管理区域の鍵がいまどこにあるか。貸出・返却、紛失、棚卸、貸出簿の印刷。", "Where the keys of racks and areas are; loans, returns, losses, counts, and the loan book to print.", keysURL)
	add(who.May(tenants.ReadRoom), "サーバ室の入退室", "Rooms", "いま誰がどこにいるか。入退室の記録、入室許可申請、許可者名簿、名札。", "Who is where now; entries, visits, who may enter, badges.", roomsURL)
	add(who.May(tenants.ReadEvidence) && !who.IsHost(), "記録の証拠", "Evidence", "記録が書き換えられていないことの証明。検証値と証拠の出力。", "Proof that no record was changed: signed checkpoints and files of evidence.", evidenceURL(who.TenantID))
	group("利用者と使用", "People and use")
	add(who.May(tenants.ReadPeople), "利用者", "People", "誰がログインでき、いつまでどの職か。", "Who may sign in, in which post and for how long.", "/settings/people")
	add(who.May(tenants.ReadSignIn), "使用の記録", "Record of use", "誰が、いつからいつまで、どこから使ったか。時間外の使用。", "Who used Tanamori, when and from where; use after hours.", "/settings/uses")
	add(who.May(tenants.ReadSignIn), "ログインの決まり", "Sign-in rules", "二要素認証、操作がないときの終了、業務時間。", "Second factors, the end without use, working hours.", "/settings/sign-in")
	group("自分の設定", "Your own")
	add(true, "二要素認証", "Second factors", "認証アプリ、パスキー、回復コード。", "Authenticator app, passkeys, recovery codes.", factorsURL)
	add(true, "自分のログイン", "Your sessions", "どこでログインしているか。終わらせることもできます。", "Where you are signed in; you can end it.", "/settings/sessions")
	add(who.May(tenants.OwnTokens), "APIトークン", "API tokens", "プログラムから棚守を使うための鍵。", "Keys by which programs use Tanamori.", "/settings/tokens")
	add(true, "パスワード", "Password", "自分のパスワードを変更します。", "Change your own password.", "/settings/password")
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Settings.With(f, page) })
}

// townList is the host's list of towns with what can be set of each; a town's own people have their settings at /settings.
func (d *door) townList(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	if !several(who) {
		return seeOther(c, "/settings")
	}
	var page view.TownsPage
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := town.ListPage(ctx, tx, askOf(c))
		if err != nil {
			return err
		}
		page.Find, page.Pages = finding(c, "/settings/towns", list)
		servers, err := some(ctx, tx, tenants.ReadServer, idsOf(list.Towns), server.List)
		if err != nil {
			return err
		}
		contacts, err := some(ctx, tx, tenants.ReadContact, idsOf(list.Towns), contact.List)
		if err != nil {
			return err
		}
		has := map[int64][2]int{}
		for _, s := range servers {
			n := has[s.TenantID]
			n[0]++
			has[s.TenantID] = n
		}
		for _, x := range contacts {
			n := has[x.TenantID]
			n[1]++
			has[x.TenantID] = n
		}
		for _, t := range list.Towns {
			page.Rows = append(page.Rows, townRow(who, t, has[t.ID]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.Everywhere(tenants.WriteTown) {
		page.NewURL = "/settings/towns/new"
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Towns.With(f, page) })
}

func townRow(who tenants.Actor, t town.Town, has [2]int) view.TownRow {
	row := view.TownRow{Town: view.Link{Text: t.Name, URL: townURL(t.ID)}, Kana: t.Kana, Code: t.Code, Kind: t.Kind, JoinedOn: t.JoinedOn, Servers: has[0],
		Contacts: has[1], ServersURL: settingsURL(t.ID, "servers"), ContactsURL: settingsURL(t.ID, "contacts"), StoresURL: settingsURL(t.ID, "stores"),
		LocalDaysURL: settingsURL(t.ID, "days"), PlansURL: settingsURL(t.ID, "plans"), SecondURL: settingsURL(t.ID, "second-person"), MorningURL: settingsURL(t.ID, "morning")}
	if t.LeftOn != nil {
		row.LeftOn = *t.LeftOn
	}
	if who.May(tenants.ReadPingURL, t.ID) {
		row.PingKeyURL = settingsURL(t.ID, "ping-key")
	}
	if who.May(tenants.ReadRegister, t.ID) {
		row.RegisterURL = townURL(t.ID) + "/register"
	}
	if who.May(tenants.WriteTown, t.ID) {
		row.EditURL = "/settings/towns/" + strconv.FormatInt(t.ID, 10)
	}
	return row
}

func (d *door) townNew(c echo.Context) error {
	form := filled("/settings/towns", "zone", "Asia/Tokyo", "joined_on", d.today().Wareki())
	return d.townForm(c, http.StatusOK, 0, form)
}

// today is the civil date here.
func (d *door) today() calendar.Date {
	return calendar.DateOf(d.gate.Ground().Now(), d.Zone)
}

// townForm shows the form of a new town (id 0) or of one there is, as stored or as typed.
func (d *door) townForm(c echo.Context, status int, of int64, form view.Form) error {
	page := view.TownFormPage{New: of == 0, BackURL: "/settings/towns", Form: form, Zones: d.zones(c, form.Get("zone"))}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if of == 0 {
			return tx.Permit(tenants.WriteTown)
		}
		if err := tx.Permit(tenants.WriteTown, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Name = t.Name
		if form.Action == "" {
			page.Form = filled("/settings/towns/"+strconv.FormatInt(of, 10), "name", t.Name, "kana", t.Kana, "code", t.Code, "zone", t.Zone, "joined_on", t.JoinedOn.Wareki())
			if t.LeftOn != nil {
				page.Form.Values.Set("left_on", t.LeftOn.Wareki())
			}
			page.Zones = d.zones(c, t.Zone)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.TownForm.With(f, page) })
}

// zones are the choices of time zones: the usual ones and what is set already.
func (d *door) zones(c echo.Context, set string) []view.Option {
	lang := d.lang(c)
	out := []view.Option{{Value: "Asia/Tokyo", Label: d.say(lang, "日本標準時（Asia/Tokyo）", "Japan (Asia/Tokyo)")}}
	for _, name := range []string{d.Zone.String(), set} {
		if _, err := time.LoadLocation(name); err == nil && name != "" && name != "Asia/Tokyo" && name != "Local" && name != out[len(out)-1].Value {
			out = append(out, view.Option{Value: name, Label: name})
		}
	}
	return out
}

func townInput(c echo.Context) (town.Input, error) {
	var v tenants.Invalid
	in := town.Input{Code: c.FormValue("code"), Name: c.FormValue("name"), Kana: c.FormValue("kana"), Zone: c.FormValue("zone"),
		JoinedOn: day(&v, c, "joined_on"), LeftOn: optionalDay(&v, c, "left_on")}
	return in, v.Err()
}

func (d *door) townAdd(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteTown); err != nil {
			return err
		}
		in, err := townInput(c)
		if err != nil {
			return err
		}
		_, err = town.Add(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.townForm(c, status, 0, form) })
	}
	return d.done(c, "/settings/towns", "団体を登録しました。次に、サーバと連絡先を登録してください。", "The town was added. Now enter its servers and contacts.")
}

func (d *door) townEdit(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	return d.townForm(c, http.StatusOK, of, view.Form{})
}

func (d *door) townChange(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteTown, of); err != nil {
			return err
		}
		in, err := townInput(c)
		if err != nil {
			return err
		}
		_, err = town.Change(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.townForm(c, status, of, form) })
	}
	return d.done(c, "/settings/towns", "団体を変更しました。", "The town was changed.")
}
