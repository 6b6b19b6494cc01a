package verify

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

func read(t testing.TB, data []byte, name string) Report {
	t.Helper()
	r, err := Read(t.Context(), bytes.NewReader(data), Options{Name: name, Size: int64(len(data))})
	require.NoError(t, err)
	sum := sha256.Sum256(data)
	require.Equal(t, hex.EncodeToString(sum[:]), r.SHA256)
	require.Equal(t, int64(len(data)), r.Bytes)
	checkReason(t, r)
	return r
}

// checkReason holds every report to the rule that what is not ok is explained
// in both languages with every placeholder filled.
func checkReason(t testing.TB, r Report) {
	t.Helper()
	if r.Structure == OutcomeOK {
		require.Nil(t, r.Reason)
		return
	}
	require.NotNil(t, r.Reason)
	both, ok := Sentences[r.Reason.Code]
	require.True(t, ok, r.Reason.Code)
	for _, s := range both {
		for _, p := range placeholder.FindAllStringSubmatch(s, -1) {
			require.Contains(t, r.Reason.Params, p[1], r.Reason.Code)
		}
	}
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func code(r Report) string {
	if r.Reason == nil {
		return string(r.Structure)
	}
	return r.Reason.Code
}

func TestGoodArchives(t *testing.T) {
	t.Parallel()
	archive := makeTar(t, files...)
	for name, c := range map[string]struct {
		data    []byte
		format  Format
		entries int64
		checked bool
	}{
		"a.tar":       {archive, FormatTar, 4, false},
		"a.tar.gz":    {makeGzip(t, archive), FormatTarGzip, 4, true},
		"a.tar.zst":   {makeZstd(t, archive), FormatTarZstd, 4, true},
		"members.tgz": {append(makeGzip(t, archive[:700]), makeGzip(t, archive[700:])...), FormatTarGzip, 4, true},
		"padded.tgz":  {append(makeGzip(t, archive), make([]byte, 512)...), FormatTarGzip, 4, true},
		"frames.zst":  {append(makeZstd(t, archive[:700]), makeZstd(t, archive[700:])...), FormatTarZstd, 4, true},
		"skip.zst":    {append([]byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc"), makeZstd(t, archive)...), FormatTarZstd, 4, true},
		"text.gz":     {makeGzip(t, text(100_000)), FormatGzip, 0, true},
		"text.zst":    {makeZstd(t, text(100_000)), FormatZstd, 0, true},
		"a.zip":       {makeZip(t, zip.Deflate, files...), FormatZip, 4, true},
		"stored.zip":  {makeZip(t, zip.Store, files...), FormatZip, 4, true},
		"raw.zip":     {makeZipRaw(t, files...), FormatZip, 5, true},
		"no-name":     {archive, FormatTar, 4, false},
	} {
		r := read(t, c.data, name)
		require.Equal(t, OutcomeOK, r.Structure, "%s: %v", name, r.Reason)
		require.Equal(t, c.format, r.Format, name)
		require.Equal(t, c.entries, r.Entries, name)
		require.Equal(t, c.checked, r.Checked, name)
		require.False(t, r.Encrypted)
	}
}

func TestNotArchives(t *testing.T) {
	t.Parallel()
	age := append([]byte("age-encryption.org/v1\n-> X25519 abc\n"), noise(300, 2)...)
	archive := makeTar(t, files...)
	for name, c := range map[string]struct {
		data    []byte
		outcome Outcome
		code    string
	}{
		"zero.tar":      {nil, OutcomeFailed, "verify.zero"},
		"hole.tar.gz":   {make([]byte, 5000), OutcomeFailed, "verify.all_zero"},
		"page.tar.gz":   {[]byte("<html>502 Bad Gateway</html>"), OutcomeFailed, "verify.not_as_named"},
		"noise.zip":     {noise(5000, 3), OutcomeFailed, "verify.not_as_named"},
		"noise":         {noise(5000, 3), OutcomeUnknown, "verify.unknown"},
		"zeros first":   {append(make([]byte, 300_000), 'x'), OutcomeUnknown, "verify.unknown"},
		"empty.zip":     {makeZip(t, zip.Store), OutcomeFailed, "verify.empty"},
		"empty.tar.gz":  {makeGzip(t, makeTar(t)), OutcomeOK, "ok"}, // 1 kB of zeros is no tar anyone could tell
		"a.age":         {age, OutcomeEncrypted, "verify.encrypted"},
		"gz of age":     {makeGzip(t, age), OutcomeEncrypted, "verify.encrypted"},
		"zst of age":    {makeZstd(t, age), OutcomeEncrypted, "verify.encrypted"},
		"armored":       {[]byte("-----BEGIN PGP MESSAGE-----\n\nhQ\n"), OutcomeEncrypted, "verify.encrypted"},
		"openssl":       {append([]byte("Salted__"), noise(64, 4)...), OutcomeEncrypted, "verify.encrypted"},
		"backup.gpg":    {noise(5000, 5), OutcomeEncrypted, "verify.encrypted_name"},
		"a.xz":          {[]byte("\xfd7zXZ\x00\x00\x04"), OutcomeUnknown, "verify.unsupported"},
		"tail.tar":      {append(append([]byte{}, archive...), "tail"...), OutcomeFailed, "verify.trailing_garbage"},
		"two.tar":       {append(append([]byte{}, archive...), archive...), OutcomeFailed, "verify.trailing_garbage"},
		"tail.tar.gz":   {append(makeGzip(t, archive), "tail"...), OutcomeFailed, "verify.trailing_garbage"},
		"pad tail.gz":   {append(makeGzip(t, archive), 0, 0, 1), OutcomeFailed, "verify.trailing_garbage"},
		"tail.tar.zst":  {append(makeZstd(t, archive), "tail"...), OutcomeFailed, "verify.trailing_garbage"},
		"tail.zip":      {append(makeZip(t, zip.Deflate, files...), 'x'), OutcomeFailed, "verify.trailing_garbage"},
		"inner cut":     {makeGzip(t, archive[:len(archive)-1024]), OutcomeFailed, "verify.truncated"},
		"up.tar":        {makeTar(t, entry{"a/../../etc/passwd", nil}), OutcomeFailed, "verify.traversal"},
		"abs.tar.gz":    {makeGzip(t, makeTar(t, entry{"/etc/passwd", nil})), OutcomeFailed, "verify.traversal"},
		"win.zip":       {makeZip(t, zip.Deflate, entry{`..\..\evil.dll`, nil}), OutcomeFailed, "verify.traversal"},
		"drive.tar.zst": {makeZstd(t, makeTar(t, entry{`C:\evil.dll`, nil})), OutcomeFailed, "verify.traversal"},
		"pax.tar":       {makeTar(t, entry{"../" + strings.Repeat("長", 100), nil}), OutcomeFailed, "verify.traversal"},
	} {
		r := read(t, c.data, name)
		require.Equal(t, c.code, code(r), "%s: %v", name, r.Reason)
		require.Equal(t, c.outcome, r.Structure, name)
		require.Equal(t, c.outcome == OutcomeEncrypted, r.Encrypted, name)
	}
}

func TestSafeNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "a/b", "./a", "a..b", "..a", "a/...", "", "ab:c", "戸籍/..あ"} {
		require.False(t, leavesRoot(name), name)
	}
	for _, name := range []string{"..", "a/..", "../a", `a\..\b`, "/", `\\server\x`, "c:x"} {
		require.True(t, leavesRoot(name), name)
	}
	require.Equal(t, "a?b?", printable("a\x1bb\xff"))
	require.Len(t, []rune(printable(strings.Repeat("長", 500))), 81)
	require.Equal(t, "-1,234,567", digits(-1234567))
	require.Equal(t, "999", digits(999))
}

// Cut anywhere, no archive passes. A plain tar is complete once its two zero
// blocks are there.
func TestEveryTruncationIsNoticed(t *testing.T) {
	t.Parallel()
	archive := makeTar(t, files...)
	for name, data := range map[string][]byte{
		"a.tar":      archive,
		"a.tar.gz":   makeGzip(t, archive),
		"m.tar.gz":   append(makeGzip(t, archive[:700]), makeGzip(t, archive[700:])...),
		"a.tar.zst":  makeZstd(t, archive),
		"f.tar.zst":  append(makeZstd(t, archive[:700]), makeZstd(t, archive[700:])...),
		"a.zip":      makeZip(t, zip.Deflate, files...),
		"stored.zip": makeZip(t, zip.Store, files...),
		"raw.zip":    makeZipRaw(t, files...),
		"sql.gz":     makeGzip(t, plainDump),
		"a.sql":      plainDump,
		"a.dump":     customDump(t, 14, 0),
		"z.dump":     customDump(t, 14, -1),
		"n.dump":     customDump(t, 16, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, OutcomeOK, read(t, data, name).Structure, "%v", read(t, data, name).Reason)
			for cut := range data {
				r := read(t, data[:cut], name)
				require.NotEqual(t, OutcomeOK, r.Structure, "cut at %d of %d", cut, len(data))
			}
		})
	}
}

