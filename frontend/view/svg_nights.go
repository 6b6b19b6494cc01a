package view

import (
	"html/template"
	"strconv"
	"time"

	"tanamori/tenants/calendar"
)

// Night is one night in the calendar of nights.
type Night struct {
	Date    calendar.Date
	Verdict string // "" where nothing was expected
	Closed  bool   // 閉庁日: hatched
	Detail  string // a few words, shown on pointing and in the table
	URL     string // the night on the board; "" for none
}

const (
	nightCell = 36.0
	nightGap  = 4.0
	nightLeft = 30.0
	nightTop  = 24.0
)

// NightsSVG draws nights as a calendar: weeks are columns from Sunday to Saturday, each night a marked cell, closed days
// hatched, today ringed. Nights come in order of date; gaps stay empty. Links in it are for pointers only: the table
// behind it holds the same links for the keyboard.
func NightsSVG(l Lang, nights []Night, today calendar.Date) template.HTML {
	var d drawing
	if len(nights) == 0 {
		return ""
	}
	first := nights[0].Date.AddDays(-int(nights[0].Date.Weekday()))
	weeks := first.DaysUntil(nights[len(nights)-1].Date)/7 + 1
	step := nightCell + nightGap
	w, h := nightLeft+float64(weeks)*step, nightTop+7*step
	d.open("svg", "width", w, "height", h, "viewBox", "0 0 "+num(w)+" "+num(h), "role", "group", "aria-label", nightsLabel(l, nights))
	d.b.WriteString(`<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="6" height="6" fill="#fff"/><path class="hatch" d="M0 0V6" stroke="#b3b3b3" stroke-width="2"/></pattern></defs>`)
	for wd := time.Sunday; wd <= time.Saturday; wd++ {
		name := l.Tr(calendar.WeekdayJa(wd), wd.String()[:2])
		d.text(name, "class", "ink", "x", nightLeft-10, "y", nightTop+float64(wd)*step+nightCell/2+4, "font-size", 12, "fill", inkSub, "text-anchor", "end", "aria-hidden", "true")
	}
	for i := range weeks { // a month is named over the week that holds its first day, the first month unless the next one is too near
		day := first.AddDays(i*7 + 6)
		month, x := day.Month(), nightLeft+float64(i)*step
		if day.Day() <= 7 || i == 0 && day.AddDays(14).Month() == month {
			d.text(l.Tr(strconv.Itoa(int(month))+"月", month.String()[:3]), "class", "ink", "x", x, "y", 14, "font-size", 13, "font-weight", 700, "fill", ink, "aria-hidden", "true")
		}
	}
	for _, n := range nights {
		since := first.DaysUntil(n.Date)
		nightCellSVG(&d, l, n, nightLeft+float64(since/7)*step, nightTop+float64(since%7)*step, n.Date == today)
	}
	d.close("svg")
	return d.html()
}

func nightCellSVG(d *drawing, l Lang, n Night, x, y float64, today bool) {
	m := markOf(n.Verdict)
	word := l.Tr(m.ja, m.en)
	stroke, fill := inks(m.tone)
	if n.Verdict == "" {
		m.icon, word, stroke, fill = "", l.Tr("予定なし", "nothing planned"), lineGrey, "#fff"
	}
	if n.Closed && (n.Verdict == "" || n.Verdict == Excused) {
		fill = "url(#hatch)"
	}
	name := l.Era(n.Date) + l.Tr("　", " ") + word
	if n.Closed {
		name += l.Tr("（閉庁日）", " (closed day)")
	}
	if n.Detail != "" {
		name += l.Tr("　", " ") + n.Detail
	}
	if n.URL != "" {
		d.open("a", "href", safeURL(n.URL), "tabindex", "-1", "aria-label", name)
	} else {
		d.open("g", "role", "img", "aria-label", name)
	}
	d.title(name)
	d.el("rect", "class", "cell", "x", x+0.5, "y", y+0.5, "width", nightCell-1, "height", nightCell-1, "rx", 4, "fill", fill, "stroke", stroke)
	d.text(strconv.Itoa(n.Date.Day()), "class", "ink", "x", x+4, "y", y+12, "font-size", 10, "fill", inkSub)
	if m.icon != "" {
		d.text(m.icon, "class", "mark", "x", x+nightCell/2+3, "y", y+29, "font-size", 17, "font-weight", 700, "fill", stroke, "text-anchor", "middle")
	}
	if today {
		d.el("rect", "class", "ring", "x", x-2, "y", y-2, "width", nightCell+4, "height", nightCell+4, "rx", 6, "fill", "none", "stroke", ink, "stroke-width", 2)
	}
	if n.URL != "" {
		d.close("a")
	} else {
		d.close("g")
	}
}

// nightsLabel sums the calendar up for ears: from, to, and how many of each verdict.
func nightsLabel(l Lang, nights []Night) string {
	counts := map[string]int{}
	for _, n := range nights {
		counts[n.Verdict]++
	}
	s := l.Era(nights[0].Date) + l.Tr("から", " to ") + l.Era(nights[len(nights)-1].Date) + l.Tr("までの夜。", ". ")
	for _, code := range []string{Met, Late, Suspect, Failed, Missed, Excused, Unknown, Pending} {
		if n := counts[code]; n > 0 {
			s += l.VerdictWord(code) + " " + strconv.Itoa(n) + l.Tr("夜、", ", ")
		}
	}
	return s + l.Tr("下の表に同じ内容があります。", "The table below says the same.")
}

// safeURL lets only addresses of this server through: the pages' own links begin with a single slash.
func safeURL(u string) string {
	if u != "" && u[0] == '/' && (len(u) == 1 || (u[1] != '/' && u[1] != '\\')) {
		return u
	}
	return "#"
}
