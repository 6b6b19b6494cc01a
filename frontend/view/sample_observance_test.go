package view

import "strings"

func sampleObservanceText(l Lang) ObservanceText {
	return ObservanceText{Title: l.Tr("戸籍データ等利用者の遵守事項", "Rules for users of koseki data"), Number: l.Tr("第2版", "version 2"), FromOn: date(4, 1), State: "in_force",
		Lines:  []string{l.Tr("個別パスワードを他人に知らせ、使わせてはならない。", "Nobody tells their password to others."), l.Tr("個人情報の保護に万全の注意を払う。", "Everybody takes care of personal data.")},
		SHA256: strings.Repeat("0123abcd", 8), URL: "/settings/observances/1/2"}
}

func sampleObservances(l Lang, open bool) ObservancesPage {
	done := sampleObservanceText(l)
	done.Accepted = at(1, 9, 0)
	p := ObservancesPage{Next: "/board", Done: []ObservanceText{done}}
	if open {
		first, second := sampleObservanceText(l), sampleObservanceText(l)
		second.Title = l.Tr("持込み機器の定め", "Rules for devices")
		first.AcceptURL, second.AcceptURL = "/observances/1/2/acceptance", "/observances/2/1/acceptance"
		p.Open, p.Done[0].URL = []ObservanceText{first, second}, ""
	}
	return p
}

func sampleObservanceRows(l Lang) []ObservanceRow {
	t := sampleObservanceText(l)
	link := Link{t.Title, t.URL}
	return []ObservanceRow{
		{Text: link, Number: l.Tr("第3版", "version 3"), State: "coming", FromOn: date(12, 1), Acceptable: true, People: 13, Have: 1},
		{Text: link, Number: t.Number, State: "in_force", FromOn: t.FromOn, Accepted: at(1, 9, 0), Acceptable: true, People: 13, Have: 13},
		{Text: link, Number: l.Tr("第1版", "version 1"), State: "past", FromOn: date(4, 1)},
		{Text: link, Number: l.Tr("第4版", "version 4"), State: "withdrawn", FromOn: date(4, 1)},
	}
}

func sampleObservance(l Lang, open bool) ObservancePage {
	p := ObservancePage{ObservanceText: sampleObservanceText(l), By: l.Tr("住民福祉課長 見本 花子", "Mihon Hanako"), At: at(1, 9, 0), BackURL: "/b", Open: open,
		Tabs: []Choice{{Label: l.Tr("まだの人", "Have not"), URL: "/a", Current: open}, {Label: l.Tr("全員", "Everybody"), URL: "/b", Current: !open}},
		Rows: []StandingRow{{Name: l.Tr("見本 太郎", "Mihon Taro"), Titles: l.Tr("主事", "clerk"), Org: l.Tr("むかわ町", "Mukawa")}}}
	if open {
		p.AcceptURL, p.NextURL = "/a", "/new?document=1"
		p.Withdraw = &Form{Action: "/w", Values: values("from_on", l.Tr("令和8年4月1日", "2026-04-01")), Errors: []FieldError{{"from_on", l.Tr("今日以後の日にしてください。", "It cannot be in the past.")}}}
		return p
	}
	p.State, p.Lines, p.Accepted = "withdrawn", nil, at(1, 9, 0)
	p.Rows = append(p.Rows, StandingRow{Name: l.Tr("見本 梅子", "Mihon Umeko"), Org: l.Tr("むかわ町", "Mukawa"), Accepted: at(1, 9, 0), Gone: true})
	return p
}
