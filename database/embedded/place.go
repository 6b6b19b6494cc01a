package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// systemDir takes the cluster in when root's server user cannot reach the directory asked for.
const systemDir = "/var/lib/tanamori"

// identity is the user the server runs as. PostgreSQL refuses to run as root.
type identity struct {
	uid, gid uint32
	drop     bool // we are root and change to uid, gid
}

// place is where a cluster lives.
type place struct {
	base  string // holds pg<major>/, the lock and, where its path is short enough, the socket
	moved string // why base is not below the directory asked for
	who   identity
}

// findPlace resolves the data directory and the user without making anything yet.
func findPlace(dataDir string) (place, error) {
	dir, err := resolve(dataDir)
	if err != nil {
		return place{}, fmt.Errorf("find the data directory: %w", err)
	}
	if !isRoot() {
		return place{base: dir, who: self()}, nil
	}
	who, err := serverUser()
	if err != nil {
		return place{}, err
	}
	at := placeForRoot(dir, who)
	if blocked := blockedBy(at.base, at.who); blocked != "" {
		// Each directory asked for keeps a cluster of its own.
		sum := sha256.Sum256([]byte(dir))
		name := filepath.Base(dir) + "-" + hex.EncodeToString(sum[:4])
		at = placeForRoot(filepath.Join(systemDir, name), who)
		at.moved = fmt.Sprintf("the server's user %d may not enter %s", at.who.uid, blocked)
		if blocked := blockedBy(at.base, at.who); blocked != "" {
			return place{}, fmt.Errorf("neither %s nor %s can be entered by user %d (%s)", dir, at.base, at.who.uid, blocked)
		}
	}
	return at, nil
}

// placeForRoot gives the server's user a directory of its own. A directory that already holds
// other things is not given away: the cluster goes one level down. An existing cluster keeps its
// owner, because PostgreSQL runs only as the owner of its files.
func placeForRoot(dir string, who identity) place {
	for _, base := range []string{dir, filepath.Join(dir, "postgres")} {
		if majors := majorsIn(base); len(majors) > 0 {
			fi, err := os.Stat(filepath.Join(base, "pg"+strconv.Itoa(majors[0])))
			if uid, gid := ownerOf(fi); err == nil && uid != 0 {
				who.uid, who.gid = uid, gid
			}
			return place{base: base, who: who}
		}
	}
	if entries, err := os.ReadDir(dir); err == nil && slices.ContainsFunc(entries, foreign) {
		return place{base: filepath.Join(dir, "postgres"), who: who}
	}
	return place{base: dir, who: who}
}

// foreign reports whether a directory entry is not one of ours.
func foreign(e fs.DirEntry) bool {
	return !strings.HasPrefix(e.Name(), "pg") && !strings.HasPrefix(e.Name(), ".s.PGSQL.")
}

// make creates the base directory, private to the server's user.
func (p place) make() error {
	var missing []string
	for dir := p.base; !exists(dir); dir = filepath.Dir(dir) {
		missing = append(missing, dir)
	}
	slices.Reverse(missing)
	for _, dir := range missing {
		mode := fs.FileMode(0o755)
		if dir == p.base {
			mode = 0o700
		}
		// Mkdir obeys the umask, under which the server's user might not get through.
		if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("make the data directory: %w", err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
	}
	fi, err := os.Stat(p.base)
	if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	uid, _ := ownerOf(fi)
	if !p.who.drop && !writable(p.base) {
		return fmt.Errorf("the data directory %s belongs to user %d: start as that user or as root", p.base, uid)
	}
	if !p.who.drop || uid == p.who.uid {
		return nil
	}
	if err := os.Chown(p.base, int(p.who.uid), int(p.who.gid)); err != nil {
		return fmt.Errorf("give the data directory to the server's user: %w", err)
	}
	return nil
}

// majorsIn lists the clusters in dir by their major version, the newest first.
func majorsIn(dir string) []int {
	found, err := filepath.Glob(filepath.Join(escapeGlob(dir), "pg*", "PG_VERSION"))
	if err != nil {
		return nil
	}
	var majors []int
	for _, f := range found {
		if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(f)), "pg")); err == nil {
			majors = append(majors, n)
		}
	}
	slices.Sort(majors)
	slices.Reverse(majors)
	return majors
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// resolve makes path absolute and follows the symlinks of the part of it that exists.
func resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", err
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// blockedBy returns the first directory above or at path that who may not enter, "" if none.
// Without this look exec fails with "permission denied", which reads as if the binary were wrong.
func blockedBy(path string, who identity) string {
	for dir := path; ; dir = filepath.Dir(dir) {
		fi, err := os.Stat(dir)
		if err == nil {
			uid, gid := ownerOf(fi)
			bit := fs.FileMode(0o001)
			switch {
			case uid == who.uid:
				bit = 0o100
			case gid == who.gid:
				bit = 0o010
			}
			// The last directory is made or given away by us, so only those above count.
			if dir != path && fi.Mode()&bit == 0 {
				return dir
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// socketLimit is the longest path of a Unix socket, in bytes (sun_path without its final zero).
const socketLimit = 107

// socketDir is base, unless the socket's path there would be too long for the kernel or holds a
// character that host lists give a meaning to; then a short private directory made for it.
func socketDir(base string, who identity) (string, error) {
	if len(base+"/"+socketName) <= socketLimit && !strings.ContainsAny(base, ",\"\n") {
		return base, nil
	}
	sum := sha256.Sum256([]byte(base))
	dir := filepath.Join("/tmp", "tanamori-"+strconv.Itoa(int(who.uid))+"-"+hex.EncodeToString(sum[:6]))
	if err := os.Mkdir(dir, 0o700); err == nil {
		if who.drop {
			if err := os.Chown(dir, int(who.uid), int(who.gid)); err != nil {
				return "", fmt.Errorf("make the socket directory: %w", err)
			}
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the socket directory: %w", err)
	}
	// Everybody may write to /tmp: what we found there must be ours.
	fi, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at the socket directory: %w", err)
	}
	if uid, _ := ownerOf(fi); !fi.IsDir() || uid != who.uid || fi.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("the socket directory %s is not private to user %d: remove it", dir, who.uid)
	}
	return dir, nil
}