// One flipped bit anywhere in a container with checksums is found, unless it
// carries no meaning (the padding at the end of a DEFLATE block, an unused flag,
// the level in a zlib header): then what unpacks is the same.
func TestBitFlipsAreNoticed(t *testing.T) {
	t.Parallel()
	archive := makeTar(t, files...)
	raw := makeZipRaw(t, files...)
	deep := bytes.Index(raw, []byte("packed")) + len("packed")
	gz, zst, zipped := makeGzip(t, archive), makeZstd(t, archive), makeZip(t, zip.Deflate, files...)
	dump := customDump(t, 14, -1)
	for name, c := range map[string]struct {
		data     []byte
		from, to int
		same     func(bad []byte) bool
	}{
		"a.tar.gz": {gz, 10 + len("koseki.tar") + 1, len(gz), func(bad []byte) bool {
			r, err := gzip.NewReader(bytes.NewReader(bad))
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			return err == nil && bytes.Equal(archive, got)
		}},
		"a.tar.zst": {zst, 0, len(zst), func(bad []byte) bool {
			d, err := zstd.NewReader(nil)
			require.NoError(t, err)
			got, err := d.DecodeAll(bad, nil)
			return err == nil && bytes.Equal(archive, got)
		}},
		"a.zip": {zipped, 0, bytes.Index(zipped, []byte("PK\x01\x02")), func(bad []byte) bool {
			r, err := zip.NewReader(bytes.NewReader(bad), int64(len(bad)))
			require.NoError(t, err)
			for i, f := range r.File {
				rc, err := f.Open()
				require.NoError(t, err)
				got, err := io.ReadAll(rc)
				if err != nil || !bytes.Equal(files[i].data, got) || f.Name != files[i].name {
					return false
				}
			}
			return true
		}},
		"raw.zip": {raw, deep, bytes.Index(raw, []byte("PK\x01\x02")), func(bad []byte) bool {
			r, err := zip.NewReader(bytes.NewReader(bad), int64(len(bad)))
			require.NoError(t, err)
			rc, err := r.File[len(files)].Open()
			require.NoError(t, err)
			got, err := io.ReadAll(rc)
			return err == nil && bytes.Equal(text(4000), got)
		}},
		"z.dump": {dump, bytes.Index(dump, []byte{0x78, 0x9c}), len(dump), func(bad []byte) bool {
			a, b := zlibContents(dump), zlibContents(bad)
			return len(a) == 3 && slices.Equal(a, b)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.True(t, read(t, c.data, name).Checked)
			for at := c.from; at < c.to; at++ {
				bit := at % 8
				bad := bytes.Clone(c.data)
				bad[at] ^= 1 << bit
				if read(t, bad, name).Structure == OutcomeOK {
					require.True(t, c.same(bad), "bit %d of byte %d of %d", bit, at, len(bad))
				}
			}
		})
	}
}

