package incident

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/notice"
)

// The templates' own marks are [[ ]], so that {{ack}} and {{base}} stay as they are until the message leaves.
//
//go:embed letter.txt letter.html digest.txt digest.html
var letterFiles embed.FS

var (
	textLetters = texttemplate.Must(texttemplate.New("").Delims("[[", "]]").ParseFS(letterFiles, "*.txt"))
	htmlLetters = htmltemplate.Must(htmltemplate.New("").Delims("[[", "]]").ParseFS(letterFiles, "*.html"))
)

// place is what a letter says of a town, and whom there is to telephone.
type place struct {
	ID                             int64
	Name, Zone                     string
	Host                           string // the host town's name
	HostPost, HostPhone, HostHours string // its first contact with a telephone
	zone                           *time.Location
}

func placesOf(tx *tenants.Tx, towns []int64) (map[int64]place, error) {
	var rows []place
	err := tx.DB.Raw(`SELECT t.id, t.name, t.zone, coalesce(h.name, '') AS host,
			coalesce(c.post, '') AS host_post, coalesce(c.phone, '') AS host_phone, coalesce(c.hours, '') AS host_hours
		FROM tenant t LEFT JOIN tenant h ON h.consortium_id = t.consortium_id AND h.kind = 'host'
		LEFT JOIN LATERAL (SELECT post, phone, hours FROM contact WHERE tenant_id = h.id AND retired_at IS NULL AND phone <> ''
			ORDER BY position, id LIMIT 1) c ON true
		WHERE t.id = ANY (CAST(@towns AS bigint[]))`, map[string]any{"towns": &towns}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the towns of incidents: %w", err)
	}
	places := make(map[int64]place, len(rows))
	for _, p := range rows {
		p.zone = zoneOf(p.Zone)
		places[p.ID] = p
	}
	return places, nil
}

// zoneOf is a town's zone; one that the system's table has lost is shown as UTC rather than silencing a letter.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// facts is all a letter depends on.
type facts struct {
	kind     string // of notice
	number   int    // 第n報: how many messages went before it, plus one
	place    place
	incident Incident
	now      time.Time
	to       Rung
	others   []Rung           // who else has been or will be told, in order
	ack      *Acknowledgement // the newest answer so far
}

// page is what the templates show.
type page struct {
	Kind, Headline string
	To             string
	listed                  // of one incident; empty where Listed has several
	Listed         []listed // the worst first
	Count, Rest    int      // how many there are, and how many of them Listed leaves out
	Urgent         bool
	Others         []other
	Host, HostLine string
	English        string
}

// listed is what a letter says of one incident.
type listed struct {
	N                int // in a list, from 1
	Subject, What    string
	Night, Due       string
	Since            string
	Broken           *broken // the promise that was not kept
	Resolved, Lasted string
	Calm             bool // not urgent, in a list where others are
}

type broken struct{ Who, Said, Until string }

type other struct{ When, Who, What string }

// write makes a letter about one incident. It is pure: the same facts give the same words.
func write(f facts) (notice.Message, error) {
	p := f.place.page(f.kind, f.to, f.others, f.now)
	p.listed, p.Urgent = f.place.list(f.incident, f.ack), f.incident.Severity == Critical
	p.English = strings.TrimSuffix(f.incident.Reason.In("en"), ".") + ". Please acknowledge by the link above."
	short := strings.TrimSuffix(f.incident.Reason.Short("ja"), "。")
	mark := "棚守"
	name := f.place.Name + "「" + f.incident.Subject + "」"
	switch f.kind {
	case notice.Opened:
		p.Headline = name + "に異常があります。"
	case notice.Repeated:
		p.Headline = name + "の異常について、まだ受領のお知らせがありません。"
	case notice.Reopened:
		p.Headline = name + "は、約束の時刻を過ぎましたが復旧を確かめられていません。"
		short = "約束の時刻を過ぎました"
	case notice.Resolved:
		p.Headline = name + "は復旧しました。"
		p.English = "this incident is resolved; nothing needs to be done."
		short = "復旧しました"
	}
	if f.number > 1 && f.kind != notice.Resolved {
		mark = fmt.Sprintf("棚守・第%d報", f.number)
	}
	return p.message("letter", f.to, f.incident, "【"+mark+"】"+f.place.Name+" "+f.incident.Subject+"："+short)
}

// line is whom there is to telephone, "" where nobody is.
func (w place) line() string {
	if w.HostPhone == "" {
		return ""
	}
	line := strings.TrimSpace(w.Host+" "+w.HostPost) + "　電話 " + w.HostPhone
	if w.HostHours != "" {
		line += "（" + w.HostHours + "）"
	}
	return line
}

