package view

import (
	"fmt"
	"html/template"
)

// RackDrawing is one face of a rack. View: RackSVG.
type RackDrawing struct {
	Face   string // 前面
	Code   string
	Units  int
	Blocks []RackBlock // what takes units of this face
}

// RackBlock is one thing in it.
type RackBlock struct {
	Unit, Units int // the lowest, and how many
	Name, Sub   string
	Tone        string // key: one's own; "": others', idle: nobody's in particular
	URL         string
}

const rackWide, rackGutter, rackPost = 250.0, 26.0, 8.0

// rackStep is the height of a unit: a tall rack is drawn smaller, but never so that a line of text does not fit into it.
func rackStep(units int) float64 { return max(14, min(22, 640/float64(units))) }

// RackSVG draws one face of a rack as it stands, unit 1 at the bottom. What it says stands in the table beside it as well.
func RackSVG(l Lang, r RackDrawing) template.HTML {
	step := rackStep(r.Units)
	tall := step*float64(r.Units) + 2*rackPost
	top := func(unit int) float64 { return rackPost + step*float64(r.Units-unit) }
	var d drawing
	taken := 0
	for _, b := range r.Blocks {
		taken += b.Units
	}
	d.open("svg", "width", rackWide, "height", tall, "viewBox", fmt.Sprintf("0 0 %s %s", num(rackWide), num(tall)), "role", "group",
		"aria-label", fmt.Sprintf(l.Tr("ラック%s %s。%dUのうち%dUを使用", "Rack %s, %s: of %dU %dU are taken"), r.Code, r.Face, r.Units, taken))
	d.el("rect", "class", "frame", "x", rackGutter, "y", 1.0, "width", rackWide-rackGutter-1, "height", tall-2, "rx", 4, "fill", "#ffffff", "stroke", ink, "stroke-width", 2)
	for u := 1; u <= r.Units; u++ {
		y := top(u)
		if u > 1 {
			d.el("line", "x1", rackGutter+rackPost, "x2", rackWide-rackPost-1, "y1", y+step, "y2", y+step, "stroke", "#eeeeee", "stroke-width", 1)
		}
		if u == 1 || u%5 == 0 {
			d.text(fmt.Sprint(u), "x", rackGutter-5, "y", y+step/2+4, "text-anchor", "end", "font-size", 11, "fill", inkSub)
		}
	}
	for _, b := range r.Blocks {
		high := step*float64(b.Units) - 2
		y := top(b.Unit+b.Units-1) + 1
		stroke, fill := "#999999", "#f2f2f2"
		if b.Tone == "key" {
			stroke, fill = keyInk, keySoft
		}
		if b.URL != "" {
			d.open("a", "href", b.URL)
		}
		d.open("g", "class", "block")
		d.title(fmt.Sprintf("U%d–%d %s %s", b.Unit, b.Unit+b.Units-1, b.Name, b.Sub))
		d.el("rect", "x", rackGutter+rackPost, "y", y, "width", rackWide-rackGutter-2*rackPost-1, "height", high, "rx", 2, "fill", fill, "stroke", stroke, "stroke-width", 1)
		size := min(13, step-2)
		name := b.Name
		if b.Sub != "" {
			name += "　" + b.Sub
		}
		color := ink
		if b.Tone == "key" {
			color = keyInk
		}
		d.text(fit(name, int((rackWide-rackGutter-4*rackPost)/size)), "x", rackGutter+2*rackPost, "y", y+high/2+size/2-1.5, "font-size", size, "fill", color)
		d.close("g")
		if b.URL != "" {
			d.close("a")
		}
	}
	d.close("svg")
	return d.html()
}

// fit is a text of at most so many full-width characters; a half-width one counts as half of one.
func fit(s string, most int) string {
	room := 2 * most
	for i, r := range s {
		w := 2
		if r < 0x100 || r >= 0xff61 && r <= 0xff9f {
			w = 1
		}
		if room -= w; room < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// PlanDrawing is the floor plan of an area: rows of places, and the racks that stand on them. View: PlanSVG.
type PlanDrawing struct {
	Area         string
	Rows, Places int
	Racks        []PlanRack
}

// PlanRack is a rack on the plan.
type PlanRack struct {
	Row, Place int
	Code, Sub  string
	Tone       string // warn: somebody has to look
	URL        string
}

const placeWide, placeTall, aisle, planEdge = 76.0, 52.0, 26.0, 30.0

// PlanSVG draws a floor plan seen from above.
func PlanSVG(l Lang, p PlanDrawing) template.HTML {
	wide, tall := planEdge+placeWide*float64(p.Places)+8, 22+float64(p.Rows)*(placeTall+aisle)
	x := func(place int) float64 { return planEdge + placeWide*float64(place-1) }
	y := func(row int) float64 { return 22 + float64(row-1)*(placeTall+aisle) }
	var d drawing
	d.open("svg", "width", wide, "height", tall, "viewBox", fmt.Sprintf("0 0 %s %s", num(wide), num(tall)), "role", "group",
		"aria-label", fmt.Sprintf(l.Tr("%sの配置図。ラック%d台", "Floor plan of %s, %d racks"), p.Area, len(p.Racks)))
	for n := 1; n <= p.Places; n++ {
		d.text(fmt.Sprint(n), "x", x(n)+placeWide/2, "y", 14, "text-anchor", "middle", "font-size", 11, "fill", inkSub)
	}
	for row := 1; row <= p.Rows; row++ {
		d.text(fmt.Sprint(row), "x", 14, "y", y(row)+placeTall/2+4, "text-anchor", "middle", "font-size", 11, "fill", inkSub)
		for n := 1; n <= p.Places; n++ {
			d.el("rect", "x", x(n)+3, "y", y(row), "width", placeWide-6, "height", placeTall, "rx", 3, "fill", "none", "stroke", lineGrey, "stroke-dasharray", "3 3")
		}
	}
	for _, r := range p.Racks {
		stroke, fill := ink, "#ffffff"
		if r.Tone != "" {
			stroke, fill = inks(r.Tone)
		}
		if r.URL != "" {
			d.open("a", "href", r.URL)
		}
		d.open("g", "class", "block")
		d.title(r.Code + " " + r.Sub)
		d.el("rect", "x", x(r.Place)+3, "y", y(r.Row), "width", placeWide-6, "height", placeTall, "rx", 3, "fill", fill, "stroke", stroke, "stroke-width", 1.5)
		d.text(fit(r.Code, 5), "x", x(r.Place)+placeWide/2, "y", y(r.Row)+22, "text-anchor", "middle", "font-size", 14, "font-weight", 700, "fill", ink)
		d.text(fit(r.Sub, 6), "x", x(r.Place)+placeWide/2, "y", y(r.Row)+40, "text-anchor", "middle", "font-size", 11, "fill", inkSub)
		d.close("g")
		if r.URL != "" {
			d.close("a")
		}
	}
	d.close("svg")
	return d.html()
}
