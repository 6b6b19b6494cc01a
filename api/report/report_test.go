package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/api/report"
	"tanamori/tenants/checkin/body"
)

const (
	secret = "5b1e2f60-9a7c-4d1e-8f43-0123456789ab"
	rid    = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
)

var noon = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// heard is one request as the server got it.
type heard struct {
	Path, RID, Agent, Type string
	Body                   map[string]any
	Raw                    []byte
}

// bundle is a server whose answers are scripted, and a report towards it with a
// clock that only sleeping moves.
type bundle struct {
	report.Options
	server *httptest.Server
	dir    string

	mu      sync.Mutex
	heard   []heard
	pauses  []time.Duration
	now     time.Time
	out     bytes.Buffer
	err     bytes.Buffer
	answers []http.HandlerFunc // one a request; then "OK"
}

func setup(t *testing.T, answers ...http.HandlerFunc) *bundle {
	t.Helper()
	b := &bundle{dir: t.TempDir(), now: noon, answers: answers}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	b.Options = report.Options{
		PingURL: b.server.URL + "/ping/" + secret, Retries: 5, Version: "1.0",
		Stdout: &b.out, Stderr: &b.err, HTTPClient: b.server.Client(),
		Now: func() time.Time {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.now
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.now = b.now.Add(d)
			b.pauses = append(b.pauses, d)
			return ctx.Err()
		},
		Jitter: func() float64 { return 1 },
		RunID:  func() string { return rid },
	}
	return b
}

func (b *bundle) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	h := heard{Path: r.Method + " " + r.URL.Path, RID: r.URL.Query().Get("rid"), Agent: r.UserAgent(), Type: r.Header.Get("Content-Type"), Raw: raw}
	_ = json.Unmarshal(raw, &h.Body)
	b.mu.Lock()
	b.heard = append(b.heard, h)
	var answer http.HandlerFunc
	if len(b.answers) > 0 {
		answer, b.answers = b.answers[0], b.answers[1:]
	}
	b.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	_, _ = io.WriteString(w, "OK")
}

func (b *bundle) file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(b.dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (b *bundle) run(t *testing.T) int {
	t.Helper()
	code := report.Run(t.Context(), b.Options)
	require.NotContains(t, b.err.String()+b.out.String(), secret[:9], "the secret is never printed")
	return code
}

func (b *bundle) paths() (paths []string) {
	for _, h := range b.heard {
		paths = append(paths, strings.Replace(h.Path, "/ping/"+secret, "", 1))
	}
	return paths
}

func (b *bundle) last() heard { return b.heard[len(b.heard)-1] }

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func times(n int, answer http.HandlerFunc) []http.HandlerFunc {
	return slices.Repeat([]http.HandlerFunc{answer}, n)
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestReportOfOneFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.file(t, "db.dump", "koseki")
	written := time.Date(2026, 11, 21, 17, 3, 9, 0, time.UTC)
	require.NoError(t, os.Chtimes(path, written, written))
	b.Files, b.Generation = []string{path}, "日曜"

	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, []string{"POST "}, b.paths())
	require.Equal(t, rid, b.last().RID)
	require.Equal(t, "tanamori-report/1.0", b.last().Agent)
	require.Equal(t, "application/json", b.last().Type)
	require.Equal(t, map[string]any{
		"bytes": 6.0, "files": 1.0, "sha256": sum("koseki"), "generation": "日曜",
		"modified": "2026-11-21T17:03:09Z", "duration": 0.0,
	}, b.last().Body)
	require.Equal(t, sum("koseki")+"  "+filepath.ToSlash(path)+"\n", b.out.String())
	require.Equal(t, "報告しました: 1 ファイル、6 バイト、"+b.server.URL+"/ping/5b1e…\n"+
		"reported: 1 files, 6 bytes, "+b.server.URL+"/ping/5b1e…\n", b.err.String())

	got := body.Parse(b.last().Type, b.last().Raw)
	require.Equal(t, int64(6), *got.Bytes)
	require.Equal(t, int64(1), *got.Files)
	require.Equal(t, sum("koseki"), got.SHA256)
	require.Equal(t, "日曜", got.Generation)
	require.Equal(t, written, *got.Modified)
}

func TestReportOfSeveralFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.file(t, "one.dump", "1"), b.file(t, "two.dump", "22")
	old := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	require.NoError(t, os.Chtimes(two, old, old))
	b.Files, b.Start, b.Quiet = []string{two, one, one, filepath.Join(b.dir, ".", "two.dump")}, true, true

	require.Equal(t, report.OK, b.run(t))
	require.Equal(t, []string{"POST /start", "POST "}, b.paths())
	require.Equal(t, rid, b.heard[0].RID)
	require.Empty(t, b.heard[0].Raw)
	require.Equal(t, rid, b.heard[1].RID)
	lines := []string{sum("1") + "  " + filepath.ToSlash(one), sum("22") + "  " + filepath.ToSlash(two)}
	if lines[0] > lines[1] {
		lines[0], lines[1] = lines[1], lines[0]
	}
	require.Equal(t, sum(strings.Join(lines, "\n")+"\n"), b.last().Body["sha256"])
	require.InDelta(t, 3, b.last().Body["bytes"], 0)
	require.InDelta(t, 2, b.last().Body["files"], 0)
	require.Equal(t, "2026-11-20T00:00:00Z", b.last().Body["modified"], "the oldest")
	require.Empty(t, b.out.String()+b.err.String(), "quiet")
}

func TestReportExpandsPatternsThatNoShellDid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.file(t, "a.dump", "1")
	b.file(t, "b.dump", "1")
	odd := b.file(t, "c[1].log", "1")
	b.Files = []string{filepath.Join(b.dir, "*.dump"), odd}
	require.Equal(t, report.OK, b.run(t))
	require.InDelta(t, 3, b.last().Body["files"], 0)
}

func TestReportWritesSidecars(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := b.file(t, "db.dump", "koseki")
	require.NoError(t, os.WriteFile(path+".sha256", []byte("of yesterday"), 0o600))
	b.Files, b.Sidecar = []string{path}, true

	require.Equal(t, report.OK, b.run(t))
	got, err := os.ReadFile(path + ".sha256")
	require.NoError(t, err)
	require.Equal(t, sum("koseki")+"  db.dump\n", string(got))
	left, err := os.ReadDir(b.dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "nothing else is left behind")
}

func TestReportOfFilesThatAreNoBackup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   func(t *testing.T, b *bundle) string
		reason string
	}{
		"missing": {func(_ *testing.T, b *bundle) string { return filepath.Join(b.dir, "db.dump") }, "ファイルがありません: "},
		"no match": {
			func(_ *testing.T, b *bundle) string { return filepath.Join(b.dir, "*.dump") }, "に当たるファイルがありません",
		},
		"a directory": {func(_ *testing.T, b *bundle) string { return b.dir }, "を読めません（not a regular file）"},
		"no sidecar": {func(t *testing.T, b *bundle) string {
			b.Sidecar = true
			path := b.file(t, "db.dump", "1")
			require.NoError(t, os.MkdirAll(filepath.Join(path+".sha256", "taken"), 0o700))
			return path
		}, "db.dump.sha256 を書けません"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			good := b.file(t, "good", "1")
			b.Files = []string{good, c.file(t, b)}
			require.Equal(t, report.Failed, b.run(t))
			require.Equal(t, []string{"POST /fail"}, b.paths())
			require.Contains(t, b.last().Body["reason"], c.reason)
			require.NotContains(t, b.last().Body, "bytes", "a part is not reported as the whole")
			require.Contains(t, b.err.String(), "失敗を報告しました: ")
			require.Contains(t, b.err.String(), "\nreported a failure: ")
			require.Empty(t, b.out.String())
			temporary, err := filepath.Glob(filepath.Join(b.dir, ".*"))
			require.NoError(t, err)
			require.Empty(t, temporary)
		})
	}
}

// meddler changes a file between the first and the second look at it: the
// context is asked before every chunk, and by nobody before the first.
type meddler struct {
	context.Context
	once sync.Once
	do   func()
}

func (m *meddler) Err() error {
	m.once.Do(m.do)
	return m.Context.Err()
}

func TestReportNoticesAFileThatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	for name, meddle := range map[string]func(path string) error{
		"grows": func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("more")
			return errors.Join(err, f.Close())
		},
		"shrinks":   func(path string) error { return os.Truncate(path, 3) },
		"rewritten": func(path string) error { return os.WriteFile(path, []byte("KOSEKI"), 0o600) },
		"replaced": func(path string) error {
			if err := os.WriteFile(path+".new", []byte("koseki"), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
		"removed": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			path := b.file(t, "db.dump", "koseki")
			hourAgo := time.Now().Add(-time.Hour)
			require.NoError(t, os.Chtimes(path, hourAgo, hourAgo))
			b.Files, b.Sidecar = []string{path}, true
			var meddled error
			ctx := &meddler{Context: t.Context(), do: func() { meddled = meddle(path) }}

			require.Equal(t, report.Failed, report.Run(ctx, b.Options))
			require.NoError(t, meddled)
			require.Equal(t, []string{"POST /fail"}, b.paths())
			require.Contains(t, b.last().Body["reason"], "読んでいる間に変わりました")
			require.NoFileExists(t, path+".sha256")
		})
	}
}

func TestReportOfAnInterruptedReading(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.answers = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "OK")
		stop()
	}}
	b.Files, b.Start = []string{b.file(t, "db.dump", "1")}, true
	b.Sleep = func(context.Context, time.Duration) error { return nil }
	code := report.Run(ctx, b.Options)
	require.Equal(t, report.Failed, code)
	require.Equal(t, "POST /fail", b.paths()[len(b.heard)-1])
	require.Equal(t, rid, b.last().RID)
	require.Contains(t, b.last().Body["reason"], "中断")
}

func TestReportRefusesWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(o *report.Options){
		"nothing to report": func(o *report.Options) { o.Files = nil },
		"no address":        func(o *report.Options) { o.PingURL = "" },
		"no scheme":         func(o *report.Options) { o.PingURL = "host/ping/" + secret },
		"another scheme":    func(o *report.Options) { o.PingURL = "ftp://host/ping/" + secret },
		"no path":           func(o *report.Options) { o.PingURL = "https://host/" },
		"broken address":    func(o *report.Options) { o.PingURL = "https://host/%zz" + secret },
		"an empty name":     func(o *report.Options) { o.Files = []string{""} },
		"a long generation": func(o *report.Options) { o.Generation = strings.Repeat("世", 201) },
		"two lines":         func(o *report.Options) { o.Generation = "a\nb" },
		"negative retries":  func(o *report.Options) { o.Retries = -1 },
		"negative time":     func(o *report.Options) { o.Within = -1 },
		"sidecar of none":   func(o *report.Options) { o.Files, o.Command, o.Sidecar = nil, []string{"true"}, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.Files = []string{b.file(t, "f", "1")}
			spoil(&b.Options)
			require.Equal(t, report.Usage, b.run(t))
			require.Empty(t, b.heard)
			require.Regexp(t, `^指定の誤り: .+\nusage: .+\n$`, b.err.String())
		})
	}
}

func TestReportSendsTheEndOfALogFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	log := b.file(t, "backup.log", strings.Repeat("古い行\n", 10000)+"<完了> snapshot 1a2b3c4d saved\n\xff")
	b.Files, b.LogFile = []string{b.file(t, "f", "1")}, log
	require.Equal(t, report.OK, b.run(t))
	sent, ok := b.last().Body["log"].(string)
	require.True(t, ok)
	require.True(t, strings.HasSuffix(sent, "<完了> snapshot 1a2b3c4d saved\n\uFFFD"), sent[len(sent)-80:])
	require.LessOrEqual(t, len(sent), 10_000)
	require.Greater(t, len(sent), 9_900)
	require.Contains(t, string(b.last().Raw), "<完了>")
	require.Equal(t, "1a2b3c4d", body.Parse("", b.last().Raw).Generation)

	b = setup(t)
	b.Files, b.LogFile = []string{b.file(t, "f", "1")}, filepath.Join(b.dir, "none.log")
	require.Equal(t, report.OK, b.run(t), "a log that is not there makes no backup bad")
	require.Contains(t, b.last().Body["log"], "ログファイルを読めません")
}
