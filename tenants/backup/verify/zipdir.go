package verify

import (
	"encoding/binary"
	"math"
)

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
