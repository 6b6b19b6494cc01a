package frontend

import (
	"fmt"
	"strings"
	"time"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/watch"
)

// jobWords are Tanamori's jobs as a clerk would name them, what matters most first.
var jobWords = []struct{ job, ja, en string }{
	{"judge", "判定", "judging"},
	{"deliver", "メールの送信", "sending mail"},
	{"escalate", "連絡の順送り", "telling the next person"},
	{"takein", "申告の取込み", "taking check-ins in"},
	{"verify", "バックアップの検証", "examining backups"},
	{"look", "保管先の確認", "looking into stores"},
	{"reopen", "約束の時刻の見直し", "following up promises"},
	{"restring", "連絡先の割当て", "finding whom to tell"},
	{"remind", "職の終期の予告", "telling of posts that end"},
	{"plan", "予定づくり", "planning"},
	{"audit", "点検", "the audit"},
	{"beat", "稼働の記録", "the record of being alive"},
	{"custody", "パスワード変更の取込み", "taking changed passwords in"},
	{"answer", "履行の取込み", "taking in what people did"},
	{"handon", "遵守事項の配布", "handing on the rules"},
	{"review", "履歴の確認の取込み", "taking reviews of the log in"},
	{"signouts", "使用の終わりの記録", "writing down uses that are over"},
	{"enclose", "秘密の施錠", "locking secrets"},
	{"forget", "古い控えの整理", "tidying up"},
	{"gather", "証拠の取込み", "gathering evidence"},
	{"inspect", "証拠の点検", "inspecting evidence"},
	{"morning", "朝の報告", "the morning reports"},
	{"bind", "簿冊のとじ込み", "binding volumes"},
	{"expire", "保存期間満了の整理", "removing what has expired"},
}

// jobsIn says of some jobs that they are as the sentence has it, naming the one that matters most.
func jobsIn(lang view.Lang, jobs map[string]bool, ja, en string) string {
	name := ""
	for _, w := range jobWords {
		if jobs[w.job] && name == "" {
			name = lang.Tr(w.ja, w.en)
		}
	}
	if name == "" { // none that this version knows
		for job := range jobs {
			name = job
		}
	}
	if len(jobs) > 1 {
		ja := "%sなど%dつの働き"
		if len(jobs) >= 10 {
			ja = "%sなど%dの働き"
		}
		name = fmt.Sprintf(lang.Tr(ja, "%s and others, %d jobs,"), name, len(jobs))
	}
	return name + lang.Tr(ja, en)
}

// boardWatch says whether Tanamori itself is well: when it last looked, what stands still, what is late, what does not
// leave. The worst is said first, and what comes after it is counted.
func (d *door) boardWatch(p *view.BoardPage, lang view.Lang, r boardRead, who tenants.Actor) {
	now := d.gate.Ground().Now()
	var wrong []string
	say := func(ja, en string, args ...any) { wrong = append(wrong, fmt.Sprintf(d.say(lang, ja, en), args...)) }
	if !d.MailReady {
		say("メールサーバが未設定（連絡は送られません）", "no mail server is set: nothing is sent")
	}
	for _, round := range r.rounds {
		switch round.Job {
		case "judge":
			if round.OkAt != nil {
				p.Sum.LastSweep, p.Sum.SweepOK = *round.OkAt, !round.Stale(now)
			}
		case "audit":
			if round.OkAt != nil {
				p.Sum.WatchAt = *round.OkAt
			}
		}
	}
	still, failed := map[string]bool{}, map[string]bool{}
	for _, round := range r.rounds {
		switch {
		case round.OkAt != nil && round.Stale(now):
			still[round.Job] = true
		case round.LastError != "" && (round.OkAt == nil || round.StartedAt.After(*round.OkAt)):
			failed[round.Job] = true
		}
	}
	if len(still) > 0 {
		wrong = append(wrong, jobsIn(lang, still, "が止まっています", " stand still"))
	}
	if len(failed) > 0 {
		wrong = append(wrong, jobsIn(lang, failed, "が正常に終わりませんでした", " did not end well"))
	}
	for _, b := range r.watch.Breaches {
		if b.Kind != watch.KindRound { // those are named above
			wrong = append(wrong, d.standing(lang, b, now))
		}
	}
	if o := r.watch.Outward; who.May(tenants.ReadOutbox) && o.Failing(now) {
		say("外への合図が届いていません：%s", "the sign of life does not arrive: %s", o.Reason.In(string(lang)))
	}
	p.Sum.Watch, p.Sum.WatchOK = d.say(lang, "正常", "fine"), len(wrong) == 0
	if len(wrong) > 0 {
		p.Sum.Watch = strings.Join(wrong[:min(len(wrong), 2)], lang.Tr("、", "; "))
		if rest := len(wrong) - 2; rest > 0 {
			p.Sum.Watch += fmt.Sprintf(d.say(lang, "、ほか%d件", "; %d more"), rest)
		}
	}
	p.Sum.Mended = r.watch.Mended
	p.Sum.Outbox, p.Sum.OutboxBad = r.outbox.Queued, r.outbox.Failed
	if who.May(tenants.ReadOutbox) {
		p.Sum.OutboxURL = "/outbox"
	}
}

// standing is a breach in a few words with the time since when it stands.
func (d *door) standing(lang view.Lang, b watch.Standing, now time.Time) string {
	r := watch.Reason(b.Kind, b.Count, b.Since, now, d.Zone, false)
	return r.Short(string(lang)) + fmt.Sprintf(d.say(lang, "（%sから）", " (since %s)"), r.Params["since"])
}
