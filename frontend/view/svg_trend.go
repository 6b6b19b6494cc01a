package view

import (
	"html/template"
	"math"
	"strconv"

	"tanamori/tenants/calendar"
)

// TrendPoint is the size of one night's backup.
type TrendPoint struct {
	Night  calendar.Date
	Bytes  int64  // -1 where nothing came
	Mark   string // verdict or Suspect; Met points are plain dots
	Detail string
}

// Trend is a plot of sizes over nights, with the band in which a size counts as usual.
type Trend struct {
	Points        []TrendPoint // in order of night
	Median        int64        // 0 where not enough is known yet
	BandLow, High int64        // both 0 for no band
}

const (
	trendW, trendH      = 720.0, 220.0
	trendLeft, trendTop = 64.0, 14.0
	trendRight, trendB  = 12.0, 30.0
)

// TrendSVG plots sizes over nights from zero up, the usual band shaded, the median dashed, and whatever is not usual
// marked by a symbol of its own.
func TrendSVG(l Lang, t Trend) template.HTML {
	if len(t.Points) == 0 {
		return ""
	}
	var d drawing
	top := max(t.High, t.Median)
	for _, p := range t.Points {
		top = max(top, p.Bytes)
	}
	unit := niceStep(float64(max(top, 1)) / 4)
	ceil := unit * math.Ceil(float64(max(top, 1))*1.05/unit)
	y := func(b int64) float64 { return trendTop + (trendH-trendTop-trendB)*(1-float64(b)/ceil) }
	span := max(t.Points[0].Night.DaysUntil(t.Points[len(t.Points)-1].Night), 1)
	x := func(n calendar.Date) float64 {
		return trendLeft + 8 + (trendW-trendLeft-trendRight-16)*float64(t.Points[0].Night.DaysUntil(n))/float64(span)
	}

	d.open("svg", "width", trendW, "height", trendH, "viewBox", "0 0 "+num(trendW)+" "+num(trendH), "role", "img", "aria-label", trendLabel(l, t))
	for v := 0.0; v <= ceil+unit/2; v += unit {
		yy := y(int64(v))
		d.el("line", "class", "stroke", "x1", trendLeft, "x2", trendW-trendRight, "y1", yy, "y2", yy, "stroke", lineGrey)
		d.text(l.axis(int64(v)), "class", "ink", "x", trendLeft-8, "y", yy+4, "font-size", 12, "fill", inkSub, "text-anchor", "end")
	}
	if t.High > 0 {
		d.el("rect", "x", trendLeft, "y", y(t.High), "width", trendW-trendLeft-trendRight, "height", y(t.BandLow)-y(t.High), "fill", keySoft)
	}
	if t.Median > 0 {
		d.el("line", "class", "stroke", "x1", trendLeft, "x2", trendW-trendRight, "y1", y(t.Median), "y2", y(t.Median), "stroke", keyInk, "stroke-dasharray", "5 4")
		d.text(l.Tr("ふだん ", "usual ")+l.Bytes(t.Median), "class", "ink", "x", trendW-trendRight-4, "y", y(max(t.High, t.Median))-7, "font-size", 12, "fill", keyInk, "text-anchor", "end", "stroke", "#fff", "stroke-width", 3, "paint-order", "stroke")
	}
	trendDays(&d, t, x)
	trendLine(&d, t, x, y)
	for _, p := range t.Points {
		trendPoint(&d, l, p, x(p.Night), y(max(p.Bytes, 0)), p.Bytes > t.Median)
	}
	d.close("svg")
	return d.html()
}

