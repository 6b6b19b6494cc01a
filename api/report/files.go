package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// chunk is what is read at a time; memory does not grow with the file.
const chunk = 1 << 20

var errChanged = errors.New("the file changed while it was read")

// reading is one file as it was found.
type reading struct {
	path     string
	bytes    int64
	sha256   string // lower-case hex
	modified time.Time
}

// total is all files together.
type total struct {
	bytes    int64
	files    int
	sha256   string
	modified time.Time // of the file that was written first
	list     string    // a line a file, as sha256sum prints and sort orders them
}

// readAll reads every file once, a name given twice only once. With sidecar, a
// file's sum is left beside it as soon as it is known.
func readAll(ctx context.Context, names []string, sidecar bool) (total, error) {
	paths, err := expand(names)
	if err != nil {
		return total{}, err
	}
	sum := total{files: len(paths)}
	var lines []string
	for _, path := range paths {
		r, err := read(ctx, path)
		if err != nil {
			return total{}, unreadable(path, err)
		}
		if sidecar {
			if err := writeSidecar(r); err != nil {
				return total{}, troublef(err, "%s.sha256 を書けません（%v）", "cannot write %s.sha256 (%v)", path, err)
			}
		}
		sum.bytes += r.bytes
		if sum.modified.IsZero() || r.modified.Before(sum.modified) {
			sum.modified = r.modified
		}
		lines = append(lines, sumLine(r.sha256, filepath.ToSlash(path)))
		sum.sha256 = r.sha256
	}
	slices.Sort(lines)
	sum.list = strings.Join(lines, "\n") + "\n"
	if len(lines) > 1 {
		all := sha256.Sum256([]byte(sum.list))
		sum.sha256 = hex.EncodeToString(all[:])
	}
	return sum, nil
}

// expand replaces patterns by what they match and drops repetitions.
func expand(names []string) ([]string, error) {
	var paths []string
	seen := map[string]bool{}
	add := func(path string) {
		if clean := filepath.Clean(path); !seen[clean] {
			seen[clean] = true
			paths = append(paths, path)
		}
	}
	for _, name := range names {
		_, err := os.Lstat(name)
		if err == nil || !strings.ContainsAny(name, "*?[") {
			add(name)
			continue
		}
		matches, err := filepath.Glob(name)
		if err != nil || len(matches) == 0 {
			return nil, troublef(err, "%s に当たるファイルがありません", "no file matches %s", name)
		}
		for _, m := range matches {
			add(m)
		}
	}
	return paths, nil
}

// read hashes one file and makes sure that it is the same file, of the same
// size and time, at the end as at the beginning: a dump that is still being
// written has no hash worth reporting.
func read(ctx context.Context, path string) (reading, error) {
	f, err := os.Open(path)
	if err != nil {
		return reading{}, err
	}
	defer func() { _ = f.Close() }() // opened to read: nothing can be lost
	before, err := f.Stat()
	if err != nil {
		return reading{}, err
	}
	if !before.Mode().IsRegular() {
		return reading{}, errors.New("not a regular file")
	}

	hash := sha256.New()
	// One byte more than there should be: enough to see that it grew, and an
	// end even where a writer appends faster than we read.
	from := &io.LimitedReader{R: f, N: before.Size() + 1}
	buffer := make([]byte, chunk)
	var bytes int64
	for {
		if err := ctx.Err(); err != nil {
			return reading{}, err
		}
		n, err := from.Read(buffer)
		hash.Write(buffer[:n])
		bytes += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return reading{}, err
		}
	}

	after, err := f.Stat()
	if err != nil {
		return reading{}, err
	}
	named, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return reading{}, errChanged
	case err != nil:
		return reading{}, err
	case bytes != before.Size(), after.Size() != before.Size(), !after.ModTime().Equal(before.ModTime()), !os.SameFile(before, named):
		return reading{}, errChanged
	}
	return reading{path, bytes, hex.EncodeToString(hash.Sum(nil)), before.ModTime()}, nil
}

func unreadable(path string, err error) error {
	switch {
	case errors.Is(err, errChanged):
		return troublef(err, "%s は読んでいる間に変わりました", "%s changed while it was read", path)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return troublef(err, "%s を読んでいる途中で中断されました", "interrupted while reading %s", path)
	case errors.Is(err, fs.ErrNotExist):
		return troublef(err, "ファイルがありません: %s", "no such file: %s", path)
	}
	var where *fs.PathError
	if errors.As(err, &where) {
		err = where.Err // the path is said already
	}
	return troublef(err, "%s を読めません（%v）", "cannot read %s (%v)", path, err)
}

var sumEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// sumLine is a line of GNU sha256sum without its end; odd names are marked and
// escaped there.
func sumLine(hash, name string) string {
	if escaped := sumEscapes.Replace(name); escaped != name {
		return `\` + hash + "  " + escaped
	}
	return hash + "  " + name
}

// writeSidecar leaves FILE.sha256, whole or not at all: it is written under
// another name, flushed, and renamed.
func writeSidecar(r reading) (err error) {
	final := r.path + ".sha256"
	f, err := os.CreateTemp(filepath.Dir(final), "."+filepath.Base(final)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.WriteString(sumLine(r.sha256, filepath.Base(r.path)) + "\n"); err != nil {
		return err
	}
	// A temporary file is its owner's alone; the sum may be read by whoever
	// may read the file.
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	if err := f.Chmod(info.Mode().Perm()&0o644 | 0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), final); err != nil {
		return fmt.Errorf("rename the finished sum: %w", err)
	}
	return nil
}
