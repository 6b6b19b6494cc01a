package frontend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/proposal"
)

// actWords are the acts that the log may name, in the order of the filter's choices.
var actWords = []struct {
	act    tenants.Act
	ja, en string
}{
	{tenants.Confirm, "バックアップの確認", "Verdict confirmed"},
	{tenants.Acknowledge, "受領", "Acknowledged"},
	{tenants.RecordCall, "電話の記録", "Call recorded"},
	{tenants.NoteIncident, "経過の書き足し", "Note added"},
	{tenants.Excuse, "対象なしにする", "Night excused"},
	{tenants.Correct, "訂正", "Corrected"},
	{tenants.Reverify, "もう一度確かめる", "Examined again"},
	{tenants.WritePlan, "計画・保管先の変更", "Plan or store changed"},
	{tenants.WriteServer, "サーバの変更", "Server changed"},
	{tenants.WriteContact, "連絡先の変更", "Contact changed"},
	{tenants.WriteCalendar, "閉庁日の変更", "Closed days changed"},
	{tenants.WriteTown, "団体の変更", "Town changed"},
	{tenants.WritePeople, "利用者の変更", "Person changed"},
	{tenants.SetRetention, "保存期間の変更", "Retention changed"},
	{tenants.ExportVolume, "簿冊の出力", "Volume exported"},
	{tenants.ExportEvidence, "証拠の出力", "Evidence exported"},
	{tenants.SetMorning, "朝の報告の変更", "Morning report changed"},
	{tenants.RotateEvidenceKey, "証拠の鍵の更新", "Evidence key rotated"},
	{tenants.KeepSecrets, "秘密情報の鍵の管理", "Keys of secrets"},
	{tenants.OwnTokens, "トークン", "Token"},
	{tenants.OwnAccount, "自分の設定", "Own account"},
	{tenants.Propose, "照合", "Second person"},
	{tenants.WriteSignIn, "ログインの管理", "Sign-ins managed"},
	{tenants.SignIn, "ログイン", "Signed in"},
	{tenants.SignOut, "ログアウト", "Signed out"},
	{tenants.LookAtTown, "閲覧", "Looked at"},
	{tenants.ReadBoard, "一覧の閲覧", "Lists looked at"},
	{tenants.Refused, "拒否", "Refused"},
	{tenants.ExportLog, "操作履歴の出力", "Log exported"},
	{tenants.ReviewLog, "操作履歴の確認", "Log reviewed"},
	{tenants.SetReview, "確認の時期の変更", "Time of review changed"},
	{tenants.RunPipeline, "棚守の自動処理", "Tanamori's own work"},
	{tenants.WriteObservance, "遵守事項の制定・廃止", "Rules written or withdrawn"},
	{tenants.WriteCustody, "パスワードの保管簿", "Custody of passwords"},
	{tenants.WriteRack, "サーバ室の台帳", "Register of the server room"},
	{tenants.CheckRack, "ラックの設置の確認", "Check of a rack"},
	{tenants.WriteKey, "鍵の登録・廃止", "Keys registered or retired"},
	{tenants.LendKey, "鍵の貸出・返却", "Keys lent and returned"},
	{tenants.AuthoriseKey, "鍵の貸出の承認", "Loan of a key agreed to"},
	{tenants.WriteRoom, "入室許可者名簿・名札・区域の設定", "List, badges, settings of rooms"},
	{tenants.EnterRoom, "入退室の記録", "Entries and exits"},
	{tenants.RequestVisit, "入室許可申請", "Visits applied for"},
	{tenants.ApproveVisit, "入室の許可・確認", "Visits decided, entries looked into"},
	{tenants.ReadRoom, "入退室記録簿の出力", "Ledger of rooms taken out"},
	{tenants.AcceptObservance, "遵守事項への同意", "Rules accepted"},
}

func acts(lang view.Lang) []view.Option {
	var out []view.Option
	for _, w := range actWords {
		out = append(out, view.Option{Value: string(w.act), Label: lang.Tr(w.ja, w.en)})
	}
	return out
}

