package verify

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

const (
	tarBlock = 512
	// tarMeta bounds a long name or a set of pax records.
	tarMeta = 1 << 20
)

var zeroBlock [tarBlock]byte

// tarChecksumHolds reports whether b is a tar header: the sum of its bytes,
// with the checksum field taken as spaces, is what that field says. Some old
// writers summed signed bytes.
func tarChecksumHolds(b []byte) bool {
	want, ok := tarNumber(b[148:156])
	if !ok || bytes.Equal(b, zeroBlock[:]) {
		return false
	}
	var unsigned, signed int64
	for i, c := range b {
		if i >= 148 && i < 156 {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want == unsigned || want == signed
}

// tarNumber reads an octal field, or GNU's base-256 for large values.
func tarNumber(b []byte) (int64, bool) {
	if b[0]&0x80 != 0 {
		if b[0]&0x40 != 0 {
			return 0, false // negative
		}
		v := uint64(b[0] & 0x3f)
		for _, c := range b[1:] {
			if v > math.MaxInt64>>8 {
				return 0, false
			}
			v = v<<8 | uint64(c)
		}
		return int64(v), true
	}
	text := strings.Trim(string(b), " \x00")
	if text == "" {
		return 0, true
	}
	v, err := strconv.ParseUint(text, 8, 62)
	return int64(v), err == nil
}

// tarNext holds what extended headers say about the entry after them.
type tarNext struct {
	path, link string
	size       int64 // -1: as in the header
}

// tar reads an archive to its end: every header's checksum, every name, every
// byte of every entry, the two zero blocks that end it, and nothing but zeros
// behind them.
func (s *scan) tar(in *counted) error {
	var h [tarBlock]byte
	next := tarNext{size: -1}
	pending := false
	for {
		at := in.at
		if err := in.full(h[:]); err != nil {
			return err // an archive cut between two entries has no end either
		}
		if bytes.Equal(h[:], zeroBlock[:]) {
			if pending {
				return corrupt(FormatTar, at)
			}
			return s.tarEnd(in)
		}
		if !tarChecksumHolds(h[:]) {
			return corrupt(FormatTar, at)
		}
		size, ok := tarNumber(h[124:136])
		if !ok {
			return corrupt(FormatTar, at)
		}
		kind := h[156]
		switch kind {
		case 'x', 'g', 'L', 'K':
			if size > tarMeta {
				return corrupt(FormatTar, at)
			}
			meta := make([]byte, (size+tarBlock-1)/tarBlock*tarBlock)
			if err := in.full(meta); err != nil {
				return err
			}
			if !next.read(kind, meta[:size]) {
				return corrupt(FormatTar, at)
			}
			pending = pending || kind != 'g'
			continue
		case '1', '2', '3', '4', '5', '6':
			size = 0 // whatever the field says, no data follows
		default:
			if next.size >= 0 {
				size = next.size
			}
		}
		s.entry(next.name(h[:]))
		if kind == '1' { // a hard link is resolved below the same folder
			s.look(next.linkName(h[:]))
		}
		if kind == 'S' {
			if err := tarSparse(in, h[482] != 0); err != nil {
				return err
			}
		}
		if size > math.MaxInt64-tarBlock-in.at {
			return corrupt(FormatTar, at)
		}
		if err := in.skip((size + tarBlock - 1) / tarBlock * tarBlock); err != nil {
			return err
		}
		next, pending = tarNext{size: -1}, false
		if err := s.tick(); err != nil {
			return err
		}
	}
}

// tarEnd reads what follows the first zero block.
func (s *scan) tarEnd(in *counted) error {
	var h [tarBlock]byte
	at := in.at
	if err := in.full(h[:]); err != nil {
		return err
	}
	if !bytes.Equal(h[:], zeroBlock[:]) {
		return corrupt(FormatTar, at)
	}
	at, err := in.zerosOnly()
	switch {
	case err != nil:
		return err
	case at >= 0:
		return fail("verify.trailing_garbage", "at", digits(at))
	case in.at%tarBlock != 0:
		return truncated(in.at, (in.at/tarBlock+1)*tarBlock)
	case s.entries.Load() == 0:
		return fail("verify.empty")
	}
	return nil
}

// tarSparse passes over the extension headers of an old GNU sparse file.
func tarSparse(in *counted, more bool) error {
	var h [tarBlock]byte
	for more {
		if err := in.full(h[:]); err != nil {
			return err
		}
		more = h[504] != 0
	}
	return nil
}

// read takes in an extended header; false when it is malformed.
func (n *tarNext) read(kind byte, meta []byte) bool {
	switch kind {
	case 'L':
		n.path = cString(meta)
		return true
	case 'K':
		n.link = cString(meta)
		return true
	}
	for len(meta) > 0 { // "<length> <key>=<value>\n", the length counting itself
		space := bytes.IndexByte(meta, ' ')
		if space < 1 || space > 10 {
			return allZero(meta)
		}
		length, err := strconv.Atoi(string(meta[:space]))
		if err != nil || length <= space+1 || length > len(meta) || meta[length-1] != '\n' {
			return false
		}
		key, value, ok := strings.Cut(string(meta[space+1:length-1]), "=")
		if !ok {
			return false
		}
		meta = meta[length:]
		if kind == 'g' {
			continue // global records carry no names of entries
		}
		switch key {
		case "path", "GNU.sparse.name":
			n.path = value
		case "linkpath":
			n.link = value
		case "size":
			size, err := strconv.ParseInt(value, 10, 63)
			if err != nil || size < 0 {
				return false
			}
			n.size = size
		}
	}
	return true
}

func (n *tarNext) name(h []byte) string {
	if n.path != "" {
		return n.path
	}
	name := cString(h[:100])
	// POSIX ustar splits long names; GNU uses the place for other things.
	if string(h[257:263]) == "ustar\x00" {
		if prefix := cString(h[345:500]); prefix != "" {
			return prefix + "/" + name
		}
	}
	return name
}

func (n *tarNext) linkName(h []byte) string {
	if n.link != "" {
		return n.link
	}
	return cString(h[157:257])
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
