// Package store is the place where backups lie: a directory (local or NFS)
// today; SFTP and S3 fit the same interface. It only ever reads.
//
// A store is not trusted: names in it, links in it and the mount below it may
// lie or hang. Nothing outside the store is ever opened, nothing but regular
// files is read, and every call returns when its context ends.
package store

import (
	"context"
	"io"
	"time"
)

// Object is one stored file.
type Object struct {
	Name    string    // slash path below the root of the store
	Size    int64     // bytes
	ModTime time.Time // the store's own timestamp
}

// File is an opened object. Where the store can read at any place, the File is
// an io.ReaderAt too.
type File interface {
	io.ReadCloser
	// Object says what the file was when it was opened.
	Object() Object
	// Unchanged returns nil while the object is still what was opened, and an
	// ErrChanged error once its size, time or identity differ. Call it after
	// the last byte was read and before Close: what was read while somebody
	// was still writing proves nothing.
	Unchanged(ctx context.Context) error
}

// Store finds and opens objects. Names and patterns are slash paths below the
// root; a pattern is already expanded and may hold * and ? (see Pattern).
type Store interface {
	// Find returns the regular files that match, by name; checksum files
	// (.sha256) only where the pattern ends so. Nothing that
	// matches is an empty list; only something unusable that matches (a FIFO,
	// a link out of the store) is its own error.
	Find(ctx context.Context, pattern string) ([]Object, error)
	// Stat returns one object, or ErrNotFound, ErrNotRegular, ErrOutside, …
	Stat(ctx context.Context, name string) (Object, error)
	// Open opens one object for reading from its first byte.
	Open(ctx context.Context, name string) (File, error)
}
