package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
)

// nonsense is what no form would send and anybody may.
var nonsense = []any{"a\u0000b", "\u202e", strings.Repeat("長", 200), "  ", "'; --", "%", "\\", nil, -1, 0, 1 << 40, 9.5, 1e300, true, []any{}, object{}}

// Whatever stands in a field, the answer is the client's fault or a success, never the server's.
func TestNoFieldBreaksTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, o := range api.Operations() {
		s := samples[o.ID]
		path := s.path(w.home)
		if u, err := url.Parse(path); o.Method == http.MethodGet && err == nil && u.RawQuery != "" {
			for name := range u.Query() {
				for _, v := range []string{"", "\x00", "-1", "99999999999999999999", "\xff", "１", "null"} {
					q := u.Query()
					q.Set(name, v)
					got := w.as(tenants.HostAdmin, o.Method, u.Path+"?"+q.Encode(), nil)
					require.Less(t, got.Code, 500, "%s %s=%q: %s", o.ID, name, v, got.Body)
				}
			}
		}
		if s.body == nil {
			continue
		}
		b, err := json.Marshal(s.request(w.home))
		require.NoError(t, err)
		var good object
		require.NoError(t, json.Unmarshal(b, &good))
		for field := range good {
			for _, v := range nonsense {
				body := maps.Clone(good)
				body[field] = v
				got := w.as(tenants.HostAdmin, o.Method, path, body)
				require.Less(t, got.Code, 500, "%s with %s = %v: %s", o.ID, field, v, got.Body)
				if got.Code >= 400 {
					got.problem(got.Code)
				}
			}
		}
	}
}

// A backslash before u0000 makes a text of it that is like any other.
func TestAWrittenEscapeIsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	note := "/towns/" + itoa(w.home.Town) + "/incidents/" + itoa(w.home.Incident) + "/notes"
	for sent, status := range map[string]int{`{"text":"C:\\u0000"}`: 201, `{"text":"C:\\\\u0000"}`: 201, `{"text":"C:\u0000"}`: 400, `{"text":"\\\u0000"}`: 400} {
		require.Equal(t, status, w.as(tenants.Operator, "POST", note, []byte(sent)).Code, sent)
	}
}
