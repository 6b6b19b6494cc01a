package ping_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// Some seven hundred clients announce long bodies and never finish them. Those that there is room for are waited for, the others
// are told to come later, the memory stays what it is, and who sends little is served.
func TestSlowLongBodiesShareABoundedMemory(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const clients, length = 720, 100 << 10
	g := open(t, checkin.IntakeConfig{})
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	half := strings.Repeat("x", length/2)
	head := fmt.Sprintf("POST /ping/%s/log HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", g.uuid, length)
	answers := make(chan *http.Response, clients)
	var conns []net.Conn
	for range clients {
		conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(g.url, "http://"), "/ping/"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() }) // the server may have closed it first
		conns = append(conns, conn)
		go func() {
			if _, err := io.WriteString(conn, head+half); err != nil {
				t.Error(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil {
				_ = res.Body.Close() // its head is what counts
			}
			answers <- res
		}()
	}
	const room = 64 << 20 / (length + 1)
	for range clients - room {
		res := <-answers
		require.NotNil(t, res)
		require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
		require.NotEmpty(t, res.Header.Get("Retry-After"))
		require.True(t, res.Close, "nobody waits for the rest of it")
	}
	runtime.GC()
	runtime.ReadMemStats(&during)
	require.Less(t, int64(during.HeapAlloc)-int64(before.HeapAlloc), int64(64<<20+clients*48<<10), "the bodies, and what a connection takes")

	res, _ := g.ask(http.MethodPost, g.uuid+"/log", strings.Repeat("y", 8000))
	require.Equal(t, http.StatusOK, res.StatusCode, "a short one")
	res, _ = g.ask(http.MethodPost, g.uuid+"/log", strings.Repeat("y", 60000))
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode, "a long one")

	// They finish after all, and the room is there again.
	for _, conn := range conns {
		_, _ = io.WriteString(conn, half) // to those that were sent away too: they do not listen
	}
	for range room {
		res := <-answers
		require.NotNil(t, res)
		require.Equal(t, http.StatusOK, res.StatusCode)
	}
	res, _ = g.ask(http.MethodPost, g.uuid+"/log", strings.Repeat("y", 60000))
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.EqualValues(t, room+2, tenantstest.Value[int64](g.Bench, `SELECT count(*) FROM checkin`))
}
