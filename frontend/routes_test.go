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

	aBuilding = func(p place) int64 { return p.building }
	anArea    = func(p place) int64 { return p.area }
	aRack     = func(p place) int64 { return p.rack }
	aThing    = func(p place) int64 { return p.thing }

	aCredential = func(p place) int64 { return p.credential }
	aNote       = func(p place) int64 { return p.note }
)

// correctedForm makes the note of むかわ町 say something else than it says now.
func correctedForm(c *console) url.Values {
	was := tenantstest.Value[string](c.Bench, `SELECT coalesce((SELECT becomes ->> 'text' FROM correction WHERE ledger = 'incident_event' AND row_id = e.id ORDER BY n DESC LIMIT 1), e.detail ->> 'text')
		FROM incident_event e WHERE id = $1`, c.mukawa.note)
	return form("was_text", was, "text", was+"。", "reason", "書き誤り")(c)
}

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
var rules = join(keyRules, roomRules, map[string]rule{
	"GET /":         {status: 303},
	"GET /signin":   {public: true, status: 303}, // who is signed in already is led on
	"POST /signin":  {public: true, status: 422, form: form("login", "nobody", "password", "wrong wrong wrong")},
	"POST /signout": {public: true, last: true},
	"GET /session":  {script: true},
	"POST /session": {script: true, status: 200},
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

	"GET /racks":                           {act: tenants.ReadRack},
	"GET /racks/new":                       {act: tenants.WriteRack},
	"POST /racks":                          {act: tenants.WriteRack, form: newRack},
	"GET /racks/labels":                    {act: tenants.WriteRack},
	"GET /racks/buildings/new":             {act: tenants.WriteRack},
	"POST /racks/buildings":                {act: tenants.WriteRack, form: newBuilding},
	"GET /racks/buildings/:id":             {act: tenants.WriteRack, id: aBuilding},
	"POST /racks/buildings/:id":            {act: tenants.WriteRack, id: aBuilding, form: form("name", "本庁舎")},
	"POST /racks/buildings/:id/retirement": {act: tenants.WriteRack, id: aBuilding, status: 422}, // it still holds an area
	"GET /racks/areas/new":                 {act: tenants.WriteRack},
	"POST /racks/areas":                    {act: tenants.WriteRack, form: newArea},
	"GET /racks/areas/:id":                 {act: tenants.WriteRack, id: anArea},
	"POST /racks/areas/:id":                {act: tenants.WriteRack, id: anArea, form: areaForm("サーバ室")},
	"POST /racks/areas/:id/retirement":     {act: tenants.WriteRack, id: anArea, status: 422},
	"GET /racks/:id":                       {act: tenants.ReadRack, id: aRack},
	"GET /racks/:id/edit":                  {act: tenants.WriteRack, id: aRack},
	"POST /racks/:id":                      {act: tenants.WriteRack, id: aRack, form: rackForm("A-03", "3")},
	"POST /racks/:id/retirement":           {act: tenants.WriteRack, id: aRack, status: 422},
	"POST /racks/:id/label":                {act: tenants.WriteRack, id: aRack, last: true},
	"GET /racks/:rack/equipment/new":       {act: tenants.WriteRack, id: aRack},
	"POST /racks/:rack/equipment":          {act: tenants.WriteRack, id: aRack, form: newThing},
	"GET /racks/equipment/:id":             {act: tenants.WriteRack, id: aThing},
	"POST /racks/equipment/:id":            {act: tenants.WriteRack, id: aThing, form: thingForm("12")},
	"POST /racks/equipment/:id/retirement": {act: tenants.WriteRack, id: aThing, last: true},
	"GET /racks/:rack/checks/new":          {act: tenants.CheckRack, id: aRack},
	"POST /racks/:rack/checks":             {act: tenants.CheckRack, id: aRack, form: form("occurred_at", "2026-11-21T07:30", "fixed", "on", "lockable", "on", "dedicated", "on")},
	"GET /at":                              {act: tenants.ReadRack, status: 422},
	"GET /at/:code":                        {act: tenants.ReadRack, status: 303},
	"GET /towns/:town/racks":               {act: tenants.ReadOwnRacks},

	"GET /proposals": {act: tenants.ReadProposal},
	"POST /towns/:town/proposals/:id/confirmation": {act: tenants.Propose, status: 404, id: func(place) int64 { return 999999 }},
	"POST /towns/:town/proposals/:id/refusal":      {act: tenants.Propose, status: 404, id: func(place) int64 { return 999999 }},
	"GET /settings/towns/:town/morning":            {act: tenants.ReadMorning},
	"POST /settings/towns/:town/morning":           {act: tenants.SetMorning, form: form("at", "7:15", "days", "every", "readers.0.name", "町民生活課", "readers.0.mail", "kacho@town.example")},
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
	"GET /settings/custody":                                    {act: tenants.ReadCustody},
	"GET /settings/custody/new":                                {act: tenants.WriteCustody},
	"POST /settings/custody": {act: tenants.WriteCustody, form: func(c *console) url.Values {
		v := sealedForm(c)
		for name, value := range map[string]string{"kind": "management", "name": "個別パスワードの管理", "applies_to": "戸籍システム", "rotate_months": "６", "open_days": "7"} {
			v.Set(name, value)
		}
		return v
	}},
	"GET /settings/custody/management":          {act: tenants.WriteCustody},
	"POST /settings/custody/management":         {act: tenants.WriteCustody, status: 422, form: form("envelope", "K-020", "place", "本庁舎 金庫")}, // not alone
	"GET /settings/custody/:id":                 {act: tenants.ReadCustody, id: aCredential},
	"GET /settings/custody/:id/terms":           {act: tenants.WriteCustody, id: aCredential},
	"POST /settings/custody/:id/terms":          {act: tenants.WriteCustody, id: aCredential, form: form("kind", "startup", "name", "戸籍サーバ（正）", "applies_to", "起動画面", "rotate_months", "6", "open_days", "3")},
	"GET /settings/custody/:id/:act":            {act: tenants.WriteCustody, id: aCredential},
	"POST /settings/custody/:id/:act":           {act: tenants.WriteCustody, id: aCredential, form: sealedForm},
	"GET /corrections":                          {act: tenants.ReadCorrection},
	"GET /towns/:town/corrections/:ledger/:id":  {act: tenants.ReadCorrection, id: aNote},
	"POST /towns/:town/corrections/:ledger/:id": {act: tenants.NoteIncident, id: aNote, form: correctedForm},
	"GET /settings/people":                      {act: tenants.ReadPeople},
	"GET /settings/people/new":                  {act: tenants.WritePeople},
	"GET /towns/:town/evidence":                 {act: tenants.ReadEvidence},
	"GET /towns/:town/evidence/checkpoint":      {act: tenants.ReadEvidence, file: true},
	"GET /towns/:town/evidence/records":         {act: tenants.ExportEvidence, file: true},
	"POST /towns/:town/evidence/keys":           {act: tenants.RotateEvidenceKey, form: form("reason", "年度の更新")},
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
	"POST /settings/people/:town/:id/tokens":                   {act: tenants.WritePeople, id: aMachine, status: 200, form: form("name", "監視", "days", "30")},
	"POST /settings/people/:town/:id/tokens/:token/revocation": {act: tenants.WritePeople, id: aMachine, last: true},
	"GET /settings/offices":                                    {act: tenants.ReadPeople},
	"POST /settings/offices":                                   {act: tenants.WritePeople, form: func(c *console) url.Values { return form("town", fmt.Sprint(c.mukawa.town), "name", "総務課長")(c) }},
	"GET /settings/offices/:town/:id":                          {act: tenants.ReadPeople, id: anOffice},
	"POST /settings/offices/:town/:id/handovers":               {act: tenants.WritePeople, id: anOffice, form: func(c *console) url.Values { return form("to", fmt.Sprint(c.people["mihon"]), "from_on", "R9.4.1")(c) }},
	"POST /settings/offices/:town/:id/posts":                   {act: tenants.WritePeople, id: anOffice, form: form("kind", "town", "title", "連絡員", "manner", "appointment")},
	"POST /settings/offices/:town/:id/posts/:post/retirement":  {act: tenants.WritePeople, id: anOffice, last: true},
	"POST /settings/offices/:town/:id/handovers/withdrawal":    {act: tenants.WritePeople, id: anOffice},
	"GET /settings/people/procedures":                          {act: tenants.ReadPeople},
	"GET /settings/people/:town/:id/procedures/:procedure":     {act: tenants.WritePeople},
	"POST /settings/people/:town/:id/procedures/:procedure":    {act: tenants.WritePeople, status: 200, last: true, form: form("reason", "本人が忘れたため")},
	"POST /settings/people/:town/:id/disabling":                {act: tenants.WritePeople, last: true},
	"GET /settings/password":                                   {},
	"POST /settings/password":                                  {status: 422, form: form("old", "not it at all", "new", "a long new sentence", "again", "a long new sentence")},
	"GET /settings/tokens":                                     {act: tenants.OwnTokens},
	"POST /settings/tokens":                                    {act: tenants.OwnTokens, status: 200, form: form("name", "集計", "days", "30")},
	"POST /settings/tokens/:id/revocation":                     {act: tenants.OwnTokens, status: 404, id: func(place) int64 { return 999999 }}, // nobody else's token can be revoked
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
})
