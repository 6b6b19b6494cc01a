package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
)

// Bounds of one directory store.
const (
	// maxStuck is how many system calls may hang at once (a dead NFS server
	// does not answer, and a hanging call cannot be taken back); further calls
	// are answered "unreachable" without trying.
	maxStuck = 8
	// maxListed bounds the entries read from one directory, maxFound the
	// matches of one pattern.
	maxListed = 200_000
	maxFound  = 10_000
)

// The named ways in which something is not a regular file.
const (
	kindFIFO      = "fifo"
	kindDirectory = "directory"
	kindDevice    = "device"
	kindSocket    = "socket"
)

// Dir is a Store over one directory. Links are followed only as long as they
// stay below it. It holds nothing open between calls, so that an unmounted and
// remounted file system is seen as it is. Safe for concurrent use.
type Dir struct {
	root   string
	below  []string
	marker string
	slots  chan struct{}
}

// NewDir returns the store below root; nothing is opened yet. Where folders are named in below, root must lie in one of
// them, links followed, whenever it is opened. marker, if not
// empty, is a file name that must exist in root: where root is a mount point,
// its absence tells "not mounted" from "no backup", and every call then
// answers ErrUnreachable.
func NewDir(root, marker string, below ...string) *Dir {
	return &Dir{root: root, below: below, marker: marker, slots: make(chan struct{}, maxStuck)}
}

// Stat implements Store.
func (d *Dir) Stat(ctx context.Context, name string) (Object, error) {
	const op = "stat"
	if err := checkName(op, name); err != nil {
		return Object{}, err
	}
	return within(ctx, d, op, name, func(root *os.Root) (Object, error) {
		info, err := regular(root, op, name)
		if err != nil {
			return Object{}, err
		}
		return objectOf(name, info), nil
	}, nil)
}

// Open implements Store. The returned File is an io.ReaderAt.
func (d *Dir) Open(ctx context.Context, name string) (File, error) {
	const op = "open"
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	f, err := within(ctx, d, op, name, func(root *os.Root) (*dirFile, error) {
		// Looked at before it is opened: opening a device can move it.
		before, err := regular(root, op, name)
		if err != nil {
			return nil, err
		}
		// O_NONBLOCK: should the name have become a FIFO since, opening it
		// does not wait for a writer.
		f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return nil, wrap(op, name, err)
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = notRegular(op, name, info)
		} else if err == nil && !os.SameFile(before, info) {
			err = &Error{Op: op, Name: name, Kind: ErrChanged}
		}
		if err != nil {
			_ = f.Close()
			return nil, wrap(op, name, err)
		}
		return &dirFile{File: f, dir: d, name: name, info: info}, nil
	}, func(f *dirFile) { _ = f.Close() })
	if err != nil {
		return nil, err
	}
	return f, nil
}

// dirFile is the File of a Dir.
type dirFile struct {
	*os.File
	dir  *Dir
	name string
	info fs.FileInfo
}

func (f *dirFile) Object() Object { return objectOf(f.name, f.info) }

func (f *dirFile) Unchanged(ctx context.Context) error {
	const op = "read"
	_, err := within(ctx, f.dir, op, f.name, func(root *os.Root) (struct{}, error) {
		held, err := f.Stat()
		if err != nil {
			return struct{}{}, wrap(op, f.name, err)
		}
		named, err := root.Stat(f.name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // moved away or deleted meanwhile
			return struct{}{}, &Error{Op: op, Name: f.name, Kind: ErrChanged, Err: err}
		case err != nil:
			return struct{}{}, wrap(op, f.name, err)
		}
		for _, now := range []fs.FileInfo{held, named} {
			if !os.SameFile(f.info, now) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
				return struct{}{}, &Error{Op: op, Name: f.name, Kind: ErrChanged}
			}
		}
		return struct{}{}, nil
	}, nil)
	return err
}

