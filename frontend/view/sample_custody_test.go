package view

import "tanamori/tenants/calendar"

func sampleCustodians(l Lang) []Option {
	return []Option{{Value: "1", Label: l.Tr("住民福祉課長 見本 花子", "Mihon Hanako")}, {Value: "2", Label: l.Tr("戸籍係 見本 二郎", "Mihon Jiro")}}
}

func sampleCustodyRows(l Lang) []CustodyRow {
	row := CustodyRow{Kind: l.Tr("起動用パスワード", "start-up password"), Name: l.Tr("戸籍サーバ（正）", "Koseki server"), AppliesTo: l.Tr("ラックの起動画面", "start-up screen"), Envelope: "12", Place: l.Tr("本庁舎 耐火金庫", "safe"),
		State: "sealed", SetAt: at(1, 9, 0), SetBy: l.Tr("施設管理者 見本 一郎", "Mihon Ichiro"), DueOn: calendar.MustDate(2027, 10, 31), URL: "/settings/custody/1"}
	opened, gone := row, row
	opened.State, opened.Overdue, opened.DueOn = "opened", true, date(11, 20)
	gone.State, gone.RetiredAt = "retired", at(2, 9, 0)
	return []CustodyRow{opened, row, gone}
}

func sampleCustody(l Lang) CustodyPage {
	hanako, jiro := l.Tr("住民福祉課長 見本 花子", "Mihon Hanako"), l.Tr("戸籍係 見本 二郎", "Mihon Jiro")
	return CustodyPage{CustodyRow: sampleCustodyRows(l)[0], Months: 12, Days: 7, EditURL: "/t", BackURL: "/b", Seals: []SealBox{{Post: l.Tr("管理者", "Manager")}},
		Acts: []Act{{Label: l.Tr("変更を記録する", "Record a change"), URL: "/c", Fill: true}, {Label: l.Tr("再封入を記録する", "Record a resealing"), URL: "/r"}},
		Events: []CustodyEventRow{
			{Event: l.Tr("設定・封入", "set and sealed"), At: at(1, 9, 0), By: hanako, Witness: jiro, RecordedBy: hanako, Envelope: "12", Place: l.Tr("耐火金庫", "safe"), Amended: sampleAmended(l)},
			{Event: l.Tr("開封", "opened"), At: at(12, 9, 0), Recorded: at(13, 9, 0), By: hanako, Witness: jiro, RecordedBy: hanako, Reason: l.Tr("停電後の起動", "power cut"), Amended: Amended{URL: "/f"}}}}
}
