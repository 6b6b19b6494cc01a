package inflate

import (
	"math"
)

// lead is what the decoder knows of the one ahead of it.
type lead struct {
	*ahead
	spare   *ahead // what is taken over while the other one runs already
	running bool
	base    int64 // bit of the stream at which ahead.in begins
	at      int64 // bit of the guess; -1 not known yet
	taken   int64 // bytes of output that came from it
	wrong   int   // guesses in a row that came to nothing
	next    int64 // bit before which nothing is started
}

// position is the bit of the stream that the decoder reads next.
func (d *Decoder) position() int64 { return d.used*8 - int64(d.nbits) }

// follow is called between two blocks. It starts the second decoder, and takes
// over from it what the position reached has proved.
func (d *Decoder) follow() (final bool, err error) {
	l := &d.lead
	pos := d.position()
	if !l.running {
		if pos >= l.next {
			d.lookAhead()
		}
		return false, nil
	}
	if pos < l.base {
		return false, nil
	}
	if l.at < 0 && d.patient {
		at := <-l.found
		l.found <- at
	}
	if l.at < 0 {
		select {
		case at := <-l.found:
			if at < 0 {
				d.miss(pos)
				return false, nil
			}
			l.at = l.base + int64(at)
		default: // still looking
			if pos > l.base+searched*8 {
				d.miss(pos)
			}
			return false, nil
		}
	}
	if pos < l.at {
		return false, nil
	}
	if !d.patient {
		l.stop.Store(true)
	}
	<-l.done
	l.running = false
	if pos > l.at || d.op-d.low < history || l.nw == history {
		d.miss(pos)
		return false, nil
	}
	l.wrong = 0
	got := l.ahead
	if err := d.jump(l.base + int64(got.end)); err != nil {
		return false, err
	}
	if l.ahead, l.spare = l.spare, got; !got.final {
		d.lookAhead()
	}
	return got.final, d.adopt(got)
}

func (d *Decoder) miss(pos int64) {
	l := &d.lead
	d.halt()
	l.wrong = min(l.wrong+1, maxWrong)
	l.next = pos + int64(d.stride)*8<<l.wrong
}

// halt ends the second decoder, if it runs.
func (d *Decoder) halt() {
	if d.lead.running {
		d.lead.stop.Store(true)
		<-d.lead.done
		d.lead.running = false
	}
}

func (d *Decoder) lookAhead() {
	in, err := d.in.Peek(2 * d.stride)
	if err != nil { // too near the end, or a buffer that is too small
		d.lead.next = math.MaxInt64
		return
	}
	if d.lead.ahead == nil {
		d.lead.ahead = newAhead(d.stride)
	}
	d.lead.base, d.lead.at, d.lead.running = (d.used+int64(d.stride))*8, -1, true
	d.lead.start(in[d.stride:])
}

// adopt gives out what the second decoder decoded.
func (d *Decoder) adopt(got *ahead) error {
	var known [1 << 16]byte // what each element stands for
	for i := range 256 {
		known[i] = byte(i)
	}
	copy(known[place:], d.buf[d.op-history:d.op])
	for rest := got.wide.buf[history:got.nw]; len(rest) > 0; {
		if err := d.room(); err != nil {
			return err
		}
		to := d.buf[d.op:min(len(d.buf)-slack, d.op+len(rest))]
		for i, v := range rest[:len(to)] {
			to[i] = known[v]
		}
		d.op += len(to)
		rest = rest[len(to):]
	}
	for rest := got.plain.buf[history:max(history, got.np)]; len(rest) > 0; {
		if err := d.room(); err != nil {
			return err
		}
		n := copy(d.buf[d.op:len(d.buf)-slack], rest)
		d.op += n
		rest = rest[n:]
	}
	d.lead.taken += int64(got.nw - history + max(0, got.np-history))
	return nil
}

// jump moves the input to the bit end of the stream, which lies ahead.
func (d *Decoder) jump(end int64) error {
	n := end>>3 - d.used
	if _, err := d.in.Discard(int(n)); err != nil {
		return readError(err)
	}
	d.used += n
	d.bits, d.nbits = 0, 0
	if odd := uint(end & 7); odd != 0 {
		c, err := d.in.ReadByte()
		if err != nil {
			return readError(err)
		}
		d.used++
		d.bits, d.nbits = uint64(c)>>odd, 8-odd
	}
	return nil
}
