package ping

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin"
)

// FuzzAddress: an address names one source by one of its two names and one ending, or is refused with 400 or 404; and the
// same address written plainly means the same.
func FuzzAddress(f *testing.F) {
	const id, key = "0b8f7f0e-6a7c-4d0a-9f43-3a1f5d1c2b3a", "AbCdEfGhIjKlMnOpQrSt_-"
	for _, s := range [][3]string{
		{id, "", ""}, {id, "start", ""}, {id, "success", ""}, {id, "fail", ""}, {id, "log", ""}, {id, "255", ""}, {id, "256", ""}, {id, "007", ""},
		{id, "start", "x"}, {"00000000-0000-0000-0000-000000000000", "", ""}, {"{" + id[2:] + "}", "", ""}, {"urn:uuid:" + id[9:], "", ""},
		{key, "kosekisei", ""}, {key, "kosekisei", "0"}, {key, "a/b", "start"}, {key, "", "fail"}, {"", "", ""}, {"戸籍", "正", "終"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, one, two, three string) {
		in, wrong := address(one, two, three)
		if wrong != nil {
			require.Contains(t, []int{http.StatusBadRequest, http.StatusNotFound}, wrong.status)
			return
		}
		require.NotEqual(t, in.UUID == uuid.Nil, in.PingKey == "", "one name, not two and not none")
		require.Equal(t, in.PingKey == "", in.Slug == "")
		require.Contains(t, []checkin.Kind{checkin.Start, checkin.Success, checkin.Fail, checkin.Log}, in.Kind)
		ending := string(in.Kind)
		if in.ExitStatus != nil {
			require.True(t, *in.ExitStatus >= 0 && *in.ExitStatus <= 255)
			require.Equal(t, *in.ExitStatus == 0, in.Kind == checkin.Success)
			ending = strconv.Itoa(*in.ExitStatus)
		}
		again, wrong := address(in.UUID.String(), ending, "")
		if in.PingKey != "" {
			require.True(t, checkin.ValidSlug(in.Slug))
			again, wrong = address(in.PingKey, in.Slug, ending)
		}
		require.Nil(t, wrong)
		require.Equal(t, in, again)
	})
}

// FuzzRunID: the run's id is none, one, or a 400; other parameters change nothing about it.
func FuzzRunID(f *testing.F) {
	const id = "0b8f7f0e-6a7c-4d0a-9f43-3a1f5d1c2b3a"
	for _, s := range []string{"", "rid=" + id, "rid=" + id + "&create=1", "rid=", "rid=" + id[1:], "rid={" + id + "}", "rid=%zz", "rid=a;b", "rid=" + id + "&rid=x", "%72id=" + id} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		rid, wrong := runID(r)
		values, err := url.ParseQuery(query)
		switch {
		case wrong != nil:
			require.Equal(t, http.StatusBadRequest, wrong.status)
			require.Nil(t, rid)
			require.True(t, err != nil || values.Has("rid"), "nobody is refused for a run that they did not name")
			return
		case rid == nil:
			require.False(t, values.Has("rid"))
			return
		}
		r.URL.RawQuery = url.Values{"rid": {rid.String()}, "create": {"1"}}.Encode()
		again, wrong := runID(r)
		require.Nil(t, wrong)
		require.Equal(t, rid, again)
	})
}
