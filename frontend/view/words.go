package view

// Marks: the seven verdicts, and "suspect" for a backup that arrived and whose content is doubtful.
const (
	Met     = "met"
	Late    = "late"
	Failed  = "failed"
	Missed  = "missed"
	Excused = "excused"
	Unknown = "unknown"
	Pending = "pending"
	Suspect = "suspect"
)

// mark is how a verdict is shown: never by its tone alone.
type mark struct{ icon, tone, ja, en string }

var marks = map[string]mark{
	Met:     {"✓", "ok", "正常", "OK"},
	Late:    {"▲", "warn", "遅れ", "Late"},
	Failed:  {"×", "bad", "失敗", "Failed"},
	Missed:  {"×", "bad", "未着", "Missing"},
	Suspect: {"!", "bad", "内容に疑い", "Suspect"},
	Excused: {"–", "idle", "対象なし", "Excused"},
	Unknown: {"？", "idle", "不明", "Unknown"},
	Pending: {"…", "idle", "判定待ち", "Pending"},
}

// markOf shows an unheard-of code as itself, never as nothing.
func markOf(code string) mark {
	if m, ok := marks[code]; ok {
		return m
	}
	return mark{"？", "idle", code, code}
}

// VerdictWord is the verdict in the page's language.
func (l Lang) VerdictWord(code string) string { m := markOf(code); return l.Tr(m.ja, m.en) }

// The depth of proof, V0 to V5.
var levels = [6][2]string{
	{"申告", "reported"}, {"存在", "present"}, {"外形", "shape"}, {"照合", "matched"}, {"通読", "read"}, {"構造", "structure"},
}

var levelHelp = [6][2]string{
	{"終わったと申告がありました", "the job says it has finished"},
	{"ファイルがあります", "the file is there"},
	{"大きさと時刻がいつもどおりです", "size and time are as usual"},
	{"内容が一覧と一致します", "the content matches the manifest"},
	{"最後まで読めます", "readable to the end"},
	{"中の構造が正しく並んでいます", "the inner structure is sound"},
}

// LevelName is the name of a level from 0 to 5: 申告 … 構造; – for -1, which means that not even a report came.
func (l Lang) LevelName(n int) string {
	if n < 0 || n >= len(levels) {
		return "–"
	}
	return l.Tr(levels[n][0], levels[n][1])
}

// LevelHelp says what is known once the level is reached.
func (l Lang) LevelHelp(n int) string {
	if n < 0 || n >= len(levels) {
		return ""
	}
	return l.Tr(levelHelp[n][0], levelHelp[n][1])
}

// word is one fixed code in both languages.
type word struct{ ja, en, tone string }

