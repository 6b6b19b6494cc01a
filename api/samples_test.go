package api_test

import (
	"encoding/base64"
	"fmt"
	"time"

	"tanamori/tenants/calendar"
	"tanamori/tenants/observance"
	"tanamori/tenants/tenantstest"
)

// sample is one good request of an operation about the things of a place. Elsewhere tells that the request names a town
// though its path does not.
type sample struct {
	path      func(p place) string
	body      func(p place) any
	elsewhere bool
}

func at0(format string, id func(p place) int64) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/towns/%d"+format, p.Town, id(p)) }}
}

func inTown(format string) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/towns/%d", p.Town) + format }}
}

func fixed(path string) sample { return sample{path: func(place) string { return path }} }

func (s sample) with(body func(p place) any) sample { s.body = body; return s }

func (s sample) naming() sample { s.elsewhere = true; return s }

func ofCustody(more string) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/custody/%d", p.Credential) + more }}
}

func ofRoom(more string) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/rooms/%d", p.Room) + more }}
}

func ofVisit(more string) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/visits/%d", p.Visit) + more }}
}

func ofBadge(more string) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/badges/%d", p.Badge) + more }}
}

func thing(field string) func(p place) int64 {
	return func(p place) int64 {
		return map[string]int64{"server": p.Server, "contact": p.Contact, "store": p.Store, "plan": p.Plan, "duty": p.Duty, "run": p.Run,
			"checkin": p.Checkin, "ladder": p.Ladder, "judged": p.Judged, "pending": p.Pending, "incident": p.Incident, "person": p.Person,
			"post": p.Post, "sign_in": p.SignIn, "proposal": p.Proposal, "future": p.Future, "note": p.Note, "office": p.Office, "machine": p.Machine}[field]
	}
}

// ofRegister is about a thing of the host's register of racks.
func ofRegister(noun, more string, id func(place) int64) sample {
	return sample{path: func(p place) string { return fmt.Sprintf("/%s/%d", noun, id(p)) + more }}
}

func (p place) building() int64      { return p.Building }
func (p place) emptyBuilding() int64 { return p.EmptyBuilding }
func (p place) area() int64          { return p.Area }
func (p place) emptyArea() int64     { return p.EmptyArea }
func (p place) rack() int64          { return p.Rack }
func (p place) emptyRack() int64     { return p.EmptyRack }
func (p place) thing() int64         { return p.Thing }

func rackBody(p place, code string, at int) object {
	return object{"area_id": p.Area, "code": code, "plan_row": 1, "plan_place": at, "units": 42, "lock": "前後扉", "fixing": "アンカーボルト", "dedicated": true, "check_months": 12}
}

type object = map[string]any

func always(o object) func(place) any { return func(place) any { return o } }

var (
	contactBody = always(object{"post": "総務課長", "name": "見本 二郎", "mail": "jiro@town.example.jp", "phone": "0145-42-0000"})
	townBody    = always(object{"code": "010031", "name": "見本市", "kana": "みほんし", "joined_on": "2026-04-01"})
	planBody    = func(p place) any { return p.PlanBody }
	serverBody  = func(p place) any { return p.ServerBody }
	ladderBody  = always(object{"name": "休日", "delays": []int{0, 10}, "repeat_minutes": 60})
	storeBody   = always(object{"name": "別館NAS", "root": "/srv/annex"})
	rules       = observance.Input{Title: "遵守事項", Body: "パスワードを他人に知らせないこと。", FromOn: calendar.MustDate(2027, 4, 1)} // coming: nobody is kept from work
	until       = tenantstest.Start.Add(3 * time.Hour)
)

