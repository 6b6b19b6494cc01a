package verify

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// zeros is a stream of n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func packed(t testing.TB, n int64, open func(io.Writer) (io.WriteCloser, error)) []byte {
	var b bytes.Buffer
	w, err := open(&b)
	require.NoError(t, err)
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, zeros(n), make([]byte, 1<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func gz(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, 1) }

func zst(w io.Writer) (io.WriteCloser, error) {
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
}

func zipped(w io.Writer) (io.WriteCloser, error) {
	z := zip.NewWriter(w)
	f, err := z.Create("zeros")
	return &zipWriter{f, z}, err
}

type zipWriter struct {
	io.Writer
	z *zip.Writer
}

func (w *zipWriter) Close() error { return w.z.Close() }

// A bomb stops where its limit says, in every format that unpacks.
func TestBombsStop(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(io.Writer) (io.WriteCloser, error){"gz": gz, "zst": zst, "zip": zipped} {
		data := packed(t, 64<<20, open)
		for what, limits := range map[string]Limits{
			"absolute": {MaxUnpacked: 10 << 20},
			"ratio":    {FreeUnpacked: 1 << 20, MaxRatio: 20},
		} {
			r, err := Read(t.Context(), bytes.NewReader(data), Options{Limits: limits})
			require.NoError(t, err)
			require.Equal(t, "verify.bomb", code(r), "%s %s", name, what)
			require.Less(t, r.UnpackedBytes, int64(32<<20), "%s %s", name, what)
			require.Equal(t, int64(len(data)), r.Bytes, "the hash is of the whole file all the same")
			checkReason(t, r)
		}
		// Under the default limits 64 MiB of zeros are an honest backup.
		r, err := Read(t.Context(), bytes.NewReader(data), Options{})
		require.NoError(t, err)
		require.Equal(t, OutcomeOK, r.Structure, name)
	}
}

// The time goes by the clock given, and waiting for the store does not count.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	data := packed(t, 64<<20, gz)
	clock := time.Unix(0, 0)
	r, err := Read(t.Context(), bytes.NewReader(data), Options{
		Now:    stepping(&clock),
		Limits: Limits{MaxWork: 10 * time.Millisecond},
	})
	require.NoError(t, err)
	require.Equal(t, "verify.too_long", code(r))
	require.Positive(t, r.Took)
	checkReason(t, r)
}

// stepping is a clock that goes on by a millisecond each time it is read.
func stepping(at *time.Time) func() time.Time {
	ch := make(chan struct{}, 1)
	return func() time.Time {
		ch <- struct{}{}
		defer func() { <-ch }()
		*at = at.Add(time.Millisecond)
		return *at
	}
}

// Memory is flat: 10 GB of zeros and half a gigabyte of noise need no more than
// 80 MB.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some gigabytes")
	}
	tenGB := int64(10_000_000_000)
	member := packed(t, 100_000_000, zst) // a hundred frames of it
	for name, c := range map[string]struct {
		r    io.Reader
		want string
	}{
		"raw":     {zeros(1_000_000_000), "verify.all_zero"},
		"tar.zst": {repeatReader(member, 100), "ok"},
		"gz":      {repeatReader(packed(t, 100_000_000, gz), 20), "ok"},
		"big.gz":  {repeatReader(makeGzip(t, bytes.Repeat(append(text(3<<20), noise(1<<20, 2)...), 3)), 10), "ok"},
		"noise":   {repeatReader(noise(1<<20, 1), 500), "verify.unknown"},
		"tar":     {hugeTar(t, 1_000_000_000), "ok"},
	} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := uint64(0)
		r, err := Read(t.Context(), &watched{r: c.r, peak: &peak}, Options{})
		require.NoError(t, err)
		require.Equal(t, c.want, code(r), name)
		if name == "tar.zst" {
			require.Equal(t, tenGB, r.UnpackedBytes)
		}
		require.Less(t, int64(peak)-int64(before.HeapAlloc), int64(80<<20), name)
	}
}

// watched looks at the heap while it is read.
type watched struct {
	r    io.Reader
	n    int
	peak *uint64
}

func (w *watched) Read(p []byte) (int, error) {
	if w.n++; w.n%64 == 1 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		*w.peak = max(*w.peak, m.HeapAlloc)
	}
	return w.r.Read(p)
}

func repeatReader(b []byte, n int) io.Reader {
	parts := make([]io.Reader, n)
	for i := range parts {
		parts[i] = bytes.NewReader(b)
	}
	return io.MultiReader(parts...)
}

// hugeTar is an archive with one file of n zeros.
func hugeTar(t testing.TB, n int64) io.Reader {
	empty := makeTar(t, entry{"zeros", nil})
	head := bytes.Clone(empty[:512])
	copy(head[124:], octal(n))
	sum := int64(0)
	copy(head[148:], "        ")
	for _, c := range head {
		sum += int64(c)
	}
	copy(head[148:], octal(sum)[5:])
	return io.MultiReader(bytes.NewReader(head), zeros((n+511)/512*512+1024))
}

func octal(n int64) string {
	b := make([]byte, 11)
	for i := 10; i >= 0; i-- {
		b[i] = '0' + byte(n&7)
		n >>= 3
	}
	return string(b)
}