// readWords are acts that leave no line when they are done, only when they are refused.
var readWords = map[tenants.Act][2]string{
	tenants.ReadTown: {"団体の閲覧", "read towns"}, tenants.ReadServer: {"サーバの閲覧", "read servers"}, tenants.ReadContact: {"連絡先の閲覧", "read contacts"},
	tenants.ReadCalendar: {"閉庁日の閲覧", "read closed days"}, tenants.ReadDuty: {"判定の閲覧", "read verdicts"}, tenants.ReadPlan: {"計画の閲覧", "read plans"},
	tenants.ReadPingURL: {"申告先の閲覧", "read check-in addresses"}, tenants.ReadRun: {"実行の閲覧", "read runs"}, tenants.ReadIncident: {"障害の閲覧", "read incidents"},
	tenants.ReadOutbox: {"送信箱の閲覧", "read the outbox"}, tenants.ReadLog: {"操作履歴の閲覧", "read the log"}, tenants.ReadTownLog: {"操作履歴の閲覧", "read the log"},
	tenants.ReadRetention: {"保存期間の閲覧", "read retention"}, tenants.ReadPeople: {"利用者の閲覧", "read people"},
}

// needWord is an act that somebody needed and was not permitted.
func needWord(lang view.Lang, act string) string {
	if w, ok := readWords[tenants.Act(act)]; ok {
		return lang.Tr(w[0], w[1])
	}
	if word := actWord(lang, act); word != act {
		return word
	}
	return dutyWord(lang, tenants.Act(act))
}

func actWord(lang view.Lang, act string) string {
	for _, w := range actWords {
		if string(w.act) == act {
			return lang.Tr(w.ja, w.en)
		}
	}
	return act
}

var objectWords = map[string][2]string{
	"incident": {"障害", "incident"}, "occurrence": {"夜の判定", "night"}, "plan": {"計画", "plan"}, "store": {"保管先", "store"}, "run": {"実行", "run"},
	"server": {"サーバ", "server"}, "contact": {"連絡先", "contact"}, "contact_order": {"連絡の順", "calling order"}, "local_day": {"閉庁日", "closed day"},
	"town": {"団体", "town"}, "tenant": {"団体", "town"}, "ladder": {"知らせる間隔", "ladder"}, "person": {"利用者", "person"}, "post": {"職", "post"},
	"password": {"パスワード", "password"}, "token": {"トークン", "token"}, "lang": {"言語", "language"}, "session": {"ログイン", "session"},
	"retention_rule": {"記録の保存期間", "retention"}, "volume": {"簿冊", "volume"},
	"proposal": {"照合待ちの変更", "proposal"}, "second_person": {"照合の設定", "second person"},
	"sign_in": {"ログイン", "session"}, "sign_in_policy": {"ログインの決まり", "sign-in rules"}, "confirmation": {"本人確認", "confirmed who they are"},
	"totp": {"認証アプリ", "authenticator app"}, "passkey": {"パスキー", "passkey"}, "recovery_codes": {"回復コード", "recovery codes"}, "factors": {"二要素認証", "second factors"},
	"observance": {"遵守事項", "rules"}, "correction": {"訂正", "correction"}, "credential": {"保管中のパスワード", "password in custody"},
	"evidence": {"記録の証拠", "evidence"}, "evidence_key": {"証拠の鍵", "evidence key"}, "morning": {"朝の報告", "morning report"},
	"building": {"施設", "building"}, "area": {"管理区域", "controlled area"}, "rack": {"ラック", "rack"}, "equipment": {"機器", "equipment"}, "rack_check": {"設置の確認", "check of a rack"},
	"key_item": {"鍵", "key"}, "key_copy": {"鍵一本", "copy of a key"}, "key_loan": {"鍵の貸出", "loan of a key"}, "key_cabinet": {"鍵の保管庫", "key cabinet"},
	"key_inventory": {"鍵の棚卸", "count of keys"}, "key_setting": {"鍵の運用の定め", "what is decided about keys"}, "key_book": {"鍵貸出簿", "loan book of keys"},
	"room": {"管理区域", "room"}, "room_entry": {"入退室", "entry"}, "room_lock": {"施錠確認", "lock confirmation"}, "room_permit": {"入室許可者名簿", "list of who may enter"},
	"room_visit": {"入室許可申請", "visit"}, "badge": {"名札", "badge"},
	"source": {"申告先", "check-in address"}, "ping_key": {"申告の鍵", "ping key"},
	"api_token": {"トークン", "token"}, "board": {"朝の確認", "board"}, "book": {"バックアップ確認簿", "confirmation book"}, "notice": {"連絡", "notice"},
	"checkin": {"申告", "check-in"}, "duty": {"予定", "duty"}, "operation_log": {"操作履歴", "operation log"}, "log_review": {"操作履歴の確認", "review of the log"},
	"office": {"役職", "office"}, "office_post": {"充て職", "ex officio post"}, "post_reminder": {"終期の予告", "notice of ends"}, "presence": {"立会い", "presence"},
	"log_review_setting": {"確認の時期", "time of review"}, "appointment": {"任命簿・取扱者指定簿", "register of posts"}, "refusals": {"多数の拒否", "many refusals"},
}

