package store

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type place struct {
	*Dir
	path string
}

func setup(t *testing.T) place {
	t.Helper()
	path := t.TempDir()
	return place{NewDir(path, ""), path}
}

func (p place) put(t *testing.T, name, content string) {
	t.Helper()
	full := filepath.Join(p.path, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o755))
	require.NoError(t, os.WriteFile(full, []byte(content), 0o644))
}

func names(objects []Object) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.Name)
	}
	return out
}

func TestDirReads(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.put(t, "niseko/koseki-20261121.tar", "hello")
	stamp := time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)
	require.NoError(t, os.Chtimes(filepath.Join(s.path, "niseko/koseki-20261121.tar"), stamp, stamp))

	o, err := s.Stat(t.Context(), "niseko/koseki-20261121.tar")
	require.NoError(t, err)
	require.Equal(t, int64(5), o.Size)
	require.True(t, o.ModTime.Equal(stamp))

	f, err := s.Open(t.Context(), "niseko/koseki-20261121.tar")
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, o, f.Object())
	data, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, "hello", string(data))
	require.NoError(t, f.Unchanged(t.Context()))
	b := make([]byte, 2)
	_, err = f.(io.ReaderAt).ReadAt(b, 3)
	require.NoError(t, err)
	require.Equal(t, "lo", string(b))
}

func TestDirFinds(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, n := range []string{"a/1.tar", "a/2.tar", "a/.2.tar.Xy12", "b/3.tar", "b/3.zip", "top.tar", "a/1.tar.sha256"} {
		s.put(t, n, n)
	}
	for pattern, want := range map[string][]string{
		"a/*":        {"a/1.tar", "a/2.tar"},
		"a/*.sha256": {"a/1.tar.sha256"},
		"a/*.tar":    {"a/1.tar", "a/2.tar"},
		"*/?.tar":    {"a/1.tar", "a/2.tar", "b/3.tar"},
		"*/3*":       {"b/3.tar", "b/3.zip"},
		"top.tar":    {"top.tar"},
		"no/*":       {},
		"none.tar":   {},
		"top.tar/*":  {},
	} {
		got, err := s.Find(t.Context(), pattern)
		require.NoError(t, err, pattern)
		require.Equal(t, want, names(got), pattern)
	}
}

func TestDirRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o644))
	s.put(t, "in/file", "x")
	link := func(to, at string) { require.NoError(t, os.Symlink(to, filepath.Join(s.path, at))) }
	link(outside, "absolute")
	link("../"+filepath.Base(filepath.Dir(outside))+"/secret", "relative")
	link(filepath.Dir(outside), "dirlink")
	link("in/file", "inside")
	link("loop", "loop")
	link("nowhere", "dangling")
	require.NoError(t, syscall.Mkfifo(filepath.Join(s.path, "fifo"), 0o644))
	l, err := net.Listen("unix", filepath.Join(s.path, "sock"))
	require.NoError(t, err)
	defer l.Close()

	cases := []struct {
		name string
		kind error
		code string
	}{
		{"absolute", ErrOutside, "store.outside"},
		{"relative", ErrOutside, "store.outside"},
		{"dirlink/secret", ErrOutside, "store.outside"},
		{"../x", ErrOutside, "store.outside"},
		{"/etc/passwd", ErrOutside, "store.outside"},
		{`in\file`, ErrOutside, "store.outside"},
		{"in/../in/file", ErrOutside, "store.outside"},
		{"", ErrOutside, "store.outside"},
		{"a\x00b", ErrOutside, "store.outside"},
		{"fifo", ErrNotRegular, "store.not_regular_fifo"},
		{"sock", ErrNotRegular, "store.not_regular_socket"},
		{"in", ErrNotRegular, "store.not_regular_directory"},
		{"loop", ErrNotRegular, "store.not_regular"},
		{"dangling", ErrNotFound, "store.not_found"},
		{"none", ErrNotFound, "store.not_found"},
		{"in/file/deeper", ErrNotFound, "store.not_found"},
		{strings.Repeat("x", 300), ErrNotFound, "store.not_found"},
	}
	for _, c := range cases {
		for op, call := range map[string]func() error{
			"stat": func() error { _, err := s.Stat(t.Context(), c.name); return err },
			"open": func() error { _, err := s.Open(t.Context(), c.name); return err },
		} {
			err := call()
			require.ErrorIs(t, err, c.kind, "%s %q", op, c.name)
			code, params := ReasonOf(err)
			require.Equal(t, c.code, code)
			require.Equal(t, c.name, params["name"])
			require.Contains(t, Sentences, code)
		}
	}
	_, err = s.Find(t.Context(), "fif*")
	require.ErrorIs(t, err, ErrNotRegular)
	_, err = s.Find(t.Context(), "abs*")
	require.ErrorIs(t, err, ErrOutside)
	_, err = s.Find(t.Context(), "dirlink/*")
	require.ErrorIs(t, err, ErrOutside)

	o, err := s.Stat(t.Context(), "inside")
	require.NoError(t, err, "a link that stays inside is fine")
	require.Equal(t, int64(1), o.Size)
	all, err := s.Find(t.Context(), "*")
	require.NoError(t, err)
	require.Equal(t, []string{"inside"}, names(all), "what cannot be used does not hide what can")
}

func TestDirNoticesChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(full string) error{
		"grown": func(full string) error {
			f, err := os.OpenFile(full, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("more")
			return err
		},
		"touched":  func(full string) error { return os.Chtimes(full, time.Time{}, time.Unix(1, 0)) },
		"replaced": replace,
		"removed":  os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.put(t, "f", "content")
			f, err := s.Open(t.Context(), "f")
			require.NoError(t, err)
			defer f.Close()
			require.NoError(t, f.Unchanged(t.Context()))
			require.NoError(t, change(filepath.Join(s.path, "f")))
			require.ErrorIs(t, f.Unchanged(t.Context()), ErrChanged)
		})
	}
}

