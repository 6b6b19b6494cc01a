package inflate

import (
	"math/bits"
)

// A table entry packs what the decoder needs for one look-up:
//
//	literal   bit 31; literal byte 16–23; code length 0–7
//	length    base 16–24; code length 8–12; code length + extra bits 0–7
//	distance  base 16–30; code length 8–12; code length + extra bits 0–7
//	special   bit 15, then one of
//	  pointer   bit 14; first entry of the sub-table 16–30; its bits 8–11;
//	            bits of the main table 0–7
//	  end       bit 13; code length 0–7
//	  invalid   neither
const (
	isLiteral = 1 << 31
	isSpecial = 1 << 15
	isPointer = 1 << 14
	isEnd     = 1 << 13

	litBits  = 11
	distBits = 8
	maxBits  = 15

	// Sub-tables: at most one entry of the full 15 bits per code plus the
	// doubling to a power of two; zlib's "enough" gives 1332+ for 286 symbols
	// and 11 bits, the bounds here are coarse and checked.
	litSize  = 1<<litBits + 2048
	distSize = 1<<distBits + 1024
)

type tables struct {
	lit  [litSize]uint32
	dist [distSize]uint32

	isFixed bool
	lens    [320]uint8
	pre     [128]uint32
}

var (
	litPlain  = litlenEntries() // entry of each symbol without its code length
	distPlain = distEntries()
	prePlain  = preEntries()
)

func litlenEntries() (e [288]uint32) {
	for i := range 256 {
		e[i] = isLiteral | uint32(i)<<16
	}
	e[256] = isSpecial | isEnd
	base, extra := uint32(3), uint32(0)
	for i := 257; i < 285; i++ {
		if i >= 265 && (i-265)%4 == 0 {
			extra++
		}
		e[i] = base<<16 | extra
		base += 1 << extra
	}
	e[285] = 258 << 16
	e[286], e[287] = isSpecial, isSpecial
	return e
}

func distEntries() (e [32]uint32) {
	base, extra := uint32(1), uint32(0)
	for i := range 30 {
		if i >= 4 && i%2 == 0 {
			extra++
		}
		e[i] = base<<16 | extra
		base += 1 << extra
	}
	e[30], e[31] = isSpecial, isSpecial
	return e
}

func preEntries() (e [19]uint32) {
	for i := range e {
		e[i] = uint32(i) << 16
	}
	return e
}

// withLength puts a code length of n bits into a plain entry.
func withLength(plain uint32, n uint) uint32 {
	if plain&(isLiteral|isSpecial) != 0 {
		return plain | uint32(n)
	}
	return plain&^0xff | uint32(n)<<8 | (plain&0xff + uint32(n))
}

// build fills table (main part 1<<width entries) for canonical codes of the
// given lengths. Incomplete codes are refused, except a lone code of one bit
// and, where none is true, no code at all; their unused entries stay invalid.
func build(table []uint32, width uint, lens []uint8, plain []uint32, none bool) bool {
	var count [maxBits + 1]int
	for _, n := range lens {
		count[n]++
	}
	used := len(lens) - count[0]
	count[0] = 0
	var next [maxBits + 2]uint32
	left := 1
	for n := 1; n <= maxBits; n++ {
		left = left<<1 - count[n]
		if left < 0 {
			return false // over-subscribed
		}
		next[n+1] = (next[n] + uint32(count[n])) << 1
	}
	main := table[:1<<width]
	if left > 0 {
		if used == 0 && !none || used > 1 || used == 1 && count[1] != 1 {
			return false
		}
		for i := range main {
			main[i] = isSpecial
		}
	}
	free := uint32(1) << width // where the next sub-table begins
	for sym, n8 := range lens {
		n := uint(n8)
		if n == 0 || n > width {
			continue
		}
		code := uint32(bits.Reverse16(uint16(next[n]))) >> (16 - n)
		next[n]++
		entry := withLength(plain[sym], n)
		for i := code; i < 1<<width; i += 1 << n {
			main[i] = entry
		}
	}
	if used == 0 {
		return true
	}
	longest := uint(maxBits)
	for longest > width && count[longest] == 0 {
		longest--
	}
	if longest <= width {
		return true
	}
	return subTables(table, width, longest, lens, plain, &next, &count, free)
}

// subTables places the codes longer than width. Codes of one prefix are
// consecutive when taken by length, so each sub-table is sized when its first
// code (the shortest) is met, by how many longer codes must still fit in it.
func subTables(table []uint32, width, longest uint, lens []uint8, plain []uint32, next *[maxBits + 2]uint32, count *[maxBits + 1]int, free uint32) bool {
	var order [320]uint16
	n := 0
	for l := width + 1; l <= longest; l++ {
		for sym, n8 := range lens {
			if uint(n8) == l {
				order[n] = uint16(sym)
				n++
			}
		}
	}
	prefix, start, size := ^uint32(0), uint32(0), uint(0)
	remaining := *count
	for _, sym := range order[:n] {
		l := uint(lens[sym])
		code := uint32(bits.Reverse16(uint16(next[l]))) >> (16 - l)
		next[l]++
		if p := code & (1<<width - 1); p != prefix {
			prefix = p
			size = l - width
			fits := remaining[l]
			for room := 1 << size; fits < room && width+size < longest; {
				size++
				room <<= 1
				fits = fits<<1 + remaining[width+size]
			}
			start = free
			free += 1 << size
			if int(free) > len(table) {
				return false
			}
			table[p] = isSpecial | isPointer | start<<16 | uint32(size)<<8 | uint32(width)
		}
		remaining[l]--
		entry := withLength(plain[sym], l-width)
		sub := table[start : start+1<<size]
		for i := code >> width; i < 1<<size; i += 1 << (l - width) {
			sub[i] = entry
		}
	}
	return true
}
