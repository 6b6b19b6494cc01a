package morning

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

// The templates' own marks are [[ ]], so that {{base}} stays as it is until the message leaves.
//
//go:embed letter.txt letter.html
var letterFiles embed.FS

var (
	textLetter = texttemplate.Must(texttemplate.New("").Delims("[[", "]]").ParseFS(letterFiles, "*.txt"))
	htmlLetter = htmltemplate.Must(htmltemplate.New("").Delims("[[", "]]").ParseFS(letterFiles, "*.html"))
)

// A letter lists so much and counts the rest: longer, nobody reads to the end.
const (
	mostRows     = 40
	mostStanding = 10
)

// page is what the templates show.
type page struct {
	Town              string
	TownID            int64
	To                string
	Headline, Summary string
	Rows              []line
	RestRows          int
	Standing          []matter
	RestStanding      int
	Note, Signed      string
	Size              int64
	Verifier          string
	Host              string
	English           string
}

// line is one duty.
type line struct {
	Word, Subject, Detail string
	Bad                   bool
}

// matter is one thing that is not over.
type matter struct {
	ID                   int64
	Subject, What, Since string
	Who                  string // who answered, and until when; or that nobody has
	Next                 string // who must still do something
}

// gist is what a night comes to, counted.
type gist struct {
	all, fine, recovered, waiting int
	bad                           map[duty.Verdict]int
	open, held                    int
}

func (n night) gist() gist {
	g := gist{all: len(n.told), bad: map[duty.Verdict]int{}}
	for _, t := range n.told {
		switch {
		case t.RecoveredAt != nil:
			g.recovered++
		case t.Verdict == duty.Pending:
			g.waiting++
		case t.Verdict == duty.Met, t.Verdict == duty.Excused:
			g.fine++
		default:
			g.bad[t.Verdict]++
		}
	}
	for _, i := range n.standing {
		if i.State == incident.StateOpen {
			g.open++
		} else {
			g.held++
		}
	}
	return g
}

// calm tells whether there is nothing that anybody has to think of.
func (g gist) calm() bool { return g.open == 0 && g.held == 0 && g.waiting == 0 && len(g.bad) == 0 }

// say sums the night up in a language, as a subject has it.
func (g gist) say(lang string) string {
	word := func(ja, en string) string {
		if lang == "en" {
			return en
		}
		return ja
	}
	var parts []string
	add := func(n int, ja, en string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(word(ja, en), n))
		}
	}
	add(g.open, "要対応 %d件", "%d to be dealt with")
	add(g.held, "対応中 %d件", "%d being dealt with")
	if g.open+g.held == 0 { // else each of them stands for what is bad
		for _, v := range []duty.Verdict{duty.Missed, duty.Failed, duty.Unknown, duty.Late} {
			add(g.bad[v], duty.Word(v, "ja")+" %d件", "%d "+strings.ToLower(duty.Word(v, "en")))
		}
	}
	add(g.waiting, "確認中 %d件", "%d still open")
	switch {
	case len(parts) > 0:
		return strings.Join(parts, word("・", ", "))
	case g.all == 0:
		return word("変わりありません", "nothing to report")
	case g.recovered > 0:
		return fmt.Sprintf(word("すべて正常（うち復旧 %d件）", "all fine, %d of it recovered"), g.recovered)
	}
	return word("すべて正常", "all fine")
}

// letters writes one night to each of its readers. It is pure.
func (n night) letters() ([]notice.Message, error) {
	p, subject := n.page()
	var out []notice.Message
	for _, r := range n.readers {
		p.To = r.Name
		var text, markup bytes.Buffer
		if err := textLetter.ExecuteTemplate(&text, "letter.txt", p); err != nil {
			return nil, fmt.Errorf("write the report of town %d: %w", n.TenantID, err)
		}
		if err := htmlLetter.ExecuteTemplate(&markup, "letter.html", p); err != nil {
			return nil, fmt.Errorf("write the report of town %d: %w", n.TenantID, err)
		}
		out = append(out, notice.Message{Town: n.TenantID, Kind: notice.Morning, About: "town", AboutID: n.TenantID, Dedup: "morning:" + n.today.String() + ":" + strings.ToLower(r.Mail),
			ToName: r.Name, ToAddress: r.Mail, Subject: subject, Text: text.String(), HTML: markup.String()})
	}
	return out, nil
}

