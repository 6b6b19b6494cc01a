package view

import (
	"fmt"
	"net/url"
	"time"

	"tanamori/tenants/calendar"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, tokyo)
}

func date(month time.Month, day int) calendar.Date { return calendar.MustDate(2026, month, day) }

// sampleFrame is the frame of the host's administrator.
func sampleFrame(l Lang) Frame {
	return Frame{
		Lang: l, Zone: tokyo, Now: at(21, 7, 30), Path: "/", Home: "/",
		Host: l.Tr("蘭越町 戸籍データセンター", "Rankoshi koseki data centre"),
		Demo: l.Tr("ここにある団体と人は架空です。連絡は外へ送られません。", "Towns and people here are made up. No mail leaves this machine."),
		Nav: []NavItem{
			{SectionBoard, l.Tr("朝の確認", "Morning check"), "/", 0},
			{SectionIncident, l.Tr("障害", "Incidents"), "/incidents", 6},
			{SectionOutbox, l.Tr("連絡", "Notices"), "/outbox", 0},
			{SectionLog, l.Tr("操作履歴", "Operation log"), "/log", 0},
			{SectionSettings, l.Tr("設定", "Settings"), "/settings", 0},
			{SectionMailbox, l.Tr("実演の受信箱", "Mailbox"), "/demo/mailbox", 0},
		},
		Who:     &Who{Name: l.Tr("見本 花子", "Mihon Hanako"), Post: l.Tr("戸籍データ等管理者", "Koseki data manager"), Org: l.Tr("蘭越町 住民福祉課長", "Rankoshi, residents' section")},
		LangURL: "/language?to=en", SignOutURL: "/signout",
	}
}

func good(l Lang, label, depth string) Status {
	return Status{Verdict: Met, Label: label, Detail: l.Tr(depth+"まで", depth), URL: "/plans/1"}
}

func sampleBoard(l Lang) BoardPage {
	tr := l.Tr
	main, second := tr("戸籍正", "Main"), tr("戸籍副", "Second")
	structure, matched := l.LevelName(5), l.LevelName(3)
	ok2 := good(l, second, structure)
	sent := func(n int) Status {
		return Status{Verdict: Met, Label: tr("正常", "OK"), Detail: fmt.Sprintf(tr("%d件", "%d"), n)}
	}
	none := Status{Verdict: Excused}
	bad := func(verdict, detail string) Status {
		return Status{Verdict: verdict, Label: main, Detail: detail, Needs: true, URL: "/plans/2"}
	}
	row := func(town string, needs bool, first []Status, second Status) BoardRow {
		return BoardRow{Town: Link{town, "/towns/1"}, Needs: needs, Cells: [][]Status{first, {second}}}
	}
	host := row(tr("蘭越町", "Rankoshi"), false, []Status{good(l, main, structure), ok2, good(l, tr("連携", "Relay"), matched)}, sent(14))
	host.Note = tr("受託町", "host")
	host.Confirmed = Confirmation{By: tr("見本 一郎", "Mihon Ichiro"), At: at(21, 7, 12)}
	return BoardPage{
		Night: date(11, 20), NewestNight: date(11, 20), Now: at(21, 7, 30), PrevURL: "/?night=2026-11-19", PickURL: "/",
		ConfirmURL: "/nights/confirmation", Confirmable: 17, AllURL: "/", NeedsURL: "/?needs=1", LiveURL: "/board/live", EventsURL: "/events",
		Seals:   []SealBox{{Post: tr("管理者", "Manager")}, {Post: tr("係長", "Chief")}, {Post: tr("係", "Clerk"), Name: tr("見本 一郎", "Mihon"), At: at(21, 7, 12)}},
		Sum:     BoardSum{Needs: 6, Normal: 17, Towns: 9, Servers: 23, LastSweep: at(21, 7, 29), SweepOK: true, Watch: tr("正常", "fine"), WatchOK: true, WatchAt: at(21, 7, 29), Mended: 1, OutboxURL: "/outbox"},
		Columns: []string{tr("夜間バックアップ", "Nightly backup"), tr("副本送信", "Duplicates")},
		Rows: []BoardRow{
			host,
			row(tr("むかわ町", "Mukawa"), true, []Status{bad(Failed, tr("途中で切れています（61 %）", "cut off (61 %)")), ok2}, sent(9)),
			row(tr("佐呂間町", "Saroma"), true, []Status{bad(Missed, tr("届いていません", "has not come")), ok2}, none),
			row(tr("寿都町", "Suttsu"), true, []Status{bad(Suspect, tr("1.6 GB（いつもの40 %）", "1.6 GB (40 % of the usual)")), ok2}, sent(6)),
			row(tr("置戸町", "Oketo"), true, []Status{bad(Suspect, tr("前夜と同じ内容です", "same content as the night before")), ok2}, sent(3)),
			row(tr("新得町", "Shintoku"), true, []Status{bad(Failed, tr("内容が一覧と一致しません", "does not match the manifest")), ok2}, sent(11)),
			row(tr("ニセコ町", "Niseko"), true, []Status{bad(Late, tr("02:00開始のまま終わっていません", "began 02:00 and has not ended")), ok2}, Status{Verdict: Unknown}),
			row(tr("東川町", "Higashikawa"), false, []Status{good(l, main, structure), ok2, good(l, tr("附票", "Register"), matched)}, sent(18)),
			row(tr("愛別町", "Aibetsu"), false, []Status{good(l, main, structure), {Verdict: Pending, Label: second, Detail: tr("08:00まで", "until 08:00")}}, Status{Verdict: Late, Detail: tr("06:10に届きました", "came 06:10")}),
		},
		Cases: sampleCases(l), More: Link{tr("ほか3件をすべて見る", "Show 3 more"), "/incidents"},
	}
}

