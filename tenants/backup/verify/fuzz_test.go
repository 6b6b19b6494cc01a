package verify

import (
	"archive/zip"
	"bytes"
	"context"
	"runtime/metrics"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

// tight are limits small enough that a fuzzed archive comes up against them.
var tight = Limits{MaxUnpacked: 8 << 20, FreeUnpacked: 1 << 20, MaxRatio: 200, MaxWindow: 4 << 20}

// What one reading may cost beside the bytes it was given: buffers and decoders' windows, whatever the bytes say.
const (
	fuzzMemory = 48 << 20
	fuzzOver   = 2 << 20 // by how much a bomb may go off beyond the limit: a buffer for each core
)

// fuzz runs a parser on anything. Whatever the bytes, it comes to a report that can be said, in bounded time and memory,
// and to the same one on one core and where the store gives the file in pieces and does not say how long it is.
func fuzz(f *testing.F, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
		f.Add(s[:len(s)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // some thousand times what these limits need
		defer cancel()
		before := allocated()
		whole, err := Read(ctx, bytes.NewReader(data), Options{Size: int64(len(data)), Limits: tight})
		require.NoError(t, err)
		require.LessOrEqual(t, allocated()-before, uint64(fuzzMemory+8*len(data)), "memory is bounded by what is read, not by what it says")
		checkReason(t, whole)
		require.LessOrEqual(t, whole.UnpackedBytes, tight.MaxUnpacked+fuzzOver)
		require.LessOrEqual(t, whole.Entries, int64(len(data))+whole.UnpackedBytes)
		require.Equal(t, int64(len(data)), whole.Bytes)
		if whole.Structure != OutcomeOK {
			require.False(t, whole.Checked)
		}

		one, err := Read(ctx, bytes.NewReader(data), Options{Size: int64(len(data)), Limits: tight, OneCore: true})
		require.NoError(t, err)
		pieces, err := Read(ctx, iotest.HalfReader(bytes.NewReader(data)), Options{Limits: tight})
		require.NoError(t, err)
		if code(whole) == "verify.bomb" { // where it is noticed is a matter of buffers
			require.Equal(t, []string{code(whole), whole.SHA256}, []string{code(one), one.SHA256})
			require.Equal(t, []string{code(whole), whole.SHA256}, []string{code(pieces), pieces.SHA256})
			return
		}
		if whole.Structure != OutcomeOK { // how much came out before it was noticed is one of buffers and cores
			for _, r := range []*Report{&whole, &one, &pieces} {
				r.Entries, r.UnpackedBytes = 0, 0
			}
		}
		require.Equal(t, whole, one)
		require.Equal(t, whole, pieces)
	})
}

// allocated is how many bytes were ever allocated in this process, which runs nothing else meanwhile.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func FuzzTar(f *testing.F) {
	fuzz(f, makeTar(f, files...), makeTar(f, entry{"a", nil}), makeTar(f, entry{"../a", nil}, entry{"/etc/passwd", []byte("x")}))
}

func FuzzGzip(f *testing.F) {
	fuzz(f, makeGzip(f, makeTar(f, files[0])), makeGzip(f, plainDump), append(makeGzip(f, nil), makeGzip(f, []byte("x"))...),
		makeGzip(f, makeSQLite(false)), packed(f, 3<<20, gz))
}

func FuzzZstd(f *testing.F) {
	fuzz(f, makeZstd(f, makeTar(f, files[0])), makeZstd(f, plainDump), append(makeZstd(f, []byte("y")), makeZstd(f, []byte("x"))...),
		packed(f, 3<<20, zst))
}

func FuzzZip(f *testing.F) {
	fuzz(f, makeZip(f, zip.Deflate, files...), makeZip(f, zip.Store, files...), makeZipRaw(f, files...), packed(f, 3<<20, zipped))
}

func FuzzPGCustom(f *testing.F) {
	fuzz(f, customDump(f, 12, 0), customDump(f, 14, -1), customDump(f, 15, 3), customDump(f, 16, 1))
}

func FuzzPGPlain(f *testing.F) { fuzz(f, plainDump) }

func FuzzSQLite(f *testing.F) { fuzz(f, makeSQLite(false), makeSQLite(true)) }

func FuzzDetect(f *testing.F) {
	fuzz(f, []byte("\x8c\x0d\x04\x09\x03\x02xxxxxxxx"), []byte("\xc1\xc0\x4c\x03xxxxxxxx"), []byte("BZh91AY"), []byte("7z\xbc\xaf\x27\x1c"),
		[]byte("age-encryption.org/v1\n-> X25519 x\n"), []byte("Salted__12345678"), []byte("LUKS\xba\xbe\x00\x01"), []byte("Rar!\x1a\x07\x00"),
		[]byte("-----BEGIN PGP MESSAGE-----\n\n"), []byte("\x04\x22\x4d\x18"), []byte("\xfd7zXZ\x00"), bytes.Repeat([]byte{0}, 2000))
}
