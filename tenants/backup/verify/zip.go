package verify

import (
	"encoding/binary"
	"hash/maphash"
	"math"
)

// Signatures of the records of a zip file (APPNOTE 4.3).
const (
	zipLocal     = 0x04034b50
	zipExtraData = 0x08064b50
	zipCentral   = 0x02014b50
	zipSignature = 0x05054b50
	zip64End     = 0x06064b50
	zip64Locator = 0x07064b50
	zipEnd       = 0x06054b50
	zipDescr     = 0x08074b50
)

// zipArchive reads a zip file in one pass, as it lies: every local entry with
// its data and checksum, then the central directory, then the end records. The
// directory is held against the entries by the sums of their hashes, so a
// million entries need no more memory than one. An entry that is in the file
// but not in the directory, or overlaps another, or a second archive behind the
// first, is no archive anyone meant to write.
type zipArchive struct {
	scan *scan
	in   *counted
	seed maphash.Seed

	localN, centralN     int64
	localSum, centralSum uint64

	worker *zipWorker // nil on one core
	unread string     // a compression method nobody reads here
}

// zipEntry is one entry as its local header or the directory describes it.
type zipEntry struct {
	name           string
	at             int64 // of its local header
	flags, method  uint16
	crc            uint32
	packed, actual int64 // sizes; of the data as stored, and unpacked
	zip64          bool  // sizes came from a zip64 field
}

func (s *scan) zip(in *counted) error {
	z := &zipArchive{scan: s, in: in, seed: maphash.MakeSeed()}
	if s.cores > 1 {
		z.worker = s.newZipWorker()
		defer func() { _ = z.worker.finish() }() // also when a parser panics
	}
	err := z.entries()
	if earlier := z.worker.finish(); earlier != nil {
		return earlier
	}
	if err != nil {
		return err
	}
	if err := z.directory(); err != nil {
		return err
	}
	switch {
	case z.localN == 0:
		return fail("verify.empty")
	case s.locked:
		return s.lockedFault
	case z.unread != "":
		return newFault(OutcomeUnknown, "verify.unsupported", []string{"format", z.unread})
	}
	return nil
}

func (z *zipArchive) bad(at int64) error { return corrupt(FormatZip, at) }