// samples is a good request of every operation, by its id. An operation without one fails the tests.
var samples = map[string]sample{
	"get-me":             fixed("/me"),
	"get-consortium":     fixed("/consortium"),
	"change-password":    fixed("/me/password").with(always(object{"old": "wrong horse", "new": "correct horse battery"})),
	"change-language":    fixed("/me/language").with(always(object{"lang": "en"})),
	"list-tokens":        fixed("/me/tokens"),
	"list-sessions":      fixed("/me/sign-ins"),
	"end-session":        {path: func(p place) string { return fmt.Sprintf("/me/sign-ins/%d/end", p.SignIn) }, elsewhere: true},
	"get-factors":        fixed("/me/factors"),
	"list-proposals":     {path: func(p place) string { return fmt.Sprintf("/proposals?town_id=%d", p.Town) }, elsewhere: true},
	"confirm-proposal":   at0("/proposals/%d/confirmation", thing("proposal")),
	"refuse-proposal":    at0("/proposals/%d/refusal", thing("proposal")).with(always(object{"reason": "番号が違う"})),
	"get-second-person":  inTown("/second-person"),
	"set-second-person":  inTown("/second-person").with(always(object{"acts": []string{"contact.write"}})),
	"list-sign-ins":      {path: func(p place) string { return fmt.Sprintf("/sign-ins?town_id=%d", p.Town) }, elsewhere: true},
	"end-sign-in":        at0("/sign-ins/%d/end", thing("sign_in")),
	"get-sign-in-policy": inTown("/sign-in-policy"),
	"set-sign-in-policy": inTown("/sign-in-policy").with(always(object{"idle_minutes": 5, "whole_hours": 8, "second_factor": true, "hours_from": 480, "hours_until": 1110})),
	"reset-factors":      at0("/people/%d/factor-resets", thing("person")).with(always(object{"reason": "端末の紛失"})),
	"create-token":       fixed("/me/tokens").with(always(object{"name": "夜間の点検", "expires": at(until)})),
	"revoke-token":       {path: func(p place) string { return fmt.Sprintf("/me/tokens/%d/revocation", p.Token) }, elsewhere: true},
	"get-board":          fixed("/board?night=2026-11-19&kind=backup"),
	"confirm-fine":       fixed("/board/2026-11-19/confirmations"),
	"confirm-many": fixed("/confirmations").with(func(p place) any {
		return object{"occurrences": []object{{"town_id": p.Town, "occurrence_id": p.Judged}}}
	}).naming(),
	"get-duty":             at0("/duties/%d", thing("duty")),
	"list-occurrences":     inTown("/occurrences?from=2026-11-01&to=2026-11-30"),
	"get-occurrence":       at0("/occurrences/%d", thing("judged")),
	"confirm-occurrence":   at0("/occurrences/%d/confirmation", thing("judged")).with(always(object{"note": "電話で確かめた"})),
	"excuse-occurrence":    at0("/occurrences/%d/excuse", thing("pending")).with(always(object{"reason": "庁舎停電のため"})),
	"list-incidents":       {path: func(p place) string { return fmt.Sprintf("/incidents?town_id=%d&state=open", p.Town) }, elsewhere: true},
	"get-incident":         at0("/incidents/%d", thing("incident")),
	"acknowledge-incident": at0("/incidents/%d/acknowledgements", thing("incident")).with(always(object{"promise": "保守業者へ連絡しました", "until": at(until)})),
	"record-call":          at0("/incidents/%d/calls", thing("incident")).with(func(p place) any { return object{"rung_id": p.Rung, "promise": "朝一番で確かめる"} }),
	"note-incident":        at0("/incidents/%d/notes", thing("incident")).with(always(object{"text": "業者が到着した"})),
	"list-notices":         {path: func(p place) string { return fmt.Sprintf("/notices?town_id=%d&state=unsent", p.Town) }, elsewhere: true},
	"list-plans":           inTown("/plans"),
	"add-plan": inTown("/plans").with(func(p place) any {
		return object{"server_id": p.Server, "store_id": p.Store, "pattern": "weekly.dump", "name": "週次"}
	}),
	"get-plan":            at0("/plans/%d", thing("plan")),
	"change-plan":         at0("/plans/%d", thing("plan")).with(planBody),
	"retire-plan":         at0("/plans/%d/retirement", thing("plan")),
	"rotate-ping-address": at0("/plans/%d/ping-addresses", thing("plan")),
	"list-checkins":       at0("/plans/%d/checkins", thing("plan")),
	"get-checkin":         at0("/checkins/%d", thing("checkin")),
	"list-runs":           at0("/plans/%d/runs", thing("plan")),
	"get-run":             at0("/runs/%d", thing("run")),
	"verify-again":        at0("/runs/%d/verifications", thing("run")),
	"list-stores":         inTown("/stores"),
	"add-store":           inTown("/stores").with(storeBody),
	"get-store":           at0("/stores/%d", thing("store")),
	"change-store":        at0("/stores/%d", thing("store")).with(storeBody),
	"retire-store":        {path: func(p place) string { return fmt.Sprintf("/towns/%d/stores/%d/retirement", p.Town, p.Annex) }},
	"list-towns":          fixed("/towns"),
	"add-town":            fixed("/towns").with(townBody),
	"get-town":            inTown(""),
	"change-town":         inTown("").with(townBody),
	"rotate-ping-key":     inTown("/ping-keys"),
	"get-calendar":        inTown("/calendar?from=2026-12-01&to=2026-12-31"),
	"list-local-days":     inTown("/local-days"),
	"set-local-day":       inTown("/local-days/2026-12-28").with(always(object{"open": false, "name": "役場臨時閉庁"})),
	"drop-local-day":      inTown("/local-days/2026-12-25"),
	"list-ladders":        inTown("/ladders"),
	"change-ladder":       at0("/ladders/%d", thing("ladder")).with(ladderBody),
	"get-morning":         inTown("/morning"),
	"set-morning": inTown("/morning").with(always(object{"at": "07:15", "every_day": true,
		"readers": []object{{"name": "町民生活課", "mail": "kacho@town.example.jp"}, {"name": "戸籍係", "mail": "koseki@town.example.jp"}}})),
	"list-contacts":        inTown("/contacts"),
	"add-contact":          inTown("/contacts").with(contactBody),
	"order-contacts":       inTown("/contact-order").with(func(p place) any { return object{"ids": []int64{p.Spare, p.Contact}} }),
	"get-contact":          at0("/contacts/%d", thing("contact")),
	"change-contact":       at0("/contacts/%d", thing("contact")).with(contactBody),
	"retire-contact":       at0("/contacts/%d/retirement", thing("contact")),
	"search-servers":       fixed("/servers?q=%E6%88%B8%E7%B1%8D"),
	"list-servers":         inTown("/servers"),
	"add-server":           inTown("/servers").with(serverBody),
	"get-server":           at0("/servers/%d", thing("server")),
	"change-server":        at0("/servers/%d", thing("server")).with(serverBody),
	"retire-server":        at0("/servers/%d/retirement", thing("server")),
	"list-retention":       fixed("/retention"),
	"set-retention":        fixed("/retention/log").with(always(object{"years": 8, "reason": "規程の改正による"})),
	"list-volumes":         inTown("/volumes?kind=checkin"),
	"get-volume":           inTown("/volumes/checkin/1"),
	"export-volume":        inTown("/volumes/checkin/1/records"),
	"list-procedures":      {path: func(p place) string { return fmt.Sprintf("/people/procedures?town_id=%d", p.Town) }, elsewhere: true},
	"take-back-hand-over":  at0("/offices/%d/handovers/withdrawal", thing("office")),
	"list-people":          {path: func(p place) string { return fmt.Sprintf("/people?town_id=%d", p.Town) }, elsewhere: true},
	"add-person":           inTown("/people").with(always(object{"login": "mihon-new", "name": "見本 梅子", "posts": []object{{"kind": "town", "title": "主事", "from_on": "2026-04-01"}}})),
	"get-person":           at0("/people/%d", thing("person")),
	"change-person":        at0("/people/%d", thing("person")).with(always(object{"name": "見本 菊子", "lang": "en"})),
	"disable-person":       at0("/people/%d/disablement", thing("person")),
	"enable-person":        at0("/people/%d/disablement?reason=%%E5%%BE%%A9%%E8%%81%%B7", thing("person")),
	"issue-password":       at0("/people/%d/passwords", thing("person")).with(always(object{"reason": "本人が忘れたため"})),
	"add-post":             at0("/people/%d/posts", thing("person")).with(always(object{"kind": "town", "title": "係長", "from_on": "2026-12-01"})),
	"end-post":             at0("/posts/%d/end", thing("post")).with(always(object{"until_on": "2026-12-31"})),
	"withdraw-post":        at0("/posts/%d/withdrawal", thing("future")),
	"list-appointments-of": at0("/people/%d/appointments", thing("person")),
	"list-appointments":    inTown("/appointments?former=true"),
	"list-ending-posts":    fixed("/ending-posts"),
	"set-post-reminder":    fixed("/post-reminder").with(always(object{"days": 45})),
	"list-offices":         inTown("/offices"),
	"add-office":           inTown("/offices").with(always(object{"name": "町民課長"})),
	"get-office":           at0("/offices/%d", thing("office")),
	"add-office-post":      at0("/offices/%d/posts", thing("office")).with(always(object{"kind": "town", "title": "連絡員", "manner": "designation"})),
	"drop-office-post": {path: func(p place) string {
		return fmt.Sprintf("/towns/%d/offices/%d/posts/%d/retirement", p.Town, p.Office, p.OfficePost)
	}},
	"hand-over": at0("/offices/%d/handovers", thing("office")).with(func(p place) any {
		return object{"person_id": p.Person, "from_on": "2027-04-01", "document": "辞令第5号"}
	}),
	"add-machine":          inTown("/machines").with(always(object{"name": "監視サーバ", "post": object{"kind": "town", "title": "監視", "from_on": "2026-04-01", "acts": []string{"board.read"}}})),
	"create-machine-token": at0("/machines/%d/tokens", thing("machine")).with(always(object{"name": "監視", "expires": at(until)})),
	"import-people": inTown("/people-imports").with(always(object{"commit": true,
		"csv": base64.StdEncoding.EncodeToString([]byte("mihon-csv,見本 梅子,town,主事,2026-04-01,,\n"))})),
	"list-tokens-of":      at0("/people/%d/tokens", thing("person")),
	"get-evidence":        inTown("/evidence"),
	"list-checkpoints":    inTown("/evidence/checkpoints"),
	"get-proof":           at0("/evidence/proofs/incident/%d", thing("incident")),
	"export-evidence":     inTown("/evidence/records?from=2026-01-01"),
	"rotate-evidence-key": inTown("/evidence/keys").with(always(object{"reason": "年度の更新"})),
	"revoke-token-of": {path: func(p place) string {
		return fmt.Sprintf("/towns/%d/people/%d/tokens/%d/revocation", p.Town, p.Person, p.Token)
	}},
	"get-watch":               fixed("/watch"),
	"list-operation-log":      {path: func(p place) string { return "/operation-log?town_id=" + itoa(p.Town) }, elsewhere: true},
	"export-operation-log":    {path: func(p place) string { return "/operation-log/export?format=csv&act=plan.write&town_id=" + itoa(p.Town) }, elsewhere: true},
	"list-reviews":            fixed("/operation-log/reviews"),
	"record-review":           fixed("/operation-log/reviews").with(always(object{"from_on": "2026-11-20", "to_on": "2026-11-20", "found": true, "findings": "夜間の閲覧が1件", "measures": "本人に確かめた"})),
	"get-review-state":        fixed("/operation-log/review-state"),
	"set-review":              fixed("/operation-log/review-setting").with(always(object{"day": 5, "days": 6})),
	"list-custody":            fixed("/custody"),
	"get-management-password": fixed("/management-password"),
	"set-management-password": fixed("/management-password").with(always(object{"envelope": "K-110", "place": "金庫"})),
	"list-buildings":          fixed("/buildings"),
	"add-building":            fixed("/buildings").with(always(object{"name": "別館"})),
	"change-building":         ofRegister("buildings", "", place.building).with(always(object{"name": "本庁舎", "address": "蘭越町"})),
	"retire-building":         ofRegister("buildings", "/retirement", place.emptyBuilding),
	"list-areas":              fixed("/areas"),
	"add-area": fixed("/areas").with(func(p place) any {
		return object{"building_id": p.Building, "kind": "store", "name": "媒体保管室", "plan_rows": 1, "plan_places": 1}
	}),
	"change-area": ofRegister("areas", "", place.area).with(func(p place) any {
		return object{"building_id": p.Building, "kind": "server_room", "name": "サーバ室", "plan_rows": 2, "plan_places": 6}
	}),
	"retire-area":  ofRegister("areas", "/retirement", place.emptyArea),
	"list-racks":   fixed("/racks"),
	"add-rack":     fixed("/racks").with(func(p place) any { return rackBody(p, "A-05", 5) }),
	"get-rack":     ofRegister("racks", "", place.rack),
	"change-rack":  ofRegister("racks", "", place.rack).with(func(p place) any { return rackBody(p, "A-03", 3) }),
	"retire-rack":  ofRegister("racks", "/retirement", place.emptyRack),
	"relabel-rack": ofRegister("racks", "/labels", place.rack),
	"check-rack":   ofRegister("racks", "/checks", place.rack).with(always(object{"fixed": true, "lockable": true, "dedicated": true})),
	"place-equipment": fixed("/equipment").with(func(p place) any {
		return object{"rack_id": p.Rack, "kind": "network", "name": "スイッチ", "unit": 40, "units": 1, "face": "both"}
	}),
	"get-equipment": ofRegister("equipment", "", place.thing),
	"rearrange-equipment": ofRegister("equipment", "", place.thing).with(func(p place) any {
		return object{"rack_id": p.Rack, "kind": "storage", "name": "NAS", "unit": 12, "units": 2, "face": "both"}
	}),
	"remove-equipment": ofRegister("equipment", "/removal", place.thing),
	"find-label":       {path: func(p place) string { return "/labels/" + p.Label }},
	"list-town-racks":  inTown("/racks"),

	"add-custody": fixed("/custody").with(func(p place) any {
		return object{"kind": "management", "name": "個別パスワードの管理", "applies_to": "戸籍システム", "envelope": "K-101", "place": "金庫", "witness_id": p.Witness}
	}),
	"get-custody":       ofCustody(""),
	"change-custody":    ofCustody("").with(always(object{"name": "戸籍サーバ", "applies_to": "起動画面", "rotate_months": 6, "open_days": 3})),
	"open-custody":      ofCustody("/openings").with(func(p place) any { return object{"witness_id": p.Witness, "reason": "停電後の起動のため"} }),
	"reseal-custody":    {path: func(p place) string { return fmt.Sprintf("/custody/%d/resealings", p.Unsealed) }, body: func(p place) any { return object{"witness_id": p.Witness, "envelope": "K-102", "place": "金庫"} }},
	"rotate-custody":    ofCustody("/changes").with(func(p place) any { return object{"witness_id": p.Witness, "envelope": "K-103", "place": "金庫"} }),
	"retire-custody":    ofCustody("/retirement").with(func(p place) any { return object{"witness_id": p.Witness, "reason": "撤去"} }),
	"list-corrections":  {path: func(p place) string { return fmt.Sprintf("/corrections?town_id=%d", p.Town) }, elsewhere: true},
	"count-corrections": {path: func(p place) string { return fmt.Sprintf("/correction-counts?town_id=%d", p.Town) }, elsewhere: true},
	"list-correctable":  fixed("/correctable-ledgers"),
	"get-record":        at0("/records/incident_event/%d", thing("note")),
	"correct-record": inTown("/corrections").with(func(p place) any {
		return object{"ledger": "incident_event", "row_id": p.Note, "reason": "書き誤り", "changes": []object{{"field": "text", "was": corrected, "becomes": "回線は正常"}}}
	}),
	"list-rooms":          fixed("/rooms"),
	"get-room":            ofRoom(""),
	"set-room":            ofRoom("").with(always(object{"lock_minutes": 10, "late_minutes": 60, "checklist": "施錠\n消灯"})),
	"list-room-entries":   ofRoom("/entries?from=2026-11-01&until=2026-11-30"),
	"export-room-entries": ofRoom("/entries/export"),
	"enter-room": ofRoom("/entries").with(func(p place) any {
		return object{"who": "visitor:" + itoa(p.Visitor), "escort_id": p.Witness, "badge_id": p.Badge, "reason": "緊急のため"}
	}),
	"list-room-locks":   {path: func(p place) string { return fmt.Sprintf("/rooms/%d/locks", p.Room+1) }},
	"confirm-room-lock": {path: func(p place) string { return fmt.Sprintf("/rooms/%d/locks", p.Room+1) }, body: always(object{"done": []string{"出入口の施錠", "全ラックの施錠", "照明の消灯", "警報装置の作動"}})},
	"list-inside":       fixed("/room-entries"),
	"get-room-entry":    {path: func(p place) string { return fmt.Sprintf("/room-entries/%d", p.Inside) }},
	"leave-room":        {path: func(p place) string { return fmt.Sprintf("/room-entries/%d/exit", p.Inside) }, body: always(object{"carried_out": "空き箱"})},
	"review-room-entry": {path: func(p place) string { return fmt.Sprintf("/room-entries/%d/review", p.Unpermitted) }, body: always(object{"finding": "やむを得ないと認める"})},
	"list-room-permits": fixed("/room-permits"),
	"grant-room": fixed("/room-permits").with(func(p place) any {
		return object{"room_id": p.Room, "name": "見本 四郎", "org": "見本警備", "document": "警備委託契約書", "until_on": "2027-03-31"}
	}),
	"revoke-room": {path: func(p place) string { return fmt.Sprintf("/room-permits/%d/revocation", p.Listed) }, body: always(object{"reason": "異動"})},
	"list-visits": fixed("/visits"),
	"apply-visit": fixed("/visits").with(func(p place) any {
		return object{"company": "見本保守", "names": "見本 太郎", "from_at": at(until), "until_at": at(until.Add(time.Hour)), "reason": "点検のため", "work": "定期点検", "room_ids": []int64{p.Room}, "escort_id": p.Witness}
	}),
	"get-visit":       ofVisit(""),
	"approve-visit":   ofVisit("/approval"),
	"refuse-visit":    ofVisit("/refusal").with(always(object{"reason": "立会者がいない"})),
	"cancel-visit":    ofVisit("/cancellation").with(always(object{"reason": "業者の都合"})),
	"list-badges":     fixed("/badges"),
	"add-badge":       fixed("/badges").with(always(object{"number": "業者9"})),
	"get-badge":       ofBadge(""),
	"hand-out-badge":  ofBadge("/loans").with(func(p place) any { return object{"visitor_id": p.Visitor} }),
	"take-back-badge": {path: func(p place) string { return fmt.Sprintf("/badges/%d/return", p.Worn) }, body: always(object{})},
	"relabel-badge":   ofBadge("/labels"),
	"retire-badge":    ofBadge("/retirement").with(always(object{"reason": "破損"})),

	"list-open-observances":  fixed("/me/observances"),
	"list-observances":       fixed("/observances"),
	"publish-observance":     fixed("/observances").with(always(object{"document": 1, "title": "遵守事項", "body": "改正版", "from_on": "2027-04-01"})),
	"get-observance":         fixed("/observances/1/versions/1"),
	"accept-observance":      fixed("/observances/1/versions/1/acceptance").with(always(object{"sha256": observance.Hash(rules.Title, rules.Body)})),
	"list-observance-people": {path: func(p place) string { return fmt.Sprintf("/observances/1/versions/1/people?town_id=%d", p.Town) }, elsewhere: true},
	"withdraw-observance":    fixed("/observances/1/withdrawal").with(always(object{"from_on": "2027-04-01"})),
}
