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

// removal takes a record of removal in; it must be in the tree itself.
func (c *check) removal(r Row) {
	c.begin()
	if ja, en := c.in(r); ja != "" || r.Row == nil || r.Series != "expiry" {
		c.fault(r.says("廃棄の記録が正しくありません。"+ja, "the record of a removal does not hold: "+en))
		return
	}
	var e struct {
		Kind  string `json:"kind"`
		First int64  `json:"first_id"`
		Last  int64  `json:"last_id"`
	}
	if json.Unmarshal(r.Row, &e) != nil {
		c.fault(r.says("廃棄の記録が読めません。", "the record of a removal cannot be read"))
		return
	}
	c.removals[r.ID] = removal{kind: e.Kind, first: e.First, last: e.Last}
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

func (c *check) claim(r Row) {
	e, ok := c.claims[r.Removed]
	if !ok {
		e = claim{removal: removal{kind: r.Series, first: r.ID, last: r.ID}, row: r}
	}
	e.first, e.last, e.mixed = min(e.first, r.ID), max(e.last, r.ID), e.mixed || e.kind != r.Series
	c.claims[r.Removed] = e
}

// removed holds the rows that are said to be removed against the records of it.
func (c *check) removed() {
	for id, said := range c.claims {
		if e, ok := c.removals[id]; !ok || said.mixed || e.kind != said.kind || said.first < e.first || said.last > e.last {
			c.fault(said.row.says("廃棄したとする記録がありません。", "there is no record of its removal"))
		}
	}
}

// dated holds the time at which a row says that it was written down against the checkpoint signed before it came.
func (c *check) dated(r Row) {
	before := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].size > r.Leaf }) - 1
	column := c.recorded[r.Series]
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
	if c.expected < h.End {
		c.fault(Finding{Leaf: int64(c.expected), Ja: fmt.Sprintf("%d番から%d番までの記録がありません。", c.expected, h.End-1),
			En: fmt.Sprintf("the leaves %d to %d are not there", c.expected, h.End-1)})
	}
	if c.report.Wrongs == 0 && (t.Rows != c.report.Rows || t.Removed != c.report.Removed || t.Withheld != c.report.Withheld) {
		return wrong("件数が、最後の行と合いません。", "The numbers do not agree with the last line.")
	}
	return nil
}

// held holds what the reader brought along against the file.
func (c *check) held() error {
	if !c.trusted {
		return wrong("示された鍵で署名された検証値がありません。", "No checkpoint is signed by the key given.")
	}
	for _, r := range c.report.Restores {
		c.remark("%s に、控えからの復元（または別のサーバへの切替え）が記録されています。そのとき残っていたのは%d番より前の記録です。",
			"A restoring of the database (or its move to another server) is recorded at %s; what it had were the leaves before %d.", r.At.Format(time.RFC3339), r.Size)
	}
	for _, signed := range c.trust.Checkpoints {
		p, _, err := Open(signed, c.report.Head.Keys...)
		if err != nil || p.Origin != c.report.Head.Origin {
			return wrong("お手元の検証値は、この台帳の鍵で署名されたものではありません。", "A checkpoint given was not signed by this log's keys.")
		}
		c.kept(p)
	}
	return nil
}

func (c *check) kept(p Checkpoint) {
	at := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].size >= p.Size })
	there := at < len(c.marks) && c.marks[at].size == p.Size
	if there && c.marks[at].root == [32]byte(p.Root) {
		c.remark("お手元の検証値 %d（%s）は、このファイルと一致します。", "The checkpoint given, of size %d (%s), agrees with this file.", p.Size, p.At.Format(time.RFC3339))
		return
	}
	for _, r := range c.report.Restores {
		if r.Size < p.Size && p.At.Before(r.At) {
			c.remark("お手元の検証値 %d（%s）は、復元で失われた分を含みます。%d番から後は、お手元の控えと見比べてください。",
				"The checkpoint given, of size %d (%s), holds what was lost at the restoring; compare what comes from leaf %d on with your own copies.",
				p.Size, p.At.Format(time.RFC3339), r.Size)
			return
		}
	}
	h := c.report.Head
	switch {
	case p.Size > c.report.Last.Size:
		c.fault(Finding{Leaf: int64(c.report.Last.Size), Ja: fmt.Sprintf("お手元の検証値には%d件ありますが、このファイルの台帳は%d件しかありません。後ろが切り取られています。", p.Size, c.report.Last.Size),
			En: fmt.Sprintf("the checkpoint given has %d leaves, the log of this file only %d: its end was cut off (or the file is older than the checkpoint)", p.Size, c.report.Last.Size)})
	case !there && (p.Size < h.First || p.Size > h.End):
		c.remark("お手元の検証値 %d は、このファイルの範囲の外です。", "The checkpoint given, of size %d, is outside this file's range.", p.Size)
	default:
		c.fault(Finding{Leaf: -1, Ja: fmt.Sprintf("お手元の検証値 %d（%s）が、このファイルと違います。それより前の記録が書き換えられています。", p.Size, p.At.Format(time.RFC3339)),
			En: fmt.Sprintf("the checkpoint given, of size %d (%s), is not that of this file: what came before it was changed", p.Size, p.At.Format(time.RFC3339))})
	}
}
