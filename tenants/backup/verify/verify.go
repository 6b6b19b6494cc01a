// Package verify reads a stored backup once, from its first byte to its last,
// and says two things about it: what its SHA-256 is (levels V3 and V4 of the
// ladder) and whether the container in it parses to its end (V5). Nothing is
// unpacked to disk, memory does not grow with the size of the backup, and the
// data is taken to be hostile.
//
// Formats are recognised by content; the file's name is only a hint. Known to
// their end: tar, gzip, zstd, zip, PostgreSQL custom and plain dumps, SQLite,
// and tar, dumps or SQLite inside gzip or zstd. Encrypted and unknown files
// stop at V4, and the report says so.
//
// Everything is a function of the bytes read: no database, no clock of its own.
package verify

import (
	"context"
	"io"
	"time"
)

// Format names what a file is.
type Format string

// The formats. Those after FormatSQLite are recognised but not read.
const (
	FormatUnknown  Format = ""
	FormatTar      Format = "tar"
	FormatGzip     Format = "gzip"
	FormatZstd     Format = "zstd"
	FormatTarGzip  Format = "tar.gz"
	FormatTarZstd  Format = "tar.zst"
	FormatZip      Format = "zip"
	FormatPGCustom Format = "pg_custom"
	FormatPGPlain  Format = "pg_plain"
	FormatSQLite   Format = "sqlite"
	FormatAge      Format = "age"
	FormatOpenPGP  Format = "openpgp"
	FormatOpenSSL  Format = "openssl"
	FormatLUKS     Format = "luks"
	FormatXZ       Format = "xz"
	FormatBzip2    Format = "bzip2"
	FormatSevenZip Format = "7z"
	FormatRAR      Format = "rar"
	FormatLZ4      Format = "lz4"
)

// Outcome is what level V5 comes to.
type Outcome string

// The outcomes of a structure check.
const (
	OutcomeOK        Outcome = "ok"        // parsed to the end
	OutcomeFailed    Outcome = "failed"    // broken, or lies
	OutcomeUnknown   Outcome = "unknown"   // no format that can be read
	OutcomeEncrypted Outcome = "encrypted" // cannot be looked into
)

// Reason names why something is as it is: a key of Sentences and what fills it.
type Reason struct {
	Code   string
	Params map[string]string
}

// Report is what one pass over a file found.
type Report struct {
	Bytes     int64  // read, which is all there are
	SHA256    string // of those bytes, lower-case hex
	Format    Format
	Inner     Format // what was inside, where Format is a compression and it was recognised
	Encrypted bool   // the content, or part of it, cannot be looked into

	Structure Outcome
	Reason    *Reason // why Structure is not ok; nil when it is

	Entries       int64 // files in an archive, blocks of table data in a dump, pages of a database
	UnpackedBytes int64 // what decompression gave out; 0 where nothing was compressed
	// Checked is true when everything in the container carries a checksum and
	// every one was compared, so that a single flipped bit would have been
	// found. (tar, SQLite and plain dumps carry none.)
	Checked bool

	Took time.Duration // by Options.Now; 0 without
}

// Limits bound what hostile data can cost. The zero value of a field means its
// default.
//
// The ratio alone is no measure: a dump full of zeros honestly packs 1000 : 1
// with gzip and far better with zstd. So the first FreeUnpacked bytes are never
// questioned, beyond them the average ratio counts, and the absolute limit and
// the time hold whatever the ratio. Nothing unpacked is kept, so what a bomb
// can cost is time only.
type Limits struct {
	MaxUnpacked  int64 // bytes given out by decompression, default 4 TiB
	FreeUnpacked int64 // bytes before the ratio counts, default 16 GiB
	MaxRatio     int64 // unpacked : packed beyond that, default 1000
	MaxWindow    int64 // zstd window, bytes of memory, default 128 MiB

	// MaxWork bounds the time spent unpacking and parsing; waiting for the
	// store does not count. Default one minute plus PerGiB for each GiB read.
	// It needs Options.Now.
	MaxWork time.Duration
	PerGiB  time.Duration // default 5 minutes, some 3.5 MB/s
}

// Options say what is known about the file beforehand.
type Options struct {
	Name string // its name, for hints only
	Size int64  // its size in bytes where known, else 0
	// Now is the clock that Took and the time limit go by, usually time.Now of
	// the job that runs the pass; it is called from several goroutines. Without it only ctx bounds the time.
	Now    func() time.Time
	Limits Limits
	// OneCore leaves the second core to others: unpacking then takes up to
	// half as long again, but less work in sum. Hashing has its own goroutine
	// either way.
	OneCore bool
}

// Read reads r to its end and reports on it. An error means that the bytes
// could not be read (ctx ended, or a *ReadError of the store); what is wrong
// with bytes that were read is in the Report and is no error.
//
// Read returns when ctx ends even if a call of r.Read hangs; that call and its
// goroutine then last until the system gives it back.
func Read(ctx context.Context, r io.Reader, opts Options) (Report, error) {
	return newPass(ctx, r, opts).run()
}

// ReadError is a failure of the store in the middle of a file.
type ReadError struct {
	At  int64 // bytes read before
	Err error
}

// Error says it in English, for logs.
func (e *ReadError) Error() string {
	return "read backup at byte " + digits(e.At) + ": " + e.Err.Error()
}

// Unwrap gives the store's own error.
func (e *ReadError) Unwrap() error { return e.Err }

// Reason names the error for people.
func (e *ReadError) Reason() (code string, params map[string]string) {
	return "verify.unreadable", map[string]string{"at": digits(e.At)}
}

func (l Limits) withDefaults() Limits {
	if l.MaxUnpacked <= 0 {
		l.MaxUnpacked = 4 << 40
	}
	if l.FreeUnpacked <= 0 {
		l.FreeUnpacked = 16 << 30
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = 1000
	}
	if l.MaxWindow <= 0 {
		l.MaxWindow = 128 << 20
	}
	if l.MaxWork <= 0 {
		l.MaxWork = time.Minute
	}
	if l.PerGiB <= 0 {
		l.PerGiB = 5 * time.Minute
	}
	return l
}
