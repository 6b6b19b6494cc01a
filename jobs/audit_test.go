package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// outside is somebody who listens for signs of life, or does not.
type outside struct {
	mu   sync.Mutex
	sent int
	why  tenants.Reason
}

func (o *outside) Send(context.Context) tenants.Reason {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent++
	return o.why
}

// Two nodes audit every minute: one sign of life goes out, whatever is found is told once, and so is that it does not
// arrive.
func TestTwoNodesSendOneSignOfLife(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	o := &outside{}
	node := func() *jobs.Tower {
		return jobs.New(jobs.Config{Ground: s.Ground, Bell: s.bell, Log: log, Post: &jobs.Post{Beacon: o, BaseURL: "http://console.example", Zone: s.zone}})
	}
	one, two := node(), node()
	minute := func() {
		s.Clock.Advance(time.Minute)
		require.NoError(t, s.tower.RunAll(t.Context()))
		require.NoError(t, one.RunWatch(t.Context()))
		require.NoError(t, two.RunWatch(t.Context()))
	}
	for range 3 {
		minute()
	}
	require.Equal(t, 3, o.sent)
	require.Empty(t, said.String())

	o.why = tenants.Reason{Code: "heartbeat.refused", Params: tenants.Params{"status": "500"}}
	for range 3 {
		minute()
	}
	require.Equal(t, 1, strings.Count(said.String(), "the sign of life does not arrive outside"))
	o.why = tenants.Reason{}
	minute()
	require.Equal(t, 1, strings.Count(said.String(), "the sign of life arrives outside again"))

	// An occurrence that nobody judges: both find it, one incident, no sign of life.
	sent := o.sent
	s.SQL(`UPDATE occurrence SET look_at = $1 WHERE id = (SELECT min(id) FROM occurrence)`, s.Clock.Now().Add(-3*time.Minute))
	for range 3 {
		s.Clock.Advance(time.Minute)
		require.NoError(t, one.RunWatch(t.Context()))
		require.NoError(t, two.RunWatch(t.Context()))
	}
	require.Equal(t, sent+1, o.sent, "found twice before it counts")
	require.Equal(t, 1, strings.Count(said.String(), "the audit finds Tanamori behind"))
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident WHERE cause = 'watch:audit'`))
}

// Nobody hears of anything while the mail server takes nothing, so somebody outside has to notice that the signs of life stop.
func TestAMailServerThatIsAwayIsNoticedOutside(t *testing.T) {
	t.Parallel()
	s := setup(t)
	o := &outside{}
	away, err := mail.New("smtp://127.0.0.1:1?tls=none", "tanamori@host.example")
	require.NoError(t, err)
	there, err := mail.New(s.box.URL(), "tanamori@host.example")
	require.NoError(t, err)
	node := func(by *mail.Sender) *jobs.Tower {
		return jobs.New(jobs.Config{Ground: s.Ground, Bell: s.bell, Log: slog.New(slog.DiscardHandler),
			Post: &jobs.Post{Carrier: by, Beacon: o, BaseURL: "http://console.example", Zone: s.zone}})
	}
	minutes := func(tower *jobs.Tower, n int) (signs int) {
		had := o.sent
		for range n {
			s.Clock.Advance(time.Minute)
			require.NoError(t, tower.RunAll(t.Context()))
			require.NoError(t, tower.RunWatch(t.Context()))
		}
		return o.sent - had
	}
	const found = `SELECT count(*) FROM breach WHERE kind = 'notice.away' AND count > 0`
	s.Clock.Set(s.at(21, 4, 0)) // a night is missed
	one := node(away)
	require.Equal(t, 15, minutes(one, 15))
	require.Zero(t, tenantstest.Value[int64](s.Bench, found))
	require.LessOrEqual(t, minutes(one, 10), 2, "found twice before it counts")
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, found))
	require.Equal(t, "notice.away", tenantstest.Value[string](s.Bench, `SELECT reason_code FROM incident WHERE cause = 'watch:audit'`))
	require.Empty(t, s.subjects())

	two := node(there)
	require.Positive(t, minutes(two, 8), "it is back")
	require.NotEmpty(t, s.subjects())
	require.Equal(t, 8, minutes(two, 8))
	require.Zero(t, tenantstest.Value[int64](s.Bench, found))
	require.Equal(t, "resolved", tenantstest.Value[string](s.Bench, `SELECT state FROM incident WHERE cause = 'watch:audit'`))
}
