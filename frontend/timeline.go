package frontend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

// timeline says in words what happened since the incident opened: who was told, by which way, what came of it, who
// answered and what they promised.
func (d *door) timeline(lang view.Lang, who tenants.Actor, v incident.View) []view.Event {
	notices := make(map[int64]notice.Notice, len(v.Notices))
	for _, n := range v.Notices {
		notices[n.ID] = n
	}
	answers, back := v.Acknowledgements, incidentURL(v.TenantID, v.ID)
	events, whom := make([]view.Event, 0, len(v.Events)), make([]string, 0, len(v.Events))
	for _, e := range v.Events {
		line := view.Event{At: e.At, Kind: e.Kind, Text: d.happened(lang, e, notices)}
		switch e.Kind {
		case view.EventOpened, view.EventWorsened, view.EventResolved:
			if e.Detail.Reason != nil {
				line.Detail = sentence(lang, *e.Detail.Reason)
			}
		case view.EventTold:
			line.Detail = d.outcome(lang, notices[e.Detail.Notice])
		case view.EventAcknowledged:
			line.Quote = e.Detail.Promise
			if e.Detail.Until != nil {
				line.Detail = fmt.Sprintf(d.say(lang, "%sまで", "until %s"), lang.DayTime(*e.Detail.Until, d.zoneOf(v.Zone)))
			}
			if len(answers) > 0 { // they come in the order in which they were written down
				a := answers[0]
				answers, line.At, line.Recorded = answers[1:], a.OccurredAt, a.RecordedAt
				line.Amended = d.amended(lang, who, v.TenantID, "acknowledgement", a.ID, a.Corrections, back)
				line.QuoteWas = line.Amended.Was("promise")
				if a.RecordedBy != a.ByText {
					line.By = fmt.Sprintf(d.say(lang, "記録：%s", "recorded by %s"), a.RecordedBy)
				}
			}
		case view.EventExpired:
			line.Quote = e.Detail.Promise
		case view.EventNoted:
			line.Quote, line.By = e.Detail.Text, e.ByText
			line.Amended = d.amended(lang, who, v.TenantID, "incident_event", e.ID, e.Corrections, back)
			line.QuoteWas = line.Amended.Was("text")
		}
		told := ""
		if e.Kind == view.EventTold && !e.Detail.Waiting && notices[e.Detail.Notice].State == notice.StateSent {
			told = e.Detail.Post + " " + e.Detail.Name
		}
		events, whom = append(events, line), append(whom, told)
	}
	return folded(events, whom, func(e *view.Event, again []view.Event) { e.Again = again })
}

// folded puts away what stands between the first and the last of four or more neighbours with the same key; an empty key
// is nobody's. Until somebody answers, the last person is told for hours: that must not bury the rest.
func folded[T any](list []T, keys []string, put func(first *T, again []T)) []T {
	out := make([]T, 0, len(list))
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && keys[i] != "" && keys[end] == keys[i] {
			end++
		}
		if end-i < 4 {
			out = append(out, list[i:end]...)
		} else {
			first := list[i]
			put(&first, list[i+1:end-1])
			out = append(out, first, list[end-1])
		}
		i = end
	}
	return out
}

func (d *door) happened(lang view.Lang, e incident.Event, notices map[int64]notice.Notice) string {
	person := strings.TrimSpace(e.Detail.Post + " " + e.Detail.Name)
	switch e.Kind {
	case view.EventOpened:
		return d.say(lang, "異常を確かめました。", "Found to be wrong.")
	case view.EventWorsened:
		return d.say(lang, "様子が変わりました。", "It has changed.")
	case view.EventTold:
		return d.toldBy(lang, person, e, notices[e.Detail.Notice])
	case view.EventUnreachable:
		if person == "" {
			return d.say(lang, "知らせる相手がいません。緊急時連絡網に連絡先を登録してください。", "There is nobody to tell: enter a contact.")
		}
		return fmt.Sprintf(d.say(lang, "%sにはメールで知らせられません。電話してください。", "%s cannot be told by mail; please call."), person)
	case view.EventAcknowledged:
		return fmt.Sprintf(d.say(lang, "%sが受領しました（%s）。", "%s answered (%s)."), e.Detail.Name, way(lang, e.Detail.Via))
	case view.EventExpired:
		return d.say(lang, "約束の時刻を過ぎました。連絡を再開します。", "The promised time has passed; telling goes on.")
	case view.EventNoted:
		return d.say(lang, "経過が書き足されました。", "A note was added.")
	case view.EventResolved:
		return d.say(lang, "復旧しました。", "Resolved.")
	}
	return e.Kind
}

