package verify

import (
	"bufio"
	"bytes"
	"path"
	"strings"
)

// headSize is how much of the beginning decides what a file is.
const headSize = 4096

var magics = []struct {
	prefix string
	format Format
}{
	{"\x1f\x8b", FormatGzip},
	{"\x28\xb5\x2f\xfd", FormatZstd},
	{"PK\x03\x04", FormatZip},
	{"PK\x05\x06", FormatZip}, // no entries
	{"PGDMP", FormatPGCustom},
	{"SQLite format 3\x00", FormatSQLite},
	{"age-encryption.org/v1\n", FormatAge},
	{"-----BEGIN AGE ENCRYPTED FILE-----", FormatAge},
	{"-----BEGIN PGP MESSAGE-----", FormatOpenPGP},
	{"Salted__", FormatOpenSSL},
	{"LUKS\xba\xbe", FormatLUKS},
	{"\xfd7zXZ\x00", FormatXZ},
	{"BZh", FormatBzip2},
	{"7z\xbc\xaf\x27\x1c", FormatSevenZip},
	{"Rar!\x1a\x07", FormatRAR},
	{"\x04\x22\x4d\x18", FormatLZ4},
}

// detect says what the bytes at the beginning of a file are.
func detect(head []byte) Format {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return m.format
		}
	}
	switch {
	case isSkippable(head):
		return FormatZstd
	case isPGPlain(head):
		return FormatPGPlain
	case len(head) >= tarBlock && tarChecksumHolds(head[:tarBlock]):
		return FormatTar
	case isOpenPGP(head):
		return FormatOpenPGP
	}
	return FormatUnknown
}

// isOpenPGP recognises the first packet of an encrypted OpenPGP message
// (RFC 9580 §4, §5.1, §5.3): a session key for a public key or for a password,
// or the encrypted data itself.
func isOpenPGP(head []byte) bool {
	if len(head) < 8 || head[0]&0x80 == 0 {
		return false
	}
	var tag, length, body int
	if head[0]&0x40 != 0 { // new packet format
		tag = int(head[0] & 0x3f)
		switch n := int(head[1]); {
		case n < 192:
			length, body = n, 2
		case n < 224:
			length, body = (n-192)<<8+int(head[2])+192, 3
		case n == 255:
			length, body = 1<<30, 6
		default:
			length, body = 1<<30, 2 // partial lengths
		}
	} else {
		tag = int(head[0] >> 2 & 0xf)
		switch head[0] & 3 {
		case 0:
			length, body = int(head[1]), 2
		case 1:
			length, body = int(head[1])<<8+int(head[2]), 3
		case 2:
			length, body = 1<<30, 5
		default:
			length, body = 1<<30, 1
		}
	}
	version := head[body]
	switch tag {
	case 1: // a PKESK with an RSA, ElGamal, ECDH or X25519 key is never short
		return (version == 3 || version == 6) && length > 40 && length < 4096
	case 3:
		return version >= 4 && version <= 6 && length >= 4 && length < 256 && head[body+1] > 0 && head[body+1] <= 13
	case 18:
		return (version == 1 || version == 2) && length > 20
	}
	return false
}

// expected is the format a file's name promises; FormatUnknown where it
// promises none that this package reads.
func expected(name string) (format Format, encrypted bool) {
	lower := strings.ToLower(path.Base(name))
	switch ext := path.Ext(lower); ext {
	case ".age", ".gpg", ".pgp", ".enc", ".aes":
		return FormatUnknown, true
	case ".gz", ".tgz":
		return FormatGzip, false
	case ".zst", ".zstd", ".tzst":
		return FormatZstd, false
	case ".zip":
		return FormatZip, false
	case ".tar":
		return FormatTar, false
	case ".sqlite", ".sqlite3":
		return FormatSQLite, false
	}
	return FormatUnknown, false
}

// encryptedFormat reports whether f is a container that only its key opens.
func encryptedFormat(f Format) bool {
	return f == FormatAge || f == FormatOpenPGP || f == FormatOpenSSL || f == FormatLUKS
}

func encryptedFault(f Format) *fault {
	return newFault(OutcomeEncrypted, "verify.encrypted", []string{"format", string(f)})
}

// top parses a whole file.
func (s *scan) top(br *bufio.Reader, name string) (format Format, err error) {
	defer func() {
		if r := recover(); r != nil { // a parser must not take the process down
			err = corrupt(format, s.packed.read.Load())
		}
	}()
	head, peekErr := br.Peek(headSize)
	if len(head) == 0 {
		return FormatUnknown, peekErr
	}
	format = detect(head)
	in := &counted{Reader: br, src: s.packed}
	if format == FormatUnknown {
		return format, s.unknown(in, name)
	}
	switch format { //nolint:exhaustive // the others are plain
	case FormatGzip:
		inner, err := s.gzip(br)
		if inner == FormatTar {
			format = FormatTarGzip
		}
		return format, err
	case FormatZstd:
		inner, err := s.zstd(in)
		if inner == FormatTar {
			format = FormatTarZstd
		}
		return format, err
	case FormatZip:
		return format, s.zip(in)
	}
	return format, s.plain(in, format)
}

// plain parses what is not compressed: the whole file, or what came out of one
// decompression (nesting ends there).
func (s *scan) plain(in *counted, format Format) error {
	switch {
	case format == FormatTar:
		s.checked = false // only headers carry a checksum
		return s.tar(in)
	case format == FormatPGCustom:
		return s.pgCustom(in)
	case format == FormatPGPlain:
		s.checked = false
		return s.pgPlain(in)
	case format == FormatSQLite:
		s.checked = false
		return s.sqlite(in)
	case encryptedFormat(format):
		return encryptedFault(format)
	}
	return newFault(OutcomeUnknown, "verify.unsupported", []string{"format", string(format)})
}

// unknown handles content nothing is known about.
func (s *scan) unknown(in *counted, name string) error {
	first, _ := in.Peek(1)
	if first[0] == 0 {
		at, err := in.zerosOnly()
		if err != nil {
			return err
		}
		if at < 0 {
			return fail("verify.all_zero", "bytes", digits(in.at))
		}
	}
	want, locked := expected(name)
	switch {
	case locked:
		return newFault(OutcomeEncrypted, "verify.encrypted_name", nil)
	case want != FormatUnknown:
		return fail("verify.not_as_named", "format", string(want))
	}
	return newFault(OutcomeUnknown, "verify.unknown", nil)
}

// inner parses what a decompression gives out, and reports what it was. Content
// without a readable format is no fault: the compressed container itself was
// read to its end and its checksum compared.
func (s *scan) inner(r *bufio.Reader, src *feed) (format Format, err error) {
	in := &counted{Reader: r, src: src}
	defer func() {
		if r := recover(); r != nil { // a parser must not take the process down
			err = corrupt(format, in.at)
		}
	}()
	head, _ := r.Peek(headSize)
	format = detect(head)
	s.innerFormat = format
	switch {
	case format == FormatTar, format == FormatPGCustom, format == FormatPGPlain, format == FormatSQLite:
		checked := s.checked
		err = s.plain(in, format)
		s.checked = checked // the container around it has checksums
	case encryptedFormat(format):
		s.locked, s.lockedFault = true, encryptedFault(format)
	}
	return format, err
}
