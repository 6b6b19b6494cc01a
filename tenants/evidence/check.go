package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Wrong is what is the matter with a file as a whole, in words: it cannot be judged row by row.
type Wrong struct{ Ja, En string }

// Error is the English sentence.
func (w *Wrong) Error() string { return w.En }

func wrong(ja, en string, args ...any) error {
	return &Wrong{Ja: fmt.Sprintf(ja, args...), En: fmt.Sprintf(en, args...)}
}

// Finding is what does not hold, and of which row.
type Finding struct {
	Leaf   int64 // -1: of no single row
	Series string
	ID     int64
	Ja, En string
}

// Report is what a check found.
type Report struct {
	Head                    Head
	Last                    Checkpoint // the newest of the file
	From, Until             time.Time  // when the checkpoints before its first and behind its last leaf were signed; zero: none was
	Checkpoints             int
	Rows, Removed, Withheld uint64
	Restores                []Restore
	Findings                []Finding // at most as many as a person reads; Wrongs counts them all
	Wrongs                  int
	Remarks                 []Finding // what a person should know, and no fault of the file
	Agreed                  int       // of the checkpoints that the reader brought
	Unmet                   bool      // the reader brought checkpoints, and nothing that they brought vouches for this file
}

// Holds tells whether nothing is wrong, and whether what the reader brought along vouches for the file.
func (r *Report) Holds() bool { return r.Wrongs == 0 && !r.Unmet }

// Restore is a recorded restoring of the database from a copy, or its move to another server.
type Restore struct {
	Size uint64 // of the tree as it was restored: what came after it, before At, is lost
	At   time.Time
}

// Trust is what the reader brings along: keys as the town was told them, and checkpoints that it was sent.
type Trust struct {
	Keys        []string
	Checkpoints []string
}

const (
	longestLine = 8 << 20
	most        = 50
	// lateness is how much earlier a row may say that it was written down than the checkpoint before it was signed: a
	// transaction that took so long.
	lateness = time.Hour
)

// IsEvidence tells whether a file begins as one of evidence does.
func IsEvidence(first []byte) bool {
	line, _, _ := bytes.Cut(first, []byte("\n"))
	return bytes.HasPrefix(line, []byte(`{"tanamori":"evidence",`))
}

// Check reads a file from its head to its tail: every leaf in its place and in the tree, every row what its leaf says, every
// checkpoint signed and following from the one before, no row saying that it is older than it can be. A *Wrong is a file that
// cannot be judged; any other error is of reading.
func Check(from io.Reader, t Trust) (*Report, error) {
	c := &check{lines: bufio.NewReaderSize(from, 64<<10), removals: map[int64]removal{}, claims: map[string][]claim{}, columns: map[string]string{}, signers: map[string]bool{}, trusted: len(t.Keys) == 0, trust: t}
	if err := c.head(); err != nil {
		return nil, err
	}
	for !c.ended {
		var l Line
		ok, err := c.next(&l)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, wrong("途中で切れています。最後の行がありません。もう一度出力してください。", "The file is cut off: its last line is not there. Export it again.")
		}
		switch {
		case !l.single():
			err = wrong("2つの種類を兼ねる行があります。", "A line is of two kinds at once.")
		case l.Checkpoint != "":
			err = c.checkpoint(l)
		case l.Removal != nil:
			c.removal(*l.Removal)
		case l.Row != nil:
			c.row(*l.Row)
		case l.Tail != nil:
			err = c.tail(*l.Tail)
		default:
			err = wrong("知らない種類の行があります。", "There is a line of a kind unknown here.")
		}
		if err != nil {
			return nil, err
		}
	}
	if ok, err := c.next(&Line{}); ok || err != nil {
		return nil, errors.Join(wrong("最後の行の後に続きがあります。", "Something follows the last line."), err)
	}
	return &c.report, c.held()
}

type check struct {
	lines    *bufio.Reader
	buffer   []byte
	report   Report
	trust    Trust
	trusted  bool            // a checkpoint bears a key that the reader brought
	key      int             // of the newest checkpoint, in the head's list
	signers  map[string]bool // the keys that signed in this file
	marks    []mark
	columns  map[string]string // of each ledger, where its time stands
	removals map[int64]removal
	claims   map[string][]claim // by ledger
	expected uint64             // the next leaf
	began    bool               // rows have begun
	ended    bool
}

// mark is a checkpoint as far as rows and kept checkpoints are held against it. least is the earliest time that it or a later
// one was signed at: a clock that was ahead for a while does not make what came after it look old.
type mark struct {
	size  uint64
	root  [32]byte
	at    time.Time
	least time.Time
}

// next reads a line into v; false at the end.
func (c *check) next(v any) (bool, error) {
	c.buffer = c.buffer[:0]
	for {
		part, err := c.lines.ReadSlice('\n')
		c.buffer = append(c.buffer, part...)
		switch {
		case len(c.buffer) > longestLine:
			return false, wrong("長すぎる行があります。", "A line is longer than any record.")
		case err == nil:
			d := json.NewDecoder(bytes.NewReader(c.buffer))
			d.DisallowUnknownFields()
			if err := d.Decode(v); err != nil {
				return false, wrong("読めない行があります（%v）。", "A line cannot be read: %v.", err)
			}
			if _, err := d.Token(); !errors.Is(err, io.EOF) {
				return false, wrong("1行に2つ以上の値があります。", "A line holds more than one value.")
			}
			return true, c.same(v)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if len(c.buffer) > 0 {
				return false, wrong("途中で切れています。もう一度出力してください。", "The file is cut off within a line. Export it again.")
			}
			return false, nil
		default:
			return false, fmt.Errorf("read evidence: %w", err)
		}
	}
}

