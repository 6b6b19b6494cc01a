package verify

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fuzz runs a parser on anything: it must come to a report that can be said,
// in bounded time, whatever the bytes.
func fuzz(f *testing.F, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
		f.Add(s[:len(s)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		r, err := Read(ctx, bytes.NewReader(data), Options{Size: int64(len(data)), Limits: Limits{MaxUnpacked: 64 << 20}})
		require.NoError(t, err)
		checkReason(t, r)
		one, err := Read(ctx, bytes.NewReader(data), Options{Size: int64(len(data)), Limits: Limits{MaxUnpacked: 64 << 20}, OneCore: true})
		require.NoError(t, err)
		require.Equal(t, r.Structure, one.Structure, "%v %v", r.Reason, one.Reason)
		if len(data) > 0 {
			require.Equal(t, int64(len(data)), r.Bytes)
		}
	})
}

func FuzzTar(f *testing.F) {
	fuzz(f, makeTar(f, files...), makeTar(f, entry{"a", nil}))
}

func FuzzGzip(f *testing.F) {
	fuzz(f, makeGzip(f, makeTar(f, files[0])), makeGzip(f, plainDump), append(makeGzip(f, nil), makeGzip(f, []byte("x"))...))
}

func FuzzZstd(f *testing.F) {
	fuzz(f, makeZstd(f, makeTar(f, files[0])), makeZstd(f, plainDump), append(makeZstd(f, []byte("y")), makeZstd(f, []byte("x"))...))
}

func FuzzZip(f *testing.F) {
	fuzz(f, makeZip(f, zip.Deflate, files...), makeZip(f, zip.Store, files...), makeZipRaw(f, files...))
}

func FuzzPGCustom(f *testing.F) {
	fuzz(f, customDump(f, 12, 0), customDump(f, 14, -1), customDump(f, 15, 3), customDump(f, 16, 1))
}

func FuzzPGPlain(f *testing.F) { fuzz(f, plainDump) }

func FuzzSQLite(f *testing.F) { fuzz(f, makeSQLite(false), makeSQLite(true)) }

func FuzzDetect(f *testing.F) {
	fuzz(f, []byte("\x8c\x0d\x04\x09\x03\x02xxxxxxxx"), []byte("\xc1\xc0\x4c\x03xxxxxxxx"), []byte("BZh91AY"), []byte("7z\xbc\xaf\x27\x1c"))
}
