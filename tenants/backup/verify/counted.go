package verify

import (
	"bufio"
	"errors"
	"io"
)

// counted is a bufio.Reader that knows how far it is.
type counted struct {
	*bufio.Reader
	at  int64
	src *feed // what the bufio.Reader reads from, where it is a feed
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.at += int64(n)
	return n, err
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.Reader.ReadByte()
	if err == nil {
		c.at++
	}
	return b, err
}

// full reads exactly len(p) bytes; what is missing is a truncation.
func (c *counted) full(p []byte) error {
	begin := c.at
	if _, err := io.ReadFull(c, p); err != nil {
		return ended(err, c.at, begin+int64(len(p)))
	}
	return nil
}

// skip passes over n bytes; what is missing is a truncation.
func (c *counted) skip(n int64) error {
	end := c.at + n
	for n > 0 {
		var k int64
		var err error
		if buffered := int64(c.Reader.Buffered()); buffered > 0 || c.src == nil {
			most := int64(peekSize)
			if buffered > 0 {
				most = buffered
			}
			var some int
			some, err = c.Reader.Discard(int(min(n, most)))
			k = int64(some)
		} else {
			k, err = c.src.skip(n)
		}
		c.at += k
		n -= k
		if err != nil {
			return ended(err, c.at, end)
		}
	}
	return nil
}

// zerosOnly reads to the end and reports the position of the first byte that
// is not zero, -1 when there is none.
func (c *counted) zerosOnly() (int64, error) {
	for {
		p, err := c.Reader.Peek(max(1, c.Reader.Buffered()))
		for i, b := range p {
			if b != 0 {
				return c.at + int64(i), nil
			}
		}
		_, _ = c.Reader.Discard(len(p))
		c.at += int64(len(p))
		if errors.Is(err, io.EOF) {
			return -1, nil
		}
		if err != nil {
			return -1, err
		}
	}
}