// objectsAsked are the nouns that a search offers, in the order of its choices.
var objectsAsked = []string{"correction", "incident", "occurrence", "plan", "run", "store", "server", "contact", "local_day", "town", "ladder", "person", "post", "password", "api_token",
	"session", "key_item", "key_copy", "key_loan", "key_cabinet", "retention_rule", "volume", "operation_log", "log_review", "notice", "board", "book", "checkin", "refusals"}

func objects(lang view.Lang) []view.Option {
	var out []view.Option
	for _, o := range objectsAsked {
		out = append(out, view.Option{Value: o, Label: objectWord(lang, o)})
	}
	return out
}

func objectWord(lang view.Lang, object string) string {
	if w, ok := objectWords[object]; ok {
		return lang.Tr(w[0], w[1])
	}
	return object
}

// nameWords are the names of values, spelled without case and underscores.
var nameWords = map[string][2]string{
	"name": {"名称", "name"}, "kana": {"よみ", "reading"}, "code": {"団体コード", "code"}, "zone": {"時刻帯", "zone"}, "joinedon": {"加入日", "joined"},
	"lefton": {"脱退日", "left"}, "role": {"役割", "role"}, "rackplace": {"設置場所", "place"}, "note": {"備考", "note"}, "position": {"順", "order"},
	"post": {"職", "post"}, "mail": {"メール", "mail"}, "phone": {"電話", "phone"}, "hours": {"つながる時間", "hours"}, "cron": {"予定", "schedule"},
	"policy": {"閉庁日の扱い", "closed days"}, "earlyminutes": {"早く始めてよい時間（分）", "early (minutes)"}, "windowminutes": {"届くまで（分）", "window (minutes)"},
	"graceminutes": {"猶予（分）", "grace (minutes)"}, "longestminutes": {"実行の上限（分）", "longest (minutes)"}, "storeid": {"保管先", "store"},
	"serverid": {"サーバ", "server"}, "ladderid": {"知らせる間隔", "ladder"}, "pattern": {"ファイル名", "pattern"}, "reports": {"知らせを受ける", "reports"},
	"manifest": {"照合", "manifest"}, "requiredlevel": {"求める深さ", "required depth"}, "minbytes": {"最小の大きさ", "smallest"}, "maxbytes": {"最大の大きさ", "largest"},
	"deviationk": {"いつもの範囲の幅", "width of the usual range"}, "settleminutes": {"確かめ終わるまで（分）", "examined within (minutes)"},
	"severity": {"重さ", "severity"}, "slug": {"宛先の名前", "slug"}, "root": {"場所", "root"}, "kind": {"種類", "kind"}, "state": {"状態", "state"}, "until": {"いつまで", "until"},
	"via": {"方法", "way"}, "by": {"答えた人", "by"}, "promise": {"約束", "promise"}, "occurredat": {"時刻", "at"}, "text": {"内容", "text"}, "reason": {"理由", "reason"},
	"night": {"夜", "night"}, "occurrences": {"判定", "occurrences"}, "open": {"開庁", "open"}, "day": {"日", "day"}, "delays": {"間隔（分）", "delays"},
	"way": {"方法", "way"}, "offhours": {"時間外", "after hours"}, "refused": {"拒否の理由", "refused"},
	"repeatminutes": {"くり返し（分）", "repeat (minutes)"}, "retired": {"廃止", "retired"}, "retiredat": {"廃止", "retired"}, "login": {"利用者ID", "login"}, "lang": {"言語", "language"},
	"disabledat": {"停止", "disabled"}, "posts": {"職", "posts"}, "title": {"職名", "title"}, "fromon": {"就任日", "from"}, "untilon": {"最後の日", "until"},
	"expiresat": {"期限", "expires"}, "revokedat": {"取消", "revoked"}, "prefix": {"先頭", "prefix"}, "order": {"順", "order"}, "series": {"記録", "records"}, "years": {"保存年数", "years"}, "number": {"号", "number"}, "month": {"月", "month"}, "uuid": {"宛先", "address"},
	"format": {"形式", "format"}, "search": {"条件", "search"}, "rows": {"件数", "rows"}, "method": {"方式", "method"}, "route": {"経路", "route"}, "path": {"アドレス", "path"},
	"status": {"応答", "status"}, "act": {"必要な権限", "act needed"}, "morethan": {"1時間の件数が次を超えた", "more in an hour than"}, "lines": {"確認した件数", "lines reviewed"},
	"ownlines": {"本人の操作", "own lines"}, "found": {"異常", "out of order"}, "findings": {"見つかったこと", "findings"}, "measures": {"対応", "measures"},
	"person": {"氏名", "person"}, "home": {"所属", "belongs to"},
	"toon": {"終わりの日", "to"}, "days": {"日数", "days"},
	"appliesto": {"使うところ", "opens"}, "rotatemonths": {"変更の期限（月）", "months"}, "opendays": {"開封後の期限（日）", "days after opening"}, "event": {"したこと", "event"},
	"witness": {"立会者", "witness"}, "envelope": {"封筒番号", "envelope"}, "place": {"保管場所", "place"}, "dueon": {"変更の期限", "change by"},
	"at": {"時刻", "at"}, "everyday": {"毎日", "every day"}, "readers": {"送り先", "readers"},
	"correctionreason": {"訂正の理由", "why corrected"}, "ledger": {"台帳", "ledger"}, "record": {"記録の番号", "record"}, "about": {"記録", "record of"}, "result": {"結果", "result"},
	"": {"内容", "what"}, "holder": {"就いた人", "holder"}, "takenback": {"取消し", "taken back"}, "manner": {"任命・指定", "manner"}, "documenton": {"文書の日付", "dated"},
	"noend": {"終期なし", "no end"}, "appointedby": {"任命・指定した人", "given by"}, "scope": {"事務の範囲", "scope"}, "machine": {"機械の利用者", "machine"},
	"secondfactor": {"全員に二要素認証", "second factor of everybody"}, "idleminutes": {"操作がないとき終了するまで（分）", "ends without use (minutes)"},
	"wholehours": {"操作があっても終了するまで（時間）", "ends in any case (hours)"}, "hoursfrom": {"業務時間の始まり", "working hours from"}, "hoursuntil": {"業務時間の終わり", "working hours until"},
	"lastusedat": {"最後の使用", "last used"}, "lastusedfrom": {"最後の端末", "last used from"},
	"first": {"初めの番号", "first"}, "end": {"終わりの次の番号", "end"}, "size": {"全体の件数", "size"}, "verifier": {"検証用の鍵", "verifier key"},
	"document": {"文書", "document"}, "version": {"版", "version"}, "sha256": {"SHA-256", "SHA-256"}, "validfrom": {"施行日", "in force from"}, "withdrawn": {"廃止", "withdrawn"},
}

