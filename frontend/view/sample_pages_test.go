package view

import "time"

func sampleTown(l Lang) TownPage {
	tr := l.Tr
	plan := func(name string, s Status) TownPlan {
		return TownPlan{Link: Link{name, "/plans/1"}, Status: s, At: at(21, 2, 41), Bytes: 3_912_000_000, Level: 5, Spark: sampleDurations()}
	}
	return TownPage{
		Name: tr("佐呂間町", "Saroma"), Kana: "さろまちょう", Code: "015521", Kind: "member", JoinedOn: date(4, 1), Today: date(11, 21),
		EditURL: "/settings/towns/3", BookURL: "/towns/3/book", IncidentsURL: "/incidents?town=3", ContactsURL: "/settings/towns/3/contacts",
		Nights: sampleNights(l), Open: sampleCases(l)[:1], NextClosed: []DayRef{{Date: date(11, 22)}, {Date: date(11, 23)}},
		Servers: []TownServer{
			{Name: tr("戸籍正", "Main"), Role: tr("戸籍", "koseki"), Place: "A-03", Plans: []TownPlan{
				plan(tr("夜間全件", "Nightly full"), Status{Verdict: Missed, Detail: tr("届いていません", "has not come"), Needs: true}),
				plan(tr("夜間差分", "Nightly difference"), Status{Verdict: Met, Detail: tr("照合まで", "matched")})}},
			{Name: tr("戸籍副", "Second"), Role: tr("戸籍", "koseki"), Plans: []TownPlan{plan(tr("夜間全件", "Nightly full"), Status{Verdict: Met, Detail: tr("構造まで", "structure")})}},
			{Name: tr("附票", "Register"), Role: tr("附票", "register")},
		},
		Contacts: sampleContacts(l),
	}
}

func sampleContacts(l Lang) []ContactRow {
	tr := l.Tr
	return []ContactRow{
		{ID: "1", N: 1, Post: tr("住民係長", "Chief"), Name: tr("見本 一郎", "Mihon Ichiro"), Mail: "juumin@town.saroma.example", Phone: "01587-2-0000", Hours: tr("平日 8:30–17:15", "weekdays 8:30–17:15"), EditURL: "/contacts/1", First: true},
		{ID: "2", N: 2, Post: tr("町民課長", "Head"), Name: tr("見本 花子", "Mihon Hanako"), Mail: "kacho@town.saroma.example", Phone: "090-0000-0000", EditURL: "/contacts/2"},
		{ID: "3", N: 3, Post: tr("宿直", "Night duty"), Name: tr("見本 三郎", "Mihon Saburo"), Mail: "shukuchoku@town.saroma.example", EditURL: "/contacts/3", Last: true},
	}
}

func sampleRun(l Lang) Run {
	return Run{Night: date(11, 20), Verdict: Failed, Sentence: l.Tr("3.9 GBのうち2.4 GBで終わっています", "ends after 2.4 of 3.9 GB"), Started: at(21, 2, 0), Ended: at(21, 2, 41), Duration: 41 * time.Minute,
		Reported: "ok", Exit: "0", Bytes: 2_400_000_000, SaidBytes: 3_900_000_000, Files: 1, Entries: 18_402, File: "koseki-20261120.tar.zst",
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Format: "tar.zst", Level: 3, Tool: "tar", Generation: "8-1120", VerifiedAt: at(21, 2, 55), ConfirmURL: "/runs/1/confirmation", IncidentURL: "/incidents/2"}
}

