package store

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"
)

// Pattern says where the backup of a night lies: a slash path below the root
// of the store with placeholders and wildcards.
//
//	{YYYY} {YY} {MM} {DD} {hh} {mm}   the scheduled time, in the town's zone
//	{night:YYYYMMDD}                  the business night the backup belongs to
//	*  ?                              any characters, one character (never a
//	                                  slash, never a leading dot)
//
// A backup scheduled for 01:00 on the 22nd belongs to the night of the 21st:
// "koseki-{YYYY}{MM}{DD}.tar.gz" expands to …20261122…,
// "koseki-{night:YYYY-MM-DD}.tar.gz" to …2026-11-21…. Inside {night:…} the
// words YYYY YY MM DD may be joined by any of "-", "_" and ".".
//
// The zero Pattern matches nothing; make one with ParsePattern.
type Pattern struct {
	source string
	parts  []part
}

// part is literal text (wildcards included) or one placeholder.
type part struct {
	text  string // literal when word is ""
	word  string // YYYY, YY, MM, DD, hh, mm
	night bool
}

const maxPattern = 1024 // bytes, as written and as expanded

// PatternError says why a pattern was refused, for the field it was typed in.
type PatternError struct {
	Code   string            // key of Sentences
	Params map[string]string // fills the sentence
}

// Error says it in English.
func (e *PatternError) Error() string {
	s := Sentences[e.Code][1]
	for k, v := range e.Params {
		s = strings.ReplaceAll(s, "{"+k+"}", v)
	}
	return "pattern: " + s
}

// Reason names the refusal: a key of Sentences and what fills it.
func (e *PatternError) Reason() (code string, params map[string]string) { return e.Code, e.Params }

func refuse(code, what string) error {
	return &PatternError{Code: "store.pattern_" + code, Params: map[string]string{"what": what}}
}

// ParsePattern reads a pattern as an administrator typed it. Every error is a
// *PatternError. What it accepts cannot leave the store, whatever the date.
func ParsePattern(s string) (Pattern, error) {
	switch {
	case s == "":
		return Pattern{}, refuse("empty", "")
	case len(s) > maxPattern:
		return Pattern{}, refuse("long", fmt.Sprint(maxPattern))
	case !utf8.ValidString(s):
		return Pattern{}, refuse("control", "")
	case strings.ContainsRune(s, '\\'):
		return Pattern{}, refuse("backslash", `\`)
	case strings.HasPrefix(s, "/"), len(s) > 1 && s[1] == ':':
		return Pattern{}, refuse("absolute", s)
	case strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return Pattern{}, refuse("control", "")
	}
	wild := 0
	for _, element := range strings.Split(s, "/") {
		switch {
		case element == "..":
			return Pattern{}, refuse("parent", "..")
		case element == "" || element == ".":
			return Pattern{}, refuse("element", s)
		case strings.ContainsAny(element, "*?"):
			wild++
		}
	}
	if wild > 2 {
		return Pattern{}, refuse("wild", "2")
	}
	parts, err := split(s)
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{source: s, parts: parts}
	// "{night:..}" is harmless to look at and ".." when expanded.
	if sample := time.Unix(0, 0).UTC(); !fs.ValidPath(p.Expand(sample, sample)) || p.Expand(sample, sample) == "." {
		return Pattern{}, refuse("parent", "..")
	}
	return p, nil
}

func split(s string) ([]part, error) {
	var parts []part
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			return append(parts, part{text: s}), nil
		}
		if i > 0 {
			parts = append(parts, part{text: s[:i]})
		}
		end := strings.IndexByte(s, '}')
		if s[i] == '}' || end < 0 || strings.IndexByte(s[i+1:end], '{') >= 0 {
			return nil, refuse("brace", "{ }")
		}
		inside := s[i+1 : end]
		s = s[end+1:]
		switch inside {
		case "YYYY", "YY", "MM", "DD", "hh", "mm":
			parts = append(parts, part{word: inside})
			continue
		}
		night, ok := strings.CutPrefix(inside, "night:")
		if !ok || night == "" {
			return nil, refuse("unknown", "{"+inside+"}")
		}
		for night != "" {
			word := nightWord(night)
			if word == "" {
				return nil, refuse("unknown", "{"+inside+"}")
			}
			if strings.ContainsAny(word, "-_.") {
				parts = append(parts, part{text: word})
			} else {
				parts = append(parts, part{word: word, night: true})
			}
			night = night[len(word):]
		}
	}
	return parts, nil
}

func nightWord(s string) string {
	for _, w := range []string{"YYYY", "YY", "MM", "DD", "-", "_", "."} {
		if strings.HasPrefix(s, w) {
			return w
		}
	}
	return ""
}

// String returns the pattern as it was typed.
func (p Pattern) String() string { return p.source }

// IsZero reports whether p was never parsed.
func (p Pattern) IsZero() bool { return len(p.parts) == 0 }

// Expand puts in the dates: of the scheduled time (already in the town's zone)
// and of the business night. What comes out still holds the wildcards and is
// what Store.Find takes.
func (p Pattern) Expand(scheduledLocal, night time.Time) string {
	var b strings.Builder
	for _, part := range p.parts {
		if part.word == "" {
			b.WriteString(part.text)
			continue
		}
		t := scheduledLocal
		if part.night {
			t = night
		}
		switch part.word {
		case "YYYY":
			fmt.Fprintf(&b, "%04d", t.Year())
		case "YY":
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case "MM":
			fmt.Fprintf(&b, "%02d", int(t.Month()))
		case "DD":
			fmt.Fprintf(&b, "%02d", t.Day())
		case "hh":
			fmt.Fprintf(&b, "%02d", t.Hour())
		case "mm":
			fmt.Fprintf(&b, "%02d", t.Minute())
		}
	}
	return b.String()
}
