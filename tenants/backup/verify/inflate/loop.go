package inflate

import "encoding/binary"

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

// fast decodes while at least 16 bytes of input are in memory and a whole match
// fits the output, so that nothing needs to be asked for each symbol. One refill
// gives at least 56 bits: a literal or two (11 bits each) and then a length and
// a distance with all their extra bits (15+5+15+13) would not fit in one, so a
// second refill stands before the match.
func (d *Decoder) fast(r *bitReader) outcome {
	in, out := r.in, d.buf
	ip, op := r.ip, d.op
	b, n := r.bits, r.nbits
	lastIn, lastOut := len(in)-16, len(out)-slack
	lit, dist := &d.lit, &d.dist
	res := more
loop:
	for ip <= lastIn && op < lastOut {
		b |= binary.LittleEndian.Uint64(in[ip:]) << (n & 63)
		ip += int((63 - n) >> 3)
		n |= 56
		e := lit[b&(1<<litBits-1)]
		if e&isLiteral != 0 {
			b >>= e & 63
			n -= uint(e & 63)
			out[op] = byte(e >> 16)
			op++
			e = lit[b&(1<<litBits-1)]
			if e&isLiteral != 0 {
				b >>= e & 63
				n -= uint(e & 63)
				out[op] = byte(e >> 16)
				op++
				e = lit[b&(1<<litBits-1)]
				if e&isLiteral != 0 {
					b >>= e & 63
					n -= uint(e & 63)
					out[op] = byte(e >> 16)
					op++
					continue
				}
			}
		}
		if e&isSpecial != 0 {
			if e&isPointer != 0 {
				b >>= litBits
				n -= litBits
				e = lit[(e>>16&0x7fff)+uint32(b&(1<<(e>>8&15)-1))]
			}
			if e&isLiteral != 0 {
				b >>= e & 63
				n -= uint(e & 63)
				out[op] = byte(e >> 16)
				op++
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
		length := int(e>>16) + int((b&(1<<(e&63)-1))>>(e>>8&31))
		b >>= e & 63
		n -= uint(e & 63)
		if n < 32 {
			b |= binary.LittleEndian.Uint64(in[ip:]) << (n & 63)
			ip += int((63 - n) >> 3)
			n |= 56
		}
		e = dist[b&(1<<distBits-1)]
		if e&isSpecial != 0 {
			if e&isPointer == 0 {
				res = corrupt
				break loop
			}
			b >>= distBits
			n -= distBits
			e = dist[(e>>16&0x7fff)+uint32(b&(1<<(e>>8&15)-1))]
			if e&isSpecial != 0 {
				res = corrupt
				break loop
			}
		}
		back := int(e>>16) + int((b&(1<<(e&63)-1))>>(e>>8&31))
		b >>= e & 63
		n -= uint(e & 63)
		src := op - back
		if src < d.low {
			res = corrupt
			break loop
		}
		end := op + length
		if back >= 8 {
			for {
				binary.LittleEndian.PutUint64(out[op:], binary.LittleEndian.Uint64(out[src:]))
				op += 8
				src += 8
				if op >= end {
					break
				}
			}
		} else {
			repeat(out[src:end], back)
		}
		op = end
	}
	d.op = op
	r.ip, r.bits, r.nbits = ip, b, n
	return res
}

// repeat fills p[back:] with what begins at p, back bytes apart.
func repeat(p []byte, back int) {
	if back == 1 {
		c := p[0]
		p = p[1:]
		for i := range p {
			p[i] = c
		}
		return
	}
	for have := back; have < len(p); {
		have += copy(p[have:], p[:have])
	}
}

// careful decodes symbol by symbol where input or output may end at any one.
// It stops with full or hungry before the symbol that does not fit.
func (d *Decoder) careful(r *bitReader) outcome {
	for {
		if d.op >= len(d.buf)-slack {
			return full
		}
		before := *r
		e, ok := r.symbol(d.lit[:], litBits)
		switch {
		case !ok:
			*r = before
			return hungry
		case e&isLiteral != 0:
			d.buf[d.op] = byte(e >> 16)
			d.op++
			continue
		case e&isSpecial != 0 && e&isEnd != 0:
			return done
		case e&isSpecial != 0:
			return corrupt
		}
		length, ok1 := r.value(e)
		e, ok2 := r.symbol(d.dist[:], distBits)
		if ok1 && ok2 && e&isSpecial != 0 {
			return corrupt
		}
		back, ok3 := r.value(e)
		if !ok1 || !ok2 || !ok3 {
			*r = before
			return hungry
		}
		if d.op-back < d.low {
			return corrupt
		}
		repeat(d.buf[d.op-back:d.op+length], back)
		d.op += length
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
