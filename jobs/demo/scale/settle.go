package scale

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
)

// tables are the heaps.
type tables struct {
	consortium, tenant, ladder, contact, person, post, server, store, duty, source, sourceState, plan, dutyState,
	occurrence, checkin, run, verification, confirmation, excuse, incident, notice, attempt, rung, ack, event, log *heap
}

// evidence are the tables that grow with the years.
var evidence = []string{"occurrence", "checkin", "run", "verification", "confirmation", "excuse", "incident", "notice", "attempt", "rung",
	"acknowledgement", "incident_event", "operation_log"}

// heapsInOrder makes the heaps; what is linked to is made, and so written, before what links to it.
func (w *writer) heapsInOrder() tables {
	return tables{
		consortium: w.heap("consortium", "id name demo created_at"),
		tenant:     w.heap("tenant", "id consortium_id code kind name kana zone joined_on search ping_key created_at"),
		ladder:     w.heap("ladder", "tenant_id id name delays_minutes repeat_minutes"),
		contact:    w.heap("contact", "tenant_id id position post name mail phone hours created_at"),
		person:     w.heap("person", "tenant_id id login name password_hash created_at"),
		post:       w.heap("post", "tenant_id id person_id kind title from_on"),
		server:     w.heap("server", "tenant_id id position name role rack_place search created_at"),
		store:      w.heap("store", "tenant_id id name kind root created_at"),
		duty: w.heap("duty", "tenant_id id kind about_id subject work position cron zone policy early_minutes window_minutes grace_minutes "+
			"longest_minutes severity ladder_id active_from planned_until"),
		source:      w.heap("source", "tenant_id id uuid slug kind about_id created_at"),
		sourceState: w.heap("source_state", "tenant_id source_id seq last_at last_kind"),
		plan: w.heap("plan", "tenant_id id server_id name duty_id source_id store_id pattern reports manifest required_level deviation_k "+
			"settle_minutes created_at"),
		dutyState: w.heap("duty_state", "tenant_id duty_id occurrence_id scheduled_at due_at night verdict reason_code reason_params judged_at changed_at"),
		occurrence: w.heap("occurrence", "tenant_id id duty_id period night opens_at scheduled_at due_at judge_at look_at started_at finish_by arrived_at "+
			"settle_by outcome outcome_at outcome_code outcome_params verdict reason_code reason_params judged_at recovered_at recovered_code recovered_params"),
		checkin: w.heap("checkin", "tenant_id id source_id at kind exit_status rid method remote agent content_type body taken_at"),
		run: w.heap("run", "tenant_id id plan_id occurrence_id night rid started_at finished_at duration_ms reported exit_status said_bytes said_files "+
			"said_sha256 tool file_name file_bytes file_at file_sha256 format entries level outcome reason_code reason_params verified_at recorded_at"),
		verification: w.heap("verification", "tenant_id id run_id examination level outcome reason_code reason_params at took_ms"),
		confirmation: w.heap("confirmation", "tenant_id id occurrence_id at person_id person post verdict note"),
		excuse:       w.heap("excuse", "tenant_id id occurrence_id at person_id person reason"),
		incident: w.heap("incident", "tenant_id id cause about about_id subject night severity reason_code reason_params state opened_at repeat_minutes "+
			"ack_until resolved_at resolution"),
		notice: w.heap("notice", "tenant_id id dedup kind about about_id channel to_post to_name to_address subject body_text body_html link_for "+
			"message_id state queued_at next_at tries sent_at"),
		attempt: w.heap("attempt", "tenant_id id notice_id n started_at ended_at outcome detail"),
		rung:    w.heap("rung", "tenant_id id incident_id position contact_id post name mail phone hours after_minutes due_at state fired_at notice_id"),
		ack:     w.heap("acknowledgement", "tenant_id id incident_id rung_id occurred_at recorded_at via by_id by_text recorded_by promise until"),
		event:   w.heap("incident_event", "tenant_id id incident_id at kind by_id by_text detail"),
		log:     w.heap("operation_log", "tenant_id id at actor_id actor post act object object_id after request_id remote"),
	}
}

// place is one town.
type place struct {
	id, consortium, ladder, store, person int64
	contacts                              []call
	name                                  string
	host                                  *place
	machines                              []machine
	whole                                 bool // every night of it is kept
}

// call is one of a town's contacts.
type call struct {
	id               int64
	post, name, mail string
	phone, hours     string
}

// machine is one server with its plan.
type machine struct {
	server, plan, duty, source int64
	name                       string
}

// Who confirms, and what people are called.
const (
	operator      = "住民福祉課 戸籍係 見本 二郎"
	operatorTitle = "住民福祉課 戸籍係"
)

// ahead is for how many days occurrences stand in advance; the planner goes on from there.
const ahead = 2

