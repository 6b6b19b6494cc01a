package demo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// content is a made-up export: lines that compress about as a register's dump does, never twice the same.
func content(r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 200)
	for b.Len() < size {
		fmt.Fprintf(&b, "%010d\t%08x%08x\t令和%d年%d月%d日\t見本\t%06d\n", r.Int64N(1e10), r.Uint32(), r.Uint32(), 1+r.IntN(8), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1e6))
	}
	return b.Bytes()
}

// archive is a whole backup of about this many kilobytes, in the container that the file name's ending says.
func archive(ext string, seed uint64, kilobytes int, at time.Time) ([]byte, error) {
	r := rand.New(rand.NewPCG(seed, 2026)) //nolint:gosec // made-up content that is the same on every machine, no secret
	size := kilobytes * 1000 * (97 + r.IntN(7)) / 100
	raw := size * 12 / 10 // these lines shrink to about four fifths
	var out bytes.Buffer
	err := func() error {
		switch ext {
		case "tar.gz":
			z := gzip.NewWriter(&out)
			return closing(z, tarball(z, r, raw, at))
		case "tar.zst":
			z, err := zstd.NewWriter(&out)
			if err != nil {
				return err
			}
			return closing(z, tarball(z, r, raw, at))
		case "zip":
			return zipped(&out, r, raw, at)
		case "sql.gz":
			z := gzip.NewWriter(&out)
			return closing(z, dump(z, r, raw))
		case "sql.zst":
			z, err := zstd.NewWriter(&out)
			if err != nil {
				return err
			}
			return closing(z, dump(z, r, raw))
		}
		return fmt.Errorf("no archive called %q", ext)
	}()
	if err != nil {
		return nil, fmt.Errorf("make a %s: %w", ext, err)
	}
	return out.Bytes(), nil
}

func closing(c io.Closer, err error) error {
	if err != nil {
		return err
	}
	return c.Close()
}

func tarball(w io.Writer, r *rand.Rand, size int, at time.Time) error {
	t := tar.NewWriter(w)
	for i := range 4 {
		b := content(r, size/4)
		h := &tar.Header{Name: fmt.Sprintf("koseki/table-%d.tsv", i+1), Mode: 0o600, Size: int64(len(b)), ModTime: at, Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(b); err != nil {
			return err
		}
	}
	return t.Close()
}

func zipped(w io.Writer, r *rand.Rand, size int, at time.Time) error {
	z := zip.NewWriter(w)
	for i := range 3 {
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("koseki/table-%d.tsv", i+1), Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		if _, err := f.Write(content(r, size/3)); err != nil {
			return err
		}
	}
	return z.Close()
}

func dump(w io.Writer, r *rand.Rand, size int) error {
	_, err := fmt.Fprintf(w, "--\n-- PostgreSQL database dump\n--\n\nCOPY public.koseki (id, hash, day, name, no) FROM stdin;\n%s\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n", content(r, size))
	return err
}

// place puts a finished backup on the store as a well-behaved job does: written under another name, its checksum beside
// it, then renamed; its time is when it was done.
func place(dir, name string, b []byte, sum string, at time.Time) error {
	full := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		return fmt.Errorf("place %s: %w", name, err)
	}
	for file, data := range map[string][]byte{full + ".sha256": []byte(sum + "  " + filepath.Base(name) + "\n"), full: b} {
		tmp := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".tmp")
		if err := os.WriteFile(tmp, data, 0o640); err != nil { //nolint:gosec // the verifier, another user's process at times, reads it
			return fmt.Errorf("place %s: %w", name, err)
		}
		if err := os.Chtimes(tmp, at, at); err != nil {
			return fmt.Errorf("place %s: %w", name, err)
		}
		if err := os.Rename(tmp, file); err != nil {
			return fmt.Errorf("place %s: %w", name, err)
		}
	}
	return nil
}

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// fileName is what a machine calls its backup of the run that was scheduled then.
func (m machine) fileName(scheduled time.Time) string {
	return strings.ReplaceAll(m.pattern(), "{YYYY}{MM}{DD}", scheduled.Format("20060102"))
}

func (m machine) pattern() string {
	kind := map[string]string{"戸籍正": "koseki-main", "戸籍副": "koseki-sub", "連携": "renkei", "附票": "fuhyo"}[m.name]
	return kind + "-{YYYY}{MM}{DD}." + m.ext
}
