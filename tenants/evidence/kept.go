package evidence

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

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
		p, by, err := Open(signed, c.report.Head.Keys...)
		// The list of keys is signed by nobody. What a key stands for that signed nothing here, only its own leaves can say.
		stranger := err == nil && p.Size >= c.report.Head.First && !slices.ContainsFunc(by, func(k string) bool { return c.signers[k] })
		if err != nil || stranger || p.Origin != c.report.Head.Origin {
			return wrong("お手元の検証値は、この台帳の鍵で署名されたものではありません。", "A checkpoint given was not signed by this log's keys.")
		}
		c.kept(p)
	}
	c.report.Unmet = len(c.trust.Checkpoints) > 0 && c.report.Agreed == 0 && len(c.trust.Keys) == 0
	return nil
}

// kept holds one checkpoint against the file. It vouches for the file only where its root is that of the file's own tree.
func (c *check) kept(p Checkpoint) {
	at := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].size >= p.Size })
	there := at < len(c.marks) && c.marks[at].size == p.Size
	if there && c.marks[at].root == [32]byte(p.Root) {
		// A tree is signed once at each size. Times tell which rows are back-dated: who signs anew moves them.
		if was := c.marks[at].at; !was.Equal(p.At) {
			c.fault(Finding{Leaf: -1, Ja: fmt.Sprintf("お手元の検証値 %d の時刻は %s ですが、このファイルでは %s です。署名し直されています。", p.Size, p.At.Format(time.RFC3339), was.Format(time.RFC3339)),
				En: fmt.Sprintf("the checkpoint given, of size %d, is of %s; in this file it is of %s: it was signed anew", p.Size, p.At.Format(time.RFC3339), was.Format(time.RFC3339))})
			return
		}
		c.report.Agreed++
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
