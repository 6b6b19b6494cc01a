package view

import (
	"html/template"
	"strings"
)

// statusHTML draws one marked cell: icon, word, small detail; the verdict is also said in words for those who do not see
// the icon. It is Go and not a template part because a prefecture's board has thousands of cells: a part took 11 µs each.
func statusHTML(l Lang, s Status) template.HTML {
	m := markOf(s.Verdict)
	tone := m.tone
	if s.Needs {
		tone = "bad"
	}
	var b strings.Builder
	b.Grow(256)
	element := "span"
	if s.URL != "" {
		element = "a"
	}
	b.WriteString("<" + element + ` class="c c-` + tone + `"`)
	if s.URL != "" {
		b.WriteString(` href="` + escape(safeURL(s.URL)) + `"`)
	}
	b.WriteString(`><i aria-hidden="true">` + m.icon + `</i><span><span class="w">`)
	word := l.Tr(m.ja, m.en)
	if s.Label == "" {
		b.WriteString(escape(word) + "</span>")
	} else {
		b.WriteString(escape(s.Label) + `</span><span class="vh">` + l.Tr("：", ": ") + escape(word) + "</span>")
	}
	if s.Detail != "" {
		b.WriteString(" <small>" + escape(s.Detail) + "</small>")
	}
	b.WriteString("</span></" + element + ">")
	return template.HTML(b.String()) //nolint:gosec // every string from outside went through escape
}
