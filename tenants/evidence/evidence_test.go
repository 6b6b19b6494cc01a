package evidence_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	"golang.org/x/mod/sumdb/note"

	"tanamori/tenants/evidence"
)

const origin = "tanamori/0123456789ab/015865"

var dawn = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

type key struct{ signer, verifier string }

// newKey is always the same of a number: what a fuzzer found is found again.
func newKey(t testing.TB, n byte) key {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	verifier, err := note.NewEd25519VerifierKey(origin, private.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	hash := strings.Split(verifier, "+")[1]
	return key{"PRIVATE+KEY+" + origin + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...)), verifier}
}

// book is a log by hand: rows one minute apart, and a checkpoint after so many of them.
type book struct {
	t      testing.TB
	keys   []key
	series string
	rows   []string
	tree   *testonly.Tree
	signed []string
	sizes  []uint64
}

func newBook(t testing.TB, keys ...key) *book {
	return &book{t: t, keys: keys, series: "operation_log", tree: testonly.New(rfc6962.DefaultHasher)}
}

func (b *book) add(n int) *book {
	for range n {
		i := len(b.rows)
		b.rows = append(b.rows, fmt.Sprintf(`{"at":%q,"id":%d,"who":"見本 一郎"}`, dawn.Add(time.Duration(i)*time.Minute).Format(time.RFC3339Nano), i+1))
		hash, err := b.leaf(i).Hash()
		require.NoError(b.t, err)
		b.tree.Append(hash)
	}
	return b
}

func (b *book) leaf(i int) evidence.Leaf {
	return evidence.Leaf{ID: int64(i + 1), Row: json.RawMessage(b.rows[i]), Series: b.series, Town: "015865"}
}

func (b *book) sign(next string, by ...key) *book {
	size := b.tree.Size()
	var signers []string
	for _, k := range by {
		signers = append(signers, k.signer)
	}
	signed, err := evidence.Sign(evidence.Checkpoint{Origin: origin, Size: size, Root: b.tree.Hash(), At: dawn.Add(time.Duration(size) * time.Minute), Next: next}, signers...)
	require.NoError(b.t, err)
	b.signed, b.sizes = append(b.signed, signed), append(b.sizes, size)
	return b
}

// file writes all of it; row may change a line before it is written.
func (b *book) file(row func(*evidence.Row)) string { return b.from(0, row) }

// from writes what comes from a leaf on, at which a checkpoint was signed.
func (b *book) from(first uint64, row func(*evidence.Row)) string {
	h := evidence.Head{Origin: origin, Town: "015865", First: first, End: b.tree.Size(), Series: []evidence.Series{{Series: "operation_log", Recorded: "at"}}, MadeAt: dawn}
	for _, k := range b.keys {
		h.Keys = append(h.Keys, k.verifier)
	}
	var out bytes.Buffer
	w, err := evidence.NewWriter(&out, h)
	require.NoError(b.t, err)
	last := uint64(0)
	for i, s := range b.signed {
		if b.sizes[i] < first {
			continue
		}
		var p [][]byte
		if last > 0 {
			p, err = b.tree.ConsistencyProof(last, b.sizes[i])
			require.NoError(b.t, err)
		}
		last = b.sizes[i]
		require.NoError(b.t, w.Checkpoint(s, p))
	}
	for i := first; i < b.tree.Size(); i++ {
		p, err := b.tree.InclusionProof(i, b.tree.Size())
		require.NoError(b.t, err)
		l := b.leaf(int(i))
		r := evidence.Row{Leaf: i, Series: l.Series, ID: l.ID, Row: l.Row, Hash: b.tree.LeafHash(i), Proof: p}
		if row != nil {
			row(&r)
		}
		require.NoError(b.t, w.Row(r))
	}
	require.NoError(b.t, w.End())
	return out.String()
}

// said is all that a check tells of a file, "" where it holds.
func said(t testing.TB, file string, trust evidence.Trust) string {
	t.Helper()
	r, err := evidence.Check(strings.NewReader(file), trust)
	var wrong *evidence.Wrong
	if errors.As(err, &wrong) {
		require.NotEmpty(t, wrong.Ja)
		return wrong.En
	}
	require.NoError(t, err)
	var text []string
	for _, f := range r.Findings {
		require.NotEmpty(t, f.Ja)
		text = append(text, fmt.Sprintf("%d: %s", f.Leaf, f.En))
	}
	if r.Unmet {
		text = append(text, "unmet")
	}
	require.Equal(t, r.Holds(), len(text) == 0)
	return strings.Join(text, "\n")
}

func TestAFileHoldsAsItWasWritten(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	b := newBook(t, k)
	b.add(3).sign("", k).add(6).sign("", k)
	file := b.file(nil)
	require.True(t, evidence.IsEvidence([]byte(file)))
	r, err := evidence.Check(strings.NewReader(file), evidence.Trust{Keys: []string{k.verifier}, Checkpoints: b.signed})
	require.NoError(t, err)
	require.True(t, r.Holds())
	require.Equal(t, []uint64{9, 0, 0, 9}, []uint64{r.Rows, r.Removed, r.Withheld, r.Last.Size})
	require.Len(t, r.Remarks, 2, "both that were kept agree")
}