// page begins a letter: to whom it goes, who else knows, and whom to call.
func (w place) page(kind string, to Rung, others []Rung, now time.Time) page {
	p := page{Kind: kind, To: strings.TrimSpace(w.Name+" "+to.Post) + "\n" + to.Name, Host: w.Host, HostLine: w.line()}
	for _, r := range others {
		p.Others = append(p.Others, told(r, now, w.zone))
	}
	return p
}

// list says what there is to say of one incident.
func (w place) list(i Incident, ack *Acknowledgement) listed {
	l := listed{Subject: i.Subject, What: sentence(i.Reason), Since: stamp(i.OpenedAt, w.zone)}
	if i.Night != nil {
		l.Night = i.Night.WarekiWeekday() + "の夜の分"
	}
	if due := i.Reason.Params["due"]; due != "" && !strings.Contains(l.What, due) {
		l.Due = due + "まで"
	}
	if ack != nil {
		l.Broken = &broken{Who: ack.ByText, Said: ack.Promise, Until: stamp(ack.Until, w.zone)}
	}
	if i.ResolvedAt != nil {
		l.What, l.Night, l.Due = i.Resolution, "", ""
		l.Resolved, l.Lasted = stamp(*i.ResolvedAt, w.zone), lasted(i.ResolvedAt.Sub(i.OpenedAt))
	}
	return l
}

// message fills the templates of that name; lead is what the letter's link answers for.
func (p page) message(name string, to Rung, lead Incident, subject string) (notice.Message, error) {
	var text, markup bytes.Buffer
	if err := textLetters.ExecuteTemplate(&text, name+".txt", p); err != nil {
		return notice.Message{}, fmt.Errorf("write a letter about incident %d: %w", lead.ID, err)
	}
	if err := htmlLetters.ExecuteTemplate(&markup, name+".html", p); err != nil {
		return notice.Message{}, fmt.Errorf("write a letter about incident %d: %w", lead.ID, err)
	}
	m := notice.Message{
		Town: lead.TenantID, Kind: p.Kind, About: "incident", AboutID: lead.ID, Dedup: fmt.Sprintf("rung:%d", to.ID),
		ToPost: to.Post, ToName: to.Name, ToAddress: to.Mail, Subject: clip(subject, 120), Text: text.String(), HTML: markup.String(),
	}
	if p.Kind == notice.Resolved {
		m.Dedup = fmt.Sprintf("resolved:%d:%s", lead.ID, to.Mail)
	} else {
		m.LinkFor = LinkFor(to.ID)
	}
	return m, nil
}

// LinkFor names a rung in a mail's link, see notice.Token.
func LinkFor(rungID int64) string { return fmt.Sprintf("rung:%d", rungID) }

// RungOf reads what LinkFor wrote.
func RungOf(linkFor string) (rungID int64, ok bool) {
	n, err := fmt.Sscanf(linkFor, "rung:%d", &rungID)
	return rungID, err == nil && n == 1 && rungID > 0 && LinkFor(rungID) == linkFor
}

// told is one line of who else knows.
func told(r Rung, now time.Time, zone *time.Location) other {
	o := other{Who: strings.TrimSpace(r.Post + " " + r.Name)}
	switch {
	case r.State == RungFired && r.NoticeID != nil:
		o.When, o.What = hour(*r.FiredAt, now, zone), "連絡済み"
	case r.State == RungFired:
		o.When, o.What = hour(*r.FiredAt, now, zone), "メールの宛先がなく、連絡できていません"
	default:
		o.When, o.What = hour(r.DueAt, now, zone), "受領がなければ連絡します"
		if r.Mail == "" {
			o.What = "メールの宛先がありません"
		}
	}
	return o
}

// stamp is a moment in full: 令和8年11月21日（土）02:31.
func stamp(t time.Time, zone *time.Location) string {
	return calendar.DateOf(t, zone).WarekiWeekday() + t.In(zone).Format("15:04")
}

// hour is a moment as people say it on the same day, with the day where it is another.
func hour(t, now time.Time, zone *time.Location) string {
	if calendar.DateOf(t, zone) == calendar.DateOf(now, zone) {
		return t.In(zone).Format("15:04")
	}
	return t.In(zone).Format("1月2日15:04")
}

// lasted is a duration in words, rounded to the minute.
func lasted(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	days, hours := minutes/(24*60), minutes/60%24
	switch {
	case days > 0:
		return fmt.Sprintf("%d日%d時間", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d時間%d分", hours, minutes%60)
	}
	return fmt.Sprintf("%d分", minutes)
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// sentence is a reason as one sentence of Japanese, ended as one.
func sentence(r tenants.Reason) string {
	text := strings.TrimSpace(r.In("ja"))
	return strings.TrimSuffix(cmp.Or(text, r.Code), "。") + "。"
}
