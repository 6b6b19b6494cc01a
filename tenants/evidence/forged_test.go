package evidence_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"

	"tanamori/tenants/evidence"
)

// Whoever makes up a whole file puts the town's key into its list of keys, and lets it sign nothing: a checkpoint that the town
// was sent vouches for a file only where its root is one of the file's own tree.
func TestAKeptCheckpointVouchesOnlyForItsOwnTree(t *testing.T) {
	t.Parallel()
	k, forger := newKey(t, 1), newKey(t, 9)
	sent := newBook(t, k).add(3).sign("", k)
	madeUp := newBook(t, forger, k).add(10).sign("", forger).add(4).sign("", forger).from(10, nil)
	require.Empty(t, said(t, madeUp, evidence.Trust{}), "it is good in itself")
	require.Equal(t, "unmet", said(t, madeUp, evidence.Trust{Checkpoints: sent.signed}))
	later := newBook(t, k).add(12).sign("", k)
	require.Contains(t, said(t, madeUp, evidence.Trust{Checkpoints: later.signed}), "not signed by this log's keys", "its key signed nothing here")

	// So it is with a good file of other days: it is not false, and not proved by that checkpoint either.
	good := newBook(t, k).add(3).sign("", k).add(7).sign("", k).add(4).sign("", k)
	file := good.from(10, nil)
	require.Equal(t, "unmet", said(t, file, evidence.Trust{Checkpoints: sent.signed}))
	require.Empty(t, said(t, file, evidence.Trust{Checkpoints: append(sent.signed, good.signed[2])}), "one of them is enough")
	require.Empty(t, said(t, file, evidence.Trust{Checkpoints: sent.signed, Keys: []string{k.verifier}}), "or the key")
}

// A line says the same to whatever reads it.
func TestALineHasOneSpelling(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	b := newBook(t, k).add(3).sign("", k).add(6).sign("", k)
	b.rows[4] = strings.Replace(b.rows[4], "見本 一郎", "<見本> & \u2028", 1) // what JSON may write in two ways
	hash, err := b.leaf(4).Hash()
	require.NoError(t, err)
	*b = book{t: t, keys: b.keys, series: b.series, rows: b.rows, tree: testonly.New(rfc6962.DefaultHasher)}
	for i := range b.rows {
		leaf, err := b.leaf(i).Hash()
		require.NoError(t, err)
		b.tree.Append(leaf)
	}
	require.Equal(t, hash, b.tree.LeafHash(4))
	file := b.sign("", k).file(nil)
	require.Empty(t, said(t, file, evidence.Trust{Checkpoints: b.signed}))
	require.Empty(t, said(t, strings.ReplaceAll(file, "\n", "\r\n"), evidence.Trust{}), "as Windows ends lines")
	genuine := b.rows[5]
	forged := strings.Replace(genuine, "見本 一郎", "見本 偽", 1)
	checkpoint, _, _ := strings.Cut(strings.SplitAfter(file, "\n")[1], "}")
	for name, bad := range map[string]string{
		"a name twice":          strings.Replace(file, `"row":`+genuine, `"row":`+forged+`,"row":`+genuine, 1),
		"a name in two cases":   strings.Replace(file, `"row":`+genuine, `"row":`+forged+`,"Row":`+genuine, 1),
		"a name in another one": strings.Replace(file, `"row":`+genuine, `"Row":`+genuine, 1),
		"a space":               strings.Replace(file, `"row":`+genuine, `"row": `+genuine, 1),
		"an empty part":         strings.Replace(file, `"row":`+genuine, `"row":`+genuine+`,"withheld":false`, 1),
		"two parts":             strings.Replace(file, checkpoint, checkpoint+`,"leaf":{"index":5,"series":"operation_log","id":6,"row":`+forged+`,"hash":null,"proof":null}`, 1),
		"a head that says more": strings.Replace(file, `"first":0`, `"first":0,"First":0`, 1),
		"there and withheld":    b.file(func(r *evidence.Row) { r.Withheld = r.Leaf == 5 }),
		"removed and withheld": b.file(func(r *evidence.Row) {
			if r.Leaf == 5 {
				r.Row, r.Withheld, r.Removed = nil, true, 7
			}
		}),
	} {
		require.NotEqual(t, file, bad, name)
		require.NotEmpty(t, said(t, bad, evidence.Trust{Keys: []string{k.verifier}}), name)
	}
}

