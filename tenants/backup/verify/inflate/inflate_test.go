package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// collector keeps the output, and takes another buffer every time, with the
// old one spoilt, as a concurrent reader may.
type collector struct {
	bytes.Buffer
	limit int
}

func (c *collector) Emit(buf, data []byte) ([]byte, error) {
	if c.limit > 0 && c.Len()+len(data) > c.limit {
		return nil, io.ErrShortWrite
	}
	c.Write(data)
	return make([]byte, BufferSize), nil
}

func decode(in io.Reader) (out []byte, rest []byte, err error) {
	c := &collector{}
	br := bufio.NewReaderSize(in, 4096)
	err = NewDecoder(c, make([]byte, BufferSize)).Decode(br)
	if err == nil {
		rest, _ = io.ReadAll(br)
	}
	return c.Bytes(), rest, err
}

func deflate(t testing.TB, data []byte, level int) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// samples are data that drive every path: long and short matches, deep codes,
// one symbol, none, noise, more than one buffer.
func samples() map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 700_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var text bytes.Buffer
	for i := range 40_000 {
		fmt.Fprintf(&text, "INSERT INTO koseki VALUES (%d, '見本 %d', %d);\n", i, rng.IntN(999), rng.Uint32())
	}
	skewed := make([]byte, 600_000) // few frequent, many rare symbols: codes of 15 bits
	for i := range skewed {
		v := 0
		for v < 255 && rng.IntN(2) == 0 {
			v++
		}
		skewed[i] = byte(v * 37)
		if rng.IntN(400) == 0 {
			skewed[i] = byte(rng.Uint32())
		}
	}
	return map[string][]byte{
		"empty": {}, "one": {7}, "zeros": make([]byte, 3_000_000), "noise": noise, "text": text.Bytes(),
		"skewed": skewed, "period3": bytes.Repeat([]byte("abc"), 200_000), "period9": bytes.Repeat([]byte("123456789"), 100_000),
		"mixed": append(append(append([]byte{}, text.Bytes()[:400_000]...), noise[:300_000]...), make([]byte, 500_000)...),
	}
}

func TestDecodesWhatWasEncoded(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
			packed := append(deflate(t, data, level), "rest"...)
			out, rest, err := decode(bytes.NewReader(packed))
			require.NoError(t, err, "%s %d", name, level)
			require.True(t, bytes.Equal(data, out), "%s %d", name, level)
			require.Equal(t, "rest", string(rest), "%s %d", name, level)
		}
	}
}

func TestReadsInPieces(t *testing.T) {
	t.Parallel()
	data := samples()["mixed"][:500_000]
	packed := deflate(t, data, 6)
	for _, in := range []io.Reader{iotest.OneByteReader(bytes.NewReader(packed)), iotest.HalfReader(bytes.NewReader(packed)), iotest.DataErrReader(bytes.NewReader(packed))} {
		out, _, err := decode(in)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, out))
	}
	broken := errors.New("line cut")
	_, _, err := decode(io.MultiReader(bytes.NewReader(packed[:len(packed)/2]), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken, "a read error is not a fault of the data")
}

func TestStreamsInARow(t *testing.T) {
	t.Parallel()
	c := &collector{}
	d := NewDecoder(c, make([]byte, BufferSize))
	a, b := samples()["text"], samples()["period9"]
	br := bufio.NewReaderSize(bytes.NewReader(append(deflate(t, a, 6), deflate(t, b, 1)...)), 4096)
	require.NoError(t, d.Decode(br))
	require.NoError(t, d.Decode(br))
	require.True(t, bytes.Equal(append(append([]byte{}, a...), b...), c.Bytes()))
	require.ErrorIs(t, d.Decode(br), ErrTruncated)
}

// A second stream cannot reach back into the first.
func TestHistoryEndsWithTheStream(t *testing.T) {
	t.Parallel()
	dictionary := bytes.Repeat([]byte("0123456789abcdef"), 64)
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, 9, dictionary)
	require.NoError(t, err)
	_, err = w.Write(dictionary)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	br := bufio.NewReaderSize(bytes.NewReader(append(deflate(t, dictionary, 6), b.Bytes()...)), 4096)
	d := NewDecoder(&collector{}, make([]byte, BufferSize))
	require.NoError(t, d.Decode(br))
	require.ErrorIs(t, d.Decode(br), ErrCorrupt)
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		packed := deflate(t, data[:min(len(data), 2500)], 6)
		for cut := range packed {
			_, _, err := decode(bytes.NewReader(packed[:cut]))
			require.ErrorIs(t, err, ErrTruncated, "%s cut at %d of %d", name, cut, len(packed))
		}
	}
}

