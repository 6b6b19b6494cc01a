package frontend

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

// dutyWords are the acts as a scope of work (事務の範囲) names them; what the log calls them is said of something done.
var dutyWords = map[tenants.Act][2]string{
	tenants.ReadBoard: {"朝の確認を見る", "see the board"}, tenants.ReadTown: {"団体の名称などを見る", "see towns"}, tenants.WriteTown: {"団体を登録・変更する", "change towns"},
	tenants.ReadServer: {"サーバを見る", "see servers"}, tenants.WriteServer: {"サーバを登録・変更する", "change servers"},
	tenants.ReadContact: {"緊急時連絡網を見る", "see contacts"}, tenants.WriteContact: {"緊急時連絡網を変更する", "change contacts"},
	tenants.ReadMorning: {"朝の報告の設定を見る", "see the morning report's setting"}, tenants.SetMorning: {"朝の報告の設定を変更する", "change the morning report"},
	tenants.ReadCalendar: {"閉庁日を見る", "see closed days"}, tenants.WriteCalendar: {"閉庁日を変更する", "change closed days"},
	tenants.ReadDuty: {"夜ごとの結果を見る", "see nights"}, tenants.Confirm: {"バックアップを確認する", "confirm backups"}, tenants.Excuse: {"対象なしにする", "excuse nights"},
	tenants.ReadPlan: {"計画と保管先を見る", "see plans and stores"}, tenants.WritePlan: {"計画と保管先を変更する", "change plans and stores"},
	tenants.ReadPingURL: {"申告先のURLを見る", "see check-in addresses"}, tenants.ReadRun: {"実行と検証の結果を見る", "see runs"}, tenants.Reverify: {"もう一度確かめる", "examine again"},
	tenants.ReadIncident: {"障害を見る", "see incidents"}, tenants.Acknowledge: {"障害を受領する", "acknowledge incidents"}, tenants.RecordCall: {"電話を記録する", "record calls"},
	tenants.NoteIncident: {"経過に書き足す", "add notes"}, tenants.ReadOutbox: {"送信箱を見る", "see the outbox"}, tenants.ReadLog: {"操作履歴を見る", "read the operation log"},
	tenants.ReadRetention: {"保存期間を見る", "see retention"}, tenants.SetRetention: {"保存期間を変更する", "change retention"}, tenants.ExportVolume: {"簿冊を出力する", "export volumes"},
	tenants.ReadPeople: {"利用者を見る", "see people"}, tenants.WritePeople: {"利用者と職を変更する", "change people and posts"}, tenants.ReadRegister: {"任命簿を見る", "read the register"},
	tenants.ReadRack: {"サーバ室の台帳を見る", "see the register of the server room"}, tenants.WriteRack: {"ラックと機器を登録・変更する", "register racks and equipment"},
	tenants.CheckRack: {"ラックの設置を確認する", "check racks"}, tenants.ReadOwnRacks: {"自分の団体のラックを見る", "see a town's own racks"},
	tenants.ReadRoom: {"入退室を見る", "see entries"}, tenants.WriteRoom: {"入室許可者名簿・名札・区域の設定を変更する", "keep the list, badges and settings of rooms"},
	tenants.EnterRoom: {"入退室を記録する", "record entries"}, tenants.RequestVisit: {"入室許可を申請する", "apply for visits"}, tenants.ApproveVisit: {"入室を許可する", "decide on visits"},
	tenants.ReadKey: {"鍵の管理簿を見る", "see keys"}, tenants.WriteKey: {"鍵と保管庫を登録・廃止する", "register keys and cabinets"},
	tenants.LendKey: {"鍵の貸出・返却・棚卸を記録する", "lend, return and count keys"}, tenants.AuthoriseKey: {"鍵の貸出を承認する", "agree to loans of keys"},
	tenants.ReadTownLog: {"自分の団体の操作履歴を見る", "read a town's operation log"}, tenants.ExportLog: {"操作履歴を出力する", "export the operation log"},
	tenants.ReviewLog: {"操作履歴を確認する", "review the operation log"}, tenants.SetReview: {"操作履歴の確認の時期を変更する", "change when the log is reviewed"},
	tenants.ReadSignIn: {"使用の記録を見る", "see who signed in"}, tenants.WriteSignIn: {"ログインの決まりを変更し、使用を終わらせる", "change sign-in rules, end sessions"},
	tenants.ReadProposal: {"照合待ちの変更を見る", "see changes that wait"}, tenants.Propose: {"照合を求め、照合する", "ask for a second person, and be one"},
	tenants.ReadObservance: {"遵守事項を見る", "read the rules"}, tenants.WriteObservance: {"遵守事項を定め、廃止する", "write and withdraw rules"}, tenants.AcceptObservance: {"遵守事項に同意する", "accept the rules"},
	tenants.ReadCustody: {"パスワードの保管簿を見る", "see passwords in custody"}, tenants.WriteCustody: {"パスワードの保管簿に記録する", "record passwords in custody"},
	tenants.ReadCorrection: {"訂正を見る", "see corrections"}, tenants.Correct: {"記録を訂正する", "correct records"},
	tenants.ReadEvidence: {"記録の証拠を見る", "see the evidence"}, tenants.ExportEvidence: {"記録の証拠を出力する", "export the evidence"}, tenants.RotateEvidenceKey: {"証拠の鍵を更新する", "rotate the evidence key"},
	tenants.OwnTokens: {"自分のトークンを管理する", "keep one's own tokens"}, tenants.OwnAccount: {"自分の設定を変更する", "keep one's own account"},
}