func TestWhatDoesNotHoldIsNamed(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	b := newBook(t, k)
	b.add(3).sign("", k).add(6).sign("", k)
	file := b.file(nil)
	other := newBook(t, k)
	other.rows = []string{`{"at":"2026-11-21T00:00:00Z","id":1,"who":"another"}`}
	hash, err := other.leaf(0).Hash()
	require.NoError(t, err)
	other.tree.Append(hash)
	other.add(2).sign("", k)
	require.Contains(t, said(t, file, evidence.Trust{Checkpoints: other.signed}), "is not that of this file: what came before it was changed")
	longer := newBook(t, k).add(12).sign("", k)
	require.Contains(t, said(t, file, evidence.Trust{Checkpoints: longer.signed}), "its end was cut off")
	require.Contains(t, said(t, file, evidence.Trust{Keys: []string{newKey(t, 2).verifier}}), "No checkpoint is signed by the key given")
	for name, c := range map[string]struct{ file, says string }{
		"a word": {strings.Replace(file, `"id":4,"who":"見本`, `"id":4,"who":"見木`, 1), "3: its content is not what was recorded"},
		"a row without a row": {b.file(func(r *evidence.Row) {
			if r.Leaf == 4 {
				r.Row = nil
			}
		}), "4: the row is not there, and no removal of it is recorded"},
		"a removal that nobody recorded": {b.file(func(r *evidence.Row) {
			if r.Leaf == 4 {
				r.Row, r.Removed = nil, 1
			}
		}), "4: there is no record of its removal"},
		"a hash of another row": {b.file(func(r *evidence.Row) {
			if r.Leaf == 4 {
				r.Row, r.Hash, r.Withheld = nil, hash, true
			}
		}), "4: it is not in the tree"},
		"a row less":       {without(file, `{"leaf":{"index":5,`), "5: the leaves 5 to 5 are not there"},
		"the last ones":    {without(without(file, `{"leaf":{"index":8,`), `{"leaf":{"index":7,`), "7: the leaves 7 to 8 are not there"},
		"a row twice":      {strings.Replace(file, `{"leaf":{"index":5,`, strings.SplitAfter(file, "\n")[5]+`{"leaf":{"index":5,`, 1), "it stands out of order"},
		"no newest":        {without(file, `\n9\n`), "The last checkpoint is older than the last row"},
		"another size":     {strings.Replace(file, `\n9\n`, `\n8\n`, 1), "The signature of checkpoint 2 does not hold"},
		"a later form":     {strings.Replace(file, `"version":1`, `"version":2`, 1), "is of form 2"},
		"half a line":      {file[:len(file)-9], "cut off within a line"},
		"no tail":          {without(file, `{"tail":`), "its last line is not there"},
		"something behind": {file + "{}\n", "Something follows the last line"},
		"other numbers":    {strings.Replace(file, `{"tail":{"rows":9`, `{"tail":{"rows":8`, 1), "The numbers do not agree"},
		"an unknown part":  {strings.Replace(file, `{"tail":`, "{\"more\":1}\n{\"tail\":", 1), "A line cannot be read"},
		"nothing":          {"", "no file of evidence"},
	} {
		require.NotEqual(t, file, c.file, name)
		require.Contains(t, said(t, c.file, evidence.Trust{}), c.says, name)
	}
}

func without(text, mark string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, mark) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// A row that says that it is older than the checkpoint before it is told, by more than the hour that a slow one may take.
func TestABackDatedRowIsTold(t *testing.T) {
	t.Parallel()
	k := newKey(t, 1)
	for minutes, says := range map[int]string{59: "", 61: "it says that it was recorded at"} {
		b := newBook(t, k).add(100).sign("", k)
		b.rows = append(b.rows, fmt.Sprintf(`{"at":%q}`, dawn.Add(time.Duration(100-minutes)*time.Minute).Format(time.RFC3339)))
		hash, err := b.leaf(100).Hash()
		require.NoError(t, err)
		b.tree.Append(hash)
		b.sign("", k)
		if got := said(t, b.file(nil), evidence.Trust{}); says == "" {
			require.Empty(t, got)
		} else {
			require.Contains(t, got, "100: "+says)
		}
	}
}

