package view

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// doc is a rendered page, walked once.
type doc struct {
	root  *html.Node
	ids   map[string]int
	nodes []*html.Node
}

func read(t *testing.T, src []byte) doc {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(src))
	require.NoError(t, err)
	d := doc{root: root, ids: map[string]int{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			d.nodes = append(d.nodes, n)
			if id := attr(n, "id"); id != "" {
				d.ids[id]++
			}
		}
	}
	return d
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func eachSample(t *testing.T, check func(t *testing.T, l Lang, name string, src []byte)) {
	t.Helper()
	e := newTestEngine(t)
	for _, l := range []Lang{JA, EN} {
		for name, p := range samples(l) {
			t.Run(string(l)+"/"+name, func(t *testing.T) {
				t.Parallel()
				var buf bytes.Buffer
				require.NoError(t, e.Render(&buf, p))
				check(t, l, name, buf.Bytes())
			})
		}
	}
}

func TestEveryViewHasASample(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range samples(JA) {
		seen[p.name] = true
	}
	for _, s := range every() {
		require.True(t, seen[s.name], "view %s has no sample", s.name)
	}
}

// TestPagesAreSound holds every page to what a strict content policy, keyboards and screen readers need.
func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, l Lang, name string, src []byte) {
		d := read(t, src)
		require.NotContains(t, string(src), "ZgotmplZ", "a value was refused by the template engine")
		h1 := 0
		for _, n := range d.nodes {
			where := n.Data + "#" + attr(n, "id") + " " + textOf(n)
			require.False(t, has(n, "style"), "style attribute at %s", where)
			for _, a := range n.Attr {
				require.False(t, strings.HasPrefix(a.Key, "on"), "event handler %s at %s", a.Key, where)
				switch a.Key {
				case "for", "aria-labelledby", "aria-describedby", "aria-controls":
					for _, id := range strings.Fields(a.Val) {
						require.Equal(t, 1, d.ids[id], "%s of %s points to #%s", a.Key, where, id)
					}
				case "href":
					require.NotEmpty(t, a.Val, where)
					if id, ok := strings.CutPrefix(a.Val, "#"); ok && n.Data == "a" {
						require.Equal(t, 1, d.ids[id], "link to #%s", id)
					}
				}
			}
			switch n.Data {
			case "html":
				require.Equal(t, string(l), attr(n, "lang"))
			case "h1":
				h1++
			case "script", "style":
				require.Empty(t, textOf(n), "inline %s", n.Data)
			case "button":
				require.NotEmpty(t, attr(n, "type"), where)
				require.NotEmpty(t, textOf(n), where)
			case "form":
				require.NotEmpty(t, attr(n, "action"), where)
			case "th":
				require.NotEmpty(t, attr(n, "scope"), where)
			case "title":
				if n.Namespace == "" {
					require.NotRegexp(t, `^[\s—]`, textOf(n))
				}
			case "input", "select", "textarea":
				if attr(n, "type") == "hidden" {
					continue
				}
				require.True(t, labelled(d, n), "no label at %s %s", where, attr(n, "name"))
			}
		}
		require.Equal(t, 1, h1, "headings of the first rank")
		for id, n := range d.ids {
			require.Equal(t, 1, n, "id %q stands %d times", id, n)
		}
	})
}

func labelled(d doc, field *html.Node) bool {
	for p := field.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	for _, n := range d.nodes {
		if n.Data == "label" && attr(n, "for") != "" && attr(n, "for") == attr(field, "id") {
			return true
		}
	}
	return false
}

var (
	japanese = regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)
	latin    = regexp.MustCompile(`[A-Za-z]{3,}`)
	// What is the same in both languages: names of standards, tools, units, addresses, codes.
	neutral = regexp.MustCompile(`English|UTF-8|Shift_JIS|日本語|Asia/Tokyo|SHA-?256(SUMS)?|API|CSV|Healthchecks|PowerShell|curl|NAS|GB|tar(\.zst)?|[\w.-]+@[\w.-]+|koseki-\S*|main|(Edge|Chrome) \d+ / Windows|no such user|admin|mihon5|tnm_\w*…?|A-03|PDU-[AB]|https?://\S+`)
	// Japanese that stands in English pages on purpose: readings, and how to write Japanese dates and names.
	native = regexp.MustCompile(`むかわちょう|さろまちょう|あいべつちょう|令和8年(4|6|13)月(1|23)日|町|村|戸籍正|戸籍副|附票|連携|住民係長|住民福祉課長|開町記念日|ラックA-03 12U`)
)

// TestNoLanguageLeaks reads what a person reads: text and labels of each page are in the page's language.
func TestNoLanguageLeaks(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, l Lang, name string, src []byte) {
		d := read(t, src)
		check := func(text, where string) {
			if l == JA {
				rest := neutral.ReplaceAllString(text, "")
				require.False(t, latin.MatchString(rest) && !japanese.MatchString(text), "English in %s: %q", where, text)
				return
			}
			rest := native.ReplaceAllString(text, "")
			require.NotRegexp(t, japanese, strings.ReplaceAll(rest, "日本語", ""), "Japanese in %s", where)
		}
		for n := range d.root.Descendants() {
			switch {
			case n.Type == html.TextNode && n.Parent.Data != "code" && n.Parent.Data != "pre" && n.Parent.Data != "script":
				check(strings.TrimSpace(n.Data), n.Parent.Data)
			case n.Type == html.ElementNode:
				for _, a := range n.Attr {
					if a.Key == "aria-label" || a.Key == "data-ask" || a.Key == "data-copied" || a.Key == "title" {
						check(a.Val, a.Key)
					}
				}
			}
		}
	})
}

// TestStrangersTextIsEscaped puts markup where names and machines' words go.
func TestStrangersTextIsEscaped(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	const evil = `<img src=x onerror=alert(1)>"'&`
	board := sampleBoard(JA)
	board.Rows[0].Town.Text, board.Rows[0].Cells[0][0].Detail, board.Cases[0].Title = evil, evil, evil
	board.Rows[0].Town.URL = "javascript:alert(1)"
	town := sampleTown(JA)
	town.Nights[3].Detail, town.Nights[3].URL = evil, "javascript:alert(1)"
	plan := samplePlan(JA)
	plan.Trend.Points[2].Detail, plan.Latest.File = evil, evil
	form := Form{Action: "/x", Values: values("name", evil), Errors: []FieldError{{"name", evil}}}
	for _, p := range []Page{Board.With(sampleFrame(JA), board), Town.With(sampleFrame(JA), town), Plan.With(sampleFrame(JA), plan), TownForm.With(sampleFrame(JA), TownFormPage{New: true, BackURL: "/", Form: form})} {
		var buf bytes.Buffer
		require.NoError(t, e.Render(&buf, p))
		d := read(t, buf.Bytes())
		for _, n := range d.nodes {
			require.NotEqual(t, "img", n.Data)
			require.False(t, has(n, "onerror"))
			require.False(t, strings.HasPrefix(attr(n, "href"), "javascript:"))
		}
	}
}
