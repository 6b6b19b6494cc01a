package gate

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

func TestWhatARequestIsAbout(t *testing.T) {
	t.Parallel()
	type about struct {
		town   int64
		object string
		id     int64
	}
	for route, want := range map[string]struct {
		path string
		about
	}{
		"/board":                                   {"/board", about{0, "board", 0}},
		"/board/live":                              {"/board/live", about{0, "board", 0}},
		"/incidents":                               {"/incidents?town=7", about{7, "incident", 0}},
		"/api/v1/incidents":                        {"/api/v1/incidents?town_id=7", about{7, "incident", 0}},
		"/towns":                                   {"/towns", about{0, "town", 0}},
		"/towns/:town":                             {"/towns/7", about{7, "town", 7}},
		"/towns/:town/book":                        {"/towns/7/book", about{7, "book", 0}},
		"/towns/:town/plans/:id":                   {"/towns/7/plans/9", about{7, "plan", 9}},
		"/towns/:town/plans/:id/excuse":            {"/towns/7/plans/9/excuse", about{7, "plan", 9}},
		"/towns/:town/incidents/:id/live":          {"/towns/7/incidents/9/live", about{7, "incident", 9}},
		"/towns/:town/volumes/:kind/:number":       {"/towns/7/volumes/checkin/3", about{7, "volume", 0}},
		"/settings/towns/:town/servers":            {"/settings/towns/7/servers", about{7, "server", 0}},
		"/settings/towns/:town/servers/new":        {"/settings/towns/7/servers/new", about{7, "server", 0}},
		"/settings/towns/:town/contacts/:id":       {"/settings/towns/7/contacts/9", about{7, "contact", 9}},
		"/settings/towns/:town/days/:day/removal":  {"/settings/towns/7/days/2026-12-01/removal", about{7, "local_day", 0}},
		"/settings/people/:town/:id/password":      {"/settings/people/7/9/password", about{7, "person", 9}},
		"/settings/people":                         {"/settings/people", about{0, "person", 0}},
		"/settings":                                {"/settings", about{0, "", 0}},
		"/outbox":                                  {"/outbox", about{0, "notice", 0}},
		"/log":                                     {"/log?town=x", about{0, "operation_log", 0}},
		"/log/export":                              {"/log/export?town=7", about{7, "operation_log", 0}},
		"/api/v1/towns/:town_id/people/:id/tokens": {"/api/v1/towns/7/people/9/tokens", about{7, "person", 9}},
		"/api/v1/towns/:town_id/occurrences":       {"/api/v1/towns/7/occurrences", about{7, "occurrence", 0}},
		"/api/v1/me/tokens/:id/revocation":         {"/api/v1/me/tokens/9/revocation", about{0, "api_token", 9}},
		"/api/v1/towns/:town_id/people/:id/tokens/:token_id/revocation": {"/api/v1/towns/7/people/9/tokens/11/revocation", about{7, "api_token", 11}},
	} {
		e := echo.New()
		var got about
		e.GET(route, func(c echo.Context) error {
			got.town, got.object, got.id = thing(c)
			return nil
		})
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, want.path, nil))
		require.Equal(t, want.about, got, route)
	}
}
