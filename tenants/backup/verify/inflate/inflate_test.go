package inflate_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/backup/verify/inflate"
)

// gather is a Sink that keeps everything.
type gather struct{ bytes.Buffer }

func (g *gather) Emit(buf, data []byte) ([]byte, error) {
	g.Write(data)
	return buf, nil
}

func deflated(t require.TestingT, level int, data []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func decode(in *bufio.Reader) ([]byte, error) {
	var out gather
	err := inflate.NewDecoder(&out, make([]byte, inflate.BufferSize)).Decode(in)
	return out.Bytes(), err
}

func text(r *rand.Rand, n int) []byte {
	const letters = "戸籍の控え 0123456789\n"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return b
}

// What is decoded is what was compressed, and the input is left at the first byte behind the stream.
func TestStreamsAreReadToTheirEndAndNoFurther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		data := text(r, rapid.IntRange(0, 3*inflate.BufferSize).Draw(t, "size"))
		packed := deflated(t, rapid.SampledFrom([]int{0, 1, 6, 9, -2}).Draw(t, "level"), data)
		in := bufio.NewReaderSize(bytes.NewReader(append(packed, "behind"...)), 4096)
		out, err := decode(in)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, out))
		rest, err := io.ReadAll(in)
		require.NoError(t, err)
		require.Equal(t, "behind", string(rest))
	})
}

func TestEveryCutIsTruncated(t *testing.T) {
	t.Parallel()
	packed := deflated(t, 6, text(rand.New(rand.NewPCG(1, 2)), 5000))
	for n := range packed {
		_, err := decode(bufio.NewReader(bytes.NewReader(packed[:n])))
		require.ErrorIs(t, err, inflate.ErrTruncated, "cut at %d", n)
	}
}

func TestNonsenseIsCorrupt(t *testing.T) {
	t.Parallel()
	_, err := decode(bufio.NewReader(bytes.NewReader([]byte{0x07, 0xff, 0xff, 0xff})))
	require.ErrorIs(t, err, inflate.ErrCorrupt)
}

func TestErrorsOfTheSourceAndTheSinkAreTheirOwn(t *testing.T) {
	t.Parallel()
	away := errors.New("the store is away")
	packed := deflated(t, 6, text(rand.New(rand.NewPCG(1, 2)), 50000))
	_, err := decode(bufio.NewReader(io.MultiReader(bytes.NewReader(packed[:len(packed)/2]), iotest.ErrReader(away))))
	require.ErrorIs(t, err, away)
	err = inflate.NewDecoder(refuse{away}, make([]byte, inflate.BufferSize)).Decode(bufio.NewReader(bytes.NewReader(packed)))
	require.ErrorIs(t, err, away)
}

type refuse struct{ err error }

func (r refuse) Emit([]byte, []byte) ([]byte, error) { return nil, r.err }

// One decoder reads stream after stream, also behind a bad one.
func TestADecoderIsUsedAgain(t *testing.T) {
	t.Parallel()
	var out gather
	d := inflate.NewDecoder(&out, make([]byte, inflate.BufferSize))
	for _, word := range []string{"一", "二", "三"} {
		require.Error(t, d.Decode(bufio.NewReader(bytes.NewReader([]byte{0x07}))))
		out.Buffer.Reset()
		d.Reset(&out)
		require.NoError(t, d.Decode(bufio.NewReader(bytes.NewReader(deflated(t, 6, []byte(word))))))
		require.Equal(t, word, out.String())
	}
}
