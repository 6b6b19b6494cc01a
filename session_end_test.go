package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestAPageEndsWithItsSession: what a page shows is taken away when its session is over: ended from elsewhere, or by time with
// nobody at the screen.
func TestAPageEndsWithItsSession(t *testing.T) {
	s := show(t)
	cleared := func() string {
		s.do(chromedp.WaitVisible(`main[role=alert] a`))
		return s.text()
	}
	s.signIn("operator")
	s.do(chromedp.Navigate(s.base+"/settings/sessions"), chromedp.WaitVisible(`table`))
	require.Contains(t, s.text(), "自分のログイン")
	s.SQL(`UPDATE sign_in SET ended_at = $1, ended_why = 'revoked', ended_by = '見本'`, s.Clock.Now())
	s.eval(`document.dispatchEvent(new Event("visibilitychange")), ""`) // somebody comes back to the window
	text := cleared()
	require.Contains(t, text, "ログインが終わったため")
	require.NotContains(t, text, "自分のログイン")
	require.Equal(t, "/signin?next=%2Fsettings%2Fsessions", s.eval(`new URL(document.querySelector("main a").href).pathname + new URL(document.querySelector("main a").href).search`))

	s.signIn("operator")
	s.SQL(`UPDATE sign_in SET began_at = $1 WHERE ended_at IS NULL`, s.Clock.Now().Add(-12*time.Hour+time.Second))
	s.do(chromedp.Navigate(s.base+"/settings/sessions"), chromedp.WaitVisible(`table`))
	require.Equal(t, "1", s.eval(`document.body.dataset.sessionLeft`))
	s.Clock.Advance(2 * time.Second)
	require.Contains(t, cleared(), "もう一度ログインする")
}
