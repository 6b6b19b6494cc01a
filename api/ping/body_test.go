package ping_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin"
	"tanamori/tenants/tenantstest"
)

// endless is a body without a length, sent in chunks.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

func TestABodyIsBoundedHoweverItComes(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	for _, chunked := range []bool{false, true} {
		for size, status := range map[int]int{1: 200, 511: 200, 512: 200, 8192: 200, 102_400: 200, 102_401: 413, 300_000: 413} {
			var body io.Reader = strings.NewReader(strings.Repeat("x", size))
			if chunked {
				body = &endless{left: size}
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+g.uuid+"/log", body)
			require.NoError(t, err)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, status, res.StatusCode, "%d bytes, chunked %t", size, chunked)
		}
	}
	require.Equal(t, []map[string]any{{"n": int64(1)}, {"n": int64(511)}, {"n": int64(512)}, {"n": int64(8192)}, {"n": int64(102_400)}},
		g.SQL(`SELECT octet_length(body)::bigint AS n FROM checkin GROUP BY 1 HAVING count(*) = 2 ORDER BY 1`))
	require.EqualValues(t, 10, tenantstest.Value[int64](g.Bench, `SELECT count(*) FROM checkin`))
}

func TestABodyThatBreaksOffIsNotKept(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(g.url, "http://"), "/ping/"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /ping/"+g.uuid+" HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 400 "), "%s", answer)
	require.Empty(t, g.rows())
}

// deadlines is an answer that remembers which deadlines its connection was given.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func TestABodyHasHalfAMinuteToArrive(t *testing.T) {
	t.Parallel()
	g := open(t, checkin.IntakeConfig{})
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	began := time.Now()
	g.echo.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/ping/"+g.uuid, strings.NewReader("body")))
	require.Equal(t, 200, w.Code)
	require.Len(t, w.set, 2)
	require.WithinRange(t, w.set[0], began.Add(29*time.Second), time.Now().Add(30*time.Second))
	require.True(t, w.set[1].IsZero(), "and then the connection may stay open")

	w = &deadlines{ResponseRecorder: httptest.NewRecorder()}
	g.echo.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ping/"+g.uuid, nil))
	require.Equal(t, 200, w.Code)
	require.Empty(t, w.set)
}
