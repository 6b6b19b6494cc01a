package view

func sampleKeyCopies(l Lang) []KeyCopyRow {
	in := KeyCopyRow{Name: l.Tr("サーバラックの鍵 正1", "Rack key 1"), Serial: "T-0123", Label: "123-456", Place: l.Tr("鍵保管庫 1番", "Cabinet 1, slot 1"), State: "in", URL: "/keys/copies/1", Acts: []Act{{Label: l.Tr("借りる・貸し出す", "Borrow or lend"), URL: "/l", Fill: true}}}
	out, late, lost := in, in, in
	out.State, out.Holder, out.Since, out.DueAt = "out", l.Tr("操作者 見本 次郎", "Mihon Jiro"), at(21, 7, 0), at(21, 17, 0)
	out.Acts = []Act{{Label: l.Tr("返却する", "Return"), URL: "/r", Fill: true}}
	late.State, late.Holder, late.Since, late.DueAt = "late", l.Tr("見本保守 見本 五郎（立会 操作者 見本 次郎）", "Mihon Goro, escorted by Mihon Jiro"), at(20, 7, 0), at(20, 17, 0)
	lost.State, lost.Holder, lost.Since, lost.Acts = "lost", l.Tr("操作者 見本 次郎", "Mihon Jiro"), at(19, 7, 0), nil
	gone := in
	gone.State, gone.Label = "retired", ""
	return []KeyCopyRow{out, late, in, lost, gone}
}

func sampleKeyLoan(l Lang) KeyLoanRow {
	return KeyLoanRow{Name: l.Tr("サーバラックの鍵 正1", "Rack key 1"), Serial: "T-0123", State: l.Tr("申請中", "asked for"), Borrower: l.Tr("操作者 見本 次郎", "Mihon Jiro"), Visitor: l.Tr("見本保守 見本 五郎", "Mihon Goro"),
		Purpose: l.Tr("ディスク交換", "disk change"), Work: l.Tr("作業票3", "order 3"), AskedAt: at(21, 7, 0), DueAt: at(21, 17, 0), Approved: 1, Needed: 2, URL: "/keys/loans/1"}
}

