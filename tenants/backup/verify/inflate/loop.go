package inflate

import (
	"encoding/binary"
	"unsafe"
)

// bitReader reads bits, lowest first, from a slice.
type bitReader struct {
	in    []byte
	ip    int
	bits  uint64 // the low nbits bits are valid, those above may be anything true
	nbits uint
}

// fill reads whole bytes while they fit and are there.
func (r *bitReader) fill() {
	for r.nbits <= 56 && r.ip < len(r.in) {
		r.bits |= uint64(r.in[r.ip]) << r.nbits
		r.ip++
		r.nbits += 8
	}
}

// take returns the next n ≤ 32 bits; false when the input ends before.
func (r *bitReader) take(n uint) (uint32, bool) {
	if r.nbits < n {
		r.fill()
		if r.nbits < n {
			return 0, false
		}
	}
	v := uint32(r.bits & (1<<n - 1))
	r.bits >>= n
	r.nbits -= n
	return v, true
}

type outcome int

const (
	more    outcome = iota // room or input is short for the fast loop; go on carefully
	full                   // the output buffer is full
	hungry                 // the input is used up
	done                   // end of block
	corrupt                // no such code, or a match from before the beginning
)

// output is where decoded symbols go: bytes, or sixteen bits each where some
// are places in a history not known yet (see ahead).
type output[T uint8 | uint16] struct {
	buf []T
	low int // first element that may be referred to
	op  int // next element to be written
}

// full reports whether the longest match may not fit any more.
func (o *output[T]) full() bool { return o.op >= len(o.buf)-slack }

// fast decodes while a refill cannot leave the input and a whole match fits the
// output, so that nothing needs to be asked for each symbol. One refill gives at
// least 56 bits: two literals (11 bits each) and a length with its extra bits
// (20) always, the distance (28) after another refill, which is unconditional
// because whether it is needed cannot be predicted.
//
// The bounds are checked once a round and not at each access, which is why the
// accesses are unchecked: the input is read at most 15 bytes from a place that
// is 16 or more before its end; the output is written at most 3+258+31 bytes
// from a place more than slack before its end, and read from where a match
// begins, which was just compared with the start of the stream. Table look-ups
// stay checked.
func fast[T uint8 | uint16](t *tables, o *output[T], r *bitReader) outcome {
	size := int(unsafe.Sizeof(T(0)))
	lastIn, lastOut := len(r.in)-16, len(o.buf)-slack
	if r.ip > lastIn || o.op >= lastOut {
		return more
	}
	// Pointers rather than indices: the loop then fits the registers.
	first := unsafe.Pointer(unsafe.SliceData(r.in))  //nolint:gosec // bounds are checked once a round, see above
	start := unsafe.Pointer(unsafe.SliceData(o.buf)) //nolint:gosec // as above
	in, out := unsafe.Add(first, r.ip), unsafe.Add(start, o.op*size)
	lastInP, lastOutP := uintptr(unsafe.Add(first, lastIn)), uintptr(unsafe.Add(start, lastOut*size))
	low := uintptr(unsafe.Add(start, o.low*size))
	b, n := r.bits, r.nbits
	b |= load64(in) << (n & 63)
	in = unsafe.Add(in, (63-n)>>3&7)
	n |= 56
	e := t.lit[b&(1<<litBits-1)]
	res := more
loop:
	for uintptr(in) <= lastInP && uintptr(out) < lastOutP {
		if int32(e) < 0 {
			*(*T)(out) = T(e >> 16 & 0xff)
			out = unsafe.Add(out, size)
			b >>= e & 63
			n -= uint(e & 63)
			e = t.lit[b&(1<<litBits-1)]
			if int32(e) < 0 {
				*(*T)(out) = T(e >> 16 & 0xff)
				out = unsafe.Add(out, size)
				b >>= e & 63
				n -= uint(e & 63)
				e = t.lit[b&(1<<litBits-1)]
				if int32(e) < 0 {
					*(*T)(out) = T(e >> 16 & 0xff)
					out = unsafe.Add(out, size)
					b >>= e & 63
					n -= uint(e & 63)
					b |= load64(in) << (n & 63)
					in = unsafe.Add(in, (63-n)>>3&7)
					n |= 56
					e = t.lit[b&(1<<litBits-1)]
					continue
				}
			}
		}
		if e&isSpecial != 0 {
			if e&isPointer != 0 {
				b >>= litBits
				n -= litBits
				e = t.lit[(e>>16&0x7fff)+uint32(b&(1<<(e>>8&15)-1))]
			}
			if int32(e) < 0 {
				*(*T)(out) = T(e >> 16 & 0xff)
				out = unsafe.Add(out, size)
				b >>= e & 63
				n -= uint(e & 63)
				b |= load64(in) << (n & 63)
				in = unsafe.Add(in, (63-n)>>3&7)
				n |= 56
				e = t.lit[b&(1<<litBits-1)]
				continue
			}
			if e&isSpecial != 0 {
				if e&isEnd == 0 {
					res = corrupt
					break loop
				}
				b >>= e & 63
				n -= uint(e & 63)
				res = done
				break loop
			}
		}
		length := uintptr(e>>16) + uintptr((b&(1<<(e&63)-1))>>(e>>8&31))
		b >>= e & 63
		n -= uint(e & 63)
		b |= load64(in) << (n & 63) // always: whether it is needed cannot be predicted
		in = unsafe.Add(in, (63-n)>>3&7)
		n |= 56
		e = t.dist[b&(1<<distBits-1)]
		if e&isSpecial != 0 {
			if e&isPointer == 0 {
				res = corrupt
				break loop
			}
			b >>= distBits
			n -= distBits
			e = t.dist[(e>>16&0x7fff)+uint32(b&(1<<(e>>8&15)-1))]
			if e&isSpecial != 0 {
				res = corrupt
				break loop
			}
		}
		back := uintptr(e>>16) + uintptr((b&(1<<(e&63)-1))>>(e>>8&31))
		b >>= e & 63
		n -= uint(e & 63)
		length, back = length*uintptr(size), back*uintptr(size)
		if back > uintptr(out)-low {
			res = corrupt
			break loop
		}
		b |= load64(in) << (n & 63)
		in = unsafe.Add(in, (63-n)>>3&7)
		n |= 56
		e = t.lit[b&(1<<litBits-1)] // looked up before the copy, whose length cannot be predicted
		src := unsafe.Add(out, -int(back))
		if back >= 8 {
			store64(out, load64(src))
			store64(unsafe.Add(out, 8), load64(unsafe.Add(src, 8)))
			store64(unsafe.Add(out, 16), load64(unsafe.Add(src, 16)))
			store64(unsafe.Add(out, 24), load64(unsafe.Add(src, 24)))
			for i := uintptr(32); i < length; i += 16 {
				store64(unsafe.Add(out, i), load64(unsafe.Add(src, i)))
				store64(unsafe.Add(out, i+8), load64(unsafe.Add(src, i+8)))
			}
		} else {
			near(out, src, length, back)
		}
		out = unsafe.Add(out, length)
	}
	o.op = int(uintptr(out)-uintptr(start)) / size
	r.ip, r.bits, r.nbits = int(uintptr(in)-uintptr(first)), b, n
	return res
}

