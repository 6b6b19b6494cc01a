package store

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"strings"
)

const sidecarSuffix = ".sha256"

// MaxSidecar bounds the checksum file that is read, in bytes.
const MaxSidecar = 64_000

// Sidecar reads the checksum the source wrote beside an object,
// "<name>.sha256", and returns it as lower-case hex. found is false (without an
// error) when there is no such file; a file that is there but cannot be used is
// an ErrSidecar error, because somebody meant it to be checked.
func Sidecar(ctx context.Context, s Store, name string) (sum string, found bool, err error) {
	file := name + sidecarSuffix
	f, err := s.Open(ctx, file)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer f.Close()
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() { // the read may hang as any other call
		data, err := io.ReadAll(io.LimitReader(f, MaxSidecar+1))
		done <- result{data, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		r.err = ctx.Err()
	}
	if r.err != nil {
		return "", false, &Error{Op: "read", Name: file, Kind: ErrUnreachable, Err: r.err}
	}
	sum, err = ParseSidecar(r.data, path.Base(name))
	if err != nil {
		return "", false, &Error{Op: "read", Name: file, Kind: ErrSidecar, Err: err}
	}
	return sum, true, nil
}

var (
	errSidecarLong  = errors.New("longer than 64 kB")
	errSidecarForm  = errors.New("holds no SHA-256 checksum")
	errSidecarOther = errors.New("names another file")
	errSidecarTwice = errors.New("names the file with different checksums")
)

// ParseSidecar finds the SHA-256 of the file called base (no directory) in a
// checksum file: lines of sha256sum ("<hex>  name", "<hex> *name", also with
// the leading backslash of an escaped name), of BSD ("SHA256 (name) = <hex>"),
// or the bare hex alone. Directories in names are ignored: the source wrote the
// file elsewhere. CRLF, a byte order mark and comments are tolerated.
func ParseSidecar(data []byte, base string) (string, error) {
	if len(data) > MaxSidecar {
		return "", errSidecarLong
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	found, others := "", 0
	for line := range strings.Lines(text) {
		sum, name, ok := sidecarLine(strings.TrimRight(line, "\r\n"))
		if !ok {
			continue
		}
		if name != "" && path.Base(strings.ReplaceAll(name, `\`, "/")) != base && path.Base(name) != base {
			others++
			continue
		}
		if found != "" && found != sum {
			return "", errSidecarTwice
		}
		found = sum
	}
	switch {
	case found != "":
		return found, nil
	case others > 0:
		return "", errSidecarOther
	default:
		return "", errSidecarForm
	}
}

// sidecarLine takes one line apart; name is "" for bare hex.
func sidecarLine(line string) (sum, name string, ok bool) {
	line = strings.TrimSpace(line)
	if rest, bsd := strings.CutPrefix(line, "SHA256"); bsd {
		rest = strings.TrimPrefix(rest, " ")
		end := strings.LastIndex(rest, ")")
		if !strings.HasPrefix(rest, "(") || end < 1 {
			return "", "", false
		}
		sum, isSum := strings.CutPrefix(strings.TrimSpace(rest[end+1:]), "=")
		sum = strings.TrimSpace(sum)
		return strings.ToLower(sum), rest[1:end], isSum && isSHA256(sum)
	}
	escaped := strings.HasPrefix(line, `\`)
	line = strings.TrimPrefix(line, `\`)
	sum, name, _ = strings.Cut(line, " ")
	if !isSHA256(sum) {
		return "", "", false
	}
	if name != "" && (name[0] == ' ' || name[0] == '*') { // how it was read, as text or binary: one character, whatever follows
		name = name[1:]
	}
	if escaped {
		name = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(name)
	}
	return strings.ToLower(sum), name, true
}

func isSHA256(s string) bool {
	if len(s) != 64 {
		return false
	}
	_, err := hex.DecodeString(s)
	return err == nil
}