func TestSinkEndsDecoding(t *testing.T) {
	t.Parallel()
	c := &collector{limit: 1 << 20}
	br := bufio.NewReaderSize(bytes.NewReader(deflate(t, make([]byte, 8<<20), 9)), 4096)
	require.ErrorIs(t, NewDecoder(c, make([]byte, BufferSize)).Decode(br), io.ErrShortWrite)
}

// decodeParallel decodes with a second core and strides so short that it has
// work in small data, and reports how much came from it.
func decodeParallel(in io.Reader, stride int) (out []byte, rest []byte, taken int64, err error) {
	c := &collector{}
	br := bufio.NewReaderSize(in, max(4096, 3*stride))
	d := NewDecoder(c, make([]byte, BufferSize))
	d.Parallel()
	d.stride, d.patient = stride, true
	err = d.Decode(br)
	if err == nil {
		rest, _ = io.ReadAll(br)
	}
	return c.Bytes(), rest, d.lead.taken, err
}

func TestTwoCoresDecodeTheSame(t *testing.T) {
	t.Parallel()
	total := int64(0)
	for name, data := range samples() {
		data = bytes.Repeat(data, min(3, 3_000_000/max(1, len(data))+1))
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6} {
			packed := append(deflate(t, data, level), "rest"...)
			for _, stride := range []int{3_000, 40_000, 200_000} {
				out, rest, taken, err := decodeParallel(bytes.NewReader(packed), stride)
				require.NoError(t, err, "%s %d", name, level)
				require.True(t, bytes.Equal(data, out), "%s %d %d", name, level, stride)
				require.Equal(t, "rest", string(rest), "%s %d", name, level)
				total += taken
				if name == "text" && level > 0 && stride == 40_000 {
					require.Greater(t, taken, int64(len(data)/8))
				}
			}
		}
	}
	require.Greater(t, total, int64(5_000_000), "the second core was of use")
}

func TestTwoCoresNoticeDamage(t *testing.T) {
	t.Parallel()
	data := samples()["text"]
	packed := deflate(t, data, 6)
	for i := 1000; i < len(packed); i += len(packed) / 150 {
		_, _, _, err := decodeParallel(bytes.NewReader(packed[:i]), 40_000)
		require.ErrorIs(t, err, ErrTruncated)
		bad := bytes.Clone(packed)
		bad[i] ^= 4
		want, _, wantErr := decode(bytes.NewReader(bad))
		got, _, _, err := decodeParallel(bytes.NewReader(bad), 40_000)
		require.Equal(t, wantErr, err)
		if err == nil {
			require.True(t, bytes.Equal(want, got))
		}
	}
}

// FuzzDecode holds the decoder to compress/flate: the same output, the same
// end, an error where it has one.
func FuzzDecode(f *testing.F) {
	for _, data := range samples() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			f.Add(deflate(f, data[:min(len(data), 3000)], level))
		}
	}
	f.Add([]byte{0x05, 0xc0, 0x81, 0x08})                                     // dynamic, short
	f.Add([]byte{0x4b, 0x04, 0x00})                                           // fixed "a"
	f.Add([]byte("\x15\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00")) // a lone distance code
	f.Fuzz(func(t *testing.T, packed []byte) {
		in := bytes.NewReader(packed)
		std := flate.NewReader(in)
		want, wantErr := io.ReadAll(io.LimitReader(std, 32<<20))
		if len(want) == 32<<20 {
			return
		}
		out, rest, err := decode(bytes.NewReader(packed))
		if wantErr != nil {
			require.Error(t, err, "compress/flate says %v", wantErr)
			return
		}
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, out))
		require.Len(t, rest, in.Len())
		out, rest, _, err = decodeParallel(bytes.NewReader(packed), 1500)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, out))
		require.Len(t, rest, in.Len())
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"text", "noise", "skewed", "zeros"} {
		data := samples()[name]
		packed := deflate(b, data, 6)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			d := NewDecoder(same{}, make([]byte, BufferSize))
			for b.Loop() {
				require.NoError(b, d.Decode(bufio.NewReaderSize(bytes.NewReader(packed), 1<<16)))
			}
		})
	}
}

type same struct{}

func (same) Emit(buf, _ []byte) ([]byte, error) { return buf, nil }
