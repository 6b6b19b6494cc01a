package view

import "slices"

// View is one page: its template file, what it is made of, and the type of its body, so that a handler cannot hand a
// page the struct of another one.
type View[B any] struct{ spec }

// spec is what the engine has to know of a view.
type spec struct {
	name    string   // templates/<name>.html, which defines "title" and "main"
	layout  string   // templates/<layout>.html
	section string   // which entry of the menu is current
	parts   []string // templates/part_<part>.html
	pieces  []string // templates that may be rendered alone, for htmx
}

// Page is a view with its frame and body, ready to be rendered.
type Page struct {
	spec
	Frame Frame
	Body  any
}

// With fills the view.
func (v View[B]) With(f Frame, body B) Page {
	return Page{spec: v.spec, Frame: f, Body: body}
}

// Name is the view's name, for logs.
func (v View[B]) Name() string { return v.name }

type option func(*spec)

func page[B any](name, section string, opts ...option) View[B] {
	s := spec{name: name, layout: "layout", section: section}
	for _, o := range opts {
		o(&s)
	}
	return View[B]{s}
}

func parts(names ...string) option {
	return func(s *spec) { s.parts = append(s.parts, names...) }
}

func pieces(names ...string) option {
	return func(s *spec) { s.pieces = append(s.pieces, names...) }
}

func (s spec) files() []string {
	files := []string{s.layout + ".html"}
	for _, p := range s.parts {
		files = append(files, "part_"+p+".html")
	}
	return append(files, s.name+".html")
}

func (s spec) hasPiece(name string) bool { return slices.Contains(s.pieces, name) }