// same refuses a line that is written otherwise than a Writer writes it: a name that stands twice, or in another case, says one
// thing here and another to whoever reads the file with something else.
func (c *check) same(v any) error {
	b, err := json.Marshal(v)
	if err != nil || !bytes.Equal(b, bytes.TrimRight(c.buffer, "\r\n")) {
		return wrong("書き方の違う行があります（同じ名前が2つあるなど）。読む道具によって内容が変わります。", "A line is written otherwise than Tanamori writes it (a name stands twice, or spelt otherwise): it says different things to different readers.")
	}
	return nil
}

func (c *check) head() error {
	h := &c.report.Head
	ok, err := c.next(h)
	var unreadable *Wrong
	if err != nil && !errors.As(err, &unreadable) {
		return err
	}
	if err != nil || !ok || h.Tanamori != "evidence" {
		return wrong("棚守の証拠のファイルではありません（1行目が違います）。", "This is no file of evidence of Tanamori: its first line is something else.")
	}
	if h.Version != 1 {
		return wrong("新しい形式（第%d版）のファイルです。新しい tanamori で確かめてください。", "This file is of form %d; check it with a newer tanamori.", h.Version)
	}
	if h.First > h.End || len(h.Keys) == 0 {
		return wrong("1行目の範囲か鍵が正しくありません。", "The first line's range or keys make no sense.")
	}
	c.named(h.Series)
	c.expected = h.First
	return nil
}

func (c *check) checkpoint(l Line) error {
	if c.began {
		return wrong("検証値が記録の後にあります。", "A checkpoint stands behind the rows.")
	}
	keys := c.report.Head.Keys
	p, by, err := Open(l.Checkpoint, keys...)
	if err != nil {
		return wrong("検証値の署名が正しくありません（%d番目）。", "The signature of checkpoint %d does not hold.", len(c.marks)+1)
	}
	if p.Origin != c.report.Head.Origin {
		return wrong("別の団体か別の設備の検証値が混じっています（%s）。", "There is a checkpoint of another log (%s).", p.Origin)
	}
	m := mark{size: p.Size, root: [32]byte(p.Root), at: p.At}
	oldest, newest := len(keys), -1
	for _, k := range by {
		oldest, newest = min(oldest, slices.Index(keys, k)), max(newest, slices.Index(keys, k))
		c.signers[k] = true
		c.trusted = c.trusted || slices.Contains(c.trust.Keys, k)
	}
	if len(c.marks) == 0 {
		c.key = oldest
		if h := c.report.Head; p.Size != h.First && h.First != 0 || p.Size < h.First {
			return wrong("最初の検証値が範囲の初めにありません。", "The first checkpoint is not at the beginning of the range.")
		}
	} else {
		last := c.marks[len(c.marks)-1]
		if p.Size <= last.size {
			return wrong("検証値が順に並んでいません（%d）。", "The checkpoints are out of order at size %d.", p.Size)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, last.size, p.Size, l.Proof, last.root[:], p.Root); err != nil {
			c.fault(Finding{Leaf: -1, Ja: fmt.Sprintf("検証値 %d は、前の検証値 %d の続きではありません。その間に記録が書き換えられたか、除かれています。", p.Size, last.size),
				En: fmt.Sprintf("checkpoint %d does not follow from checkpoint %d: what came before was changed or removed in between", p.Size, last.size)})
		}
	}
	if newest < c.key || newest > c.key && (!slices.Contains(by, keys[c.key]) || p.Next != keys[newest]) {
		c.fault(Finding{Leaf: -1, Ja: fmt.Sprintf("検証値 %d の鍵は、前の鍵から引き継がれていません。", p.Size),
			En: fmt.Sprintf("the key of checkpoint %d was not handed over by the key before", p.Size)})
	}
	c.key, c.marks, c.report.Last = newest, append(c.marks, m), p
	c.report.Checkpoints++
	return nil
}

// begin is called at the first line behind the checkpoints.
func (c *check) begin() {
	if c.began {
		return
	}
	c.began = true
	for i := len(c.marks) - 1; i >= 0; i-- {
		c.marks[i].least = c.marks[i].at
		if i+1 < len(c.marks) && c.marks[i+1].least.Before(c.marks[i].least) {
			c.marks[i].least = c.marks[i+1].least
		}
	}
}

func (c *check) fault(f Finding) {
	if c.report.Wrongs++; len(c.report.Findings) < most {
		c.report.Findings = append(c.report.Findings, f)
	}
}

func (c *check) remark(ja, en string, args ...any) {
	c.report.Remarks = append(c.report.Remarks, Finding{Leaf: -1, Ja: fmt.Sprintf(ja, args...), En: fmt.Sprintf(en, args...)})
}
