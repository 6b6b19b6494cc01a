// Package inflate reads raw DEFLATE data (RFC 1951) to its end in large blocks, without keeping it and without reading
// one byte beyond the end, and says by name what is wrong with bad data. The decoding itself is that of
// klauspost/compress (docs/adr/0008-library-inflate.md).
package inflate

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
)

// What can be wrong with the data. A read error of the input is returned as is.
var (
	ErrTruncated = errors.New("inflate: data ends too early")
	ErrCorrupt   = errors.New("inflate: corrupt data")
)

// BufferSize is the length of the buffers a Sink must provide.
const BufferSize = 256 << 10

// Sink receives the output. Emit takes data, a part of buf, and returns the buffer to go on in, of length BufferSize: buf
// itself when data is done with, or another one. An error ends the decoding and is returned as it is.
type Sink interface {
	Emit(buf, data []byte) (next []byte, err error)
}

// Decoder decodes one stream after the other with the same buffers. It is not for concurrent use.
type Decoder struct {
	sink  Sink
	buf   []byte
	flate reader
}

// reader is what flate.NewReader gives.
type reader interface {
	io.Reader
	flate.Resetter
}

// NewDecoder returns a Decoder that gives its output to sink, working first in buf, whose length must be BufferSize.
func NewDecoder(sink Sink, buf []byte) *Decoder {
	if len(buf) != BufferSize {
		panic("inflate: wrong buffer size")
	}
	return &Decoder{sink: sink, buf: buf}
}

// Reset makes the Decoder give its output to sink from now on, in the buffer it has.
func (d *Decoder) Reset(sink Sink) { d.sink = sink }

// Decode reads one DEFLATE stream from in and gives all of its output to the sink. in is left at the first byte after the
// stream: the decoder takes single bytes from a bufio.Reader and never more than it needs.
func (d *Decoder) Decode(in *bufio.Reader) error {
	if d.flate == nil {
		var ok bool
		if d.flate, ok = flate.NewReader(in).(reader); !ok {
			return errors.New("inflate: the library's reader cannot be used again")
		}
	} else if err := d.flate.Reset(in, nil); err != nil {
		return err
	}
	for full := 0; ; {
		n, err := d.flate.Read(d.buf[full:])
		full += n
		if full == len(d.buf) || err != nil && full > 0 {
			next, emitErr := d.sink.Emit(d.buf, d.buf[:full])
			if emitErr != nil {
				return emitErr
			}
			d.buf, full = next, 0
		}
		if err != nil {
			return named(err)
		}
	}
}

// named tells the end of the stream (nil), a missing end and corruption apart.
func named(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTruncated
	case errors.As(err, &corrupt):
		return ErrCorrupt
	}
	return err
}