func (n night) page() (page, string) {
	g := n.gist()
	p := page{Town: n.Name, TownID: n.TenantID, Host: n.host, English: n.Name + ": " + g.say("en") + "."}
	date := fmt.Sprintf("%d月%d日の朝", n.today.Month(), n.today.Day())
	switch {
	case g.open > 0:
		p.Headline = fmt.Sprintf("対応をお願いするものが%d件あります。", g.open)
	case !g.calm():
		p.Headline, p.Summary = g.say("ja")+"があります。", "新しく対応していただくことはありません。"
	case g.all == 0:
		p.Headline = "前回の報告のあと、期限の来たものはありません。"
	default:
		p.Headline = g.say("ja") + "でした。"
	}
	if g.calm() {
		p.Summary = "対応していただくことはありません。"
	}
	rows := slices.Clone(n.told)
	slices.SortStableFunc(rows, func(a, b duty.Told) int { return cmp.Compare(weight(a), weight(b)) })
	for _, t := range rows[:min(len(rows), mostRows)] {
		p.Rows = append(p.Rows, n.line(t))
	}
	p.RestRows = len(rows) - len(p.Rows)
	for _, i := range n.standing[:min(len(n.standing), mostStanding)] {
		p.Standing = append(p.Standing, n.matter(i))
	}
	p.RestStanding = len(n.standing) - len(p.Standing)
	if c := n.checkpoint; c != nil {
		p.Note, p.Size, p.Verifier, p.Signed = c.Note, c.Size, c.Verifier, stamp(c.At, n.zone)
		p.English += " Keep this mail: it holds the signed checkpoint of the town's records."
	}
	return p, "【棚守】" + n.Name + "：" + date + "　" + g.say("ja")
}

// weight orders what a letter lists: what is bad first, what is fine last.
func weight(t duty.Told) int {
	switch {
	case t.RecoveredAt != nil:
		return 4
	case t.Verdict == duty.Pending:
		return 3
	case t.Verdict == duty.Late:
		return 2
	case t.Verdict == duty.Met:
		return 5
	case t.Verdict == duty.Excused:
		return 6
	}
	return 1
}

// line is one duty: its verdict in a word, and of what is fine how far the copy is proved and how large it is, else why.
func (n night) line(t duty.Told) line {
	l := line{Word: duty.Word(t.Verdict, "ja"), Subject: t.Subject, Bad: weight(t) == 1}
	var parts []string
	if t.Verdict == duty.Pending {
		l.Word = "確認中"
	}
	if t.Verdict != duty.Met && t.Night.Before(n.today.AddDays(-1)) {
		parts = append(parts, fmt.Sprintf("%d月%d日の夜の分", t.Night.Month(), t.Night.Day()))
	}
	if t.Verdict != duty.Met {
		parts = append(parts, strings.TrimSuffix(cmp.Or(strings.TrimSpace(t.Reason.In("ja")), t.Reason.Code), "。"))
	} else if t.ArrivedAt != nil {
		parts = append(parts, hour(*t.ArrivedAt, n.now, n.zone))
	}
	if t.RecoveredAt != nil {
		l.Word = "復旧"
		parts = append(parts, hour(*t.RecoveredAt, n.now, n.zone)+"に正常になりました")
	}
	if c, ok := n.copies[t.OccurrenceID]; ok && (t.Verdict == duty.Met || t.Verdict == duty.Late || t.RecoveredAt != nil) {
		if c.Level != nil && *c.Level >= 0 {
			parts = append(parts, backup.LevelWord(*c.Level, "ja")+"まで確認")
		}
		parts = append(parts, c.Size())
	}
	switch {
	case t.Count > 1 && t.Fine == t.Count:
		parts = append(parts, fmt.Sprintf("%d回とも正常", t.Count))
	case t.Count > 1:
		parts = append(parts, fmt.Sprintf("%d回のうち%d回正常", t.Count, t.Fine))
	}
	l.Detail = strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "　")
	return l
}

// matter is one incident: what it is, who answered, and who must still do something.
func (n night) matter(i incident.Item) matter {
	m := matter{ID: i.ID, Subject: i.Subject, What: sentence(i.Reason), Since: stamp(i.OpenedAt, n.zone)}
	name := func(t *incident.Telling) string { return strings.TrimSpace(t.Post+" "+t.Name) + " 様" }
	switch {
	case i.State == incident.StateAcknowledged && i.Ack != nil:
		m.Who = fmt.Sprintf("%s「%s」", i.Ack.By, i.Ack.Promise)
		m.Next = i.Ack.By + " が" + hour(i.Ack.Until, n.now, n.zone) + "までに対応します"
	case i.Ack != nil:
		m.Who = fmt.Sprintf("%s「%s」（%sまでの約束を過ぎました）", i.Ack.By, i.Ack.Promise, hour(i.Ack.Until, n.now, n.zone))
	default:
		m.Who = "まだ受領のお知らせがありません"
	}
	switch {
	case m.Next != "":
	case i.Last != nil:
		m.Next = name(i.Last) + "の受領をお待ちしています"
	case i.Next != nil:
		m.Next = hour(i.Next.At, n.now, n.zone) + "に " + name(i.Next) + "へ連絡します"
	default:
		m.Next = "連絡先がありません。緊急時連絡網に加えてください"
	}
	return m
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

// sentence is a reason as one sentence of Japanese, ended as one.
func sentence(r tenants.Reason) string {
	return strings.TrimSuffix(cmp.Or(strings.TrimSpace(r.In("ja")), r.Code), "。") + "。"
}
