package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants/notice"
)

// matter is one incident as a letter tells of it.
type matter struct {
	incident Incident
	rung     Rung // whose time has come; of what is over, who was told
	number   int  // 第n報
	ack      *Acknowledgement
	others   []Rung
}

// listedInFull is how many incidents a letter tells of; the rest are counted. Longer, nobody reads to the end.
const listedInFull = 30

// worse orders what a letter lists: the urgent first, then what is wrong longest.
func worse(a, b matter) int {
	return cmp.Or(cmp.Compare(b.urgency(), a.urgency()), a.incident.OpenedAt.Compare(b.incident.OpenedAt), cmp.Compare(a.incident.ID, b.incident.ID))
}

func (m matter) urgency() int {
	if m.incident.Severity == Critical {
		return 1
	}
	return 0
}

// writeAll makes the one letter that tells one address of these matters, at least one and all of one town. Of a single
// one it is the letter of that incident. Its link is signed for the worst one's rung and answers for all. It is pure.
func writeAll(kind string, w place, now time.Time, matters []matter) (notice.Message, error) {
	matters = slices.SortedStableFunc(slices.Values(matters), worse)
	lead := matters[0]
	if len(matters) == 1 {
		return write(facts{kind: kind, number: lead.number, place: w, incident: lead.incident, now: now, to: lead.rung, ack: lead.ack, others: lead.others})
	}
	p := w.page(kind, lead.rung, mergedOthers(matters), now)
	p.Count = len(matters)
	p.Urgent = lead.urgency() > 0 // the worst is first
	p.Rest = max(0, len(matters)-listedInFull)
	for n, m := range matters[:len(matters)-p.Rest] {
		l := w.list(m.incident, m.ack)
		l.N, l.Calm = n+1, p.Urgent && m.urgency() == 0 && kind != notice.Resolved
		p.Listed = append(p.Listed, l)
	}
	first := strings.TrimSuffix(lead.incident.Reason.In("en"), ".")
	p.English = fmt.Sprintf("%d incidents. The first: %s. Please acknowledge all of them by the link above.", p.Count, first)
	var subject string
	switch kind {
	case notice.Opened:
		p.Headline = fmt.Sprintf("%sに%d件の異常があります。", w.Name, p.Count)
		subject = fmt.Sprintf("%d件の異常", p.Count)
	case notice.Repeated:
		p.Headline = fmt.Sprintf("%sの%d件の異常について、まだ受領のお知らせがありません。", w.Name, p.Count)
		subject = fmt.Sprintf("%d件の異常に受領のお知らせがありません", p.Count)
	case notice.Reopened:
		p.Headline = fmt.Sprintf("%sの%d件は、約束の時刻を過ぎましたが復旧を確かめられていません。", w.Name, p.Count)
		subject = fmt.Sprintf("%d件が約束の時刻を過ぎました", p.Count)
	case notice.Resolved:
		p.Headline = fmt.Sprintf("%sの%d件は復旧しました。", w.Name, p.Count)
		subject = fmt.Sprintf("%d件が復旧しました", p.Count)
		p.English = fmt.Sprintf("these %d incidents are resolved; nothing needs to be done about them.", p.Count)
	}
	m, err := p.message("digest", lead.rung, lead.incident, "【棚守】"+w.Name+"："+subject+"（"+clip(lead.incident.Subject, 60)+" ほか）")
	for _, also := range matters[1:] {
		m.Also = append(m.Also, also.incident.ID)
	}
	return m, err
}

// mergedOthers is whom a letter about several incidents names: each person once; who was told of any of them as told,
// who is yet to be told as of the first time they will be.
func mergedOthers(matters []matter) []Rung {
	var all []Rung
	for _, m := range matters {
		all = append(all, m.others...)
	}
	slices.SortStableFunc(all, func(a, b Rung) int { return a.DueAt.Compare(b.DueAt) })
	return others(all, matters[0].rung)
}

// bundle is what one address is told of in one look, by one letter.
type bundle struct {
	town    int64
	kind    string
	matters []matter
}

// reader is an address, and what it reads about.
type reader struct {
	incident int64
	mail     string
}

// pile is what goes into one letter.
type pile struct {
	town       int64
	mail, kind string
}

// tray sorts what is to be told in one look into letters, one for each address and kind. What an earlier letter tells
// that has not left yet needs no new one: the mail server may be away for a weekend, and nobody wants the same words a
// hundred times when it is back.
type tray struct {
	waiting map[reader]int64 // notices that have not left
	bundles []bundle
	piles   map[pile]int // where in bundles
	taken   map[reader]int
}

func newTray(waiting map[reader]int64) *tray {
	return &tray{waiting: waiting, piles: map[pile]int{}, taken: map[reader]int{}}
}

// slot is where a rung's letter is: a notice that waits already, or one of the bundles.
type slot struct {
	notice int64
	bundle int
}

// has tells whether a letter is there already that tells this person of this incident.
func (t *tray) has(r Rung) (slot, bool) {
	key := reader{r.IncidentID, r.Mail}
	if id, ok := t.waiting[key]; ok {
		return slot{notice: id}, true
	}
	at, ok := t.taken[key]
	return slot{bundle: at}, ok
}

// put adds a matter to the letter of its kind to its person.
func (t *tray) put(kind string, m matter) slot {
	key := pile{m.rung.TenantID, m.rung.Mail, kind}
	at, ok := t.piles[key]
	if !ok {
		at = len(t.bundles)
		t.piles[key] = at
		t.bundles = append(t.bundles, bundle{town: m.rung.TenantID, kind: kind})
	}
	t.bundles[at].matters = append(t.bundles[at].matters, m)
	t.taken[reader{m.incident.ID, m.rung.Mail}] = at
	return slot{bundle: at}
}

// letters writes them all, in the order of the bundles.
func (t *tray) letters(places map[int64]place, now time.Time) ([]notice.Message, error) {
	messages := make([]notice.Message, len(t.bundles))
	for i, b := range t.bundles {
		m, err := writeAll(b.kind, places[b.town], now, b.matters)
		if err != nil {
			return nil, err
		}
		messages[i] = m
	}
	return messages, nil
}

// noticeOf is the notice behind a slot, once the letters are queued.
func noticeOf(s slot, queued []int64) *int64 {
	if s.notice != 0 {
		return &s.notice
	}
	return &queued[s.bundle]
}
