package verify

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tanamori/tenants/backup/verify/inflate"
)

// scan is the state the parsers of one pass share: budgets and what they count.
type scan struct {
	ctx    context.Context
	limits Limits
	now    func() time.Time
	start  time.Time
	packed *feed // the file itself
	cores  int   // that may be used for unpacking

	unpacked atomic.Int64
	entries  atomic.Int64

	// The following belong to whichever parser runs innermost.
	innerFormat Format
	badName     string
	badNames    int64
	checked     bool // false as soon as something without a checksum was met

	tool *inflate.Decoder // one decoder and one buffer for all small streams
	over *bufio.Reader

	locked      bool // something encrypted was met
	lockedFault error
}

// decoder returns the decoder shared by all streams inside one container.
func (s *scan) decoder(sink inflate.Sink) *inflate.Decoder {
	if s.tool == nil {
		s.tool = inflate.NewDecoder(sink, make([]byte, inflate.BufferSize))
	}
	s.tool.Reset(sink)
	return s.tool
}

// bufferOver returns the buffer shared by them, over r.
func (s *scan) bufferOver(r io.Reader) *bufio.Reader {
	if s.over == nil {
		s.over = bufio.NewReaderSize(r, 64<<10)
	}
	s.over.Reset(r)
	return s.over
}

// fault is what a parser found wrong, or cannot look into.
type fault struct {
	outcome Outcome
	code    string
	params  map[string]string
}

func (f *fault) Error() string { return fmt.Sprintf("%s %v", f.code, f.params) }

func newFault(outcome Outcome, code string, pairs []string) *fault {
	f := &fault{outcome: outcome, code: code, params: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.params[pairs[i]] = pairs[i+1]
	}
	return f
}

func fail(code string, pairs ...string) *fault { return newFault(OutcomeFailed, code, pairs) }

// truncated: the data ended at byte at; expected, where known, is how far it
// should have gone.
func truncated(at, expected int64) *fault {
	if expected > at {
		return fail("verify.truncated", "at", digits(at), "expected", digits(expected))
	}
	return fail("verify.truncated_at", "at", digits(at))
}

// corrupt: something at byte at is not what the format asks for.
func corrupt(format Format, at int64) *fault {
	return fail("verify.corrupt", "format", string(format), "at", digits(at))
}

// ended turns the end of the data in the middle of something into truncated
// and passes other errors on.
func ended(err error, at, expected int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return truncated(at, expected)
	}
	return err
}

// grow counts n more unpacked bytes and refuses what no honest backup does.
func (s *scan) grow(n int) error {
	total := s.unpacked.Add(int64(n))
	read := s.packed.read.Load()
	switch {
	case total > s.limits.MaxUnpacked:
		return fail("verify.bomb", "unpacked", digits(total), "packed", digits(read))
	case total > s.limits.FreeUnpacked && (total-s.limits.FreeUnpacked)/s.limits.MaxRatio > read:
		return fail("verify.bomb", "unpacked", digits(total), "packed", digits(read))
	}
	return s.tick()
}

// tick checks the time; parsers call it once for each piece of work.
func (s *scan) tick() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.now == nil {
		return nil
	}
	gib := float64(s.packed.read.Load()) / (1 << 30)
	limit := s.limits.MaxWork + time.Duration(gib*float64(s.limits.PerGiB))
	if worked := s.now().Sub(s.start) - time.Duration(s.packed.waited.Load()); worked > limit {
		return fail("verify.too_long", "seconds", strconv.FormatInt(int64(limit/time.Second), 10))
	}
	return nil
}

// entry counts one entry of an archive and looks at its name.
func (s *scan) entry(name string) {
	s.entries.Add(1)
	s.look(name)
}

func (s *scan) look(name string) {
	if !leavesRoot(name) {
		return
	}
	if s.badNames++; s.badNames == 1 {
		s.badName = printable(name)
	}
}

func (s *scan) suspicion() error {
	if s.badNames == 0 {
		return nil
	}
	return fail("verify.traversal", "name", s.badName, "count", strconv.FormatInt(s.badNames, 10))
}

// leavesRoot reports whether unpacking name on any system could write outside
// the folder unpacked into.
func leavesRoot(name string) bool {
	if name == "" {
		return false
	}
	if name[0] == '/' || name[0] == '\\' || len(name) > 1 && name[1] == ':' && isLetter(name[0]) {
		return true
	}
	if !strings.Contains(name, "..") {
		return false
	}
	for element := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if element == ".." {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// printable shortens a hostile name and makes it safe to show.
func printable(name string) string {
	name = strings.ToValidUTF8(name, "?")
	name = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80]) + "…"
	}
	return name
}

// digits writes a count with a comma after every three digits.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
