package evidence

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Head begins a file of evidence: whose it is, which leaves it holds, and what is needed to read them. A file is text, a
// line of JSON a part: the head, the checkpoints, the rows, the records of the removal of such as are gone, the tail.
type Head struct {
	Tanamori string    `json:"tanamori"` // "evidence"
	Version  int       `json:"version"`
	Origin   string    `json:"origin"`
	Town     string    `json:"town"`
	First    uint64    `json:"first"` // the leaves from this one …
	End      uint64    `json:"end"`   // … up to, not including, this one
	Series   []Series  `json:"series"`
	Keys     []string  `json:"keys"` // verifier keys, the oldest first
	MadeAt   time.Time `json:"made_at"`
}

// Series says where in a ledger's rows it stands when they were written down.
type Series struct {
	Series   string `json:"series"`
	Recorded string `json:"recorded"`
}

// Line is any line after the head; only what belongs to it is set.
type Line struct {
	Checkpoint string   `json:"checkpoint,omitempty"` // a signed note; Proof is that it follows from the one before
	Removal    *Row     `json:"removal,omitempty"`    // a record of the removal of rows by the rule of retention
	Row        *Row     `json:"leaf,omitempty"`
	Proof      [][]byte `json:"proof,omitempty"`
	Tail       *Tail    `json:"tail,omitempty"`
}

// single tells whether a line is of one kind at most.
func (l Line) single() bool {
	kinds := 0
	for _, is := range []bool{l.Checkpoint != "", l.Removal != nil, l.Row != nil, l.Tail != nil} {
		if is {
			kinds++
		}
	}
	return kinds <= 1 && (l.Proof == nil || l.Checkpoint != "")
}

// Row is one leaf with its proof of inclusion in the tree of the file's last checkpoint. Without a row: it was removed by the
// rule of retention (Removed is the record that says so), the reader's post does not allow it (Withheld), or it is not there.
type Row struct {
	Leaf     uint64          `json:"index"`
	Series   string          `json:"series"`
	ID       int64           `json:"id"`
	Row      json.RawMessage `json:"row,omitempty"`
	Removed  int64           `json:"removed,omitempty"`
	Withheld bool            `json:"withheld,omitempty"`
	Hash     []byte          `json:"hash"`
	Proof    [][]byte        `json:"proof"`
}

// single tells whether a leaf says one thing at most of its row.
func (r Row) single() bool {
	return (r.Row == nil || r.Removed == 0 && !r.Withheld) && (r.Removed == 0 || !r.Withheld)
}

// Tail ends a file.
type Tail struct {
	Rows     uint64 `json:"rows"`
	Removed  uint64 `json:"removed"`
	Withheld uint64 `json:"withheld"`
}

// Writer writes a file.
type Writer struct {
	to   io.Writer
	tail Tail
}

// NewWriter begins a file.
func NewWriter(to io.Writer, h Head) (*Writer, error) {
	h.Tanamori, h.Version, h.MadeAt = "evidence", 1, h.MadeAt.UTC()
	w := &Writer{to: to}
	return w, w.line(h)
}

// Checkpoint writes a signed note and the proof that it follows from the one before.
func (w *Writer) Checkpoint(signed string, proof [][]byte) error {
	return w.line(Line{Checkpoint: signed, Proof: proof})
}

// Removal writes a record of removal, behind the rows.
func (w *Writer) Removal(r Row) error { return w.line(Line{Removal: &r}) }

// Row writes a leaf.
func (w *Writer) Row(r Row) error {
	switch {
	case r.Removed != 0:
		w.tail.Removed++
	case r.Withheld:
		w.tail.Withheld++
	default:
		w.tail.Rows++
	}
	return w.line(Line{Row: &r})
}

// End ends the file.
func (w *Writer) End() error { return w.line(Line{Tail: &w.tail}) }

func (w *Writer) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	if _, err := w.to.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	return nil
}