func samplePlan(l Lang) PlanPage {
	tr := l.Tr
	run := sampleRun(l)
	fine := run
	fine.Night, fine.Verdict, fine.Sentence, fine.Bytes, fine.SaidBytes, fine.Level, fine.IncidentURL = date(11, 19), Met, "", 3_900_000_000, 3_900_000_000, 5, ""
	fine.Confirmed = Confirmation{By: tr("操作者 見本 一郎", "Mihon Ichiro"), At: at(20, 8, 2)}
	late := fine
	late.Night, late.Verdict, late.Sentence = date(11, 18), Late, tr("05:10に届きました", "came 05:10")
	gone := Run{Night: date(11, 17), Verdict: Missed, Sentence: tr("届いていません", "has not come"), Duration: -1, Bytes: -1, SaidBytes: -1, Files: -1, Entries: -1, Level: -1, Reported: "none"}
	return PlanPage{
		Town: Link{tr("むかわ町", "Mukawa"), "/towns/2"}, Server: Link{tr("戸籍正", "Main"), "/towns/2"}, Name: tr("夜間全件", "Nightly full"), EditURL: "/plans/2/edit", VerifyURL: "/plans/2/verification",
		Tabs:   []Choice{{Label: tr("夜間全件", "Nightly full"), URL: "/plans/2", Current: true}, {Label: tr("夜間差分", "Nightly difference"), URL: "/plans/3"}},
		Status: Status{Verdict: Failed, Detail: tr("途中で切れています（61 %）", "cut off (61 %)"), Needs: true}, Night: date(11, 20),
		Sentence: tr("知らせは正常でしたが、ファイルは最後まで読めませんでした。", "It was reported as good, but the file cannot be read to its end."),
		Latest:   &run, Ladder: sampleLadder(l), Runs: []Run{run, fine, late, gone}, Pages: Pages{OlderURL: "/plans/2?before=4", Shown: 4}, Trend: sampleTrend(), Durations: sampleDurations(), Usual: 41 * time.Minute,
		Facts: PlanFacts{Schedule: tr("毎日 02:00", "every day 02:00"), Cron: "0 2 * * *", Zone: "Asia/Tokyo", Policy: "every_day", DueAfter: 90 * time.Minute, Grace: 30 * time.Minute, Longest: 2 * time.Hour, Next: at(22, 3, 30),
			Severity: "critical", Ladder: tr("標準", "standard"), Store: tr("むかわ町 NAS", "Mukawa NAS"), Pattern: "koseki-{date}*.tar.zst", Manifest: "sidecar", Level: 5, MinBytes: 1_000_000_000, MaxBytes: -1, Deviation: "3.5", Settle: 2 * time.Hour},
		CheckIn: &CheckIn{URL: "http://127.0.0.1:8080/ping/0f8c1c7e-3f0e-4b1a-9a55-1f2a3b4c5d6e", LastAt: at(21, 2, 41), LastKind: tr("正常終了", "success"), Snippets: []Snippet{
			{"curl", "URL=http://127.0.0.1:8080/ping/0f8c1c7e-3f0e-4b1a-9a55-1f2a3b4c5d6e\ncurl -fsS -m 10 --retry 5 \"$URL/start\"\n./backup.sh\ncurl -fsS -m 10 --retry 5 \"$URL/$?\""},
			{"PowerShell", "Invoke-RestMethod \"$Url/start\""}}},
	}
}