// record reads a signature; what is missing is a truncation.
func (z *zipArchive) signature() (uint32, error) {
	var b [4]byte
	err := z.in.full(b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

// entries reads local entries up to the first record that is not one, whose
// signature is left unread.
func (z *zipArchive) entries() error {
	for {
		head, err := z.in.Peek(4)
		if len(head) < 4 {
			return ended(err, z.in.at+int64(len(head)), 0)
		}
		switch binary.LittleEndian.Uint32(head) {
		case zipLocal:
			if err := z.local(); err != nil {
				return err
			}
		case zipExtraData: // what an encrypted directory needs; cannot be read
			return z.lock("zip")
		case zipCentral, zip64End, zipEnd:
			return nil
		default:
			return z.bad(z.in.at)
		}
		if err := z.scan.tick(); err != nil {
			return err
		}
	}
}

func (z *zipArchive) lock(format string) error {
	z.scan.locked = true
	z.scan.lockedFault = newFault(OutcomeEncrypted, "verify.encrypted", []string{"format", format})
	return z.scan.lockedFault
}

// local reads one entry.
func (z *zipArchive) local() error {
	e := zipEntry{at: z.in.at}
	var h [30]byte
	if err := z.in.full(h[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	e.flags, e.method, e.crc = le.Uint16(h[6:]), le.Uint16(h[8:]), le.Uint32(h[14:])
	e.packed, e.actual = int64(le.Uint32(h[18:])), int64(le.Uint32(h[22:]))
	name := make([]byte, le.Uint16(h[26:]))
	if err := z.in.full(name); err != nil {
		return err
	}
	extra := make([]byte, le.Uint16(h[28:]))
	if err := z.in.full(extra); err != nil {
		return err
	}
	e.name = string(name)
	if !e.wide(extra, nil) {
		return z.bad(e.at)
	}
	z.scan.entry(e.name)
	if err := z.content(&e); err != nil {
		return err
	}
	z.localN++
	z.localSum += z.mark(e)
	return nil
}

// wide takes the sizes, and the offset where asked for, from the zip64 field;
// false when the field is missing or too short.
func (e *zipEntry) wide(extra []byte, offset *int64) bool {
	needed := e.packed == math.MaxUint32 || e.actual == math.MaxUint32 || offset != nil && *offset == math.MaxUint32
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if 4+n > len(extra) {
			break
		}
		field := extra[4:][:n]
		extra = extra[4+n:]
		if id != 1 {
			continue
		}
		e.zip64 = true
		wanted := []*int64{&e.actual, &e.packed}
		if offset != nil {
			wanted = append(wanted, offset)
		}
		for _, v := range wanted {
			if *v != math.MaxUint32 {
				continue
			}
			if len(field) < 8 {
				return false
			}
			wide := binary.LittleEndian.Uint64(field)
			if wide > math.MaxInt64/2 {
				return false
			}
			*v, field = int64(wide), field[8:]
		}
		return true
	}
	return !needed || offset == nil && e.flags&8 != 0
}

// mark hashes what local header and directory must agree on.
func (z *zipArchive) mark(e zipEntry) uint64 {
	e.zip64, e.flags = false, e.flags&1
	return maphash.Comparable(z.seed, e)
}

// directory reads the central directory and the end of the file.
func (z *zipArchive) directory() error {
	begin := z.in.at
	for {
		at := z.in.at
		sig, err := z.signature()
		if err != nil {
			return err
		}
		switch sig {
		case zipCentral:
			err = z.central()
		case zipSignature:
			var n [2]byte
			if err = z.in.full(n[:]); err == nil {
				err = z.in.skip(int64(binary.LittleEndian.Uint16(n[:])))
			}
		case zip64End, zipEnd:
			return z.end(sig, begin, at)
		default:
			err = z.bad(at)
		}
		if err != nil {
			return err
		}
	}
}

func (z *zipArchive) central() error {
	at := z.in.at
	var h [42]byte
	if err := z.in.full(h[:]); err != nil {
		return err
	}
	le := binary.LittleEndian
	e := zipEntry{flags: le.Uint16(h[4:]), method: le.Uint16(h[6:]), crc: le.Uint32(h[12:]),
		packed: int64(le.Uint32(h[16:])), actual: int64(le.Uint32(h[20:])), at: int64(le.Uint32(h[38:]))}
	name, extra := make([]byte, le.Uint16(h[24:])), make([]byte, le.Uint16(h[26:]))
	if err := z.in.full(name); err != nil {
		return err
	}
	if err := z.in.full(extra); err != nil {
		return err
	}
	if err := z.in.skip(int64(le.Uint16(h[28:]))); err != nil { // comment
		return err
	}
	e.name = string(name)
	if !e.wide(extra, &e.at) {
		return z.bad(at)
	}
	z.centralN++
	z.centralSum += z.mark(e)
	return z.scan.tick()
}

// end reads the end records, from behind the signature sig at byte at, and
// holds the directory against the entries.
func (z *zipArchive) end(sig uint32, begin, at int64) error {
	le := binary.LittleEndian
	size, wide := at-begin, [3]int64{-1, -1, -1} // entries, size and offset of the directory
	if sig == zip64End {
		var h [52]byte
		if err := z.in.full(h[:]); err != nil {
			return err
		}
		for i := range wide {
			wide[i] = int64(le.Uint64(h[28+8*i:]))
		}
		record := le.Uint64(h[:])
		if record < 44 || record > 1<<20 {
			return z.bad(at)
		}
		if err := z.in.skip(int64(record) - 44); err != nil {
			return err
		}
		var l [20]byte
		locator := z.in.at
		if err := z.in.full(l[:]); err != nil {
			return err
		}
		if le.Uint32(l[:]) != zip64Locator || le.Uint64(l[8:]) != uint64(at) {
			return z.bad(locator)
		}
		next, err := z.signature()
		if err != nil {
			return err
		}
		if next != zipEnd {
			return z.bad(z.in.at - 4)
		}
	}
	var h [18]byte
	if err := z.in.full(h[:]); err != nil {
		return err
	}
	says := [3]int64{int64(le.Uint16(h[6:])), int64(le.Uint32(h[8:])), int64(le.Uint32(h[12:]))}
	for i, is := range [3]int64{z.centralN, size, begin} {
		sentinel := int64(math.MaxUint32)
		if i == 0 {
			sentinel = math.MaxUint16
		}
		if wide[i] >= 0 && wide[i] != is || says[i] != is && (says[i] != sentinel || wide[i] < 0) {
			return fail("verify.directory", "format", string(FormatZip))
		}
	}
	if z.localN != z.centralN || z.localSum != z.centralSum {
		return fail("verify.directory", "format", string(FormatZip))
	}
	if err := z.in.skip(int64(le.Uint16(h[16:]))); err != nil { // comment
		return err
	}
	if rest, _ := z.in.Peek(1); len(rest) > 0 {
		return fail("verify.trailing_garbage", "at", digits(z.in.at))
	}
	return nil
}