// Only the old key's word makes a new one the town's. Anyone can write their signature below a checkpoint that they were sent.
func TestAKeyIsHandedOverByTheOneBefore(t *testing.T) {
	t.Parallel()
	k, next, forger := newKey(t, 1), newKey(t, 2), newKey(t, 3)
	trust := evidence.Trust{Keys: []string{k.verifier}}
	log := func(keys ...key) *book { return newBook(t, keys...).add(3).sign("", k).add(3) }
	const says = "was not handed over by the key before"
	require.Empty(t, said(t, log(k, next).sign(next.verifier, next, k).add(2).sign("", next).file(nil), trust))
	for name, b := range map[string]*book{
		"by itself":                            log(k, next).sign("", next),
		"naming itself":                        log(k, next).sign(next.verifier, next),
		"below another's":                      log(k, forger).sign("", k, forger).add(2).sign("", forger),
		"naming another":                       log(k, next, forger).sign(next.verifier, forger, k).add(2).sign("", forger),
		"below the first of a file":            newBook(t, k, forger).add(3).sign("", k, forger).add(2).sign("", forger),
		"below the first, as if the older one": newBook(t, forger, k).add(3).sign("", k, forger).add(2).sign("", forger),
		"back to the old one":                  log(k, next).sign(next.verifier, next, k).add(2).sign("", k),
	} {
		require.Contains(t, said(t, b.file(nil), trust), says, name)
	}
}

func TestACheckpointIsReadAsItIsSigned(t *testing.T) {
	t.Parallel()
	c := evidence.Checkpoint{Origin: origin, Size: 7, Root: bytes.Repeat([]byte{1}, 32), At: dawn, Next: "name+01020304+A"}
	read, err := evidence.ParseCheckpoint(c.Text())
	require.NoError(t, err)
	require.Equal(t, c, read)
	require.Equal(t, c.Text(), read.Text())
	c.Next = ""
	for name, text := range map[string]string{
		"nothing": "", "a line": "tanamori\n", "no origin": strings.Replace(c.Text(), origin, "", 1), "a size with a zero": strings.Replace(c.Text(), "\n7\n", "\n07\n", 1),
		"a size below": strings.Replace(c.Text(), "\n7\n", "\n-7\n", 1), "a size beyond": strings.Replace(c.Text(), "\n7\n", "\n9223372036854775808\n", 1),
		"a short root": strings.Replace(c.Text(), "AQEBAQ", "", 1), "no time": strings.Replace(c.Text(), "at ", "on ", 1), "no end": strings.TrimSuffix(c.Text(), "\n"),
	} {
		_, err := evidence.ParseCheckpoint(text)
		require.Error(t, err, name)
	}
}

func TestTheCanonicalForm(t *testing.T) {
	t.Parallel()
	for raw, form := range map[string]string{
		` { "b" : [ 1 , true , null ] , "a" : "\u00e9\/\u003c" } `: `{"a":"é/<","b":[1,true,null]}`,
		`{"ab":1,"a":2,"あ":3,"Z":4}`:                               `{"Z":4,"a":2,"ab":1,"あ":3}`,
		"\"\\u0000\\u001f\\n\\\"\\\\\u2028\"":                      "\"\\u0000\\u001f\\n\\\"\\\\\u2028\"",
		`1.50`:                                                     `1.50`, `15e-1`: `1.5`, `-0.0`: `0.0`, `1E3`: `1000`, `-1.5e2`: `-150`, `0.001e3`: `1`, `12e-4`: `0.0012`,
		`12345678901234567890.123456789`: `12345678901234567890.123456789`,
	} {
		got, err := evidence.Canonical([]byte(raw))
		require.NoError(t, err, raw)
		require.Equal(t, form, string(got), raw)
	}
	for _, raw := range []string{``, `{`, `[1`, `1 2`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\"\xff\"", `1e999999`, strings.Repeat("[", 300) + strings.Repeat("]", 300)} {
		_, err := evidence.Canonical([]byte(raw))
		require.Error(t, err, raw)
	}
}

// FuzzCheck: no file makes the check fall over, and one that holds says of its rows what its checkpoints say.
func FuzzCheck(f *testing.F) {
	k, next := newKey(f, 1), newKey(f, 2)
	b := newBook(f, k, next)
	b.add(3).sign("", k).add(2).sign(next.verifier, next, k).add(2).sign("", next)
	whole := b.file(nil)
	f.Add([]byte(whole))
	f.Add([]byte(whole[:len(whole)/2]))
	f.Add([]byte(without(whole, `"index":3`)))
	f.Add([]byte(`{"tanamori":"evidence","version":1,"first":0,"end":18446744073709551615,"keys":[""]}` + "\n" + `{"tail":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		trust := evidence.Trust{Keys: []string{k.verifier}, Checkpoints: b.signed}
		r, err := evidence.Check(bytes.NewReader(file), trust)
		if err != nil {
			return
		}
		if r.Holds() && r.Checkpoints > 0 {
			require.Contains(t, [][]byte{b.tree.HashAt(3), b.tree.HashAt(5), b.tree.HashAt(7)}, r.Last.Root, "signed by nobody")
		}
	})
}

// FuzzCanonical: the form is a value of its own, and its form is itself.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":[1.50,-0.0,1e2],"a":"\u2028\ud83d\ude00"}`, `[[[{}]]]`, `"\ud800"`, `1e-150000`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, err := evidence.Canonical(raw)
		if err != nil {
			return
		}
		require.True(t, json.Valid(form))
		again, err := evidence.Canonical(form)
		require.NoError(t, err)
		require.Equal(t, string(form), string(again))
	})
}