func TestReadErrorsAndContext(t *testing.T) {
	t.Parallel()
	archive := makeGzip(t, makeTar(t, entry{"a", noise(3<<20, 1)}))
	broken := errors.New("EIO")
	r, err := Read(t.Context(), io.MultiReader(bytes.NewReader(archive[:2<<20]), iotest.ErrReader(broken)), Options{})
	require.ErrorIs(t, err, broken)
	var readErr *ReadError
	require.ErrorAs(t, err, &readErr)
	require.Equal(t, int64(2<<20), readErr.At)
	code, _ := readErr.Reason()
	require.Contains(t, Sentences, code)
	require.NotEqual(t, OutcomeOK, r.Structure)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	hang := make(chan struct{})
	defer close(hang)
	_, err = Read(ctx, io.MultiReader(bytes.NewReader(archive[:1000]), hanging{hang}), Options{})
	require.ErrorIs(t, err, context.DeadlineExceeded)

	r, err = Read(t.Context(), bytes.NewReader(archive), Options{Size: int64(len(archive)) + 1})
	require.NoError(t, err)
	require.Equal(t, "verify.size", r.Reason.Code)
	checkReason(t, r)
}

type hanging struct{ until chan struct{} }

func (h hanging) Read([]byte) (int, error) {
	<-h.until
	return 0, io.EOF
}

// The report does not depend on how the store hands the bytes out.
func TestReadsInPieces(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"a.zip": makeZip(t, zip.Store, files...), "a.tar.gz": makeGzip(t, makeTar(t, files...)), "a.dump": customDump(t, 15, 1)} {
		want := read(t, data, name)
		got, err := Read(t.Context(), iotest.OneByteReader(bytes.NewReader(data)), Options{Name: name})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
