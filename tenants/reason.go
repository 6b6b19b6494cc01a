package tenants

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
)

// Reason names why something is as it is: a code that programs compare and parameters that its sentence is filled with.
type Reason struct {
	Code   string
	Params Params
}

// Params fill a reason's sentence. It is kept as jsonb. A value "@code" stands for that code's own words in the reader's
// language.
type Params map[string]string

// Value writes the parameters as JSON.
func (p Params) Value() (driver.Value, error) {
	if p == nil {
		return "{}", nil
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write reason parameters: %w", err)
	}
	return string(b), nil
}

// Scan reads the parameters from JSON.
func (p *Params) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
		*p = nil
		return nil
	case []byte:
		b = v
	case string:
		b = []byte(v)
	default:
		return fmt.Errorf("read reason parameters from %T", src)
	}
	*p = nil
	if err := json.Unmarshal(b, p); err != nil {
		return fmt.Errorf("read reason parameters: %w", err)
	}
	return nil
}

var sentences = map[string][2]string{}

// Sentences registers a room's reasons: code → {Japanese, English}, with {name} where a parameter goes. Called from
// package variables only.
func Sentences(table map[string][2]string) bool {
	for code, s := range table {
		if _, twice := sentences[code]; twice {
			panic("tenants: reason registered twice: " + code)
		}
		sentences[code] = s
	}
	return true
}

var shorts = map[string][2]string{}

// Shorts registers a few words for a reason, for places where its sentence is too long: a cell of the board, the subject
// of a mail.
func Shorts(table map[string][2]string) bool {
	for code, s := range table {
		if _, twice := shorts[code]; twice {
			panic("tenants: short reason registered twice: " + code)
		}
		shorts[code] = s
	}
	return true
}

// Known tells whether a sentence is registered for the code.
func Known(code string) bool { _, ok := sentences[code]; return ok }

// In is the reason as a sentence in "ja" or "en". A code without a sentence is shown as itself, never as nothing.
func (r Reason) In(lang string) string {
	s, ok := sentences[r.Code]
	if !ok {
		return r.Code
	}
	return r.fill(s, lang)
}

// Short is the reason in a few words where some are registered, else its sentence.
func (r Reason) Short(lang string) string {
	if s, ok := shorts[r.Code]; ok {
		return r.fill(s, lang)
	}
	return r.In(lang)
}

func (r Reason) fill(s [2]string, lang string) string {
	text := s[0]
	if lang == "en" {
		text = s[1]
	}
	if len(r.Params) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, some := strings.Cut(text, "{")
		b.WriteString(before)
		if !some {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		v, given := r.Params[name]
		if !closed || !given { // not one of ours: it stays as it is
			b.WriteByte('{')
			text = rest
			continue
		}
		if word, ok := strings.CutPrefix(v, "@"); ok && Known(word) {
			v = Reason{Code: word}.In(lang)
		}
		b.WriteString(v)
		text = after
	}
}
