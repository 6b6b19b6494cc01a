package verify

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

var plainDump = []byte("--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 15.18\n\n" +
	"CREATE TABLE koseki (id integer);\n\nCOPY koseki (id) FROM stdin;\n1\n\\.\n\n\n" +
	"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n")

func init() { plainDump = bytes.TrimSuffix(plainDump, []byte("\n")) } // every byte of it is needed then

// archiver writes what pg_dump --format=custom writes.
type archiver struct {
	bytes.Buffer
	intSize int
}

func (a *archiver) int(v int) {
	sign := byte(0)
	if v < 0 {
		sign, v = 1, -v
	}
	a.WriteByte(sign)
	for i := range a.intSize {
		a.WriteByte(byte(v >> (8 * i)))
	}
}

func (a *archiver) string(s string) {
	a.int(len(s))
	a.WriteString(s)
}

func (a *archiver) offset(state byte, at int) {
	a.WriteByte(state)
	for i := range 8 {
		a.WriteByte(byte(at >> (8 * i)))
	}
}

// customDump makes a dump of three entries, two of them with data (one a set
// of large objects). packing is the compression level before 1.15, the
// algorithm from then on.
func customDump(t testing.TB, minor byte, packing int) []byte {
	rows := bytes.Repeat([]byte("1\t見本 一郎\t札幌市\n"), 40)
	packed := rows
	if packing != 0 {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, err := w.Write(rows)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		packed = b.Bytes()
	}
	var offsets [2]int
	var out []byte
	for range 2 { // the second time the offsets are known
		a := &archiver{intSize: 4}
		a.WriteString("PGDMP")
		a.Write([]byte{1, minor, 0, 4, 8, 1})
		if minor >= 15 {
			a.WriteByte(byte(packing))
		} else {
			a.int(packing)
		}
		for range 7 {
			a.int(5)
		}
		a.string("koseki")
		a.string("15.18")
		a.string("15.18")
		a.int(3)
		for id := 1; id <= 3; id++ {
			a.int(id)
			a.int(1)
			a.string("1259")
			a.string("16385")
			a.string("koseki")
			a.string("TABLE DATA")
			a.int(3)
			for range 5 {
				a.string("x")
			}
			if minor >= 14 {
				a.string("heap")
			}
			if minor >= 16 {
				a.int('r')
			}
			a.string("mihon")
			a.string("false")
			a.string("1")
			a.int(-1)
			if id == 1 {
				a.offset(3, 0)
			} else {
				a.offset(2, offsets[id-2])
			}
		}
		chunks := func() {
			for rest := packed; len(rest) > 0; {
				n := min(100, len(rest))
				a.string(string(rest[:n]))
				rest = rest[n:]
			}
			a.int(0)
		}
		offsets[0] = a.Len()
		a.WriteByte(1)
		a.int(2)
		chunks()
		offsets[1] = a.Len()
		a.WriteByte(3)
		a.int(3)
		for oid := 100; oid < 102; oid++ {
			a.int(oid)
			chunks()
		}
		a.int(0)
		out = a.Bytes()
	}
	return out
}

func TestPGCustom(t *testing.T) {
	t.Parallel()
	for minor := byte(12); minor <= 16; minor++ {
		for _, packing := range []int{0, 1} {
			data := customDump(t, minor, packing)
			r := read(t, data, "koseki.dump")
			require.Equal(t, OutcomeOK, r.Structure, "1.%d %d: %v", minor, packing, r.Reason)
			require.Equal(t, FormatPGCustom, r.Format)
			require.Equal(t, int64(2), r.Entries)
			require.Equal(t, packing == 1, r.Checked)
			require.Equal(t, OutcomeOK, read(t, makeGzip(t, data), "koseki.dump.gz").Structure)

		}
	}
	require.Equal(t, "verify.version", code(read(t, customDump(t, 17, 1), "")))
	require.Equal(t, "verify.version", code(read(t, customDump(t, 11, 1), "")))
}

// Entries whose data did not come, came twice or elsewhere are found though
// every block is whole.
func TestPGCustomAgainstItsContents(t *testing.T) {
	t.Parallel()
	data := customDump(t, 14, 1)
	blobs := bytes.LastIndex(data, []byte{3, 0, 3, 0, 0, 0})
	require.Positive(t, blobs)
	require.Equal(t, "verify.truncated_at", code(read(t, data[:blobs], "")), "cut between two blocks")
	require.Equal(t, "verify.directory", code(read(t, append(bytes.Clone(data), data[blobs:]...), "")), "a block twice")

	other := bytes.Clone(data)
	other[blobs+2] = 2
	require.Equal(t, "verify.directory", code(read(t, other, "")), "a block of another entry")
}

func TestPGPlain(t *testing.T) {
	t.Parallel()
	old := "--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
	cluster := "--\n-- PostgreSQL database cluster dump\n--\n\n" + old + "--\n-- PostgreSQL database cluster dump complete\n--\n\n"
	long := old[:40] + string(bytes.Repeat([]byte("INSERT\n"), 300_000)) + old[40:]
	for name, s := range map[string]string{"old": old, "cluster": cluster, "long": long,
		"crlf": string(bytes.ReplaceAll([]byte(old), []byte("\n"), []byte("\r\n")))} {
		r := read(t, []byte(s), "koseki.sql")
		require.Equal(t, OutcomeOK, r.Structure, "%s %v", name, r.Reason)
		require.Equal(t, FormatPGPlain, r.Format)
		require.False(t, r.Checked)
		r = read(t, makeZstd(t, []byte(s)), "koseki.sql.zst")
		require.Equal(t, OutcomeOK, r.Structure, name)
		require.Equal(t, [2]Format{FormatZstd, FormatPGPlain}, [2]Format{r.Format, r.Inner})
	}
	require.Equal(t, "verify.no_trailer", code(read(t, []byte(cluster[:len(cluster)-60]), "")), "the inner trailer is not the outer one")
	require.Equal(t, "verify.no_trailer", code(read(t, []byte(old+"INSERT INTO"), "")))
	require.Equal(t, "verify.corrupt", code(read(t, []byte(old[:60]+"\x00\x00"+old[60:]), "")), "a hole")
	require.Equal(t, "verify.no_trailer", code(read(t, makeGzip(t, []byte(old[:70])), "")), "whole gzip, half dump")
}

// zlibContents unpacks every run of chunks of a customDump whose chunks are
// 100 bytes long.
func zlibContents(dump []byte) (out []string) {
	for {
		i := bytes.Index(dump, []byte{0x78, 0x9c})
		if i < 0 {
			return out
		}
		var packed []byte
		n := int(dump[i-4])
		for n > 0 {
			packed = append(packed, dump[i:i+n]...)
			i += n + 5
			n = int(dump[i-4])
		}
		dump = dump[i:]
		r, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return out
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return out
		}
		out = append(out, string(data))
	}
}
