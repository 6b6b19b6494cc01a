package view

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// samples are all views with realistic bodies, by file name. A view may stand in several states.
func samples(l Lang) map[string]Page {
	tr := l.Tr
	f := sampleFrame(l)
	mukawa := Link{tr("むかわ町", "Mukawa"), "/towns/2"}
	reachable := true
	errs := []FieldError{{"code", tr("団体コードは6桁の数字です。", "The code has six digits.")}, {"joined_on", tr("「令和8年13月1日」は日付として読めません。", "That is not a date.")}}
	zones := []Option{{Value: "Asia/Tokyo", Label: tr("日本標準時（Asia/Tokyo）", "Japan (Asia/Tokyo)")}}

	anon := f
	anon.Nav, anon.Who, anon.SignOutURL = nil, nil, ""
	board, still, long := sampleBoard(l), sampleBoard(l), sampleBoard(l)
	long.Sum.Towns, long.Sum.Servers = 1741, 34820
	long.Find, long.Pages = &Find{URL: "/board", Text: tr("町", "cho"), Hidden: map[string]string{"needs": "1"}}, Pages{NewerURL: "/board?until=3", OlderURL: "/board?after=9", Shown: 9}
	still.Rows, still.Cases, still.OnlyNeeds, still.More, still.NextURL = nil, nil, true, Link{}, "/?night=2026-11-21"
	still.Sum = BoardSum{Confirmed: 23, Towns: 9, Servers: 23, Unknown: 2, Watch: tr("3件の判定が遅れています", "3 verdicts are late"), Outbox: 2, OutboxBad: 1}
	still.Confirmable, still.EventsURL = 0, ""
	resolved := sampleIncident(l)
	resolved.State, resolved.Resolved, resolved.Result = "resolved", at(21, 10, 12), tr("再実行し、10:12に届きました。", "Run again; it came at 10:12.")
	resolved.Ack, resolved.Call, resolved.Note = nil, nil, nil
	held := sampleIncident(l)
	held.State, held.Promise = "acknowledged", &Promise{By: tr("町民課長", "Head"), Text: tr("業者に確認中", "asking the vendor"), Until: at(21, 10, 0)}
	ack := AckPage{State: AckAsk, Title: tr("佐呂間町　戸籍正　バックアップ未着", "Saroma, main: backup missing"), Sentence: tr("03:30までの約束でしたが届いていません。", "It was due by 03:30 and has not come."), Number: "8-0147", OpenedAt: at(21, 3, 31), ToPost: tr("住民係長", "Chief"),
		Form: AckForm{Form: Form{Action: "/ack/abc", Values: values("until", "2026-11-21T10:00")}, Quick: []Option{{Value: "vendor", Label: tr("業者に確認中", "Asking the vendor")}, {Value: "rerun", Label: tr("再実行する", "Running it again")}}}, Phone: tr("蘭越町 0136-00-0000", "Rankoshi 0136-00-0000")}
	acked := ack
	acked.State, acked.Answered = AckDone, &Promise{By: tr("住民係長", "Chief"), Text: tr("業者に確認中", "asking the vendor"), Until: at(21, 10, 0)}
	already, expired, closed := acked, ack, ack
	already.State, expired.State, closed.State, closed.At = AckAlready, AckExpired, AckClosed, at(21, 9, 0)
	many := sampleAckMany(l, ack)
	manyPart, manyDone, manyClosed := sampleAckPart(l, many), sampleAckPart(l, many), many
	manyDone.State, manyDone.Answered = AckDone, acked.Answered
	manyClosed.State, manyClosed.At, manyClosed.Matters = AckClosed, at(21, 9, 0), slices.Clone(many.Matters)
	for n := range manyClosed.Matters {
		manyClosed.Matters[n].State, manyClosed.Matters[n].Resolved = "resolved", at(21, 9, 0)
	}
	bad := Form{Action: "/settings/towns", Values: values("name", tr("むかわ町", "Mukawa"), "code", "01586", "joined_on", "令和8年13月1日", "zone", "Asia/Tokyo"), Errors: errs}
	planForm := Form{Action: "/settings/plans/2", Values: values("server_id", "1", "name", tr("夜間全件", "Nightly full"), "cron", "0 2 * * *", "zone", "Asia/Tokyo", "policy", "every_day", "early_minutes", "0", "window_minutes", "90", "grace_minutes", "30", "longest_minutes", "120",
		"severity", "critical", "ladder_id", "1", "reports", "on", "slug", "koseki-main", "store_id", "1", "pattern", "koseki-{YYYY}{MM}{DD}*.tar.zst", "manifest", "sidecar", "required_level", "5", "deviation_k", "3.5", "settle_minutes", "120")}

	return sampleKeys(l, f, rackSamples(l, f, samplePeople(l, map[string]Page{
		"signin":            SignIn.With(anon, SignInPage{Form: Form{Action: "/signin"}, Next: "/", Notice: tr("しばらく操作がなかったため、ログアウトしました。", "Signed out after a while without activity."), Demo: []DemoWho{{"admin", tr("戸籍データ等管理者（蘭越町）", "Koseki data manager")}, {"mukawa", tr("むかわ町 職員", "Mukawa staff")}}}),
		"signin_refused":    SignIn.With(anon, SignInPage{Form: Form{Action: "/signin", Values: values("login", "admin"), Errors: []FieldError{{"password", tr("利用者IDかパスワードが違います。", "Login or password is wrong.")}}}}),
		"board":             Board.With(f, board),
		"board_long":        Board.With(f, long),
		"board_calm":        Board.With(f, still),
		"town":              Town.With(f, sampleTown(l)),
		"town_new":          Town.With(f, TownPage{Name: tr("愛別町", "Aibetsu"), Kana: "あいべつちょう", Code: "014575", Kind: "member", JoinedOn: date(4, 1), LeftOn: date(11, 1), Today: date(11, 21)}),
		"plan":              Plan.With(f, samplePlan(l)),
		"plan_new":          Plan.With(f, PlanPage{Town: mukawa, Server: Link{tr("附票", "Register"), ""}, Name: tr("夜間", "Nightly"), Night: date(11, 21), Status: Status{Verdict: Pending}, Facts: PlanFacts{Schedule: tr("毎日 02:00", "daily"), Zone: "Asia/Tokyo", Policy: "open_days", Next: at(22, 3, 30), MinBytes: -1, MaxBytes: -1, Manifest: "any", Severity: "warning", Deviation: "3.5"}}),
		"book":              Book.With(f, sampleBook(l)),
		"incidents":         Incidents.With(f, sampleIncidents(l)),
		"incident":          Incident.With(f, sampleIncident(l)),
		"incident_held":     Incident.With(f, held),
		"incident_over":     Incident.With(f, resolved),
		"ack":               Ack.With(anon, ack),
		"ack_done":          Ack.With(anon, acked),
		"ack_already":       Ack.With(anon, already),
		"ack_expired":       Ack.With(anon, expired),
		"ack_closed":        Ack.With(anon, closed),
		"ack_many":          Ack.With(anon, many),
		"ack_many_part":     Ack.With(anon, manyPart),
		"ack_many_done":     Ack.With(anon, manyDone),
		"ack_many_over":     Ack.With(anon, manyClosed),
		"outbox":            Outbox.With(f, sampleOutbox(l)),
		"mailbox":           Mailbox.With(f, sampleMailbox(l)),
		"mailbox_empty":     Mailbox.With(f, MailboxPage{}),
		"log":               Log.With(f, sampleLog(l)),
		"corrections":       Corrections.With(f, sampleCorrections(l)),
		"corrections_none":  Corrections.With(f, CorrectionsPage{Filter: Form{Action: "/corrections", Errors: []FieldError{{"from", tr("日付として読めません。", "This is not a date.")}}}}),
		"correction":        Correction.With(f, sampleCorrection(l)),
		"correction_closed": Correction.With(f, CorrectionPage{Town: tr("むかわ町", "Mukawa"), Ledger: tr("受領確認", "acknowledgement"), RecordedAt: at(2, 9, 0), Closed: tr("記録から400日を過ぎたため、訂正できません。", "Too old."), Next: "/corrections", Fields: []CorrectionField{{Name: "note", Label: tr("備考", "Note"), Now: "x"}}}),
		"reviews":           Reviews.With(f, sampleReviews(l)),
		"settings":          Settings.With(f, SettingsPage{Groups: []SettingsGroup{{Title: tr("利用者と記録", "People and records"), Cards: []SettingsCard{{tr("団体", "Towns"), tr("団体、サーバ、連絡先、保管先、閉庁日", "Towns, servers, contacts, stores, closed days"), "/settings/towns"}, {tr("利用者", "People"), tr("職と期間", "Posts and their terms"), "/settings/people"}, {tr("APIトークン", "API tokens"), tr("プログラムから使う鍵", "Keys for programs"), "/settings/tokens"}}}}}),
		"towns": Towns.With(f, TownsPage{NewURL: "/settings/towns/new", Rows: []TownRow{
			{Town: mukawa, Kana: "むかわちょう", Code: "015865", Kind: "member", JoinedOn: date(4, 1), Servers: 2, Contacts: 3, EditURL: "/e", ServersURL: "/s", ContactsURL: "/c", StoresURL: "/st", LocalDaysURL: "/d"},
			{Town: Link{tr("愛別町", "Aibetsu"), ""}, Kana: "あいべつちょう", Code: "014575", Kind: "member", JoinedOn: date(4, 1), LeftOn: date(11, 1)}}}),
		"town_form":    TownForm.With(f, TownFormPage{New: true, BackURL: "/settings/towns", Form: bad, Zones: zones}),
		"servers":      Servers.With(f, ServersPage{Town: mukawa, NewURL: "/new", Rows: []ServerRow{{Name: tr("戸籍正", "Main"), Role: tr("戸籍", "koseki"), Place: "A-03", Note: tr("令和4年更新", "renewed 2022"), EditURL: "/e", NewPlanURL: "/p", Plans: []Link{{tr("夜間全件", "Nightly full"), "/plans/2"}}}, {Name: tr("附票", "Register"), Role: tr("附票", "register"), RetiredAt: at(1, 9, 0)}}}),
		"server_form":  ServerForm.With(f, EntryFormPage{Town: mukawa, Name: tr("戸籍正", "Main"), BackURL: "/b", RetireURL: "/r", Form: Form{Action: "/s", Values: values("name", tr("戸籍正", "Main"), "role", tr("戸籍", "koseki"), "position", "1")}}),
		"contacts":     Contacts.With(f, ContactsPage{Town: mukawa, NewURL: "/new", OrderURL: "/order", Rows: sampleContacts(l), Ladders: []LadderRow{{Name: tr("標準", "standard"), Delays: []time.Duration{0, 15 * time.Minute, time.Hour}, Repeat: 30 * time.Minute, EditURL: "/l"}}}),
		"contact_form": ContactForm.With(f, EntryFormPage{New: true, Town: mukawa, BackURL: "/b", Form: Form{Action: "/c", Values: values("mail", "juumin"), Errors: []FieldError{{"post", tr("職を入力してください。", "Enter the post.")}, {"mail", tr("メールアドレスの形ではありません。", "That is not a mail address.")}}}}),
		"stores":       Stores.With(f, StoresPage{Town: mukawa, NewURL: "/new", Rows: []StoreRow{{Name: "NAS", Kind: "dir", Root: "/srv/koseki/mukawa", Plans: 2, EditURL: "/e", Reachable: &reachable, CheckedAt: at(21, 7, 0)}, {Name: tr("予備", "spare"), Kind: "dir", Root: "/srv/koseki/spare", Reachable: &reachable, Fault: tr("場所がありません", "there is no such place"), CheckedAt: at(21, 7, 0)}}}),
		"store_form":   StoreForm.With(f, EntryFormPage{New: true, Town: mukawa, BackURL: "/b", Form: Form{Action: "/s", Values: values("kind", "dir")}}),
		"plans":        Plans.With(f, PlansPage{Town: mukawa, NewURL: "/new", Rows: []PlanRow{{Plan: Link{tr("夜間全件", "Nightly full"), "/plans/2"}, Server: tr("戸籍正", "Main"), Schedule: tr("毎日 02:00", "daily 02:00"), Policy: "every_day", Next: at(22, 3, 30), Level: 5, Severity: "critical", Store: "NAS", Pattern: "koseki-{date}*.tar.zst", EditURL: "/e"}}}),
		"plan_form": PlanForm.With(f, PlanFormPage{Town: mukawa, Name: tr("夜間全件", "Nightly full"), BackURL: "/b", RetireURL: "/r", Form: planForm, Servers: []Option{{Value: "1", Label: tr("戸籍正", "Main")}}, Zones: zones, Ladders: []Option{{Value: "1", Label: tr("標準", "standard")}}, Stores: []Option{{Value: "1", Label: "NAS"}},
			Preview: []PlanPreview{{Night: date(11, 21), Scheduled: at(22, 2, 0), Due: at(22, 3, 30)}, {Night: date(11, 22), Scheduled: at(23, 2, 0), Due: at(23, 3, 30), Note: tr("閉庁日", "closed day")}}}),
		"people":      People.With(f, PeoplePage{NewURL: "/new", Rows: []PersonRow{{Name: tr("見本 花子", "Mihon Hanako"), Login: "admin", Org: tr("蘭越町", "Rankoshi"), Posts: []PostRow{{tr("戸籍データ等管理者", "Koseki data manager"), date(4, 1), date(12, 31)}}, EditURL: "/e"}, {Name: tr("見本 五郎", "Mihon Goro"), Login: "mihon5", Org: tr("蘭越町", "Rankoshi"), DisabledAt: at(1, 0, 0)}}}),
		"tokens":      Tokens.With(f, TokensPage{Form: Form{Action: "/tokens", Values: values("days", "90")}, Made: "tnm_0123456789abcdef", Rows: []TokenRow{{Name: tr("集計用", "figures"), Prefix: "tnm_01", CreatedAt: at(1, 9, 0), ExpiresAt: at(30, 9, 0), RevokeURL: "/r"}, {Name: tr("旧", "old"), Prefix: "tnm_99", CreatedAt: at(1, 9, 0), RevokedAt: at(2, 9, 0), LastUsedAt: at(1, 10, 0), LastUsedFrom: "192.0.2.7"}}}),
		"local_days":  LocalDays.With(f, LocalDaysPage{Town: mukawa, Year: tr("令和8年度", "fiscal 2026"), PrevURL: "/p", NextURL: "/n", HolidayEnd: date(12, 31), Form: &Form{Action: "/d", Values: values("open", "closed")}, Rows: []LocalDayRow{{Day: date(11, 3), Name: tr("文化の日", "Culture Day")}, {Day: date(6, 23), Name: tr("開町記念日", "Founding day"), Local: true, DeleteURL: "/x"}}}),
		"ladder_form": LadderForm.With(f, LadderFormPage{Town: mukawa, Name: tr("標準", "standard"), BackURL: "/b", Form: Form{Action: "/l", Values: values("name", tr("標準", "standard"), "delays", "0, 15, 30", "repeat_minutes", "30")}}),
		"person_form": PersonForm.With(f, PersonFormPage{BackURL: "/b", Form: Form{Action: "/p", Values: values("lang", "ja", "town", "1", "kind", "operator")}, Towns: []Option{{Value: "1", Label: tr("蘭越町", "Rankoshi")}}, Posts: []Option{{Value: "operator", Label: tr("操作者", "Operator")}}}),
		"issued":      Issued.With(f, IssuedPage{New: true, Name: tr("見本 五郎", "Mihon Goro"), Login: "mihon5", Password: "abcd-efgh", BackURL: "/b"}),
		"password":    Password.With(f, PasswordPage{Form: Form{Action: "/p", Errors: []FieldError{{"old", tr("今のパスワードが違います。", "The present password is wrong.")}}}}),
		"town_index": TownIndex.With(f, TownIndexPage{Night: date(11, 20), Find: &Find{URL: "/towns"}, Pages: Pages{OlderURL: "/towns?after=9", Shown: 2}, Rows: []TownIndexRow{
			{Town: mukawa, Kana: "むかわちょう", Code: "015865", Kind: "member", JoinedOn: date(4, 1), Servers: 2, Contacts: 3, Marks: []Status{{Verdict: Missed, Label: tr("戸籍正", "Main"), Needs: true}}, Open: 1, IncidentsURL: "/i", BookURL: "/b", Needs: true},
			{Town: Link{tr("愛別町", "Aibetsu"), "/towns/9"}, Code: "014575", Kind: "member", JoinedOn: date(4, 1), LeftOn: date(11, 1)}}}),
		"retention": Retention.With(f, RetentionPage{BindDays: 10, Doubt: at(21, 9, 0), Towns: []Link{mukawa}, Evidence: []Link{mukawa}, Rows: []RetentionRow{
			{Name: tr("操作履歴", "Operation log"), Basis: tr("住基ネット規程第17条第2項。7年より短くはできません", "Article 17 (2): seven years at least"), Years: 7, Bound: tr("令和8年9月分", "September 2026"), EditURL: "/e"},
			{Name: tr("届いた申告", "Check-ins"), Basis: tr("運用上", "Operational"), Years: 2, PendingYears: 1, PendingOn: date(12, 25), Bound: tr("令和8年9月分", "September 2026"), NextOn: date(4, 1), NextYear: tr("令和6年度", "fiscal year 2024"), NextRows: 12345, Removed: 6789}}}),
		"retention_form": RetentionForm.With(f, RetentionFormPage{Name: tr("届いた申告", "Check-ins"), Basis: tr("運用上", "Operational"), Years: 2, Least: 1, NoticeDays: 30, BackURL: "/b",
			Form: Form{Action: "/r", Values: values("years", "1"), Errors: []FieldError{{"confirmed", tr("確かめて印を付けてください。", "Tick this to confirm.")}}}}),
		"volumes": Volumes.With(f, VolumesPage{Town: mukawa, Year: tr("令和8年度", "fiscal year 2026"), PrevURL: "/p", BackURL: "/b", Rows: []VolumeRow{
			{Month: tr("令和8年9月分", "September 2026"), Kind: tr("届いた申告", "check-ins"), Number: 6, Rows: 1240, Digest: strings.Repeat("0123abcd", 8), BoundAt: at(11, 0, 5), URL: "/f"},
			{Month: tr("令和8年9月分", "September 2026"), Kind: tr("操作履歴", "operation log"), Number: 6, Rows: 88, Digest: strings.Repeat("89abcdef", 8), BoundAt: at(11, 0, 5)},
			{Month: tr("令和8年8月分", "August 2026"), Kind: tr("届いた申告", "check-ins"), Number: 5, Rows: 1301, Digest: strings.Repeat("fedc0123", 8), BoundAt: at(11, 0, 5), RemovedAt: at(1, 0, 5), Years: 1}}}),
		"second":       Second.With(anonymous(f), SecondPage{Form: Form{Action: "/signin/second", Errors: []FieldError{{"code", tr("確認コードが違います。", "The code is wrong.")}}}, Next: "/board", Code: true, Passkey: "/signin/passkey"}),
		"confirm_both": Confirm.With(f, ConfirmPage{Form: Form{Action: "/settings/factors", Errors: []FieldError{{"confirm_code", tr("確認コードが違います。", "The code is wrong.")}}}, Code: true, Passkey: "/signin/passkey", PasskeyNext: "/settings/factors", BackURL: "/settings"}),
		"anyway":       Confirm.With(f, ConfirmPage{Form: Form{Action: "/d?anyway=1"}, Anyway: tr("このまま行うと、照合できる人が足りなくなり、変更できなくなります（むかわ町：連絡先の変更 1人）。先に職を加えるか、照合の設定を外してください。", "This would leave too few to confirm: Mukawa: contacts 1."), BackURL: "/settings/people"}),
		"procedure": Procedure.With(f, ProcedurePage{Title: tr("新しいパスワードを作る", "Issue a new password"), Lead: tr("今のパスワードは使えなくなります。", "The present one stops working."), Button: tr("作る", "Issue"), Name: tr("見本 五郎", "Mihon Goro"), Login: "mihon5", Held: true, BackURL: "/b",
			Form: Form{Action: "/p", Values: values("reason", ""), Errors: []FieldError{{"reason", tr("理由を入力してください。", "Enter the reason.")}, {"second_password", tr("立ち会う人の利用者IDかパスワードが違います。", "Wrong.")}}}}),
		"procedures": Procedures.With(f, ProceduresPage{BackURL: "/b", Pages: Pages{Shown: 2}, Seals: []SealBox{{Post: tr("管理者", "Manager")}}, Rows: []ProcedureRow{
			{At: at(21, 9, 0), Kind: tr("個別パスワードの付与", "password issued"), Person: tr("見本 五郎", "Mihon Goro"), Org: tr("むかわ町", "Mukawa"), URL: "/x", Reason: tr("本人が忘れたため", "forgotten"), By: tr("住民福祉課長 見本 花子", "Mihon Hanako"), How: tr("同じ画面で立会い", "at the same screen"), Second: tr("施設管理者 見本 一郎", "Mihon Ichiro")},
			{At: at(20, 9, 0), Kind: tr("停止を解く", "let in again"), Person: tr("見本 次郎", "Mihon Jiro"), Org: tr("むかわ町", "Mukawa"), URL: "/y", Reason: tr("復職", "back"), By: tr("住民福祉課長 見本 花子", "Mihon Hanako"), How: tr("一人で", "alone"), Alone: true}}}),
		"procedures_none": Procedures.With(f, ProceduresPage{BackURL: "/b"}),
		"management":      Management.With(f, ManagementPage{Anew: true, BackURL: "/b", Form: Form{Action: "/m", Errors: []FieldError{{"second_login", tr("管理パスワードは二人で設定します。", "Two persons set it.")}}}}),
		"management_made": Management.With(f, ManagementPage{BackURL: "/b", Made: "abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456", Place: tr("K-010　本庁舎 耐火金庫", "K-010, safe")}),
		"confirm":         Confirm.With(f, ConfirmPage{Form: Form{Action: "/settings/people"}, Hidden: []Typed{{"name", tr("見本 五郎", "Mihon Goro")}}, SSO: "/signin/sso?confirm=1", BackURL: "/settings"}),
		"factors":         Factors.With(f, FactorsPage{TOTPAt: at(20, 9, 0), Any: true, CodesLeft: 3, PasskeyURL: "/k", Form: Form{Values: values()}, Passkeys: []PasskeyRow{{Name: tr("執務室のパソコン", "Office PC"), AddedAt: at(20, 9, 0), LastUsedAt: at(21, 7, 0), RemoveURL: "/r"}}}),
		"factors_new": Factors.With(f, FactorsPage{New: &NewTOTP{QR: "data:image/png;base64,iVBORw0KGgo=", Key: "JBSWY3DPEHPK3PXP", Form: Form{Action: "/t", Errors: []FieldError{{"code", tr("確認コードが違います。", "The code is wrong.")}}}},
			Codes: []string{"abcd-efgh-jkmn", "pqrs-tuvw-xyz2"}}),
		"uses": Uses.With(f, UsesPage{Title: tr("使用の記録", "Record of use"), Lead: tr("誰が、いつ、どこから。", "Who, when, from where."), People: true, Choices: []Choice{{Label: tr("すべて", "All"), URL: "/u", Current: true}, {Label: tr("時間外", "After hours"), URL: "/o"}}, Pages: Pages{Shown: 2, OlderURL: "/x"}, Rows: []UseRow{
			{Name: tr("見本 五郎", "Mihon Goro"), Login: "mihon5", Org: tr("蘭越町", "Rankoshi"), BeganAt: at(21, 7, 0), SeenAt: at(21, 7, 30), Way: tr("パスキー", "passkey"), Remote: "192.0.2.7", Agent: "Edge 140 / Windows", This: true},
			{Name: tr("見本 花子", "Mihon Hanako"), Login: "hanako", Org: tr("むかわ町", "Mukawa"), BeganAt: at(20, 22, 0), SeenAt: at(20, 22, 5), EndedAt: at(20, 22, 15), Ended: tr("操作がないため", "without use"), Way: tr("パスワード", "password"), Remote: "192.0.2.8", Agent: "Chrome 140 / Windows", OffHours: true, EndURL: "/e"}}}),
		"sign_in_policy": SignInPolicy.With(f, SignInPolicyPage{Town: mukawa, Towns: []Option{{Value: "1", Label: tr("蘭越町", "Rankoshi")}, {Value: "2", Label: mukawa.Text}}, Form: Form{Action: "/s", Values: values("idle_minutes", "10", "whole_hours", "12", "hours_from", "7:00", "hours_until", "20:00", "second_factor", "on")}}),
		"proposals": Proposals.With(f, ProposalsPage{Choices: []Choice{{Label: tr("照合待ち", "Waiting"), URL: "/p", Current: true}, {Label: tr("すべて", "All"), URL: "/p?all=1"}}, Pages: Pages{Shown: 2}, Rows: []ProposalRow{
			{Town: mukawa, By: tr("主任 見本 次郎", "Mihon Jiro"), At: at(21, 9, 0), State: "waiting", ConfirmURL: "/c", RefuseURL: "/r", Lines: []ProposalLine{{Act: tr("連絡先の変更", "Contact changed"), Object: tr("連絡先", "contact"), Changes: []Change{{tr("電話", "Phone"), "0145-42-0000", "0145-42-1111"}}}}},
			{Town: mukawa, By: tr("主任 見本 次郎", "Mihon Jiro"), At: at(20, 9, 0), State: "refused", Decided: tr("課長 見本 花子", "Mihon Hanako"), DecidedAt: at(20, 10, 0), Reason: tr("番号が違います", "wrong number")}}}),
		"second_person":        SecondPerson.With(f, SecondPersonPage{Town: mukawa, BackURL: "/b", Form: Form{Action: "/s", Values: values("acts", "contact.write")}, Acts: []Option{{Value: "contact.write", Label: tr("連絡先の変更", "Contact changed")}}}),
		"observances":          Observances.With(f, sampleObservances(l, true)),
		"observances_done":     Observances.With(f, sampleObservances(l, false)),
		"observance_list":      ObservanceList.With(f, ObservanceListPage{NewURL: "/new", OwnURL: "/own", Rows: sampleObservanceRows(l)}),
		"observance_list_none": ObservanceList.With(f, ObservanceListPage{}),
		"observance":           Observance.With(f, sampleObservance(l, true)),
		"observance_all":       Observance.With(f, sampleObservance(l, false)),
		"observance_form":      ObservanceForm.With(f, ObservanceFormPage{Name: tr("利用者の遵守事項", "Rules"), BackURL: "/b", Form: Form{Action: "/o", Values: values("document", "1", "from_on", tr("令和8年4月1日", "2026-04-01")), Errors: []FieldError{{"body", tr("本文を入力してください。", "Enter the text.")}}}}),
		"custody_list":         CustodyList.With(f, CustodyListPage{NewURL: "/new", Rows: sampleCustodyRows(l), Management: ManagementState{State: "spent", SetAt: at(1, 9, 0), SpentAt: at(20, 9, 0), By: tr("見本 一郎（照合：見本 花子）", "Mihon"), URL: "/l", SetURL: "/s"}}),
		"custody_void":         CustodyList.With(f, CustodyListPage{Management: ManagementState{State: "void", SetAt: at(1, 9, 0), VoidAt: at(20, 9, 0), URL: "/l", SetURL: "/s"}}),
		"custody_none":         CustodyList.With(f, CustodyListPage{Management: ManagementState{State: "none"}}),
		"custody":              Custody.With(f, sampleCustody(l)),
		"custody_new":          CustodyForm.With(f, CustodyFormPage{Title: tr("設定・封入を記録する", "Record a sealed password"), Button: tr("記録する", "Record"), Terms: true, Event: true, Seals: true, Kinds: []Option{{Value: "startup", Label: tr("起動用パスワード", "start-up password")}}, People: sampleCustodians(l), BackURL: "/b", ListURL: "/l", Form: Form{Action: "/c", Values: values("kind", "startup", "rotate_months", "12", "open_days", "7", "occurred_at", "2026-11-21T07:30", "by_id", "1", "witness_id", "1"), Errors: []FieldError{{"witness_id", tr("別の人にしてください。", "Choose another person.")}}}}),
		"custody_opening":      CustodyForm.With(f, CustodyFormPage{Title: tr("開封を記録する", "Record an opening"), Name: tr("戸籍サーバ", "Koseki server"), Lead: tr("誰が、なぜ開けたか。", "Who and why."), Button: tr("記録する", "Record"), Event: true, NeedsReason: true, Danger: true, People: sampleCustodians(l), BackURL: "/b", ListURL: "/l", Form: Form{Action: "/c", Values: values("by_id", "1")}}),
		"evidence": Evidence.With(f, EvidencePage{Town: mukawa, Origin: "tanamori/0123456789ab/015865", Size: 12345, SignedAt: at(21, 7, 29), Note: "tanamori/0123456789ab/015865\n12345\n…\n", Waiting: 2,
			PassedAt: at(21, 6, 0), FileURL: "/f", CheckpointURL: "/c", Keys: []EvidenceKey{{Verifier: "tanamori/0123456789ab/015865+12345678+" + strings.Repeat("A", 44), MadeAt: at(1, 9, 0), Reason: tr("初期設定", "first set-up")}},
			Events:   []EvidenceEvent{{At: at(1, 9, 0), What: tr("記録の取込みを始めました", "The log began"), Size: 0}},
			Findings: []EvidenceFinding{{Record: tr("届いた申告 7", "check-ins 7"), What: tr("内容が、記録されたときと違います", "Its content is not what was recorded"), At: at(21, 6, 0), Leaf: 41}},
			Readers:  tr("町民生活課", "Residents"), ReadersURL: "/m",
			Form: Form{Action: "/k", Errors: []FieldError{{"reason", tr("理由を入力してください。", "Give a reason.")}}}}),
		"morning": Morning.With(f, sampleMorning(l, Form{Action: "/m", Values: values("at", "07:30", "days", "open", "readers.0.name", tr("町民生活課長", "Head of residents"), "readers.0.mail", "kacho@town.example", "readers.1.mail", "koseki"),
			Errors: []FieldError{{"readers.1.mail", tr("メールアドレスの形になっていません。", "This is no mail address.")}}})),
		"morning_read":   Morning.With(f, sampleMorning(l, Form{Values: values("at", "07:30", "days", "every", "readers.0.name", tr("町民生活課長", "Head of residents"), "readers.0.mail", "kacho@town.example")})),
		"evidence_empty": Evidence.With(f, EvidencePage{Town: mukawa}),
		"excuse":         Excuse.With(f, ExcusePage{Town: mukawa, Plan: Link{tr("戸籍正　夜間全件", "Main nightly"), "/p"}, BackURL: "/p", Form: Form{Action: "/e", Errors: []FieldError{{"reason", tr("理由を入力してください。", "Give a reason.")}}}, Nights: []Option{{Value: "2026-11-21", Label: tr("11月21日（土）", "Sat 21 Nov")}}}),
		"error_404":      Error.With(f, ErrorPage{Status: 404, BackURL: "/"}),
		"error_403":      Error.With(f, ErrorPage{Status: 403, BackURL: "/"}),
		"error_500":      Error.With(f, ErrorPage{Status: 500, Request: "8f3c-21"}),
		"error_503":      Error.With(anon, ErrorPage{Status: 503, Retry: 30 * time.Second}),
	})))
}

// anonymous is a frame for somebody who is not in yet.
func anonymous(f Frame) Frame {
	f.Nav, f.Who, f.SignOutURL = nil, nil, ""
	return f
}

func sampleMorning(l Lang, form Form) MorningPage {
	p := MorningPage{Town: Link{l.Tr("むかわ町", "Mukawa"), "/towns/2"}, BackURL: "/b", EvidenceURL: "/e", Form: form,
		Days: []Option{{"open", l.Tr("開庁日", "Open days"), l.Tr("閉庁日の夜の結果は、次の開庁日にまとめて送ります。", "The nights of closed days are told on the next open one.")},
			{"every", l.Tr("毎日", "Every day"), l.Tr("閉庁日は、知らせることがあるときだけ送ります。", "On a closed day only where there is something to tell.")}}}
	for i := range 3 {
		if form.Action != "" || i == 0 {
			p.Readers = append(p.Readers, MorningReader{N: i + 1, Name: fmt.Sprintf("readers.%d.name", i), Mail: fmt.Sprintf("readers.%d.mail", i)})
		}
	}
	return p
}
