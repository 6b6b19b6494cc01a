package frontend_test

import (
	"fmt"
	"net/url"

	"tanamori/tenants"
)

var (
	aRoom     = func(p place) int64 { return p.room }
	anInside  = func(p place) int64 { return p.inside }
	aListed   = func(p place) int64 { return p.listed }
	aBadge    = func(p place) int64 { return p.badge }
	aWorn     = func(p place) int64 { return p.worn }
	aVisit    = func(n int) func(p place) int64 { return func(p place) int64 { return p.visits[n] } }
	anEmpty   = func(p place) int64 { return p.empty }
	aTrespass = func(p place) int64 { return p.unpermitted }
)

// roomRules are the rules of the routes of rooms.
var roomRules = map[string]rule{
	"GET /rooms":          {act: tenants.ReadRoom},
	"GET /rooms/list":     {act: tenants.ReadRoom},
	"GET /rooms/list/new": {act: tenants.WriteRoom},
	"POST /rooms/list": {act: tenants.WriteRoom, form: func(c *console) url.Values {
		return form("area_id", fmt.Sprint(c.host.room), "person_id", "0", "name", "見本 四郎", "org", "見本警備", "from_on", "令和8年11月21日", "until_on", "令和9年3月31日", "document", "警備委託契約書")(c)
	}},
	"GET /rooms/list/:id/revocation":  {act: tenants.WriteRoom, id: aListed},
	"POST /rooms/list/:id/revocation": {act: tenants.WriteRoom, id: aListed, form: form("reason", "異動"), last: true},
	"GET /rooms/visits":               {act: tenants.ReadRoom},
	"GET /rooms/visits/new":           {act: tenants.RequestVisit},
	"POST /rooms/visits": {act: tenants.RequestVisit, form: func(c *console) url.Values {
		return form("company", "見本保守", "names", "見本 太郎", "from_at", "2026-11-22T10:00", "until_at", "2026-11-22T12:00", "reason", "点検のため", "work", "定期点検", "areas", fmt.Sprint(c.host.room),
			"escort_id", fmt.Sprint(c.people["operator"]))(c)
	}},
	"GET /rooms/visits/:id":               {act: tenants.ReadRoom, id: aVisit(0)},
	"POST /rooms/visits/:id/approval":     {act: tenants.ApproveVisit, id: aVisit(0), last: true},
	"POST /rooms/visits/:id/refusal":      {act: tenants.ApproveVisit, id: aVisit(1), form: form("reason", "立会者がいない"), last: true},
	"POST /rooms/visits/:id/cancellation": {act: tenants.RequestVisit, id: aVisit(2), form: form("reason", "業者の都合"), last: true},
	"GET /rooms/badges":                   {act: tenants.ReadRoom},
	"POST /rooms/badges":                  {act: tenants.WriteRoom, form: form("number", "業者9"), last: true},
	"GET /rooms/badges/:id":               {act: tenants.ReadRoom, id: aWorn},
	"POST /rooms/badges/:id/loans": {act: tenants.EnterRoom, id: aBadge, last: true, form: func(c *console) url.Values {
		return form("visitor_id", fmt.Sprint(c.host.visitor))(c)
	}},
	"POST /rooms/badges/:id/return":     {act: tenants.EnterRoom, id: aWorn, last: true},
	"POST /rooms/badges/:id/labels":     {act: tenants.WriteRoom, id: aBadge},
	"POST /rooms/badges/:id/retirement": {act: tenants.WriteRoom, id: aBadge, form: form("reason", "破損"), last: true},
	"GET /rooms/entries/:id/exit":       {act: tenants.EnterRoom, id: anInside},
	"POST /rooms/entries/:id/exit":      {act: tenants.EnterRoom, id: anInside, last: true},
	"GET /rooms/entries/:id/review":     {act: tenants.ApproveVisit, id: aTrespass},
	"POST /rooms/entries/:id/review":    {act: tenants.ApproveVisit, id: aTrespass, form: form("finding", "やむを得ないと認める"), last: true},
	"GET /rooms/:id":                    {act: tenants.ReadRoom, id: aRoom},
	"GET /rooms/:id/export":             {act: tenants.ReadRoom, id: aRoom, file: true},
	"GET /rooms/:id/entry":              {act: tenants.EnterRoom, id: aRoom},
	"POST /rooms/:id/entry": {act: tenants.EnterRoom, id: aRoom, last: true, form: func(c *console) url.Values {
		return form("who", fmt.Sprintf("person:%d", c.people["admin"]), "purpose", "巡回点検", "reason", "警報が鳴ったため")(c)
	}},
	"GET /rooms/:id/lock":      {act: tenants.EnterRoom, id: anEmpty},
	"POST /rooms/:id/lock":     {act: tenants.EnterRoom, id: anEmpty, form: form("done", "出入口の施錠", "found", "まだ使っていない")},
	"GET /rooms/:id/settings":  {act: tenants.WriteRoom, id: aRoom},
	"POST /rooms/:id/settings": {act: tenants.WriteRoom, id: aRoom, form: form("lock_minutes", "２０", "late_minutes", "60", "checklist", "出入口の施錠\n全ラックの施錠")},
}
