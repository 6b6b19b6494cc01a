package mail_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/stretchr/testify/require"

	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

var deliver = tenants.Job("deliver")

// outbox is a town's messages in a real database, and what a sender does with them.
type outbox struct {
	*tenantstest.Bench
	t    testing.TB
	town int64
}

func newOutbox(t testing.TB, addresses ...string) outbox {
	b := tenantstest.New(t)
	o := outbox{b, t, b.Town("むかわ町", "015865")}
	messages := make([]notice.Message, len(addresses))
	for i, a := range addresses {
		messages[i] = notice.Message{Town: o.town, Dedup: fmt.Sprint(i), Kind: notice.Opened, About: "incident", AboutID: 1, ToPost: "町民生活課長",
			ToName: "見本 一郎", ToAddress: a + "@example.jp", Subject: "件名", Text: "本文", HTML: "<p>本文</p>"}
	}
	b.Do(deliver, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.QueueMany(ctx, tx, messages)
		return err
	})
	return o
}

func (o outbox) claim(ctx context.Context, limit int) (claimed []notice.Claimed, err error) {
	err = o.Ground.Do(ctx, deliver, func(ctx context.Context, tx *tenants.Tx) (err error) {
		claimed, err = notice.Claim(ctx, tx, limit, time.Minute)
		return err
	})
	return claimed, err
}

func (o outbox) settle(ctx context.Context, claimed []notice.Claimed, outcomes []notice.Outcome) (lost int, err error) {
	settled := make([]notice.Settled, len(claimed))
	for i, c := range claimed {
		settled[i] = notice.Settled{Claimed: c, Outcome: outcomes[i]}
	}
	err = o.Ground.Do(ctx, deliver, func(ctx context.Context, tx *tenants.Tx) (err error) {
		lost, err = notice.Settle(ctx, tx, settled)
		return err
	})
	return lost, err
}

// round does what the delivery job does, once; it gives how many were claimed.
func (o outbox) round(ctx context.Context, m *mail.Sender, limit int) (int, error) {
	claimed, err := o.claim(ctx, limit)
	if err != nil || len(claimed) == 0 {
		return 0, err
	}
	letters := make([]mail.Letter, len(claimed))
	for i, c := range claimed {
		letters[i] = asLetter(c)
	}
	lost, err := o.settle(ctx, claimed, m.Send(ctx, letters))
	if lost > 0 {
		return 0, fmt.Errorf("%d claims lost", lost)
	}
	return len(claimed), err
}

func asLetter(c notice.Claimed) mail.Letter {
	return mail.Letter{MessageID: c.MessageID, At: c.QueuedAt, ToName: c.ToName, ToAddress: c.ToAddress, Subject: c.Subject, Text: c.Text,
		HTML: c.HTML, Kind: c.Kind, Ref: fmt.Sprint(c.ID), Repeat: c.Repeated}
}

// arrived is how often each Message-ID arrived, and how many of those were marked as repeats.
func arrived(t testing.TB, s *server) (times map[string]int, repeats int) {
	times = map[string]int{}
	for _, raw := range s.received() {
		m, err := message.Read(bytes.NewReader(raw))
		require.NoError(t, err)
		times[m.Header.Get("Message-Id")]++
		if m.Header.Get("X-Tanamori-Repeat") == "outcome-unknown" {
			repeats++
		}
	}
	return times, repeats
}

func (o outbox) states() string {
	return tenantstest.Value[string](o.Bench, `SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM notice GROUP BY 1) x`)
}

func TestSeveralNodesSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	const total = 400
	addresses := make([]string, total)
	for i := range addresses {
		addresses[i] = "a"
	}
	o, s := newOutbox(t, addresses...), serve(t, nil)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for node := range errs {
		m := sender(t, s.url("", ""), mail.Timeouts(20*time.Second, 20*time.Second))
		wg.Go(func() {
			for {
				n, err := o.round(t.Context(), m, 23)
				if err != nil || n == 0 {
					errs[node] = err
					return
				}
			}
		})
	}
	wg.Wait()
	for n := 1; n > 0; { // what all of them passed over because another one was just taking it
		var err error
		n, err = o.round(t.Context(), sender(t, s.url("", "")), total)
		require.NoError(t, err)
	}
	for _, err := range errs {
		require.NoError(t, err)
	}
	times, repeats := arrived(t, s)
	require.Len(t, times, total)
	require.Len(t, s.received(), total)
	require.Zero(t, repeats)
	require.Equal(t, fmt.Sprintf("sent %d", total), o.states())
}

