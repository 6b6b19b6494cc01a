package view

func sampleAmended(l Lang) Amended {
	return Amended{Old: map[string]string{"note": l.Tr("業者へ電話", "called the vendor"), "envelope": "21", "occurred_at": l.Tr("令和8年11月1日 08:00", "2026-11-01 08:00")}, Lines: sampleAmendments(l), URL: "/towns/1/corrections/confirmation/7"}
}

func sampleAmendments(l Lang) []AmendedLine {
	return []AmendedLine{
		{At: at(3, 9, 0), By: l.Tr("住民福祉課長 見本 花子", "Mihon Hanako"), Reason: l.Tr("書き誤り", "slip of the pen"), Changes: []Change{{Name: l.Tr("備考", "Note"), Before: l.Tr("業者へ電話", "called the vendor"), After: l.Tr("業者へ電子メール", "mailed the vendor")}}},
		{At: at(4, 9, 0), By: l.Tr("戸籍係 見本 二郎", "Mihon Jiro"), Approver: l.Tr("住民福祉課長 見本 花子", "Mihon Hanako"), Reason: l.Tr("訂正の誤り", "the correction was wrong"), Changes: []Change{{Name: l.Tr("備考", "Note"), Before: l.Tr("業者へ電子メール", "mailed the vendor")}}},
	}
}

func sampleCorrections(l Lang) CorrectionsPage {
	lines := sampleAmendments(l)
	return CorrectionsPage{Filter: Form{Action: "/corrections", Values: values("from", "2026-11-01", "to", "2026-11-30")}, Waiting: "/proposals", Seals: []SealBox{{Post: l.Tr("管理者", "Manager")}},
		Towns: []Option{{Value: "2", Label: l.Tr("むかわ町", "Mukawa")}}, Ledgers: []Option{{Value: "confirmation", Label: l.Tr("バックアップの確認", "confirmation")}},
		Totals: []CorrectionTotal{{Town: l.Tr("むかわ町", "Mukawa"), Ledger: l.Tr("バックアップの確認", "confirmation"), Corrections: 2, Records: 1}},
		Rows: []CorrectionRow{{AmendedLine: lines[1], Town: l.Tr("むかわ町", "Mukawa"), Ledger: l.Tr("バックアップの確認", "confirmation"), About: Link{Text: l.Tr("2026-11-02　戸籍正", "2026-11-02 main"), URL: "/towns/2/corrections/confirmation/7"}},
			{AmendedLine: lines[0], Town: l.Tr("むかわ町", "Mukawa"), Ledger: l.Tr("バックアップの確認", "confirmation"), About: Link{URL: "/towns/2/corrections/confirmation/8"}}}, Pages: Pages{Shown: 2}}
}

func sampleCorrection(l Lang) CorrectionPage {
	return CorrectionPage{Town: l.Tr("むかわ町", "Mukawa"), Ledger: l.Tr("パスワードの保管簿", "custody of a password"), About: l.Tr("戸籍サーバ（正）", "Koseki server"), RecordedAt: at(2, 9, 0), Amended: sampleAmended(l), Approve: true, Next: "/settings/custody/1",
		Fields: []CorrectionField{
			{Name: "occurred_at", Label: l.Tr("日時", "When"), Kind: "datetime-local", Was: "2026-11-01T00:00:00Z", Now: l.Tr("令和8年11月1日 09:00", "2026-11-01 09:00"), Required: true},
			{Name: "by", Label: l.Tr("行った人", "Done by"), Kind: "select", Was: "1", Now: l.Tr("戸籍係 見本 二郎", "Mihon Jiro"), Required: true, Options: sampleCustodians(l)},
			{Name: "note", Label: l.Tr("備考", "Note"), Kind: "textarea", Was: "x"},
			{Name: "result", Label: l.Tr("結果", "Result"), Kind: "radio", Was: "ok", Now: l.Tr("判定のとおり", "as the verdict says"), Options: []Option{{Value: "ok", Label: l.Tr("判定のとおり", "as the verdict says")}}}},
		Form: Form{Action: "/towns/1/corrections/credential_event/7", Values: values("occurred_at", "2026-11-01T09:00", "by", "1", "result", "ok"),
			Errors: []FieldError{{"note", l.Tr("いまの記録と同じです。", "This is what it says already.")}}}}
}
