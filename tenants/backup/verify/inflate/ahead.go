package inflate

import (
	"encoding/binary"
	"sync/atomic"
)

// Running ahead. DEFLATE is a chain: what a match copies is known only once
// everything before it is. But where a block begins can be guessed, because the
// header of a block with its own codes hardly ever looks valid by chance, and
// from there on a second core can decode, writing down for each byte that comes
// from the unknown 32 KiB before the guess where in them it lies. When the
// decoder itself arrives at exactly that bit, at the end of a block, the guess
// was right: it fills in the places and goes on behind. If it arrives anywhere
// else the work is thrown away. Nothing is believed that the chain from the
// beginning did not confirm.
// (The way of pugz, Kerbiriou & Chikhi 2019, and rapidgzip, Knespel & Brunst 2023.)

const (
	// stride is how far ahead of the decoder the second one starts, and how
	// much it may read, in bytes of input.
	stride = 1 << 20
	// searched bounds the guess; no block of common compressors is longer.
	searched = 192 << 10
	// spread bounds what the second decoder writes: elements for each byte of
	// a stride.
	spread = 4
	// place marks an element that stands for a place in the unknown history.
	place = 1 << 15
	// maxWrong bounds how long nothing is tried after wrong guesses: strides,
	// as a power of two.
	maxWrong = 6
)

// Lookahead is the buffer size an input needs for a second core to be used.
const Lookahead = 2*stride + 64<<10

// ahead is the second decoder. It is used by one goroutine at a time.
type ahead struct {
	tables
	in    []byte
	wide  output[uint16] // begins with the places of the unknown history
	plain output[uint8]  // what follows once no place is in reach any more

	stop  atomic.Bool
	found chan int      // the bit of in where the guess lies, -1 for none
	done  chan struct{} // closed when the following holds:
	end   int           // bit behind the last whole block
	nw    int           // elements of wide up to there, history included
	np    int           // of plain, history included; 0 when not begun
	final bool          // that block was the last of the stream
}

func newAhead(stride int) *ahead {
	a := &ahead{in: make([]byte, 0, stride)}
	a.wide.buf = make([]uint16, history+spread*stride+slack)
	a.plain.buf = make([]uint8, history+spread*stride+slack)
	for i := range history {
		a.wide.buf[i] = place | uint16(i)
	}
	return a
}

// start begins to decode from a guess somewhere in input, of which it takes a
// copy.
func (a *ahead) start(input []byte) {
	a.in = append(a.in[:0], input...)
	a.wide.op, a.wide.low, a.plain.op, a.plain.low = history, 0, history, 0
	a.end, a.nw, a.np, a.final, a.isFixed = 0, history, 0, false, false
	a.stop.Store(false)
	a.found, a.done = make(chan int, 1), make(chan struct{})
	go func() {
		defer close(a.done)
		defer func() {
			if recover() != nil { // as if nothing had been found
				a.end, a.nw, a.np = 0, history, 0
				select {
				case a.found <- -1:
				default:
				}
			}
		}()
		at := a.guess()
		a.found <- at
		if at >= 0 {
			a.run(at)
		}
	}()
}

// guess returns the first bit at which a block with codes of its own that is
// not the last one can begin.
func (a *ahead) guess() int {
	last := min(len(a.in)-1024, searched)
	for ip := range max(last, 0) {
		if a.stop.Load() {
			return -1
		}
		word := binary.LittleEndian.Uint64(a.in[ip:])
		for bit := range 8 {
			// Not final, type 2, at most 286 and 30 codes.
			v := word >> bit
			if v&7 != 4 || v>>3&31 > 29 || v>>8&31 > 29 || !a.plausible(ip*8+bit) {
				continue
			}
			r := readerAt(a.in, ip*8+bit+3)
			if a.read(&r) == nil {
				return ip*8 + bit
			}
		}
	}
	return -1
}

// plausible checks whether the code for the code lengths of a header at bit is
// complete, which one in some hundred random ones is. Lengths have three bits
// each; four at a time are looked up.
func (a *ahead) plausible(bit int) bool {
	lens := binary.LittleEndian.Uint64(a.in[(bit+13)>>3:]) >> ((bit + 13) & 7)
	n := uint(lens&15) + 4
	lens = binary.LittleEndian.Uint64(a.in[(bit+17)>>3:]) >> ((bit + 17) & 7) & (1<<(3*n) - 1)
	sum := kraft[lens&0xfff] + kraft[lens>>12&0xfff] + kraft[lens>>24&0xfff] + kraft[lens>>36&0xfff] + kraft[lens>>48&0xfff]
	return sum == 1<<7
}

// kraft is, for four code lengths, the share of all codes of seven bits that
// they use up.
var kraft = func() (sums [1 << 12]uint16) {
	for i := range sums {
		for _, l := range []int{i & 7, i >> 3 & 7, i >> 6 & 7, i >> 9} {
			if l > 0 {
				sums[i] += 1 << (7 - l)
			}
		}
	}
	return sums
}()

func readerAt(in []byte, bit int) bitReader {
	r := bitReader{in: in, ip: bit >> 3}
	r.fill()
	_, _ = r.take(uint(bit & 7))
	return r
}

// run decodes whole blocks from bit at on until it is stopped, something is
// used up, or a block is no block.
func (a *ahead) run(at int) {
	r := readerAt(a.in, at)
	clean := history // wide holds no place from here on
	for !a.final && !a.stop.Load() {
		op := a.wide.op
		var final, ok bool
		if a.np > 0 {
			final, ok = decodeBlock(&a.tables, &a.plain, &r)
		} else {
			final, ok = decodeBlock(&a.tables, &a.wide, &r)
		}
		if !ok {
			return
		}
		a.final, a.end = final, r.ip*8-int(r.nbits)
		if a.np > 0 {
			a.np = a.plain.op
			continue
		}
		a.nw = a.wide.op
		for i := a.nw - 1; i >= max(op, clean); i-- {
			if a.wide.buf[i]&place != 0 {
				clean = i + 1
				break
			}
		}
		if a.nw-clean >= history {
			for i, v := range a.wide.buf[a.nw-history : a.nw] {
				a.plain.buf[i] = byte(v)
			}
			a.np = history
		}
	}
}

// decodeBlock decodes one block, header included, from memory.
func decodeBlock[T uint8 | uint16](t *tables, o *output[T], r *bitReader) (final, ok bool) {
	head, ok := r.take(3)
	if !ok {
		return false, false
	}
	final = head&1 == 1
	switch head >> 1 {
	case 0:
		return final, storedBlock(o, r)
	case 1:
		t.fixed()
	case 2:
		if t.read(r) != nil {
			return false, false
		}
	default:
		return false, false
	}
	for {
		res := fast(t, o, r)
		if res == more {
			res = careful(t, o, r)
		}
		if res != more {
			return final, res == done
		}
	}
}

func storedBlock[T uint8 | uint16](o *output[T], r *bitReader) bool {
	r.ip -= int(r.nbits >> 3)
	r.bits, r.nbits = 0, 0
	if r.ip+4 > len(r.in) {
		return false
	}
	n := int(binary.LittleEndian.Uint16(r.in[r.ip:]))
	if n != int(^binary.LittleEndian.Uint16(r.in[r.ip+2:])) || r.ip+4+n > len(r.in) || o.op+n > len(o.buf)-slack {
		return false
	}
	for i, c := range r.in[r.ip+4:][:n] {
		o.buf[o.op+i] = T(c)
	}
	r.ip += 4 + n
	o.op += n
	return true
}
