package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http/httpguts"

	"tanamori/api"
	"tanamori/tenants"
)

// causes are what only the inside knows: none of it may stand in an answer that is a refusal.
var causes = []string{"sqlstate", "pgx", "gorm", "pq:", "goroutine", ".go:", "strconv", "json:", "unmarshal", "constraint", "violates", "tanamori_", "nil pointer",
	"runtime error", "context ", "0x"}

// FuzzRequest sends anything to every operation of the API over a real database that keeps what the inputs before have done.
// No answer is the server's fault or tells of its inside, and what is no success is a problem as RFC 9457 has it.
func FuzzRequest(f *testing.F) {
	w := newWorld(f)
	operations := api.Operations()
	for i, o := range operations {
		s := samples[o.ID]
		var sent []byte
		if s.body != nil {
			var err error
			sent, err = json.Marshal(s.request(w.home))
			require.NoError(f, err)
		}
		_, query, _ := strings.Cut(s.path(w.home), "?")
		f.Add(uint8(i), uint8(0), uint8(0), "", query, sent)
		for at, v := range []string{"", `null`, `-1`, `"2026-02-30"`, `"\u0000"`, "\xff", `[[[[]]]]`, `1e999`, `"../{YYYY}"`, `"` + strings.Repeat("長", 300) + `"`} {
			f.Add(uint8(i), uint8(at%len(posts)), uint8(at), v, query+"&"+strings.Trim(v, `"`), []byte(nil))
		}
	}
	f.Fuzz(func(t *testing.T, operation, post, field uint8, value, query string, body []byte) {
		o := operations[int(operation)%len(operations)]
		s := samples[o.ID]
		if len(body) == 0 && s.body != nil {
			body = with(t, s.request(w.home), field, value)
		}
		path, _, _ := strings.Cut(s.path(w.home), "?")
		r := httptest.NewRequestWithContext(t.Context(), o.Method, api.Prefix+path, strings.NewReader(string(body)))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+w.tokens[posts[int(post)%len(posts)]])
		if post > 127 && httpguts.ValidHeaderFieldValue(value) {
			r.Header.Set("Idempotency-Key", value)
		}
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		requireAnswer(t, o, rec, strings.ToLower(query+value+string(body)))
	})
}

func requireAnswer(t *testing.T, o api.Operation, rec *httptest.ResponseRecorder, sent string) {
	t.Helper()
	answer, err := io.ReadAll(rec.Body)
	require.NoError(t, err)
	rec.Body.Write(answer)
	require.Less(t, rec.Code, 500, "%s: %s", o.ID, answer)
	require.True(t, utf8.Valid(answer), "%s", o.ID)
	if rec.Code < 400 {
		require.Equal(t, o.Status, rec.Code, o.ID)
		if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/csv") {
			rows, err := csv.NewReader(bytes.NewReader(answer)).ReadAll()
			require.NoError(t, err, o.ID)
			require.NotEmpty(t, rows, "the head at least")
			return
		}
		for line := range bytes.Lines(answer) { // an export is JSON line by line
			if rec.Header().Get("Content-Type") != "application/x-ndjson" {
				line = answer
			}
			require.True(t, json.Valid(line), "%s: %s", o.ID, answer)
		}
		return
	}
	reply{rec, t}.problem(rec.Code)
	said := strings.ToLower(string(answer))
	for _, cause := range causes {
		require.False(t, strings.Contains(said, cause) && !strings.Contains(sent, cause), "%s tells of %q: %s", o.ID, cause, answer)
	}
	require.LessOrEqual(t, len(answer), 16<<10+4*len(sent), "a refusal is no longer than what it refuses asks for")
}

// with is a good request with one field that says something else: JSON where the value is some, else a text of it.
func with(t *testing.T, good any, field uint8, value string) []byte {
	t.Helper()
	sent, err := json.Marshal(good)
	require.NoError(t, err)
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(sent, &fields))
	names := slices.Sorted(maps.Keys(fields))
	if len(names) == 0 { // all of its fields may be left out
		names = []string{"reason"}
	}
	raw := json.RawMessage(value)
	if !json.Valid(raw) {
		raw, err = json.Marshal(value)
		require.NoError(t, err)
	}
	fields[names[int(field)%len(names)]] = raw
	sent, err = json.Marshal(fields)
	require.NoError(t, err)
	return sent
}

// Every post is in the list that the inputs choose from, and every method that sends a body is among the operations.
func TestTheFuzzedRequestsReachEverything(t *testing.T) {
	t.Parallel()
	methods := map[string]int{}
	for _, o := range api.Operations() {
		methods[o.Method]++
	}
	for _, m := range []string{http.MethodPost, http.MethodPut} {
		require.Positive(t, methods[m])
	}
	require.LessOrEqual(t, len(api.Operations()), 256, "an operation is chosen by one byte")
	require.Contains(t, posts, tenants.HostAdmin)
}
