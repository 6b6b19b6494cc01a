package frontend_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/contact"
	"tanamori/tenants/server"
)

func incidentPath(p place) string { return fmt.Sprintf("/towns/%d/incidents/%d", p.town, p.incident) }

// listen opens the stream of events and gives their names as they come.
func (b *browser) listen(ctx context.Context) <-chan string {
	b.c.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.c.at+"/events", nil)
	require.NoError(b.c.t, err)
	resp, err := b.client.Do(req)
	require.NoError(b.c.t, err)
	require.Equal(b.c.t, http.StatusOK, resp.StatusCode)
	require.Contains(b.c.t, resp.Header.Get("Content-Type"), "text/event-stream")
	events := make(chan string, 32)
	go func() {
		defer close(events)
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- name
			}
		}
	}()
	return events
}

func next(t *testing.T, events <-chan string) string {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return ""
	}
}

// TestAChangeReachesThePagesThatShowIt: an answer in one browser rings in another, and only where the town is in sight.
func TestAChangeReachesThePagesThatShowIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	admin, mukawa := c.as("admin"), c.as("mukawa")
	host, town := admin.listen(ctx), mukawa.listen(ctx)
	require.Equal(t, "alive", next(t, host))
	require.Equal(t, "alive", next(t, town))
	time.Sleep(300 * time.Millisecond) // the bell's own connection may still be on its way

	got := admin.post(incidentPath(c.mukawa)+"/notes", url.Values{"text": {"回線を確認中"}})
	require.Equal(t, http.StatusSeeOther, got.status)
	require.ElementsMatch(t, []string{"incident", "board"}, []string{next(t, host), next(t, host)})
	require.ElementsMatch(t, []string{"incident", "board"}, []string{next(t, town), next(t, town)})
	require.Contains(t, mukawa.get(incidentPath(c.mukawa)+"/live").body, "回線を確認中")
	require.NotContains(t, mukawa.get(incidentPath(c.mukawa)+"/live").body, "<html")

	got = admin.post(incidentPath(c.host)+"/notes", url.Values{"text": {"わが町のこと"}})
	require.Equal(t, http.StatusSeeOther, got.status)
	require.ElementsMatch(t, []string{"incident", "board"}, []string{next(t, host), next(t, host)})
	select {
	case e := <-town:
		t.Fatalf("another town's change rang here: %s", e)
	case <-time.After(700 * time.Millisecond):
	}
}

// TestPagesAskAFixedNumberOfQuestions counts the statements of each page, then of the same page over much more.
func TestPagesAskAFixedNumberOfQuestions(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	pages := []string{"/board", "/incidents", "/towns", "/outbox", "/log", "/settings/towns", "/settings/people", fmt.Sprintf("/towns/%d", c.mukawa.town),
		fmt.Sprintf("/towns/%d/book", c.mukawa.town), fmt.Sprintf("/towns/%d/plans/%d", c.mukawa.town, c.mukawa.plan), incidentPath(c.mukawa),
		fmt.Sprintf("/settings/towns/%d/plans", c.mukawa.town), fmt.Sprintf("/settings/towns/%d/servers", c.mukawa.town), fmt.Sprintf("/settings/towns/%d/contacts", c.mukawa.town)}
	count := func() map[string]int {
		out := map[string]int{}
		for _, p := range pages {
			out[p] = c.QueryCount(func() { require.Equal(t, http.StatusOK, admin.get(p).status, p) })
		}
		return out
	}
	before := count()
	for p, n := range before {
		require.LessOrEqual(t, n, 20, p)
	}
	for n := range 4 {
		require.Equal(t, http.StatusSeeOther, admin.post(fmt.Sprintf("/settings/towns/%d/plans", c.mukawa.town), planForm(fmt.Sprintf("控え%d", n))(c)).status)
		c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
			if _, err := server.Add(ctx, tx, c.mukawa.town, server.Input{Name: fmt.Sprintf("予備%d", n), Role: "予備"}); err != nil {
				return err
			}
			_, err := contact.Add(ctx, tx, c.mukawa.town, contact.Input{Post: fmt.Sprintf("係%d", n), Name: "見本 一郎", Phone: "0136-57-0009"})
			return err
		})
		require.Equal(t, http.StatusSeeOther, admin.post(incidentPath(c.mukawa)+"/notes", url.Values{"text": {"経過"}}).status)
	}
	c.plan()
	c.Clock.Set(time.Date(2026, 11, 23, 7, 30, 0, 0, c.zone))
	c.judge()
	admin = c.as("admin")
	require.Equal(t, before, count())
}

// TestTheMorning goes through what a host does of a morning: look, confirm what is fine, confirm the rest, see it in the book.
func TestTheMorning(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as("operator")
	board := operator.get("/board").body
	require.Contains(t, board, "むかわ町")
	require.Contains(t, board, "届いていません")
	plan := fmt.Sprintf("/towns/%d/plans/%d", c.mukawa.town, c.mukawa.plan)
	page := operator.get(plan).body
	require.Contains(t, page, "/ping/"+c.mukawa.uuid.String(), "operators may see the address")
	require.Contains(t, page, fmt.Sprintf("occurrence=%d", c.mukawa.occurrence), "a missed night can be confirmed")
	require.NotContains(t, c.as("mukawa").get(plan).body, c.mukawa.uuid.String(), "a town may not")

	require.Equal(t, http.StatusSeeOther, operator.post("/confirmations/fine", url.Values{"night": {"2026-11-19"}}).status)
	got := operator.post(fmt.Sprintf("/confirmations?town=%d&occurrence=%d&next=%s", c.mukawa.town, c.mukawa.occurrence, plan), nil)
	require.Equal(t, plan, got.location)
	require.Contains(t, operator.get(plan).body, "確認を記録しました", "the flash is shown once")
	require.NotContains(t, operator.get(plan).body, "確認を記録しました")

	book := operator.get(fmt.Sprintf("/towns/%d/book?month=2026-11", c.mukawa.town)).body
	require.Contains(t, book, "令和8年11月分")
	require.Contains(t, book, "見本 operator")
	require.Contains(t, book, "8-", "the incident's number stands under the measures")
	require.Equal(t, http.StatusNotFound, operator.get(fmt.Sprintf("/towns/%d/book?month=2026-13", c.mukawa.town)).status)
	require.Contains(t, c.as("auditor").get("/log?act=duty.confirm").body, "バックアップの確認")
}

// TestACallThatNobodyAnswered is a line in the course; the ladder goes on.
func TestACallThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as("operator")
	got := operator.post(incidentPath(c.mukawa)+"/calls", form("rung", fmt.Sprint(c.mukawa.rung), "at", "2026-11-21T07:20", "result", "absent")(c))
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	page := operator.get(incidentPath(c.mukawa)).body
	require.Contains(t, page, "住民係長 見本 次郎へ電話：不在")
	require.Contains(t, page, "未受領")
	require.Zero(t, c.answers())
}
