package view

import (
	"fmt"
	"net/url"
)

// Form is what a form shows: what was typed or is stored, and what is wrong with it. A refused form is shown again with
// the request's own values, so nothing typed is lost.
type Form struct {
	Action string       // URL to POST to
	Values url.Values   // by field name; a checkbox is "on" or absent
	Errors []FieldError // in the order of the fields
	Fault  string       // what is wrong with the whole, in words; "" if nothing
	prefix string       // of ids, where several forms stand on one page
}

// As gives the form's fields ids of their own, for pages with several forms.
func (f Form) As(prefix string) Form {
	f.prefix = prefix + "-"
	return f
}

// ID is the id of a field's control.
func (f Form) ID(name string) string { return "f-" + f.prefix + name }

// FieldError says at one field what is wrong, in the page's language.
type FieldError struct{ Field, Message string }

// Option is one choice of a select, radio group or chip row.
type Option struct {
	Value, Label, Help string
}

// Get is the value of a field, "" if none.
func (f Form) Get(name string) string { return f.Values.Get(name) }

// Has tells whether one of the field's values is v.
func (f Form) Has(name, v string) bool {
	for _, have := range f.Values[name] {
		if have == v {
			return true
		}
	}
	return false
}

// Err is the message at a field, "" if it is right.
func (f Form) Err(name string) string {
	for _, e := range f.Errors {
		if e.Field == name {
			return e.Message
		}
	}
	return ""
}

// Field is one field as the part "field" draws it.
type Field struct {
	ID, Name, Label, Value, Error string

	Kind         string // text (default), email, tel, url, number, date, datetime-local, password, textarea, select, radio, chips, check, checks
	Help         string
	Required     bool
	Size         string // s, m, l
	After        string // unit behind the field
	Autocomplete string
	Inputmode    string
	Min, Max     string
	Options      []Option
	Rows         int
	Lang         string
	Era          bool // show the Japanese era beside a date
	Readonly     bool
	Chosen       []string
}

// Describe is the value of aria-describedby: support text and error.
func (f Field) Describe() string {
	s := ""
	if f.Help != "" {
		s = f.ID + "-help"
	}
	if f.Error != "" {
		if s != "" {
			s += " "
		}
		s += f.ID + "-err"
	}
	return s
}

// Is tells whether the choice v is taken.
func (f Field) Is(v string) bool {
	for _, c := range f.Chosen {
		if c == v {
			return true
		}
	}
	return false
}

// field makes a Field of a form and the settings written in a template. An unknown setting is an error, so a slip of the
// pen shows in the first test and not as a missing attribute.
func field(f Form, name, label string, more ...map[string]any) (Field, error) {
	out := Field{ID: f.ID(name), Name: name, Label: label, Value: f.Get(name), Error: f.Err(name), Kind: "text", Rows: 4, Chosen: f.Values[name]}
	for _, m := range more {
		for k, v := range m {
			if !out.set(k, v) {
				return out, fmt.Errorf("field %q: setting %q (%v) is not known", name, k, v)
			}
		}
	}
	return out, nil
}

func (f *Field) set(key string, v any) bool {
	text, isText := v.(string)
	yes, isBool := v.(bool)
	switch key {
	case "options":
		o, ok := v.([]Option)
		f.Options = o
		return ok
	case "rows":
		n, ok := v.(int)
		f.Rows = n
		return ok
	case "required":
		f.Required = yes
		return isBool
	case "era":
		f.Era = yes
		return isBool
	case "readonly":
		f.Readonly = yes
		return isBool
	}
	target, ok := map[string]*string{
		"kind": &f.Kind, "help": &f.Help, "size": &f.Size, "after": &f.After, "autocomplete": &f.Autocomplete,
		"inputmode": &f.Inputmode, "min": &f.Min, "max": &f.Max, "lang": &f.Lang,
	}[key]
	if !ok || !isText {
		return false
	}
	*target = text
	return true
}