func sampleBook(l Lang) BookPage {
	tr := l.Tr
	b := BookPage{Number: tr("蘭住第147号", "No. 147"), Town: Link{tr("むかわ町", "Mukawa"), "/towns/2"}, Month: tr("令和8年11月分", "November 2026"), PrevURL: "/towns/2/book?month=2026-10",
		Seals:   []SealBox{{Post: tr("管理者", "Manager")}, {Post: tr("係長", "Chief")}, {Post: tr("係", "Clerk"), Name: tr("見本 一郎", "Mihon"), At: at(21, 7, 12)}},
		Servers: []string{tr("戸籍正", "Main"), tr("戸籍副", "Second")}, Made: at(21, 7, 30), Gaps: 1, Basis: tr("戸籍事務の委託に関する規則 第3条第1号", "Rules on the entrusted work, art. 3 (1)")}
	for i := 1; i <= 20; i++ {
		r := BookRow{Night: date(11, i), Cells: []Status{{Verdict: Met, Detail: l.LevelName(5)}, {Verdict: Met, Detail: l.LevelName(5)}}, Confirmed: Confirmation{By: tr("見本 一郎", "Mihon Ichiro"), At: at(i+1, 7, 12)}}
		switch i {
		case 3:
			r.Closed = tr("文化の日", "Culture Day")
		case 17:
			r.Cells[0] = Status{Verdict: Missed, Needs: true, Detail: tr("届いていません", "has not come")}
			r.Measures = []Measure{{Text: tr("業者が再実行し、10:12に正常終了", "Run again by the vendor, ended 10:12"), Amended: sampleAmended(l)}}
		case 20:
			r.Confirmed = Confirmation{}
			r.Cells[1] = Status{}
		}
		b.Rows = append(b.Rows, r)
	}
	return b
}

func sampleIncidents(l Lang) IncidentsPage {
	tr := l.Tr
	return IncidentsPage{
		States: []Choice{{tr("未受領", "Unanswered"), "/incidents?state=open", 4, true, true}, {tr("受領済", "Acknowledged"), "/incidents?state=acknowledged", 2, true, false}, {tr("復旧", "Resolved"), "/incidents?state=resolved", 0, false, false}, {tr("すべて", "All"), "/incidents?state=all", 0, false, false}},
		Rows: []IncidentRow{
			{Number: "8-0147", URL: "/incidents/1", Town: tr("佐呂間町", "Saroma"), Subject: tr("戸籍正　バックアップ未着", "Main: backup missing"), Sentence: tr("03:30までの約束でしたが届いていません。", "Due by 03:30, has not come."), State: "open", Severity: "critical", OpenedAt: at(21, 3, 31), Next: &Told{At: at(21, 7, 46), Who: tr("課長", "Head"), Way: "phone"}},
			{Number: "8-0146", URL: "/incidents/2", Town: tr("むかわ町", "Mukawa"), Subject: tr("戸籍正　ファイルが途中で切れている", "Main: file cut off"), Sentence: tr("3.9 GBのうち2.4 GBで終わっています。", "Ends after 2.4 of 3.9 GB."), State: "acknowledged", Severity: "critical", OpenedAt: at(21, 2, 55), Until: at(21, 10, 0), Answered: tr("町民生活課長", "Head")},
			{Number: "8-0139", URL: "/incidents/3", Town: tr("寿都町", "Suttsu"), Subject: tr("戸籍正　小さすぎる", "Main: too small"), Sentence: tr("1.6 GBで、いつもの40 %です。", "1.6 GB, 40 % of the usual."), State: "resolved", Severity: "warning", OpenedAt: at(18, 3, 2), Resolved: at(18, 11, 40)},
		},
		Pages: Pages{OlderURL: "/incidents?before=3", Shown: 3},
	}
}

