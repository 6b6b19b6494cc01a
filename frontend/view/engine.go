package view

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
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
