package body

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// Excerpt is the end of a check-in's body as a person may be shown it: at most
// n bytes of UTF-8; see [Tail]. Of a JSON object that carries a "reason" or a
// "log", those are what is shown.
func Excerpt(body []byte, n int) string {
	text := strings.TrimSpace(plain(body))
	if o, ok := asObject(json.RawMessage(text)); ok {
		reason, _ := o.text("reason")
		log, _ := o.text("log")
		if reason != "" || log != "" {
			reason = Tail([]byte(reason), n)
			if room := n - len(reason) - 1; reason != "" && room > 0 {
				return strings.TrimSpace(reason + "\n" + Tail([]byte(log), room))
			}
			if reason != "" {
				return reason
			}
			return Tail([]byte(log), n)
		}
	}
	return Tail(body, n)
}

// Tail is the end of a text, at most n bytes of valid UTF-8, safe to show: no
// control characters but line feed and tab, no terminal colours, no marks that
// turn the direction of writing; bytes that are no text become U+FFFD. Text in
// the code page of Japanese Windows (CP932) is recognised and converted.
func Tail(text []byte, n int) string {
	if n <= 0 {
		return ""
	}
	s := strings.TrimSpace(clean(readable(text)))
	if len(s) <= n {
		return s
	}
	cut := len(s) - n
	for cut < len(s) && !utf8.RuneStart(s[cut]) {
		cut++
	}
	return strings.TrimSpace(s[cut:])
}

// readable is the text as UTF-8. UTF-8 read as CP932 seldom fails either, so
// the decision is by weight: in true CP932 nearly no two bytes are also a
// UTF-8 character, in true UTF-8 that was cut or damaged nearly all are.
func readable(body []byte) string {
	s := plain(body)
	if utf8.ValidString(s) {
		return s
	}
	broken, whole := 0, 0
	for i := 0; i < len(s); {
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			broken++
		case width > 1:
			whole++
		}
		i += width
	}
	if broken > 2*whole {
		if t, err := japanese.ShiftJIS.NewDecoder().String(s); err == nil && !strings.ContainsFunc(t, notFromCP932) {
			return t
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// notFromCP932 is a character that a log in CP932 would not give.
func notFromCP932(r rune) bool {
	return r == utf8.RuneError || r >= 0x80 && r < 0xA0
}

// clean drops what must not reach a page or a terminal.
func clean(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); {
		if s[i] == 0x1B {
			i += escape(s[i:])
			continue
		}
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r':
			// A bare carriage return is a progress line overwritten.
			if !strings.HasPrefix(s[i+1:], "\n") {
				out.WriteByte('\n')
			}
		case r == '\u2028', r == '\u2029':
			out.WriteByte('\n')
		case !hidden(r):
			out.WriteRune(r)
		}
		i += width
	}
	return out.String()
}

// hidden: controls except line feed and tab, and the marks by which text can be
// made to read otherwise than it is stored.
func hidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' ||
		unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r == '\u2028' || r == '\u2029'
}

// escape is the length of the terminal sequence at the start of s.
func escape(s string) int {
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[': // ESC [ parameters final
		for i := 2; i < len(s) && i < 64; i++ {
			if s[i] >= 0x40 && s[i] <= 0x7E {
				return i + 1
			}
			if s[i] < 0x20 || s[i] > 0x7E {
				return i
			}
		}
		return 2
	case ']': // ESC ] title BEL
		for i := 2; i < len(s) && i < 512; i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == '\n' || s[i] == 0x1B {
				return i
			}
		}
		return 2
	}
	return 1
}
