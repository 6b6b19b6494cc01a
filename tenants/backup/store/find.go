package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Find implements Store. * and ? never match a slash or a leading dot, so the
// half-written ".name.tmp" of rsync and its like is not taken for a backup; and
// a checksum file is found only by a pattern that ends as it does.
func (d *Dir) Find(ctx context.Context, pattern string) ([]Object, error) {
	const op = "find"
	if err := checkName(op, pattern); err != nil {
		return nil, err
	}
	return within(ctx, d, op, pattern, func(root *os.Root) ([]Object, error) {
		w := walk{ctx: ctx, root: root, pattern: pattern}
		if err := w.descend("", strings.Split(pattern, "/")); err != nil {
			return nil, err
		}
		if len(w.found) == 0 && w.unusable != nil {
			return nil, w.unusable
		}
		slices.SortFunc(w.found, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
		return w.found, nil
	}, nil)
}

type walk struct {
	ctx      context.Context
	root     *os.Root
	pattern  string
	found    []Object
	unusable error // the first match that cannot be used
}

// descend matches the elements below base, which holds no wildcard any more.
func (w *walk) descend(base string, elements []string) error {
	for i, element := range elements {
		if !strings.ContainsAny(element, "*?") {
			base = path.Join(base, element)
			continue
		}
		names, err := w.list(base, element)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := w.descend(path.Join(base, name), elements[i+1:]); err != nil {
				return err
			}
		}
		return nil
	}
	return w.add(base)
}

func (w *walk) add(name string) error {
	if err := w.ctx.Err(); err != nil {
		return &Error{Op: "find", Name: w.pattern, Kind: ErrUnreachable, Err: err}
	}
	if strings.HasSuffix(name, sidecarSuffix) && !strings.HasSuffix(w.pattern, sidecarSuffix) {
		return nil
	}
	info, err := regular(w.root, "find", name)
	switch {
	case errors.Is(err, ErrNotFound): // also a link that leads nowhere
		return nil
	case errors.Is(err, ErrNotRegular), errors.Is(err, ErrOutside), errors.Is(err, ErrDenied):
		if w.unusable == nil {
			w.unusable = err
		}
		return nil
	case err != nil:
		return err
	}
	if len(w.found) == maxFound {
		return &Error{Op: "find", Name: w.pattern, Kind: ErrTooMany}
	}
	w.found = append(w.found, objectOf(name, info))
	return nil
}

// list returns the names in dir that match element.
func (w *walk) list(dir, element string) ([]string, error) {
	if dir == "" {
		dir = "."
	}
	info, err := w.root.Stat(dir)
	if err != nil {
		return nil, w.skip(wrap("find", w.pattern, err))
	}
	if !info.IsDir() {
		return nil, nil
	}
	f, err := w.root.Open(dir)
	if err != nil {
		return nil, w.skip(wrap("find", w.pattern, err))
	}
	defer func() { _ = f.Close() }() // only read from
	var out []string
	for listed := 0; ; {
		if err := w.ctx.Err(); err != nil {
			return nil, &Error{Op: "find", Name: w.pattern, Kind: ErrUnreachable, Err: err}
		}
		entries, err := f.ReadDir(512)
		for _, e := range entries {
			if matches(element, e.Name()) {
				out = append(out, e.Name())
			}
		}
		if listed += len(entries); listed > maxListed {
			return nil, &Error{Op: "find", Name: w.pattern, Kind: ErrTooMany}
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return out, nil
			}
			return nil, wrap("find", w.pattern, err)
		}
	}
}

// skip drops "not there", keeps what is unusable for later and passes the rest.
func (w *walk) skip(err error) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case errors.Is(err, ErrOutside), errors.Is(err, ErrDenied):
		if w.unusable == nil {
			w.unusable = err
		}
		return nil
	}
	return err
}

// matches reports whether one path element matches a pattern of * and ?. No
// other character is special; a leading dot needs a dot in the pattern. It
// backtracks to the last star only, so it is quadratic at worst.
func matches(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	p, n := []rune(pattern), []rune(name)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(n) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == n[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
