// Package evidence is the form of what the log of a town proves: how a row becomes a leaf of its Merkle tree, how the root is
// written and signed, how rows are written to a file with their proofs, and how such a file is checked with nothing but
// itself and what the town was sent. It is only values: no database, no clock. The form is described in docs/evidence.md.
package evidence

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/transparency-dev/merkle/rfc6962"
)

// Leaf is a row of a ledger as it is hashed.
type Leaf struct {
	ID     int64
	Row    json.RawMessage // its columns by name
	Series string          // the ledger
	Town   string          // six-digit code
}

// Bytes are what is hashed: the canonical JSON of the four.
func (l Leaf) Bytes() ([]byte, error) {
	row, err := Canonical(l.Row)
	if err != nil {
		return nil, fmt.Errorf("write %s %d: %w", l.Series, l.ID, err)
	}
	out := append(strconv.AppendInt([]byte(`{"id":`), l.ID, 10), `,"row":`...)
	out = append(append(out, row...), `,"series":`...)
	out = append(text(out, l.Series), `,"town":`...)
	return append(text(out, l.Town), '}'), nil
}

// Hash is the leaf's hash by RFC 6962: SHA-256 over a zero byte and the leaf.
func (l Leaf) Hash() ([]byte, error) {
	b, err := l.Bytes()
	if err != nil {
		return nil, err
	}
	return rfc6962.DefaultHasher.HashLeaf(b), nil
}
