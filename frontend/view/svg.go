package view

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// Colours of the drawings, from the Digital Agency tokens. They stand as attributes, so a drawing also prints; the style
// sheet overrides them by class in forced colours.
const (
	ink, inkSub       = "#1a1a1a", "#666666"
	lineGrey          = "#d9d9d9"
	okInk, okSoft     = "#197a4b", "#e6f5ec"
	badInk, badSoft   = "#ce0000", "#fdeeee"
	warnInk, warnSoft = "#806300", "#fbf5e0"
	idleInk, idleSoft = "#666666", "#f2f2f2"
	keyInk, keySoft   = "#0017c1", "#e8f1fe"
)

func inks(tone string) (stroke, fill string) {
	switch tone {
	case "ok":
		return okInk, okSoft
	case "bad":
		return badInk, badSoft
	case "warn":
		return warnInk, warnSoft
	case "key":
		return keyInk, keySoft
	}
	return idleInk, idleSoft
}

// drawing writes SVG. Every attribute and text goes through escape: the callers' strings come from people and machines.
type drawing struct{ b strings.Builder }

func escape(s string) string { return template.HTMLEscapeString(s) }

// num writes a coordinate with at most one decimal, so that goldens do not depend on the last bits of a float.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

// open starts an element; attributes are name–value pairs.
func (d *drawing) open(name string, attrs ...any) {
	d.b.WriteString("<" + name)
	d.attrs(attrs)
	d.b.WriteString(">")
}

// el writes an empty element.
func (d *drawing) el(name string, attrs ...any) {
	d.b.WriteString("<" + name)
	d.attrs(attrs)
	d.b.WriteString("/>")
}

func (d *drawing) close(name string) { d.b.WriteString("</" + name + ">") }

func (d *drawing) text(s string, attrs ...any) {
	d.open("text", attrs...)
	d.b.WriteString(escape(s))
	d.close("text")
}

func (d *drawing) title(s string) {
	d.b.WriteString("<title>" + escape(s) + "</title>")
}

func (d *drawing) attrs(attrs []any) {
	for i := 0; i+1 < len(attrs); i += 2 {
		var v string
		switch x := attrs[i+1].(type) {
		case float64:
			v = num(x)
		default:
			v = fmt.Sprint(x)
		}
		d.b.WriteString(" " + fmt.Sprint(attrs[i]) + `="` + escape(v) + `"`)
	}
}

// html hands out the drawing; all that went into it was escaped above.
func (d *drawing) html() template.HTML {
	return template.HTML(d.b.String()) //nolint:gosec // built by this type only, every value escaped
}