// trendDays names the first night of each month and the first and last one.
func trendDays(d *drawing, t Trend, x func(calendar.Date) float64) {
	last := -1e9
	for i, p := range t.Points {
		turn := i > 0 && p.Night.Month() != t.Points[i-1].Night.Month()
		end := i == len(t.Points)-1
		if i != 0 && !turn && !end || x(p.Night)-last < 46 && !end {
			continue
		}
		if end && x(p.Night)-last < 46 {
			continue
		}
		last = x(p.Night)
		anchor := "middle"
		if end {
			anchor = "end"
		}
		d.text(strconv.Itoa(int(p.Night.Month()))+"/"+strconv.Itoa(p.Night.Day()), "class", "ink", "x", last, "y", trendH-10, "font-size", 12, "fill", inkSub, "text-anchor", anchor)
	}
}

// trendLine joins nights that came; a missing one breaks the line.
func trendLine(d *drawing, t Trend, x func(calendar.Date) float64, y func(int64) float64) {
	path, pen := "", "M"
	for _, p := range t.Points {
		if p.Bytes < 0 {
			pen = "M"
			continue
		}
		path += pen + num(x(p.Night)) + " " + num(y(p.Bytes))
		pen = "L"
	}
	if path != "" {
		d.el("path", "class", "stroke", "d", path, "fill", "none", "stroke", "#b3b3b3", "stroke-width", 1.5)
	}
}

// trendPoint marks one night; above tells that its figure belongs over the mark, away from the band.
func trendPoint(d *drawing, l Lang, p TrendPoint, x, y float64, above bool) {
	m := markOf(p.Mark)
	stroke, _ := inks(m.tone)
	size := l.Bytes(p.Bytes)
	if p.Bytes < 0 {
		size = l.Tr("なし", "none")
	}
	d.open("g")
	name := l.Era(p.Night) + l.Tr("　", " ") + size
	if p.Mark != Met {
		name += l.Tr("　", " ") + l.Tr(m.ja, m.en)
	}
	if p.Detail != "" {
		name += l.Tr("　", " ") + p.Detail
	}
	d.title(name)
	switch {
	case p.Bytes < 0, p.Mark == Missed, p.Mark == Failed:
		d.el("path", "class", "stroke", "d", "M"+num(x-4)+" "+num(y-4)+"L"+num(x+4)+" "+num(y+4)+"M"+num(x+4)+" "+num(y-4)+"L"+num(x-4)+" "+num(y+4), "stroke", stroke, "stroke-width", 2.5)
	case p.Mark == Suspect, p.Mark == Late:
		label := y + 19
		if above {
			label = y - 11
		}
		d.el("path", "class", "mark", "d", "M"+num(x)+" "+num(y-6)+"L"+num(x+6)+" "+num(y+5)+"L"+num(x-6)+" "+num(y+5)+"Z", "fill", stroke)
		d.text(size, "class", "ink", "x", x, "y", label, "font-size", 12, "font-weight", 700, "fill", stroke, "text-anchor", "middle", "stroke", "#fff", "stroke-width", 3, "paint-order", "stroke")
	default:
		d.el("circle", "class", "mark", "cx", x, "cy", y, "r", 3, "fill", ink)
	}
	d.close("g")
}

func trendLabel(l Lang, t Trend) string {
	s := l.Tr("大きさの推移。", "Sizes over time. ") + l.Era(t.Points[0].Night) + l.Tr("から", " to ") + l.Era(t.Points[len(t.Points)-1].Night) + l.Tr("まで。", ". ")
	if t.Median > 0 {
		s += l.Tr("ふだんは", "Usually ") + l.Bytes(t.Median) + l.Tr("。", ". ")
	}
	odd := 0
	for _, p := range t.Points {
		if p.Mark != Met {
			odd++
		}
	}
	return s + l.Tr("いつもと違う夜 ", "Nights out of the usual: ") + strconv.Itoa(odd) + l.Tr("夜。下の表に同じ内容があります。", ". The table below says the same.")
}

// axis is a size on the axis: without a decimal where it has none.
func (l Lang) axis(b int64) string {
	if b == 0 {
		return "0"
	}
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	v, i := float64(b), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	return num(v) + " " + units[i]
}

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*p {
			return m * p
		}
	}
	return 10 * p
}
