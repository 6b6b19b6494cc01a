package view

import "html/template"

// Rung states of the ladder of proof.
const (
	StepPassed  = "passed"
	StepWarned  = "warned"
	StepFailed  = "failed"
	StepSkipped = "skipped" // not examined: the plan does not ask for it, or a step below failed
	StepWaiting = "waiting" // still to be examined
)

// Step is one level of the ladder of proof.
type Step struct {
	State string // Step…
	Why   string // the reason in words, for the table
}

// Ladder is how deep one backup was proved, V0 申告 to V5 構造.
type Ladder struct {
	Steps    [6]Step
	Required int // the level that the plan asks for
}

const (
	stepW, stepGap, stepRise = 112.0, 8.0, 14.0
	stepH, stepTop           = 56.0, 26.0
)

// LevelsSVG draws the ladder as six stairs: reached, failed, or not examined, and a flag on the one asked for.
func LevelsSVG(l Lang, lad Ladder) template.HTML {
	var d drawing
	w := 6*stepW + 5*stepGap
	h := stepTop + stepH + 5*stepRise
	d.open("svg", "width", w, "height", h, "viewBox", "0 0 "+num(w)+" "+num(h), "role", "img", "aria-label", ladderLabel(l, lad))
	for i, s := range lad.Steps {
		x, y := float64(i)*(stepW+stepGap), stepTop+float64(5-i)*stepRise
		icon, tone, word := stepLook(l, s.State)
		stroke, fill := inks(tone)
		dash := "none"
		if s.State == StepSkipped || s.State == StepWaiting {
			fill, dash = "#fff", "4 3"
		}
		d.open("g")
		d.title("V" + num(float64(i)) + " " + l.LevelName(i) + l.Tr("　", " ") + word)
		d.el("rect", "class", "cell", "x", x+1, "y", y+1, "width", stepW-2, "height", h-y-2, "rx", 4, "fill", fill, "stroke", stroke, "stroke-width", 1.5, "stroke-dasharray", dash)
		d.text(icon, "class", "mark", "x", x+12, "y", y+25, "font-size", 18, "font-weight", 700, "fill", stroke)
		d.text(l.LevelName(i), "class", "ink", "x", x+36, "y", y+24, "font-size", 15, "font-weight", 700, "fill", stroke)
		d.text("V"+num(float64(i))+l.Tr("　", " ")+word, "class", "ink", "x", x+12, "y", y+44, "font-size", 12, "fill", inkOn(tone))
		if i == lad.Required {
			d.text(l.Tr("▼ 求める深さ", "▼ required"), "class", "ink", "x", x+stepW/2, "y", y-7, "font-size", 12, "font-weight", 700, "fill", ink, "text-anchor", "middle")
		}
		d.close("g")
	}
	d.close("svg")
	return d.html()
}

func inkOn(tone string) string {
	stroke, _ := inks(tone)
	return stroke
}

func stepLook(l Lang, state string) (icon, tone, word string) {
	switch state {
	case StepPassed:
		return "✓", "ok", l.Tr("確認", "passed")
	case StepWarned:
		return "!", "warn", l.Tr("注意", "warned")
	case StepFailed:
		return "×", "bad", l.Tr("不合格", "failed")
	case StepWaiting:
		return "…", "idle", l.Tr("確かめ中", "waiting")
	}
	return "–", "idle", l.Tr("未実施", "not done")
}

func ladderLabel(l Lang, lad Ladder) string {
	s := l.Tr("確かめた深さ。", "Depth of proof. ")
	for i, st := range lad.Steps {
		_, _, word := stepLook(l, st.State)
		s += l.LevelName(i) + l.Tr("：", ": ") + word + l.Tr("。", ". ")
	}
	return s + l.Tr("求める深さは", "Required: ") + l.LevelName(lad.Required) + l.Tr("です。", ".")
}