// replace puts another file of the same size and time in full's place.
func replace(full string) error {
	info, err := os.Stat(full)
	if err != nil {
		return err
	}
	if err := os.WriteFile(full+".new", []byte("CONTENT"), 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(full+".new", info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return os.Rename(full+".new", full)
}

func TestDirUnreachable(t *testing.T) {
	t.Parallel()
	gone := NewDir(filepath.Join(t.TempDir(), "not-mounted"), "")
	_, err := gone.Find(t.Context(), "*")
	require.ErrorIs(t, err, ErrUnreachable)

	s := setup(t)
	s.put(t, "f", "x")
	marked := NewDir(s.path, ".tanamori-store")
	_, err = marked.Stat(t.Context(), "f")
	require.ErrorIs(t, err, ErrUnreachable, "the marker tells an empty mount point from an empty store")
	s.put(t, ".tanamori-store", "")
	_, err = marked.Stat(t.Context(), "f")
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Stat(ctx, "f")
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorIs(t, err, context.Canceled)
}

// A system call that hangs does not hold the caller, and calls that hang
// together do not pile up without end.
func TestDirHangingCalls(t *testing.T) {
	t.Parallel()
	s := setup(t)
	release := make(chan struct{})
	discarded := make(chan int, 2*maxStuck)
	for i := range 2 * maxStuck {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := within(ctx, s.Dir, "stat", "f", func(*os.Root) (int, error) {
			<-release
			return i, nil
		}, func(v int) { discarded <- v })
		cancel()
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	require.Len(t, s.slots, maxStuck, "only so many calls may hang")
	close(release)
	for range maxStuck {
		<-discarded
	}
	require.Eventually(t, func() bool { return len(s.slots) == 0 }, 5*time.Second, time.Millisecond)
	s.put(t, "f", "x")
	_, err := s.Stat(t.Context(), "f")
	require.NoError(t, err, "and the store is usable again")
}

func TestDenied(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, wrap("open", "f", &os.PathError{Op: "open", Path: "f", Err: syscall.EACCES}), ErrDenied)
	require.ErrorIs(t, wrap("open", "f", &os.PathError{Op: "open", Path: "f", Err: syscall.ESTALE}), ErrUnreachable)
	for _, kind := range []error{ErrNotFound, ErrOutside, ErrNotRegular, ErrUnreachable, ErrDenied, ErrChanged, ErrTooMany, ErrSidecar, ErrElsewhere} {
		code, _ := ReasonOf(&Error{Kind: kind})
		require.Contains(t, Sentences, code)
	}
	code, _ := ReasonOf(io.ErrUnexpectedEOF)
	require.Equal(t, "store.unreachable", code)
}

// A store lies below the folders that are allowed, whatever its path is written like and wherever its links lead.
func TestStoresLieBelowAllowedFolders(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, dir := range []string{"mnt/nas", "mnt2", "etc"} {
		require.NoError(t, os.MkdirAll(filepath.Join(base, dir), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(base, dir, "a"), []byte("x"), 0o600))
	}
	require.NoError(t, os.Symlink("../etc", filepath.Join(base, "mnt", "way-out")))
	require.NoError(t, os.Symlink("nas", filepath.Join(base, "mnt", "link")))
	require.NoError(t, os.Symlink("mnt", filepath.Join(base, "alias")))
	for root, want := range map[string]error{"mnt": nil, "mnt/nas": nil, "mnt/link": nil, "alias/nas": nil, "mnt/way-out": ErrElsewhere, "mnt/../etc": ErrElsewhere,
		"mnt2": ErrElsewhere, "etc": ErrElsewhere, "mnt/gone": ErrUnreachable} {
		_, err := NewDir(filepath.Join(base, root), "", filepath.Join(base, "missing"), filepath.Join(base, "mnt")).Find(t.Context(), "a")
		if want == nil {
			require.NoError(t, err, root)
		} else {
			require.ErrorIs(t, err, want, root)
		}
	}
	require.True(t, Below("/mnt/a", "/srv", "/mnt"))
	require.True(t, Below("/mnt", "/mnt"))
	require.False(t, Below("/mnt2", "/mnt"))
	require.False(t, Below("/", "/mnt"))
}

// Between the look at where a store lies and its opening, a folder may become a link.
func TestAStoreThatMovesMeanwhileLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	base, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, dir := range []string{"mnt/nas/town", "etc/town"} {
		require.NoError(t, os.MkdirAll(filepath.Join(base, dir), 0o755))
	}
	d := NewDir(filepath.Join(base, "mnt/nas/town"), "", filepath.Join(base, "mnt"))
	folder, rel, err := d.allowed("stat", "a")
	require.NoError(t, err)
	root, err := rootOf("stat", "a", folder, rel)
	require.NoError(t, err)
	require.NoError(t, root.Close())
	require.NoError(t, os.Rename(filepath.Join(base, "mnt/nas"), filepath.Join(base, "mnt/old")))
	require.NoError(t, os.Symlink(filepath.Join(base, "etc"), filepath.Join(base, "mnt/nas")))
	_, err = rootOf("stat", "a", folder, rel)
	require.ErrorIs(t, err, ErrElsewhere)
	require.NoError(t, os.Remove(filepath.Join(base, "mnt/nas")))
	_, err = rootOf("stat", "a", folder, rel)
	require.ErrorIs(t, err, ErrUnreachable)
}