// vocabulary of fixed codes: kind.code.
var vocabulary = map[string]word{
	"way.mail":    {"メール", "mail", ""},
	"way.phone":   {"電話", "phone", ""},
	"way.link":    {"メールのリンク", "link in the mail", ""},
	"way.console": {"画面", "console", ""},
	"way.api":     {"API", "API", ""},

	"incident.open":         {"未受領", "Unanswered", "bad"},
	"incident.acknowledged": {"受領済", "Acknowledged", "key"},
	"incident.resolved":     {"復旧", "Resolved", "ok"},
	"severity.critical":     {"重大", "Critical", "bad"},
	"severity.warning":      {"注意", "Warning", "warn"},

	"notice.queued":  {"送信待ち", "Queued", "idle"},
	"notice.sending": {"送信中", "Sending", "idle"},
	"notice.sent":    {"送信済", "Sent", "ok"},
	"notice.failed":  {"送れません", "Failed", "bad"},

	"notice.withdrawn": {"撤回", "Withdrawn", "idle"},

	"kind.opened":     {"第一報", "First notice", ""},
	"kind.repeated":   {"再連絡", "Repeat", ""},
	"kind.reopened":   {"再開", "Reopened", ""},
	"kind.resolved":   {"復旧", "Resolved", ""},
	"kind.reminded":   {"予告", "Reminder", ""},
	"kind.checkpoint": {"検証値", "Checkpoint", ""},
	"kind.morning":    {"朝の報告", "Morning report", ""},

	"attempt.sent":    {"送信済", "sent", "ok"},
	"attempt.refused": {"相手が拒みました", "refused", "bad"},
	"attempt.away":    {"サーバ不通", "server away", "bad"},
	"attempt.error":   {"届けられません", "error", "bad"},
	"attempt.unknown": {"結果不明", "outcome unknown", "warn"},
	"attempt.":        {"送信中", "in progress", "idle"},

	"rung.pending": {"予定", "Planned", "idle"},
	"rung.held":    {"待機（受領済）", "Held (answered)", "key"},
	"rung.fired":   {"連絡済", "Told", "ok"},
	"rung.dropped": {"取りやめ", "Dropped", "idle"},

	"proof.passed":  {"確認", "passed", "ok"},
	"proof.warned":  {"注意", "warned", "warn"},
	"proof.failed":  {"不合格", "failed", "bad"},
	"proof.skipped": {"未実施", "not done", "idle"},
	"proof.waiting": {"確かめ中", "waiting", "idle"},

	"reported.running": {"実行中", "running", "idle"},
	"reported.ok":      {"正常終了", "success", "ok"},
	"reported.fail":    {"異常終了", "failure", "bad"},
	"reported.none":    {"申告なし", "no report", "idle"},

	"custody.sealed":    {"封入", "Sealed", "ok"},
	"custody.opened":    {"開封", "Opened", "warn"},
	"management.none":   {"未設定", "Not set", "warn"},
	"management.sealed": {"封入", "Sealed", "ok"},
	"management.spent":  {"使用済み", "Used", "bad"},
	"management.void":   {"無効", "Void", "bad"},
	"custody.retired":   {"廃止", "Retired", "idle"},

	"key.in":      {"保管庫", "In its cabinet", "ok"},
	"key.out":     {"貸出中", "Out", "key"},
	"key.late":    {"返却遅れ", "Overdue", "bad"},
	"key.lost":    {"紛失", "Lost", "bad"},
	"key.retired": {"廃止", "Retired", "idle"},

	"room.inside":     {"入室中", "Somebody inside", "key"},
	"room.locked":     {"無人・施錠確認済", "Empty, locked", "ok"},
	"room.unlocked":   {"無人・施錠未確認", "Empty, lock not confirmed", "warn"},
	"room.unused":     {"記録なし", "Nothing on record", "idle"},
	"visit.applied":   {"許可待ち", "Waiting", "warn"},
	"visit.approved":  {"許可", "Approved", "ok"},
	"visit.refused":   {"不許可", "Refused", "bad"},
	"visit.cancelled": {"取消", "Cancelled", "idle"},

	"observance.coming":    {"施行前", "Coming", "idle"},
	"observance.in_force":  {"施行中", "In force", "ok"},
	"observance.past":      {"旧版", "Past", "idle"},
	"observance.withdrawn": {"廃止", "Withdrawn", "idle"},

	"town.host":   {"受託町", "Host town", ""},
	"town.member": {"関係町村", "Member town", ""},

	"policy.every_day":    {"毎日", "every day", ""},
	"policy.open_days":    {"開庁日のみ", "open days only", ""},
	"policy.roll_forward": {"閉庁日は翌開庁日へ", "moves to the next open day", ""},
	"manifest.none":       {"照合しない", "none", ""},
	"manifest.any":        {"あれば照合する", "when there is one", ""},
	"manifest.sidecar":    {"横に置かれた一覧と照合する", "sidecar file", ""},
	"manifest.checkin":    {"申告された値と照合する", "from the check-in", ""},
	"store.dir":           {"ディレクトリ", "directory", ""},

	"post.now":           {"在任中", "held now", "ok"},
	"post.coming":        {"これから", "to come", "idle"},
	"post.over":          {"終了", "over", "idle"},
	"manner.appointment": {"任命", "appointment", ""},
	"manner.designation": {"指定", "designation", ""},
	"event.begun":        {"就任", "given", ""},
	"event.changed":      {"期間の延長", "prolonged", ""},
	"event.ended":        {"最後の日の決定", "last day set", ""},
	"event.withdrawn":    {"取消（始まる前）", "withdrawn before it began", ""},
	"event.carried":      {"台帳の前からの職", "there before the register", ""},
}

// wordOf finds a code of a kind; an unheard-of one is shown as itself.
func wordOf(kind, code string) word {
	if w, ok := vocabulary[kind+"."+code]; ok {
		return w
	}
	return word{code, code, "idle"}
}
