package verify

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// Whatever the tests of this package did, nothing is left running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A pass that is given up half-way, by its context or by the store, ends all
// of its goroutines.
func TestGivenUpHalfWay(t *testing.T) {
	t.Parallel()
	big := append(noise(3<<20, 8), text(5<<20)...)
	for name, data := range map[string][]byte{
		"tar.gz":  makeGzip(t, makeTar(t, entry{"a", big})),
		"tar.zst": makeZstd(t, makeTar(t, entry{"a", big})),
		"zip":     makeZip(t, zip.Deflate, entry{"a", big}, entry{"b", big[:4000]}),
		"raw.zip": makeZipRaw(t, entry{"a", big[:100_000]}, entry{"b", big}),
		"raw":     big,
	} {
		half := data[:len(data)/2]
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Read(ctx, io.MultiReader(bytes.NewReader(half), calling(cancel), bytes.NewReader(data[len(half):])), Options{})
		require.ErrorIs(t, err, context.Canceled, name)

		broken := errors.New("line cut")
		r, err := Read(t.Context(), io.MultiReader(bytes.NewReader(half), iotest.ErrReader(broken)), Options{})
		require.ErrorIs(t, err, broken, name)
		require.Equal(t, "verify.unreadable", code(r), name)
	}
}

// calling is a reader that calls f and is at its end.
type calling func()

func (f calling) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