func sampleIncident(l Lang) IncidentPage {
	tr := l.Tr
	quick := []Option{{Value: "vendor", Label: tr("業者に確認中", "Asking the vendor")}, {Value: "rerun", Label: tr("再実行する", "Running it again")}, {Value: "office", Label: tr("出勤後に確かめる", "Looking after arrival")}}
	return IncidentPage{
		Number: "8-0147", Title: tr("佐呂間町　戸籍正　バックアップ未着", "Saroma, main: backup missing"), Sentence: tr("03:30までの約束でしたが届いていません。", "It was due by 03:30 and has not come."),
		State: "open", Severity: "critical", Town: Link{tr("佐呂間町", "Saroma"), "/towns/3"}, Plan: Link{tr("戸籍正　夜間全件", "Main, nightly full"), "/plans/1"}, Night: date(11, 20), OpenedAt: at(21, 3, 31), Now: at(21, 7, 30),
		LiveURL: "/incidents/1/live", EventsURL: "/events",
		Timeline: []Event{
			{At: at(21, 3, 31), Kind: EventOpened, Text: tr("バックアップが届かないまま期限を過ぎました", "The deadline passed without a backup")},
			{At: at(21, 3, 31), Kind: EventTold, Text: tr("住民係長へメールを送りました", "Mail to the chief"), Detail: tr("受領なし", "no answer"),
				Again: []Event{{At: at(21, 3, 36), Kind: EventTold, Text: tr("住民係長へメールを送りました", "Mail to the chief"), Detail: tr("受領なし", "no answer")}}},
			{At: at(21, 3, 46), Kind: EventUnreachable, Text: tr("町民課長へのメールが届けられません", "Mail to the head could not be delivered"), Detail: "550 5.1.1"},
			{At: at(21, 4, 5), Recorded: at(21, 7, 20), Kind: EventAcknowledged, Text: tr("宿直が電話で受領しました", "Night duty answered by phone"), By: tr("記録：操作者 見本 二郎", "recorded by Mihon Jiro"), Quote: tr("朝、係長に伝えます", "I will tell the chief in the morning")},
			{At: at(21, 6, 30), Kind: EventExpired, Text: tr("約束の時刻を過ぎました", "The promised time has passed")},
			{At: at(21, 7, 21), Kind: EventNoted, Text: tr("経過が書き足されました", "A note was added"), Quote: tr("回線の工事があったか確認中", "Asking whether the line was worked on"), By: tr("操作者 見本 二郎", "Mihon Jiro")},
		},
		Rungs: []Rung{
			{N: 1, Post: tr("住民係長", "Chief"), Name: tr("見本 一郎", "Mihon Ichiro"), Mail: "juumin@town.saroma.example", Phone: "01587-2-0000", Hours: tr("平日 8:30–17:15", "weekdays"), State: "fired", FiredAt: at(21, 3, 31), Outcome: tr("受領なし", "no answer")},
			{N: 2, Post: tr("町民課長", "Head"), Name: tr("見本 花子", "Mihon Hanako"), Mail: "kacho@town.saroma.example", State: "fired", FiredAt: at(21, 3, 46), Outcome: tr("届かず", "undeliverable"),
				Again: []Rung{{N: 3, State: "fired", FiredAt: at(21, 4, 16), Outcome: tr("届かず", "undeliverable")}}},
			{N: 3, Post: tr("宿直", "Night duty"), Name: tr("見本 三郎", "Mihon Saburo"), Mail: "shukuchoku@town.saroma.example", State: "pending", DueAt: at(21, 7, 46), Next: true},
			{N: 4, Post: tr("副町長", "Deputy"), Name: tr("見本 四郎", "Mihon Shiro"), Mail: "fuku@town.saroma.example", State: "held", DueAt: at(21, 8, 46)},
		},
		Repeat: 30 * time.Minute,
		Ack:    &AckForm{Form: Form{Action: "/incidents/1/acknowledgement", Values: values("until", "2026-11-21T10:00")}, Quick: quick},
		Call: &CallForm{Form: Form{Action: "/incidents/1/call", Values: values("rung", "2", "at", "2026-11-21T07:28", "result", "absent", "promise", tr("かけ直す", "will call back")), Errors: []FieldError{{"until", tr("いつまでかを入力してください。", "Enter until when.")}}},
			Rungs:   []Option{{Value: "1", Label: tr("住民係長　見本 一郎", "Chief"), Help: "01587-2-0000"}, {Value: "2", Label: tr("町民課長　見本 花子", "Head"), Help: "090-0000-0000"}},
			Results: []Option{{Value: "answered", Label: tr("受領した", "Answered")}, {Value: "absent", Label: tr("不在", "Absent")}, {Value: "busy", Label: tr("話し中", "Busy")}}},
		Note: &Form{Action: "/incidents/1/note"},
	}
}

