package view

import (
	"errors"
	"fmt"
	"html/template"
	"time"

	"tanamori/tenants/calendar"
)

// funcs are what templates may call. Language and zone are fixed in them.
func funcs(l Lang, zone *time.Location, asset func(string) string) template.FuncMap {
	return template.FuncMap{
		"tr":    l.Tr,
		"trf":   func(ja, en string, args ...any) string { return fmt.Sprintf(l.Tr(ja, en), args...) },
		"asset": asset,

		"era":      l.Era,
		"day":      l.Day,
		"short":    l.Short,
		"iso":      func(d calendar.Date) string { return d.String() },
		"clock":    func(t time.Time) string { return clockIn(t, zone) },
		"clocks":   func(t time.Time) string { return seconds(t, zone) },
		"moment":   func(t time.Time) string { return l.Moment(t, zone) },
		"daytime":  func(t time.Time) string { return l.DayTime(t, zone) },
		"near":     func(t, now time.Time) string { return l.Near(t, now, zone) },
		"machine":  func(t time.Time) string { return machine(t, zone) },
		"relative": l.Relative,
		"duration": l.Duration,
		"bytes":    l.Bytes,
		"number":   number,
		"zone":     func() string { return zone.String() },

		"status":  func(s Status) template.HTML { return statusHTML(l, s) },
		"verdict": l.VerdictWord,
		"icon":    func(code string) string { return markOf(code).icon },
		"tone":    func(code string) string { return markOf(code).tone },
		"level":   l.LevelName,
		"depth":   func() []int { return []int{0, 1, 2, 3, 4, 5} },
		"help":    l.LevelHelp,
		"word":    func(kind, code string) string { w := wordOf(kind, code); return l.Tr(w.ja, w.en) },
		"wordTone": func(kind, code string) string {
			return wordOf(kind, code).tone
		},

		"nightsSVG": func(n []Night, today calendar.Date) template.HTML { return NightsSVG(l, n, today) },
		"trendSVG":  func(t Trend) template.HTML { return TrendSVG(l, t) },
		"levelsSVG": func(s Ladder) template.HTML { return LevelsSVG(l, s) },
		"rackSVG":   func(r RackDrawing) template.HTML { return RackSVG(l, r) },
		"planSVG":   func(p PlanDrawing) template.HTML { return PlanSVG(l, p) },
		"qrSVG":     QRSVG,
		"sparkSVG":  func(d []time.Duration) template.HTML { return SparkSVG(l, d) },

		"field":   field,
		"opts":    opts,
		"options": options,
		"paren":   l.paren,
		"quote":   l.quote,
		"with2":   func(a, b any) pair { return pair{a, b} },
		"link":    func(text, url string) Link { return Link{text, url} },
		"crumbs":  crumbs,
	}
}

// step is one of the crumbs.
type step struct {
	Link
	Last bool
}

// crumbs leaves out steps without a text; the last one is the page itself.
func crumbs(links ...Link) []step {
	out := make([]step, 0, len(links))
	for _, l := range links {
		if l.Text != "" {
			out = append(out, step{Link: l})
		}
	}
	if len(out) > 0 {
		out[len(out)-1].Last = true
	}
	return out
}

// pair hands two values to a part.
type pair struct{ A, B any }

func seconds(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("15:04:05")
}

func number(n any) (string, error) {
	switch n := n.(type) {
	case int:
		return Number(int64(n)), nil
	case int64:
		return Number(n), nil
	}
	return "", fmt.Errorf("number: %T is none", n)
}

// opts gathers name–value pairs for a field.
func opts(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("opts: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("opts: %v is not a name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// options makes choices of value–label pairs written in a template.
func options(pairs ...string) ([]Option, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("options: a value without a label")
	}
	out := make([]Option, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return out, nil
}
