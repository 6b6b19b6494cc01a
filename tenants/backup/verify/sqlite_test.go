package verify

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// makeSQLite writes a database by hand: the schema page, a leaf page with one
// row, and, where free is set, a free-list trunk page.
func makeSQLite(free bool) []byte {
	const page = 512
	pages := 2
	if free {
		pages = 3
	}
	b := make([]byte, pages*page)
	be := binary.BigEndian
	copy(b, "SQLite format 3\x00")
	be.PutUint16(b[16:], page)
	b[18], b[19], b[21], b[22], b[23] = 1, 1, 64, 32, 32
	be.PutUint32(b[24:], 7)
	be.PutUint32(b[28:], uint32(pages))
	be.PutUint32(b[44:], 4)
	be.PutUint32(b[56:], 1)
	be.PutUint32(b[92:], 7)
	if free {
		be.PutUint32(b[32:], 3)
		be.PutUint32(b[36:], 1)
	}
	leaf := func(p []byte, h int, cell []byte) {
		at := len(p) - len(cell)
		copy(p[at:], cell)
		p[h] = 13
		be.PutUint16(p[h+3:], 1)
		be.PutUint16(p[h+5:], uint16(at))
		be.PutUint16(p[h+8:], uint16(at))
	}
	schema := append([]byte{0, 1, 6, 23, 25, 25, 1, 57}, "tablekosekikoseki\x02CREATE TABLE koseki(a)"...)
	schema[0] = byte(len(schema) - 2)
	leaf(b[:page], 100, schema)
	leaf(b[page:2*page], 0, []byte{3, 1, 2, 1, 42})
	return b
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	for _, free := range []bool{false, true} {
		data := makeSQLite(free)
		r := read(t, data, "koseki.db")
		require.Equal(t, OutcomeOK, r.Structure, "%v", r.Reason)
		require.Equal(t, FormatSQLite, r.Format)
		require.Equal(t, int64(len(data)/512), r.Entries)
		require.False(t, r.Checked)
		require.Equal(t, OutcomeOK, read(t, makeGzip(t, data), "koseki.db.gz").Structure)
		for cut := range data {
			require.NotEqual(t, OutcomeOK, read(t, data[:cut], "koseki.sqlite").Structure, cut)
		}
	}
}

func TestSQLiteDamaged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(b []byte) []byte
		code   string
	}{
		"page count too small": {func(b []byte) []byte { return append(b, make([]byte, 512)...) }, "verify.trailing_garbage"},
		"page size":            {func(b []byte) []byte { b[17] = 3; return b }, "verify.corrupt"},
		"root is no b-tree":    {func(b []byte) []byte { b[100] = 2; return b }, "verify.page"},
		"noise in a page":      {func(b []byte) []byte { copy(b[512:], noise(512, 12)); b[512] = 0x77; return b }, "verify.page"},
		"cell out of the page": {func(b []byte) []byte { b[512+8], b[512+9] = 0xff, 0xff; return b }, "verify.page"},
		"too many cells":       {func(b []byte) []byte { b[512+3] = 0xff; return b }, "verify.page"},
		"free block loop":      {func(b []byte) []byte { b[512+1], b[512+2] = 1, 0xfb; return b }, "verify.page"},
		"child out of range": {func(b []byte) []byte {
			b[512] = 5
			copy(b[512+8:], []byte{0, 0, 9, 9, 1, 0xf0})
			return b
		}, "verify.page"},
		"free list beyond the end": {func(b []byte) []byte { b[35], b[39] = 200, 1; return b }, "verify.corrupt"},
	} {
		bad := c.change(bytes.Clone(makeSQLite(false)))
		require.Equal(t, c.code, code(read(t, bad, "koseki.db")), name)
	}
}
