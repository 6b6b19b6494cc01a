package view

import (
	"html/template"
	"time"
)

const sparkW, sparkH = 120.0, 28.0

// SparkSVG is a small line of durations, the newest last and marked. Negative values are nights without a duration.
func SparkSVG(l Lang, runs []time.Duration) template.HTML {
	var longest, shortest, latest time.Duration
	n := 0
	for _, r := range runs {
		if r >= 0 {
			if n == 0 || r < shortest {
				shortest = r
			}
			longest, latest = max(longest, r), r
			n++
		}
	}
	if n < 2 {
		return ""
	}
	var d drawing
	x := func(i int) float64 { return 4 + (sparkW-8)*float64(i)/float64(len(runs)-1) }
	floor := shortest / 2 // not from zero: a few minutes more are what one looks for
	y := func(r time.Duration) float64 {
		return sparkH - 4 - (sparkH-8)*float64(r-floor)/float64(max(longest-floor, 1))
	}
	d.open("svg", "width", sparkW, "height", sparkH, "viewBox", "0 0 "+num(sparkW)+" "+num(sparkH), "role", "img",
		"aria-label", l.Tr("所要時間の推移。最長 ", "Durations. Longest ")+l.Duration(longest)+l.Tr("、最新 ", ", latest ")+l.Duration(latest))
	path, pen, lastX, lastY := "", "M", 0.0, 0.0
	for i, r := range runs {
		if r < 0 {
			pen = "M"
			continue
		}
		lastX, lastY = x(i), y(r)
		path += pen + num(lastX) + " " + num(lastY)
		pen = "L"
	}
	d.el("path", "class", "stroke", "d", path, "fill", "none", "stroke", inkSub, "stroke-width", 1.5)
	d.el("circle", "class", "mark", "cx", lastX, "cy", lastY, "r", 3, "fill", keyInk)
	d.close("svg")
	return d.html()
}
