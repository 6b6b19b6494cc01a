package api_test

import (
	"fmt"
	"time"

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

func thing(field string) func(p place) int64 {
	return func(p place) int64 {
		return map[string]int64{"server": p.Server, "contact": p.Contact, "store": p.Store, "plan": p.Plan, "duty": p.Duty, "run": p.Run,
			"checkin": p.Checkin, "ladder": p.Ladder, "judged": p.Judged, "pending": p.Pending, "incident": p.Incident, "person": p.Person,
			"post": p.Post}[field]
	}
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
	until       = tenantstest.Start.Add(3 * time.Hour)
)

// samples is a good request of every operation, by its id. An operation without one fails the tests.
var samples = map[string]sample{
	"get-me":          fixed("/me"),
	"get-consortium":  fixed("/consortium"),
	"change-password": fixed("/me/password").with(always(object{"old": "wrong horse", "new": "correct horse battery"})),
	"change-language": fixed("/me/language").with(always(object{"lang": "en"})),
	"list-tokens":     fixed("/me/tokens"),
	"create-token":    fixed("/me/tokens").with(always(object{"name": "夜間の点検", "expires": at(until)})),
	"revoke-token":    {path: func(p place) string { return fmt.Sprintf("/me/tokens/%d/revocation", p.Token) }, elsewhere: true},
	"get-board":       fixed("/board?night=2026-11-19&kind=backup"),
	"confirm-fine":    fixed("/board/2026-11-19/confirmations"),
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
	"list-contacts":       inTown("/contacts"),
	"add-contact":         inTown("/contacts").with(contactBody),
	"order-contacts":      inTown("/contact-order").with(func(p place) any { return object{"ids": []int64{p.Spare, p.Contact}} }),
	"get-contact":         at0("/contacts/%d", thing("contact")),
	"change-contact":      at0("/contacts/%d", thing("contact")).with(contactBody),
	"retire-contact":      at0("/contacts/%d/retirement", thing("contact")),
	"search-servers":      fixed("/servers?q=%E6%88%B8%E7%B1%8D"),
	"list-servers":        inTown("/servers"),
	"add-server":          inTown("/servers").with(serverBody),
	"get-server":          at0("/servers/%d", thing("server")),
	"change-server":       at0("/servers/%d", thing("server")).with(serverBody),
	"retire-server":       at0("/servers/%d/retirement", thing("server")),
	"list-people":         {path: func(p place) string { return fmt.Sprintf("/people?town_id=%d", p.Town) }, elsewhere: true},
	"add-person":          inTown("/people").with(always(object{"login": "mihon-new", "name": "見本 梅子", "posts": []object{{"kind": "town", "title": "主事", "from_on": "2026-04-01"}}})),
	"get-person":          at0("/people/%d", thing("person")),
	"change-person":       at0("/people/%d", thing("person")).with(always(object{"name": "見本 菊子", "lang": "en"})),
	"disable-person":      at0("/people/%d/disablement", thing("person")),
	"enable-person":       at0("/people/%d/disablement", thing("person")),
	"issue-password":      at0("/people/%d/passwords", thing("person")),
	"add-post":            at0("/people/%d/posts", thing("person")).with(always(object{"kind": "town", "title": "係長", "from_on": "2026-12-01"})),
	"end-post":            at0("/posts/%d/end", thing("post")).with(always(object{"until_on": "2026-12-31"})),
	"list-tokens-of":      at0("/people/%d/tokens", thing("person")),
	"revoke-token-of": {path: func(p place) string {
		return fmt.Sprintf("/towns/%d/people/%d/tokens/%d/revocation", p.Town, p.Person, p.Token)
	}},
	"get-watch":          fixed("/watch"),
	"list-operation-log": {path: func(p place) string { return "/operation-log?town_id=" + itoa(p.Town) }, elsewhere: true},
}
