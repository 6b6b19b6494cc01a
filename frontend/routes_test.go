package frontend_test

import (
	"fmt"
	"net/url"

	"tanamori/tenants"
	"tanamori/tenants/observance"
	"tanamori/tenants/tenantstest"
)

// rule is what a route asks of whoever comes.
type rule struct {
	act    tenants.Act                 // "": anybody who is signed in
	public bool                        // nobody signs in for it
	id     func(p place) int64         // what :id stands for
	form   func(c *console) url.Values // a right form, for a POST
	status int                         // of a right request; 0: 200 for a GET, 303 for a POST
	town   bool                        // a town's own people are led elsewhere (303)
	host   bool                        // for whoever acts for the host only; others get 404
	last   bool                        // done at the end: it takes away what others need
	stream bool                        // never ends by itself
	file   bool                        // is no page
	script bool                        // asked by a script, which is told in its own words
}

func form(pairs ...string) func(*console) url.Values {
	return func(*console) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
}

var (
	aServer   = func(p place) int64 { return p.server }
	aContact  = func(p place) int64 { return p.contact }
	aLadder   = func(p place) int64 { return p.ladder }
	aStore    = func(p place) int64 { return p.store }
	aPlan     = func(p place) int64 { return p.plan }
	aRun      = func(p place) int64 { return p.run }
	anOffice  = func(p place) int64 { return p.office }
	aMachine  = func(p place) int64 { return p.machine }
	aPost     = func(p place) int64 { return p.post }
	aComing   = func(p place) int64 { return p.coming }
	anOutcome = func(p place) int64 { return p.incident }

	aCredential = func(p place) int64 { return p.credential }

	aRoom     = func(p place) int64 { return p.room }
	anInside  = func(p place) int64 { return p.inside }
	aListed   = func(p place) int64 { return p.listed }
	aBadge    = func(p place) int64 { return p.badge }
	aWorn     = func(p place) int64 { return p.worn }
	aVisit    = func(n int) func(p place) int64 { return func(p place) int64 { return p.visits[n] } }
	anEmpty   = func(p place) int64 { return p.empty }
	aTrespass = func(p place) int64 { return p.unpermitted }
)

// sealedForm says that something was sealed, by the administrator before the operator.
func sealedForm(c *console) url.Values {
	return form("occurred_at", "2026-11-21T07:30", "by_id", fmt.Sprint(c.people["admin"]), "witness_id", fmt.Sprint(c.people["operator"]), "envelope", "K-009", "place", "金庫", "reason", "停電後の起動のため")(c)
}

func planForm(name string) func(c *console) url.Values {
	return func(c *console) url.Values {
		return form("server_id", fmt.Sprint(c.mukawa.server), "name", name, "cron", "30 1 * * *", "zone", "Asia/Tokyo", "policy", "every_day", "early_minutes", "60",
			"window_minutes", "９０", "grace_minutes", "30", "longest_minutes", "60", "store_id", fmt.Sprint(c.mukawa.store), "pattern", "koseki-{YYYY}{MM}{DD}.txt",
			"manifest", "any", "required_level", "4", "deviation_k", "3.5", "settle_minutes", "60", "severity", "warning", "ladder_id", fmt.Sprint(c.mukawa.ladder), "reports", "on")(c)
	}
}

