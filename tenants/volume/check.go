package volume

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Wrong is what is the matter with a file, in words: the file was read and does not hold.
type Wrong struct{ Ja, En string }

// Error is the English sentence.
func (w *Wrong) Error() string { return w.En }

func wrong(ja, en string, args ...any) error {
	return &Wrong{Ja: fmt.Sprintf(ja, args...), En: fmt.Sprintf(en, args...)}
}

// longestLine bounds the memory that a file can take: a check-in's body is at most 100 kB, written as hex.
const longestLine = 4 << 20

// Check reads a file from its head to its end and tells whether it is what was bound: every row as it was, in order, none
// missing, none added, and the colophon as it was written. A *Wrong says what does not hold; any other error is of reading.
func Check(from io.Reader) (Colophon, error) {
	var c Colophon
	lines := &reader{from: bufio.NewReaderSize(from, 64<<10)}
	first, err := lines.next()
	if err != nil {
		return c, err
	}
	var h head
	if first == nil || json.Unmarshal(first, &h) != nil || h.Tanamori != "volume" {
		return c, wrong("棚守の簿冊ではありません（1行目が違います）。", "This is not a volume of Tanamori: its first line is something else.")
	}
	if h.Version != 1 {
		return c, wrong("新しい形式（第%d版）の簿冊です。新しい tanamori で確かめてください。", "This volume is of form %d; check it with a newer tanamori.", h.Version)
	}
	rows, order := NewRows(nil), ascent{}
	held, err := lines.next() // a line is a row once another follows it
	if err != nil {
		return c, err
	}
	for held != nil {
		held = bytes.Clone(held)
		following, err := lines.next()
		if err != nil {
			return c, err
		}
		if following == nil {
			break
		}
		order.take(held)
		if err := rows.Add(held); err != nil {
			return c, err
		}
		held = following
	}
	if held == nil || !lines.ended || json.Unmarshal(held, &c) != nil || c.Digest == "" {
		return c, wrong("途中で切れています。最後の行（奥付）がありません。もう一度出力してください。", "The file is cut off: its last line, the colophon, is not there. Export it again.")
	}
	return c, judge(c, rows, order)
}

func judge(c Colophon, rows *Rows, order ascent) error {
	switch {
	case c.Sum() != c.Digest:
		return wrong("奥付が書き換えられています。", "The colophon was changed: its digest does not belong to its values.")
	case rows.Count() != c.Rows:
		return wrong("記録は%d件のはずですが、%d件あります。", "There should be %d records; there are %d.", c.Rows, rows.Count())
	case order.fault > 0:
		return wrong("%d件目の記録の番号が順に並んでいません。", "Record %d is out of order or has no id.", order.fault)
	case rows.Count() > 0 && (order.first <= c.AfterID || order.last > c.LastID):
		return wrong("この簿冊の範囲（%dより後、%dまで）にない番号の記録があります。", "There is a record outside the volume's ids (after %d, up to %d).", c.AfterID, c.LastID)
	case rows.SHA256() != c.SHA256:
		return wrong("記録の内容が、綴じたときと違います。", "The records are not what they were when they were bound.")
	}
	return nil
}

// Follows tells whether a volume is the one right after another, as its colophon says.
func (c Colophon) Follows(before Colophon) error {
	switch {
	case c.Town != before.Town || c.Kind != before.Kind || c.Number != before.Number+1:
		return nil // nothing to compare
	case c.Previous != before.Digest || c.AfterID != before.LastID:
		return wrong("第%d号は、示された第%d号に続くものではありません。", "Volume %d does not follow the volume %d given.", c.Number, before.Number)
	}
	return nil
}

// Link is whether the two could be compared at all.
func (c Colophon) Link(before Colophon) bool {
	return c.Town == before.Town && c.Kind == before.Kind && c.Number == before.Number+1
}

// ascent follows the ids of the rows.
type ascent struct {
	n, first, last int64
	fault          int64 // the first row out of order
}

func (a *ascent) take(line []byte) {
	a.n++
	var row struct{ ID *int64 }
	if err := json.Unmarshal(line, &row); err != nil || row.ID == nil || a.n > 1 && *row.ID <= a.last {
		if a.fault == 0 {
			a.fault = a.n
		}
		return
	}
	if a.n == 1 {
		a.first = *row.ID
	}
	a.last = *row.ID
}

// reader gives lines without their LF, nil at the end. ended tells whether the last line had one.
type reader struct {
	from  *bufio.Reader
	line  []byte
	ended bool
}

func (r *reader) next() ([]byte, error) {
	r.line = r.line[:0]
	for {
		part, err := r.from.ReadSlice('\n')
		r.line = append(r.line, part...)
		switch {
		case len(r.line) > longestLine:
			return nil, wrong("長すぎる行があります。", "A line is longer than any record.")
		case err == nil:
			r.ended = true
			return r.line[:len(r.line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if len(r.line) == 0 {
				return nil, nil
			}
			r.ended = false
			return r.line, nil
		default:
			return nil, fmt.Errorf("read volume: %w", err)
		}
	}
}
