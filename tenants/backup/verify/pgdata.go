package verify

import (
	"bytes"
	"errors"
	"hash"
	"hash/adler32"
	"io"

	"tanamori/tenants/backup/verify/inflate"
)

// data reads one block of table data, or one of large objects.
func (d *pgDump) data() error {
	at := d.in.at
	kind, err := d.in.ReadByte()
	if err != nil {
		return ended(err, at, at+1)
	}
	id, err := d.int()
	if err != nil {
		return err
	}
	d.gotN++
	d.gotIDs += d.mark(id, -1)
	d.gotOffs += d.mark(id, at)
	d.scan.entries.Add(1)
	switch kind {
	case 1:
		return d.chunks()
	case 3:
		for {
			oid, err := d.int()
			if err != nil {
				return err
			}
			if oid == 0 {
				return nil
			}
			if err := d.chunks(); err != nil {
				return err
			}
			if err := d.scan.tick(); err != nil {
				return err
			}
		}
	}
	return corrupt(FormatPGCustom, at)
}

// chunks reads one piece of data, made of counted chunks up to an empty one.
func (d *pgDump) chunks() error {
	c := &pgChunks{dump: d}
	if d.packing != 1 { // not compressed, or in a way that is only walked over
		d.scan.checked = false
		for c.err == nil {
			c.advance(true)
		}
		return c.end()
	}
	br := d.scan.bufferOver(c)
	head, err := br.Peek(2)
	switch {
	case len(head) == 0 && errors.Is(err, io.EOF):
		return nil // nothing was written
	case len(head) < 2:
		if c.err != nil && !errors.Is(c.err, io.EOF) {
			return c.err
		}
		return d.bad()
	case head[0]&0xf != 8 || (int(head[0])<<8+int(head[1]))%31 != 0 || head[1]&0x20 != 0:
		return d.bad()
	}
	_, _ = br.Discard(2)
	sum := &sumSink{scan: d.scan, hash: adler32.New()}
	err = d.scan.decoder(sum).Decode(br)
	var trailer [4]byte
	if err == nil {
		_, err = io.ReadFull(br, trailer[:])
	}
	switch {
	case c.err != nil && !errors.Is(c.err, io.EOF):
		return c.err // the file ended, or could not be read
	case errors.Is(err, inflate.ErrTruncated), errors.Is(err, inflate.ErrCorrupt), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return d.bad()
	case err != nil:
		return err
	}
	if !bytes.Equal(trailer[:], sum.hash.Sum(nil)) {
		return fail("verify.checksum", "format", string(FormatPGCustom))
	}
	if _, err := br.ReadByte(); !errors.Is(err, io.EOF) {
		return d.bad()
	}
	return c.end()
}

// pgChunks is the content of one run of chunks.
type pgChunks struct {
	dump *pgDump
	left int64
	err  error
}

func (c *pgChunks) Read(p []byte) (int, error) {
	for c.err == nil && c.left == 0 {
		c.advance(false)
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.dump.in.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err != nil {
		c.err = ended(err, c.dump.in.at, c.dump.in.at+c.left)
		if n == 0 {
			return 0, c.err
		}
	}
	return n, nil
}

// advance reads the length of the next chunk, and its content where skip says.
func (c *pgChunks) advance(skip bool) {
	n, err := c.dump.int()
	switch {
	case err != nil:
		c.err = err
	case n < 0:
		c.err = c.dump.bad()
	case n == 0:
		c.err = io.EOF
	case skip:
		c.err = c.dump.in.skip(n)
	default:
		c.left = n
	}
}

// end returns what ended the run, nil for the empty chunk.
func (c *pgChunks) end() error {
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}

// sumSink is an inflate.Sink that only sums up.
type sumSink struct {
	scan *scan
	hash hash.Hash32
	size int64
}

func (s *sumSink) Emit(buf, data []byte) ([]byte, error) {
	_, _ = s.hash.Write(data) // never fails
	s.size += int64(len(data))
	return buf, s.scan.grow(len(data))
}