// rules holds every route of the page door. A route that is missing here fails TestNoRouteIsForgotten.
var rules = map[string]rule{
	"GET /":         {status: 303},
	"GET /signin":   {public: true, status: 303}, // who is signed in already is led on
	"POST /signin":  {public: true, status: 422, form: form("login", "nobody", "password", "wrong wrong wrong")},
	"POST /signout": {public: true, last: true},
	"GET /lang":     {public: true, status: 303},
	// The second step answers whoever came to it without the first one with the first.
	"POST /signin/second":            {public: true, status: 422, form: form("code", "123456")},
	"POST /signin/passkey/challenge": {public: true, status: 409}, // no passkeys at this address
	"POST /signin/passkey":           {public: true, status: 409, script: true},
	"GET /signin/sso":                {public: true, status: 404}, // none is set up
	"GET /signin/sso/done":           {public: true, status: 404},
	"POST /confirm":                  {public: true, form: form("next", "/settings")},

	"GET /board":      {act: tenants.ReadBoard},
	"GET /board/live": {act: tenants.ReadBoard},
	"GET /events":     {stream: true},
	"POST /confirmations": {act: tenants.Confirm, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "occurrence", fmt.Sprint(c.mukawa.occurrence))(c)
	}},
	"POST /confirmations/fine": {act: tenants.Confirm, form: form("night", "2026-11-19")},

	"GET /incidents":                                   {act: tenants.ReadIncident},
	"GET /towns/:town/incidents/:id":                   {act: tenants.ReadIncident, id: anOutcome},
	"GET /towns/:town/incidents/:id/live":              {act: tenants.ReadIncident, id: anOutcome},
	"POST /towns/:town/incidents/:id/acknowledgements": {act: tenants.Acknowledge, id: anOutcome, form: form("quick", "vendor", "until", "2026-11-21T10:30")},
	"POST /towns/:town/incidents/:id/calls": {act: tenants.RecordCall, id: anOutcome, form: func(c *console) url.Values {
		return form("rung", fmt.Sprint(c.mukawa.rung), "at", "2026-11-21T07:20", "result", "answered", "promise", "10時までに見る", "until", "2026-11-21T11:00")(c)
	}},
	"POST /towns/:town/incidents/:id/notes": {act: tenants.NoteIncident, id: anOutcome, form: form("text", "回線を確認中")},
	"GET /a/:token":                         {public: true},
	"POST /a/:token":                        {public: true, status: 200, form: form("promise", "見ます")},

	"GET /towns":                              {act: tenants.ReadTown, town: true},
	"GET /towns/:town":                        {act: tenants.ReadTown},
	"GET /towns/:town/book":                   {act: tenants.ReadDuty},
	"GET /towns/:town/register":               {act: tenants.ReadRegister},
	"GET /towns/:town/plans/:id":              {act: tenants.ReadPlan, id: aPlan},
	"POST /towns/:town/runs/:id/verification": {act: tenants.Reverify, id: aRun},
	"POST /towns/:town/plans/:id/uuid":        {act: tenants.WritePlan, id: aPlan},
	"GET /towns/:town/plans/:id/excuse":       {act: tenants.Excuse, id: aPlan},
	"POST /towns/:town/plans/:id/excuse":      {act: tenants.Excuse, id: aPlan, form: form("night", "2026-11-25", "reason", "停電点検のため")},

	"GET /proposals": {act: tenants.ReadProposal},
	"POST /towns/:town/proposals/:id/confirmation": {act: tenants.Propose, status: 404, id: func(place) int64 { return 999999 }},
	"POST /towns/:town/proposals/:id/refusal":      {act: tenants.Propose, status: 404, id: func(place) int64 { return 999999 }},
	"GET /settings/towns/:town/second-person":      {act: tenants.ReadProposal},
	"POST /settings/towns/:town/second-person":     {act: tenants.WriteTown},
	"GET /outbox":              {act: tenants.ReadOutbox},
	"GET /log":                 {act: tenants.ReadTownLog},
	"GET /log/export":          {act: tenants.ExportLog, file: true},
	"GET /log/reviews":         {act: tenants.ReviewLog},
	"POST /log/reviews":        {act: tenants.ReviewLog, form: form("from_on", "令和8年11月20日", "to_on", "R8.11.20", "found", "none")},
	"POST /log/review-setting": {act: tenants.SetReview, form: form("day", "５", "days", "3")},
	"GET /demo/mailbox":        {host: true},

	"GET /settings":                                      {},
	"GET /settings/towns":                                {act: tenants.ReadTown, town: true},
	"GET /settings/towns/new":                            {act: tenants.WriteTown},
	"POST /settings/towns":                               {act: tenants.WriteTown, form: form("name", "愛別町", "kana", "あいべつちょう", "code", "014575", "zone", "Asia/Tokyo", "joined_on", "令和8年4月1日")},
	"GET /settings/towns/:town":                          {act: tenants.WriteTown},
	"POST /settings/towns/:town":                         {act: tenants.WriteTown, form: form("name", "むかわ町", "kana", "むかわちょう", "code", "015865", "zone", "Asia/Tokyo", "joined_on", "R2.4.1")},
	"GET /settings/towns/:town/ping-key":                 {act: tenants.ReadPingURL},
	"POST /settings/towns/:town/ping-key":                {act: tenants.WritePlan},
	"GET /settings/towns/:town/days":                     {act: tenants.ReadCalendar},
	"POST /settings/towns/:town/days":                    {act: tenants.WriteCalendar, form: form("day", "令和8年12月1日", "name", "開町記念日", "open", "closed")},
	"POST /settings/towns/:town/days/:day/removal":       {act: tenants.WriteCalendar, last: true},
	"GET /settings/towns/:town/servers":                  {act: tenants.ReadServer},
	"GET /settings/towns/:town/servers/new":              {act: tenants.WriteServer},
	"POST /settings/towns/:town/servers":                 {act: tenants.WriteServer, form: form("name", "附票", "role", "附票")},
	"GET /settings/towns/:town/servers/:id":              {act: tenants.WriteServer, id: aServer},
	"POST /settings/towns/:town/servers/:id":             {act: tenants.WriteServer, id: aServer, form: form("name", "戸籍正", "role", "戸籍", "position", "１")},
	"POST /settings/towns/:town/servers/:id/retirement":  {act: tenants.WriteServer, id: aServer, last: true},
	"GET /settings/towns/:town/contacts":                 {act: tenants.ReadContact},
	"GET /settings/towns/:town/contacts/new":             {act: tenants.WriteContact},
	"POST /settings/towns/:town/contacts":                {act: tenants.WriteContact, form: form("post", "宿直", "name", "見本 三郎", "mail", "shukuchoku@town.example", "phone", "0136-57-0003")},
	"POST /settings/towns/:town/contacts/order":          {act: tenants.WriteContact, form: func(c *console) url.Values { return form("contact", fmt.Sprint(c.mukawa.contact), "move", "down")(c) }},
	"GET /settings/towns/:town/contacts/:id":             {act: tenants.WriteContact, id: aContact},
	"POST /settings/towns/:town/contacts/:id":            {act: tenants.WriteContact, id: aContact, form: form("post", "住民係長", "name", "見本 次郎", "mail", "kakari@town.example")},
	"POST /settings/towns/:town/contacts/:id/retirement": {act: tenants.WriteContact, id: aContact, last: true},
	"GET /settings/towns/:town/ladders/:id":              {act: tenants.WriteTown, id: aLadder},
	"POST /settings/towns/:town/ladders/:id":             {act: tenants.WriteTown, id: aLadder, form: form("name", "標準", "delays", "0、20分 → 40", "repeat_minutes", "30")},
	"GET /settings/towns/:town/stores":                   {act: tenants.ReadPlan},
	"GET /settings/towns/:town/stores/new":               {act: tenants.WritePlan},
	"POST /settings/towns/:town/stores":                  {act: tenants.WritePlan, form: form("name", "予備", "kind", "dir", "root", "/srv/yobi")},
	"GET /settings/towns/:town/stores/:id":               {act: tenants.WritePlan, id: aStore},
	"POST /settings/towns/:town/stores/:id": {act: tenants.WritePlan, id: aStore, form: func(c *console) url.Values {
		return form("name", "NAS", "kind", "dir", "root", tenantstest.Value[string](c.Bench, `SELECT root FROM store WHERE id = $1`, c.mukawa.store))(c)
	}},
	"POST /settings/towns/:town/stores/:id/retirement":         {act: tenants.WritePlan, id: aStore, status: 422}, // a plan looks into it
	"GET /settings/towns/:town/plans":                          {act: tenants.ReadPlan},
	"GET /settings/towns/:town/plans/new":                      {act: tenants.WritePlan},
	"POST /settings/towns/:town/plans":                         {act: tenants.WritePlan, form: planForm("昼の控え")},
	"GET /settings/towns/:town/plans/:id":                      {act: tenants.WritePlan, id: aPlan},
	"POST /settings/towns/:town/plans/:id":                     {act: tenants.WritePlan, id: aPlan, form: planForm("夜間全件")},
	"POST /settings/towns/:town/plans/:id/retirement":          {act: tenants.WritePlan, id: aPlan, last: true},
	"GET /settings/towns/:town/volumes":                        {act: tenants.ReadRetention},
	"GET /towns/:town/volumes/:kind/:number":                   {act: tenants.ExportVolume, file: true},
	"GET /settings/retention":                                  {act: tenants.ReadRetention},
	"GET /settings/retention/:series":                          {act: tenants.SetRetention},
	"POST /settings/retention/:series":                         {act: tenants.SetRetention, form: form("years", "10", "reason", "規程の改正による")},
	"GET /observances":                                         {},
	"POST /observances/:document/:version/acceptance":          {act: tenants.AcceptObservance, form: form("sha256", observance.Hash(rulesText.Title, rulesText.Body))},
	"GET /settings/observances":                                {act: tenants.ReadObservance},
	"GET /settings/observances/new":                            {act: tenants.WriteObservance},
	"POST /settings/observances":                               {act: tenants.WriteObservance, form: form("title", "持込み機器の定め", "body", "私物の機器をつながないこと。", "from_on", "令和9年4月1日")},
	"GET /settings/observances/:document/:version":             {act: tenants.ReadObservance},
	"POST /settings/observances/:document/:version/withdrawal": {act: tenants.WriteObservance, last: true, form: form("from_on", "令和9年4月1日")},
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

	"GET /settings/custody":     {act: tenants.ReadCustody},
	"GET /settings/custody/new": {act: tenants.WriteCustody},
	"POST /settings/custody": {act: tenants.WriteCustody, form: func(c *console) url.Values {
		v := sealedForm(c)
		for name, value := range map[string]string{"kind": "management", "name": "個別パスワードの管理", "applies_to": "戸籍システム", "rotate_months": "６", "open_days": "7"} {
			v.Set(name, value)
		}
		return v
	}},
	"GET /settings/custody/:id":                          {act: tenants.ReadCustody, id: aCredential},
	"GET /settings/custody/:id/terms":                    {act: tenants.WriteCustody, id: aCredential},
	"POST /settings/custody/:id/terms":                   {act: tenants.WriteCustody, id: aCredential, form: form("kind", "startup", "name", "戸籍サーバ（正）", "applies_to", "起動画面", "rotate_months", "6", "open_days", "3")},
	"GET /settings/custody/:id/:act":                     {act: tenants.WriteCustody, id: aCredential},
	"POST /settings/custody/:id/:act":                    {act: tenants.WriteCustody, id: aCredential, form: sealedForm},
	"GET /settings/custody/:id/events/:event/correction": {act: tenants.WriteCustody, id: aCredential},
	"POST /settings/custody/:id/events/:event/correction": {act: tenants.WriteCustody, id: aCredential, form: func(c *console) url.Values {
		v := sealedForm(c)
		v.Set("reason", "書き誤り")
		return v
	}},
	"GET /settings/people":                 {act: tenants.ReadPeople},
	"GET /settings/people/new":             {act: tenants.WritePeople},
	"GET /towns/:town/evidence":            {act: tenants.ReadEvidence},
	"GET /towns/:town/evidence/checkpoint": {act: tenants.ReadEvidence, file: true},
	"GET /towns/:town/evidence/records":    {act: tenants.ExportEvidence, file: true},
	"POST /towns/:town/evidence/keys":      {act: tenants.RotateEvidenceKey, form: form("reason", "年度の更新")},
	"POST /towns/:town/evidence/witness":   {act: tenants.SetWitness, form: form("name", "町民生活課", "mail", "kacho@town.example")},
	"POST /settings/people": {act: tenants.WritePeople, status: 200, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "login", "mihon-goro", "name", "見本 五郎", "lang", "ja", "kind", "town", "title", "主事", "from_on", "令和8年4月1日")(c)
	}},
	"POST /settings/people/reminder": {act: tenants.WritePeople, form: form("days", "45")},
	"GET /settings/people/import":    {act: tenants.WritePeople},
	"POST /settings/people/import": {act: tenants.WritePeople, status: 200, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "text", "mihon-csv,見本 六郎,town,主事,R8.4.1,,")(c)
	}},
	"GET /settings/people/machines/new": {act: tenants.WritePeople},
	"POST /settings/people/machines": {act: tenants.WritePeople, form: func(c *console) url.Values {
		return form("town", fmt.Sprint(c.mukawa.town), "name", "監視サーバ", "kind", "town", "from_on", "R8.4.1", "no_end", "on", "acts", "board.read")(c)
	}},
	"GET /settings/people/:town/:id":           {act: tenants.ReadPeople},
	"POST /settings/people/:town/:id":          {act: tenants.WritePeople, form: form("name", "見本 mihon", "lang", "ja")},
	"GET /settings/people/:town/:id/posts/new": {act: tenants.WritePeople},
	"POST /settings/people/:town/:id/posts": {act: tenants.WritePeople, form: func(c *console) url.Values {
		return form("kind", "auditor", "at", fmt.Sprint(c.host.town), "title", "共同監査", "manner", "designation", "document", "蘭総第1号", "from_on", "R8.4.1", "towns", fmt.Sprint(c.mukawa.town))(c)
	}},
	"POST /settings/people/:town/posts/:id/end":                {act: tenants.WritePeople, id: aPost, form: form("until_on", "令和9年3月31日")},
	"POST /settings/people/:town/posts/:id/withdrawal":         {act: tenants.WritePeople, id: aComing, last: true},
	"POST /settings/people/:town/:id/enabling":                 {act: tenants.WritePeople},
	"POST /settings/people/:town/:id/tokens":                   {act: tenants.WritePeople, id: aMachine, status: 200, form: form("name", "監視", "days", "30")},
	"POST /settings/people/:town/:id/tokens/:token/revocation": {act: tenants.WritePeople, id: aMachine, last: true},
	"GET /settings/offices":                                    {act: tenants.ReadPeople},
	"POST /settings/offices":                                   {act: tenants.WritePeople, form: func(c *console) url.Values { return form("town", fmt.Sprint(c.mukawa.town), "name", "総務課長")(c) }},
	"GET /settings/offices/:town/:id":                          {act: tenants.ReadPeople, id: anOffice},
	"POST /settings/offices/:town/:id/handovers":               {act: tenants.WritePeople, id: anOffice, form: func(c *console) url.Values { return form("to", fmt.Sprint(c.people["mihon"]), "from_on", "R9.4.1")(c) }},
	"POST /settings/offices/:town/:id/posts":                   {act: tenants.WritePeople, id: anOffice, form: form("kind", "town", "title", "連絡員", "manner", "appointment")},
	"POST /settings/offices/:town/:id/posts/:post/retirement":  {act: tenants.WritePeople, id: anOffice, last: true},
	"POST /settings/people/:town/:id/password":                 {act: tenants.WritePeople, status: 200, last: true},
	"POST /settings/people/:town/:id/disabling":                {act: tenants.WritePeople, last: true},
	"GET /settings/password":                                   {},
	"POST /settings/password":                                  {status: 422, form: form("old", "not it at all", "new", "a long new sentence", "again", "a long new sentence")},
	"GET /settings/tokens":                                     {act: tenants.OwnTokens},
	"POST /settings/tokens":                                    {act: tenants.OwnTokens, status: 200, form: form("name", "集計", "days", "30")},
	"POST /settings/tokens/:id/revocation":                     {act: tenants.OwnTokens, status: 404, id: func(place) int64 { return 999999 }}, // nobody else's token can be revoked
	"POST /settings/people/:town/:id/factors":                  {act: tenants.WritePeople, status: 200, last: true},
	"GET /settings/uses":                                       {act: tenants.ReadSignIn},
	"POST /settings/uses/:town/:id/end":                        {act: tenants.WriteSignIn, id: func(p place) int64 { return p.signIn }},
	"GET /settings/sign-in":                                    {act: tenants.ReadSignIn},
	"POST /settings/sign-in/:town":                             {act: tenants.WriteSignIn, form: form("idle_minutes", "１０", "whole_hours", "12", "hours_from", "7：00", "hours_until", "20:00")},
	"GET /settings/sessions":                                   {},
	"POST /settings/sessions/:id/end":                          {status: 404, id: func(p place) int64 { return p.signIn }}, // nobody else's
	"GET /settings/factors":                                    {},
	"POST /settings/factors/totp":                              {status: 200},
	"POST /settings/factors/totp/confirmation":                 {status: 422, form: form("code", "000000x")},
	"POST /settings/factors/totp/removal":                      {},
	"POST /settings/factors/codes":                             {status: 200},
	"POST /settings/factors/passkeys/challenge":                {status: 409, script: true},
	"POST /settings/factors/passkeys":                          {status: 409, script: true},
	"POST /settings/factors/passkeys/:id/removal":              {status: 404, id: func(place) int64 { return 999999 }},
}