// Who signs an old root anew with an older time, to put in rows behind it that look old, is told by the checkpoint that was sent.
func TestACheckpointIsSignedOnce(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	sent := newBook(t, k).add(100).sign("", k)
	b := newBook(t, k).add(100)
	anew, err := evidence.Sign(evidence.Checkpoint{Origin: origin, Size: 100, Root: b.tree.Hash(), At: dawn.AddDate(-1, 0, 0)}, k.signer)
	require.NoError(t, err)
	b.signed, b.sizes = append(b.signed, anew), append(b.sizes, 100)
	b.rows = append(b.rows, fmt.Sprintf(`{"at":%q}`, dawn.AddDate(0, -6, 0).Format(time.RFC3339)))
	hash, err := b.leaf(100).Hash()
	require.NoError(t, err)
	b.tree.Append(hash)
	file := b.sign("", k).file(nil)
	require.Empty(t, said(t, file, evidence.Trust{Keys: []string{k.verifier}}))
	require.Contains(t, said(t, file, evidence.Trust{Keys: []string{k.verifier}, Checkpoints: sent.signed}), "it was signed anew")
}

// What a ledger's time is, the file does not decide: nobody signs its first line.
func TestAFileDoesNotSayWhereItsTimesStand(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	b := newBook(t, k).add(100).sign("", k)
	b.rows = append(b.rows, fmt.Sprintf(`{"at":%q,"later":%q}`, dawn.AddDate(0, -6, 0).Format(time.RFC3339), dawn.AddDate(1, 0, 0).Format(time.RFC3339)))
	hash, err := b.leaf(100).Hash()
	require.NoError(t, err)
	b.tree.Append(hash)
	file := b.sign("", k).file(nil)
	const honest, dated = `"series":[{"series":"operation_log","recorded":"at"}]`, "100: it says that it was recorded at"
	require.Equal(t, 1, strings.Count(said(t, file, evidence.Trust{}), "\n")+1)
	for named, says := range map[string]string{
		`[]`: "the first line does not name its ledger", `null`: "the first line does not name its ledger",
		`[{"series":"operation_log","recorded":""}]`:                                                 "which it does not",
		`[{"series":"operation_log","recorded":"later"}]`:                                            "which it does not",
		`[{"series":"operation_log","recorded":"at"},{"series":"operation_log","recorded":"later"}]`: "which it does not",
	} {
		bad := strings.Replace(file, honest, `"series":`+named, 1)
		require.NotEqual(t, file, bad, named)
		got := said(t, bad, evidence.Trust{Keys: []string{k.verifier}, Checkpoints: b.signed})
		require.Contains(t, got, says, named)
		require.Contains(t, got, dated, named)
		require.Equal(t, 2, strings.Count(got, "\n")+1, "each is told once")
	}
	// A ledger of a later version is dated as the file says; one of which it says nothing is told.
	later := newBook(t, k)
	later.series = "visit"
	file = later.add(1).sign("", k).file(nil)
	require.Contains(t, said(t, file, evidence.Trust{}), "0: the first line does not name its ledger")
	file = strings.Replace(file, `[{`, `[{"series":"visit","recorded":"at"},{`, 1)
	require.Empty(t, said(t, file, evidence.Trust{}))
	require.Contains(t, said(t, strings.Replace(file, `"visit","recorded":"at"`, `"visit","recorded":""`, 1), evidence.Trust{}), "which it does not")
}

// Where a file begins and ends, its first line says, which nobody signs: it ends where something was signed, and says that there
// is more.
func TestAFileSaysWhereItEnds(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	b := newBook(t, k).add(3).sign("", k).add(6).sign("", k)
	trust := evidence.Trust{Keys: []string{k.verifier}, Checkpoints: b.signed}
	file := b.file(nil)
	cut := func(end int) string {
		bad := strings.Replace(file, `"end":9`, fmt.Sprintf(`"end":%d`, end), 1)
		for i := end; i < 9; i++ {
			bad = without(bad, fmt.Sprintf(`{"leaf":{"index":%d,`, i))
		}
		return strings.Replace(bad, `{"tail":{"rows":9`, fmt.Sprintf(`{"tail":{"rows":%d`, end), 1)
	}
	for _, end := range []int{1, 2, 4, 8} {
		require.Contains(t, said(t, cut(end), trust), "where no checkpoint was signed", end)
	}
	for end, remarks := range map[int]int{0: 3, 3: 3, 9: 2} {
		r, err := evidence.Check(strings.NewReader(cut(end)), trust)
		require.NoError(t, err)
		require.True(t, r.Holds(), r.Findings)
		require.Len(t, r.Remarks, remarks)
		if end < 9 {
			require.Contains(t, r.Remarks[0].En, fmt.Sprintf("from leaf %d on, %d more", end, 9-end))
		}
		require.True(t, r.From.IsZero())
		if end > 0 {
			require.Equal(t, dawn.Add(time.Duration(end)*time.Minute), r.Until)
		}
	}
}
