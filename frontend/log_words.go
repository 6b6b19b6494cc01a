package frontend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tanamori/frontend/view"
	"tanamori/tenants"
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
	{tenants.Reverify, "もう一度確かめる", "Examined again"},
	{tenants.WritePlan, "計画・保管先の変更", "Plan or store changed"},
	{tenants.WriteServer, "サーバの変更", "Server changed"},
	{tenants.WriteContact, "連絡先の変更", "Contact changed"},
	{tenants.WriteCalendar, "閉庁日の変更", "Closed days changed"},
	{tenants.WriteTown, "団体の変更", "Town changed"},
	{tenants.WritePeople, "利用者の変更", "Person changed"},
	{tenants.OwnTokens, "トークン", "Token"},
	{tenants.OwnAccount, "自分の設定", "Own account"},
	{tenants.SignIn, "ログイン", "Signed in"},
}

func acts(lang view.Lang) []view.Option {
	var out []view.Option
	for _, w := range actWords {
		out = append(out, view.Option{Value: string(w.act), Label: lang.Tr(w.ja, w.en)})
	}
	return out
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
	"source": {"申告先", "check-in address"}, "ping_key": {"申告の鍵", "ping key"},
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
	"repeatminutes": {"くり返し（分）", "repeat (minutes)"}, "retired": {"廃止", "retired"}, "retiredat": {"廃止", "retired"}, "login": {"利用者ID", "login"}, "lang": {"言語", "language"},
	"disabledat": {"停止", "disabled"}, "posts": {"職", "posts"}, "title": {"職名", "title"}, "fromon": {"就任日", "from"}, "untilon": {"最後の日", "until"},
	"expiresat": {"期限", "expires"}, "revokedat": {"取消", "revoked"}, "prefix": {"先頭", "prefix"}, "order": {"順", "order"}, "uuid": {"宛先", "address"},
}

// unsaid are values that tell a reader nothing: ids of the row itself and of its search.
var unsaid = []string{"tenantid", "id", "createdat", "personid", "consortiumid", "pingkey", "search"}

// changes compares what a log line holds from before and after, name by name.
func (d *door) changes(lang view.Lang, before, after *string) []view.Change {
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
		if ids, ok := is[name].([]any); ok && plain == "occurrences" {
			b = fmt.Sprintf(lang.Tr("%d件", "%d"), len(ids))
		}
		if slices.Contains(unsaid, plain) || a == b {
			continue
		}
		label := name
		if w, ok := nameWords[plain]; ok {
			label = lang.Tr(w[0], w[1])
		}
		out = append(out, view.Change{Name: label, Before: a, After: b})
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
	"open": {"未受領", "open"}, "acknowledged": {"受領済", "acknowledged"}, "resolved": {"復旧", "resolved"}, "phone": {"電話", "telephone"},
	"console": {"画面", "console"}, "link": {"メールのリンク", "mail's link"}, "api": {"API", "API"}, "critical": {"重大", "critical"}, "warning": {"注意", "warning"},
	"every_day": {"毎日", "every day"}, "open_days": {"開庁日のみ", "open days only"}, "roll_forward": {"閉庁日は翌開庁日へ", "moves to the next open day"},
	"none": {"なし", "none"}, "any": {"あれば照合する", "when there is one"}, "sidecar": {"横に置かれた一覧", "sidecar file"}, "checkin": {"知らせの値", "from the check-in"},
	"dir": {"ディレクトリ", "directory"}, "host": {"受託町", "host"}, "member": {"関係町村", "member"}, "ja": {"日本語", "Japanese"}, "en": {"英語", "English"},
	"rotated": {"新しくしました", "renewed"}, "host_admin": {"戸籍データ等管理者", "administrator"}, "operator": {"操作者", "operator"},
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