// dutyWord is an act in words; one without any is shown by its code.
func dutyWord(lang view.Lang, act tenants.Act) string {
	if w, ok := dutyWords[act]; ok {
		return lang.Tr(w[0], w[1])
	}
	return string(act)
}

func dutyOptions(lang view.Lang, acts []tenants.Act) []view.Option {
	out := make([]view.Option, len(acts))
	for i, a := range acts {
		out[i] = view.Option{Value: string(a), Label: dutyWord(lang, a)}
	}
	return out
}

// dutiesOfPosts are all acts that any post of a person's or machine's allows.
func dutiesOfPosts(posts ...tenants.Post) []tenants.Act {
	var acts []tenants.Act
	for _, p := range posts {
		acts = append(acts, p.Acts()...)
	}
	slices.Sort(acts)
	return slices.Compact(acts)
}

var everyPost = []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor, tenants.Town}

// scopeForm is what a form says of a scope: acts that were ticked, towns that were ticked or whose codes were typed.
func scopeForm(v *tenants.Invalid, c echo.Context, towns []town.Town) tenants.Scope {
	var s tenants.Scope
	values, err := c.FormParams()
	if err != nil {
		return s
	}
	for _, a := range values["acts"] {
		s.Acts = append(s.Acts, tenants.Act(a))
	}
	for _, t := range values["towns"] {
		n, ok := number(t)
		if !ok {
			v.Add("towns", "団体を選んでください。", "Choose towns.")
			break
		}
		s.Towns = append(s.Towns, n)
	}
	for _, code := range strings.FieldsFunc(values.Get("codes"), func(r rune) bool { return r == ',' || r == '、' || r == ' ' || r == '　' || r == '\n' || r == '\r' }) {
		n := slices.IndexFunc(towns, func(t town.Town) bool { return t.Code == code })
		if n < 0 {
			v.Add("codes", "団体コード「"+clip(code)+"」の団体はありません。", "There is no town with the code "+clip(code)+".")
			break
		}
		s.Towns = append(s.Towns, towns[n].ID)
	}
	return s
}

func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "")); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// scopeText is a scope as a list shows it.
func scopeText(lang view.Lang, s people.EntryScope) (acts, towns []string) {
	for _, a := range s.Acts {
		acts = append(acts, dutyWord(lang, a))
	}
	for _, t := range s.Towns {
		towns = append(towns, t.Name)
	}
	return acts, towns
}

// townOptions are the towns that a form offers, none where they are too many to choose from.
func townOptions(towns []town.Town) []view.Option {
	if len(towns) > townsShown {
		return nil
	}
	var out []view.Option
	for _, t := range towns {
		out = append(out, view.Option{Value: itoa(t.ID), Label: t.Name})
	}
	return out
}
