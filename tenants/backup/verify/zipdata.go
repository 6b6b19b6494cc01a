package verify

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strconv"

	"tanamori/tenants/backup/verify/inflate"
)

// The compression methods that are read.
const (
	zipStored   = 0
	zipDeflated = 8
)

var zipMethods = map[uint16]string{1: "zip/shrink", 6: "zip/implode", 9: "zip/deflate64", 12: "zip/bzip2",
	14: "zip/lzma", 93: "zip/zstd", 95: "zip/xz", 98: "zip/ppmd"}

// content reads the data of an entry and its descriptor, if it has one, and
// completes e with the sizes and the checksum found.
func (z *zipArchive) content(e *zipEntry) error {
	streamed := e.flags&8 != 0
	locked := e.flags&1 != 0 || e.flags&(1<<13) != 0 || e.method == 99
	if locked {
		_ = z.lock("zip")
	}
	switch {
	case streamed && e.packed == 0 && (locked || e.method != zipDeflated):
		if !locked && e.method != zipStored {
			return z.unknown(e.method) // where it ends is known to its method only
		}
		return z.search(e, locked)
	case locked:
		if err := z.in.skip(e.packed); err != nil {
			return err
		}
		return z.descriptor(e, streamed, e.packed, e.actual, e.crc, true)
	case e.method == zipStored:
		return z.stored(e, streamed)
	case e.method == zipDeflated:
		return z.deflated(e, streamed)
	}
	_ = z.unknown(e.method)
	if err := z.in.skip(e.packed); err != nil {
		return err
	}
	return z.descriptor(e, streamed, e.packed, e.actual, e.crc, true)
}

func (z *zipArchive) unknown(method uint16) error {
	if z.unread = zipMethods[method]; z.unread == "" {
		z.unread = "zip/" + strconv.Itoa(int(method))
	}
	return newFault(OutcomeUnknown, "verify.unsupported", []string{"format", z.unread})
}

func (z *zipArchive) stored(e *zipEntry, streamed bool) error {
	crc, end := uint32(0), z.in.at+e.packed
	for z.in.at < end {
		p, err := z.in.Peek(int(min(end-z.in.at, int64(max(1, z.in.Buffered())))))
		crc = crc32.Update(crc, crc32.IEEETable, p)
		_, _ = z.in.Discard(len(p))
		z.in.at += int64(len(p))
		if err != nil {
			return ended(err, z.in.at, end)
		}
		if err := z.scan.tick(); err != nil {
			return err
		}
	}
	return z.descriptor(e, streamed, e.packed, e.packed, crc, false)
}

func (z *zipArchive) deflated(e *zipEntry, streamed bool) error {
	if !streamed {
		return z.sized(e)
	}
	begin := z.in.at
	sum := &sumSink{scan: z.scan, hash: crc32.NewIEEE()}
	src := z.in.Reader
	before := z.scan.packedAt(src)
	err := z.scan.decoder(sum).Decode(src)
	z.in.at += z.scan.packedAt(src) - before
	switch {
	case errors.Is(err, inflate.ErrTruncated):
		return truncated(z.in.at, begin+e.packed)
	case errors.Is(err, inflate.ErrCorrupt):
		return fail("verify.corrupt_entry", "name", printable(e.name), "at", digits(z.in.at))
	case err != nil:
		return err
	}
	return z.descriptor(e, streamed, z.in.at-begin, sum.size, sum.hash.Sum32(), false)
}

// sized reads an entry whose packed size is known beforehand, here or on the
// other core. Which of the two is a matter of timing, so both say the same of
// the same bytes: what the file lacks comes before what is wrong with the rest.
func (z *zipArchive) sized(e *zipEntry) error {
	if taken, err := z.worker.take(e, z.in); taken || err != nil {
		return err
	}
	if z.over == nil {
		z.over = bufio.NewReaderSize(nil, 64<<10)
	}
	part := &io.LimitedReader{R: z.in, N: e.packed}
	z.over.Reset(part)
	sum := &sumSink{scan: z.scan, hash: crc32.NewIEEE()}
	fault, err := e.unpack(z.over, z.scan.decoder(sum), sum)
	if err != nil {
		return err
	}
	if err := z.in.skip(part.N); err != nil {
		return err
	}
	return fault
}