// unsaid are values that tell a reader nothing: ids of the row itself and of its search.
var unsaid = []string{"tenantid", "id", "createdat", "personid", "consortiumid", "pingkey", "route", "table", "officepostid", "officeid", "office"}

// changes compares what a log line holds from before and after, name by name.
func (d *door) changes(lang view.Lang, before, after *string) []view.Change {
	if lines := waiting(after); lines != nil {
		return d.waitingChanges(lang, lines)
	}
	was, is := fields(before), fields(after)
	var names []string
	for name := range was {
		names = append(names, name)
	}
	for name := range is {
		if _, ok := was[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []view.Change
	for _, name := range names {
		plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		a, b := d.value(lang, was[name]), d.value(lang, is[name])
		switch plain {
		case "occurrences":
			if ids, ok := is[name].([]any); ok {
				b = fmt.Sprintf(lang.Tr("%d件", "%d"), len(ids))
			}
		case "hoursfrom", "hoursuntil": // minutes of the day
			a, b = dayMinutes(was[name], a), dayMinutes(is[name], b)
		}
		if slices.Contains(unsaid, plain) || name == "At" || a == b { // At is the number of an organisation
			continue
		}
		label := name
		if plain == "title" && is["version"] != nil { // of rules that people accept, not of a post
			label = lang.Tr("題名", "title")
		} else if w, ok := nameWords[plain]; ok {
			label = lang.Tr(w[0], w[1])
		} else if text, ok := namedField(lang, name); ok {
			label = text
		}
		out = append(out, view.Change{Name: label, Before: a, After: b})
	}
	return out
}

func dayMinutes(v any, text string) string {
	if n, ok := v.(float64); ok {
		return clockOf(int(n))
	}
	return text
}

// waiting are the lines of a change that waited for a second person; nil where a line of the log holds something else.
func waiting(after *string) []proposal.Line {
	var lines []proposal.Line
	if after == nil || json.Unmarshal([]byte(*after), &lines) != nil {
		return nil
	}
	for _, l := range lines {
		if l.Act == "" {
			return nil
		}
	}
	return lines
}

// waitingChanges says what was to be changed, act by act.
func (d *door) waitingChanges(lang view.Lang, lines []proposal.Line) []view.Change {
	var out []view.Change
	for _, l := range lines {
		before, after := string(l.Before), string(l.After)
		out = append(out, view.Change{Name: actWord(lang, string(l.Act)), After: objectWord(lang, l.Object)})
		out = append(out, d.changes(lang, orNil(before), orNil(after))...)
	}
	return out
}

// postWords names the posts that somebody held.
func postWords(lang view.Lang, held string) string {
	var out []string
	for _, p := range strings.FieldsFunc(held, func(r rune) bool { return r == ',' || r == ' ' || r == '、' }) {
		ja, en := tenants.PostLabel(tenants.Post(p))
		out = append(out, lang.Tr(ja, en))
	}
	return strings.Join(out, lang.Tr("、", ", "))
}

// valueWords are codes that stand as values.
var valueWords = map[string][2]string{
	"password": {"パスワード", "password"}, "totp": {"認証アプリ", "authenticator app"}, "recovery": {"回復コード", "recovery code"}, "passkey": {"パスキー", "passkey"}, "sso": {"シングルサインオン", "single sign-on"}, "code": {"確認コード", "code"}, "waiting": {"照合待ち", "waiting"}, "confirmed": {"照合済み", "confirmed"}, "refused": {"差し戻し", "sent back"}, "withdrawn": {"取り下げ", "taken back"},
	"open": {"未受領", "open"}, "acknowledged": {"受領済", "acknowledged"}, "resolved": {"復旧", "resolved"}, "phone": {"電話", "telephone"},
	"console": {"画面", "console"}, "link": {"メールのリンク", "mail's link"}, "api": {"API", "API"}, "critical": {"重大", "critical"}, "warning": {"注意", "warning"},
	"every_day": {"毎日", "every day"}, "open_days": {"開庁日のみ", "open days only"}, "roll_forward": {"閉庁日は翌開庁日へ", "moves to the next open day"},
	"none": {"なし", "none"}, "any": {"あれば照合する", "when there is one"}, "sidecar": {"横に置かれた一覧", "sidecar file"}, "checkin": {"知らせの値", "from the check-in"},
	"dir": {"ディレクトリ", "directory"}, "host": {"受託町", "host"}, "member": {"関係町村", "member"}, "ja": {"日本語", "Japanese"}, "en": {"英語", "English"},
	"begun": {"就任", "begun"}, "changed": {"期間の変更", "prolonged"}, "ended": {"終わりの日の決定", "last day set"},
	"rotated": {"新しくしました", "renewed"}, "host_admin": {"戸籍データ等管理者", "administrator"}, "operator": {"操作者", "operator"},
	"appointment": {"任命", "appointment"}, "designation": {"指定", "designation"},
	"facility": {"施設管理者", "facility manager"}, "auditor": {"監査担当", "auditor"}, "town": {"関係町村職員", "town staff"},
}

func fields(text *string) map[string]any {
	if text == nil {
		return nil
	}
	var out map[string]any
	if json.Unmarshal([]byte(*text), &out) == nil {
		return out
	}
	var any1 any
	if json.Unmarshal([]byte(*text), &any1) == nil && any1 != nil {
		return map[string]any{"": any1}
	}
	return nil
}

// value is one value of the log in words.
func (d *door) value(lang view.Lang, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if w, ok := valueWords[v]; ok {
			return lang.Tr(w[0], w[1])
		}
		if strings.Contains(v, ".") {
			v = needWord(lang, v)
		}
		return d.readable(lang, v)
	case bool:
		if v {
			return lang.Tr("はい", "yes")
		}
		return lang.Tr("いいえ", "no")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, 0, len(v))
		for _, x := range v {
			parts = append(parts, d.value(lang, x))
		}
		return strings.Join(parts, lang.Tr("、", ", "))
	case map[string]any:
		var parts []string
		for name, x := range v {
			plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
			if text := d.value(lang, x); text != "" && !slices.Contains(unsaid, plain) {
				parts = append(parts, text)
			}
		}
		slices.Sort(parts)
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}
