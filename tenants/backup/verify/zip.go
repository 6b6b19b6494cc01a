package verify

import (
	"bufio"
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

	worker *zipWorker    // nil on one core
	over   *bufio.Reader // over the data of one entry
	unread string        // a compression method nobody reads here
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