func sampleCases(l Lang) []Case {
	tr := l.Tr
	return []Case{
		{ID: "1", Title: tr("佐呂間町　戸籍正　バックアップ未着", "Saroma, main: backup missing"), URL: "/incidents/1", Sentence: tr("03:30までの約束でしたが届いていません。", "It was due by 03:30 and has not come."),
			Told: &Told{At: at(21, 3, 31), Who: tr("住民係長", "Chief"), Way: "mail", Outcome: tr("受領なし", "no answer")},
			Next: &Told{At: at(21, 7, 46), Who: tr("課長", "Head"), Way: "phone"}, Act: Act{Label: tr("電話した結果を記録する", "Record a call"), URL: "/incidents/1#call", Fill: true}},
		{ID: "2", Title: tr("むかわ町　戸籍正　ファイルが途中で切れている", "Mukawa, main: file cut off"), URL: "/incidents/2", Sentence: tr("3.9 GBのうち2.4 GBで終わっています。", "It ends after 2.4 of 3.9 GB."),
			Promise: &Promise{By: tr("町民生活課長", "Head"), Text: tr("業者に確認中", "asking the vendor"), Until: at(21, 10, 0)}, Act: Act{Label: tr("経過を見る", "See what happened"), URL: "/incidents/2"}},
		{ID: "3", Title: tr("ニセコ町　戸籍正　終わっていない", "Niseko, main: not ended"), URL: "/incidents/3", Sentence: tr("02:00に始まり、いつもは41分で終わります。", "Began 02:00 and usually takes 41 min."),
			Told: &Told{At: at(21, 4, 1), Who: tr("担当", "Clerk"), Way: "mail", Outcome: tr("受領なし", "no answer")},
			Next: &Told{At: at(21, 7, 28), Who: tr("係長", "Chief"), Way: "mail", Overdue: true}, Act: Act{Label: tr("経過を見る", "See what happened"), URL: "/incidents/3"}},
	}
}

// sampleNights are 90 nights with one of everything among them.
func sampleNights(l Lang) []Night {
	nights := make([]Night, 0, 90)
	for i := 89; i >= 0; i-- {
		d := date(11, 21).AddDays(-i)
		n := Night{Date: d, Verdict: Met, URL: "/?night=" + d.String(), Detail: l.Tr("構造まで", "structure")}
		if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday || d == date(11, 3) || d == date(11, 23) {
			n.Closed = true
		}
		switch i {
		case 0:
			n.Verdict, n.Detail = Pending, ""
		case 1:
			n.Verdict, n.Detail = Missed, l.Tr("届いていません", "has not come")
		case 17, 18:
			n.Verdict, n.Detail = Unknown, l.Tr("棚守の停止中", "Tanamori was down")
		case 30:
			n.Verdict, n.Detail = Late, l.Tr("05:10に届きました", "came 05:10")
		case 44:
			n.Verdict, n.Detail = Failed, l.Tr("途中で切れています", "cut off")
		case 61:
			n.Verdict, n.Detail = Suspect, l.Tr("いつもの40 %", "40 % of the usual")
		}
		if n.Closed && i%14 < 7 {
			n.Verdict, n.Detail = Excused, ""
		}
		nights = append(nights, n)
	}
	return nights
}

func sampleDurations() []time.Duration {
	out := make([]time.Duration, 30)
	for i := range out {
		out[i] = time.Duration(38+(i*7)%9) * time.Minute
	}
	out[12], out[28] = -1, 55*time.Minute
	return out
}

func sampleTrend() Trend {
	t := Trend{Median: 3_900_000_000, BandLow: 3_600_000_000, High: 4_200_000_000}
	for i := 59; i >= 0; i-- {
		p := TrendPoint{Night: date(11, 20).AddDays(-i), Bytes: 3_820_000_000 + int64(i*37%11)*24_000_000 - int64(i)*3_000_000, Mark: Met}
		switch i {
		case 0:
			p.Bytes, p.Mark = 1_600_000_000, Suspect
		case 22:
			p.Bytes, p.Mark = -1, Missed
		case 41:
			p.Bytes, p.Mark = 4_600_000_000, Suspect
		}
		t.Points = append(t.Points, p)
	}
	return t
}

func sampleLadder(l Lang) Ladder {
	lad := Ladder{Required: 5}
	for i := range lad.Steps {
		lad.Steps[i].State = StepPassed
	}
	lad.Steps[2] = Step{StepWarned, l.Tr("いつもの40 %です", "40 % of the usual")}
	lad.Steps[4] = Step{StepFailed, l.Tr("2.4 GBで終わっています", "ends after 2.4 GB")}
	lad.Steps[5] = Step{StepSkipped, ""}
	return lad
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
