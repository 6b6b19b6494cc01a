package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

// block decodes one block, header included.
func (d *Decoder) block() (final bool, err error) {
	in := d.window()
	r := bitReader{in: in, bits: d.bits, nbits: d.nbits}
	head, ok := r.take(3)
	if !ok {
		return false, d.short()
	}
	final = head&1 == 1
	switch head >> 1 {
	case 0:
		d.settle(&r)
		d.bits, d.nbits = 0, 0 // the rest of the byte is padding
		return final, d.stored()
	case 1:
		d.settle(&r)
		d.tables.fixed()
		return final, d.coded()
	case 2:
		if err := d.tables.read(&r); err != nil {
			if errors.Is(err, ErrTruncated) {
				return false, d.short()
			}
			return false, err
		}
		d.settle(&r)
		return final, d.coded()
	}
	return false, ErrCorrupt
}

// window makes sure that a whole block header (at most 600 bytes) and more is
// in memory, unless the input ends before, and returns what is.
func (d *Decoder) window() []byte {
	if d.in.Buffered() < 1024 && !d.atEOF && d.readErr == nil {
		if _, err := d.in.Peek(1024); errors.Is(err, io.EOF) {
			d.atEOF = true
		} else if err != nil {
			d.readErr = err
		}
	}
	in, _ := d.in.Peek(d.in.Buffered())
	return in
}

// short is the error for input that ended or could not be read.
func (d *Decoder) short() error {
	if d.readErr != nil {
		return d.readErr
	}
	return ErrTruncated
}

// settle takes over what r used up; whole bytes that r read ahead go back.
func (d *Decoder) settle(r *bitReader) {
	used := r.ip - int(r.nbits>>3)
	d.nbits = r.nbits & 7
	d.bits = r.bits & (1<<d.nbits - 1)
	_, _ = d.in.Discard(used) // never more than is buffered
	d.used += int64(used)
}

func (d *Decoder) stored() error {
	var head [4]byte
	if _, err := io.ReadFull(d.in, head[:]); err != nil {
		return readError(err)
	}
	d.used += int64(len(head))
	n := int(binary.LittleEndian.Uint16(head[:]))
	if n != int(^binary.LittleEndian.Uint16(head[2:])) {
		return ErrCorrupt
	}
	for n > 0 {
		if err := d.room(); err != nil {
			return err
		}
		k := min(n, len(d.buf)-slack-d.op)
		if _, err := io.ReadFull(d.in, d.buf[d.op:d.op+k]); err != nil {
			return readError(err)
		}
		d.op += k
		d.used += int64(k)
		n -= k
	}
	return nil
}

func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// coded decodes the symbols of one Huffman-coded block.
func (d *Decoder) coded() error {
	for {
		if err := d.room(); err != nil {
			return err
		}
		in := d.window()
		r := bitReader{in: in, bits: d.bits, nbits: d.nbits}
		res := fast(&d.tables, &d.output, &r)
		if res == more {
			res = careful(&d.tables, &d.output, &r)
		}
		d.settle(&r)
		switch res {
		case done:
			return nil
		case corrupt:
			return ErrCorrupt
		case hungry:
			if d.atEOF || d.readErr != nil {
				return d.short()
			}
		}
	}
}