func TestASenderThatDiesHalfWayCostsOneMarkedRepeat(t *testing.T) {
	t.Parallel()
	o, s := newOutbox(t, "a", "a", "a"), serve(t, nil)
	m := sender(t, s.url("", ""))

	// One node sends two of its three messages and dies before it can say so.
	dead, err := o.claim(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, []notice.Result{notice.Accepted, notice.Accepted}, results(m.Send(t.Context(), []mail.Letter{asLetter(dead[0]), asLetter(dead[1])})))
	n, err := o.round(t.Context(), m, 10)
	require.NoError(t, err)
	require.Zero(t, n, "its claim holds for now")

	o.Clock.Advance(time.Minute)
	n, err = o.round(t.Context(), m, 10)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	times, repeats := arrived(t, s)
	require.Len(t, times, 3, "none is lost")
	require.Len(t, s.received(), 5, "two arrived twice, as the same message")
	require.Equal(t, 3, repeats, "whether an earlier try arrived was not known of any of the three")
	require.Equal(t, "sent 3", o.states())

	// It was not dead but asleep: what it has to say now changes nothing.
	lost, err := o.settle(t.Context(), dead, make([]notice.Outcome, 3))
	require.NoError(t, err)
	require.Equal(t, 3, lost)
	require.Equal(t, "sent 3", o.states())
	require.Equal(t, "sent 3, unknown 3", tenantstest.Value[string](o.Bench,
		`SELECT string_agg(outcome || ' ' || n, ', ' ORDER BY outcome) FROM (SELECT outcome, count(*) AS n FROM attempt GROUP BY 1) x`))
}

func TestEveryEndIsInTheRecord(t *testing.T) {
	t.Parallel()
	o, s := newOutbox(t, "a", "rcpt550", "rcpt450", "late"), serve(t, nil)
	m := sender(t, s.url("", ""))
	_, err := o.round(t.Context(), m, 10)
	require.NoError(t, err)
	require.Equal(t, "failed 1, queued 2, sent 1", o.states())
	require.Equal(t, []map[string]any{
		{"to_address": "a@example.jp", "outcome": "sent", "repeated": false},
		{"to_address": "late@example.jp", "outcome": "unknown", "repeated": true},
		{"to_address": "rcpt450@example.jp", "outcome": "error", "repeated": false},
		{"to_address": "rcpt550@example.jp", "outcome": "refused", "repeated": false},
	}, o.SQL(`SELECT to_address, outcome, repeated FROM notice n JOIN attempt a ON a.notice_id = n.id ORDER BY 1`))
	require.Contains(t, tenantstest.Value[string](o.Bench, `SELECT last_error FROM notice WHERE to_address LIKE 'rcpt550%'`), "no such user")
}

func TestANightWithoutAMailServerEndsWithEverybodyTold(t *testing.T) {
	t.Parallel()
	o := newOutbox(t, strings.Split(strings.Repeat("a ", 30), " ")[:30]...)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	away := "smtp://" + ln.Addr().String()
	require.NoError(t, ln.Close())
	tries := 0
	for range 8 * 60 { // eight hours, looked at every minute
		n, err := o.round(t.Context(), sender(t, away), 100)
		require.NoError(t, err)
		tries += n
		o.Clock.Advance(time.Minute)
	}
	require.Equal(t, "queued 30", o.states(), "nobody was given up")
	require.Less(t, tries/30, 110, "and the log is not flooded: every five minutes at the most")

	s := serve(t, nil)
	o.Clock.Advance(5 * time.Minute)
	n, err := o.round(t.Context(), sender(t, s.url("", "")), 100)
	require.NoError(t, err)
	require.Equal(t, 30, n, "once the server is back everybody is told within five minutes")
	_, repeats := arrived(t, s)
	require.Zero(t, repeats, "nothing had ever left, so nothing is a repeat")
}