// within opens the root and runs act below it on a goroutine of its own, and
// returns when act does or when ctx ends, whichever comes first. A result that
// comes too late goes to discard.
func within[T any](ctx context.Context, d *Dir, op, name string, act func(*os.Root) (T, error), discard func(T)) (T, error) {
	var zero T
	unreachable := func(err error) error {
		return &Error{Op: op, Name: name, Kind: ErrUnreachable, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return zero, unreachable(err)
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return zero, unreachable(ctx.Err())
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	var settled atomic.Bool // whoever sets it first decides: delivered, or given up
	go func() {
		defer func() { <-d.slots }()
		var r result
		r.value, r.err = inRoot(d, op, name, act)
		if settled.CompareAndSwap(false, true) {
			done <- r
		} else if r.err == nil && discard != nil {
			discard(r.value)
		}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		if settled.CompareAndSwap(false, true) {
			return zero, unreachable(ctx.Err())
		}
		r := <-done
		return r.value, r.err
	}
}

func inRoot[T any](d *Dir, op, name string, act func(*os.Root) (T, error)) (T, error) {
	var zero T
	folder, rel, err := d.allowed(op, name)
	if err != nil {
		return zero, err
	}
	root, err := rootOf(op, name, folder, rel)
	if err != nil {
		return zero, err
	}
	defer root.Close()
	if d.marker != "" {
		if _, err := root.Stat(d.marker); err != nil {
			return zero, &Error{Op: op, Name: name, Kind: ErrUnreachable, Detail: "marker missing", Err: err}
		}
	}
	return act(root)
}

// allowed is where the root really is, if stores may lie there: the folder that it lies in, and its path from there.
func (d *Dir) allowed(op, name string) (folder, rel string, err error) {
	if len(d.below) == 0 {
		return d.root, ".", nil
	}
	where, err := filepath.EvalSymlinks(d.root)
	if err != nil {
		return "", "", &Error{Op: op, Name: name, Kind: ErrUnreachable, Err: err}
	}
	for _, folder := range d.below {
		if folder, err = filepath.EvalSymlinks(folder); err == nil && Below(where, folder) {
			rel, err = filepath.Rel(folder, where)
			return folder, rel, err
		}
	}
	return "", "", &Error{Op: op, Name: name, Kind: ErrElsewhere}
}

// rootOf opens the root from the folder that it was found in, so that a link that was put in its way since leads nowhere else.
func rootOf(op, name, folder, rel string) (*os.Root, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, &Error{Op: op, Name: name, Kind: ErrUnreachable, Err: err}
	}
	if rel == "." {
		return root, nil
	}
	defer root.Close()
	below, err := root.OpenRoot(rel)
	switch {
	case escapes(err):
		return nil, &Error{Op: op, Name: name, Kind: ErrElsewhere, Err: err}
	case err != nil:
		return nil, &Error{Op: op, Name: name, Kind: ErrUnreachable, Err: err}
	}
	return below, nil
}

// Below tells whether a path is one of the folders or lies below one, as it is written.
func Below(path string, folders ...string) bool {
	for _, folder := range folders {
		if rel, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

// regular stats name and insists on a regular file.
func regular(root *os.Root, op, name string) (fs.FileInfo, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, wrap(op, name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(op, name, info)
	}
	return info, nil
}

func notRegular(op, name string, info fs.FileInfo) error {
	detail := ""
	switch mode := info.Mode(); {
	case mode.IsDir():
		detail = kindDirectory
	case mode&fs.ModeNamedPipe != 0:
		detail = kindFIFO
	case mode&fs.ModeSocket != 0:
		detail = kindSocket
	case mode&fs.ModeDevice != 0:
		detail = kindDevice
	}
	return &Error{Op: op, Name: name, Kind: ErrNotRegular, Detail: detail}
}

func objectOf(name string, info fs.FileInfo) Object {
	return Object{Name: name, Size: info.Size(), ModTime: info.ModTime()}
}

// checkName refuses names that are not plain paths below the root. os.Root
// would refuse most of them too; this gives them one name.
func checkName(op, name string) error {
	if name == "" || !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\x00\\") || path.IsAbs(name) {
		return &Error{Op: op, Name: name, Kind: ErrOutside}
	}
	return nil
}

// wrap turns an error of the file system into an Error of this package.
func wrap(op, name string, err error) error {
	var already *Error
	if errors.As(err, &already) {
		return err
	}
	e := &Error{Op: op, Name: name, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		e.Kind = ErrNotFound
	case escapes(err):
		e.Kind = ErrOutside
	case errors.Is(err, fs.ErrPermission):
		e.Kind = ErrDenied
	case errors.Is(err, syscall.ENAMETOOLONG):
		e.Kind = ErrNotFound
	case errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ELOOP): // a socket; links in a circle
		e.Kind = ErrNotRegular
	default: // EIO, ESTALE, EHOSTDOWN, …
		e.Kind = ErrUnreachable
	}
	return e
}

// escapes recognises os.Root's refusal. The os package does not export the
// error; a test holds its wording to what the running Go says.
func escapes(err error) bool {
	var p *fs.PathError
	return errors.As(err, &p) && p.Err != nil && p.Err.Error() == "path escapes from parent"
}