func (l *loader) settle(ctx context.Context) error {
	l.say("%d団体、%d台、%d夜分のうち共通の%d夜を用意します…", l.Towns, l.Towns*l.Servers, l.Nights, len(l.shared))
	since := l.newest.AddDays(-l.Nights-30).At(9, 0, l.zone)
	var hosts []*place
	for i := range l.Consortia {
		id := l.tables.consortium.next()
		l.tables.consortium.add(id, fmt.Sprintf("見本戸籍共同利用%d", i+1), true, since)
	}
	for i := range l.Towns {
		t := &place{id: l.tables.tenant.next(), consortium: int64(i%l.Consortia) + 1, name: fmt.Sprintf("見本町%04d", i+1)}
		t.whole = t.consortium == 1 && i/l.Consortia < l.WholeTowns
		kind := "member"
		if i < l.Consortia {
			kind, hosts = "host", append(hosts, t)
		}
		t.host = hosts[t.consortium-1]
		kana, code := "みほんちょう", townCode(90000+i)
		var key [16]byte
		binary.BigEndian.PutUint64(key[:], mix(1, uint64(i)))
		binary.BigEndian.PutUint64(key[8:], mix(2, uint64(i)))
		l.tables.tenant.add(t.id, t.consortium, code, kind, t.name, kana, zoneName, date(l.newest.AddDays(-l.Nights-30)), tenants.SearchKey(t.name, kana, code),
			base64.RawURLEncoding.EncodeToString(key[:]), since)
		l.people(t, i, since)
		l.equip(t, i, since)
		l.towns = append(l.towns, t)
	}
	l.out.TownID, l.out.PlanID, l.out.Consortium = l.towns[l.Consortia].id, l.towns[l.Consortia].machines[0].plan, 1
	l.out.Towns = (l.Towns + l.Consortia - 1) / l.Consortia
	l.out.Duties = l.out.Towns * l.Servers
	return l.flush(ctx, true)
}

func (l *loader) people(t *place, i int, since time.Time) {
	from := date(calendar.DateOf(since, l.zone))
	add := func(login, name, kind, title string) int64 {
		id := l.tables.person.next()
		l.tables.person.add(t.id, id, login, name, "", since)
		l.tables.post.add(t.id, l.tables.post.next(), id, kind, title, from)
		return id
	}
	suffix := ""
	if t.consortium > 1 {
		suffix = fmt.Sprintf("%d", t.consortium)
	}
	if t == t.host || t.host == nil {
		t.person = add("admin"+suffix, "見本 花子", string(tenants.HostAdmin), "住民福祉課長")
		add("operator"+suffix, "見本 二郎", string(tenants.Operator), operatorTitle)
		add("facility"+suffix, "見本 一郎", string(tenants.Facility), "データセンター")
		add("auditor"+suffix, "見本 桜", string(tenants.Auditor), "監査委員事務局")
		return
	}
	login := fmt.Sprintf("town%04d", i+1)
	if i == l.Consortia { // the one whose password is told
		login = "town"
	}
	t.person = add(login, "見本 太郎", string(tenants.Town), "町民生活課長")
}

func (l *loader) equip(t *place, i int, since time.Time) {
	t.ladder = l.tables.ladder.next()
	l.tables.ladder.add(t.id, t.ladder, "標準", []int32{0, 15, 30}, 30)
	for n, c := range []call{{post: "戸籍係長", name: "見本 次郎"}, {post: "町民生活課長", name: "見本 太郎"}, {post: "副町長", name: "見本 梅"}} {
		c.id, c.mail = l.tables.contact.next(), fmt.Sprintf("c%d@town%04d.example", n+1, i+1)
		c.phone, c.hours = fmt.Sprintf("000-%04d-%04d", i+1, n+1), "平日 8:30〜17:15"
		l.tables.contact.add(t.id, c.id, n+1, c.post, c.name, c.mail, c.phone, c.hours, since)
		t.contacts = append(t.contacts, c)
	}
	t.store = l.tables.store.next()
	l.tables.store.add(t.id, t.store, "専用領域", "dir", fmt.Sprintf("/nonexistent/tanamori/%04d", i+1), since)
	planned := l.newest.AddDays(ahead+1).At(12, 0, l.zone)
	for n := range l.Servers {
		m := machine{server: l.tables.server.next(), plan: l.tables.plan.next(), duty: l.tables.duty.next(), source: l.tables.source.next(),
			name: fmt.Sprintf("戸籍%02d", n+1)}
		l.tables.server.add(t.id, m.server, n+1, m.name, "戸籍サーバ", fmt.Sprintf("A-%02d U%02d", n/8+1, n%8*4+2), tenants.SearchKey(m.name, "戸籍サーバ"), since)
		in := backup.Defaults(zoneName)
		l.tables.duty.add(t.id, m.duty, backup.Kind, m.plan, m.name, in.Name, n+1, in.Cron, in.Zone, string(in.Policy), in.EarlyMinutes, in.WindowMinutes,
			in.GraceMinutes, in.LongestMinutes, in.Severity, t.ladder, since, planned)
		l.tables.source.add(t.id, m.source, key(3, t.id, m.source), fmt.Sprintf("backup-%d", m.plan), backup.Kind, m.plan, since)
		l.tables.sourceState.add(t.id, m.source, int64(2*len(l.shared)), l.newest.AddDays(1).At(2, 40, l.zone), "success")
		l.tables.plan.add(t.id, m.plan, m.server, in.Name, m.duty, m.source, t.store, m.name+"-{YYYY}{MM}{DD}.tar.gz", true, in.Manifest,
			int16(in.RequiredLevel), numeric(in.DeviationK), in.SettleMinutes, since)
		t.machines = append(t.machines, m)
	}
}

// townCode is a local government code with its check digit; those of 90 and up are nobody's.
func townCode(five int) string {
	sum, rest := 0, five
	for weight := 2; weight <= 6; weight++ {
		sum += weight * (rest % 10)
		rest /= 10
	}
	return fmt.Sprintf("%05d%d", five, (11-sum%11)%10)
}

// key makes up a UUID.
func key(of uint64, a, b int64) (u [16]byte) {
	binary.BigEndian.PutUint64(u[:], mix(of, uint64(a), uint64(b)))
	binary.BigEndian.PutUint64(u[8:], mix(of+100, uint64(a), uint64(b)))
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

func date(d calendar.Date) time.Time { return d.UTCMidnight() }

func numeric(tenths float64) pgtype.Numeric {
	var n pgtype.Numeric
	if err := n.Scan(fmt.Sprintf("%.1f", tenths)); err != nil {
		panic(err) // a number that was just written as one
	}
	return n
}
