package verify

import (
	"errors"
	"hash/maphash"
	"io"
)

// Bounds of what a dump may ask for. A table of contents with ten million
// entries would be a database no town has.
const (
	pgMaxEntries = 10_000_000
	pgMaxString  = 1 << 30
)

// pgDump walks an archive of pg_dump --format=custom, versions 1.12 (9.0) to
// 1.16 (18): header, table of contents, and every block of data to the end of
// the file. The format has no end mark, so the walk holds the blocks against
// the table of contents: every entry that has data must have come, at the
// offset the entry says where it says one.
type pgDump struct {
	scan *scan
	in   *counted

	version int // the minor one, of major version 1
	intSize int
	offSize int
	packing byte // 0 none, 1 gzip (zlib), 2 lz4, 3 zstd

	seed              maphash.Seed
	offsets           bool  // every entry with data says where it is
	wantN, gotN       int64 // entries with data; blocks
	wantIDs, gotIDs   uint64
	wantOffs, gotOffs uint64
}

func (s *scan) pgCustom(in *counted) error {
	d := &pgDump{scan: s, in: in, seed: maphash.MakeSeed(), offsets: true}
	if err := d.header(); err != nil {
		return err
	}
	if err := d.contents(); err != nil {
		return err
	}
	for {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if err := d.data(); err != nil {
			return err
		}
		if err := s.tick(); err != nil {
			return err
		}
	}
	if d.gotN < d.wantN {
		return truncated(in.at, 0)
	}
	if d.gotN != d.wantN || d.gotIDs != d.wantIDs || d.offsets && d.gotOffs != d.wantOffs {
		return fail("verify.directory", "format", string(FormatPGCustom))
	}
	return nil
}

func (d *pgDump) header() error {
	var h [10]byte // PGDMP, major, minor, revision, int size, offset size
	if err := d.in.full(h[:]); err != nil {
		return err
	}
	d.version, d.intSize, d.offSize = int(h[6]), int(h[8]), int(h[9])
	if h[5] != 1 || d.version < 12 || d.version > 16 {
		return newFault(OutcomeUnknown, "verify.version", []string{"format", string(FormatPGCustom),
			"version", digits(int64(h[5])) + "." + digits(int64(h[6]))})
	}
	if d.intSize < 1 || d.intSize > 8 || d.offSize < 1 || d.offSize > 8 {
		return d.bad()
	}
	format, err := d.in.ReadByte()
	if err != nil {
		return ended(err, d.in.at, d.in.at+1)
	}
	if format != 1 {
		return d.bad()
	}
	if d.version >= 15 {
		if d.packing, err = d.in.ReadByte(); err != nil {
			return ended(err, d.in.at, d.in.at+1)
		}
		if d.packing > 3 {
			return d.bad()
		}
	} else if level, err := d.int(); err != nil {
		return err
	} else if level != 0 {
		d.packing = 1
	}
	if err := d.ints(7); err != nil { // when it was made
		return err
	}
	return d.strings(3) // database, server version, pg_dump version
}

func (d *pgDump) bad() error { return corrupt(FormatPGCustom, d.in.at) }

// int reads a sign byte and intSize bytes, lowest first.
func (d *pgDump) int() (int64, error) {
	var b [9]byte
	if err := d.in.full(b[:d.intSize+1]); err != nil {
		return 0, err
	}
	v := uint64(0)
	for i := d.intSize; i > 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	if v > 1<<62 {
		return 0, d.bad()
	}
	if b[0] != 0 {
		return -int64(v), nil
	}
	return int64(v), nil
}

func (d *pgDump) ints(n int) error {
	for range n {
		if _, err := d.int(); err != nil {
			return err
		}
	}
	return nil
}

// strings passes over n strings.
func (d *pgDump) strings(n int) error {
	for range n {
		if _, err := d.string(); err != nil {
			return err
		}
	}
	return nil
}

// string passes over one; absent is the NULL that ends a list.
func (d *pgDump) string() (absent bool, err error) {
	n, err := d.int()
	switch {
	case err != nil:
		return false, err
	case n < 0:
		return true, nil
	case n > pgMaxString:
		return false, d.bad()
	}
	return false, d.in.skip(n)
}

func (d *pgDump) contents() error {
	n, err := d.int()
	if err != nil {
		return err
	}
	if n < 0 || n > pgMaxEntries {
		return d.bad()
	}
	for range n {
		if err := d.entry(); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one entry of the table of contents.
func (d *pgDump) entry() error {
	id, err := d.int()
	if err != nil {
		return err
	}
	if id <= 0 {
		return d.bad()
	}
	if err := d.ints(1); err != nil { // had a dumper
		return err
	}
	if err := d.strings(4); err != nil { // table oid, oid, tag, description
		return err
	}
	if err := d.ints(1); err != nil { // section
		return err
	}
	texts := 5 // definition, drop and copy statement, schema, tablespace
	if d.version >= 14 {
		texts++ // table access method
	}
	if err := d.strings(texts); err != nil {
		return err
	}
	if d.version >= 16 {
		if err := d.ints(1); err != nil { // kind of relation
			return err
		}
	}
	if err := d.strings(2); err != nil { // owner, with oids
		return err
	}
	for { // what it depends on
		absent, err := d.string()
		if err != nil {
			return err
		}
		if absent {
			break
		}
	}
	var pos [9]byte
	if err := d.in.full(pos[:d.offSize+1]); err != nil {
		return err
	}
	offset := uint64(0)
	for i := d.offSize; i > 0; i-- {
		offset = offset<<8 | uint64(pos[i])
	}
	switch pos[0] {
	case 1: // has data, written where the offset could not be put in later
		d.offsets = false
		d.want(id, 0)
	case 2:
		d.want(id, int64(offset))
	case 3: // has none
	default:
		return d.bad()
	}
	return nil
}

func (d *pgDump) want(id, offset int64) {
	d.wantN++
	d.wantIDs += d.mark(id, -1)
	d.wantOffs += d.mark(id, offset)
}

// mark hashes a pair; sums of marks compare two sets of any size and order.
func (d *pgDump) mark(id, offset int64) uint64 {
	return maphash.Comparable(d.seed, [2]int64{id, offset})
}
