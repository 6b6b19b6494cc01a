// Package inflate decodes raw DEFLATE data (RFC 1951) for one purpose: reading
// a backup to its end as fast as the machine allows, without keeping it. It
// gives out large blocks, works in a fixed amount of memory, says by name what
// is wrong with bad data, and does not read one byte beyond the end.
//
// It exists because a backup must be verified in about the time its hash takes;
// on the archives it was measured with it is two to three times as fast as the
// decoders at hand. Tests hold it to compress/flate bit for bit.
package inflate

import (
	"bufio"
	"errors"
)

// What can be wrong with the data. A read error of the input is returned as is.
var (
	ErrTruncated = errors.New("inflate: data ends too early")
	ErrCorrupt   = errors.New("inflate: corrupt data")
)

const (
	history = 32 << 10  // how far back a match may reach
	chunk   = 256 << 10 // what is decoded before it is given out
	slack   = 320       // one match of 258 bytes, copied in words, may overrun

	// BufferSize is the length of the buffers a Sink must provide.
	BufferSize = history + chunk + slack
)

// Sink receives the output. Emit takes data, a part of buf, and returns the
// buffer to go on in, of length BufferSize: buf itself when data is done with,
// or another one. After Emit returned, the decoder only reads the last 32 KiB
// of data before it goes on in the new buffer. An error ends the decoding and
// is returned as it is.
type Sink interface {
	Emit(buf, data []byte) (next []byte, err error)
}

// Decoder decodes one stream after the other with the same buffers. Make one
// with NewDecoder; it is not for concurrent use.
type Decoder struct {
	in   *bufio.Reader
	sink Sink

	output[uint8]     // low: the first byte of this stream that is still there
	given         int // [given, op) is not given out yet

	bits  uint64 // the low nbits bits were read and not used; nbits < 8 between calls
	nbits uint

	atEOF   bool
	readErr error

	used int64 // bytes of this stream that were read

	parallel bool
	stride   int  // const but in tests
	patient  bool // tests only: let the second core finish, so that what comes from it is certain
	lead     lead

	tables
}

// NewDecoder returns a Decoder that gives its output to sink, working first in
// buf, whose length must be BufferSize.
func NewDecoder(sink Sink, buf []byte) *Decoder {
	if len(buf) != BufferSize {
		panic("inflate: wrong buffer size")
	}
	return &Decoder{sink: sink, output: output[uint8]{buf: buf, op: history}, given: history, stride: stride}
}

// Parallel lets the Decoder use a second core for long streams, whose input
// must then be buffered by Lookahead bytes. It needs some 30 MB of memory.
func (d *Decoder) Parallel() { d.parallel = true }

// Reset makes the Decoder give its output to sink from now on, in the buffer it
// has. It may be used after an error too.
func (d *Decoder) Reset(sink Sink) {
	d.sink, d.op, d.given = sink, history, history
}

// Decode reads one DEFLATE stream from in and gives all of its output to the
// sink. in is left at the first byte after the stream; its buffer must hold at
// least 4 KiB. After an error the Decoder must be Reset.
func (d *Decoder) Decode(in *bufio.Reader) error {
	d.in, d.low, d.bits, d.nbits, d.atEOF, d.readErr, d.used = in, d.op, 0, 0, false, nil, 0
	if d.parallel {
		d.lead.wrong, d.lead.next = 0, int64(d.stride)*4 // short streams are not worth it
		defer d.halt()
	}
	for final := false; !final; {
		var err error
		if final, err = d.block(); err != nil {
			return err
		}
		if d.parallel && !final {
			if final, err = d.follow(); err != nil {
				return err
			}
		}
	}
	return d.flush()
}

// room gives the buffer out once it is full and carries the history over.
func (d *Decoder) room() error {
	if !d.full() {
		return nil
	}
	old := d.buf
	next, err := d.sink.Emit(old, old[d.given:d.op])
	if err != nil {
		return err
	}
	copy(next[:history], old[d.op-history:d.op])
	d.low = max(0, d.low-(d.op-history))
	d.buf, d.op, d.given = next, history, history
	return nil
}

// flush gives out what is left; the next stream needs no history.
func (d *Decoder) flush() error {
	if d.op == d.given {
		return nil
	}
	old := d.buf
	next, err := d.sink.Emit(old, old[d.given:d.op])
	if err != nil {
		return err
	}
	d.buf, d.op, d.given = next, history, history
	return nil
}