// toldBy says that somebody was told, as far as it is known to have worked.
func (d *door) toldBy(lang view.Lang, person string, e incident.Event, n notice.Notice) string {
	report := ""
	if e.Detail.Number > 0 {
		report = fmt.Sprintf(d.say(lang, "（第%d報）", " (report %d)"), e.Detail.Number)
	}
	text := d.say(lang, "%sへメールを送りました%s。", "%s was told by mail%s.")
	switch n.State {
	case notice.StateWithdrawn:
		text = d.say(lang, "%sへのメールは、送る前に復旧したため送りません%s。", "The mail to %s was withdrawn before it left%s.")
	case notice.StateQueued, notice.StateSending:
		text = d.say(lang, "%sへのメールを送信待ちに入れました%s。", "A mail to %s is waiting to be sent%s.")
	case notice.StateFailed:
		text = d.say(lang, "%sへのメールを送れませんでした%s。", "The mail to %s could not be sent%s.")
	}
	if e.Detail.Waiting { // no message of its own: an earlier one had not left
		report = ""
		switch n.State {
		case notice.StateQueued, notice.StateSending:
			text = d.say(lang, "%sへの先のメールがまだ送られていないため、新しくは作りません%s。", "An earlier mail to %s has not left yet; no other is made%s.")
		case notice.StateSent:
			text = d.say(lang, "%sへは、先に作ったメールで知らせました%s。", "%s was told by the earlier mail%s.")
		}
	}
	return fmt.Sprintf(text, person, report)
}

// outcome lists every try to deliver a message.
func (d *door) outcome(lang view.Lang, n notice.Notice) string {
	var tries []string
	for _, a := range n.Attempts {
		text := a.StartedAt.In(d.Zone).Format("15:04:05") + " " + attemptWord(lang, a.Outcome)
		if a.Detail != "" && a.Outcome != "sent" {
			text += lang.Tr("（"+a.Detail+"）", " ("+a.Detail+")")
		}
		tries = append(tries, text)
	}
	if n.Repeated {
		tries = append(tries, d.say(lang, "結果が不明だったため、もう一度送りました", "the outcome was unknown, so it was sent again"))
	}
	return strings.Join(tries, d.say(lang, "、", "; "))
}

func attemptWord(lang view.Lang, outcome string) string {
	switch outcome {
	case "sent":
		return lang.Tr("メールサーバが受け取りました", "taken by the mail server")
	case "refused":
		return lang.Tr("相手のサーバに断られました", "refused")
	case "away":
		return lang.Tr("メールサーバにつながりませんでした", "the mail server takes nothing")
	case "error":
		return lang.Tr("届けられませんでした", "not delivered")
	case "unknown":
		return lang.Tr("結果不明", "outcome unknown")
	}
	return lang.Tr("送信中", "being sent")
}

func way(lang view.Lang, via string) string {
	switch via {
	case incident.ViaLink:
		return lang.Tr("メールのリンク", "by the mail's link")
	case incident.ViaConsole:
		return lang.Tr("画面", "on the console")
	case incident.ViaPhone:
		return lang.Tr("電話", "by telephone")
	}
	return via
}

// when is the moment by which a rung stands in the list: when it was told, else when it is to be.
func when(r incident.Rung) time.Time {
	if r.FiredAt != nil {
		return *r.FiredAt
	}
	return r.DueAt
}

// rungs is the ladder with what became of each step; the next one is marked.
func (d *door) rungs(lang view.Lang, v incident.View) []view.Rung {
	answered := map[int64]bool{}
	for _, a := range v.Acknowledgements {
		if a.RungID != nil {
			answered[*a.RungID] = true
		}
	}
	notices := make(map[int64]notice.Notice, len(v.Notices))
	for _, n := range v.Notices {
		notices[n.ID] = n
	}
	steps := slices.Clone(v.Rungs)
	slices.SortStableFunc(steps, func(a, b incident.Rung) int { return when(a).Compare(when(b)) })
	rungs, whom, next := make([]view.Rung, 0, len(steps)), make([]string, 0, len(steps)), -1
	for i, r := range steps {
		out := view.Rung{N: i + 1, Post: r.Post, Name: r.Name, Mail: r.Mail, Phone: r.Phone, Hours: r.Hours, State: r.State, DueAt: r.DueAt}
		if r.FiredAt != nil {
			out.FiredAt = *r.FiredAt
		}
		if r.State == incident.RungFired {
			out.Outcome = d.say(lang, "受領なし", "no answer")
			switch {
			case answered[r.ID]:
				out.Outcome = d.say(lang, "受領", "answered")
			case r.NoticeID == nil:
				out.Outcome = d.say(lang, "メールなし", "no address")
			case notices[*r.NoticeID].State == notice.StateFailed:
				out.Outcome = d.say(lang, "送れません", "undeliverable")
			case notices[*r.NoticeID].State == notice.StateQueued:
				out.Outcome = d.say(lang, "送信待ち", "queued")
			case notices[*r.NoticeID].State == notice.StateWithdrawn:
				out.Outcome = d.say(lang, "撤回", "withdrawn")
			}
		}
		if r.State == incident.RungPending && (next < 0 || r.DueAt.Before(steps[next].DueAt)) {
			next = i
		}
		told := ""
		if r.State == incident.RungFired {
			told = r.Post + " " + r.Name + " " + r.Mail + " " + out.Outcome
		}
		rungs, whom = append(rungs, out), append(whom, told)
	}
	if next >= 0 {
		rungs[next].Next = true
	}
	return folded(rungs, whom, func(r *view.Rung, again []view.Rung) { r.Again = again })
}
