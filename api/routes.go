package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/custody"
)

// routes is every operation of the API, on this one page: what is asked, who may (the act), and what answers. What ends
// something is a resource of its own (POST …/retirement), never a flag in a PUT.
func routes() []route {
	return slices.Concat(
		tagged("me",
			read("/me", "get-me", "", "自分の職と権限", "Who you are and what you may do", getMe).first(),
			read("/consortium", "get-consortium", tenants.ReadTown, "共同利用の名称", "Your consortium", getConsortium),
			silent(http.MethodPut, "/me/password", "change-password", tenants.OwnAccount, "自分のパスワードを変える", "Change your own password", changePassword).then(keepSession).first(),
			silent(http.MethodPut, "/me/language", "change-language", tenants.OwnAccount, "自分の言語を変える", "Change your own language", changeLang).first(),
			read("/me/sign-ins", "list-sessions", tenants.OwnAccount, "自分のログインの一覧", "Where you are signed in, and were", listSessions),
			silent(http.MethodPost, "/me/sign-ins/{id}/end", "end-session", tenants.OwnAccount, "自分のログインを終わらせる", "End a session of yours", endSession),
			read("/me/factors", "get-factors", tenants.OwnAccount, "自分の二要素認証", "Your second factors", getFactors),
			read("/me/observances", "list-open-observances", "", "自分がまだ同意していない遵守事項", "The rules that you have still to accept", listOpenObservances).first(),
			read("/me/tokens", "list-tokens", tenants.OwnTokens, "自分のトークンの一覧", "List your own tokens", listTokens),
			issue("/me/tokens", "create-token", tenants.OwnTokens, "トークンを発行する", "Create a token", createToken),
			silent(http.MethodPost, "/me/tokens/{id}/revocation", "revoke-token", tenants.OwnTokens, "トークンを失効させる", "Revoke a token", revokeToken),
		),
		tagged("board",
			read("/board", "get-board", tenants.ReadBoard, "一夜の盤面", "The board of a night", getBoard),
			create("/board/{night}/confirmations", "confirm-fine", tenants.Confirm, "問題のない結果をまとめて確認する", "Confirm all that is fine in a night", confirmFine),
			create("/confirmations", "confirm-many", tenants.Confirm, "選んだ結果を確認する", "Confirm chosen verdicts", confirmMany),
			read("/towns/{town_id}/duties/{id}", "get-duty", tenants.ReadDuty, "予定", "One duty", getDuty),
			read("/towns/{town_id}/occurrences", "list-occurrences", tenants.ReadDuty, "夜ごとの履歴", "The history of a town's nights", listOccurrences),
			read("/towns/{town_id}/occurrences/{id}", "get-occurrence", tenants.ReadDuty, "一夜の結果", "One occurrence", getOccurrence),
			create("/towns/{town_id}/occurrences/{id}/confirmation", "confirm-occurrence", tenants.Confirm, "結果を確認する", "Confirm a verdict", confirmOne),
			create("/towns/{town_id}/occurrences/{id}/excuse", "excuse-occurrence", tenants.Excuse, "免除する", "Excuse an occurrence before its verdict", excuse),
		),
		tagged("incidents",
			read("/incidents", "list-incidents", tenants.ReadIncident, "異常の一覧", "List incidents", listIncidents),
			read("/towns/{town_id}/incidents/{id}", "get-incident", tenants.ReadIncident, "異常の経過", "One incident with its whole course", getIncident),
			create("/towns/{town_id}/incidents/{id}/acknowledgements", "acknowledge-incident", tenants.Acknowledge, "受領する", "Acknowledge an incident", acknowledge),
			create("/towns/{town_id}/incidents/{id}/calls", "record-call", tenants.RecordCall, "電話での受領を記録する", "Write down a telephone call", recordCall),
			create("/towns/{town_id}/incidents/{id}/notes", "note-incident", tenants.NoteIncident, "経過に書き足す", "Add a note to an incident", noteIncident),
			read("/notices", "list-notices", tenants.ReadOutbox, "送信の一覧", "List the outbox with every attempt", listNotices),
		),
		tagged("backups",
			read("/towns/{town_id}/plans", "list-plans", tenants.ReadPlan, "バックアップ計画の一覧", "List plans", listPlans),
			create("/towns/{town_id}/plans", "add-plan", tenants.WritePlan, "計画を加える", "Add a plan", addPlan),
			read("/towns/{town_id}/plans/{id}", "get-plan", tenants.ReadPlan, "計画", "One plan", getPlan),
			replace("/towns/{town_id}/plans/{id}", "change-plan", tenants.WritePlan, "計画を変える", "Change a plan", changePlan),
			create("/towns/{town_id}/plans/{id}/retirement", "retire-plan", tenants.WritePlan, "計画を廃止する", "Retire a plan", retirePlan),
			create("/towns/{town_id}/plans/{id}/ping-addresses", "rotate-ping-address", tenants.WritePlan, "申告先のURLを新しくする", "Give a plan a new check-in address", rotatePing),
			read("/towns/{town_id}/plans/{id}/checkins", "list-checkins", tenants.ReadRun, "届いた申告の一覧", "List a plan's check-ins", listCheckins),
			read("/towns/{town_id}/checkins/{id}", "get-checkin", tenants.ReadRun, "届いた申告", "One check-in with its whole body", getCheckin),
			read("/towns/{town_id}/plans/{id}/runs", "list-runs", tenants.ReadRun, "実行の一覧", "List a plan's runs", listRuns),
			read("/towns/{town_id}/runs/{id}", "get-run", tenants.ReadRun, "実行と検証の結果", "One run with what was proved of it", getRun),
			create("/towns/{town_id}/runs/{id}/verifications", "verify-again", tenants.Reverify, "もう一度検証する", "Verify a run again", verifyAgain),
			read("/towns/{town_id}/stores", "list-stores", tenants.ReadPlan, "保管先の一覧", "List stores", listStores),
			create("/towns/{town_id}/stores", "add-store", tenants.WritePlan, "保管先を加える", "Add a store", addStore),
			read("/towns/{town_id}/stores/{id}", "get-store", tenants.ReadPlan, "保管先", "One store", getStore),
			replace("/towns/{town_id}/stores/{id}", "change-store", tenants.WritePlan, "保管先を変える", "Change a store", changeStore),
			create("/towns/{town_id}/stores/{id}/retirement", "retire-store", tenants.WritePlan, "保管先を廃止する", "Take a store out of use", retireStore),
		),
		tagged("towns",
			read("/towns", "list-towns", tenants.ReadTown, "団体の一覧", "List towns", listTowns),
			create("/towns", "add-town", tenants.WriteTown, "団体を加える", "Add a town", addTown),
			read("/towns/{town_id}", "get-town", tenants.ReadTown, "団体", "One town", getTown),
			replace("/towns/{town_id}", "change-town", tenants.WriteTown, "団体を変える", "Change a town", changeTown),
			create("/towns/{town_id}/ping-keys", "rotate-ping-key", tenants.WritePlan, "申告の鍵を新しくする", "Give a town a new ping key", rotatePingKey),
			read("/towns/{town_id}/calendar", "get-calendar", tenants.ReadCalendar, "開庁日と閉庁日", "A town's open and closed days", getCalendar),
			read("/towns/{town_id}/local-days", "list-local-days", tenants.ReadCalendar, "団体独自の日の一覧", "List a town's own days", listLocalDays),
			replace("/towns/{town_id}/local-days/{day}", "set-local-day", tenants.WriteCalendar, "独自の日を決める", "Set one of a town's own days", setLocalDay),
			remove("/towns/{town_id}/local-days/{day}", "drop-local-day", tenants.WriteCalendar, "独自の日を取り消す", "Give a day back to the general rule", dropLocalDay),
			read("/towns/{town_id}/ladders", "list-ladders", tenants.ReadTown, "連絡の段取りの一覧", "List ladders", listLadders),
			replace("/towns/{town_id}/ladders/{id}", "change-ladder", tenants.WriteTown, "連絡の段取りを変える", "Change a ladder", changeLadder),
			read("/towns/{town_id}/contacts", "list-contacts", tenants.ReadContact, "緊急時連絡網", "List contacts in calling order", listContacts),
			create("/towns/{town_id}/contacts", "add-contact", tenants.WriteContact, "連絡先を加える", "Add a contact", addContact),
			replace("/towns/{town_id}/contact-order", "order-contacts", tenants.WriteContact, "連絡の順を決める", "Set the calling order", orderContacts),
			read("/towns/{town_id}/contacts/{id}", "get-contact", tenants.ReadContact, "連絡先", "One contact", getContact),
			replace("/towns/{town_id}/contacts/{id}", "change-contact", tenants.WriteContact, "連絡先を変える", "Change a contact", changeContact),
			create("/towns/{town_id}/contacts/{id}/retirement", "retire-contact", tenants.WriteContact, "連絡先を外す", "Take a contact off", retireContact),
			read("/towns/{town_id}/morning", "get-morning", tenants.ReadMorning, "朝の報告の設定", "When the morning report goes out, and to whom", getMorning),
			replace("/towns/{town_id}/morning", "set-morning", tenants.SetMorning, "朝の報告を設定する", "Set when the morning report goes out, and to whom", setMorning),
			read("/servers", "search-servers", tenants.ReadServer, "サーバを探す", "Search servers", searchServers),
			read("/towns/{town_id}/servers", "list-servers", tenants.ReadServer, "サーバの一覧", "List servers", listServers),
			create("/towns/{town_id}/servers", "add-server", tenants.WriteServer, "サーバを加える", "Add a server", addServer),
			read("/towns/{town_id}/servers/{id}", "get-server", tenants.ReadServer, "サーバ", "One server", getServer),
			replace("/towns/{town_id}/servers/{id}", "change-server", tenants.WriteServer, "サーバを変える", "Change a server", changeServer),
			create("/towns/{town_id}/servers/{id}/retirement", "retire-server", tenants.WriteServer, "サーバを廃止する", "Retire a server", retireServer),
		),
		tagged("people",
			read("/people", "list-people", tenants.ReadPeople, "利用者の一覧", "List people", listPeople),
			issue("/towns/{town_id}/people", "add-person", tenants.WritePeople, "利用者を加える", "Add a person", addPerson).across(),
			issue("/towns/{town_id}/people-imports", "import-people", tenants.WritePeople, "利用者を一括で加える", "Take people in from a CSV file", importPeople),
			read("/towns/{town_id}/people/{id}", "get-person", tenants.ReadPeople, "利用者", "One person", getPerson),
			replace("/towns/{town_id}/people/{id}", "change-person", tenants.WritePeople, "利用者を変える", "Change a person", changePerson),
			create("/towns/{town_id}/people/{id}/disablement", "disable-person", tenants.WritePeople, "利用者を無効にする", "Disable a person", disablePerson).across(),
			remove("/towns/{town_id}/people/{id}/disablement", "enable-person", tenants.WritePeople, "利用者を有効に戻す", "Let a disabled person in again", enablePerson).beside().across(),
			issue("/towns/{town_id}/people/{id}/passwords", "issue-password", tenants.WritePeople, "パスワードを発行し直す", "Issue a new password", issuePassword).beside().across(),
			read("/people/procedures", "list-procedures", tenants.ReadPeople, "個別パスワードの付与等の記録", "What was done about passwords, and by which two persons", listProcedures),
			create("/towns/{town_id}/people/{id}/posts", "add-post", tenants.WritePeople, "職を加える", "Give a person a post", addPost).across(),
			create("/towns/{town_id}/posts/{id}/end", "end-post", tenants.WritePeople, "職を終える", "End or prolong a post", endPost).across(),
			create("/towns/{town_id}/posts/{id}/withdrawal", "withdraw-post", tenants.WritePeople, "始まる前の職を取り消す", "Withdraw a post that has not begun", withdrawPost).across(),
			read("/towns/{town_id}/people/{id}/appointments", "list-appointments-of", tenants.ReadPeople, "任命と指定の経過", "What became of a person's posts", listCourse).across(),
			read("/towns/{town_id}/appointments", "list-appointments", tenants.ReadRegister, "任命簿・取扱者指定簿", "The register of the posts held in a town", listRegister),
			read("/ending-posts", "list-ending-posts", tenants.ReadPeople, "終期が近い職", "Posts whose end is near", listEnding),
			replace("/post-reminder", "set-post-reminder", tenants.WritePeople, "終期を知らせる日数を決める", "Set how early the end of posts is told of", setReminder),
			read("/towns/{town_id}/offices", "list-offices", tenants.ReadPeople, "役職の一覧", "List offices and who holds them", listOffices),
			create("/towns/{town_id}/offices", "add-office", tenants.WritePeople, "役職を加える", "Add an office", addOffice),
			read("/towns/{town_id}/offices/{id}", "get-office", tenants.ReadPeople, "役職", "One office", getOffice),
			create("/towns/{town_id}/offices/{id}/posts", "add-office-post", tenants.WritePeople, "充て職を加える", "Make a post go with an office", addOfficePost).across(),
			create("/towns/{town_id}/offices/{id}/posts/{post_id}/retirement", "drop-office-post", tenants.WritePeople, "充て職をやめる", "Make a post go with its office no longer", dropOfficePost).across(),
			create("/towns/{town_id}/offices/{id}/handovers", "hand-over", tenants.WritePeople, "役職を引き継ぐ", "Hand an office over", handOver).across(),
			create("/towns/{town_id}/offices/{id}/handovers/withdrawal", "take-back-hand-over", tenants.WritePeople, "先の引継ぎを取り消す", "Take a hand-over back whose day has not come", takeBack).across(),
			create("/towns/{town_id}/machines", "add-machine", tenants.WritePeople, "機械を加える", "Add a machine", addMachine).across(),
			issue("/towns/{town_id}/machines/{id}/tokens", "create-machine-token", tenants.WritePeople, "機械のトークンを発行する", "Create a token for a machine", createMachineToken).across(),
			read("/towns/{town_id}/people/{id}/tokens", "list-tokens-of", tenants.ReadPeople, "利用者のトークンの一覧", "List a person's tokens", listTokensOf),
			silent(http.MethodPost, "/towns/{town_id}/people/{id}/tokens/{token_id}/revocation", "revoke-token-of", tenants.WritePeople, "利用者のトークンを失効させる", "Revoke a person's token", revokeTokenOf),
		),
		tagged("sign-ins",
			read("/sign-ins", "list-sign-ins", tenants.ReadSignIn, "使用の記録", "Who used Tanamori, and when", listSignIns),
			silent(http.MethodPost, "/towns/{town_id}/sign-ins/{id}/end", "end-sign-in", tenants.WriteSignIn, "ログインを終わらせる", "End somebody's session", endSignIn),
			read("/towns/{town_id}/sign-in-policy", "get-sign-in-policy", tenants.ReadSignIn, "ログインの決まり", "What a town asks at sign-in", getSignInPolicy),
			replace("/towns/{town_id}/sign-in-policy", "set-sign-in-policy", tenants.WriteSignIn, "ログインの決まりを変える", "Set what a town asks at sign-in", setSignInPolicy),
			issue("/towns/{town_id}/people/{id}/factor-resets", "reset-factors", tenants.WritePeople, "二要素認証を外す", "Take a person's second factors off", resetFactors).beside().across(),
		),
		tagged("second person",
			read("/proposals", "list-proposals", tenants.ReadProposal, "照合待ちの変更", "Changes that wait for a second person", listProposals),
			confirming("/towns/{town_id}/proposals/{id}/confirmation", "confirm-proposal", tenants.Propose, "照合して変更する", "Confirm a change and make it"),
			silent(http.MethodPost, "/towns/{town_id}/proposals/{id}/refusal", "refuse-proposal", tenants.Propose, "差し戻す", "Send a change back, or take one's own back", refuseProposal).across(),
			read("/towns/{town_id}/second-person", "get-second-person", tenants.ReadProposal, "照合の設定", "For which acts a town asks for a second person", getSecondPerson),
			replace("/towns/{town_id}/second-person", "set-second-person", tenants.WriteTown, "照合の設定を変える", "Set for which acts a second person is asked", setSecondPerson),
		),
		tagged("retention",
			read("/retention", "list-retention", tenants.ReadRetention, "記録の保存期間", "How long records are kept", listRetention),
			replace("/retention/{series}", "set-retention", tenants.SetRetention, "保存期間を定める", "Set how long a series is kept", setRetention),
			read("/towns/{town_id}/volumes", "list-volumes", tenants.ReadRetention, "簿冊の一覧", "List a town's bound months", listVolumes),
			read("/towns/{town_id}/volumes/{kind}/{number}", "get-volume", tenants.ReadRetention, "簿冊", "One bound month", getVolume),
			download("/towns/{town_id}/volumes/{kind}/{number}/records", "export-volume", tenants.ExportVolume, "簿冊の記録を出力する", "Take a bound month's records out", takeVolume, volumeFile),
		),
		tagged("observances",
			read("/observances", "list-observances", tenants.ReadObservance, "遵守事項の一覧", "List the rules, every version", listObservances),
			create("/observances", "publish-observance", tenants.WriteObservance, "遵守事項の版を定める", "Publish a version of the rules", publishObservance),
			read("/observances/{document}/versions/{version}", "get-observance", tenants.ReadObservance, "遵守事項の一版", "One version", getObservance).first(),
			create("/observances/{document}/versions/{version}/acceptance", "accept-observance", tenants.AcceptObservance, "遵守事項に同意する", "Accept a version", acceptObservance).first(),
			read("/observances/{document}/versions/{version}/people", "list-observance-people", tenants.ReadObservance, "同意した人と、まだの人", "Who has accepted a version and who has not", listObservancePeople),
			create("/observances/{document}/withdrawal", "withdraw-observance", tenants.WriteObservance, "遵守事項を廃止する", "Withdraw a document", withdrawObservance),
		),
		tagged("custody",
			read("/custody", "list-custody", tenants.ReadCustody, "パスワードの保管簿", "List the passwords in custody, never the passwords", listCustody),
			create("/custody", "add-custody", tenants.WriteCustody, "設定・封入を記録する", "Take a password into custody that was set and sealed", addCustody),
			read("/management-password", "get-management-password", tenants.ReadCustody, "棚守の管理パスワードの状態", "How the console's own management password stands", getManagement),
			issue("/management-password", "set-management-password", tenants.WriteCustody, "管理パスワードを二人で作る", "Make the management password, before a second person", setManagement).beside(),
			read("/custody/{id}", "get-custody", tenants.ReadCustody, "保管簿の一件と経過", "One password in custody with its ledger", getCustody),
			replace("/custody/{id}", "change-custody", tenants.WriteCustody, "名称と変更の期限を変える", "Change its description and terms", changeCustody),
			create("/custody/{id}/openings", "open-custody", tenants.WriteCustody, "開封を記録する", "Write down an opening", recordCustody(custody.Opened)),
			create("/custody/{id}/resealings", "reseal-custody", tenants.WriteCustody, "再封入を記録する", "Write down that it was sealed again", recordCustody(custody.Resealed)),
			create("/custody/{id}/changes", "rotate-custody", tenants.WriteCustody, "変更・封入を記録する", "Write down that it was changed and sealed", recordCustody(custody.Changed)),
			create("/custody/{id}/retirement", "retire-custody", tenants.WriteCustody, "廃止を記録する", "Retire it", recordCustody(custody.Retired)),
		),
		tagged("corrections",
			read("/corrections", "list-corrections", tenants.ReadCorrection, "訂正の一覧", "List what was corrected, of any ledger", listCorrections),
			read("/correction-counts", "count-corrections", tenants.ReadCorrection, "訂正の件数", "How many corrections each ledger had", countCorrections),
			read("/correctable-ledgers", "list-correctable", tenants.ReadCorrection, "訂正できる台帳", "The ledgers whose records can be corrected, and their fields", listCorrectable),
			read("/towns/{town_id}/records/{ledger}/{id}", "get-record", tenants.ReadCorrection, "記録と訂正", "A record as it stands, with its corrections", getRecord),
			create("/towns/{town_id}/corrections", "correct-record", tenants.Correct, "訂正を記録する", "Correct a record of any ledger", correct).across(),
		),
		tagged("evidence",
			read("/towns/{town_id}/evidence", "get-evidence", tenants.ReadEvidence, "記録の証拠", "How a town's log of evidence stands", getEvidence),
			read("/towns/{town_id}/evidence/checkpoints", "list-checkpoints", tenants.ReadEvidence, "検証値の一覧", "List a town's signed checkpoints", listCheckpoints),
			read("/towns/{town_id}/evidence/proofs/{series}/{id}", "get-proof", tenants.ReadEvidence, "記録とその証明", "One row with the proof that it is in the log", getProof),
			download("/towns/{town_id}/evidence/records", "export-evidence", tenants.ExportEvidence, "証拠を出力する", "Take a town's evidence out", takeEvidence, evidenceFile),
			create("/towns/{town_id}/evidence/keys", "rotate-evidence-key", tenants.RotateEvidenceKey, "署名の鍵を新しくする", "Make a new key sign", rotateEvidenceKey),
		),
		tagged("watch",
			read("/watch", "get-watch", tenants.ReadBoard, "棚守の状態", "How Tanamori itself is doing", getWatch),
		),
		tagged("operation-log",
			read("/operation-log", "list-operation-log", tenants.ReadTownLog, "操作履歴を探す", "Search the operation log", listLog),
			download("/operation-log/export", "export-operation-log", tenants.ExportLog, "操作履歴を出力する", "Take lines of the operation log out", takeLog, logFile),
			read("/operation-log/reviews", "list-reviews", tenants.ReviewLog, "操作履歴の確認の一覧", "List reviews of the operation log", listReviews),
			create("/operation-log/reviews", "record-review", tenants.ReviewLog, "操作履歴の確認を記録する", "Record a review of the operation log", recordReview),
			read("/operation-log/review-state", "get-review-state", tenants.ReviewLog, "まだ確認していない期間", "What of the operation log is not reviewed yet", getReviewState),
			replace("/operation-log/review-setting", "set-review", tenants.SetReview, "確認の時期を定める", "Set when the operation log is to be reviewed", setReview),
		),
	)
}

func tagged(tag string, routes ...route) []route {
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// across lets the act concern other towns than the one in the path.
func (r route) across() route {
	r.wide = true
	return r
}

// first lets an operation be asked before the rules in force have been accepted.
func (r route) first() route {
	r.First = true
	return r
}

// then runs something once the act is committed.
func (r route) then(after func(*door, echo.Context) error) route {
	r.after = after
	return r
}
