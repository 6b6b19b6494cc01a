package frontend_test

import (
	"fmt"
	"net/url"

	"tanamori/tenants"
)

var (
	aKey     = func(p place) int64 { return p.keyIn }
	aKeyItem = func(p place) int64 { return p.keyItem }
	aRequest = func(p place) int64 { return p.keyAsked }
	aCabinet = func(p place) int64 { return p.keyCabinet }
	aCount   = func(p place) int64 { return p.keyCount }
)

// keyRules are the rules of the routes of keys.
var keyRules = map[string]rule{
	"GET /keys":                       {act: tenants.ReadKey},
	"GET /keys/book":                  {act: tenants.ReadKey},
	"GET /keys/book/export":           {act: tenants.ReadKey, file: true},
	"GET /keys/setting":               {act: tenants.WriteKey},
	"POST /keys/setting":              {act: tenants.WriteKey, form: form("grace_minutes", "１０", "backdate_hours", "24", "cylinder_days", "5")},
	"GET /keys/copies/:id":            {act: tenants.ReadKey, id: aKey},
	"POST /keys/copies/:id/label":     {act: tenants.WriteKey, id: aKey},
	"GET /keys/copies/:id/:act":       {act: tenants.LendKey, id: aKey},
	"POST /keys/copies/:id/:act":      {act: tenants.LendKey, id: aKey, form: form("occurred_at", "2026-11-21T07:30", "reason", "異常なし")},
	"GET /keys/loans/:id":             {act: tenants.ReadKey, id: aRequest},
	"POST /keys/loans/:id/approval":   {act: tenants.AuthoriseKey, id: aRequest, last: true}, // one is enough
	"POST /keys/loans/:id/refusal":    {act: tenants.AuthoriseKey, id: aRequest, status: 422, form: form("reason", "")},
	"POST /keys/loans/:id/withdrawal": {act: tenants.LendKey, id: aRequest, status: 422}, // somebody else's
	"POST /keys/loans/:id/handout":    {act: tenants.LendKey, id: aRequest, status: 422}, // nobody has agreed
	"GET /keys/items/new":             {act: tenants.WriteKey},
	"POST /keys/items":                {act: tenants.WriteKey, status: 422, form: form("kind", "key", "name", "鍵", "authorisers", "1", "due_clock", "17：00")}, // opens nothing
	"GET /keys/items/:id":             {act: tenants.ReadKey, id: aKeyItem},
	"GET /keys/items/:id/terms":       {act: tenants.WriteKey, id: aKeyItem},
	"POST /keys/items/:id/terms": {act: tenants.WriteKey, id: aKeyItem, form: func(c *console) url.Values {
		return form("kind", "key", "name", "サーバラックの鍵", "authorisers", "１", "due_clock", "17：00", "due_hours", "2", "opens", fmt.Sprintf("rack:%d", c.host.keyRack))(c)
	}},
	"POST /keys/items/:id/retirement": {act: tenants.WriteKey, id: aKeyItem, status: 422}, // it has copies
	"GET /keys/items/:id/:act":        {act: tenants.WriteKey, id: aKeyItem},
	"POST /keys/items/:id/:act":       {act: tenants.WriteKey, id: aKeyItem, status: 422, form: form("serial", "", "rank", "main", "number", "9", "slot", "9", "occurred_at", "2026-11-21T07:30")},
	"GET /keys/cabinets":              {act: tenants.ReadKey},
	"GET /keys/cabinets/new":          {act: tenants.WriteKey},
	"POST /keys/cabinets":             {act: tenants.WriteKey, status: 422, form: form("name", "", "slots", "10", "stock_months", "1")},
	"GET /keys/cabinets/:id":          {act: tenants.ReadKey, id: aCabinet},
	"GET /keys/cabinets/:id/terms":    {act: tenants.WriteKey, id: aCabinet},
	"POST /keys/cabinets/:id/terms": {act: tenants.WriteKey, id: aCabinet, form: func(c *console) url.Values {
		return form("name", "鍵保管庫", "area_id", fmt.Sprint(c.host.keyArea), "slots", "３０", "stock_months", "2")(c)
	}},
	"POST /keys/cabinets/:id/retirement": {act: tenants.WriteKey, id: aCabinet, status: 422}, // keys belong in it
	"GET /keys/cabinets/:id/inventory":   {act: tenants.LendKey, id: aCabinet},
	"POST /keys/cabinets/:id/inventory":  {act: tenants.LendKey, id: aCabinet, form: form("codes", "", "accept", "on")},
	"GET /keys/inventories/:id":          {act: tenants.ReadKey, id: aCount},
}
