package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStart builds the binary and measures it from the command to /readyz, with the embedded database: the first time,
// once there is a database, and after the program was killed; then what is resident after half a minute in which nobody
// asked for anything, and the binary's size. Resident is the program's own memory without its Postgres.
func BenchmarkStart(b *testing.B) {
	if b.N > 1 {
		return // it measures once, however often it is asked to
	}
	const times = 7
	binary, err := filepath.Abs("bin/tanamori-bench") // beside frontend/, where a packaged Postgres is looked for
	require.NoError(b, err)
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(b, err, "%s", out)
	b.Cleanup(func() { require.NoError(b, os.Remove(binary)) })
	info, err := os.Stat(binary)
	require.NoError(b, err)

	dir, err := os.MkdirTemp("", "tanamori-bench-")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, os.RemoveAll(dir)) })
	require.NoError(b, os.Chmod(dir, 0o755))
	r := runner{binary: binary, data: filepath.Join(dir, "data")}

	first := r.start(b)
	r.stop(b, syscall.SIGTERM)
	var again, killed []time.Duration
	for range times {
		again = append(again, r.start(b))
		r.stop(b, syscall.SIGTERM)
	}
	r.start(b)
	for range times {
		r.stop(b, syscall.SIGKILL)
		killed = append(killed, r.start(b))
	}
	time.Sleep(30 * time.Second) // what is measured is being idle for that long
	resident := r.resident(b)
	r.stop(b, syscall.SIGTERM)
	slices.Sort(again)
	slices.Sort(killed)
	fmt.Printf("\n# start: once initialised %v, after kill -9 %v\n", again, killed)
	figure("start_first", first.Seconds(), "s", 0, 0)
	figure("start", again[times/2].Seconds(), "s", 0, 1)
	figure("start_after_kill", killed[times/2].Seconds(), "s", 0, 1)
	figure("idle_resident", resident, "MB", 0, 100)
	figure("binary_size", float64(info.Size())/1e6, "MB", 0, 0)
	b.ReportMetric(0, "ns/op")
}

// runner runs the real binary, once at a time.
type runner struct {
	binary, data string
	command      *exec.Cmd
}

// start tells how long it takes until the console is ready.
func (r *runner) start(b *testing.B) time.Duration {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := free.Addr().String()
	require.NoError(b, free.Close())
	r.command = exec.CommandContext(b.Context(), r.binary, "serve")
	r.command.Env = append(os.Environ(), "TANAMORI_LISTEN="+address, "TANAMORI_DATA_DIR="+r.data, "TANAMORI_DATABASE_URL=", "TANAMORI_LOG=error")
	r.command.Stderr = os.Stderr
	began := time.Now()
	require.NoError(b, r.command.Start())
	for {
		res, err := http.Get("http://" + address + "/readyz")
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body) // only its status matters
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		require.Less(b, time.Since(began), time.Minute, "the console does not get ready")
		time.Sleep(2 * time.Millisecond)
	}
}

func (r *runner) stop(b *testing.B, signal syscall.Signal) {
	b.Helper()
	require.NoError(b, r.command.Process.Signal(signal))
	err := r.command.Wait()
	if signal == syscall.SIGTERM {
		require.NoError(b, err)
	}
}

// resident is in MB.
func (r *runner) resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.command.Process.Pid), "status"))
	require.NoError(b, err)
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	require.True(b, found)
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	require.NoError(b, err)
	return kilobytes * 1024 / 1e6
}
