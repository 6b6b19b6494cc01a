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
//go:embed letter.txt letter.html
var letterFiles embed.FS

var (
	textLetter = texttemplate.Must(texttemplate.New("letter.txt").Delims("[[", "]]").ParseFS(letterFiles, "letter.txt"))
	htmlLetter = htmltemplate.Must(htmltemplate.New("letter.html").Delims("[[", "]]").ParseFS(letterFiles, "letter.html"))
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
	Kind, Headline             string
	To, Place, Subject         string
	What, WhatEn, Night, Since string
	Due                        string
	Broken                     *broken // the promise that was not kept
	Resolved, Lasted           string
	Urgent                     bool
	Others                     []other
	Host, HostLine             string
}

type broken struct{ Who, Said, Until string }

type other struct{ When, Who, What string }

// write makes a letter. It is pure: the same facts give the same words.
func write(f facts) (notice.Message, error) {
	zone := f.place.zone
	p := page{
		Kind: f.kind, To: strings.TrimSpace(f.place.Name+" "+f.to.Post) + "\n" + f.to.Name, Place: f.place.Name, Subject: f.incident.Subject,
		What: sentence(f.incident.Reason), WhatEn: strings.TrimSuffix(f.incident.Reason.In("en"), ".") + ".",
		Since: stamp(f.incident.OpenedAt, zone), Urgent: f.incident.Severity == Critical, Host: f.place.Host,
	}
	if f.incident.Night != nil {
		p.Night = f.incident.Night.WarekiWeekday() + "の夜の分"
	}
	if due := f.incident.Reason.Params["due"]; due != "" && !strings.Contains(p.What, due) {
		p.Due = due + "まで"
	}
	if f.place.HostPhone != "" {
		p.HostLine = strings.TrimSpace(f.place.Host+" "+f.place.HostPost) + "　電話 " + f.place.HostPhone
		if f.place.HostHours != "" {
			p.HostLine += "（" + f.place.HostHours + "）"
		}
	}
	if f.ack != nil {
		p.Broken = &broken{Who: f.ack.ByText, Said: f.ack.Promise, Until: stamp(f.ack.Until, zone)}
	}
	for _, r := range f.others {
		p.Others = append(p.Others, told(r, f.now, zone))
	}
	short := strings.TrimSuffix(f.incident.Reason.Short("ja"), "。")
	mark := "棚守"
	switch f.kind {
	case notice.Opened:
		p.Headline = f.place.Name + "「" + f.incident.Subject + "」に異常があります。"
	case notice.Repeated:
		p.Headline = f.place.Name + "「" + f.incident.Subject + "」の異常について、まだ受領のお知らせがありません。"
	case notice.Reopened:
		p.Headline = f.place.Name + "「" + f.incident.Subject + "」は、約束の時刻を過ぎましたが復旧を確かめられていません。"
		short = "約束の時刻を過ぎました"
	case notice.Resolved:
		p.Headline = f.place.Name + "「" + f.incident.Subject + "」は復旧しました。"
		p.What = f.incident.Resolution
		p.Resolved = stamp(*f.incident.ResolvedAt, zone)
		p.Lasted = lasted(f.incident.ResolvedAt.Sub(f.incident.OpenedAt))
		short = "復旧しました"
	}
	if f.number > 1 && f.kind != notice.Resolved {
		mark = fmt.Sprintf("棚守・第%d報", f.number)
	}
	var text, markup bytes.Buffer
	if err := textLetter.Execute(&text, p); err != nil {
		return notice.Message{}, fmt.Errorf("write a letter about incident %d: %w", f.incident.ID, err)
	}
	if err := htmlLetter.Execute(&markup, p); err != nil {
		return notice.Message{}, fmt.Errorf("write a letter about incident %d: %w", f.incident.ID, err)
	}
	m := notice.Message{
		Town: f.incident.TenantID, Kind: f.kind, About: "incident", AboutID: f.incident.ID,
		ToPost: f.to.Post, ToName: f.to.Name, ToAddress: f.to.Mail,
		Subject: clip("【"+mark+"】"+f.place.Name+" "+f.incident.Subject+"："+short, 120),
		Text:    text.String(), HTML: markup.String(),
	}
	if f.kind != notice.Resolved {
		m.LinkFor = LinkFor(f.to.ID)
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
