package reliability_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// postmaster is the process id of the world's Postgres, 0 where none runs.
func (w *world) postmaster() int {
	files, _ := filepath.Glob(filepath.Join(w.data(), "pg*", "postmaster.pid")) // the pattern is a constant
	if len(files) == 0 {
		return 0
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	pid, err := strconv.Atoi(string(first))
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}

// Postgres is killed under a working node: the whole server, and one of its sessions, which makes it throw all of them
// out. The node never goes; it answers 503 until the database is back, and goes on by itself.
func TestPostgresMayBeKilled(t *testing.T) {
	t.Parallel()
	for name, keeping := range map[string]keeping{"external": external, "embedded": builtIn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, keeping)
			n := w.start("")
			n.awaitReady()
			load := w.load(n.address)
			for round := range 8 {
				kept := w.answered.count(http.StatusOK)
				await(t, "work goes on", func() bool { return w.answered.count(http.StatusOK) >= kept+20 })
				refused := w.answered.count(http.StatusServiceUnavailable)
				if round%2 == 0 {
					pid := w.postmaster()
					require.NotZero(t, pid)
					require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
					await(t, "another server runs", func() bool { return w.postmaster() != 0 && w.postmaster() != pid })
				} else {
					w.killSession()
				}
				w.trouble.Add(1)
				await(t, "the node says that the database is away", func() bool { return w.answered.count(http.StatusServiceUnavailable) > refused })
				await(t, "the node is ready again", func() bool {
					status, _, _ := fetch(t.Context(), http.MethodGet, "http://"+n.address+"/readyz", "", 5*time.Second)
					return status == http.StatusOK
				})
				require.False(t, n.dead(), "the node outlives its database:\n%s", n.said)
			}
			load.stop()
			w.rest()
			w.check()
		})
	}
}

// killSession kills the session of the node that keeps check-ins.
func (w *world) killSession() {
	w.t.Helper()
	var pid int
	await(w.t, "a session of the node's", func() bool {
		return w.owner.QueryRow(w.t.Context(), `SELECT pid FROM pg_stat_activity WHERE usename = 'tanamori_app' ORDER BY backend_start LIMIT 1`).Scan(&pid) == nil
	})
	require.NoError(w.t, syscall.Kill(pid, syscall.SIGKILL))
}
