// Package volume is the form of a bound month of records (簿冊): how its rows are hashed, what closes it, how it is written
// to a file, and how such a file is checked with nothing but itself. It is only values: no database, no clock.
//
// A file is text, a line a part, each ended by one LF:
//
//	{"tanamori":"volume","version":1}      the head
//	{"id":4711,"at":"2026-09-01T…",…}      a row a line, ids ascending, as Postgres' row_to_json writes the columns named
//	{"town":"…","kind":"checkin",…}        the colophon
//
// The hash is SHA-256 over the lines of the rows as they stand, LF included: sed '1d;$d' FILE | sha256sum. The digest is
// SHA-256 over the colophon's values, written as Colophon.Text does.
package volume

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// First is what the first volume of a kind has in place of the digest of the one before.
var First = strings.Repeat("0", 64)

// Colophon closes a volume: what it holds, and what it follows.
type Colophon struct {
	Town     string    `json:"town"` // six-digit code
	Kind     string    `json:"kind"`
	Number   int       `json:"number"` // from 1, without a gap
	Month    string    `json:"month"`  // 2026-09
	Columns  []string  `json:"columns"`
	AfterID  int64     `json:"after_id"` // the last id of the volume before
	LastID   int64     `json:"last_id"`
	Rows     int64     `json:"rows"`
	SHA256   string    `json:"sha256"`   // of the rows
	Previous string    `json:"previous"` // digest of the volume before
	BoundAt  time.Time `json:"bound_at"`
	Digest   string    `json:"digest"` // of all the above
}

// Text is what the digest is made of: a line a value, in this order.
func (c Colophon) Text() string {
	return fmt.Sprintf("tanamori volume 1\ntown %s\nkind %s\nnumber %d\nmonth %s\ncolumns %s\nafter_id %d\nlast_id %d\nrows %d\nsha256 %s\nprevious %s\nbound_at %s\n",
		c.Town, c.Kind, c.Number, c.Month, strings.Join(c.Columns, ","), c.AfterID, c.LastID, c.Rows, c.SHA256, c.Previous,
		c.BoundAt.UTC().Format(time.RFC3339Nano))
}

// Sum is the digest that the colophon's values have.
func (c Colophon) Sum() string {
	sum := sha256.Sum256([]byte(c.Text()))
	return hex.EncodeToString(sum[:])
}

type head struct {
	Tanamori string `json:"tanamori"`
	Version  int    `json:"version"`
}

// Rows hashes the rows of a volume and, where there is one, hands each on to a writer.
type Rows struct {
	hash hash.Hash
	to   io.Writer
	n    int64
}

// NewRows begins a volume. The writer may be nil: then the rows are only hashed.
func NewRows(to io.Writer) *Rows { return &Rows{hash: sha256.New(), to: to} }

// Add takes the next row, one line of JSON without its LF.
func (r *Rows) Add(line []byte) error {
	r.n++
	line = append(line, '\n')
	_, _ = r.hash.Write(line) // a hash takes everything
	if r.to == nil {
		return nil
	}
	if _, err := r.to.Write(line); err != nil {
		return fmt.Errorf("write row %d: %w", r.n, err)
	}
	return nil
}

// Count is how many rows there were.
func (r *Rows) Count() int64 { return r.n }

// SHA256 is the hash of the rows so far.
func (r *Rows) SHA256() string { return hex.EncodeToString(r.hash.Sum(nil)) }

// WriteHead begins a file.
func WriteHead(to io.Writer) error { return writeLine(to, head{Tanamori: "volume", Version: 1}) }

// WriteColophon ends a file.
func WriteColophon(to io.Writer, c Colophon) error {
	c.BoundAt = c.BoundAt.UTC()
	return writeLine(to, c)
}

func writeLine(to io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write volume: %w", err)
	}
	if _, err := to.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write volume: %w", err)
	}
	return nil
}
