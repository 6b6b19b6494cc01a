package embedded

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// output connects the server's messages: to our log, or to a file when it shall outlive us.
func (c *Cluster) output(cmd *exec.Cmd) (*tail, error) {
	if c.opts.Shared {
		f, err := os.OpenFile(c.DataDir+".log", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, err
		}
		cmd.Stdout, cmd.Stderr = f, f
		return &tail{w: f, file: f.Name(), ended: closed()}, nil
	}
	// A pipe of our own: cmd's would make Wait hang until the last backend has let go of it.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	t := &tail{w: w, ended: make(chan struct{})}
	go t.follow(r, c.log)
	return t, nil
}

// tail keeps the last messages of a server for the error that says why it did not start.
type tail struct {
	w     *os.File
	file  string
	ended chan struct{}

	mu    sync.Mutex
	lines []string
}

func closed() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}

// opened closes our end once the child has its own.
func (t *tail) opened() { _ = t.w.Close() }

// drained waits a moment for the last lines; orphaned backends may hold the pipe for longer.
func (t *tail) drained() {
	select {
	case <-t.ended:
	case <-time.After(200 * time.Millisecond):
	}
}

func (t *tail) follow(r io.ReadCloser, log *slog.Logger) {
	defer close(t.ended)
	defer func() { _ = r.Close() }()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			t.add(line)
			logLine(log, line)
		}
		if err != nil {
			return
		}
	}
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, line); len(t.lines) > 8 {
		t.lines = t.lines[1:]
	}
}

// String is what the server said last, in one line.
func (t *tail) String() string {
	if t.file != "" {
		text, err := os.ReadFile(t.file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err.Error()
		}
		return strings.Join(strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), "; ")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "; ")
}

// logLine passes a message on. Errors of single statements go to whoever sent them, so here they
// are for debugging only.
func logLine(log *slog.Logger, line string) {
	level := slog.LevelDebug
	switch kind, _, _ := strings.Cut(line, ":"); kind {
	case "PANIC":
		level = slog.LevelError
	case "FATAL", "WARNING":
		level = slog.LevelWarn
	}
	if strings.HasSuffix(line, "terminating connection due to administrator command") {
		level = slog.LevelDebug // our own stop met a connection that was just closing
	}
	log.Log(context.Background(), level, line) //nolint:sloglint // the server's own words
}
