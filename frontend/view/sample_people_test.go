package view

// samplePeople adds the pages of people, posts and offices to the samples.
func samplePeople(l Lang, all map[string]Page) map[string]Page {
	tr := l.Tr
	f := sampleFrame(l)
	mukawa := Link{tr("むかわ町", "Mukawa"), "/towns/2"}
	acts := []Option{{Value: "duty.confirm", Label: tr("バックアップを確認する", "confirm backups")}, {Value: "board.read", Label: tr("朝の確認を見る", "see the board")}}
	towns := []Option{{Value: "1", Label: tr("蘭越町", "Rankoshi")}, {Value: "2", Label: tr("むかわ町", "Mukawa")}}
	kinds := []Option{{Value: "operator", Label: tr("操作者", "Operator"), Help: tr("受託町の職です。", "A post of the host's.")}}
	entry := RegisterRow{Event: "begun", At: at(1, 9, 0), By: tr("住民福祉課長 見本 花子", "Mihon Hanako"), Person: tr("見本 二郎", "Mihon Jiro"), Home: tr("むかわ町", "Mukawa"), Held: tr("蘭越町", "Rankoshi"),
		Label: tr("操作者", "Operator"), Title: tr("戸籍係", "Clerk"), Office: tr("住民福祉課長", "Head of section"), Manner: "designation", From: date(4, 1), Until: date(12, 10), AppointedBy: tr("蘭越町長", "The mayor"),
		Document: tr("蘭総第12号", "No. 12"), DocumentOn: date(3, 25), Acts: []string{acts[0].Label}, Towns: []string{mukawa.Text}, URL: "/p"}
	withdrawn := RegisterRow{Event: "withdrawn", At: at(2, 9, 0), By: entry.By, Person: entry.Person, Home: entry.Home, Held: entry.Held, Label: entry.Label, Title: entry.Title, Manner: "appointment", From: date(12, 1)}
	end := Form{Action: "/end", Values: values("until_on", tr("あした", "tomorrow")), Errors: []FieldError{{"until_on", tr("日付として読めません。", "This is not a date.")}}}
	plain := Form{Action: "/end2"}
	name := Form{Action: "/n", Values: values("name", tr("見本 二郎", "Mihon Jiro"), "lang", "ja")}
	token := Form{Action: "/t", Values: values("days", "90", "acts", "board.read")}
	tokens := []TokenRow{{Name: tr("集計用", "figures"), Prefix: "tnm_01", CreatedAt: at(1, 9, 0), ExpiresAt: at(30, 9, 0), Acts: []string{acts[1].Label}, Towns: []string{mukawa.Text}, RevokeURL: "/r"}}
	person := PersonPage{Name: name.Get("name"), Login: "jiro", Org: mukawa.Text, CreatedAt: at(1, 9, 0), BackURL: "/b", NewPostURL: "/new", Form: &name, PasswordURL: "/pw", FactorsURL: "/fa", DisableURL: "/d",
		Posts: []PersonPost{{Label: entry.Label, Title: entry.Title, Org: entry.Held, From: date(4, 1), Until: date(12, 10), State: "now", Manner: "designation", By: entry.AppointedBy, Document: entry.Document, DocumentOn: date(3, 25), Acts: entry.Acts, Towns: entry.Towns, EndForm: &end},
			{Label: entry.Label, Title: tr("課長", "Head"), Org: entry.Held, From: date(12, 11), State: "coming", Manner: "appointment", EndForm: &plain, WithdrawURL: "/w"},
			{Label: entry.Label, Title: tr("課長", "Head"), Org: entry.Held, From: date(4, 1), Until: date(4, 30), State: "over", ExOfficio: true, Manner: "appointment"}},
		Course: []RegisterRow{withdrawn, entry}, Tokens: tokens}
	machine := PersonPage{Name: tr("監視サーバ", "Monitoring"), Org: mukawa.Text, Machine: true, CreatedAt: at(1, 9, 0), DisabledAt: at(2, 9, 0), BackURL: "/b", EnableURL: "/e", TokenForm: &token, Acts: acts, Towns: towns, Made: "tnm_0123456789abcdef"}
	hand := Form{Action: "/h", Errors: []FieldError{{"from_on", tr("引き継ぐ日を入力してください。", "Enter the first day.")}}}
	post := Form{Action: "/p", Values: values("codes", "015865")}
	form := Form{Action: "/f", Values: values("manner", "appointment", "at", "1", "kind", "operator", "acts", "duty.confirm")}
	office := Form{Action: "/o", Values: values("town", "1")}
	reminder := Form{Action: "/days", Values: values("days", "30")}
	row := ImportRow{N: 2, Login: "mukawa2", Name: tr("見本 桜子", "Mihon Sakurako"), Folded: true, Label: tr("関係町村職員", "Town staff"), Title: tr("主査", "Clerk"), From: date(4, 1), Until: date(12, 31), Document: tr("町総第3号", "No. 3")}
	wrong := ImportRow{N: 3, Login: "x", Name: tr("見本 竹子", "Mihon Takeko"), From: date(4, 1), NoEnd: true, Faults: []string{tr("職の種類を選んでください。", "Please choose the kind of post.")}}
	for name, page := range map[string]Page{
		"people_ending": People.With(f, PeoplePage{MachineURL: "/m", ImportURL: "/i", OfficesURL: "/o", Ending: []RegisterRow{entry}, Days: 30, Reminder: &reminder,
			Rows: []PersonRow{{Name: machine.Name, Machine: true, Org: mukawa.Text, EditURL: "/e"}}}),
		"person":         Person.With(f, person),
		"person_machine": Person.With(f, machine),
		"post_form":      PostForm.With(f, PostFormPage{Name: person.Name, PersonURL: "/p", BackURL: "/b", Form: form, Posts: kinds, Orgs: towns, Acts: acts, Towns: towns, YearsEnd: date(12, 31)}),
		"machine_form":   PostForm.With(f, PostFormPage{Machine: true, BackURL: "/b", Form: Form{Action: "/f"}, Posts: kinds, Orgs: towns, Acts: acts, YearsEnd: date(12, 31)}),
		"offices":        Offices.With(f, OfficesPage{Rows: []OfficeRow{{Office: Link{entry.Office, "/o"}, Org: entry.Held, Holder: entry.Person, Since: date(4, 1), Next: tr("見本 松子", "Mihon Matsuko"), NextOn: date(12, 1), Posts: []string{entry.Label}}, {Office: Link{tr("町民課長", "Head"), "/o2"}, Org: mukawa.Text}}, Form: &office, Towns: towns}),
		"offices_none":   Offices.With(f, OfficesPage{}),
		"office":         Office.With(f, OfficePage{Name: entry.Office, Org: entry.Held, BackURL: "/b", Holders: []OfficeHolder{{Person: Link{entry.Person, "/p"}, From: date(4, 1), Document: entry.Document, DocumentOn: date(3, 25), Now: true}, {Person: Link{entry.Person, "/p2"}, From: date(4, 1), Until: date(4, 2)}}, Posts: []OfficePostRow{{Label: entry.Label, Title: entry.Title, Org: entry.Held, Manner: "appointment", DropURL: "/x"}}, HandOver: &hand, People: []Option{{Value: "3", Label: entry.Person}}, PostForm: &post, Kinds: kinds, Orgs: towns, Acts: acts}),
		"office_new":     Office.With(f, OfficePage{Name: entry.Office, Org: entry.Held, BackURL: "/b"}),
		"register":       Register.With(f, RegisterPage{Town: mukawa, Day: date(11, 21), OtherURL: "/r?former=1", Rows: []RegisterRow{entry, withdrawn}, Seals: []SealBox{{Post: tr("町長", "Mayor")}}, Made: at(21, 9, 0)}),
		"register_none":  Register.With(f, RegisterPage{Town: mukawa, Day: date(11, 21), Former: true, OtherURL: "/r", Made: at(21, 9, 0)}),
		"import":         Import.With(f, ImportPage{BackURL: "/b", Form: Form{Action: "/i", Errors: []FieldError{{"file", tr("取り込む行がありません。", "There is no line to take in.")}}}, Towns: towns}),
		"import_good":    Import.With(f, ImportPage{BackURL: "/b", Form: Form{Action: "/i"}, Org: mukawa.Text, Encoding: "Shift_JIS", Lines: []ImportRow{row}, CSV: "bWlob24=", Town: "2"}),
		"import_bad":     Import.With(f, ImportPage{BackURL: "/b", Form: Form{Action: "/i"}, Org: mukawa.Text, Encoding: "UTF-8", Lines: []ImportRow{row, wrong}, Bad: 1, CSV: "bWlob24=", Town: "2"}),
		"import_issued":  Import.With(f, ImportPage{BackURL: "/b", Form: Form{Action: "/i"}, Issued: []IssuedPage{{Name: row.Name, Login: "mukawa2", Password: "abcd-efgh"}}}),
		"ping_key":       PingKey.With(f, PingKeyPage{Town: mukawa, BackURL: "/b", Key: "AAAAAAAAAAAAAAAAAAAAAA", Address: "http://tanamori.example/ping/AAAAAAAAAAAAAAAAAAAAAA/" + tr("宛先の名前", "slug"), RotateURL: "/r"}),
	} {
		all[name] = page
	}
	return sampleRooms(l, all)
}
