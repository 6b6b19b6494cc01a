package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// routes is every operation of the API, on this one page: what is asked, who may (the act), and what answers. What ends
// something is a resource of its own (POST …/retirement), never a flag in a PUT.
func routes() []route {
	return slices.Concat(
		tagged("me",
			read("/me", "get-me", "", "自分の職と権限", "Who you are and what you may do", getMe),
			read("/consortium", "get-consortium", tenants.ReadTown, "共同利用の名称", "Your consortium", getConsortium),
			silent(http.MethodPut, "/me/password", "change-password", tenants.OwnAccount, "自分のパスワードを変える", "Change your own password", changePassword).then(keepSession),
			silent(http.MethodPut, "/me/language", "change-language", tenants.OwnAccount, "自分の言語を変える", "Change your own language", changeLang),
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
			read("/servers", "search-servers", tenants.ReadServer, "サーバを探す", "Search servers", searchServers),
			read("/towns/{town_id}/servers", "list-servers", tenants.ReadServer, "サーバの一覧", "List servers", listServers),
			create("/towns/{town_id}/servers", "add-server", tenants.WriteServer, "サーバを加える", "Add a server", addServer),
			read("/towns/{town_id}/servers/{id}", "get-server", tenants.ReadServer, "サーバ", "One server", getServer),
			replace("/towns/{town_id}/servers/{id}", "change-server", tenants.WriteServer, "サーバを変える", "Change a server", changeServer),
			create("/towns/{town_id}/servers/{id}/retirement", "retire-server", tenants.WriteServer, "サーバを廃止する", "Retire a server", retireServer),
		),
		tagged("people",
			read("/people", "list-people", tenants.ReadPeople, "利用者の一覧", "List people", listPeople),
			issue("/towns/{town_id}/people", "add-person", tenants.WritePeople, "利用者を加える", "Add a person", addPerson),
			read("/towns/{town_id}/people/{id}", "get-person", tenants.ReadPeople, "利用者", "One person", getPerson),
			replace("/towns/{town_id}/people/{id}", "change-person", tenants.WritePeople, "利用者を変える", "Change a person", changePerson),
			create("/towns/{town_id}/people/{id}/disablement", "disable-person", tenants.WritePeople, "利用者を無効にする", "Disable a person", disablePerson),
			remove("/towns/{town_id}/people/{id}/disablement", "enable-person", tenants.WritePeople, "利用者を有効に戻す", "Let a disabled person in again", enablePerson),
			issue("/towns/{town_id}/people/{id}/passwords", "issue-password", tenants.WritePeople, "パスワードを発行し直す", "Issue a new password", issuePassword),
			create("/towns/{town_id}/people/{id}/posts", "add-post", tenants.WritePeople, "職を加える", "Give a person a post", addPost),
			create("/towns/{town_id}/posts/{id}/end", "end-post", tenants.WritePeople, "職を終える", "End a post", endPost),
			read("/towns/{town_id}/people/{id}/tokens", "list-tokens-of", tenants.ReadPeople, "利用者のトークンの一覧", "List a person's tokens", listTokensOf),
			silent(http.MethodPost, "/towns/{town_id}/people/{id}/tokens/{token_id}/revocation", "revoke-token-of", tenants.WritePeople, "利用者のトークンを失効させる", "Revoke a person's token", revokeTokenOf),
		),
		tagged("watch",
			read("/watch", "get-watch", tenants.ReadBoard, "棚守の状態", "How Tanamori itself is doing", getWatch),
			read("/operation-log", "list-operation-log", tenants.ReadLog, "操作履歴", "Read the operation log", listLog),
		),
	)
}

func tagged(tag string, routes ...route) []route {
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// then runs something once the act is committed.
func (r route) then(after func(*door, echo.Context) error) route {
	r.after = after
	return r
}