func sampleOutbox(l Lang) OutboxPage {
	tr := l.Tr
	subject := tr("［棚守］佐呂間町 戸籍正 バックアップ未着（第一報）", "[Tanamori] Saroma main: backup missing")
	return OutboxPage{
		States:   []Choice{{tr("すべて", "All"), "/outbox", 0, false, true}, {tr("送信待ち", "Queued"), "/outbox?state=queued", 1, true, false}, {tr("送れません", "Failed"), "/outbox?state=failed", 1, true, false}},
		NoServer: tr("メールサーバが設定されていません。連絡は「実演の受信箱」に入ります。", "No mail server is set. Notices go to the demonstration mailbox."),
		Rows: []NoticeRow{
			{ID: "3", Kind: "repeated", Town: tr("佐呂間町", "Saroma"), Subject: subject, About: Link{"8-0147", "/incidents/1"}, To: tr("町民課長", "Head"), Address: "kacho@town.saroma.example", State: "failed", QueuedAt: at(21, 3, 46), RetryURL: "/outbox/3/retry",
				Attempts: []Attempt{{N: 1, At: at(21, 3, 46), Outcome: "refused", Detail: "550 5.1.1 no such user"}}},
			{ID: "2", Kind: "opened", Town: tr("佐呂間町", "Saroma"), Subject: subject, About: Link{"8-0147", "/incidents/1"}, To: tr("住民係長", "Chief"), Address: "juumin@town.saroma.example", State: "sent", QueuedAt: at(21, 3, 31), SentAt: at(21, 3, 31), Repeated: true, Acked: true,
				Attempts: []Attempt{{N: 1, At: at(21, 3, 31), Outcome: "unknown"}, {N: 2, At: at(21, 3, 33), Outcome: "sent", Detail: "250 OK"}}},
			{ID: "1", Kind: "opened", Town: tr("ニセコ町", "Niseko"), Subject: tr("［棚守］ニセコ町 戸籍正 終わっていない", "[Tanamori] Niseko main: not ended"), To: tr("担当", "Clerk"), Address: "koseki@town.niseko.example", State: "queued", QueuedAt: at(21, 7, 29), NextAt: at(21, 7, 31)},
			{ID: "0", Kind: "opened", Town: tr("むかわ町", "Mukawa"), Subject: tr("【棚守】むかわ町：3件の異常（戸籍正 夜間バックアップ ほか）", "[Tanamori] Mukawa: 3 incidents"), About: Link{"8-0141", "/incidents/3"}, Also: 2, To: tr("町民生活課長", "Head"), Address: "kacho@town.mukawa.example", State: "withdrawn", QueuedAt: at(21, 3, 31), WithdrawnAt: at(21, 4, 12),
				Attempts: []Attempt{{N: 1, At: at(21, 3, 31), Outcome: "error", Detail: "451 4.3.2"}}},
		},
	}
}

func sampleMailbox(l Lang) MailboxPage {
	tr := l.Tr
	subject := tr("［棚守］佐呂間町 戸籍正 バックアップ未着（第一報）", "[Tanamori] Saroma main: backup missing")
	return MailboxPage{
		Rows: []MailRow{{URL: "/demo/mailbox/2", At: at(21, 3, 31), To: tr("住民係長", "Chief"), Subject: subject, Current: true}, {URL: "/demo/mailbox/1", At: at(21, 2, 56), To: tr("町民生活課長", "Head"), Subject: tr("［棚守］むかわ町 戸籍正 ファイルが途中で切れている", "[Tanamori] Mukawa main: file cut off"), Answered: true}},
		Open: &Mail{From: "tanamori@rankoshi.example", To: "juumin@town.saroma.example", Subject: subject, At: at(21, 3, 31), Text: tr("佐呂間町　住民係長　見本 一郎 様\n\n戸籍正のバックアップが、期限の03:30までに届いていません。\n\n受け取ったら、次のリンクを開いて知らせてください。\n", "The backup of the main server was due by 03:30 and has not come.\n"), Links: []Link{{tr("受領確認のページを開く", "Open the page to answer"), "/ack/abc"}}},
	}
}

