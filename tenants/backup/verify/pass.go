package verify

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"runtime"
	"time"
)

const (
	blockSize  = 1 << 20
	blockCount = 8
	peekSize   = 256 << 10 // what the parser of unpacked data can look ahead
)

// pass is one reading of one file: a goroutine reads, one hashes, one parses.
type pass struct {
	ctx    context.Context
	cancel context.CancelFunc
	src    io.Reader
	opts   Options

	free  *blocks
	hash  chan *block
	feed  *feed
	scan  *scan
	start time.Time

	bytes   int64 // by the reader, read by others after it ended
	readErr error
	sum     hash.Hash
	format  Format
	fault   error
}

func newPass(ctx context.Context, src io.Reader, opts Options) *pass {
	opts.Limits = opts.Limits.withDefaults()
	p := &pass{src: src, opts: opts, sum: sha256.New()}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.free = newBlocks(blockCount, p.fit(blockSize))
	p.hash = make(chan *block, blockCount)
	p.feed = &feed{ctx: p.ctx, ch: make(chan *block, blockCount), now: opts.Now}
	p.scan = &scan{ctx: p.ctx, limits: opts.Limits, now: opts.Now, packed: p.feed, checked: true, cores: 1}
	if !opts.OneCore {
		p.scan.cores = min(2, runtime.GOMAXPROCS(0))
	}
	return p
}

// fit makes buffers smaller where the whole file is.
func (p *pass) fit(size int) int {
	if p.opts.Size > 0 {
		return int(min(int64(size), max(p.opts.Size+1, 4*headSize)))
	}
	return size
}

func (p *pass) run() (Report, error) {
	defer p.cancel()
	if p.opts.Now != nil {
		p.start = p.opts.Now()
		p.scan.start = p.start
	}
	done := make(chan struct{}, 3)
	for _, part := range []func(){p.readAll, p.hashAll, p.parseAll} {
		go func() {
			part()
			done <- struct{}{}
		}()
	}
	for range 3 {
		select {
		case <-done:
		case <-p.ctx.Done():
			return Report{}, p.ctx.Err()
		}
	}
	if err := p.ctx.Err(); err != nil {
		return Report{}, err
	}
	report := p.report()
	return report, p.readErr
}

// readAll fills blocks and hands each to the hash and to the parser.
func (p *pass) readAll() {
	defer close(p.hash)
	defer close(p.feed.ch)
	for {
		b, err := p.free.get(p.ctx)
		if err != nil {
			p.feed.err = err
			return
		}
		n, err := io.ReadFull(p.src, b.buf)
		p.bytes += int64(n)
		if n > 0 {
			b.data = b.buf[:n]
			b.refs.Store(2)
			p.hash <- b // both have room for all blocks there are
			p.feed.ch <- b
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			p.feed.err = io.EOF
			return
		case err != nil:
			p.readErr = &ReadError{At: p.bytes, Err: err}
			p.feed.err = p.readErr
			return
		}
	}
}

func (p *pass) hashAll() {
	for {
		select {
		case b, ok := <-p.hash:
			if !ok {
				return
			}
			_, _ = p.sum.Write(b.data) // never fails
			b.release()
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *pass) parseAll() {
	p.format, p.fault = p.scan.top(bufio.NewReaderSize(p.feed, p.fit(peekSize)), p.opts.Name)
	p.feed.drain()
}

func (p *pass) report() Report {
	s := p.scan
	r := Report{
		Bytes: p.bytes, SHA256: hex.EncodeToString(p.sum.Sum(nil)),
		Format: p.format, Inner: s.innerFormat, Entries: s.entries.Load(), UnpackedBytes: s.unpacked.Load(),
	}
	if p.opts.Now != nil {
		r.Took = p.opts.Now().Sub(p.start)
	}
	err := p.fault
	if err == nil {
		err = s.suspicion() // names that lie, in a container that does not
	}
	if err == nil && s.locked {
		err = s.lockedFault
	}
	var f *fault
	switch {
	case p.bytes == 0 && p.readErr == nil:
		f = fail("verify.zero")
	case p.opts.Size > 0 && p.bytes != p.opts.Size && p.readErr == nil:
		f = fail("verify.size", "at", digits(p.bytes), "expected", digits(p.opts.Size))
	case p.readErr != nil:
		f = fail("verify.unreadable", "at", digits(p.bytes))
	case err == nil:
	case errors.As(err, &f):
	default:
		f = fail("verify.corrupt", "format", string(p.format), "at", digits(p.feed.read.Load()))
	}
	r.Structure = OutcomeOK
	if f != nil {
		r.Structure, r.Reason = f.outcome, &Reason{Code: f.code, Params: f.params}
	}
	r.Encrypted = s.locked || r.Structure == OutcomeEncrypted
	r.Checked = r.Structure == OutcomeOK && s.checked
	return r
}
