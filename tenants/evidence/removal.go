package evidence

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// removal is what a record of removal covers, claim a row that is said to be one of those. They are held against each other at
// the end, where the records stand.
type removal struct {
	kind               string
	first, last, count int64
	leaf               uint64
}

type claim struct {
	id, by int64
	leaf   uint64
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
		Count int64  `json:"row_count"`
	}
	if json.Unmarshal(r.Row, &e) != nil {
		c.fault(r.says("廃棄の記録が読めません。", "the record of a removal cannot be read"))
		return
	}
	c.removals[r.ID] = removal{kind: e.Kind, first: e.First, last: e.Last, count: e.Count, leaf: r.Leaf}
}

func (c *check) claim(r Row) {
	c.claims[r.Series] = append(c.claims[r.Series], claim{id: r.ID, by: r.Removed, leaf: r.Leaf})
}

// removed holds the rows that are said to be removed against the records of it: each is covered by its record, each is removed
// once, and no record has more of them than it counted. What a row was that is gone, its leaf does not tell.
func (c *check) removed() {
	claimed := map[int64]int64{}
	for _, series := range slices.Sorted(maps.Keys(c.claims)) {
		list := c.claims[series]
		slices.SortFunc(list, func(a, b claim) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.leaf, b.leaf)) })
		for i, said := range list {
			r := Row{Leaf: said.leaf, Series: series, ID: said.id}
			e, ok := c.removals[said.by]
			switch claimed[said.by]++; {
			case !ok || e.kind != series || said.id < e.first || said.id > e.last || said.leaf >= e.leaf:
				c.fault(r.says("廃棄したとする記録がありません。", "there is no record of its removal"))
			case i > 0 && list[i-1].id == said.id:
				c.fault(r.says("同じ記録が2度廃棄されたことになっています。別の記録が除かれた疑いがあります。", "it is said to be removed twice: another one is gone"))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.removals)) {
		if e := c.removals[id]; claimed[id] > e.count {
			c.fault(Finding{Leaf: int64(e.leaf), Series: "expiry", ID: id, Ja: fmt.Sprintf("廃棄した%d件を超える%d件が、この廃棄によるものとされています。", e.count, claimed[id]),
				En: fmt.Sprintf("%d rows are said to have gone with this removal of %d", claimed[id], e.count)})
		}
	}
}
