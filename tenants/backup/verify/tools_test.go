package verify

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run runs a shell command in dir; the test is skipped where one of the tools
// it needs is not on the machine.
func run(t *testing.T, dir, command string, tools ...string) string {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s on this machine", tool)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", command, out)
	return string(out)
}

// What the real tools write is read to its end.
func TestRealTools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command string
		tools   []string
		format  Format
		outcome Outcome
	}{
		{"tar -cf $out d", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar --format=v7 -cf $out d/a d/b", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar --format=ustar -cf $out d/a d/b", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar --format=pax -cf $out d", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar -S -cf $out d", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar -S --format=pax -cf $out d", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar -V label -cf $out d", []string{"tar"}, FormatTar, OutcomeOK},
		{"tar -P -cf $out $PWD/d 2>/dev/null", []string{"tar"}, FormatTar, OutcomeFailed},
		{"tar -czf $out d", []string{"tar", "gzip"}, FormatTarGzip, OutcomeOK},
		{"tar -cf - d | gzip -1 > $out", []string{"tar", "gzip"}, FormatTarGzip, OutcomeOK},
		{"tar -cf - d | zstd -q > $out", []string{"tar", "zstd"}, FormatTarZstd, OutcomeOK},
		{"tar -cf - d | zstd -q -T2 --long=27 > $out", []string{"tar", "zstd"}, FormatTarZstd, OutcomeOK},
		{"tar -cf - d | zstd -q --ultra --long=31 > $out", []string{"tar", "zstd"}, FormatZstd, OutcomeFailed},
		{"tar -cf - d | pigz -p 2 > $out", []string{"tar", "pigz"}, FormatTarGzip, OutcomeOK},
		{"zip -qr $out.zip d && mv $out.zip $out", []string{"zip"}, FormatZip, OutcomeOK},
		{"zip -q0r $out.zip d && mv $out.zip $out", []string{"zip"}, FormatZip, OutcomeOK},
		{"zip -qr - d | cat > $out", []string{"zip"}, FormatZip, OutcomeOK},
		{"zip -q0r - d | cat > $out", []string{"zip"}, FormatZip, OutcomeOK},
		{"zip -qr -fz $out.zip d && mv $out.zip $out", []string{"zip"}, FormatZip, OutcomeOK},
		{"zip -qr -P secret $out.zip d && mv $out.zip $out", []string{"zip"}, FormatZip, OutcomeEncrypted},
		{"zip -qr -P secret - d | cat > $out", []string{"zip"}, FormatZip, OutcomeEncrypted},
		{"tar -cf - d | openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -out $out", []string{"tar", "openssl"}, FormatOpenSSL, OutcomeEncrypted},
		{"GNUPGHOME=$PWD gpg --batch -q --pinentry-mode loopback --passphrase x -c -o $out d/a 2>/dev/null; gpgconf --homedir $PWD --kill all", []string{"gpg", "gpgconf"}, FormatOpenPGP, OutcomeEncrypted},
		{"sqlite3 $out \"pragma auto_vacuum=2; create table t(id integer primary key, b blob, c text); create index i on t(c); with recursive r(x) as (select 1 union all select x+1 from r where x<3000) insert into t select x, randomblob(x), hex(randomblob(20)) from r; delete from t where id%3=0; pragma incremental_vacuum(50);\"", []string{"sqlite3"}, FormatSQLite, OutcomeOK},
	} {
		t.Run(strings.ReplaceAll(c.command[:min(len(c.command), 40)], "/", "."), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "d"), 0o755))
			for name, data := range map[string][]byte{"a": text(50_000), "b": noise(70_000, 6), "empty": nil,
				strings.Repeat("長", 60): text(10), "hole": append(make([]byte, 2<<20), 'x')} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "d", name), data, 0o644))
			}
			require.NoError(t, os.Symlink("a", filepath.Join(dir, "d", "link")))
			run(t, dir, "out=out; "+c.command, c.tools...)
			data, err := os.ReadFile(filepath.Join(dir, "out"))
			require.NoError(t, err)
			r := read(t, data, "out")
			require.Equal(t, c.outcome, r.Structure, "%v", r.Reason)
			require.Equal(t, c.format, r.Format)
		})
	}
}

// The archives made by hand in these tests are ones the real tools take.
func TestFixturesAreReal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.db"), makeSQLite(false), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.dump"), customDump(t, 14, -1), 0o644))
	t.Run("sqlite", func(t *testing.T) {
		require.Equal(t, "ok\n42\n", run(t, dir, "sqlite3 a.db 'pragma integrity_check; select a from koseki'", "sqlite3"))
	})
	t.Run("pg_restore", func(t *testing.T) {
		require.Contains(t, run(t, dir, "pg_restore -l a.dump", "pg_restore"), "TABLE DATA")
	})
}