func sampleLog(l Lang) LogPage {
	tr := l.Tr
	return LogPage{Filter: Form{Action: "/log", Values: values("from", "2026-11-01", "act", "plan.write")}, Acts: []Option{{Value: "plan.write", Label: tr("計画の変更", "Plan changed")}, {Value: "duty.confirm", Label: tr("確認", "Confirmed")}}, Objects: []Option{{Value: "plan", Label: tr("計画", "plan")}}, Posts: []Option{{Value: "operator", Label: tr("操作者", "Operator")}},
		Towns: []Option{{Value: "2", Label: tr("むかわ町", "Mukawa")}}, CSV: "/log/export?format=csv", JSONL: "/log/export?format=jsonl", Review: "/log/reviews",
		Rows: []LogRow{
			{At: at(21, 7, 12), Actor: tr("住民福祉課長 見本 花子", "Mihon Hanako"), Post: tr("戸籍データ等管理者", "Koseki data manager"), Act: tr("計画の変更", "Plan changed"), Object: Link{tr("むかわ町　戸籍正　夜間全件", "Mukawa main nightly"), "/plans/2"}, Changes: []Change{{tr("求める深さ", "Depth"), "V3", "V5"}, {tr("最小の大きさ", "Smallest size"), "", "1 GB"}}, Remote: "192.0.2.10", Request: "5cc804d6", SameURL: "/log?request=5cc804d6"},
			{At: at(20, 7, 40), Actor: tr("見本 一郎", "Mihon Ichiro"), Post: tr("操作者", "Operator"), Act: tr("確認", "Confirmed"), Object: Link{Text: tr("令和8年11月19日の夜　23件", "night of 19 November, 23")}}},
	}
}

func sampleReviews(l Lang) ReviewsPage {
	tr := l.Tr
	auditor, manager := tr("監査担当 見本 三郎", "Auditor Mihon Saburo"), tr("住民福祉課長 見本 花子", "Mihon Hanako")
	return ReviewsPage{BackURL: "/log", BeganOn: date(4, 1), ReviewedTo: date(9, 30), DueAt: at(24, 9, 0), Day: 1, Days: 7,
		Left: []ReviewLeft{{From: date(10, 1), To: date(10, 31), Whose: auditor, Lines: 12, URL: "/log?who=4"}, {From: date(10, 1), To: date(10, 31), Whose: manager, Own: true, Lines: 3, URL: "/log?who=1"},
			{From: date(11, 1), To: date(11, 20), URL: "/log?from=2026-11-01"}},
		Form:    Form{Action: "/log/reviews", Values: values("from_on", "令和8年11月1日", "to_on", "令和8年11月20日"), Errors: []FieldError{{"findings", tr("何が見つかったかを書いてください。", "Say what was found.")}}},
		Setting: Form{Action: "/log/review-setting", Values: values("day", "1", "days", "7")},
		Rows: []ReviewRow{
			{At: at(4, 10, 12), From: date(10, 1), To: date(10, 31), By: auditor, Post: tr("監査担当", "Auditor"), Lines: 1204, OwnLines: 12, Found: true,
				Findings: tr("10月14日の深夜に、操作者が3団体の連絡先を開いていた。", "Contacts of three towns were opened late at night."), Measures: tr("本人に確かめた。障害の電話のためで、業務に必要だった。", "Asked: it was for a call about an incident."), URL: "/log?from=2026-10-01", Amended: sampleAmended(l)},
			{At: at(2, 9, 0), From: date(9, 1), To: date(9, 30), By: manager, Post: tr("戸籍データ等管理者", "Manager"), Lines: 980, URL: "/log?from=2026-09-01"}},
		Pages: Pages{Shown: 2}}
}
