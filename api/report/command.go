package report

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"tanamori/tenants/checkin/body"
)

const (
	// tailKept is how much of a log is sent, in bytes.
	tailKept = 10_000
	// A command that is asked to stop gets this long; as long is waited for
	// children that keep its output open after it has ended.
	patience = 10 * time.Second
)

// command runs the backup, showing its output and keeping the end of it. err is
// set where there is no exit status to report.
func (o Options) command(ctx context.Context) (status int, output string, err error) {
	kept := &tail{}
	var one sync.Mutex                                              // both streams may be one file, and share the tail
	cmd := exec.CommandContext(ctx, o.Command[0], o.Command[1:]...) //nolint:gosec // running what the caller names is what this is for
	cmd.Stdin = o.Stdin
	cmd.Stdout = &tee{&one, o.Stdout, kept}
	cmd.Stderr = &tee{&one, o.Stderr, kept}
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return cmd.Process.Kill() // Windows knows no other way
		}
		return nil
	}
	cmd.WaitDelay = patience
	err = cmd.Run()

	one.Lock()
	defer one.Unlock()
	output = kept.String()
	switch {
	case ctx.Err() != nil:
		return 0, output, troublef(ctx.Err(), "コマンドの途中で中断されました", "interrupted while the command ran")
	case cmd.ProcessState == nil:
		return 0, output, troublef(err, "コマンドを起動できません（%v）", "cannot start the command (%v)", err)
	}
	status = cmd.ProcessState.ExitCode()
	if status < 0 || status > 255 {
		return 0, output, troublef(err, "コマンドが異常終了しました（%v）", "the command ended abnormally (%v)", err)
	}
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) && !errors.Is(err, exec.ErrWaitDelay) {
		return 0, output, troublef(err, "コマンドの出力を扱えません（%v）", "cannot pass the command's output on (%v)", err)
	}
	return status, output, nil
}

// tee shows what a command writes and keeps it.
type tee struct {
	one  *sync.Mutex
	show io.Writer
	keep *tail
}

func (t *tee) Write(p []byte) (int, error) {
	t.one.Lock()
	defer t.one.Unlock()
	_, _ = t.keep.Write(p) // cannot fail
	return t.show.Write(p)
}

// tail keeps the last tailKept bytes written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	if n > tailKept {
		p = p[n-tailKept:]
	}
	if over := len(t.kept) + len(p) - tailKept; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	t.kept = append(t.kept, p...)
	return n, nil
}

// String is the tail as text, fit for JSON and for showing.
func (t *tail) String() string { return body.Tail(t.kept, tailKept) }
