package view

func sampleRooms(l Lang, all map[string]Page) map[string]Page {
	tr, f := l.Tr, sampleFrame(l)
	hanako := tr("施設管理者 見本 花子", "Mihon Hanako")
	line := RoomLine{ID: 1, Room: tr("サーバ室", "Server room"), Name: tr("見本 太郎", "Mihon Taro"), Org: tr("見本保守", "Mihon Maintenance"), At: at(21, 7, 0), Purpose: tr("ディスクの交換", "Disk replaced"),
		Escort: hanako, Badge: tr("業者1", "V1"), PermitNo: tr("令和8年度　第12号", "No. 12"), In: tr("交換用ディスク", "disk"), By: hanako, ExitURL: "/x"}
	left, bad := line, line
	left.Left, left.ExitURL, left.Out, left.LeftBy, left.Last, left.Recorded, left.LateReason = at(21, 7, 20), "", tr("故障ディスク", "broken disk"), hanako, true, at(21, 7, 25), tr("電話のため", "a call")
	bad.Why, bad.Reason, bad.ReviewURL, bad.PermitNo, bad.Badge = tr("入室許可者名簿にありません", "not listed"), tr("警報のため", "alarm"), "/r", "", ""
	done := bad
	done.Reviewed, done.ReviewedBy, done.Finding, done.ReviewURL = at(21, 7, 28), hanako, tr("やむを得ない", "could not be helped"), ""
	card := RoomCard{Name: tr("サーバ室", "Server room"), Place: tr("本庁舎 2階", "Town hall, 2F"), State: "inside", Inside: []RoomLine{line, bad}, EnterURL: "/e", BookURL: "/b", SetURL: "/s"}
	locked, late, unused := card, card, card
	locked.State, locked.Inside, locked.LockedAt, locked.LockedBy, locked.LockURL = "locked", nil, at(21, 7, 10), hanako, "/l"
	late.State, late.Inside, late.EmptySince, late.EmptiedBy, late.LockBy, late.Late, late.LockURL = "unlocked", nil, at(21, 7, 0), hanako, at(21, 7, 15), true, "/l"
	soon := late
	soon.Late = false
	unused.State, unused.Inside = "unused", nil
	for n, c := range []*RoomCard{&locked, &late, &soon, &unused} {
		c.Name += string(rune('A' + n))
	}
	visit := VisitRow{Number: tr("令和8年度　第12号", "No. 12"), State: "approved", Company: line.Org, Work: line.Purpose, From: at(21, 7, 0), Until: at(21, 12, 0), Rooms: []string{line.Room},
		Visitors: []VisitorRow{{Name: line.Name, Badge: line.Badge, Inside: true}, {Name: tr("見本 次郎", "Mihon Jiro"), EnterURL: "/e", Room: line.Room}}, Escort: hanako, Applicant: hanako, URL: "/v"}
	waiting, past := visit, visit
	waiting.State, past.State, past.Past = "applied", "cancelled", true
	people := []Option{{Value: "1", Label: hanako}}
	checks := []Option{{Value: "a", Label: tr("出入口の施錠", "doors")}, {Value: "b", Label: tr("全ラックの施錠", "racks")}}
	form := func(kind string, values map[string][]string, errs ...FieldError) RoomFormPage {
		return RoomFormPage{Kind: kind, Title: tr("記録する", "Record"), Name: line.Room, Lead: tr("その場で記録します。", "On the spot."), Button: tr("記録", "Record"), People: people, Rooms: people, Badges: people, Checklist: checks,
			Who: people, Purposes: checks, BackURL: "/b", Form: Form{Action: "/f", Values: values, Errors: errs}}
	}
	enter, exit, revoke := form("enter", values("who", "1", "reason", "x"), FieldError{"reason", tr("理由を入力してください。", "Give the reason.")}), form("exit", values("badge_back", "on")), form("revoke", nil)
	enter.Needs, enter.Late, exit.Last, exit.Badge, exit.LockMinutes, revoke.Danger = true, true, true, true, 15, true
	badge := BadgeRow{Number: tr("業者1", "V1"), Note: tr("赤", "red"), Label: "123-456", OutTo: line.Org, OutBy: hanako, OutAt: at(21, 7, 0), DueAt: at(21, 7, 10), Late: true, URL: "/b"}
	stock := BadgeRow{Number: tr("業者2", "V2"), Label: "000-000", URL: "/b"}
	plain := Form{Action: "/f"}
	asked := plain.As("refusal")
	asked.Errors = []FieldError{{"reason", tr("理由を入力してください。", "Give the reason.")}}
	seals := []SealBox{{Post: tr("管理者", "Manager"), Name: hanako, At: at(21, 7, 0)}, {Post: tr("係", "Clerk")}}
	page := VisitPage{VisitRow: waiting, Reason: tr("障害対応", "a failure"), CarryIn: line.In, Applied: at(20, 9, 0), Seals: seals, BackURL: "/b"}
	decide, mine, refused := page, page, page
	approve, cancel := plain.As("approval"), plain.As("cancellation")
	decide.Approve, decide.Refuse, decide.Cancel = &approve, &asked, &cancel
	mine.Mine = true
	refused.State, refused.Decided, refused.DecidedBy, refused.DecidedWhy = "refused", at(20, 10, 0), hanako, tr("立会者がいない", "no escort")
	cancelled := refused
	cancelled.State, cancelled.Cancelled, cancelled.CancelledBy, cancelled.CancelWhy = "cancelled", at(20, 11, 0), hanako, tr("業者の都合", "the vendor's")
	row := RoomPermitRow{Room: line.Room, Name: hanako, Org: tr("蘭越町", "Rankoshi"), From: date(4, 1), Until: date(12, 31), Document: tr("蘭住第12号", "No. 12"), Note: tr("通年", "all year"), By: hanako, At: at(1, 9, 0), RevokeURL: "/r"}
	over := row
	over.Over, over.Revoked, over.RevokedBy, over.Why, over.RevokeURL = true, at(2, 9, 0), hanako, tr("異動", "moved"), ""
	lend, back, retire := plain.As("loans"), plain.As("return"), plain.As("retirement")
	for name, p := range map[string]Page{
		"rooms": Rooms.With(f, RoomsPage{Rooms: []RoomCard{card, locked, late, soon, unused}, Visits: []VisitRow{visit, waiting}, Open: []RoomLine{bad}, ApplyURL: "/a",
			Links: []Link{{tr("名札", "Badges"), "/b"}}}),
		"rooms_none": Rooms.With(f, RoomsPage{}),
		"room_book": RoomBook.With(f, RoomBookPage{Name: line.Room, Month: tr("令和8年11月分", "November 2026"), Rows: []RoomLine{left, line, bad, done}, PrevURL: "/p", NextURL: "/n", CSV: "/c", BackURL: "/b", Seals: seals, Made: at(21, 7, 0),
			Locks: []RoomLockLine{{At: at(21, 7, 0), By: hanako, Done: []string{checks[0].Label}, Undone: []string{checks[1].Label}, Found: tr("扉が開いている", "a door is open")}, {At: at(21, 7, 10), Recorded: at(21, 7, 25), By: hanako, Done: []string{checks[0].Label, checks[1].Label}, WithExit: true}}}),
		"room_book_none": RoomBook.With(f, RoomBookPage{Name: line.Room, Month: tr("令和8年11月分", "November 2026"), CSV: "/c", Made: at(21, 7, 0)}),
		"room_enter":     RoomForm.With(f, enter), "room_exit": RoomForm.With(f, exit), "room_lock": RoomForm.With(f, form("lock", values("done", "a"), FieldError{"found", tr("入力してください。", "Say how it is.")})),
		"room_review": RoomForm.With(f, form("review", nil)), "room_set": RoomForm.With(f, form("set", values("lock_minutes", "15", "late_minutes", "30", "checklist", checks[0].Label))),
		"room_permit": RoomForm.With(f, form("permit", nil, FieldError{"person_id", tr("自分は載せられません。", "Nobody lists themselves.")})), "room_revoke": RoomForm.With(f, revoke), "room_visit": RoomForm.With(f, form("visit", nil)),
		"room_list":      RoomList.With(f, RoomListPage{Rows: []RoomPermitRow{row, over}, OtherURL: "/o", NewURL: "/n", Seals: seals, Day: date(11, 21), Made: at(21, 7, 0), Former: true}),
		"room_list_none": RoomList.With(f, RoomListPage{OtherURL: "/o", Day: date(11, 21), Made: at(21, 7, 0)}),
		"visits":         Visits.With(f, VisitsPage{Rows: []VisitRow{visit, waiting, past}, NewURL: "/n", Pages: Pages{OlderURL: "/o", Shown: 3}}), "visits_none": Visits.With(f, VisitsPage{}),
		"visit_decide": Visit.With(f, decide), "visit_mine": Visit.With(f, mine), "visit_refused": Visit.With(f, refused), "visit_cancelled": Visit.With(f, cancelled),
		"badges": Badges.With(f, BadgesPage{Rows: []BadgeRow{badge, stock}, Form: &plain}), "badges_none": Badges.With(f, BadgesPage{}),
		"badge":         Badge.With(f, BadgePage{BadgeRow: badge, Return: &back, Relabel: &plain, Retire: &retire, Events: []BadgeLine{{What: tr("貸出", "out"), Holder: line.Org, By: hanako, At: at(21, 7, 0), Recorded: at(21, 7, 25)}}}),
		"badge_stock":   Badge.With(f, BadgePage{BadgeRow: stock, Lend: &lend, Visitors: people}),
		"badge_retired": Badge.With(f, BadgePage{BadgeRow: stock, Retired: at(21, 7, 0), Events: []BadgeLine{{What: tr("廃止", "retired"), By: hanako, Reason: tr("破損", "worn"), At: at(21, 7, 0)}}}),
	} {
		all[name] = p
	}
	return all
}
