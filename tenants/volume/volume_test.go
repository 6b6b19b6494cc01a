package volume_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/volume"
)

// file is a volume of n rows, as an export writes it.
func file(t require.TestingT, n int, change func(*volume.Colophon)) []byte {
	var b bytes.Buffer
	require.NoError(t, volume.WriteHead(&b))
	rows := volume.NewRows(&b)
	for i := range n {
		require.NoError(t, rows.Add(fmt.Appendf(nil, `{"id":%d,"at":"2026-09-01T00:00:00+00:00","actor":"見本 一郎","body":"\\x%02x"}`, 100+i, i%256)))
	}
	c := volume.Colophon{Town: "015865", Kind: "checkin", Number: 3, Month: "2026-09", Columns: []string{"id", "at", "actor", "body"}, AfterID: 99,
		LastID: int64(99 + n), Rows: rows.Count(), SHA256: rows.SHA256(), Previous: volume.First, BoundAt: time.Date(2026, 10, 11, 0, 0, 0, 123000, time.UTC)}
	if change != nil {
		change(&c)
	}
	c.Digest = c.Sum()
	require.NoError(t, volume.WriteColophon(&b, c))
	return b.Bytes()
}

func TestAVolumeHolds(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 500} {
		c, err := volume.Check(bytes.NewReader(file(t, n, nil)))
		require.NoError(t, err)
		require.EqualValues(t, n, c.Rows)
	}
	c, err := volume.Check(bytes.NewReader(file(t, 3, nil)))
	require.NoError(t, err)
	next := volume.Colophon{Town: c.Town, Kind: c.Kind, Number: 4, Previous: c.Digest, AfterID: c.LastID}
	require.NoError(t, next.Follows(c))
	next.Previous = volume.First
	require.Error(t, next.Follows(c))
}

// TestTamperingIsFound changes a good file in every way and has it refused.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	good := file(t, 5, nil)
	lines := strings.SplitAfter(string(good), "\n")
	lines = lines[:len(lines)-1]
	with := func(order ...int) string {
		var s string
		for _, i := range order {
			s += lines[i]
		}
		return s
	}
	for what, bad := range map[string]string{
		"a row changed":        strings.Replace(string(good), "見本 一郎", "見本 二郎", 1),
		"a space in a row":     strings.Replace(string(good), `{"id":102,`, `{"id":102, `, 1),
		"a row removed":        with(0, 1, 2, 4, 5, 6),
		"a row added":          with(0, 1, 2, 2, 3, 4, 5, 6),
		"rows reordered":       with(0, 1, 3, 2, 4, 5, 6),
		"an empty line":        with(0, 1, 2) + "\n" + with(3, 4, 5, 6),
		"the colophon changed": strings.Replace(string(good), `"month":"2026-09"`, `"month":"2026-08"`, 1),
		"its count changed":    strings.Replace(string(good), `"rows":5`, `"rows":4`, 1),
		"its hash changed":     strings.Replace(string(good), `"sha256":"`, `"sha256":"0`, 1),
		"its link changed":     strings.Replace(string(good), volume.First, strings.Repeat("1", 64), 1),
		"cut off at a line":    with(0, 1, 2, 3, 4, 5),
		"cut off in a line":    string(good[:len(good)-30]),
		"without its last LF":  string(good[:len(good)-1]),
		"the head gone":        with(1, 2, 3, 4, 5, 6),
		"nothing":              "",
		"something else":       "{}\n{}\n",
		"something behind it":  string(good) + "{}\n",
		"a line without end":   lines[0] + strings.Repeat("x", 5<<20),
	} {
		_, err := volume.Check(strings.NewReader(bad))
		var wrong *volume.Wrong
		require.ErrorAs(t, err, &wrong, what)
		require.NotEmpty(t, wrong.Ja, what)
	}
	// Who makes the colophon anew as well is found by the digest, and here by what no volume can hold.
	_, err := volume.Check(bytes.NewReader(file(t, 5, func(c *volume.Colophon) { c.LastID = 100 })))
	require.ErrorContains(t, err, "outside")
	_, err = volume.Check(bytes.NewReader(file(t, 5, func(c *volume.Colophon) { c.Rows = 6 })))
	require.ErrorContains(t, err, "There should be 6")
}

// TestNoChangedByteIsOverlooked flips, cuts or doubles a piece anywhere: the file is refused, or says the very same.
func TestNoChangedByteIsOverlooked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		good := file(t, rapid.IntRange(0, 6).Draw(t, "rows"), nil)
		want, err := volume.Check(bytes.NewReader(good))
		require.NoError(t, err)
		at := rapid.IntRange(0, len(good)-1).Draw(t, "at")
		bad := bytes.Clone(good)
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			bad[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		case 1:
			bad = bad[:at]
		case 2:
			bad = append(bad[:at:at], bad[at/2:]...)
		}
		got, err := volume.Check(bytes.NewReader(bad))
		if err == nil {
			require.Equal(t, want, got)
		}
	})
}

// endless is a file of any length that takes no memory to make; it looks at what the reader holds meanwhile.
type endless struct {
	line []byte
	left int
	rest []byte
	most uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		if e.left--; e.left%1000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			e.most = max(e.most, m.HeapAlloc)
		}
		e.rest = e.line
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestMemoryDoesNotFollowTheFile(t *testing.T) { //nolint:paralleltest // it looks at the memory of the process
	file := &endless{line: []byte(`{"id":1,"body":"` + strings.Repeat("ab", 5000) + "\"}\n"), left: 10_000}
	_, err := volume.Check(io.MultiReader(strings.NewReader(`{"tanamori":"volume","version":1}`+"\n"), file))
	require.ErrorContains(t, err, "cut off")
	require.Less(t, file.most, uint64(20<<20), "100 MB went through")
}
