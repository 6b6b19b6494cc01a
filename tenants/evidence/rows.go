package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// in tells what is wrong with a leaf as it stands; "" where nothing is.
func (c *check) in(r Row) (ja, en string) {
	if r.Row != nil {
		hash, err := Leaf{ID: r.ID, Row: r.Row, Series: r.Series, Town: c.report.Head.Town}.Hash()
		if err != nil || !bytes.Equal(hash, r.Hash) {
			return "内容が、記録されたときと違います。", "its content is not what was recorded"
		}
	}
	if len(c.marks) == 0 || len(r.Hash) != 32 || r.Leaf >= c.report.Last.Size ||
		proof.VerifyInclusion(rfc6962.DefaultHasher, r.Leaf, c.report.Last.Size, r.Hash, r.Proof, c.report.Last.Root) != nil {
		return "検証値に含まれていません。後から差し替えられたか、順が入れ替えられています。", "it is not in the tree of the checkpoint: exchanged or moved since"
	}
	return "", ""
}

func (r Row) says(ja, en string) Finding {
	return Finding{Leaf: int64(r.Leaf), Series: r.Series, ID: r.ID, Ja: ja, En: en}
}

func (c *check) row(r Row) {
	c.begin()
	if r.Leaf != c.expected {
		if r.Leaf < c.expected || r.Leaf >= c.report.Head.End {
			c.fault(r.says("並びの外にあります。", "it stands out of order"))
			return
		}
		c.fault(Finding{Leaf: int64(c.expected), Ja: fmt.Sprintf("%d番から%d番までの記録がありません。", c.expected, r.Leaf-1),
			En: fmt.Sprintf("the leaves %d to %d are not there", c.expected, r.Leaf-1)})
	}
	c.expected = r.Leaf + 1
	if ja, en := c.in(r); ja != "" {
		c.fault(r.says(ja, en))
		return
	}
	switch {
	case !r.single():
		c.fault(r.says("あるとも、ないとも書かれています。", "it is said to be there and not to be there"))
	case r.Row != nil:
		c.report.Rows++
		c.dated(r)
		c.event(r)
	case r.Removed != 0:
		c.report.Removed++
		c.claim(r)
	case r.Withheld:
		c.report.Withheld++
	default:
		c.fault(r.says("記録がありません。廃棄の記録もありません。", "the row is not there, and no removal of it is recorded"))
	}
}

// dated holds the time at which a row says that it was written down against the checkpoint signed before it came.
func (c *check) dated(r Row) {
	before := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].size > r.Leaf }) - 1
	column := c.column(r)
	if before < 0 || column == "" {
		return
	}
	var row map[string]json.RawMessage
	var at time.Time
	if json.Unmarshal(r.Row, &row) != nil || json.Unmarshal(row[column], &at) != nil {
		c.fault(r.says("記録した時刻が読めません。", "the time at which it was recorded cannot be read"))
		return
	}
	if at.Before(c.marks[before].least.Add(-lateness)) {
		c.fault(r.says(fmt.Sprintf("%s に記録したとありますが、%s より後に加えられています。", at.Format(time.RFC3339), c.marks[before].at.Format(time.RFC3339)),
			fmt.Sprintf("it says that it was recorded at %s, but it was added after %s", at.Format(time.RFC3339), c.marks[before].at.Format(time.RFC3339))))
	}
}

// event notes what happened to the tree itself.
func (c *check) event(r Row) {
	if r.Series != "tlog_event" {
		return
	}
	var e struct {
		Kind string    `json:"kind"`
		At   time.Time `json:"at"`
		Size uint64    `json:"size"`
	}
	if json.Unmarshal(r.Row, &e) == nil && e.Kind == "restored" {
		c.report.Restores = append(c.report.Restores, Restore{Size: e.Size, At: e.At})
	}
}

func (c *check) tail(t Tail) error {
	c.begin()
	h := c.report.Head
	c.ended = true
	c.removed()
	if len(c.marks) == 0 && h.First == h.End {
		return nil // a log that has not begun
	}
	if h.End > c.report.Last.Size {
		return wrong("最後の検証値が、記録の終わりより前のものです。", "The last checkpoint is older than the last row.")
	}
	c.span()
	if c.expected < h.End {
		c.fault(Finding{Leaf: int64(c.expected), Ja: fmt.Sprintf("%d番から%d番までの記録がありません。", c.expected, h.End-1),
			En: fmt.Sprintf("the leaves %d to %d are not there", c.expected, h.End-1)})
	}
	if c.report.Wrongs == 0 && (t.Rows != c.report.Rows || t.Removed != c.report.Removed || t.Withheld != c.report.Withheld) {
		return wrong("件数が、最後の行と合いません。", "The numbers do not agree with the last line.")
	}
	return nil
}

// span holds the ends of the range against the checkpoints. The first line is signed by nobody: a range that ends elsewhere was
// cut, and one that ends before the newest leaf says so, however it came to.
func (c *check) span() {
	h := c.report.Head
	ends := h.End == 0
	for _, m := range c.marks {
		if m.size == h.First {
			c.report.From = m.at
		}
		if m.size == h.End {
			c.report.Until, ends = m.at, true
		}
	}
	if !ends {
		c.fault(Finding{Leaf: int64(h.End), Ja: fmt.Sprintf("%d番で終わっていますが、そこで署名された検証値がありません。後ろが切り取られています。", h.End),
			En: fmt.Sprintf("it ends at leaf %d, where no checkpoint was signed: its end was cut off", h.End)})
	}
	if h.End < c.report.Last.Size {
		c.remark("このファイルは台帳の終わりまでありません。%d番から後の%d件は、別のファイルで確かめてください。",
			"This file does not reach the end of the log: from leaf %d on, %d more are in other files.", h.End, c.report.Last.Size-h.End)
	}
}
