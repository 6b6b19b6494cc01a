package view

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

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
