package body

import (
	"encoding/json"
	"net/url"
	"strings"
)

// object is a JSON object whose members are looked at one by one, so that one
// member of an unexpected type spoils nothing else.
type object map[string]json.RawMessage

func asObject(raw json.RawMessage) (object, bool) {
	var o object
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &o) != nil {
		return nil, false
	}
	return o, true
}

func asList(raw json.RawMessage) ([]json.RawMessage, bool) {
	var l []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &l) != nil {
		return nil, false
	}
	return l, true
}

// text gives a string member unquoted and a number as it was written; any
// other kind counts as absent.
func (o object) text(key string) (string, bool) {
	raw := o[key]
	if len(raw) == 0 {
		return "", false
	}
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw), true
	}
	return "", false
}

func (o object) child(key string) object {
	c, _ := asObject(o[key])
	return c
}

func (o object) is(key, value string) bool {
	s, ok := o.text(key)
	return ok && s == value
}

func (o object) count(key string) *int64 {
	s, _ := o.text(key)
	return wholeNumber(s)
}

// stated reads the fields that a sender names on purpose, from an object or a
// form alike. ok reports whether any of them held something usable.
func stated(get func(string) (string, bool)) (n Numbers, ok bool) {
	field := func(key string) string {
		s, _ := get(key)
		return strings.TrimSpace(s)
	}
	n.Bytes = wholeNumber(field("bytes"))
	n.Files = wholeNumber(field("files"))
	n.SHA256 = sha256Hex(field("sha256"))
	n.Generation = name(field("generation"))
	n.Duration = seconds(field("duration"))
	n.Modified = instant(field("modified"))
	n.ExitHint = exitStatus(field("exit_status"))
	return n, n.Bytes != nil || n.Files != nil || n.SHA256 != "" || n.Generation != "" ||
		n.Duration != nil || n.Modified != nil || n.ExitHint != nil
}

// withLog completes stated numbers from a log that came in the same object.
// Sizes and counts are taken from one side only: the file that was hashed and
// the tree that was walked are different things.
func withLog(n Numbers, log string) Numbers {
	if strings.TrimSpace(log) == "" {
		return n
	}
	l := parseLog(log)
	if n.Bytes == nil && n.Files == nil {
		n.Bytes, n.Files, n.Added = l.Bytes, l.Files, l.Added
		n.Rounded, n.DryRun = l.Rounded, l.DryRun
		if l.Tool != ToolNone {
			n.Tool = l.Tool
		}
	}
	if n.Generation == "" {
		n.Generation = l.Generation
	}
	if n.Duration == nil {
		n.Duration = l.Duration
	}
	if n.ExitHint == nil {
		n.ExitHint = l.ExitHint
	}
	return n
}

// parseForm reads a form. A body that is not labelled as one is still taken for
// one if it is a single word with a known field, as wget and hand-written
// scripts send it.
func parseForm(contentType, text string) (Numbers, bool) {
	text = strings.TrimSpace(text)
	if !isFormType(contentType) && strings.ContainsAny(text, " \t\r\n{") {
		return Numbers{}, false
	}
	// What cannot be decoded is left out; the rest of the pairs still count.
	values, _ := url.ParseQuery(text)
	n, ok := stated(func(key string) (string, bool) { return values.Get(key), values.Has(key) })
	log := values.Get("log")
	if !ok && log == "" {
		return Numbers{}, false
	}
	if ok {
		n.Tool = ToolForm
	}
	return withLog(n, log), true
}
