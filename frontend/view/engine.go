package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
	"time"

	"tanamori/frontend/templates"
)

// Engine holds the parsed templates. It is safe for use by many requests at once.
type Engine struct {
	files fs.FS
	specs []spec
	asset func(name string) string
	zone  *time.Location

	mu   sync.RWMutex
	sets map[setKey]map[string]*template.Template
}

// Functions of html/template are fixed when a template is parsed, so each language and zone has its own set.
type setKey struct {
	lang Lang
	zone string
}

// Options of New.
type Options struct {
	Zone  *time.Location           // for pages whose frame names none
	Asset func(name string) string // address of "app.js" and "app.css", see package assets
}

// New parses every view in both languages. It fails if a view names a part or template that is not there, if a file
// belongs to no view, or if an asset has no address.
func New(o Options) (*Engine, error) {
	return newEngine(templates.Files, every(), o)
}

func newEngine(files fs.FS, specs []spec, o Options) (*Engine, error) {
	if o.Zone == nil {
		return nil, errors.New("view: no zone given")
	}
	for _, name := range []string{"app.js", "app.css"} {
		if o.Asset == nil || o.Asset(name) == "" {
			return nil, fmt.Errorf("view: no address for asset %q", name)
		}
	}
	e := &Engine{files: files, specs: specs, asset: o.Asset, zone: o.Zone, sets: map[setKey]map[string]*template.Template{}}
	if err := e.undeclared(); err != nil {
		return nil, err
	}
	for _, lang := range []Lang{JA, EN} {
		set, err := e.parse(lang, o.Zone)
		if err != nil {
			return nil, err
		}
		e.sets[setKey{lang, o.Zone.String()}] = set
	}
	return e, nil
}

// undeclared finds files that no view uses: a page somebody forgot to list, or forgot to delete.
func (e *Engine) undeclared() error {
	used := map[string]bool{}
	seen := map[string]bool{}
	for _, s := range e.specs {
		if seen[s.name] {
			return fmt.Errorf("view %q is declared twice", s.name)
		}
		seen[s.name] = true
		for _, f := range s.files() {
			used[f] = true
		}
	}
	names, err := fs.Glob(e.files, "*.html")
	if err != nil {
		return fmt.Errorf("list templates: %w", err)
	}
	for _, n := range names {
		if !used[n] {
			return fmt.Errorf("template %q belongs to no declared view", n)
		}
	}
	return nil
}

func (e *Engine) parse(lang Lang, zone *time.Location) (map[string]*template.Template, error) {
	set := make(map[string]*template.Template, len(e.specs))
	for _, s := range e.specs {
		t := template.New(s.name).Funcs(funcs(lang, zone, e.asset)).Option("missingkey=error")
		if _, err := t.ParseFS(e.files, s.files()...); err != nil {
			return nil, fmt.Errorf("parse view %q: %w", s.name, err)
		}
		if err := complete(t, s); err != nil {
			return nil, err
		}
		set[s.name] = t
	}
	return set, nil
}

// complete holds a view to what it declares: every template it calls is there, and every part it lists is called.
// html/template itself finds out only when a page is shown.
func complete(t *template.Template, s spec) error {
	for _, name := range append([]string{"layout", "title", "main"}, s.pieces...) {
		if t.Lookup(name) == nil || t.Lookup(name).Tree == nil {
			return fmt.Errorf("view %q defines no template %q", s.name, name)
		}
	}
	called := map[string]bool{}
	for _, each := range t.Templates() {
		if each.Tree == nil {
			continue
		}
		for _, name := range calls(each.Tree.Root) {
			called[name] = true
			if t.Lookup(name) == nil || t.Lookup(name).Tree == nil {
				return fmt.Errorf("view %q calls template %q, which none of its parts defines", s.name, name)
			}
		}
	}
	for _, p := range s.parts {
		if !called[p] {
			return fmt.Errorf("view %q declares part %q and never calls it", s.name, p)
		}
	}
	return nil
}

// calls lists the names of all {{template}} actions below a node.
func calls(n parse.Node) []string {
	var out []string
	branch := func(b *parse.BranchNode) {
		out = append(out, calls(b.List)...)
		out = append(out, calls(b.ElseList)...)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				out = append(out, calls(c)...)
			}
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		out = append(out, n.Name)
	}
	return out
}

// Write answers with the whole page. Nothing is sent when rendering fails: never half a page.
func (e *Engine) Write(w http.ResponseWriter, status int, p Page) error {
	return e.write(w, status, p, "layout")
}

// WritePiece answers with one declared piece of the page, for htmx.
func (e *Engine) WritePiece(w http.ResponseWriter, status int, p Page, piece string) error {
	if !p.hasPiece(piece) {
		return fmt.Errorf("view %q declares no piece %q", p.name, piece)
	}
	return e.write(w, status, p, piece)
}

// Render writes the whole page to w, all or nothing.
func (e *Engine) Render(w io.Writer, p Page) error {
	buf, err := e.render(p, "layout")
	if err != nil {
		return err
	}
	_, err = buf.WriteTo(w)
	return err
}

// Piece is one declared piece as text, for server-sent events.
func (e *Engine) Piece(p Page, piece string) (string, error) {
	if !p.hasPiece(piece) {
		return "", fmt.Errorf("view %q declares no piece %q", p.name, piece)
	}
	buf, err := e.render(p, piece)
	if err != nil {
		return "", err
	}
	return buf.String(), nil
}

func (e *Engine) write(w http.ResponseWriter, status int, p Page, name string) error {
	buf, err := e.render(p, name)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(ParseLang(string(p.Frame.Lang))))
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store") // pages show what one person may see at one moment
	}
	w.WriteHeader(status)
	_, err = buf.WriteTo(w)
	return err
}

// root is what templates see as ".": the frame's fields and the body.
type root struct {
	Frame
	Current string // section of the view
	B       any
}

func (e *Engine) render(p Page, name string) (*bytes.Buffer, error) {
	p.Frame.Lang = ParseLang(string(p.Frame.Lang))
	zone := p.Frame.Zone
	if zone == nil {
		zone = e.zone
	}
	set, err := e.set(p.Frame.Lang, zone)
	if err != nil {
		return nil, err
	}
	t, ok := set[p.name]
	if !ok {
		return nil, fmt.Errorf("view %q is not declared", p.name)
	}
	buf := new(bytes.Buffer)
	if err := t.ExecuteTemplate(buf, name, root{Frame: p.Frame, Current: p.section, B: p.Body}); err != nil {
		return nil, fmt.Errorf("render view %q: %w", p.name, err)
	}
	return buf, nil
}

// set finds the templates of a language and zone. Another zone than the engine's is parsed when first asked for.
func (e *Engine) set(lang Lang, zone *time.Location) (map[string]*template.Template, error) {
	key := setKey{lang, zone.String()}
	e.mu.RLock()
	set := e.sets[key]
	e.mu.RUnlock()
	if set != nil {
		return set, nil
	}
	set, err := e.parse(lang, zone)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if have := e.sets[key]; have != nil {
		return have, nil
	}
	e.sets[key] = set
	return set, nil
}

// Names lists the declared views, sorted.
func (e *Engine) Names() []string {
	names := make([]string, 0, len(e.specs))
	for _, s := range e.specs {
		names = append(names, strings.TrimSpace(s.name))
	}
	slices.Sort(names)
	return names
}
