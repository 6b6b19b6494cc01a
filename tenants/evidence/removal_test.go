package evidence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
)

// gone is a log of six rows and the record of a removal of check-ins 10 to 19, and a file in which some of the rows are said to
// be gone. It proves that the record is a leaf; what a row was that is gone, nothing proves.
func gone(t *testing.T, count int, claims map[uint64]evidence.Row) (file string, trust evidence.Trust) {
	t.Helper()
	k := newKey(t, 1)
	b := newBook(t, k).add(6)
	expiry := evidence.Leaf{ID: 7, Series: "expiry", Town: "015865",
		Row: json.RawMessage(fmt.Sprintf(`{"at":"2026-11-21T00:06:00Z","first_id":10,"id":7,"kind":"checkin","last_id":19,"row_count":%d}`, count))}
	hash, err := expiry.Hash()
	require.NoError(t, err)
	b.rows = append(b.rows, string(expiry.Row))
	b.tree.Append(hash)
	b.add(1).sign("", k)
	file = b.file(func(r *evidence.Row) {
		if r.Leaf == 6 {
			r.Series, r.ID = "expiry", 7
		}
		if as, ok := claims[r.Leaf]; ok {
			r.Row, r.Series, r.ID, r.Removed = nil, as.Series, as.ID, as.Removed
		}
	})
	p, err := b.tree.InclusionProof(6, b.tree.Size())
	require.NoError(t, err)
	line, err := json.Marshal(evidence.Line{Removal: &evidence.Row{Leaf: 6, Series: "expiry", ID: 7, Row: expiry.Row, Hash: hash, Proof: p}})
	require.NoError(t, err)
	file = strings.Replace(file, `{"tail":`, string(line)+"\n"+`{"tail":`, 1)
	file = strings.Replace(file, `"series":[`, `"series":[{"series":"expiry","recorded":"at"},`, 1)
	return file, evidence.Trust{Keys: []string{k.verifier}, Checkpoints: b.signed}
}

// A row that somebody took away does not pass as one that a recorded removal covers.
func TestARemovalCoversWhatItCounted(t *testing.T) {
	t.Parallel()
	checkin := func(id int64) evidence.Row { return evidence.Row{Series: "checkin", ID: id, Removed: 7} }
	for name, c := range map[string]struct {
		count  int
		claims map[uint64]evidence.Row
		says   string
	}{
		"as many":                     {2, map[uint64]evidence.Row{0: checkin(10), 3: checkin(19)}, ""},
		"fewer, of a part of the log": {9, map[uint64]evidence.Row{3: checkin(12)}, ""},
		"none":                        {2, nil, ""},
		"one more":                    {2, map[uint64]evidence.Row{0: checkin(10), 2: checkin(11), 3: checkin(12)}, "3 rows are said to have gone with this removal of 2"},
		"one where none went":         {0, map[uint64]evidence.Row{0: checkin(10)}, "1 rows are said to have gone"},
		"one twice":                   {2, map[uint64]evidence.Row{0: checkin(10), 3: checkin(10)}, "3: it is said to be removed twice"},
		"an id before":                {2, map[uint64]evidence.Row{0: checkin(9), 1: checkin(10)}, "0: there is no record of its removal"},
		"an id behind":                {2, map[uint64]evidence.Row{0: checkin(10), 1: checkin(20)}, "1: there is no record of its removal"},
		"another ledger's":            {2, map[uint64]evidence.Row{0: checkin(10), 1: {Series: "attempt", ID: 11, Removed: 7}}, "1: there is no record of its removal"},
		"another ledger's alone":      {2, map[uint64]evidence.Row{0: {Series: "attempt", ID: 11, Removed: 7}}, "0: there is no record of its removal"},
		"by another record":           {2, map[uint64]evidence.Row{0: {Series: "checkin", ID: 11, Removed: 8}}, "0: there is no record of its removal"},
		"a row that came after it":    {2, map[uint64]evidence.Row{7: checkin(11)}, "7: there is no record of its removal"},
	} {
		file, trust := gone(t, c.count, c.claims)
		if got := said(t, file, trust); c.says == "" {
			require.Empty(t, got, name)
		} else {
			require.Contains(t, got, c.says, name)
		}
	}
}
