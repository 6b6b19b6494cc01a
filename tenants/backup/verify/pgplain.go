package verify

import (
	"bytes"
	"errors"
	"io"
	"regexp"
)

// pgTail is how much of the end of a plain dump is kept to find its trailer.
const pgTail = 4096

var (
	pgHead = regexp.MustCompile(`(?m)^-- PostgreSQL database (cluster )?dump\r?$`)
	pgKey  = regexp.MustCompile(`(?m)^\\restrict \w+\r?$`) // since the minor releases of August 2025
	pgEnd  = regexp.MustCompile(`(?m)^-- PostgreSQL database (cluster )?dump complete\n--\n\n+(\\unrestrict \w+\n\n*)?\z`)
)

// isPGPlain recognises the comment a plain dump of pg_dump or pg_dumpall begins
// with.
func isPGPlain(head []byte) bool {
	return bytes.HasPrefix(head, []byte("--")) && pgHead.Match(head[:min(len(head), 512)])
}

// pgPlain reads a plain dump: it must end with the comment that pg_dump writes
// last, and hold no zero byte, which no text of PostgreSQL can (a hole torn by a
// full disk or a crash is made of them).
func (s *scan) pgPlain(in *counted) error {
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	m := pgHead.FindSubmatch(head)
	if m == nil {
		return corrupt(FormatPGPlain, 0)
	}
	cluster, keyed := len(m[1]) > 0, pgKey.Match(head)
	var tail []byte
	for {
		p, err := in.Peek(max(1, in.Buffered()))
		if i := bytes.IndexByte(p, 0); i >= 0 {
			return corrupt(FormatPGPlain, in.at+int64(i))
		}
		if len(p) >= pgTail {
			tail = append(tail[:0], p[len(p)-pgTail:]...)
		} else {
			tail = append(tail, p...)
			tail = tail[max(0, len(tail)-pgTail):]
		}
		_, _ = in.Discard(len(p))
		in.at += int64(len(p))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := s.tick(); err != nil {
			return err
		}
	}
	end := pgEnd.FindSubmatch(bytes.ReplaceAll(tail, []byte("\r\n"), []byte("\n")))
	// pg_dumpall takes its key back before the databases, pg_dump at the end.
	if end == nil || len(end[1]) > 0 != cluster || keyed && !cluster && len(end[2]) == 0 {
		return fail("verify.no_trailer", "at", digits(in.at))
	}
	return nil
}
