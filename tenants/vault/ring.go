// Package vault keeps secrets locked in the database under a key that lies outside it: who reads a table or a dump alone
// reads none of them. Values are locked by AES-256-GCM for one place (kind, town and id), so that none can be put where
// another belongs, and each names the key it is under, so that keys can be exchanged while everything runs.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const keyBytes = 32 // AES-256

// Ring is the keys that a process holds, in the order in which they were made: of a file or of the environment. It is safe
// to share. A file is read again when a key is asked for that it did not hold, so that a new one needs no restart.
type Ring struct {
	file string // "" where the words came from the environment

	mu    sync.Mutex
	ids   []string
	keys  map[string]cipher.AEAD
	stamp time.Time // of the file as it was read
}

// Parse reads keys of 64 hexadecimal digits, the oldest first, separated by commas or white space. Lines that begin with #
// are remarks. An error never quotes a key.
func Parse(text string) (*Ring, error) {
	r := &Ring{}
	return r, r.parse(text)
}

func (r *Ring) parse(text string) error {
	var ids []string
	keys := map[string]cipher.AEAD{}
	n := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for word := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r' }) {
			n++
			key, err := hex.DecodeString(word)
			if err != nil || len(key) != keyBytes {
				return fmt.Errorf("key %d is not 64 hexadecimal digits", n)
			}
			id, aead, err := open(key)
			if err != nil {
				return fmt.Errorf("key %d: %w", n, err)
			}
			if keys[id] == nil {
				ids = append(ids, id)
			}
			keys[id] = aead
		}
	}
	r.ids, r.keys = ids, keys
	return nil
}

func open(key []byte) (id string, aead cipher.AEAD, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", nil, err
	}
	// A nonce of 96 random bits before each value: 2^32 of them under one key are safe, and a Tanamori writes thousands.
	if aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(append([]byte("tanamori key id\x00"), key...))
	return hex.EncodeToString(sum[:8]), aead, nil
}

// Load reads the keys of a file. One that is not there is a ring without keys; one that others on the machine may read is
// refused.
func Load(file string) (*Ring, error) {
	r := &Ring{file: file}
	if err := r.read(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return r, nil
}

func (r *Ring) read() error {
	info, err := os.Stat(r.file)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return fmt.Errorf("%s may be read by everybody on this machine: chmod 600 it", r.file)
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	if err := r.parse(string(text)); err != nil {
		return fmt.Errorf("%s: %w", r.file, err)
	}
	if len(r.ids) == 0 {
		return fmt.Errorf("%s holds no key", r.file)
	}
	r.stamp = info.ModTime()
	return nil
}

// Where says in words where the keys come from.
func (r *Ring) Where() string {
	if r.file == "" {
		return "TANAMORI_SECRET_KEY"
	}
	return r.file
}

// Make adds a new key behind the others in the file, which it makes with mode 0600 where there is none, and gives its id. The
// file is on the disk when it returns.
func (r *Ring) Make() (id string, err error) {
	if r.file == "" {
		return "", errors.New("keys of TANAMORI_SECRET_KEY are added there, behind a comma: openssl rand -hex 32 makes one")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	free, err := alone(r.file)
	if err != nil {
		return "", fmt.Errorf("write the key: %w", err)
	}
	defer free()
	old, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails, see its documentation
	if id, _, err = open(key); err != nil {
		return "", err
	}
	if len(old) == 0 {
		old = []byte("# The keys that unlock Tanamori's secrets, the newest last. Keep a copy apart from the database's dumps: docs/operation.md.\n")
	}
	if !bytes.HasSuffix(old, []byte("\n")) {
		old = append(old, '\n')
	}
	if err := replace(r.file, append(append(old, hex.EncodeToString(key)...), '\n')); err != nil {
		return "", fmt.Errorf("write the key: %w", err)
	}
	return id, r.read()
}

// alone keeps other processes from writing the file meanwhile: two that read it and write it back would lose a key. It is the
// folder that is locked, since the file is replaced; what cannot be locked (a folder of NFS) is written without.
func alone(file string) (free func(), err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX)
	if err != nil && !errors.Is(err, syscall.EBADF) && !errors.Is(err, errors.ErrUnsupported) {
		return nil, errors.Join(err, dir.Close())
	}
	return func() { _ = dir.Close() }, nil // which unlocks
}

// replace writes a file whole or not at all, and has it on the disk before it returns.
func replace(file string, text []byte) (err error) {
	dir := filepath.Dir(file)
	f, err := os.CreateTemp(dir, filepath.Base(file)+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Newest is the id of the key that was made last; "" where there is none.
func (r *Ring) Newest() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ids) == 0 {
		return ""
	}
	return r.ids[len(r.ids)-1]
}

// IDs are the ids of the keys, the oldest first.
func (r *Ring) IDs() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// Holds tells whether the key of this id is there.
func (r *Ring) Holds(id string) bool { return r.key(id) != nil }

func (r *Ring) key(id string) cipher.AEAD {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.keys[id]; k != nil || r.file == "" {
		return k
	}
	if info, err := os.Stat(r.file); err != nil || info.ModTime().Equal(r.stamp) {
		return nil
	}
	_ = r.read() // what cannot be read holds no key, and whoever asked says so
	return r.keys[id]
}

// Lock locks a value for a place under the key of this id.
func (r *Ring) Lock(id, place string, plain []byte) ([]byte, error) {
	k := r.key(id)
	if k == nil {
		return nil, fmt.Errorf("%w: %s", errNoKey, id)
	}
	return k.Seal(nil, nil, plain, bound(place)), nil //nolint:gosec // no nonce is given: this cipher makes one itself, and puts it first
}

// Unlock gives what was locked for a place. Anything else is an error: another place, another key, a changed byte.
func (r *Ring) Unlock(id, place string, locked []byte) ([]byte, error) {
	k := r.key(id)
	if k == nil {
		return nil, fmt.Errorf("%w: %s", errNoKey, id)
	}
	plain, err := k.Open(nil, nil, locked, bound(place))
	if err != nil {
		return nil, fmt.Errorf("unlock the secret of %s: it was changed, or belongs elsewhere", place)
	}
	return plain, nil
}

func bound(place string) []byte { return []byte("tanamori vault\x00" + place) }
