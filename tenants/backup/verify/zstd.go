package verify

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// isSkippable recognises a skippable frame (RFC 8878 §3.1.2), which pzstd and
// others put in front of their data.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18
}

// zstd reads all frames and parses what comes out of them. The frames are taken
// apart here and decoded by the library, so that the end of each one is known
// to the byte.
func (s *scan) zstd(in *counted) (Format, error) {
	dec, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1), // on this goroutine: its pipeline over two cores was measured slower beside the hash
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(uint64(s.limits.MaxWindow)))
	if err != nil {
		return FormatUnknown, err
	}
	defer dec.Close()
	z := &zstdStream{scan: s, in: in, dec: dec}
	r := bufio.NewReaderSize(z, peekSize)
	format, err := s.inner(r, nil)
	for z.err == nil { // let the rest be decoded and its checksum be compared
		_, readErr := r.Discard(peekSize)
		if readErr != nil {
			break
		}
	}
	if !errors.Is(z.err, io.EOF) {
		return format, z.err
	}
	return format, err
}

// zstdStream is the decoded content of all frames.
type zstdStream struct {
	scan  *scan
	in    *counted
	dec   *zstd.Decoder
	frame *zstdFrame
	err   error
}

func (z *zstdStream) Read(p []byte) (int, error) {
	for z.err == nil {
		if z.frame == nil {
			z.err = z.next()
			continue
		}
		n, err := z.dec.Read(p)
		if n > 0 {
			if grown := z.scan.grow(n); grown != nil {
				z.err = grown
				return 0, z.err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			z.err = z.finish()
		case err != nil:
			z.err = z.blame(err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, z.err
}

// next finds the next frame, passing over skippable ones; io.EOF when the file
// ends here.
func (z *zstdStream) next() error {
	for {
		head, err := z.in.Peek(18)
		switch {
		case len(head) == 0:
			return err // io.EOF, or why there is no more
		case len(head) < 4 && (hasPrefixOf(head, "\x28\xb5\x2f\xfd") || head[0]&0xf0 == 0x50):
			return truncated(z.in.at+int64(len(head)), 0)
		case isSkippable(head):
			if len(head) < 8 {
				return truncated(z.in.at+int64(len(head)), 0)
			}
			if err := z.in.skip(8 + int64(binary.LittleEndian.Uint32(head[4:]))); err != nil {
				return err
			}
			continue
		case len(head) < 4 || string(head[:4]) != "\x28\xb5\x2f\xfd":
			return fail("verify.trailing_garbage", "at", digits(z.in.at))
		}
		return z.open(head)
	}
}

func hasPrefixOf(head []byte, magic string) bool {
	return len(head) <= len(magic) && magic[:len(head)] == string(head)
}

// open reads what the frame header says (RFC 8878 §3.1.1.1).
func (z *zstdStream) open(head []byte) error {
	at := z.in.at
	if len(head) < 6 {
		return truncated(at+int64(len(head)), 0)
	}
	flags := head[4]
	single := flags&0x20 != 0
	idSize := [4]int{0, 1, 2, 4}[flags&3]
	size := 5 + idSize + [4]int{0, 2, 4, 8}[flags>>6]
	if !single || flags>>6 == 0 {
		size++ // the window, or the shortest content size
	}
	if size > len(head) {
		return truncated(at+int64(len(head)), at+int64(size))
	}
	dictionary := head[5:][:idSize]
	if !single {
		exponent, mantissa := head[5]>>3, uint64(head[5]&7)
		base := uint64(1) << (10 + exponent)
		if window := base + base/8*mantissa; window > uint64(z.scan.limits.MaxWindow) {
			return fail("verify.window", "window", digits(int64(window)), "limit", digits(z.scan.limits.MaxWindow))
		}
		dictionary = head[6:][:idSize]
	}
	if !allZero(dictionary) {
		return newFault(OutcomeUnknown, "verify.dictionary", nil)
	}
	z.frame = &zstdFrame{in: z.in, head: append([]byte(nil), head[:size]...), checksum: flags&4 != 0}
	if !z.frame.checksum {
		z.scan.checked = false
	}
	if err := z.in.skip(int64(size)); err != nil {
		return err
	}
	if err := z.dec.Reset(z.frame); err != nil {
		return z.blame(err)
	}
	return nil
}

// finish makes sure that the decoder took the frame to its last byte.
func (z *zstdStream) finish() error {
	if _, err := io.Copy(io.Discard, z.frame); err != nil {
		return err
	}
	z.frame = nil
	return z.scan.tick()
}

// blame names a decoder's error; what the frame itself met comes first.
func (z *zstdStream) blame(err error) error {
	if f := z.frame.err; f != nil && !errors.Is(f, io.EOF) {
		return f
	}
	switch {
	case errors.Is(err, zstd.ErrCRCMismatch):
		return fail("verify.checksum", "format", string(FormatZstd))
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fail("verify.window", "window", "?", "limit", digits(z.scan.limits.MaxWindow))
	case stopped(err):
		return err
	}
	return corrupt(FormatZstd, z.in.at)
}

// zstdFrame gives the bytes of one frame and then io.EOF; the end of the file
// before that is a truncation.
type zstdFrame struct {
	in       *counted
	head     []byte // read already, to be given first
	left     int    // bytes of the current block
	last     bool   // the current block is the last
	checksum bool   // four bytes follow the last block
	err      error
}

func (f *zstdFrame) Read(p []byte) (int, error) {
	for f.err == nil && len(p) > 0 {
		if len(f.head) > 0 {
			n := copy(p, f.head)
			f.head = f.head[n:]
			return n, nil
		}
		if f.left > 0 {
			n, err := f.in.Read(p[:min(len(p), f.left)])
			f.left -= n
			if err != nil && n == 0 {
				f.err = ended(err, f.in.at, f.in.at+int64(f.left))
			}
			if n > 0 {
				return n, nil
			}
			continue
		}
		f.err = f.advance()
	}
	return 0, f.err
}

// advance reads the next block's header.
func (f *zstdFrame) advance() error {
	if f.last {
		if !f.checksum {
			return io.EOF
		}
		f.checksum, f.left = false, 4
		return nil
	}
	h := make([]byte, 3)
	if err := f.in.full(h); err != nil {
		return err
	}
	v := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
	f.last, f.left = v&1 == 1, v>>3
	if v>>1&3 == 1 { // one byte, repeated
		f.left = 1
	}
	f.head = h
	return nil
}