// unpack decodes the data of e, which are all that packed holds, and compares
// what comes out with what the entry says. fault is what is wrong with the
// entry, err why it could not be read to its end.
func (e *zipEntry) unpack(packed *bufio.Reader, tool *inflate.Decoder, sum *sumSink) (fault, err error) {
	err = tool.Decode(packed)
	switch {
	case errors.Is(err, inflate.ErrTruncated), errors.Is(err, inflate.ErrCorrupt):
		return fail("verify.corrupt_entry", "name", printable(e.name), "at", digits(e.at)), nil
	case err != nil:
		return nil, err
	}
	if _, more := packed.ReadByte(); more == nil || sum.size != e.actual || sum.hash.Sum32() != e.crc {
		return fail("verify.checksum_entry", "name", printable(e.name)), nil
	}
	return nil, nil
}

// descriptor reads the descriptor behind streamed data, whose sizes and
// signature have four forms in the wild, and compares what was found with what
// the entry says. unseen data is taken at its word.
func (z *zipArchive) descriptor(e *zipEntry, streamed bool, packed, actual int64, crc uint32, unseen bool) error {
	wrong := fail("verify.checksum_entry", "name", printable(e.name))
	if !streamed {
		if packed != e.packed || actual != e.actual || crc != e.crc {
			return wrong
		}
		return nil
	}
	p, err := z.in.Peek(24)
	if len(p) < 12 {
		return ended(err, z.in.at+int64(len(p)), z.in.at+12)
	}
	best := -1
	for _, wide := range []bool{true, false} {
		for _, signed := range []bool{true, false} {
			d, n := parseDescriptor(p, signed, wide)
			if n == 0 || d.packed != packed || !unseen && (d.crc != crc || d.actual != actual) {
				continue
			}
			// The right form is followed by the next record.
			if next, _ := z.in.Peek(n + 2); best < 0 || len(next) == n+2 && string(next[n:]) == "PK" {
				best, e.crc, e.packed, e.actual = n, d.crc, d.packed, d.actual
				if len(next) == n+2 && string(next[n:]) == "PK" {
					return z.in.skip(int64(n))
				}
			}
		}
	}
	if best < 0 {
		if len(p) < 24 {
			return truncated(z.in.at+int64(len(p)), z.in.at+24)
		}
		return wrong
	}
	return z.in.skip(int64(best))
}

// parseDescriptor reads one form; n is its length, 0 when p is too short or
// has no signature where it should.
func parseDescriptor(p []byte, signed, wide bool) (e zipEntry, n int) {
	le := binary.LittleEndian
	if signed {
		if len(p) < 4 || le.Uint32(p) != zipDescr {
			return e, 0
		}
		p, n = p[4:], 4
	}
	if wide {
		if len(p) < 20 {
			return e, 0
		}
		return zipEntry{crc: le.Uint32(p), packed: int64(le.Uint64(p[4:])), actual: int64(le.Uint64(p[12:]))}, n + 20
	}
	if len(p) < 12 {
		return e, 0
	}
	return zipEntry{crc: le.Uint32(p), packed: int64(le.Uint32(p[4:])), actual: int64(le.Uint32(p[8:]))}, n + 12
}

var descriptorMark = []byte("PK\x07\x08")

// search finds the end of stored or encrypted data of unknown length: the
// descriptor that states the length and checksum it is found at.
func (z *zipArchive) search(e *zipEntry, locked bool) error {
	begin, crc := z.in.at, uint32(0)
	pass := func(p []byte) {
		crc = crc32.Update(crc, crc32.IEEETable, p)
		_, _ = z.in.Discard(len(p))
		z.in.at += int64(len(p))
	}
	for {
		p, err := z.in.Peek(max(32, z.in.Buffered()))
		i := bytes.Index(p, descriptorMark)
		if i < 0 {
			if err != nil {
				return ended(err, z.in.at+int64(len(p)), 0)
			}
			pass(p[:len(p)-3]) // a mark may begin in the last three
		} else {
			pass(p[:i])
			size := z.in.at - begin
			p, err = z.in.Peek(24)
			for _, wide := range []bool{true, false} {
				d, n := parseDescriptor(p, true, wide)
				if n == 0 || d.packed != size || !locked && (d.crc != crc || d.actual != size) {
					continue
				}
				if next, _ := z.in.Peek(n + 2); len(next) == n+2 && string(next[n:]) == "PK" {
					e.crc, e.packed, e.actual = d.crc, d.packed, d.actual
					return z.in.skip(int64(n))
				}
			}
			if len(p) < 16 {
				return ended(err, z.in.at+int64(len(p)), 0)
			}
			pass(p[:4]) // the data only looks like a descriptor
		}
		if err := z.scan.tick(); err != nil {
			return err
		}
	}
}
