package verify

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"tanamori/tenants/backup/verify/inflate"
)

// unpackBlocks is how many buffers travel between a decompressor and the
// parser of its output.
const unpackBlocks = 4

// gzip reads all members of a gzip file on one goroutine and parses what comes
// out on this one. What is wrong with the compression outranks what the content
// looks like because of it.
func (s *scan) gzip(br *bufio.Reader) (Format, error) {
	out := &feed{ctx: s.ctx, ch: make(chan *block, unpackBlocks)}
	go func() {
		defer close(out.ch)
		defer func() {
			if r := recover(); r != nil {
				out.err = corrupt(FormatGzip, s.packed.read.Load())
			}
		}()
		if out.err = s.gunzip(br, out.ch); out.err == nil {
			out.err = io.EOF
		}
	}()
	format, err := s.inner(bufio.NewReaderSize(out, peekSize), out)
	out.drain()
	if !errors.Is(out.end, io.EOF) {
		return format, out.end
	}
	return format, err
}

// gunzip decompresses all members (RFC 1952) into blocks.
func (s *scan) gunzip(br *bufio.Reader, ch chan<- *block) error {
	out := &unpacked{scan: s, ch: ch, free: newBlocks(unpackBlocks, inflate.BufferSize)}
	var err error
	if out.cur, err = out.free.get(s.ctx); err != nil {
		return err
	}
	d := inflate.NewDecoder(out, out.cur.buf)
	for {
		if err := gzipHeader(br); err != nil {
			return s.packedEnd(err, br)
		}
		out.crc, out.size = 0, 0
		if err := d.Decode(br); err != nil {
			return s.packedEnd(err, br)
		}
		var trailer [8]byte
		if _, err := io.ReadFull(br, trailer[:]); err != nil {
			return s.packedEnd(err, br)
		}
		if binary.LittleEndian.Uint32(trailer[:]) != out.crc || binary.LittleEndian.Uint32(trailer[4:]) != out.size {
			return fail("verify.checksum", "format", string(FormatGzip))
		}
		next, err := br.Peek(2)
		switch {
		case len(next) == 0 && errors.Is(err, io.EOF):
			return nil
		case len(next) == 0:
			return err
		case next[0] == 0: // padding to a tape block
			return s.padding(br)
		case len(next) == 2 && next[0] == 0x1f && next[1] == 0x8b:
			continue
		case len(next) == 1 && next[0] == 0x1f:
			return truncated(s.packed.read.Load(), 0)
		}
		return fail("verify.trailing_garbage", "at", digits(s.packedAt(br)))
	}
}

func (s *scan) padding(br *bufio.Reader) error {
	in := &counted{Reader: br, at: s.packedAt(br)}
	at, err := in.zerosOnly()
	if err == nil && at >= 0 {
		return fail("verify.trailing_garbage", "at", digits(at))
	}
	return err
}

// packedAt is the position in the file of what br reads next.
func (s *scan) packedAt(br *bufio.Reader) int64 {
	return s.packed.read.Load() - int64(br.Buffered())
}

// packedEnd gives an error of the decoder its name.
func (s *scan) packedEnd(err error, br *bufio.Reader) error {
	switch {
	case errors.Is(err, inflate.ErrTruncated), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return truncated(s.packed.read.Load(), 0)
	case errors.Is(err, inflate.ErrCorrupt), errors.Is(err, errHeader):
		return corrupt(FormatGzip, s.packedAt(br))
	}
	return err
}

var errHeader = errors.New("no gzip header")

// gzipHeader reads the header of one member.
func gzipHeader(br *bufio.Reader) error {
	crc := uint32(0)
	take := func(n int) ([]byte, error) {
		b := make([]byte, n)
		if _, err := io.ReadFull(br, b); err != nil {
			return nil, err
		}
		crc = crc32.Update(crc, crc32.IEEETable, b)
		return b, nil
	}
	h, err := take(10)
	if err != nil {
		return err
	}
	flags := h[3]
	if h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 || flags&0xe0 != 0 {
		return errHeader
	}
	if flags&4 != 0 { // extra field
		n, err := take(2)
		if err != nil {
			return err
		}
		if _, err := take(int(binary.LittleEndian.Uint16(n))); err != nil {
			return err
		}
	}
	for _, flag := range []byte{8, 16} { // name, comment: up to a zero byte
		if flags&flag == 0 {
			continue
		}
		for length := 0; ; length++ {
			c, err := take(1)
			if err != nil {
				return err
			}
			if c[0] == 0 {
				break
			}
			if length == 1<<16 {
				return errHeader
			}
		}
	}
	if flags&2 != 0 {
		want := uint16(crc)
		n, err := take(2)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(n) != want {
			return errHeader
		}
	}
	return nil
}

// unpacked is the inflate.Sink that sends blocks on to a parser.
type unpacked struct {
	scan *scan
	ch   chan<- *block
	free *blocks
	cur  *block
	crc  uint32
	size uint32 // modulo 2³², as in the trailer
}

func (u *unpacked) Emit(_, data []byte) ([]byte, error) {
	u.crc = crc32.Update(u.crc, crc32.IEEETable, data)
	u.size += uint32(len(data))
	if err := u.scan.grow(len(data)); err != nil {
		return nil, err
	}
	u.cur.data = data
	u.cur.refs.Store(1)
	u.ch <- u.cur // has room for all blocks there are
	var err error
	if u.cur, err = u.free.get(u.scan.ctx); err != nil {
		return nil, err
	}
	return u.cur.buf, nil
}