// near copies a match less than eight bytes back. One byte back is a run; else
// the first bytes are laid out until the pattern is at least eight long.
func near(out, src unsafe.Pointer, length, back uintptr) {
	if back == 1 {
		v := load64(src) & 0xff * 0x0101010101010101
		for i := uintptr(0); i < length; i += 8 {
			store64(unsafe.Add(out, i), v)
		}
		return
	}
	for i := range length {
		*(*byte)(unsafe.Add(out, i)) = *(*byte)(unsafe.Add(src, i))
	}
}

func load64(p unsafe.Pointer) uint64 { return binary.LittleEndian.Uint64((*[8]byte)(p)[:]) }

func store64(p unsafe.Pointer, v uint64) { binary.LittleEndian.PutUint64((*[8]byte)(p)[:], v) }

// repeat fills p[back:] with what begins at p, back bytes apart.
func repeat[T uint8 | uint16](p []T, back int) {
	for have := back; have < len(p); {
		have += copy(p[have:], p[:have])
	}
}

// careful decodes symbol by symbol where input or output may end at any one.
// It stops with full or hungry before the symbol that does not fit.
func careful[T uint8 | uint16](t *tables, o *output[T], r *bitReader) outcome {
	for {
		if o.full() {
			return full
		}
		before := *r
		e, ok := r.symbol(t.lit[:], litBits)
		switch {
		case !ok:
			*r = before
			return hungry
		case e&isLiteral != 0:
			o.buf[o.op] = T(e >> 16 & 0xff)
			o.op++
			continue
		case e&isSpecial != 0 && e&isEnd != 0:
			return done
		case e&isSpecial != 0:
			return corrupt
		}
		length, ok1 := r.value(e)
		e, ok2 := r.symbol(t.dist[:], distBits)
		if ok1 && ok2 && e&isSpecial != 0 {
			return corrupt
		}
		back, ok3 := r.value(e)
		if !ok1 || !ok2 || !ok3 {
			*r = before
			return hungry
		}
		if o.op-back < o.low {
			return corrupt
		}
		repeat(o.buf[o.op-back:o.op+length], back)
		o.op += length
	}
}

// symbol reads one code and returns its entry, with only the extra bits left in
// its length; false when the input ends inside it.
func (r *bitReader) symbol(table []uint32, width uint) (uint32, bool) {
	r.fill()
	e := table[r.bits&(1<<width-1)]
	if e&(isSpecial|isPointer) == isSpecial|isPointer && e&isLiteral == 0 {
		if _, ok := r.take(width); !ok {
			return 0, false
		}
		e = table[uint64(e>>16&0x7fff)+r.bits&(1<<(e>>8&15)-1)]
	}
	n := uint(e & 0xff)
	if e&(isLiteral|isSpecial) == 0 {
		n = uint(e >> 8 & 31)
	}
	if _, ok := r.take(n); !ok {
		return 0, false
	}
	return e, true
}

// value reads the extra bits of a length or distance entry.
func (r *bitReader) value(e uint32) (int, bool) {
	extra, ok := r.take(uint(e&0xff) - uint(e>>8&31))
	return int(e>>16) + int(extra), ok
}
