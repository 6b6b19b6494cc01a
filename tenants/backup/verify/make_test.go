package verify

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// entry is a file for the archives made here.
type entry struct {
	name string
	data []byte
}

func noise(n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func text(n int) []byte {
	var b bytes.Buffer
	rng := rand.New(rand.NewPCG(3, 9))
	for b.Len() < n {
		fmt.Fprintf(&b, "%d\t見本 花子\t%d\n", b.Len(), rng.Uint32())
	}
	return b.Bytes()[:n]
}

var files = []entry{
	{"koseki/1.txt", []byte("hello\n")},
	{"koseki/empty", nil},
	{"koseki/" + strings.Repeat("長い名前", 40), text(3000)},
	{"koseki/noise.bin", noise(1500, 1)},
}

func makeTar(t testing.TB, entries ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.data)), Typeflag: tar.TypeReg}))
		_, err := w.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func makeGzip(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = "koseki.tar"
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func makeZstd(t testing.TB, data []byte) []byte {
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return w.EncodeAll(data, nil)
}

// makeZip writes streamed entries (with descriptors), as Go does.
func makeZip(t testing.TB, method uint16, entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		require.NoError(t, err)
		_, err = f.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// makeZipRaw writes entries whose sizes are in the local headers.
func makeZipRaw(t testing.TB, entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateRaw(&zip.FileHeader{Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(e.data),
			CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data))})
		require.NoError(t, err)
		_, err = f.Write(e.data)
		require.NoError(t, err)
	}
	packed := bytes.Buffer{}
	d, err := flate.NewWriter(&packed, 6)
	require.NoError(t, err)
	_, err = d.Write(text(4000))
	require.NoError(t, err)
	require.NoError(t, d.Close())
	f, err := w.CreateRaw(&zip.FileHeader{Name: "packed", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(text(4000)),
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: 4000})
	require.NoError(t, err)
	_, err = f.Write(packed.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.SetComment("見本"))
	require.NoError(t, w.Close())
	return b.Bytes()
}
