package verify

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// block is a reusable buffer on its way from one producer to its readers.
type block struct {
	buf  []byte
	data []byte // the part of buf that counts
	refs atomic.Int32
	home chan *block
}

// release gives the block back once every reader is done with it.
func (b *block) release() {
	if b.refs.Add(-1) == 0 {
		b.home <- b // has room for all blocks there are
	}
}

// blocks makes up to cap(home) blocks, no more than are needed at once.
type blocks struct {
	home chan *block
	made int
	size int
}

func newBlocks(n, size int) *blocks { return &blocks{home: make(chan *block, n), size: size} }

// get returns a free block, and waits for one once all are made.
func (b *blocks) get(ctx context.Context) (*block, error) {
	select {
	case free := <-b.home:
		return free, nil
	default:
	}
	if b.made < cap(b.home) {
		b.made++
		return &block{buf: make([]byte, b.size), home: b.home}, nil
	}
	select {
	case free := <-b.home:
		return free, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// feed is an io.Reader over the blocks that arrive in a channel. The producer
// sets err before it closes the channel; io.EOF is a proper end.
type feed struct {
	ctx context.Context
	ch  chan *block
	err error // the producer's, readable once ch is closed

	end error // the reader's: why nothing more comes

	cur  *block
	rest []byte
	read atomic.Int64 // bytes handed out

	now    func() time.Time
	waited atomic.Int64 // nanoseconds spent waiting for blocks
}

func (f *feed) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if !f.next() { // end stays as it is once set
			return 0, f.end
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	f.read.Add(int64(n))
	return n, nil
}

// next waits for a block; false at the end, with err set.
func (f *feed) next() bool {
	if f.cur != nil {
		f.cur.release()
		f.cur, f.rest = nil, nil
	}
	if f.end != nil {
		return false
	}
	var b *block
	var ok bool
	select {
	case b, ok = <-f.ch:
	default:
		var from time.Time
		if f.now != nil {
			from = f.now()
		}
		select {
		case b, ok = <-f.ch:
		case <-f.ctx.Done():
			f.end = f.ctx.Err()
			return false
		}
		if f.now != nil {
			f.waited.Add(int64(f.now().Sub(from)))
		}
	}
	if !ok {
		if f.end = f.err; f.end == nil {
			f.end = io.ErrUnexpectedEOF
		}
		return false
	}
	f.cur, f.rest = b, b.data
	return true
}

// skip passes over n bytes without copying them.
func (f *feed) skip(n int64) (skipped int64, err error) {
	for skipped < n {
		if len(f.rest) == 0 && !f.next() {
			return skipped, f.end
		}
		k := min(n-skipped, int64(len(f.rest)))
		f.rest = f.rest[k:]
		f.read.Add(k)
		skipped += k
	}
	return skipped, nil
}

// drain lets everything that still comes go by.
func (f *feed) drain() {
	for f.next() {
		f.read.Add(int64(len(f.rest)))
	}
}

// stopped reports whether err only says that the pass is being given up.
func stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