// sampleKeys adds the pages about keys.
func sampleKeys(l Lang, f Frame, all map[string]Page) map[string]Page {
	tr := l.Tr
	seals := []SealBox{{Post: tr("管理者", "Manager")}, {Post: tr("係", "Clerk")}}
	hanako := tr("住民福祉課長 見本 花子", "Mihon Hanako")
	back := sampleKeyLoan(l)
	back.Out, back.Back, back.OutBy, back.BackBy, back.OutLeft, back.BackLeft, back.ApprovedBy, back.State = at(20, 9, 0), at(20, 16, 0), hanako, hanako, "1", "2", hanako, tr("返却", "returned")
	late := sampleKeyLoan(l)
	late.Out, late.OutBy, late.OutLeft, late.Late = at(20, 9, 0), hanako, "1", true
	ready := sampleKeyLoan(l)
	ready.Approved, ready.After = 2, tr("貸出から2時間", "2 hours after it went out")
	count := KeyCountRow{At: at(20, 9, 0), By: hanako, Expected: 3, Found: 2, Differences: 1, Note: tr("夜間", "at night"), URL: "/keys/inventories/1"}
	fine := count
	fine.Found, fine.Differences = 3, 0
	cabinet := KeyCabinetRow{Name: tr("鍵保管庫", "Cabinet"), Area: tr("サーバ室", "Server room"), Place: tr("入口左", "left of the door"), Label: "222-333", Keys: 3, Slots: 20, StockedAt: at(20, 9, 0), StockedBy: hanako, DueOn: date(11, 20), Overdue: true, URL: "/keys/cabinets/1"}
	form := Form{Action: "/keys/copies/1/loan", Values: values("borrower_id", "1", "purpose", tr("保守", "work"), "due", "at", "due_at", "2026-11-21T17:00"), Errors: []FieldError{{"due_at", tr("返却予定の時刻を過ぎています。", "That moment has passed.")}}}
	waiting := KeyLoanPage{KeyLoanRow: sampleKeyLoan(l), Copy: Link{tr("サーバラックの鍵 正1", "Rack key 1"), "/keys/copies/1"}, AskedBy: hanako, Approvals: []Confirmation{{By: hanako, At: at(21, 7, 5)}}, ApproveURL: "/a", RefuseURL: "/r", WithdrawURL: "/w", BackURL: "/keys",
		Form: Form{Errors: []FieldError{{"by", tr("すでに承認しています。", "You have agreed already.")}, {"reason", tr("入力してください。", "Please enter this.")}}}}
	own, handing := waiting, waiting
	own.ApproveURL, own.RefuseURL, own.Own, own.Form = "", "", true, Form{}
	handing.KeyLoanRow, handing.ApproveURL, handing.HandOutURL, handing.Handover, handing.Form = ready, "", "/h", true, Form{}
	refused := KeyLoanPage{KeyLoanRow: back, Copy: waiting.Copy, AskedBy: hanako, Closed: Confirmation{By: hanako, At: at(21, 8, 0)}, ClosedReason: tr("別の日に", "another day"), BackURL: "/keys"}
	copies := sampleKeyCopies(l)
	for name, page := range map[string]Page{
		"keys":       Keys.With(f, KeysPage{Asks: []KeyLoanRow{sampleKeyLoan(l), ready}, Items: []KeyItemRow{{Name: tr("サーバラックの鍵", "Rack key"), Opens: tr("ラック A-03", "rack A-03"), URL: "/keys/items/1", Copies: copies[:4]}, {Name: tr("媒体ラックの鍵", "Media rack key"), Opens: tr("ラック A-04", "rack A-04"), URL: "/keys/items/2"}}, Out: 2, Overdue: 1, Lost: 1, BookURL: "/keys/book", CabinetsURL: "/keys/cabinets", SettingURL: "/keys/setting", NewURL: "/keys/items/new", Seals: seals, Cabinets: true}),
		"keys_none":  Keys.With(f, KeysPage{BookURL: "/keys/book", CabinetsURL: "/keys/cabinets", SettingURL: "/keys/setting", NewCabinetURL: "/keys/cabinets/new"}),
		"key":        Key.With(f, KeyPage{KeyCopyRow: copies[1], Item: Link{tr("サーバラックの鍵", "Rack key"), "/keys/items/1"}, Opens: tr("ラック A-03", "rack A-03"), Ask: Link{tr("申請を見る", "See the request"), "/keys/loans/1"}, LabelURL: "/x", BackURL: "/keys", Seals: seals, Events: []KeyEventRow{{Event: tr("貸出", "lent"), At: at(20, 7, 0), Recorded: at(20, 9, 0), By: hanako, To: tr("操作者 見本 次郎", "Mihon Jiro"), What: tr("ディスク交換　作業票3", "disk change"), ApprovedBy: hanako, DueAt: at(20, 17, 0), Left: 1}, {Event: tr("登録", "registered"), At: at(1, 9, 0), By: hanako, Place: tr("鍵保管庫 1番", "Cabinet, 1"), Left: 2}}}),
		"key_lost":   Key.With(f, KeyPage{KeyCopyRow: copies[3], Item: Link{tr("サーバラックの鍵", "Rack key"), "/keys/items/1"}, BackURL: "/keys"}),
		"key_gone":   Key.With(f, KeyPage{KeyCopyRow: copies[4], Item: Link{tr("サーバラックの鍵", "Rack key"), "/keys/items/1"}, RetiredAt: at(20, 9, 0), BackURL: "/keys"}),
		"key_loan":   KeyLoan.With(f, waiting),
		"key_own":    KeyLoan.With(f, own),
		"key_hand":   KeyLoan.With(f, handing),
		"key_closed": KeyLoan.With(f, refused),
		"key_item": KeyItem.With(f, KeyItemPage{Name: tr("サーバラックの鍵", "Rack key"), Kind: tr("鍵", "key"), Opens: tr("ラック A-03", "rack A-03"), Excludes: tr("媒体ラックの鍵", "Media rack key"), Due: tr("17:00まで", "by 17:00"), Note: tr("施設管理者が管理", "kept by the facility manager"), Authorisers: 2, Generation: 1, Copies: copies,
			Acts: []Act{{Label: tr("本数を加える", "Add a copy"), URL: "/c"}}, EditURL: "/e", RetireURL: "/r", BackURL: "/keys", Form: Form{Fault: tr("サーバラックの鍵 正1があります。", "There is a copy still.")}}),
		"key_item_gone":   KeyItem.With(f, KeyItemPage{Name: tr("旧鍵", "Old key"), Kind: tr("鍵", "key"), Authorisers: 1, Generation: 1, RetiredAt: at(20, 9, 0), BackURL: "/keys"}),
		"key_cabinets":    KeyCabinets.With(f, KeyCabinetsPage{Rows: []KeyCabinetRow{cabinet, {Name: tr("副保管庫", "Second"), Area: tr("事務室", "Office"), Slots: 5, DueOn: date(12, 20), URL: "/keys/cabinets/2"}}, NewURL: "/keys/cabinets/new", BackURL: "/keys"}),
		"key_cabinets_no": KeyCabinets.With(f, KeyCabinetsPage{BackURL: "/keys"}),
		"key_cabinet":     KeyCabinet.With(f, KeyCabinetPage{KeyCabinetRow: cabinet, Note: tr("暗証番号は別に管理", "its number is kept elsewhere"), Copies: copies[:4], Counts: []KeyCountRow{count, fine}, CountURL: "/c", EditURL: "/e", RetireURL: "/r", BackURL: "/keys/cabinets"}),
		"key_cabinet_new": KeyCabinet.With(f, KeyCabinetPage{KeyCabinetRow: KeyCabinetRow{Name: tr("空の保管庫", "Empty"), DueOn: date(12, 20)}, RetiredAt: at(20, 9, 0), BackURL: "/keys/cabinets"}),
		"key_count": KeyCount.With(f, KeyCountPage{KeyCountRow: count, Cabinet: Link{tr("鍵保管庫", "Cabinet"), "/keys/cabinets/1"}, ListURL: "/keys", Seals: seals, Lines: []KeyCountLine{{Copy: Link{tr("サーバラックの鍵 正1", "Rack key 1"), "/keys/copies/1"}, Serial: "T-0123", Slot: 1, Seen: tr("見当たらない", "missing"), Differs: true, LoseURL: "/l"},
			{Copy: Link{tr("サーバラックの鍵 副1", "Rack key 2"), "/keys/copies/2"}, Serial: "T-0124", Slot: 2, Seen: tr("貸出中", "out"), Detail: tr("操作者 見本 次郎", "Mihon Jiro")}}}),
		"key_count_none": KeyCount.With(f, KeyCountPage{KeyCountRow: fine, Cabinet: Link{tr("鍵保管庫", "Cabinet"), "/keys/cabinets/1"}, ListURL: "/keys"}),
		"key_book":       KeyBook.With(f, KeyBookPage{Month: tr("令和8年11月分", "November 2026"), Rows: []KeyLoanRow{back, late}, Made: at(21, 9, 0), PrevURL: "/p", NextURL: "/n", FileURL: "/f", BackURL: "/keys", Seals: seals, More: 1}),
		"key_book_none":  KeyBook.With(f, KeyBookPage{Month: tr("令和8年11月分", "November 2026"), Made: at(21, 9, 0), FileURL: "/f", BackURL: "/keys"}),
		"key_form": KeyForm.With(f, KeyFormPage{Title: tr("借りる・貸し出す", "Borrow or lend"), Name: tr("サーバラックの鍵 正1", "Rack key 1"), Lead: tr("ほかの人が承認すると渡せます。", "Others must agree."), Button: tr("記録する", "Record"), BackURL: "/b", Form: form, Crumbs: []Link{{tr("鍵の管理簿", "Keys"), "/keys"}},
			Fields: []Field{FieldOf(form, Field{Name: "borrower_id", Label: tr("借りる人", "Borrower"), Kind: "select", Required: true, Options: []Option{{Value: "1", Label: hanako}}}), FieldOf(form, Field{Name: "purpose", Label: tr("使用目的", "Purpose"), Size: "l", Required: true}),
				FieldOf(form, Field{Name: "due", Label: tr("返却予定の決め方", "Due back"), Kind: "chips", Options: []Option{{Value: "at", Label: tr("時刻まで", "by a time")}, {Value: "after", Label: tr("いまから○時間", "after so many hours")}}}), FieldOf(form, Field{Name: "due_at", Label: tr("返却予定の時刻", "By"), Kind: "datetime-local", Era: true})}}),
		"key_form_loss": KeyForm.With(f, KeyFormPage{Title: tr("紛失を記録する", "Record a loss"), Button: tr("記録する", "Record"), Danger: true, BackURL: "/b", Form: Form{Action: "/x"}}),
	} {
		all[name] = page
	}
	return all
}
