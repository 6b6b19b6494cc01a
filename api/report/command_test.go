package report_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"tanamori/api/report"
	"tanamori/database/databasetest"
	"tanamori/tenants/checkin/body"
)

// role makes the test binary play a program: a backup command, or the reporting
// process that a test kills.
const role = "TANAMORI_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		databasetest.NoLeaks(m)
	case "backup":
		play(os.Args[1:])
	case "report":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := report.Run(ctx, report.Options{
			PingURL: os.Args[1], Files: os.Args[2:], Start: true, Sidecar: true, Stdout: os.Stdout, Stderr: os.Stderr,
		})
		stop()
		os.Exit(code)
	}
}

// play is the backup command: words of what to do.
func play(words []string) {
	for _, w := range words {
		verb, rest, _ := strings.Cut(w, ":")
		switch verb {
		case "out":
			fmt.Fprintln(os.Stdout, rest)
		case "err":
			fmt.Fprintln(os.Stderr, rest)
		case "flood":
			line := strings.Repeat("戸", 100) + "\n"
			for range 2000 {
				_, _ = io.WriteString(os.Stdout, line)
			}
		case "write":
			_ = os.WriteFile(rest, []byte("dump"), 0o600)
		case "copy":
			_, _ = io.Copy(os.Stdout, os.Stdin)
		case "wait":
			time.Sleep(time.Minute)
		case "kill":
			me, _ := os.FindProcess(os.Getpid())
			_ = me.Kill()
			time.Sleep(time.Minute)
		case "exit":
			code, _ := strconv.Atoi(rest)
			os.Exit(code)
		}
	}
	os.Exit(0)
}

// backup is a command line that plays the words. The role reaches it by way of
// env, because a report hands its own environment on.
func backup(t *testing.T, words ...string) []string {
	t.Helper()
	env, err := exec.LookPath("env")
	if err != nil {
		t.Skip("no env to start a program with another environment")
	}
	return append([]string{env, role + "=backup", os.Args[0]}, words...)
}

func TestCommandBetweenStartAndEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dump := filepath.Join(b.dir, "db.dump")
	b.Stdin = strings.NewReader("handed in\n")
	b.Command = backup(t, "copy", "out:processed 7 files, 1.000 KiB in 0:09", "out:snapshot 1a2b3c4d saved", "err:done", "write:"+dump)
	b.Files = []string{dump}

	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, []string{"POST /start", "POST /0"}, b.paths())
	require.Equal(t, rid, b.heard[0].RID)
	require.Equal(t, rid, b.last().RID)
	require.InDelta(t, 0, b.last().Body["exit_status"], 0)
	require.InDelta(t, 4, b.last().Body["bytes"], 0, "the file is read after the command")
	require.Equal(t, sum("dump"), b.last().Body["sha256"])
	require.ElementsMatch(t, []string{"handed in", "processed 7 files, 1.000 KiB in 0:09", "snapshot 1a2b3c4d saved", "done"},
		strings.Split(b.last().Body["log"].(string), "\n"))
	require.Equal(t, "handed in\nprocessed 7 files, 1.000 KiB in 0:09\nsnapshot 1a2b3c4d saved\n", b.out.String(), "its output and nothing else")
	require.Contains(t, b.err.String(), "done\n")
	require.Equal(t, "1a2b3c4d", body.Parse("", b.last().Raw).Generation)
}

func TestCommandAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Command, b.Quiet = backup(t, "out:processed 7 files, 1.000 KiB in 0:09", "out:snapshot 1a2b3c4d saved"), true
	require.Equal(t, report.OK, b.run(t))
	got := body.Parse(b.last().Type, b.last().Raw)
	require.Equal(t, body.ToolRestic, got.Tool, "the server reads the tool's own numbers")
	require.Equal(t, int64(7), *got.Files)
	require.Empty(t, b.err.String())
}

func TestCommandThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words          []string
		ending, reason string
		said           string
	}{
		"exit status": {[]string{"err:disk full", "exit:3"}, "/3", "", "終了コード 3"},
		"highest":     {[]string{"exit:255"}, "/255", "", "終了コード 255"},
		"a signal":    {[]string{"err:dying", "kill"}, "/fail", "コマンドが異常終了しました", "異常終了"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.Command, b.Files = backup(t, c.words...), []string{filepath.Join(b.dir, "never read")}
			require.Equal(t, report.Failed, b.run(t))
			require.Equal(t, []string{"POST /start", "POST " + c.ending}, b.paths())
			require.NotContains(t, b.last().Body, "bytes")
			if c.reason != "" {
				require.Contains(t, b.last().Body["reason"], c.reason)
			}
			if strings.HasPrefix(c.words[0], "err:") {
				require.Equal(t, strings.TrimPrefix(c.words[0], "err:"), b.last().Body["log"])
			}
			require.Contains(t, b.err.String(), c.said)
		})
	}

	b := setup(t)
	b.Command = []string{filepath.Join(b.dir, "no-such-program")}
	require.Equal(t, report.Failed, b.run(t))
	require.Equal(t, []string{"POST /start", "POST /fail"}, b.paths())
	require.Contains(t, b.last().Body["reason"], "コマンドを起動できません")
}

func TestCommandRunsThoughTheServerIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t, times(2, status(404))...)
	dump := filepath.Join(b.dir, "db.dump")
	b.Command, b.Files = backup(t, "write:"+dump), []string{dump}
	require.Equal(t, report.Failed, b.run(t), "nobody knows of the backup")
	require.FileExists(t, dump, "but it was made")
}

func TestCommandsLongOutputIsCut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Command = backup(t, "flood", "out:the end")
	require.Equal(t, report.OK, b.run(t))
	log, ok := b.last().Body["log"].(string)
	require.True(t, ok)
	require.LessOrEqual(t, len(log), 10_000)
	require.True(t, strings.HasSuffix(log, "戸\nthe end"))
	require.Less(t, len(b.last().Raw), 20_000)
	require.Equal(t, 2000*301+len("the end\n"), b.out.Len(), "shown in full")
}

func TestInterruptedCommandIsStoppedAndReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.Stdout = writerFunc(func(p []byte) (int, error) {
		stop() // as soon as the command has said something
		return len(p), nil
	})
	b.Command = backup(t, "out:begun", "wait")
	began := time.Now()
	require.Equal(t, report.Failed, report.Run(ctx, b.Options))
	require.Less(t, time.Since(began), 30*time.Second)
	require.Equal(t, []string{"POST /start", "POST /fail"}, b.paths())
	require.Contains(t, b.last().Body["reason"], "中断")
	require.Equal(t, "begun", b.last().Body["log"])
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// process starts a report of a file too large to be read while the test waits,
// and returns once the server knows that it began.
func process(t *testing.T, b *bundle) *exec.Cmd {
	t.Helper()
	path := b.file(t, "huge.dump", "")
	require.NoError(t, os.Truncate(path, 1<<40)) // a hole: it takes no room
	cmd := exec.Command(os.Args[0], b.PingURL, path)
	cmd.Env = append(os.Environ(), role+"=report")
	cmd.Stderr = &b.err
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.heard) > 0
	}, 20*time.Second, 5*time.Millisecond)
	return cmd
}

func TestKilledMidwayTheStartStandsAndNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cmd := process(t, b)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Equal(t, []string{"POST /start"}, b.paths(), "a run that began and never ended, for the server to notice")
	left, err := os.ReadDir(b.dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "no half-written sum")
}

func TestAskedToStopMidwayItSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cmd := process(t, b)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Skipf("this system cannot ask: %v", err)
	}
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, report.Failed, exit.ExitCode())
	require.Equal(t, []string{"POST /start", "POST /fail"}, b.paths())
	require.Equal(t, b.heard[0].RID, b.heard[1].RID)
	require.Contains(t, b.last().Body["reason"], "中断")
	require.Contains(t, b.err.String(), "失敗を報告しました")
}

func TestSumsAgreeWithSha256sum(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "sha256sum", "sort"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s to compare with", tool)
		}
	}
	b := setup(t)
	for i, name := range []string{"a", "b b", "戸籍.dump", `back\slash`, "two\nlines", "-c", "d*"} {
		b.file(t, name, strings.Repeat("x", i*1_000_003))
	}
	b.Files, b.Sidecar = []string{filepath.Join(b.dir, "*")}, true
	sh := func(script string) string {
		cmd := exec.Command("sh", "-c", script, "sh", b.dir)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	want := sh(`sha256sum "$1"/* | LC_ALL=C sort | sha256sum`)
	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, want[:64], b.last().Body["sha256"])
	require.InDelta(t, 7, b.last().Body["files"], 0)

	sh(`cd "$1" && for f in ./*.sha256; do sha256sum --check --strict --status "$f" || exit 1; done`)
	b.file(t, "a", "changed")
	require.Error(t, exec.Command("sh", "-c", `cd "$1" && sha256sum --check --status a.sha256`, "sh", b.dir).Run())
}

func TestFlags(t *testing.T) {
	t.Setenv("TANAMORI_PING_URL", "https://example.com/ping/x")
	var line struct {
		Report report.Flags `cmd:"" help:"Check in from the machine that made the backup."`
	}
	var help bytes.Buffer
	parser, err := kong.New(&line, kong.Writers(&help, io.Discard), kong.Exit(func(int) {}))
	require.NoError(t, err)

	own, command := report.Split([]string{"report", "a.dump", "b.dump", "--generation", "日曜", "-q", "--", "pg_dump", "--", "-x"})
	_, err = parser.Parse(own)
	require.NoError(t, err)
	require.Equal(t, report.Options{
		Files: []string{"a.dump", "b.dump"}, Command: []string{"pg_dump", "--", "-x"}, PingURL: "https://example.com/ping/x",
		Generation: "日曜", Quiet: true, Timeout: report.DefaultTimeout, Within: report.DefaultWithin, Retries: report.DefaultRetries,
	}, line.Report.Options(command))

	own, command = report.Split([]string{"report", "a.dump"})
	require.Equal(t, []string{"report", "a.dump"}, own)
	require.Nil(t, command)

	_, _ = parser.Parse([]string{"report", "--help"})
	require.Contains(t, help.String(), "report [<file> ...] [flags]\n")
	require.Contains(t, help.String(), "TANAMORI_PING_URL")
}
