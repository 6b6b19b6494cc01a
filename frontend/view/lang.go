// Package view turns page structs into HTML: it parses the templates once at start, for both languages, draws the charts
// and renders a whole page or one named part of it. It knows nothing of rooms, requests or the database.
package view

// Lang is the language of a page, as in the html lang attribute.
type Lang string

// The languages. Japanese is the default and comes first everywhere.
const (
	JA Lang = "ja"
	EN Lang = "en"
)

// ParseLang is EN for "en" and JA for anything else.
func ParseLang(s string) Lang {
	if s == string(EN) {
		return EN
	}
	return JA
}

// Tr chooses the text of the language.
func (l Lang) Tr(ja, en string) string {
	if l == EN {
		return en
	}
	return ja
}

// Other is the language that a switch on the page leads to.
func (l Lang) Other() Lang {
	if l == EN {
		return JA
	}
	return EN
}

// paren puts a remark in brackets as the language writes them.
func (l Lang) paren(s string) string { return l.Tr("（"+s+"）", " ("+s+")") }

// quote marks what a person said.
func (l Lang) quote(s string) string { return l.Tr("「"+s+"」", " “"+s+"”") }
